//! What a pair is worth. The order is fixed: structure and split and decoding are done by the grammars; then whole-half
//! placeholders, the provider, entropy and charset, the host, and last the severity.

use super::host::{self, Class};
use super::{Pair, Site, Trust, known, path, transport};
use std::collections::HashMap;

use crate::finding::{Confidence, RuleId, Severity, Span};
use crate::rule::{Kind, Rule, RuleSet};
use crate::scan::filter::{DropReason, entropy, placeholder};

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
        let known_pair = user.is_some_and(|user| known::is_known(user, pass));
        if !known_pair && let Some(reason) = placeholder::reason(pass) {
            return Err(reason);
        }
        if placeholder::is_made_up(pass) {
            return Err(DropReason::Repeated);
        }
        let near = if pair.host.is_none() { host::near(site.text, pair.pass.span) } else { None };
        let host = pair.host.clone().or_else(|| near.as_ref().map(|(host, _)| host.clone()));
        let provider = self.provider(pair, site, host.as_deref());
        let own = if pair.user.is_some() { self.pair } else { self.half };
        let (rule, confidence) = match provider {
            Some((rule, confidence)) => (rule, confidence),
            None => (own.ok_or(DropReason::Overlapped)?, None),
        };
        let worth = Worth::of(pass, user, known_pair);
        let sample = path::is_sample(site.path);
        let confidence = match confidence {
            Some(confidence) if worth > Worth::Known => confidence,
            _ => worth.confidence(pair, sample)?,
        };
        let class = host.as_deref().map(host::class);
        let severity = if worth == Worth::Known {
            Severity::Info
        } else {
            lowered(searched[rule].definition.severity, class, sample && worth < Worth::Random)
        };
        let travels = near.as_ref().map(|(_, span)| *span);
        let cleartext = transport::cleartext(pair, site.text, travels)
            .filter(|_| class.is_some_and(|class| class != Class::Loopback));
        let unchecked = pair.unchecked.or_else(|| transport::unchecked(pair, site.text));
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

/// What the pass half itself looks like, from worthless to certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// Too short, a number, a type, a path: no pass at all.
    Nothing,
    /// One of the pairs that everybody knows.
    Known,
    /// Made of the words that samples are made of.
    Wordy,
    /// A word, or a word and a number.
    Weak,
    /// Mixed, but short or regular.
    Fair,
    /// As a generator makes them.
    Random,
}

impl Worth {
    fn of(pass: &[u8], user: Option<&[u8]>, known_pair: bool) -> Self {
        let user = user.unwrap_or_default();
        if known_pair || (!user.is_empty() && user.eq_ignore_ascii_case(pass)) {
            return Self::Known;
        }
        if !is_charset(pass) {
            return Self::Nothing;
        }
        if known::is_wordy(pass, user) {
            return Self::Wordy;
        }
        if looks_random(pass) {
            return Self::Random;
        }
        let digits = pass.iter().filter(|byte| byte.is_ascii_digit()).count();
        let letters = pass.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        if digits > 0 && letters > 1 && pass.len() >= 6 && transitions(pass) > 1 {
            return Self::Fair;
        }
        Self::Weak
    }

    /// How sure the finding is, or why there is none.
    fn confidence(self, pair: &Pair, sample: bool) -> Result<Confidence, DropReason> {
        use Confidence::{High, Low, Medium};
        let alone = pair.user.is_none();
        let random_needed = match pair.form.trust {
            Trust::Low => self <= Self::Weak,
            Trust::Medium => matches!(self, Self::Wordy | Self::Weak),
            Trust::High => false,
        };
        if self == Self::Nothing {
            return Err(DropReason::MissingClass);
        }
        if alone && random_needed {
            return Err(DropReason::LowEntropy);
        }
        let usual = match (pair.form.trust, self) {
            (Trust::High, Self::Random) => High,
            (Trust::High, Self::Fair) | (Trust::Medium | Trust::Low, Self::Random) => Medium,
            (Trust::High, Self::Weak) | (Trust::Medium, Self::Fair) if !sample => Medium,
            _ => Low,
        };
        Ok(if pair.form.trust == Trust::Low && sample && alone { Low } else { usual })
    }
}

/// Printable, not blank, no number that is a port or an id, and no expression of a programming language.
fn is_charset(pass: &[u8]) -> bool {
    let spaces = pass.iter().filter(|byte| **byte == b' ').count();
    let printable = pass.iter().all(|byte| (*byte >= b' ' && *byte != 0x7f) || *byte >= 0x80);
    let number = pass.iter().all(u8::is_ascii_digit);
    let bracketed = pass.iter().filter(|byte| matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}')).count() > 2;
    let call = pass.ends_with(b"()") || pass.ends_with(b");");
    // Names of variables: in capitals, or between `@` as build tools write them.
    let capitals = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_' || (pass[0] == b'@' && byte.is_ascii_digit());
    let name = pass.contains(&b'_') && pass.strip_prefix(b"@").unwrap_or(pass).iter().all(capitals);
    !name && pass.len() >= 3 && spaces <= 2 && printable && !(number && pass.len() < 6) && !bracketed && !call
}

/// Letters and digits mixed as a generator mixes them: at least eight characters, some entropy, and more than a word with a
/// number behind it.
pub fn looks_random(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let bytes = entropy::shannon(value);
    if value.len() < 8 || bytes < 2.5 || letters == 0 {
        return false;
    }
    let changes = transitions(value);
    let symbols = value.len() - digits - letters;
    (digits > 0 && changes >= 4)
        || (digits > 0 && symbols > 1 && changes >= 3)
        || (digits == 0
            && value.len() >= 16
            && changes >= 5
            && symbols * 4 <= value.len()
            && bytes >= 3.5
            && !known::has_words(value))
}

/// How often the class of characters changes; a capital at the head of a word is no change.
fn transitions(value: &[u8]) -> usize {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    value
        .windows(2)
        .filter(|pair| class(pair[0]) != class(pair[1]) && !(class(pair[0]) == 2 && class(pair[1]) == 1))
        .count()
}
