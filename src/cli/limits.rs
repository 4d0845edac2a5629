//! Flags that bound what one input may cost.

use clap::Args;
use keyrot::scan::Limits;

use super::setup::parse_size;

/// How far keyrot reaches into archives and encodings. Each limit that bites is counted in the report.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Open archives inside archives to this depth; 0 opens none.
    #[arg(long, value_name = "N", default_value_t = Limits::default().archive_depth, value_parser = depth)]
    max_archive_depth: usize,
    /// Read this many members of one archive, nested ones included.
    #[arg(long, value_name = "N", default_value_t = Limits::default().archive_members)]
    max_archive_members: u64,
    /// Let an archive expand to this many times its size (never below 16 MiB).
    #[arg(long, value_name = "FACTOR", default_value_t = Limits::default().archive_ratio)]
    max_archive_ratio: u64,
    /// Let an archive expand to this many bytes (k, M and G may follow) [default: 2147483648].
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    max_archive_bytes: Option<u64>,
    /// Decode layers inside layers to this depth; 0 decodes none.
    #[arg(long, value_name = "N", default_value_t = Limits::default().layers, value_parser = depth)]
    max_layers: usize,
    /// Keep this many findings of one text.
    #[arg(long, value_name = "N", default_value_t = Limits::default().matches)]
    max_matches: usize,
    /// Show this many bytes of a long line.
    #[arg(long, value_name = "N", default_value_t = Limits::default().line)]
    max_line: usize,
    /// Search the printable strings of programs and other binary files too.
    #[arg(long)]
    binaries: bool,
}

impl LimitArgs {
    pub(crate) fn limits(&self) -> Limits {
        let default = Limits::default();
        Limits {
            archive_depth: self.max_archive_depth,
            archive_members: self.max_archive_members,
            archive_ratio: self.max_archive_ratio,
            archive_bytes: self.max_archive_bytes.unwrap_or(default.archive_bytes),
            layers: self.max_layers,
            matches: self.max_matches,
            line: self.max_line,
            binaries: self.binaries,
            ..default
        }
    }
}

/// Depths are bounded, because each level takes a part of the stack.
fn depth(text: &str) -> Result<usize, String> {
    const MOST: usize = 32;
    match text.parse() {
        Ok(depth @ 0..=MOST) => Ok(depth),
        _ => Err(format!("write a number from 0 to {MOST}")),
    }
}
