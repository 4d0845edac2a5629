//! Where output goes: the report to standard output and files, messages to standard error.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anstream::{AutoStream, ColorChoice};
use anyhow::Context;
use keyrot::report::{self, Format, RenderOptions, Report};
use tempfile::NamedTempFile;

use super::{Color, Global};

/// Bytes of a report that are written together.
const PAGE: usize = 64 << 10;

/// Standard output and standard error as the flags want them.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    color: ColorChoice,
    quiet: bool,
    /// How often `-v` was given.
    pub(crate) verbose: u8,
}

impl Console {
    pub(crate) fn new(global: &Global) -> Self {
        let color = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { color, quiet: global.quiet, verbose: global.verbose }
    }

    /// Standard output: the report, nothing else.
    pub(crate) fn out(&self) -> impl Write + use<> {
        AutoStream::new(io::stdout().lock(), self.color_for(&io::stdout()))
    }

    /// Standard output for a report, which may be long: to be flushed. Only the form for people is styled, the others are
    /// not searched for styles.
    pub(crate) fn report(&self, format: Format) -> io::BufWriter<Box<dyn Write>> {
        let out: Box<dyn Write> =
            if format == Format::Text { Box::new(self.out()) } else { Box::new(io::stdout().lock()) };
        io::BufWriter::with_capacity(PAGE, out)
    }

    fn color_for(&self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        match self.color {
            ColorChoice::Auto => AutoStream::choice(stream),
            chosen => chosen,
        }
    }

    /// A message on standard error, unless `--quiet`.
    pub(crate) fn say(&self, message: &str) {
        if !self.quiet {
            // A closed standard error is no reason to fail.
            let _ = writeln!(io::stderr().lock(), "{message}");
        }
    }

    /// Whether a progress bar may be drawn.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

/// `FORMAT=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    format: Format,
    path: PathBuf,
}

impl Output {
    /// The form of the report.
    pub(crate) fn format(&self) -> Format {
        self.format
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text.split_once('=').ok_or("write FORMAT=FILE, such as sarif=keyrot.sarif")?;
        if path.is_empty() {
            return Err("the file's name is missing after `=`".to_owned());
        }
        Ok(Self { format: format.parse()?, path: path.into() })
    }
}

/// Files that reports will be written to. They are opened before the scan, so that an unwritable one is known at once,
/// and take their names only when their content is complete.
pub(crate) struct Files(Vec<(Output, NamedTempFile)>);

impl Files {
    pub(crate) fn open(outputs: Vec<Output>) -> anyhow::Result<Self> {
        let open = |output: Output| -> anyhow::Result<(Output, NamedTempFile)> {
            let folder = output.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let file = tempfile::Builder::new().prefix(".keyrot-").tempfile_in(folder);
            let file = file.with_context(|| format!("cannot write {}", output.path.display()))?;
            if output.path.is_dir() {
                anyhow::bail!("cannot write {}: it is a folder", output.path.display());
            }
            Ok((output, file))
        };
        outputs.into_iter().map(open).collect::<anyhow::Result<_>>().map(Self)
    }

    pub(crate) fn write(self, report: &Report, options: &RenderOptions) -> anyhow::Result<()> {
        for (output, file) in self.0 {
            let failed = || format!("cannot write {}", output.path.display());
            let file_itself = file.reopen().with_context(failed)?;
            let plain: Box<dyn Write> = match output.format {
                Format::Text => Box::new(anstream::StripStream::new(file_itself)),
                _ => Box::new(file_itself),
            };
            let mut plain = io::BufWriter::with_capacity(PAGE, plain);
            report::render(report, output.format, options, &mut plain).with_context(failed)?;
            plain.flush().with_context(failed)?;
            drop(plain);
            set_ordinary_permissions(&file);
            file.persist(&output.path).with_context(failed)?;
        }
        Ok(())
    }
}

/// Temporary files are private; a report is an ordinary file. Its content is masked.
pub(crate) fn set_ordinary_permissions(file: &NamedTempFile) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The umask cannot be asked for without changing it: owner and group read, as most umasks allow.
        let _ = file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644));
    }
    #[cfg(not(unix))]
    let _ = file;
}
