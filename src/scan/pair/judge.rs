//! What a pair is worth. The order is fixed: structure and split and decoding are done by the grammars; then whole-half
//! placeholders, the provider, entropy and charset, the host, and last the severity.

use super::host::{self, Class};
use super::worth::{self, Worth};
use super::{Pair, Site, Trust, decode, known, path, store, transport};
use std::collections::HashMap;

use crate::finding::{Confidence, RuleId, Severity, Span};
use crate::rule::{Kind, Rule, RuleSet};
use crate::scan::filter::{DropReason, hash, placeholder};
use crate::scan::generic::translation;

/// Tag of a rule that takes pairs for a host and its subdomains: `host:alphamoon.ai`.
const HOST_TAG: &str = "host:";
/// Tag of a rule that takes every pair in a form: `form:docker-auth`.
const FORM_TAG: &str = "form:";
/// Tag of a rule that takes pairs near a word: `near:alphamoon`.
const NEAR_TAG: &str = "near:";

/// The rules that pairs become, as indices in the engine.
#[derive(Default)]
pub struct Rules {
    /// Both halves.
    pub pair: Option<usize>,
    /// One half.
    pub half: Option<usize>,
    /// Rules by id, for user halves that mark a provider.
    ids: HashMap<RuleId, usize>,
    forms: Vec<(String, usize)>,
    hosts: Vec<(String, usize)>,
    words: Vec<(String, usize)>,
    /// A pair that travels in clear text.
    pub cleartext: Option<Rule>,
    /// A switched-off certificate check.
    pub unchecked: Option<Rule>,
}

/// What was decided about a pair that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Index of the rule in the engine.
    pub rule: usize,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The host it belongs to.
    pub host: Option<String>,
    /// The address that sends it in clear text.
    pub cleartext: Option<Span>,
    /// The switch that turns the certificate check off.
    pub unchecked: Option<Span>,
}

impl Rules {
    /// Looks the rules up. `searched` are the engine's rules; `set` also holds the declared findings.
    pub fn new(set: &RuleSet, searched: &[Rule]) -> Self {
        let place = |id: &str| searched.iter().position(|rule| rule.id.as_str() == id);
        let declared = |id: &str| set.get(id).filter(|rule| rule.definition.kind == Kind::Audit).cloned();
        let tagged = |prefix: &str| {
            let tags = searched.iter().enumerate().flat_map(|(index, rule)| {
                rule.definition.tags.iter().filter_map(move |tag| Some((tag.strip_prefix(prefix)?.to_owned(), index)))
            });
            tags.collect()
        };
        Self {
            pair: place("user-pass-pair"),
            half: place("half-pair"),
            ids: searched.iter().enumerate().map(|(index, rule)| (rule.id.clone(), index)).collect(),
            forms: tagged(FORM_TAG),
            hosts: tagged(HOST_TAG),
            words: tagged(NEAR_TAG),
            cleartext: declared("cleartext-transport"),
            unchecked: declared("tls-check-off"),
        }
    }

    /// Whether any active rule asks for pairs.
    pub fn active(&self) -> bool {
        self.pair.is_some() || self.half.is_some() || !self.hosts.is_empty() || !self.forms.is_empty()
    }

    /// The rule under which a pair is a candidate, before anything is known of its provider.
    pub fn generic(&self, pair: &Pair) -> Option<usize> {
        let provider = || self.hosts.first().map(|(_, rule)| *rule);
        let own = if pair.user.is_some() { self.pair.or(self.half) } else { self.half.or(self.pair) };
        own.or_else(provider)
    }

    /// Judges one pair.
    ///
    /// # Errors
    /// Why it is none.
    pub fn judge(&self, pair: &Pair, site: Site<'_>, searched: &[Rule]) -> Result<Verdict, DropReason> {
        let pass = pair.pass.bytes();
        let user = pair.user.as_ref().map(super::Half::bytes);
        if known::documented(user, pass) {
            return Err(DropReason::Placeholder);
        }
        if hash::is_hash(pass) || hash::has_salt(site.text, pair.pass.span) {
            return Err(DropReason::Hash);
        }
        if decode::is_printed(pass) {
            return Err(DropReason::Encrypted);
        }
        let place = Place::of(site.path);
        let known_pair =
            user.is_some_and(|user| known::is_known(user, pass)) || (place.store && known::is_known_pass(pass));
        if !known_pair && let Some(reason) = placeholder::reason(pass) {
            return Err(reason);
        }
        // A catalogue has fields side by side; connections and calls stand in documents of any language.
        if pair.form.trust == Trust::Medium && translation::is_translated(pass, site.path) {
            return Err(DropReason::Language);
        }
        // Names of secrets are numbered; `test-user:test-pass` is a login.
        let numbered = pass.iter().any(u8::is_ascii_digit);
        let joined = user.filter(|_| numbered).map(|user| [user, pass].join(b":".as_slice()));
        if joined.is_some_and(|joined| placeholder::is_in_namespace(&String::from_utf8_lossy(&joined))) {
            return Err(DropReason::Reference);
        }
        if placeholder::is_made_up(pass) {
            return Err(DropReason::Repeated);
        }
        let near = if pair.host.is_none() && !pair.complete { host::near(site.text, pair.pass.span) } else { None };
        let host = pair.host.clone().or_else(|| near.as_ref().map(|(host, _)| host.clone()));
        let provider = self.provider(pair, site, host.as_deref());
        let own = if pair.user.is_some() { self.pair } else { self.half };
        let (rule, confidence) = match provider {
            Some((rule, confidence)) => (rule, confidence),
            None => (own.ok_or(DropReason::Overlapped)?, None),
        };
        let worth = Worth::of(pass, user, known_pair);
        let confidence = match confidence {
            Some(confidence) if worth > Worth::Known => confidence,
            _ => self::confidence(worth, pair, place)?,
        };
        // What a format fills in is not the whole pass.
        let formatted = site.syntax == path::Syntax::Code && worth::is_format(pass);
        let confidence = if formatted { Confidence::Low } else { confidence };
        let class = host.as_deref().map(host::class);
        let severity = if worth == Worth::Known {
            Severity::Info
        } else {
            let example = is_example(site.text, pair.secret().start);
            lowered(searched[rule].definition.severity, class, example || place.sample && worth < Worth::Random)
        };
        let travels = near.as_ref().map(|(_, span)| *span);
        let cleartext =
            transport::cleartext(pair, site, travels).filter(|_| class.is_some_and(|class| class != Class::Loopback));
        let unchecked = pair.unchecked.or_else(|| transport::unchecked(pair, site));
        Ok(Verdict { rule, severity, confidence, host, cleartext, unchecked })
    }

