//! Flags of the rotation audit, shared by the commands that read inventories.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use keyrot::lifecycle::inventory::is_own_name;
use keyrot::lifecycle::{Input, Inventory, Owners, Scope, Visibility};
use keyrot::secret::{FingerprintKey, KeyKind};
use keyrot::source::Source;
use keyrot::source::git::What;

use super::setup::shown;
use crate::Environment;

/// Shortest project key, in bytes.
const SHORTEST_KEY: usize = 16;

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct KeyArgs {
    /// The file that holds the project's key for fingerprints; it must lie outside the repository [default: the variable `KEYROT_KEY`].
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LifeArgs {
    /// Join the findings with this inventory or vendor's export (repeatable).
    #[arg(long, value_name = "FILE")]
    inventory: Vec<PathBuf>,
    /// Report every row of the inventory, not only rows that a found secret joins.
    #[arg(long, conflicts_with_all = ["staged", "diff", "since"])]
    audit: bool,
    /// Who can read the repository: public, private, unknown [default: from the CI event, else unknown].
    #[arg(long, value_name = "WHO", value_parser = parse_visibility)]
    visibility: Option<Visibility>,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
}

impl KeyArgs {
    /// The project's key, if there is one.
    pub(crate) fn read(&self, environment: &Environment) -> anyhow::Result<Option<FingerprintKey>> {
        let bytes = match &self.key_file {
            Some(path) => {
                let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
                Some(text)
            }
            None => environment.key.clone(),
        };
        let Some(bytes) = bytes else { return Ok(None) };
        let bytes = bytes.trim_ascii();
        anyhow::ensure!(
            bytes.len() >= SHORTEST_KEY,
            "the project's key has {} bytes; {SHORTEST_KEY} are the least: make one with `openssl rand -hex 32`",
            bytes.len()
        );
        Ok(Some(FingerprintKey::new(KeyKind::Project, bytes)))
    }
}

impl LifeArgs {
    /// Reads inventories, given and discovered, into the scopes. Returns what the user should know.
    pub(crate) fn fill(
        &self,
        scopes: &mut [keyrot::Scope],
        now: chrono::DateTime<chrono::Utc>,
        environment: &Environment,
    ) -> anyhow::Result<Vec<String>> {
        let mut notices = Vec::new();
        for scope in scopes {
            let given = self.inventory.iter().map(|path| (path.clone(), shown(path))).collect::<Vec<_>>();
            let mut paths = given.clone();
            for (folder, base) in scope.sources.iter().filter_map(folders) {
                discover(&base, &base, &mut paths)?;
                if folder != base && folder.is_dir() {
                    discover(&folder, &base, &mut paths)?;
                }
                if let Some(owners) = code_owners(&base) {
                    scope.lifecycle.options.owners = owners;
                }
            }
            let change = scope.sources.iter().any(is_change);
            let life = &mut scope.lifecycle;
            life.inventory = match read(paths, &life.mappings) {
                // Nobody's commit breaks because of a file that it does not touch.
                Err(error) if change => {
                    notices.push(format!("found inventories were not used: {error:#}"));
                    read(given, &life.mappings)?
                }
                read => read?,
            };
            let people = &mut scope.marking.people;
            if life.inventory.directory.people().next().is_some() {
                Arc::make_mut(people).extend(life.inventory.directory.people());
            }
            if !life.inventory.is_empty() {
                let keys = super::audit::counted(life.inventory.keys.len(), "known key");
                notices.push(format!("{keys} judged as of {}", keyrot::date::show(now)));
            }
            life.options.now = now;
            life.options.scope = match (self.audit, change) {
                (true, _) => Scope::All,
                (false, true) => Scope::Change,
                (false, false) => Scope::Joined,
            };
            life.options.visibility = self.visibility.unwrap_or(environment.visibility);
            life.options.gate = environment.in_ci;
        }
        Ok(notices)
    }
}

/// The folder of a source and the root that inventories are looked for from.
fn folders(source: &Source) -> Option<(PathBuf, PathBuf)> {
    match source {
        Source::WorkTree(tree) => Some((tree.root().to_owned(), tree.base().to_owned())),
        Source::Git(ask) => Some(super::git::folders(ask)),
        Source::Text { .. } => None,
    }
}

/// Whether a source is what somebody is about to commit or proposes to merge.
fn is_change(source: &Source) -> bool {
    let Source::Git(ask) = source else { return false };
    matches!(ask.what, What::Staged { .. } | What::Range { .. } | What::Since { .. })
}

/// Inventories as files, with the names that reports show, and the owners of paths.
pub(crate) struct Chosen {
    pub(crate) files: Vec<(PathBuf, String)>,
    pub(crate) owners: Owners,
}

/// The files that were named, else the inventories of this repository and folder.
pub(crate) fn chosen(named: &[PathBuf]) -> anyhow::Result<Chosen> {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).context("cannot find this folder")?;
    let base = keyrot::source::repository_root(&here).map_or_else(|| here.clone(), Path::to_owned);
    let mut files: Vec<(PathBuf, String)> = named.iter().map(|path| (path.clone(), shown(path))).collect();
    if named.is_empty() {
        discover(&base, &base, &mut files)?;
        if here != base {
            discover(&here, &base, &mut files)?;
        }
        anyhow::ensure!(
            !files.is_empty(),
            "there is no keyrot-inventory.toml, .json or .csv here, and nothing in .keyrot/inventory: name the files"
        );
    }
    Ok(Chosen { files, owners: code_owners(&base).unwrap_or_default() })
}

/// Reads files as inventories; the second of each pair is the name that reports show.
pub(crate) fn read(
    mut paths: Vec<(PathBuf, String)>,
    mappings: &[keyrot::lifecycle::import::Mapping],
) -> anyhow::Result<Inventory> {
    let mut seen = std::collections::BTreeSet::new();
    paths.retain(|(path, _)| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    let mut inputs = Vec::with_capacity(paths.len());
    for (path, name) in paths {
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let written = std::fs::metadata(&path).and_then(|data| data.modified()).ok().map(chrono::DateTime::from);
        inputs.push(Input { path: name, bytes, written });
    }
    Ok(Inventory::read(inputs, mappings)?)
}

/// `keyrot-inventory.*` and everything in `.keyrot/inventory`, in the order of their names.
fn discover(folder: &Path, base: &Path, paths: &mut Vec<(PathBuf, String)>) -> anyhow::Result<()> {
    let name = |path: &Path| path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let mut found = Vec::new();
    for (below, all) in [(folder.to_owned(), false), (folder.join(".keyrot").join("inventory"), true)] {
        let Ok(entries) = std::fs::read_dir(&below) else { continue };
        for entry in entries {
            let path = entry.with_context(|| format!("cannot list {}", below.display()))?.path();
            let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default().to_owned();
            if path.is_file() && (is_own_name(&file) || all && !file.starts_with('.')) {
                found.push(path);
            }
        }
    }
    found.sort();
    paths.extend(found.into_iter().map(|path| (path.clone(), name(&path))));
    Ok(())
}

fn code_owners(base: &Path) -> Option<Owners> {
    let text = Owners::PLACES.iter().find_map(|place| std::fs::read_to_string(base.join(place)).ok())?;
    Some(Owners::read(&text))
}

fn parse_visibility(text: &str) -> Result<Visibility, String> {
    text.parse().map_err(|()| "write public, private or unknown".to_owned())
}
