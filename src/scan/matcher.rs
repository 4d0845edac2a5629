//! Text to candidates: keywords first, then each rule's pattern on the stretch around its keywords.

use std::sync::OnceLock;

use regex_automata::{Anchored, Input};

use super::allow::MARKERS;
use super::buffer::{Buffers, Caches};
use super::composite::Composites;
use super::decode::{self, Mark, Trigger};
use super::generic;
use super::heritage::{Known, Trace};
use super::keystore::Keystores;
use super::marking::Marking;
use super::pair::{self, Nearby, Site};
use super::place::{Exceptions, Paths};
use super::plan::{Gate, Plan};
use super::prefilter::{Hit, Prefilter};
use super::run;
use super::sealed::Declared;
use crate::finding::Span;
use crate::rule::{Kind, Rule, RuleSet};

pub use super::candidate::Candidate;
pub use super::plan::compile;
pub use super::scratch::Scratch;

/// Begins a path of which the folder is not known yet, or nothing: every rule looks at such a text. No path can hold a
/// NUL byte.
pub const UNKNOWN_PATH: &str = "\0";

/// All active rules, ready to search. Shared by all workers.
pub struct Engine {
    rules: Vec<Rule>,
    prefilter: Prefilter,
    /// For each keyword, the rules that it announces.
    announced: Vec<Vec<usize>>,
    /// For each keyword, whether a name of a single value may stand there.
    names: Vec<bool>,
    generic: generic::Rules,
    /// What the keywords after the first announce, before those of rules: layers.
    triggers: Vec<Trigger>,
    /// For each keyword, the families of pair forms that it announces.
    families: Vec<Vec<pair::Grammar>>,
    pair_rules: pair::Rules,
    /// How far each keyword reaches, where that was asked for.
    reaches: Vec<OnceLock<usize>>,
    longest: usize,
    /// Rules without keywords: they search every text.
    always: Vec<usize>,
    /// Rules whose keys begin with decimal digits in base64: they are tried where such digits stand.
    numbered: Vec<usize>,
    gates: Vec<Gate>,
    plans: Vec<OnceLock<Plan>>,
    caches: Caches,
    buffers: Buffers,
    /// Built when first asked: most runs never meet a rule that is bound to paths.
    paths: Vec<OnceLock<Option<Paths>>>,
    /// The declared finding about files that should be encrypted.
    declared: Option<Declared>,
    keystores: Keystores,
    composites: Composites,
    exceptions: Exceptions,
    marking: Marking,
}

/// A text to search.
#[derive(Clone, Copy, Debug)]
pub struct Text<'t> {
    /// Its bytes.
    pub bytes: &'t [u8],
    /// Its path, which decides which rules look at it.
    pub path: &'t str,
}

impl Engine {
    /// What the keyword search looks for, for `tools/prefilter/places.rs`.
    #[doc(hidden)]
    pub fn keywords(&self) -> impl Iterator<Item = &str> {
        self.prefilter.keywords()
    }