    fn provider(&self, pair: &Pair, site: Site<'_>, host: Option<&str>) -> Option<(usize, Option<Confidence>)> {
        if let Some((_, rule)) = self.forms.iter().find(|(name, _)| name == pair.form.name) {
            return Some((*rule, None));
        }
        let user = pair.user.as_ref().map(super::Half::bytes);
        if let Some(user) = user
            && let Some(rule) = known::marked_rule(user).and_then(|id| self.ids.get(id))
            && pair.form.trust > Trust::Low
            && pair.pass.value.len() >= 12
        {
            return Some((*rule, Some(Confidence::Medium)));
        }
        let shape = user.is_some_and(|user| known::key_halves(user, pair.pass.bytes()));
        if !shape {
            return None;
        }
        let host = host.map(str::to_ascii_lowercase).unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        let of_host = self
            .hosts
            .iter()
            .find(|(name, _)| host == name || host.strip_suffix(name.as_str()).is_some_and(|head| head.ends_with('.')));
        if let Some((_, rule)) = of_host {
            let confidence = if pair.form.trust == Trust::High { Confidence::High } else { Confidence::Medium };
            return Some((*rule, Some(confidence)));
        }
        self.words
            .iter()
            .find(|(word, _)| transport::stands_near(site.text, pair, word))
            .map(|(_, rule)| (*rule, Some(Confidence::Medium)))
    }
}

/// Hosts that nobody outside can reach lower the severity, and so do samples; never below low, which is shown.
fn lowered(severity: Severity, class: Option<Class>, sample: bool) -> Severity {
    let steps = match class {
        Some(Class::Reserved | Class::Loopback) => 2,
        Some(Class::Private) => 1,
        Some(Class::Public) | None => 0,
    };
    let steps = steps + usize::from(sample);
    (0..steps).fold(severity, |severity, _| severity.lowered()).max(Severity::Low.min(severity))
}

/// Whether the value stands under a key `example` or `examples`, as descriptions of interfaces write them: on its line, or over
/// the block that it is in.
fn is_example(text: &[u8], start: usize) -> bool {
    const REACH: usize = 160;
    const KEY: &[u8] = b"example";
    let before = &text[start.saturating_sub(REACH)..start];
    memchr::memmem::find_iter(before, KEY).any(|at| {
        let rest = &before[at + KEY.len()..];
        let rest = rest.strip_prefix(b"s").unwrap_or(rest).trim_ascii_start();
        let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
        let whole = at.checked_sub(1).is_none_or(|place| !before[place].is_ascii_alphanumeric());
        let Some(value) = rest.trim_ascii_start().strip_prefix(b":").filter(|_| whole) else { return false };
        let line = value.split(|byte| *byte == b'\n').next().unwrap_or_default();
        line.len() == value.len() || matches!(line.trim_ascii(), b"" | b"{" | b"[")
    })
}

/// Where a pair stands, as far as that says how much to believe.
#[derive(Clone, Copy)]
struct Place {
    /// A file that is there to show or to test something.
    sample: bool,
    /// A file in which a tool keeps its logins.
    store: bool,
}

impl Place {
    fn of(path: &str) -> Self {
        let sample = path::is_sample(path);
        Self { sample, store: !sample && store::is_store(path) }
    }
}

/// How sure the finding is, or why there is none.
fn confidence(worth: Worth, pair: &Pair, place: Place) -> Result<Confidence, DropReason> {
    use Confidence::{High, Low, Medium};
    if worth == Worth::Nothing {
        return Err(DropReason::MissingClass);
    }
    if place.store && pair.form.trust > Trust::Low {
        return Ok(if worth == Worth::Random { High } else { Medium });
    }
    let alone = pair.user.is_none();
    let too_weak = match pair.form.trust {
        Trust::Low | Trust::Medium => (Worth::Wordy..=Worth::Odd).contains(&worth),
        Trust::High => false,
    };
    if alone && too_weak {
        return Err(DropReason::LowEntropy);
    }
    let usual = match (pair.form.trust, worth) {
        (Trust::High, Worth::Random) => High,
        (Trust::High, Worth::Fair | Worth::Odd) | (Trust::Medium | Trust::Low, Worth::Random) => Medium,
        (Trust::High, Worth::Weak) | (Trust::Medium, Worth::Fair) if !place.sample => Medium,
        _ => Low,
    };
    Ok(if pair.form.trust == Trust::Low && place.sample && alone { Low } else { usual })
}
