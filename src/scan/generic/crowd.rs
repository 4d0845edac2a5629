//! Values that come in a crowd: many different ones under one name of a text. What each of them leaves open, they say
//! together: where a name is used for ids, translations or running names, hardly one of its values is a secret.
//!
//! Only values that were kept for their context are looked at, and only what the crowd tells about them is used: random
//! values under a name that says key or password stay, however many they are.

use std::collections::{BTreeMap, BTreeSet};

use super::language;
use crate::finding::{Confidence, Span};
use crate::scan::candidate::{Candidate, Named};
use crate::scan::filter::{DropReason, Kept};

/// Different values that make a crowd.
pub(super) const LEAST: usize = 4;
/// Different ids that make a crowd: a program may well hold a handful of keys.
pub(super) const LEAST_IDS: usize = 6;
/// Bits of what no neighbour shares, below which a value only counts on.
const OWN_BITS: f32 = 16.0;

/// Different words that make a catalogue.
const LEAST_SAID: usize = 6;
/// Bits per byte that words of another language cost in the mean: letters drawn by chance cost seven and more.
const SPOKEN: f32 = 5.5;

/// A value that was kept.
struct Member<'t> {
    /// Its place in the list of kept ones.
    index: usize,
    value: &'t [u8],
    named: Named,
}

/// Lowers the confidence of what a crowd shows to be no secret, and returns how many that were.
pub fn quieten(text: &[u8], candidates: &[Candidate], kept: &mut [Kept]) -> u64 {
    if kept.is_empty() {
        return 0;
    }
    let mut fallen: BTreeSet<usize> = BTreeSet::new();
    for members in crowds(text, kept).values() {
        let values: BTreeSet<&[u8]> = members.iter().map(|member| member.value).collect();
        if values.len() < LEAST {
            continue;
        }
        let out = told(text, members, &values);
        fallen.extend(members.iter().filter(|member| out.contains(member.value)).map(|member| member.index));
    }
    fallen.extend(among_language(text, candidates, kept));
    let shown = kept.iter().enumerate().filter(|(_, one)| one.confidence > Confidence::Low);
    fallen.extend(shown.filter(|(_, one)| is_numbered(text, one)).map(|(index, _)| index));
    for index in &fallen {
        kept[*index].confidence = Confidence::Low;
        kept[*index].crowd = true;
    }
    fallen.len() as u64
}

/// What was kept for its context, by its rule and its name.
fn crowds<'t>(text: &'t [u8], kept: &[Kept]) -> BTreeMap<(usize, Vec<u8>), Vec<Member<'t>>> {
    let mut crowds: BTreeMap<_, Vec<Member<'t>>> = BTreeMap::new();
    for (index, one) in kept.iter().enumerate().filter(|(_, one)| one.confidence > Confidence::Low) {
        let Some(named) = one.candidate.named else { continue };
        let value = one.candidate.secret.of(text);
        crowds.entry((one.candidate.rule, stem(named.name.of(text)))).or_default().push(Member { index, value, named });
    }
    crowds
}

/// The letters of a name: `PASSCODE_D1` and `PASSCODE_D2` are one.
pub(super) fn stem(name: &[u8]) -> Vec<u8> {
    name.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect()
}

/// The values that the crowd tells to be none.
fn told<'t>(text: &[u8], members: &[Member<'t>], values: &BTreeSet<&'t [u8]>) -> BTreeSet<&'t [u8]> {
    let sorted: Vec<&[u8]> = values.iter().copied().collect();
    let counted: BTreeSet<&[u8]> = sorted
        .iter()
        .copied()
        .zip(own_bits(&sorted))
        .filter(|(_, bits)| *bits < OWN_BITS)
        .map(|(value, _)| value)
        .collect();
    // People number passwords too: only what has names of its own, or a name that says little, is no password.
    let names: BTreeSet<&[u8]> = members.iter().map(|member| member.named.name.of(text)).collect();
    let vague = members.iter().all(|member| member.named.vague);
    if (vague || names.len() >= LEAST) && counted.len() * 2 >= sorted.len() {
        return counted;
    }
    let worded: BTreeSet<&[u8]> = sorted.iter().copied().filter(|value| is_worded(value)).collect();
    if worded.len() >= LEAST_SAID && worded.len() * 5 >= sorted.len() * 4 && mean_rate(&worded) < SPOKEN {
        return worded;
    }
    if vague && !members.iter().take(LEAST).any(|member| is_beside_cipher(text, member.named.name)) {
        return ids(&sorted);
    }
    BTreeSet::new()
}

