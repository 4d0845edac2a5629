//! Inventories and exports: read, checked, merged into one list of known keys.

mod export;
mod layout;
mod merge;
mod own;
mod rows;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, NaiveDate, Utc};

pub use export::{Form, write};
use layout::Layout;
pub use own::{is_own_name, is_zone};
pub use rows::{Day, Rows};

use super::directory::Directory;
use super::document::{self, Node, Sheet};
use super::import::{self, Mapping};
use super::key::{KnownKey, Place, Source};
use crate::diagnostic::{Problem, Problems, SourceText};
use crate::finding::{Location, Origin, Region, RuleId, Sealed, Snippet, Span, line_hashes};

/// Mistakes after which the rest of a file is not read.
const MOST_MISTAKES: usize = 50;

/// A file that was read.
#[derive(Clone, Debug)]
pub struct File {
    /// Its text.
    pub text: SourceText,
    /// Where its lines and columns are.
    layout: Layout,
    /// GitHub's hashes of its lines, made when the first row is reported.
    hashes: OnceLock<Vec<String>>,
    /// The sources of its rows.
    pub sources: Vec<Arc<Source>>,
    /// Whether it carries key values, so that nothing of it may be shown.
    pub refused: bool,
    /// When it was last written, where that is known.
    pub written: Option<DateTime<Utc>>,
}

/// Something wrong with a row or a file that is a finding, not a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The rule.
    pub rule: &'static str,
    /// What is wrong; never holds a value.
    pub text: String,
    /// Where.
    pub place: Place,
    /// The other place, where two rows disagree.
    pub other: Option<Place>,
    /// The id of the key that it is about, where it is about one.
    pub key: Option<String>,
}

/// An accepted deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule as it is written: its id, an alias or its KR number.
    pub rule: String,
    /// The rule that it covers; none if there is no such rule.
    pub covers: Option<RuleId>,
    /// The key's id.
    pub id: String,
    /// The last day it holds, inclusive.
    pub until: Option<NaiveDate>,
    /// Why.
    pub reason: Option<String>,
    /// By whom.
    pub by: Option<String>,
    /// Where it is written.
    pub place: Place,
}

/// All known keys of a run.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The files, in the order given.
    pub files: Vec<File>,
    /// One entry for each key, merged over the files, sorted by place.
    pub keys: Vec<KnownKey>,
    /// What is wrong with them.
    pub issues: Vec<Issue>,
    /// Accepted deviations.
    pub waivers: Vec<Waiver>,
    /// Who exists, as exports of directories say.
    pub directory: Directory,
    /// What the repository itself says: files of encrypted values.
    pub sealed: Vec<Sealed>,
}

/// A file to read: its name in reports and its bytes.
#[derive(Clone, Debug)]
pub struct Input {
    /// The path as reports show it.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When the file was last written, where that is known: exports seldom say when they were made.
    pub written: Option<DateTime<Utc>>,
}

/// No file could be used as it stands.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file has mistakes.
    #[error(transparent)]
    Problems(#[from] Problems),
    /// A file is of no known kind.
    #[error("{path}: no inventory and no known export; map its columns with an [[import]] table in keyrot.toml")]
    Unknown {
        /// The file.
        path: String,
    },
}

impl Inventory {
    /// Reads all files and merges their rows. The order of files and rows does not matter.
    ///
    /// # Errors
    /// The first file that is of no known kind, or that has mistakes, with all of them.
    pub fn read(inputs: Vec<Input>, mappings: &[Mapping]) -> Result<Self, Error> {
        let mut inventory = Self::default();
        let (mut keys, mut members) = (Vec::new(), Vec::new());
        for input in inputs {
            let number = u32::try_from(inventory.files.len()).unwrap_or(u32::MAX);
            let written = input.written;
            let (mut file, rows) = read_file(input, number, mappings)?;
            file.written = written;
            inventory.files.push(file);
            inventory.issues.extend(rows.issues);
            inventory.waivers.extend(rows.waivers);
            keys.extend(rows.keys);
            members.extend(rows.members);
        }
        inventory.directory = Directory::new(members);
        inventory.directory.name_owners(&mut keys);
        inventory.keys = merge::merge(keys, &mut inventory.issues);
        Ok(inventory)
    }

    /// An inventory of rows that need no file: for tests and for other programs.
    pub fn of(keys: Vec<KnownKey>) -> Self {
        let mut inventory = Self::default();
        inventory.keys = merge::merge(keys, &mut inventory.issues);
        inventory
    }

    /// Finds the rules that waivers name by an alias or by KR number.
    pub fn name_rules(&mut self, look_up: impl Fn(&str) -> Option<RuleId>) {
        for waiver in &mut self.waivers {
            waiver.covers = look_up(&waiver.rule).or_else(|| look_up(&waiver.rule.to_ascii_uppercase()));
        }
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.keys.is_empty()
    }

    /// Where a row stands, as reports show it.
    pub fn location(&self, place: Place) -> Location {
        let Some(file) = self.files.get(place.file as usize) else {
            return Location::whole(Origin::File { path: "inventory".to_owned() });
        };
        let origin = Origin::File { path: file.text.path.clone() };
        if file.text.text.is_empty() {
            return Location::whole(origin);
        }
        let (text, layout, span) = (&file.text.text, &file.layout, place.span);
        let (start, end) = (layout.position(text, span.start), layout.position(text, span.end));
        let region = Region { start, end, bytes: span };
        let snippet = (!file.refused).then(|| file.snippet(span));
        Location { origin, region: Some(region), snippet }
    }
}