    /// Prepares the rules; patterns are compiled when a keyword first announces them.
    pub fn new(set: &RuleSet) -> Self {
        let mut rules: Vec<Rule> =
            set.rules().iter().filter(|rule| !rule.definition.pattern.is_empty()).cloned().collect();
        // The first keywords announce no rule: they find allow comments in the same pass.
        let mut keywords: Vec<String> = MARKERS.iter().map(|marker| marker.text.to_owned()).collect();
        // The next ones announce layers.
        let (literals, triggers): (Vec<String>, Vec<Trigger>) = decode::triggers().into_iter().unzip();
        keywords.extend(literals);
        let mut announced: Vec<Vec<usize>> = vec![Vec::new(); keywords.len()];
        let (mut always, mut numbered) = (Vec::new(), Vec::new());
        let mut known = std::collections::HashMap::new();
        for (index, rule) in rules.iter().enumerate() {
            if rule.definition.keywords.is_empty() {
                if rule.definition.outline.numbered { &mut numbered } else { &mut always }.push(index);
            }
            for keyword in &rule.definition.keywords {
                let at = *known.entry(keyword.clone()).or_insert_with(|| {
                    keywords.push(keyword.clone());
                    announced.push(Vec::new());
                    keywords.len() - 1
                });
                announced[at].push(index);
            }
        }
        let generic = generic::Rules::new(set, rules.len());
        rules.extend(generic::Rules::active(set).cloned());
        let mut names = vec![false; keywords.len()];
        for word in generic.keywords() {
            let at = *known.entry((*word).to_owned()).or_insert_with(|| {
                keywords.push((*word).to_owned());
                announced.push(Vec::new());
                names.push(false);
                keywords.len() - 1
            });
            names[at] = true;
        }
        rules.extend(set.rules().iter().filter(|rule| is_fed_by_forms(rule)).cloned());
        let pair_rules = pair::Rules::new(set, &rules);
        let mut families: Vec<Vec<pair::Grammar>> = vec![Vec::new(); keywords.len()];
        for (grammar, words) in pair::FAMILIES.iter().filter(|_| pair_rules.active()) {
            for word in *words {
                let at = *known.entry((*word).to_owned()).or_insert_with(|| {
                    keywords.push((*word).to_owned());
                    announced.push(Vec::new());
                    names.push(false);
                    families.push(Vec::new());
                    keywords.len() - 1
                });
                families[at].push(*grammar);
            }
        }
        Self {
            declared: Declared::of(set),
            keystores: Keystores::of(set),
            composites: Composites::new(&rules),
            exceptions: Exceptions::new(set, &rules),
            prefilter: Prefilter::new(&keywords),
            reaches: keywords.iter().map(|_| OnceLock::new()).collect(),
            longest: keywords.iter().map(String::len).max().unwrap_or(0),
            announced,
            names,
            generic,
            triggers,
            families,
            pair_rules,
            always,
            numbered,
            gates: rules.iter().map(|rule| Gate::of(&rule.definition)).collect(),
            plans: rules.iter().map(|_| OnceLock::new()).collect(),
            caches: Caches::new(rules.len()),
            buffers: Buffers::default(),
            paths: rules.iter().map(|_| OnceLock::new()).collect(),
            rules,
            marking: Marking::default(),
        }
    }

    /// The declared finding about files that should be encrypted, if it is active.
    pub(super) fn declared(&self) -> Option<&Declared> {
        self.declared.as_ref()
    }

    /// The same engine, which also marks secrets for the suppressions of a scope.
    #[must_use]
    pub fn with_marking(mut self, marking: Marking) -> Self {
        self.marking = marking;
        self
    }

    /// The rules about binary files that are keys.
    pub(super) fn keystores(&self) -> &Keystores {
        &self.keystores
    }

    /// The rules whose findings have parts.
    pub(super) fn composites(&self) -> &Composites {
        &self.composites
    }

    /// Where matches are no findings.
    pub(super) fn exceptions(&self) -> &Exceptions {
        &self.exceptions
    }

    /// Memory for large texts.
    pub(super) fn buffers(&self) -> &Buffers {
        &self.buffers
    }

    /// What secrets are marked with.
    pub fn marking(&self) -> &Marking {
        &self.marking
    }

    /// The rule of a candidate.
    pub fn rule(&self, index: usize) -> &Rule {
        &self.rules[index]
    }

    /// The keywords and triggers of the text that was searched last, sorted by place.
    pub fn marks(&self, scratch: &Scratch) -> Vec<Mark> {
        decode::marks(&scratch.hits, |keyword| {
            let trigger =
                (keyword as usize).checked_sub(MARKERS.len()).and_then(|index| self.triggers.get(index)).copied();
            let is_general = self.names[keyword as usize] || !self.families[keyword as usize].is_empty();
            (self.prefilter.keyword_length(keyword), trigger, is_general)
        })
    }

