//! What a text holds, told briefly: which secrets, and under which names. A history shows the same key in thousands of
//! versions of a file; where it stands in each of them, nobody asks.

use super::filter::Kept;
use super::layered::{Deep, Seen};
use super::limit;
use super::worker::{Body, Worker};
use super::{Engine, Options, slot};
use crate::finding::{Exposed, Finding, Origin, RuleId};
use crate::secret::Secret;

/// A secret that stands in a text.
pub struct Sighting {
    /// The rule that found it.
    pub rule: RuleId,
    /// The secret.
    pub secret: Exposed,
    /// The name that it is assigned to.
    pub slot: Option<String>,
}

impl Sighting {
    /// What a finding sights; none where it is about no secret.
    pub(super) fn of(finding: Finding) -> Option<Self> {
        Some(Self { rule: finding.rule, secret: *finding.secret?, slot: finding.context.slot.clone() })
    }
}

impl<'e> Worker<'e> {
    /// A worker that tells sightings and no findings.
    pub fn brief(engine: &'e Engine, options: &'e Options) -> Self {
        let mut worker = Self::new(engine, options);
        worker.sightings = Some(Vec::new());
        worker
    }

    /// Takes out what was sighted since it was last asked.
    pub fn take_sightings(&mut self) -> Vec<Sighting> {
        self.sightings.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Notes what the text and its layers hold: the secrets that findings would be made of.
    pub(super) fn sight(
        &mut self,
        origin: &Origin,
        text: &Body<'_>,
        kept: &[Kept],
        news: &[(usize, Kept)],
        seen: &[Seen],
    ) {
        let outer = kept.iter().map(|kept| (None, kept));
        let inner = news.iter().map(|(index, kept)| (Some(&*seen[*index].deep), kept));
        let most = self.options.limits.matches;
        let owned = |deep: Option<&Deep>, kept: &Kept| {
            let secret = kept.candidate.secret;
            text.owns(deep.map_or(secret, |deep| deep.outermost(secret)).start)
        };
        let all: Vec<_> = outer.chain(inner).filter(|(deep, kept)| owned(*deep, kept)).collect();
        let sighted: Vec<Sighting> = all
            .iter()
            .take(most)
            .map(|(deep, kept)| self.sighting(deep.map_or(text.bytes, Deep::text), kept))
            .collect();
        self.sightings.get_or_insert_default().extend(sighted);
        if all.len() > most {
            let text = format!("max-matches is {most}, {} more in this text", all.len() - most);
            self.skip(limit::skip(origin, text, None));
        }
    }

    fn sighting(&self, text: &[u8], kept: &Kept) -> Sighting {
        let rule = self.engine.rule(kept.candidate.rule);
        let (secret, slot) = if let Some((pair, _)) = self.verdict(&kept.candidate) {
            (self.exposed_pair(rule, pair), pair.slot.clone())
        } else {
            let span = kept.candidate.secret;
            (self.exposed(rule, &kept.candidate, &Secret::new(span.of(text)), text), slot::slot(text, span))
        };
        Sighting { rule: rule.id.clone(), secret, slot }
    }
}
