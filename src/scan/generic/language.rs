//! How little a value resembles language: the bits that its cheapest reading costs, as common words, letters after letters,
//! numbers and signs. Trained on public source text by `tools/language/train.py`.

use std::sync::OnceLock;

/// Words and their costs in quarter bits.
const WORDS: &str = include_str!("data/words.txt");
/// Cost of a letter after two others, in sixteenths of a bit.
const TRIGRAM: &[u8; 27 * 27 * 27] = include_bytes!("data/trigram.bin");
/// Longest word that fits a key of five bits a letter.
const LONGEST_WORD: usize = 12;
/// Bytes of a value that are read; more says nothing new.
const LONGEST: usize = 96;
/// Slots of the table of words, a power of two.
const SLOTS: usize = 1 << 16;
/// Bits of a random letter or digit, and of a sign that is no separator.
const SIGN: f32 = 5.0;

/// What a value costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Bits of the cheapest reading.
    pub bits: f32,
    /// Bytes that were read.
    pub length: usize,
    /// Bytes of it that are words of four letters and more.
    pub in_words: usize,
}

impl Cost {
    /// Bits per byte.
    pub fn per_byte(self) -> f32 {
        self.bits / (self.length.max(1) as f32)
    }

    /// The share of the value that common words cover.
    pub fn share_of_words(self) -> f32 {
        self.in_words as f32 / (self.length.max(1) as f32)
    }
}

/// The cheapest reading of the value, or of what it says when signs that stand for letters are undone.
pub fn cost(value: &[u8]) -> Cost {
    let value = &value[..value.len().min(LONGEST)];
    let literal = reading(value);
    let plain = plain(value);
    let changed = plain.iter().zip(value).filter(|(one, other)| !one.eq_ignore_ascii_case(other)).count();
    if changed == 0 || changed * 3 > value.len() {
        return literal;
    }
    let read = reading(&plain);
    let bits = read.bits + 1.5 * changed as f32;
    if bits < literal.bits { Cost { bits, ..read } } else { literal }
}

/// `p@$$w0rd` in plain letters, small where a sign was undone.
pub fn plain(value: &[u8]) -> Vec<u8> {
    let is_letter = |place: Option<usize>| {
        place
            .and_then(|place| value.get(place))
            .is_some_and(|byte| byte.is_ascii_alphabetic() || b"@$!03145".contains(byte))
    };
    let signs = value.iter().any(|byte| b"@$!03145".contains(byte));
    let undone = value.iter().enumerate().map(|(place, &byte)| {
        let inside = signs && (place == 0 || is_letter(place.checked_sub(1))) && is_letter(Some(place + 1));
        match byte {
            b'@' | b'4' if inside => b'a',
            b'$' | b'5' if inside => b's',
            b'0' if inside => b'o',
            b'3' if inside => b'e',
            b'1' | b'!' if inside => b'i',
            _ => byte.to_ascii_lowercase(),
        }
    });
    undone.collect()
}

/// By dynamic programming from left to right.
fn reading(value: &[u8]) -> Cost {
    let table = table();
    let mut best = [(f32::INFINITY, 0_usize); LONGEST + 1];
    best[0] = (0.0, 0);
    for start in 0..value.len() {
        let (bits, words) = best[start];
        let mut reach = |end: usize, more: f32, worded: usize| {
            if bits + more < best[end].0 {
                best[end] = (bits + more, words + worded);
            }
        };
        let (length, more) = single(value, start);
        reach(start + length, more, 0);
        let mut key = 0_u64;
        for length in 1..=LONGEST_WORD.min(value.len() - start) {
            let Some(letter) = letter(value[start + length - 1]) else { break };
            key = key << 5 | u64::from(letter);
            if length > 1
                && let Some(cost) = table.get(key)
            {
                let more = cost + casing(&value[start..start + length]);
                reach(start + length, more, if length > 3 { length } else { 0 });
            }
        }
    }
    let (bits, in_words) = best[value.len()];
    Cost { bits, length: value.len(), in_words }
}