    /// Appends every match of every rule in `text`, sorted by rule and place; exactly what searching the whole text with
    /// each rule's pattern would give.
    pub fn candidates(&self, text: Text<'_>, scratch: &mut Scratch, found: &mut Vec<Candidate>) {
        let Known { hits, idle } = scratch.known.take().unwrap_or_else(|| {
            let mut hits = std::mem::take(&mut scratch.hits);
            hits.clear();
            self.prefilter.find(text.bytes, &mut hits);
            Known { hits, idle: Vec::new() }
        });
        if let Some(traced) = &mut scratch.traced {
            traced.expect(hits.len());
        }
        scratch.open.resize(self.rules.len(), None);
        scratch.markers.clear();
        scratch.named = None;
        scratch.looks.clear();
        scratch.looks.resize(self.rules.len(), None);
        scratch.runs.clear();
        scratch.numbers.clear();
        run::find(text.bytes, &mut scratch.runs, &mut scratch.numbers);
        scratch.near = 0;
        let first_pair = scratch.pairs.len();
        let nearby = Nearby::default();
        let site = Site::new(text.bytes, text.path).sharing(&nearby);
        for (at, hit) in hits.iter().enumerate() {
            if (hit.keyword as usize) < MARKERS.len() {
                scratch.markers.push(hit.start);
            }
            if idle.get(at).is_some_and(|idle| *idle) {
                continue;
            }
            let before = (found.len(), scratch.pairs.len());
            self.read_around(*hit, site, scratch, found);
            let led = before != (found.len(), scratch.pairs.len());
            scratch.near = run::next_to(&scratch.runs, scratch.near, hit.start);
            let mut far = false;
            for &rule in &self.announced[hit.keyword as usize] {
                far |= self.open_window(rule, *hit, text, scratch, found);
            }
            if let Some(traced) = &mut scratch.traced {
                traced.note(at, led || far);
            }
        }
        for rule in std::mem::take(&mut scratch.touched) {
            if let Some(window) = scratch.open[rule].take() {
                self.search_window(rule, text.bytes, window, scratch, found);
            }
        }
        scratch.hits = hits;
        for &rule in &self.always {
            if self.looks_at(rule, text.path) {
                self.search(rule, text.bytes, Span::new(0, text.bytes.len()), found);
            }
        }
        self.search_numbered(text, scratch, found);
        self.add_pairs(site, first_pair, scratch, found);
        found.sort_unstable();
        // Several keywords stand in one name.
        found.dedup_by(|one, other| one.verdict.is_some() && one.rule == other.rule && one.secret == other.secret);
    }

    /// Tries the rules that digits in base64 announce. What a match covered is not searched again.
    fn search_numbered(&self, text: Text<'_>, scratch: &Scratch, found: &mut Vec<Candidate>) {
        let places = &scratch.numbers;
        for &rule in self.numbered.iter().filter(|rule| !places.is_empty() && self.looks_at(**rule, text.path)) {
            let mut covered = 0;
            for &place in places {
                let first = found.len();
                if covered <= place {
                    self.search(rule, text.bytes, Span::new(place, text.bytes.len()), found);
                }
                covered = found[first..].last().map_or(covered, |last| last.span.end);
            }
        }
    }

    /// Reads the value and the pairs that a keyword announces. Each reader sees a bounded stretch of the text and nothing
    /// else: what a keyword leads to cannot depend on what is further away.
    fn read_around(&self, hit: Hit, site: Site<'_>, scratch: &mut Scratch, found: &mut Vec<Candidate>) {
        let place = Span::new(hit.start, hit.start + self.keyword_length(hit));
        if self.names[hit.keyword as usize] {
            let (view, from) = around(site.text, place, generic::REACH);
            let name = generic::name_at(view, Span::new(place.start - from, place.end - from));
            let first = found.len();
            // Several keywords stand in one name, one behind the other.
            let place = name.map(|name| name.start + from);
            if let Some(name) = name.filter(|_| place != scratch.named) {
                self.generic.read(view, site.path, name, &mut scratch.meanings, found);
                scratch.named = place;
            }
            found[first..].iter_mut().for_each(|candidate| candidate.move_by(from));
        }
        if !self.families[hit.keyword as usize].is_empty() {
            let (view, from) = around(site.text, place, pair::REACH);
            let first = scratch.pairs.len();
            for read in &self.families[hit.keyword as usize] {
                read(site.stretch(view, from), Span::new(place.start - from, place.end - from), &mut scratch.pairs);
            }
            scratch.pairs[first..].iter_mut().for_each(|pair| pair.move_by(from));
        }
    }

