//! Go's regular expressions in the syntax that keyrot's patterns are written in.
//!
//! Both are RE2's family and differ in details: what may be escaped, `\Q…\E`, octal numbers, braces that repeat nothing,
//! brackets inside of brackets, operators between classes. Groups lose their names, which mean something in keyrot's patterns.
//! Source: the syntax page of Go's `regexp/syntax`.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use regex_syntax::hir::{Hir, HirKind};

use crate::rule::SECRET_GROUPS;
use crate::rule::parse::pattern;

/// Which part of a match is the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The group of this number, from one.
    Group(usize),
    /// The first group that holds something; the whole match where there are no groups.
    First,
    /// No part: the pattern is only looked for.
    Unasked,
}

/// Translates a pattern of Go's.
///
/// # Errors
/// What cannot be said in keyrot's syntax.
pub fn translate(go: &str, secret: Secret) -> Result<String, String> {
    let read = Reader::new(go, secret).read()?;
    let hir = pattern::check(&read.out)?;
    match secret {
        Secret::Group(number) if number > read.groups => Err(format!("there is no group {number}")),
        // One that is never empty is always the first.
        Secret::First if read.groups > 1 && first_holds_something(&hir) => {
            Reader::new(go, Secret::Group(1)).read().map(|read| read.out)
        }
        Secret::First if read.groups > SECRET_GROUPS.len() => {
            Err(format!("any of its {} groups may be the secret: `secretGroup` would say which", read.groups))
        }
        _ => Ok(read.out),
    }
}

/// Whether the first group of a pattern is part of every match, and never empty.
fn first_holds_something(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) if capture.index == 1 => {
            capture.sub.properties().minimum_len().is_some_and(|least| least > 0)
        }
        HirKind::Capture(capture) => first_holds_something(&capture.sub),
        HirKind::Concat(parts) => parts.iter().any(first_holds_something),
        HirKind::Alternation(parts) => parts.iter().all(first_holds_something),
        HirKind::Repetition(repeated) => repeated.min > 0 && first_holds_something(&repeated.sub),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

struct Reader<'g> {
    rest: Peekable<Chars<'g>>,
    secret: Secret,
    groups: usize,
    out: String,
}

/// A member of a class: one character, or several by a name.
enum Member {
    One(char),
    Named(String),
}

impl<'g> Reader<'g> {
    fn new(go: &'g str, secret: Secret) -> Self {
        Self { rest: go.chars().peekable(), secret, groups: 0, out: String::new() }
    }

    fn read(mut self) -> Result<Self, String> {
        while let Some(letter) = self.rest.next() {
            match letter {
                '\\' if self.rest.next_if_eq(&'Q').is_some() => self.quoted(),
                '\\' => match self.escape()? {
                    Member::One(letter) => self.literal(letter),
                    Member::Named(class) if is_unicode(&class) => _ = write!(self.out, "(?u:{class})"),
                    Member::Named(class) => self.out.push_str(&class),
                },
                '[' => self.class()?,
                '(' => self.group()?,
                '{' => self.braces(),
                ']' | '}' => self.literal(letter),
                _ => self.out.push(letter),
            }
        }
        Ok(self)
    }

    fn literal(&mut self, letter: char) {
        self.out.push_str(&regex_syntax::escape(letter.encode_utf8(&mut [0; 4])));
    }

    /// `\Q…\E`: every character means itself.
    fn quoted(&mut self) {
        while let Some(letter) = self.rest.next() {
            if letter == '\\' && self.rest.next_if_eq(&'E').is_some() {
                return;
            }
            self.literal(letter);
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<Member, String> {
        let letter = self.rest.next().ok_or("it ends with a backslash")?;
        let named = |class: &str| Ok(Member::Named(format!("\\{class}")));
        match letter {
            '0'..='7' => self.octal(letter),
            'x' => self.hexadecimal(),
            'p' | 'P' => {
                let name = match self.rest.next() {
                    Some('{') => format!("{{{}}}", self.until('}')?),
                    Some(name) => name.to_string(),
                    None => return Err("a class has no name".to_owned()),
                };
                named(&format!("{letter}{name}"))
            }
            'a' => Ok(Member::One('\x07')),
            'f' => Ok(Member::One('\x0C')),
            'n' => Ok(Member::One('\n')),
            'r' => Ok(Member::One('\r')),
            't' => Ok(Member::One('\t')),
            'v' => Ok(Member::One('\x0B')),
            'A' | 'b' | 'B' | 'z' | 'd' | 'D' | 's' | 'S' | 'w' | 'W' => named(letter.encode_utf8(&mut [0; 4])),
            _ if letter.is_alphanumeric() => Err(format!("`\\{letter}` is unknown")),
            _ => Ok(Member::One(letter)),
        }
    }

    fn octal(&mut self, first: char) -> Result<Member, String> {
        let mut digits = first.to_string();
        while let Some(digit) = self.rest.next_if(|next| digits.len() < 3 && ('0'..='7').contains(next)) {
            digits.push(digit);
        }
        if digits.len() == 1 && first != '0' {
            return Err(format!("`\\{first}` refers to a group, which no such engine does"));
        }
        character(&digits, 8)
    }

    fn hexadecimal(&mut self) -> Result<Member, String> {
        let digits =
            if self.rest.next_if_eq(&'{').is_some() { self.until('}')? } else { self.rest.by_ref().take(2).collect() };
        character(&digits, 16)
    }

    fn until(&mut self, end: char) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.rest.next() {
                Some(letter) if letter == end => return Ok(text),
                Some(letter) => text.push(letter),
                None => return Err(format!("`{end}` is missing")),
            }
        }
    }