impl File {
    fn new(path: String, text: String) -> Self {
        let layout = Layout::of(&text);
        let text = SourceText { path, text };
        Self { text, layout, hashes: OnceLock::new(), sources: Vec::new(), refused: false, written: None }
    }

    /// The row's own text, with the hash of its line.
    fn snippet(&self, span: Span) -> Snippet {
        let text = &self.text.text;
        let hashes = self.hashes.get_or_init(|| line_hashes(text.as_bytes()));
        let line_hash = hashes.get(self.layout.line_of(span.start)).cloned().unwrap_or_default();
        Snippet { line_hash, ..self.layout.snippet(text, span) }
    }
}

/// Binary certificates are read as they are; everything else is text.
fn read_file(input: Input, number: u32, mappings: &[Mapping]) -> Result<(File, Rows), Error> {
    let Input { path, bytes, .. } = input;
    if let Some(mut rows) = import::read_binary(&bytes, number) {
        let mut file = File::new(path, String::new());
        file.refused = rows.refuse_if_filled();
        file.sources = rows.sources();
        return Ok((file, rows));
    }
    let text = String::from_utf8(narrowed(bytes)).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let readable = String::from_utf8_lossy(&error.as_bytes()[..at]).into_owned();
        let problem = Problem::new(at..at, "the file is not text in UTF-8").with_hint("save it as UTF-8");
        Problems { source: SourceText { path: path.clone(), text: readable }, list: vec![problem] }
    })?;
    let mut file = File::new(path, text);
    let mut rows = read_text(&file.text, number, mappings)?;
    file.refused = rows.refuse_if_filled();
    file.sources = rows.sources();
    Ok((file, rows))
}

/// UTF-16 with its mark, as some shells write what a program prints, becomes UTF-8.
fn narrowed(bytes: Vec<u8>) -> Vec<u8> {
    match encoding_rs::Encoding::for_bom(&bytes) {
        Some((encoding, _)) if encoding != encoding_rs::UTF_8 => {
            encoding.decode_with_bom_removal(&bytes).0.into_owned().into_bytes()
        }
        _ => bytes,
    }
}

fn read_text(text: &SourceText, number: u32, mappings: &[Mapping]) -> Result<Rows, Error> {
    if let Some(rows) = import::read_plain(&text.text, number) {
        return Ok(rows);
    }
    let problems = |list: Vec<Problem>| Problems { source: text.clone(), list };
    let mut rows = Rows::new(number);
    let (mut mistakes, mut trees, mut known) = (Vec::new(), 0, true);
    for tree in parse(text).map_err(problems)? {
        match tree {
            Ok(node) => {
                known &= own::read(&node, &text.path, &mut rows, &mut mistakes)
                    || import::read_node(&node, mappings, &mut rows);
            }
            Err(list) => mistakes.extend(list),
        }
        trees += 1;
        // Who sees this many mends the cause before the rest.
        if !known || mistakes.len() > MOST_MISTAKES {
            break;
        }
    }
    if !mistakes.is_empty() {
        mistakes.truncate(MOST_MISTAKES);
        return Err(problems(mistakes).into());
    }
    if known && trees > 0 { Ok(rows) } else { Err(Error::Unknown { path: text.path.clone() }) }
}

/// The file's trees. The form is told by the content; the name only decides between TOML and CSV.
fn parse(text: &SourceText) -> Result<Trees<'_>, Vec<Problem>> {
    let start = text.text.trim_start_matches('\u{feff}').trim_start();
    let named =
        |extension: &str| Path::new(&text.path).extension().is_some_and(|found| found.eq_ignore_ascii_case(extension));
    if start.starts_with('<') {
        return document::parse_xml(&text.text).map(Trees::one).map_err(|one| vec![one]);
    }
    if named("toml") {
        return document::parse_toml(&text.text).map(Trees::one);
    }
    if start.starts_with('{') || start.starts_with('[') && !start.starts_with("[[") || named("json") {
        return document::parse_json(&text.text).map(|nodes| Trees::Whole(nodes.into_iter())).map_err(|one| vec![one]);
    }
    match Sheet::open(&text.text) {
        Some(sheet) => Ok(Trees::Table(sheet)),
        None if start.contains("[[key]]") => document::parse_toml(&text.text).map(Trees::one),
        None => Ok(Trees::Whole(Vec::new().into_iter())),
    }
}

/// What a file holds: values one after the other, or a table in stretches.
enum Trees<'t> {
    Whole(std::vec::IntoIter<Node<'t>>),
    Table(Sheet<'t>),
}

impl<'t> Trees<'t> {
    fn one(node: Node<'t>) -> Self {
        Self::Whole(vec![node].into_iter())
    }
}

impl<'t> Iterator for Trees<'t> {
    type Item = Result<Node<'t>, Vec<Problem>>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Whole(nodes) => nodes.next().map(Ok),
            Self::Table(sheet) => sheet.next(),
        }
    }
}