    /// Makes a candidate of every pair that the forms read.
    fn add_pairs(&self, site: Site<'_>, first: usize, scratch: &mut Scratch, found: &mut Vec<Candidate>) {
        if self.pair_rules.active() {
            pair::read_by_path(site, &mut scratch.pairs);
        }
        for (number, pair) in scratch.pairs.iter().enumerate().skip(first) {
            let rule = self.pair_rules.generic(pair);
            found.extend(rule.map(|rule| Candidate::of_pair(rule, pair, number, site.text)));
        }
    }

    /// The rules that pairs become, and all rules that are searched for.
    pub fn pair_rules(&self) -> (&pair::Rules, &[Rule]) {
        (&self.pair_rules, &self.rules)
    }

    /// Joins the window around a hit to the rule's open one, or searches that one and opens the new. Returns whether the
    /// window goes on beyond the rule's own reach.
    fn open_window(
        &self,
        rule: usize,
        hit: Hit,
        text: Text<'_>,
        scratch: &mut Scratch,
        found: &mut Vec<Candidate>,
    ) -> bool {
        if let Some(open) = scratch.open[rule]
            && open.end == text.bytes.len()
        {
            return true;
        }
        if !*scratch.looks[rule].get_or_insert_with(|| self.looks_at(rule, text.path)) {
            return false;
        }
        let gate = &self.gates[rule];
        if gate.anchored == Anchored::Yes {
            let ahead = Span::new(hit.start, text.bytes.len().min(hit.start + gate.reach.usual()));
            if run::stands_in(&scratch.runs, scratch.near, ahead, gate.run) {
                self.search_at(rule, hit, text.bytes, scratch, found);
            }
            return false;
        }
        let place = Span::new(hit.start, hit.start + self.keyword_length(hit));
        let window = if gate.gated {
            Span::new(0, text.bytes.len())
        } else {
            gate.reach.window(text.bytes, place, scratch.open[rule])
        };
        let is_far =
            |start: usize| start + gate.reach.usual() < place.start || place.end + gate.reach.usual() < window.end;
        if !run::stands_in(&scratch.runs, scratch.near, window, gate.run) {
            return is_far(window.start);
        }
        let joined = match scratch.open[rule] {
            None => {
                scratch.touched.push(rule);
                window
            }
            Some(open) if window.start <= open.end => Span::new(open.start.min(window.start), open.end.max(window.end)),
            Some(open) => {
                self.search_window(rule, text.bytes, open, scratch, found);
                window
            }
        };
        scratch.open[rule] = Some(joined);
        // What an open window holds was not walked again: only the whole tells how far the hit reaches.
        is_far(if gate.reach.is_bounded() { window.start } else { joined.start })
    }

    /// Searches a window; where something matches, its keywords are traced.
    fn search_window(&self, rule: usize, text: &[u8], window: Span, scratch: &mut Scratch, found: &mut Vec<Candidate>) {
        let first = found.len();
        self.search(rule, text, window, found);
        if let Some(traced) = &mut scratch.traced
            && found.len() > first
        {
            traced.matched(rule, window);
        }
    }

    /// Tries the pattern at the keyword. What earlier matches covered is not searched again, as in a search from left to
    /// right.
    fn search_at(&self, rule: usize, hit: Hit, text: &[u8], scratch: &mut Scratch, found: &mut Vec<Candidate>) {
        let covered = scratch.open[rule];
        if covered.is_none() {
            scratch.touched.push(rule);
        }
        if covered.is_none_or(|covered| covered.end <= hit.start) {
            let before = found.len();
            self.search(rule, text, Span::new(hit.start, text.len()), found);
            let end = found[before..].last().map_or(hit.start, |last| last.span.end);
            if let Some(traced) = &mut scratch.traced
                && found.len() > before
            {
                traced.matched(rule, Span::new(hit.start, end));
            }
            scratch.open[rule] = Some(Span::new(end, end));
        }
    }