/// `crwdns781:0`: others that begin with the same letters and go on with other digits stand all around, under any names.
fn is_numbered(text: &[u8], one: &Kept) -> bool {
    const REACH: usize = 800;
    const SHORTEST: usize = 5;
    /// Different numbers under a name of a secret: people number passwords too.
    const LEAST_NUMBERS: usize = 8;
    if one.candidate.named.is_none() && one.candidate.pair.is_none() {
        return false;
    }
    let place = one.candidate.pass.unwrap_or(one.candidate.secret);
    let value = place.of(text);
    let head = value.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    if head < SHORTEST || !value.get(head).is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let least = if one.candidate.named.is_some_and(|named| named.vague) { LEAST } else { LEAST_NUMBERS };
    let near = &text[place.start.saturating_sub(REACH)..text.len().min(place.end + REACH)];
    let after = memchr::memmem::find_iter(near, &value[..head]).map(|at| {
        let rest = &near[at + head..];
        &rest[..rest.iter().take_while(|byte| byte.is_ascii_digit()).count()]
    });
    after.filter(|digits| !digits.is_empty()).collect::<BTreeSet<_>>().len() >= least
}

/// For each of the sorted values: the bits of what it shares with no other one, and of which ones these are.
fn own_bits(sorted: &[&[u8]]) -> Vec<f32> {
    let heads = shared(sorted);
    let mut turned: Vec<(Vec<u8>, usize)> =
        sorted.iter().enumerate().map(|(place, value)| (value.iter().rev().copied().collect(), place)).collect();
    turned.sort();
    let backward: Vec<&[u8]> = turned.iter().map(|(value, _)| value.as_slice()).collect();
    let mut tails = vec![0; sorted.len()];
    for (length, (_, place)) in shared(&backward).into_iter().zip(&turned) {
        tails[*place] = length;
    }
    let choice = (sorted.len() as f32).log2();
    let bits = sorted.iter().zip(heads.into_iter().zip(tails)).map(|(value, (head, tail))| {
        let tail = tail.min(value.len() - head);
        let choices = f32::from(u8::from(head > 0)) + f32::from(u8::from(tail > 0));
        language::cost(&value[head..value.len() - tail]).bits + choices * choice
    });
    bits.collect()
}

/// How many first bytes each of the sorted values shares with one beside it.
fn shared(sorted: &[&[u8]]) -> Vec<usize> {
    let common = |one: &[u8], other: &[u8]| one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let pairs: Vec<usize> = sorted.windows(2).map(|pair| common(pair[0], pair[1])).collect();
    let before = |place: usize| place.checked_sub(1).map_or(0, |place| pairs[place]);
    (0..sorted.len()).map(|place| before(place).max(pairs.get(place).copied().unwrap_or(0))).collect()
}

/// Letters, in any alphabet, and what joins words.
fn is_worded(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80 || b" -'/.,:?()".contains(byte))
}

fn mean_rate(values: &BTreeSet<&[u8]>) -> f32 {
    values.iter().map(|value| language::cost(value).per_byte()).sum::<f32>() / values.len() as f32
}

