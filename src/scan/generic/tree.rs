//! Crowds that no text shows by itself: one value in each of many files, under one name. Workers note what a value may share
//! with others while they hold it ([`likeness`]); what the notes tell together is asked once, when all texts are read.
//!
//! The grounds are those of a text's crowd, asked for more strictly, for in a whole tree unrelated values meet under common
//! names. What is told is a set, so neither the order of the files nor the number of threads changes it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use zeroize::Zeroizing;

use super::crowd::{LEAST, LEAST_IDS, LEAST_SAID, is_beside_cipher, is_worded, stem};
use super::language;
use super::translation::is_among_translations;
use crate::finding::{Confidence, Finding, Frame, Likeness};
use crate::scan::filter::Kept;
use crate::secret::{Fingerprint, FingerprintKey, Part, Secret};

/// Fewer hexadecimal digits number nothing: a word may end in so many.
const SHORTEST_NUMBER: usize = 8;
/// Thousandths of a bit that a byte of another language costs in the mean, where the files say that it is one: a bit more than
/// where they do not, for the cheaper words were told to be language before.
const SPOKEN: u64 = 6_500;
/// Parts of a path, from its end, one of which may name the language of the file.
const TAGGED_PARTS: usize = 4;

/// What the value may have in common with others, if it was kept for its context.
pub fn likeness(text: &[u8], kept: &Kept, key: &FingerprintKey) -> Option<Likeness> {
    let named = kept.candidate.named.filter(|_| kept.crowd || kept.confidence > Confidence::Low)?;
    let value = kept.candidate.secret.of(text);
    let rate = is_worded(value).then(|| thousandths(language::cost(value).per_byte()));
    let framed = named.vague && !is_beside_cipher(text, named.name);
    let name = String::from_utf8_lossy(&stem(named.name.of(text))).into();
    Some(Likeness { name, rate, frame: framed.then(|| frame(value, key)).flatten() })
}

/// Whole numbers, so that their sum is the same in any order.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a byte costs some bits, never less than none"
)]
fn thousandths(bits: f32) -> u32 {
    (bits * 1000.0) as u32
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

/// Lowers the confidence of what the values of the whole tree show to be no secret, and returns how many places that were.
pub fn quieten_tree(findings: &mut [Finding]) -> u64 {
    let mut fallen = numbered(findings);
    fallen.extend(translated(findings));
    fallen.extend(said_to_all(findings));
    for index in &fallen {
        findings[*index].confidence = Confidence::Low;
        findings[*index].context.crowd = true;
    }
    fallen.len() as u64 + spread(findings)
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

/// The ending of a file's name, which tells its kind.
fn ending(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// Words under one name in files whose paths differ in one part alone, which names a language.
fn translated(findings: &[Finding]) -> BTreeSet<usize> {
    let mut crowds: BTreeMap<_, Vec<(usize, &Finding, bool)>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        let Some(likeness) = &finding.context.likeness else { continue };
        for (place, tagged) in siblings(finding.location.origin.path()) {
            let crowd = crowds.entry((&finding.rule, &likeness.name, place)).or_default();
            crowd.push((index, finding, tagged));
        }
    }
    let told = crowds.values().filter(|members| is_catalogue(members));
    let worded = |one: &Finding| one.context.likeness.as_ref().is_some_and(|likeness| likeness.rate.is_some());
    let shown = |one: &Finding| one.confidence > Confidence::Low && worded(one);
    told.flatten().filter(|(_, finding, _)| shown(finding)).map(|(index, ..)| *index).collect()
}

/// One value in translations into many languages, in the same folder of them: everyone who uses the program reads it.
fn said_to_all(findings: &[Finding]) -> BTreeSet<usize> {
    let mut crowds: BTreeMap<_, Vec<(usize, &str)>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        let path = finding.location.origin.path();
        let (true, Some(print)) = (finding.context.likeness.is_some(), print(finding)) else { continue };
        if finding.confidence > Confidence::Low && is_among_translations(path) {
            for (place, _) in siblings(path).filter(|(_, tagged)| *tagged) {
                crowds.entry((print.clone(), place)).or_default().push((index, path));
            }
        }
    }
    let files = |members: &[(usize, &str)]| members.iter().map(|(_, path)| *path).collect::<BTreeSet<_>>().len();
    let told = crowds.into_values().filter(|members| files(members) >= LEAST_SAID);
    told.flatten().map(|(index, _)| index).collect()
}

/// Whether nearly all values are different words that cost no more than another language does, each in a file of a language.
fn is_catalogue(members: &[(usize, &Finding, bool)]) -> bool {
    let rate = |finding: &Finding| finding.context.likeness.as_ref().and_then(|likeness| likeness.rate);
    let values: BTreeMap<Fingerprint, Option<u32>> =
        members.iter().filter_map(|(_, one, _)| Some((print(one)?, rate(one)))).collect();
    let rates: Vec<u64> = values.values().flatten().map(|rate| u64::from(*rate)).collect();
    let paths = |only: bool| -> usize {
        let wanted = members.iter().filter(|(.., tagged)| *tagged || !only);
        wanted.map(|(_, one, _)| one.location.origin.path()).collect::<BTreeSet<_>>().len()
    };
    let mean = rates.iter().sum::<u64>() / rates.len().max(1) as u64;
    rates.len() >= LEAST_SAID
        && rates.len() * 5 >= values.len() * 4
        && mean < SPOKEN
        && paths(true) * 5 >= paths(false) * 4
}

/// The path with one of its last parts left open, for each of them, and whether that part names a language.
fn siblings(path: &str) -> impl Iterator<Item = (String, bool)> {
    let count = path.split('/').count();
    (count.saturating_sub(TAGGED_PARTS)..count).map(move |open| {
        let mut place = String::new();
        let mut tagged = false;
        for (at, part) in path.split('/').enumerate() {
            let ending = if at + 1 == count { ending(part) } else { "" };
            if at == open {
                tagged = names_language(part.strip_suffix(ending).unwrap_or(part));
                place.push_str("*.");
                place.push_str(ending);
            } else {
                place.push_str(part);
            }
            place.push('/');
        }
        (place, tagged)
    })
}

/// `messages_de`, `pt-BR.lproj`, `values-zh-rCN`: a word of the name is the code of a language.
fn names_language(part: &str) -> bool {
    part.split(|letter: char| !letter.is_ascii_alphabetic()).any(|word| word.len() == 2 && LANGUAGES.contains(word))
}

/// The codes of ISO 639-1.
const LANGUAGES: &str = "\
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et \
    eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl \
    km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj \
    om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to \
    tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_path_may_name_a_language() {
        for part in ["de", "messages_de.", "pt-BR.lproj", "values-zh-rCN", "sr-Latn."] {
            assert!(names_language(part), "{part}");
        }
        for part in ["anna.", "UserTest.", "db.", "src", "values"] {
            assert!(!names_language(part), "{part}");
        }
        assert!(LANGUAGES.split_whitespace().is_sorted());
    }

    #[test]
    fn files_that_differ_in_one_part_of_their_path_are_siblings() {
        let of = |path: &str| siblings(path).collect::<Vec<_>>();
        assert_eq!(of("ui/da.js"), [("*./da.js/".to_owned(), false), ("ui/*.js/".to_owned(), true)]);
        assert_eq!(of("a/b/c/d/de/x.po").len(), TAGGED_PARTS);
        assert!(of("lang/de/x.po").contains(&("lang/*./x.po/".to_owned(), true)));
    }
}
