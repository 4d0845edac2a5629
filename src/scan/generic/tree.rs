//! Crowds that no text shows by itself: one value in each of many files, under one name. Workers note what a value may share
//! with others while they hold it ([`likeness`]); what the notes tell together is asked once, when all texts are read.
//!
//! The grounds are those of a text's crowd, asked for more strictly, for in a whole tree unrelated values meet under common
//! names. What is told is a set, so neither the order of the files nor the number of threads changes it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use zeroize::Zeroizing;

use super::catalogue::{Catalogues, LEAST_LANGUAGES, Place, ending, tagged};
use super::crowd::{LEAST, LEAST_IDS, is_beside_cipher, stem};
use super::translation::{is_among_translations, is_said};
use crate::finding::{Confidence, Finding, Frame, Likeness};
use crate::scan::filter::Kept;
use crate::secret::{Fingerprint, FingerprintKey, Part, Secret};
use crate::source::Item;

/// Fewer hexadecimal digits number nothing: a word may end in so many.
const SHORTEST_NUMBER: usize = 8;

/// What the value may have in common with others, if it was kept for its context.
pub fn likeness(text: &[u8], kept: &Kept, key: &FingerprintKey) -> Option<Likeness> {
    let named = kept.candidate.named.filter(|_| kept.crowd || kept.confidence > Confidence::Low)?;
    let value = kept.candidate.secret.of(text);
    let framed = named.vague && !is_beside_cipher(text, named.name);
    let name = String::from_utf8_lossy(&stem(named.name.of(text))).into();
    Some(Likeness { name, said: is_said(value), frame: framed.then(|| frame(value, key)).flatten() })
}

/// The value without its number.
fn frame(value: &[u8], key: &FingerprintKey) -> Option<Frame> {
    const SHORTEST_WORD: usize = 5;
    let print = |frame: &[u8]| Secret::new(frame).fingerprint(key, "frame", Part::Whole);
    let digits = value.iter().rev().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits >= SHORTEST_NUMBER {
        let head = &value[..value.len() - digits];
        let framed = Zeroizing::new([head, value.len().to_string().as_bytes()].concat());
        return Some(Frame::Record(print(&framed)));
    }
    let word = value.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let counted = word >= SHORTEST_WORD && value.get(word).is_some_and(u8::is_ascii_digit);
    let mut letters = Zeroizing::new(value.to_vec());
    letters.retain(|byte| !byte.is_ascii_digit());
    counted.then(|| Frame::Counted(print(&letters)))
}

/// Lowers the confidence of what the values and the names of all files of the tree show to be no secret, and returns how many
/// places that were.
pub fn quieten_tree(findings: &mut [Finding], items: &[Item]) -> u64 {
    let mut fallen = numbered(findings);
    fallen.extend(translated(findings, || items.iter().map(|item| item.origin.path()).collect()));
    fallen.extend(said_to_all(findings));
    lower(findings, &fallen) + spread(findings)
}

/// The same for changes and histories, of which the values tell too little: the names of the files beside them do. These are
/// `listed` where they are asked for, besides those of the findings.
pub fn quieten_translations(findings: &mut [Finding], listed: impl FnOnce() -> Vec<String>) -> u64 {
    let fallen = translated(findings, listed);
    lower(findings, &fallen)
}

fn lower(findings: &mut [Finding], fallen: &BTreeSet<usize>) -> u64 {
    for index in fallen {
        findings[*index].confidence = Confidence::Low;
        findings[*index].context.crowd = true;
    }
    fallen.len() as u64
}

/// Lowers what a crowd showed to be an id wherever else it stands under a name that says little: tests and migrations name one
/// of the records.
fn spread(findings: &mut [Finding]) -> u64 {
    let ids: HashSet<Fingerprint> =
        findings.iter().filter(|one| one.context.crowd && one.context.vague).filter_map(print).collect();
    let mut count = 0;
    for finding in findings.iter_mut().filter(|one| one.context.vague && one.confidence > Confidence::Low) {
        if print(finding).is_some_and(|print| ids.contains(&print)) {
            finding.confidence = Confidence::Low;
            count += 1;
        }
    }
    count
}

fn print(finding: &Finding) -> Option<Fingerprint> {
    finding.secret.as_ref().map(|secret| secret.fingerprint.clone())
}