    /// What the keywords of the text of `length` bytes that was searched last led to. Asked for once.
    pub(super) fn trace(&self, length: usize, scratch: &mut Scratch) -> Option<Trace> {
        let traced = scratch.traced.take()?;
        traced.trace(length, &scratch.hits, |keyword| &self.announced[keyword as usize])
    }

    /// Appends every keyword of the text, sorted by place.
    pub(super) fn find_keywords(&self, text: &[u8], hits: &mut Vec<Hit>) {
        self.prefilter.find(text, hits);
    }

    /// How far from a keyword lies what decides whether it leads to something, in bytes; where that is further, the
    /// keyword counts as one that led to something.
    pub(super) fn reach(&self, keyword: u32) -> usize {
        let keyword = keyword as usize;
        *self.reaches[keyword].get_or_init(|| {
            let rules = self.announced[keyword].iter().map(|rule| self.gates[*rule].reach.usual());
            let name = if self.names[keyword] { generic::REACH } else { 0 };
            let pairs = if self.families[keyword].is_empty() { 0 } else { pair::REACH };
            // A pattern also looks at the byte beside its match.
            rules.fold(name.max(pairs), usize::max) + 2
        })
    }

    /// Length of the longest keyword in bytes.
    pub(super) fn longest_keyword(&self) -> usize {
        self.longest
    }

    pub(super) fn keyword_length(&self, hit: Hit) -> usize {
        self.prefilter.keyword_length(hit.keyword)
    }

    fn looks_at(&self, rule: usize, path: &str) -> bool {
        let definition = &self.rules[rule].definition;
        let paths = || Paths::new(&definition.paths, &definition.path_patterns);
        path.starts_with(UNKNOWN_PATH)
            || self.paths[rule].get_or_init(paths).as_ref().is_none_or(|paths| paths.fit(path))
    }

    fn search(&self, rule: usize, text: &[u8], window: Span, found: &mut Vec<Candidate>) {
        let plan = self.plan(rule);
        let mut lent = self.caches.take(rule, &plan.regex);
        let (cache, captures) = &mut *lent;
        let mut start = window.start;
        while start < window.end {
            let input = Input::new(text).range(start..window.end).anchored(self.gates[rule].anchored);
            plan.regex.search_captures_with(cache, &input, captures);
            let Some(whole) = captures.get_match() else { break };
            let group = |number: Option<usize>| {
                number.and_then(|number| captures.get_group(number)).map(|span| Span::new(span.start, span.end))
            };
            let span = Span::new(whole.start(), whole.end());
            let mut secrets = plan.groups.secret.iter().filter_map(|number| group(Some(*number)));
            found.push(Candidate {
                rule,
                span,
                secret: secrets.find(|secret| !secret.is_empty()).unwrap_or(span),
                user: group(plan.groups.user),
                pass: group(plan.groups.pass),
                id: group(plan.groups.id),
                host: group(plan.groups.host),
                verdict: None,
                named: None,
                pair: None,
            });
            start = span.end;
        }
        self.caches.give(rule, lent);
    }

    fn plan(&self, rule: usize) -> &Plan {
        self.plans[rule].get_or_init(|| Plan::new(&self.rules[rule], self.gates[rule].anchored))
    }
}

/// The stretch of a text around a place, and where it begins.
fn around(text: &[u8], place: Span, reach: usize) -> (&[u8], usize) {
    let from = place.start.saturating_sub(reach);
    (&text[from..text.len().min(place.end + reach)], from)
}

/// Whether the forms of `pair` feed it.
fn is_fed_by_forms(rule: &Rule) -> bool {
    rule.definition.pattern.is_empty() && rule.definition.kind == Kind::Pair
}