/// Values of one length that are hexadecimal behind what all begin with, and few that are not: they number records.
fn ids<'t>(sorted: &[&'t [u8]]) -> BTreeSet<&'t [u8]> {
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for value in sorted {
        *lengths.entry(value.len()).or_default() += 1;
    }
    let Some((length, _)) = lengths.into_iter().max_by_key(|(_, count)| *count) else { return BTreeSet::new() };
    let alike: BTreeSet<&[u8]> = sorted.iter().copied().filter(|value| value.len() == length).collect();
    let head = match (alike.first(), alike.last()) {
        (Some(first), Some(last)) => first.iter().zip(*last).take_while(|(one, other)| one == other).count(),
        _ => 0,
    };
    let numbers = alike.iter().filter(|value| value[head..].iter().all(u8::is_ascii_hexdigit)).count();
    if alike.len() >= LEAST_IDS && numbers * 4 >= sorted.len() * 3 { alike } else { BTreeSet::new() }
}

/// Whether something is said nearby that only goes with a key of a cipher.
pub(super) fn is_beside_cipher(text: &[u8], name: Span) -> bool {
    const REACH: usize = 400;
    const WORDS: &[&[u8]] = &[
        b"iv",
        b"nonce",
        b"plaintext",
        b"ciphertext",
        b"cipher",
        b"hmac",
        b"mac",
        b"stream",
        b"keystream",
        b"counter",
    ];
    let near = &text[name.start.saturating_sub(REACH)..text.len().min(name.end + REACH)];
    near.split(|byte| !byte.is_ascii_alphabetic())
        .any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// What reads like words and stands where nearly all else under such names is language: a catalogue of messages.
fn among_language<'k>(
    text: &'k [u8],
    candidates: &[Candidate],
    kept: &'k [Kept],
) -> impl Iterator<Item = usize> + use<'k> {
    let mut said: BTreeMap<usize, BTreeSet<&[u8]>> = BTreeMap::new();
    for one in candidates.iter().filter(|one| one.verdict == Some(Err(DropReason::Language))) {
        said.entry(one.rule).or_default().insert(one.secret.of(text));
    }
    let mut others: BTreeMap<usize, BTreeSet<&[u8]>> = BTreeMap::new();
    for one in kept.iter().filter(|one| one.candidate.named.is_some()) {
        others.entry(one.candidate.rule).or_default().insert(one.candidate.secret.of(text));
    }
    let shown = kept.iter().enumerate().filter(|(_, one)| one.confidence > Confidence::Low);
    shown.filter_map(move |(index, one)| {
        let rule = one.candidate.rule;
        let said = said.get(&rule).map_or(0, BTreeSet::len);
        let others = others.get(&rule).map_or(0, BTreeSet::len);
        let value = one.candidate.secret.of(text);
        (one.candidate.named.is_some()
            && said >= LEAST_SAID
            && others * 4 <= said
            && is_worded(value)
            && language::cost(value).per_byte() < SPOKEN + 1.0)
            .then_some(index)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    /// What falls of the values that stand under the names.
    fn fallen(pairs: &[(&str, &str)], vague: bool) -> Vec<String> {
        let mut text = String::new();
        let mut candidates = Vec::new();
        for (name, value) in pairs {
            let at = text.len();
            let start = at + name.len() + 4;
            text.push_str(&format!("{name} = \"{value}\"\n"));
            let (name, secret) = (Span::new(at, at + name.len()), Span::new(start, start + value.len()));
            let named = Some(Named { name, vague });
            let verdict = Some(Ok(Confidence::Medium));
            candidates.push(Candidate {
                rule: 0,
                span: secret,
                secret,
                user: None,
                pass: None,
                id: None,
                host: None,
                verdict,
                named,
                pair: None,
            });
        }
        let mut kept: Vec<Kept> =
            candidates.iter().map(|one| Kept::new(*one, Severity::Medium, Confidence::Medium)).collect();
        quieten(text.as_bytes(), &candidates, &mut kept);
        let low = kept.iter().filter(|one| one.confidence == Confidence::Low);
        low.map(|one| String::from_utf8_lossy(one.candidate.secret.of(text.as_bytes())).into_owned()).collect()
    }

    fn under(name: &str, values: &[impl AsRef<str>], vague: bool) -> Vec<String> {
        let pairs: Vec<(&str, &str)> = values.iter().map(|value| (name, value.as_ref())).collect();
        fallen(&pairs, vague)
    }

    /// Values in an alphabet that look drawn by chance, and are the same in each run.
    fn drawn(alphabet: &[u8], length: usize, count: usize) -> Vec<String> {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(alphabet[(state >> 33) as usize % alphabet.len()])
        };
        (0..count).map(|_| (0..length).map(|_| next()).collect()).collect()
    }

    #[test]
    fn ids_under_a_vague_name_fall_and_keys_of_ciphers_stay() {
        let ids = drawn(b"0123456789abcdef", 32, 8);
        assert_eq!(under("gateway_key", &ids, true), ids);
        assert!(under("api_key", &ids, false).is_empty(), "the name says that they are keys");
        let indexes: Vec<String> =
            drawn(b"0123456789ABCDEF", 16, 7).iter().map(|digits| format!("FK{digits}")).collect();
        assert_eq!(under("KEY", &indexes, true), indexes);
        assert!(under("gateway_key", &ids[..4], true).is_empty(), "a handful may be keys");
        let mut vectors: Vec<(&str, &str)> = ids.iter().map(|id| ("key", id.as_str())).collect();
        vectors.insert(0, ("iv", "0011223344556677"));
        assert!(fallen(&vectors, true).is_empty(), "a vector stands beside");
    }

    #[test]
    fn what_counts_on_falls() {
        let counted = ["PrefPinCode1", "PrefPinCode2", "PrefPinCode3", "PrefPinCode4"];
        assert!(under("password", &counted, false).is_empty(), "people number passwords");
        assert_eq!(under("key", &counted, true), counted);
        let named =
            [("CODE_D1", counted[0]), ("CODE_D2", counted[1]), ("CODE_D3", counted[2]), ("CODE_D4", counted[3])];
        assert_eq!(fallen(&named, false), counted);
    }

    #[test]
    fn what_is_numbered_all_around_falls() {
        let names = ["token", "text", "hint", "user", "label", "email", "name", "phone"];
        let numbers =
            ["crwdns104", "crwdns780", "crwdns781", "crwdns969", "crwdns12", "crwdns9", "crwdns77", "crwdns5"];
        let pairs: Vec<(&str, &str)> = names.into_iter().zip(numbers).collect();
        assert_eq!(fallen(&pairs, false).len(), 8);
        assert!(fallen(&pairs[..6], false).is_empty(), "people number passwords");
        let keys = [("tok", "acmex10476qKz"), ("other", "wqpzt780Rfx")];
        assert!(fallen(&keys, false).is_empty());
    }

    #[test]
    fn translations_fall() {
        let words = ["Adgangskode", "Lozinka", "Kata Sandi", "Geslo", "Salasana", "Bruger/adgangskode"];
        assert_eq!(under("Password", &words, false), words);
    }

    #[test]
    fn secrets_stay() {
        let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        assert!(under("api_key", &drawn(letters, 32, 300), false).is_empty());
        assert!(under("password", &drawn(letters, 8, 300), false).is_empty());
        assert!(under("password", &drawn(&letters[..26], 10, 50), false).is_empty());
        let prefixed: Vec<String> = drawn(letters, 24, 20).iter().map(|tail| format!("acme_live_{tail}")).collect();
        assert!(under("token", &prefixed, false).is_empty());
        let chosen = [
            "Summer2019!",
            "hunter2x",
            "Tr0ub4dor&3",
            "qwe!Rty7",
            "liverpool77",
            "Winter2020#",
            "m1ch@el",
            "dragon!9",
            "P4ssw0rd-x",
            "zaq1XSW2",
            "Monkey_88",
            "letm31n!",
            "iloveyou22",
            "Sunsh1ne",
            "shadow#1",
        ];
        assert!(under("password", &chosen, false).is_empty());
        let different: Vec<(String, String)> = drawn(letters, 20, 30)
            .into_iter()
            .enumerate()
            .map(|(place, value)| (format!("{}_TOKEN", drawn(&letters[..26], place + 3, 1)[0]), value))
            .collect();
        let pairs: Vec<(&str, &str)> = different.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert!(fallen(&pairs, false).is_empty());
    }
}