    /// What follows `(`: a group with or without a name, or flags.
    fn group(&mut self) -> Result<(), String> {
        if self.rest.next_if_eq(&'?').is_none() {
            self.open_group();
            return Ok(());
        }
        let named = self.rest.next_if_eq(&'P').is_some();
        if self.rest.next_if_eq(&'<').is_some() {
            if matches!(self.rest.peek(), Some('=' | '!')) {
                return Err("there is no look-behind".to_owned());
            }
            self.until('>')?;
            self.open_group();
            return Ok(());
        }
        if matches!(self.rest.peek(), Some('=' | '!')) {
            return Err("there is no look-ahead".to_owned());
        }
        if named {
            return Err("`(?P` needs a name".to_owned());
        }
        self.out.push_str("(?");
        for flag in self.rest.by_ref() {
            match flag {
                'i' | 'm' | 's' | 'U' | '-' => self.out.push(flag),
                ':' | ')' => {
                    self.out.push(flag);
                    return Ok(());
                }
                _ => return Err(format!("the flag `{flag}` is unknown")),
            }
        }
        Err("`)` is missing".to_owned())
    }

    fn open_group(&mut self) {
        self.groups += 1;
        let name = match self.secret {
            Secret::Group(number) if number == self.groups => Some("secret"),
            Secret::First => SECRET_GROUPS.get(self.groups - 1).copied(),
            Secret::Group(_) | Secret::Unasked => None,
        };
        match name {
            Some(name) => _ = write!(self.out, "(?P<{name}>"),
            None => self.out.push_str("(?:"),
        }
    }

    /// `{`: it repeats, or it means itself.
    fn braces(&mut self) {
        let inner: String = self.rest.clone().take_while(|letter| *letter != '}').collect();
        let closed = self.rest.clone().nth(inner.chars().count()) == Some('}');
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let repeats = match inner.split_once(',') {
            Some((least, most)) => number(least) && (most.is_empty() || number(most)),
            None => number(&inner),
        };
        if closed && repeats {
            self.out.push('{');
            self.out.extend(self.rest.by_ref().take(inner.chars().count() + 1));
        } else {
            self.literal('{');
        }
    }

    /// A class in brackets. Brackets and `&&`, `--`, `~~` inside of it mean nothing special in Go.
    fn class(&mut self) -> Result<(), String> {
        let mut class = String::from("[");
        if self.rest.next_if_eq(&'^').is_some() {
            class.push('^');
        }
        let mut unicode = false;
        let mut first = true;
        loop {
            let letter = self.rest.next().ok_or("`]` is missing")?;
            if letter == ']' && !first {
                break;
            }
            first = false;
            let start = match self.member(letter)? {
                Member::One(start) => start,
                Member::Named(name) => {
                    unicode |= is_unicode(&name);
                    class.push_str(&name);
                    continue;
                }
            };
            unicode |= !start.is_ascii();
            push_member(&mut class, start);
            let mut ahead = self.rest.clone();
            if ahead.next() == Some('-') && !matches!(ahead.peek(), Some(']') | None) {
                self.rest = ahead;
                let letter = self.rest.next().ok_or("`]` is missing")?;
                let Member::One(end) = self.member(letter)? else { return Err("a range ends with a class".to_owned()) };
                unicode |= !end.is_ascii();
                class.push('-');
                push_member(&mut class, end);
            }
        }
        class.push(']');
        if unicode {
            _ = write!(self.out, "(?u:{class})");
        } else {
            self.out.push_str(&class);
        }
        Ok(())
    }