/// A number, or one letter or sign: its length and its bits.
fn single(value: &[u8], start: usize) -> (usize, f32) {
    let byte = value[start];
    if byte.is_ascii_digit() {
        let run = value[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        return (run, number(&value[start..start + run]));
    }
    if letter(byte).is_some() {
        return (1, after(value, start) + odd_case(value, start));
    }
    let separator = matches!(byte, b'_' | b'-' | b'.' | b' ' | b'/' | b':');
    let repeated = start > 0 && value[start - 1] == byte;
    (
        1,
        if repeated {
            1.0
        } else if separator {
            2.0
        } else {
            SIGN
        },
    )
}

/// A letter after the two before it.
fn after(value: &[u8], place: usize) -> f32 {
    let code = |back: usize| place.checked_sub(back).and_then(|place| letter(value[place])).map_or(0, usize::from);
    let (one, two, three) = (code(2), code(1), code(0));
    let one = if two == 0 { 0 } else { one };
    f32::from(TRIGRAM[(one * 27 + two) * 27 + three]) / 16.0
}

/// Letters that change their case in the middle of a word cost a bit more.
fn odd_case(value: &[u8], place: usize) -> f32 {
    let before = place.checked_sub(1).map(|place| value[place]);
    match before {
        Some(before) if before.is_ascii_uppercase() && value[place].is_ascii_lowercase() => 0.5,
        Some(before) if before.is_ascii_lowercase() && value[place].is_ascii_uppercase() => 1.0,
        _ => 0.0,
    }
}

/// A word in one case, or with a capital, is as people write it.
fn casing(word: &[u8]) -> f32 {
    let upper = word.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    if upper == 0 || upper == word.len() || (upper == 1 && word[0].is_ascii_uppercase()) { 0.0 } else { 3.0 }
}

/// A number: sequences, repetitions and years cost little.
fn number(digits: &[u8]) -> f32 {
    let mut bits = 3.3;
    for pair in digits.windows(2) {
        let step = i16::from(pair[1]) - i16::from(pair[0]);
        bits += if matches!(step, -1..=1 | 9 | -9) { 0.6 } else { 3.3 };
    }
    let year = digits.len() == 4 && (digits.starts_with(b"20") || digits.starts_with(b"19"));
    if year { 6.0 } else { bits }
}

fn letter(byte: u8) -> Option<u8> {
    byte.is_ascii_alphabetic().then(|| byte.to_ascii_lowercase() - b'a' + 1)
}

/// The words by their keys: open addressing, so that a look-up is one or two reads.
struct Table {
    slots: Vec<(u64, f32)>,
}

impl Table {
    fn get(&self, key: u64) -> Option<f32> {
        let mut slot = place(key);
        while self.slots[slot].0 != 0 {
            if self.slots[slot].0 == key {
                return Some(self.slots[slot].1);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }

    fn insert(&mut self, key: u64, cost: f32) {
        let mut slot = place(key);
        while self.slots[slot].0 != 0 {
            slot = (slot + 1) % SLOTS;
        }
        self.slots[slot] = (key, cost);
    }
}

fn place(key: u64) -> usize {
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    (key.wrapping_mul(SPREAD) >> 48) as usize
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table { slots: vec![(0, 0.0); SLOTS] };
        for line in WORDS.lines() {
            let Some((cost, word)) = line.split_once(' ') else { continue };
            let key = word.bytes().filter_map(letter).fold(0_u64, |key, letter| key << 5 | u64::from(letter));
            table.insert(key, cost.parse::<f32>().unwrap_or(60.0) / 4.0);
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_costs_less_than_chance() {
        for word in ["password", "some_setting_name", "another password", "DatabaseConnectionString", "test123456"] {
            assert!(cost(word.as_bytes()).per_byte() < 2.6, "{word} {:?}", cost(word.as_bytes()));
        }
        for random in ["x7Kq9vLw2Rz4", "qvzhwkxp", "9f8e1c0b7a62", "Zk8#pQ!v"] {
            assert!(cost(random.as_bytes()).per_byte() > 3.2, "{random} {:?}", cost(random.as_bytes()));
        }
    }

    #[test]
    fn any_bytes_have_a_cost() {
        assert!(cost(&[0xff; 300]).bits > 0.0);
        assert!(cost(b"").bits.abs() < f32::EPSILON);
    }
}