/// What is known of the values under one name.
#[derive(Default)]
struct Crowd<'f> {
    /// The different values, and the frame of each.
    values: BTreeMap<Fingerprint, Option<&'f Frame>>,
    members: Vec<(usize, &'f Finding)>,
}

/// Values under a name that says little, in files of one kind, most of which are one frame with different numbers.
fn numbered(findings: &[Finding]) -> BTreeSet<usize> {
    let mut crowds: BTreeMap<_, Crowd<'_>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate().filter(|(_, one)| one.context.vague) {
        let (Some(likeness), Some(print)) = (&finding.context.likeness, print(finding)) else { continue };
        let key = (&finding.rule, &likeness.name, ending(finding.location.origin.path()));
        let crowd = crowds.entry(key).or_default();
        let known = crowd.values.entry(print).or_default();
        *known = known.or(likeness.frame.as_ref());
        crowd.members.push((index, finding));
    }
    crowds.values().flat_map(Crowd::numbered).collect()
}

impl Crowd<'_> {
    fn numbered(&self) -> Vec<usize> {
        let mut frames: BTreeMap<&Frame, usize> = BTreeMap::new();
        for frame in self.values.values().copied().flatten() {
            *frames.entry(frame).or_default() += 1;
        }
        let all = self.values.len();
        let told = |(frame, count): (&Frame, usize)| match frame {
            Frame::Record(_) => count >= LEAST_IDS && count * 4 >= all * 3,
            Frame::Counted(_) => count >= LEAST && count * 2 >= all,
        };
        let ids: BTreeSet<&Frame> = frames.into_iter().filter(|one| told(*one)).map(|(frame, _)| frame).collect();
        let frame_of = |finding: &Finding| print(finding).and_then(|print| self.values.get(&print).copied().flatten());
        let of_crowd = self.members.iter().filter(|(_, one)| frame_of(one).is_some_and(|frame| ids.contains(frame)));
        let fallen: Vec<&(usize, &Finding)> = of_crowd.collect();
        let files: BTreeSet<&str> = fallen.iter().map(|(_, one)| one.location.origin.path()).collect();
        let shown = fallen.iter().filter(|(_, one)| one.confidence > Confidence::Low).map(|(index, _)| *index);
        if files.len() >= LEAST { shown.collect() } else { Vec::new() }
    }
}

/// What is said in translations. Members of archives are not listed: what was found in them stands for them.
fn translated<P: AsRef<str>>(findings: &[Finding], listed: impl FnOnce() -> Vec<P>) -> BTreeSet<usize> {
    let is_said = |one: &Finding| {
        one.confidence > Confidence::Low && one.context.likeness.as_ref().is_some_and(|likeness| likeness.said)
    };
    let said: Vec<(usize, &str)> =
        findings.iter().enumerate().filter(|(_, one)| is_said(one)).map(|(index, one)| (index, path(one))).collect();
    let asked: Vec<Place<'_>> = said.iter().flat_map(|(_, path)| tagged(path)).collect();
    if asked.is_empty() {
        return BTreeSet::new();
    }
    let listed = listed();
    let paths = listed.iter().map(AsRef::as_ref).chain(findings.iter().map(path));
    let catalogues = Catalogues::of(asked.into_iter(), paths);
    said.iter().filter(|(_, path)| catalogues.hold(path)).map(|(index, _)| *index).collect()
}

fn path(finding: &Finding) -> &str {
    finding.location.origin.path()
}

/// One value in translations into many languages, in the same folder of them: everyone who uses the program reads it.
fn said_to_all(findings: &[Finding]) -> BTreeSet<usize> {
    let mut crowds: BTreeMap<_, Vec<(usize, &str)>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        let path = finding.location.origin.path();
        let (true, Some(print)) = (finding.context.likeness.is_some(), print(finding)) else { continue };
        if finding.confidence > Confidence::Low && is_among_translations(path) {
            for place in tagged(path) {
                crowds.entry((print.clone(), place)).or_default().push((index, path));
            }
        }
    }
    let files = |members: &[(usize, &str)]| members.iter().map(|(_, path)| *path).collect::<BTreeSet<_>>().len();
    let told = crowds.into_values().filter(|members| files(members) >= LEAST_LANGUAGES);
    told.flatten().map(|(index, _)| index).collect()
}
