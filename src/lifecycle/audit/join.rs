//! A found secret and its row: by public identifier, by keyed fingerprint, or weakly by hint or name. The kind is always said.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::finding::Finding;
use crate::lifecycle::class;
use crate::lifecycle::inventory::Inventory;
use crate::lifecycle::key::{Hint, KnownKey};

/// Stands for any class.
const ANY: &str = "";
/// Shortest name that joins keys of one class, in letters and digits.
const NAME: usize = 4;
/// Shortest name that joins a key with an entry of a store: shorter ones are everywhere.
const STORED_NAME: usize = 8;

/// How a found secret joins a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A public identifier that stands with the secret.
    Identifier,
    /// The keyed fingerprint of the whole value.
    Fingerprint,
    /// The keyed fingerprint of the pass half.
    PassFingerprint,
    /// Characters at the ends of the value: weak.
    Hint,
    /// The name the secret is assigned to: weak.
    Name,
}

impl Kind {
    /// What a report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identifier => "by public identifier",
            Self::Fingerprint => "by fingerprint",
            Self::PassFingerprint => "by the fingerprint of its pass half",
            Self::Hint => "weakly, by hint",
            Self::Name => "weakly, by name",
        }
    }

    /// Whether it is certain.
    pub fn is_exact(self) -> bool {
        matches!(self, Self::Identifier | Self::Fingerprint | Self::PassFingerprint)
    }
}

/// A join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    /// The row.
    pub row: usize,
    /// How.
    pub kind: Kind,
    /// How many further rows would fit as well.
    pub others: usize,
}

/// Whether keys of a found secret's class are listed at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// They are, and every row was compared: this key is none of them.
    Elsewhere {
        /// How many.
        rows: usize,
    },
    /// They are, and some rows carry nothing to compare with.
    Perhaps {
        /// How many of those.
        rows: usize,
    },
    /// They are not.
    No,
}

/// What a row can be compared by: kinds of public identifiers, and ids of the keys of its prints.
type Means<'i> = (BTreeSet<&'i str>, BTreeSet<&'i str>);

/// Rows by what joins them.
pub struct Index<'i> {
    inventory: &'i Inventory,
    identifiers: HashMap<(&'i str, &'i str), usize>,
    prints: HashMap<&'i str, usize>,
    hints: HashMap<&'i str, Vec<usize>>,
    names: HashMap<(&'i str, String), Vec<usize>>,
    key_ids: BTreeSet<&'i str>,
    /// How many rows of each class can be compared by what.
    classes: HashMap<&'i str, BTreeMap<Means<'i>, usize>>,
}

impl<'i> Index<'i> {
    /// Indexes all rows.
    pub fn new(inventory: &'i Inventory) -> Self {
        Self::of(&inventory.keys, inventory)
    }

    /// Indexes some of the rows.
    pub fn of(keys: &'i [KnownKey], inventory: &'i Inventory) -> Self {
        let mut index = Self {
            inventory,
            identifiers: HashMap::new(),
            prints: HashMap::new(),
            hints: HashMap::new(),
            names: HashMap::new(),
            key_ids: BTreeSet::new(),
            classes: HashMap::new(),
        };
        for (number, key) in keys.iter().enumerate() {
            index.add(number, key);
        }
        index
    }

    fn add(&mut self, number: usize, key: &'i KnownKey) {
        for (kind, value) in &key.identifiers {
            self.identifiers.entry((kind, value)).or_insert(number);
        }
        for print in &key.fingerprints {
            self.prints.entry(print).or_insert(number);
            self.key_ids.extend(print.split(':').nth(1));
        }
        let Some(class) = key.class.as_deref().map(class::listed) else { return };
        *self.classes.entry(class).or_default().entry(means(key)).or_default() += 1;
        if key.hint.is_some() {
            self.hints.entry(class).or_default().push(number);
        }
        // A store's entry is known by its name alone, whatever kind of key it holds.
        let (class, least) = if class::is_store(class) { (ANY, STORED_NAME) } else { (class, NAME) };
        if let Some(name) = key.name.as_deref().map(plain).filter(|name| name.len() >= least) {
            self.names.entry((class, name)).or_default().push(number);
        }
    }

