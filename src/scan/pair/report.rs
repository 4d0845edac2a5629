//! From a judged pair to its findings.

use super::{CLASS, Half, Pair, Site, Trust, Verdict};
use crate::finding::{Confidence, Context, Exposed, Finding, Related};
use crate::rule::Rule;
use crate::scan::evidence;
use crate::scan::filter::{DropReason, Kept};
use crate::scan::layered::Seen;
use crate::scan::matcher::Candidate;
use crate::scan::worker::{Page, Worker, related};
use crate::secret::{Part, Secret};

/// Where forms of the lowest trust stand among rules: any rule knows better.
const VAGUE: u8 = 12;
/// Where doubtful pairs stand: a single value that is surer is shown instead.
const DOUBTFUL: u8 = 5;

impl Worker<'_> {
    /// Judges the pair of a candidate, which gets the rule that the verdict names.
    pub(in crate::scan) fn judge_pair(
        &mut self,
        site: Site<'_>,
        candidate: Candidate,
        number: usize,
    ) -> Result<Kept, DropReason> {
        let (rules, searched) = self.engine.pair_rules();
        let verdict = rules.judge(&self.scratch.pairs()[number], site, searched)?;
        let candidate = Candidate { rule: verdict.rule, ..candidate };
        let kept = Kept::new(candidate, verdict.severity, verdict.confidence);
        self.verdicts[number] = Some(verdict);
        Ok(kept)
    }

    /// The rule's specificity; a pair in a form that other things share gives way to every precise rule.
    pub(in crate::scan) fn specificity(&self, candidate: &Candidate) -> u8 {
        let own = self.engine.rule(candidate.rule).definition.specificity;
        match self.verdict(candidate) {
            Some((_, verdict)) if verdict.confidence == Confidence::Low => own.min(DOUBTFUL),
            Some((pair, _)) if pair.form.trust == Trust::Low => own.min(VAGUE),
            _ => own,
        }
    }

    /// Takes out pairs of layers that a layer further out shows already: a pair in base64 is found by its form and again in
    /// what the base64 holds. `news` is sorted by place.
    pub(in crate::scan) fn drop_repeated(&self, seen: &[Seen], news: &mut Vec<(usize, Kept)>) {
        /// Pairs that one is compared with.
        const NEIGHBOURS: usize = 32;
        let place = |(index, kept): &(usize, Kept)| seen[*index].deep.outermost(kept.candidate.secret);
        let value = |(_, kept): &(usize, Kept)| Some(self.scratch.pairs()[kept.candidate.pair?].value());
        let mut repeated = vec![false; news.len()];
        for (number, one) in news.iter().enumerate() {
            let Some(own) = value(one) else { continue };
            let others = news[..number].iter().rev().take(NEIGHBOURS);
            repeated[number] = others.into_iter().any(|other| {
                place(other).overlaps(place(one)) && value(other).is_some_and(|other| other.expose() == own.expose())
            });
        }
        let mut repeated = repeated.into_iter();
        news.retain(|_| !repeated.next().unwrap_or(false));
    }

    /// The pair of a candidate and what was decided about it.
    pub(in crate::scan) fn verdict(&self, candidate: &Candidate) -> Option<(&Pair, &Verdict)> {
        let number = candidate.pair?;
        Some((&self.scratch.pairs()[number], self.verdicts.get(number)?.as_ref()?))
    }

    /// The finding of a pair, and one for each thing that is wrong with the way it travels.
    pub(in crate::scan) fn pair_findings(
        &self,
        page: &Page<'_>,
        kept: &Kept,
        pair: &Pair,
        verdict: &Verdict,
    ) -> Vec<Finding> {
        let rule = self.engine.rule(kept.candidate.rule);
        let exposed = self.exposed_pair(rule, pair);
        let parts = if pair.user.is_some() { "both halves" } else { "the pass half" };
        let at = verdict.host.as_deref().map_or(String::new(), |host| format!(", for '{host}'"));
        let message = format!(
            "{} exposed in '{}' ({}, {parts}{at}): '{}', {} characters.",
            rule.definition.name,
            page.sheet.origin.path(),
            pair.form.name,
            exposed.redacted,
            exposed.length,
        );
        let location = page.location(pair.place(page.text()));
        let mut finding = Finding::new(rule.id.clone(), kept.severity, kept.confidence, message, location);
        finding.secret = Some(Box::new(exposed));
        let user = pair.user.as_ref().map(Half::bytes);
        let mut evidence = evidence::read_pair(user, pair.pass.bytes(), page.text(), pair.pass.span);
        self.engine.marking().note_person(user, &mut evidence);
        finding.evidence = evidence.into();
        finding.related = related(kept).map(|(role, span)| Related { role, location: page.location(span) }).collect();
        finding.context = Context {
            form: Some(pair.form.name),
            host: verdict.host.clone(),
            slot: pair.slot.clone(),
            layers: page.layers(),
            ..Context::default()
        }
        .into();
        let mut findings = vec![finding];
        findings.extend(self.transport_findings(page, kept, verdict));
        findings
    }

    /// Declared findings about clear text and switched-off checks; never worse than the pair itself.
    fn transport_findings(&self, page: &Page<'_>, kept: &Kept, verdict: &Verdict) -> Vec<Finding> {
        let (rules, _) = self.engine.pair_rules();
        let wrong = [(&rules.cleartext, verdict.cleartext), (&rules.unchecked, verdict.unchecked)];
        let finding = |rule: &Rule, span| {
            let definition = &rule.definition;
            let message = format!("{} in '{}'.", definition.name, page.sheet.origin.path());
            let severity = definition.severity.min(kept.severity);
            let confidence = definition.confidence.min(kept.confidence);
            Finding::new(rule.id.clone(), severity, confidence, message, page.location(span))
        };
        wrong.into_iter().filter_map(|(rule, span)| Some(finding(rule.as_ref()?, span?))).collect()
    }

    /// Prints and masked form of a pair. Both generic rules share one class of prints, so that a pass half found alone is
    /// known again.
    pub(in crate::scan) fn exposed_pair(&self, rule: &Rule, pair: &Pair) -> Exposed {
        let key = &self.options.fingerprint;
        let class = if rule.definition.provider == "generic" { CLASS } else { rule.id.as_str() };
        let value = pair.value();
        let pass = pair.pass.value.fingerprint(key, class, Part::Pass);
        let user = pair.user.as_ref().map(|user| &user.value);
        // The same part as the fingerprint: the pass alone where there is no user.
        let whole = if user.is_some() { (&value, Part::Pair) } else { (&pair.pass.value, Part::Pass) };
        Exposed {
            marks: self.engine.marking().marks(whole.0, &[&pair.pass.value], class, whole.1),
            redacted: user.map_or_else(|| value.redact(), |user| Secret::redact_pair(user, &pair.pass.value)),
            clear: self.options.show_secrets.then(|| value.reveal()),
            length: value.len(),
            fingerprint: if user.is_some() { value.fingerprint(key, class, Part::Pair) } else { pass.clone() },
            pass: Some(pass),
        }
    }
}