    fn member(&mut self, letter: char) -> Result<Member, String> {
        if letter == '[' && self.rest.peek() == Some(&':') {
            let mut ahead = self.rest.clone();
            let name: String = ahead.by_ref().skip(1).take_while(|letter| *letter != ':').collect();
            if ahead.next() == Some(']') {
                self.rest = ahead;
                return Ok(Member::Named(format!("[:{name}:]")));
            }
        }
        if letter == '\\' { self.escape() } else { Ok(Member::One(letter)) }
    }
}

/// Whether a class is one of Unicode's properties.
fn is_unicode(class: &str) -> bool {
    class.starts_with(r"\p") || class.starts_with(r"\P")
}

fn push_member(class: &mut String, letter: char) {
    if letter.is_ascii_control() {
        _ = write!(class, "\\x{:02x}", u32::from(letter));
        return;
    }
    if matches!(letter, '\\' | '[' | ']' | '^' | '-' | '&' | '~') {
        class.push('\\');
    }
    class.push(letter);
}

fn character(digits: &str, radix: u32) -> Result<Member, String> {
    let number = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    number.map(Member::One).ok_or_else(|| format!("`{digits}` is no character"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go(pattern: &str) -> String {
        translate(pattern, Secret::First).unwrap_or_else(|error| format!("error: {error}"))
    }

    fn finds(pattern: &str, text: &str) -> bool {
        let read = translate(pattern, Secret::Unasked).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        regex::bytes::RegexBuilder::new(&read).unicode(false).build().unwrap().is_match(text.as_bytes())
    }

    #[test]
    fn the_secret_is_the_group_that_is_named_or_the_first() {
        assert_eq!(go("acme_[0-9]+"), "acme_[0-9]+");
        assert_eq!(go("(?i)acme=(?:x)?([a-f0-9]{32})"), "(?i)acme=(?:x)?(?P<secret>[a-f0-9]{32})");
        assert_eq!(translate("(?P<user>a)(b)", Secret::Group(2)).unwrap(), "(?:a)(?P<secret>b)");
        assert_eq!(translate("a", Secret::Group(1)).unwrap_err(), "there is no group 1");
    }

    #[test]
    fn where_several_groups_may_be_the_secret_the_first_that_holds_something_is() {
        assert_eq!(go("k=(a)|k=(b)"), "k=(?P<secret>a)|k=(?P<secret2>b)");
        assert_eq!(go("k=(a)(b)?"), "k=(?P<secret>a)(?:b)?");
        assert!(go(&"(a)?".repeat(10)).starts_with("error: any of its 10 groups"));
    }

    #[test]
    fn details_of_go_keep_their_meaning() {
        assert!(finds(r"\Qa.b[\E\d", "a.b[1") && !finds(r"\Qa.b\E", "axb"));
        assert!(finds(r"\${[a-z]+}", "${name}"));
        assert!(finds(r"a{,3}", "a{,3}") && !finds(r"^a{,3}$", "aa"));
        assert!(finds(r"^\<a\>$", "<a>"));
        assert!(finds(r"^[[a]+$", "[a") && finds(r"^[]a]+$", "a]"));
        assert!(finds(r"^[a&&b]+$", "a&b") && finds(r"^[~~]$", "~"));
        assert!(finds(r"^[+--]+$", "+,-") && !finds(r"^[+--]$", "."));
        assert!(finds(r"^[\w-]+$", "a-b") && finds(r"^[a\-z]+$", "a-z") && !finds(r"^[a\-z]+$", "b"));
        assert!(finds(r"^\x41\101\x{42}$", "AAB"));
        assert!(finds(r"^[[:alpha:]\x60'\x22]+$", "a`'\""));
        assert!(finds(r"^\pL[é]$", "éé"));
        assert!(finds("^a b#c$", "a b#c"));
        assert!(finds(r"[\s'\x60]\n", "`\n"));
    }

    #[test]
    fn what_cannot_be_said_is_an_error() {
        assert_eq!(go("(?=a)"), "error: there is no look-ahead");
        assert_eq!(go("(?<!a)b"), "error: there is no look-behind");
        assert_eq!(go(r"(a)\1"), "error: `\\1` refers to a group, which no such engine does");
        assert_eq!(go(r"a\Z"), "error: `\\Z` is unknown");
        assert_eq!(go("[a"), "error: `]` is missing");
        assert!(go("(a").starts_with("error: "));
    }
}