    /// The row of a found secret.
    pub fn find(&self, finding: &Finding) -> Option<Join> {
        let exposed = finding.secret.as_ref()?;
        let exact = |row: usize, kind| Join { row, kind, others: 0 };
        let identifier = finding
            .evidence
            .identifiers
            .iter()
            .find_map(|(kind, value)| self.identifiers.get(&(*kind, value.as_str())));
        if let Some(row) = identifier {
            return Some(exact(*row, Kind::Identifier));
        }
        if exposed.fingerprint.joins_inventory() {
            if let Some(row) = self.prints.get(exposed.fingerprint.to_string().as_str()) {
                return Some(exact(*row, Kind::Fingerprint));
            }
            let pass = exposed.pass.as_ref().map(ToString::to_string);
            if let Some(row) = pass.and_then(|pass| self.prints.get(pass.as_str())) {
                return Some(exact(*row, Kind::PassFingerprint));
            }
        }
        self.weak(finding)
    }

    fn weak(&self, finding: &Finding) -> Option<Join> {
        let exposed = finding.secret.as_ref()?;
        let class = class::listed(finding.rule.as_str());
        let fits = |row: &&usize| {
            let hint = self.inventory.keys[**row].hint.as_ref();
            hint.is_some_and(|hint| hint_fits(hint, exposed.redacted.as_str(), exposed.length))
        };
        let hinted: Vec<usize> = self.hints.get(class).into_iter().flatten().filter(fits).copied().collect();
        if let Some(row) = hinted.first() {
            return Some(Join { row: *row, kind: Kind::Hint, others: hinted.len() - 1 });
        }
        let slot = finding.context.slot.as_deref().map(plain)?;
        let named = [class, ANY].into_iter().find_map(|class| self.names.get(&(class, slot.clone())))?;
        Some(Join { row: *named.first()?, kind: Kind::Name, others: named.len() - 1 })
    }

    /// Whether keys of the finding's class are listed, where it joined none of them.
    pub fn listed(&self, finding: &Finding) -> Listed {
        let Some(rows) = self.classes.get(class::listed(finding.rule.as_str())) else { return Listed::No };
        let kinds: BTreeSet<&str> = finding.evidence.identifiers.iter().map(|(kind, _)| *kind).collect();
        let print = finding.secret.as_ref().map(|exposed| &exposed.fingerprint).filter(|print| print.joins_inventory());
        let (mut unknown, mut other_key) = (0, false);
        for ((known, keys), count) in rows {
            if known.is_disjoint(&kinds) && !print.is_some_and(|print| keys.contains(print.key_id())) {
                other_key |= !keys.is_empty();
                unknown += if keys.is_empty() { *count } else { 0 };
            }
        }
        match unknown {
            // That prints of another key cannot be compared is said once for all.
            0 if other_key => Listed::No,
            0 => Listed::Elsewhere { rows: rows.values().sum() },
            rows => Listed::Perhaps { rows },
        }
    }

    /// Whether the finding's print was made with another key than those of the inventory.
    pub fn cannot_compare(&self, finding: &Finding) -> bool {
        let Some(exposed) = &finding.secret else { return false };
        !self.key_ids.is_empty()
            && (!exposed.fingerprint.joins_inventory() || !self.key_ids.contains(exposed.fingerprint.key_id()))
    }

    /// The ids of the keys that the inventory's prints were made with.
    pub fn key_ids(&self) -> String {
        let ids: Vec<String> = self.key_ids.iter().map(|id| format!("key `{id}`")).collect();
        ids.join(", ")
    }
}

fn means(key: &KnownKey) -> Means<'_> {
    let kinds = key.identifiers.iter().map(|(kind, _)| kind.as_str()).collect();
    (kinds, key.fingerprints.iter().filter_map(|print| print.split(':').nth(1)).collect())
}

/// Names with case and separators taken away.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// A report's masked form shows two characters at each end; a hint fits if what both show agrees.
fn hint_fits(hint: &Hint, redacted: &str, length: usize) -> bool {
    let Some((head, tail)) =
        redacted.split_once("********").filter(|(head, tail)| !head.is_empty() && !tail.is_empty())
    else {
        return false;
    };
    let prefix = hint.prefix.is_empty() || hint.prefix.starts_with(head) || head.starts_with(&hint.prefix);
    let suffix = hint.suffix.is_empty() || hint.suffix.ends_with(tail) || tail.ends_with(&hint.suffix);
    let some = !hint.prefix.is_empty() || !hint.suffix.is_empty();
    some && prefix && suffix && hint.length.is_none_or(|known| known == length)
}
