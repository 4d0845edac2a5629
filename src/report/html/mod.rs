//! One HTML file that needs nothing else: no script, style, font or picture from outside, and a policy that forbids them.
//! It reads without its script, in print, in light and dark; every text that comes from a scanned file is escaped.

mod chart;
mod coverage;
mod detail;
mod guide;
mod overview;
mod table;

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::key::{self, Key};
use super::{RenderOptions, Report, wording};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// Before anything is laid out: what the script folds is folded from the start, which thousands of keys need.
const EARLY: &str = "document.documentElement.classList.add('js')";

/// One document.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let mut keys = key::all(report, options);
    keys.sort_by_key(|key| std::cmp::Reverse(key.severity()));
    write!(out, "{}", head())?;
    write!(out, "{}", overview::title(report, options))?;
    write!(out, "<main id=\"main\">\n{}", overview::verdict(report, &keys))?;
    if !keys.is_empty() {
        write!(out, "{}{}", overview::tiles(report, &keys), chart::panels(report, &keys))?;
    }
    table::write(out, report, &keys)?;
    write!(out, "{}{}</main>\n{}", guide::section(&keys), coverage::sections(report), footer())
}

fn head() -> String {
    let hash = |script: &str| data_encoding::BASE64.encode(&Sha256::digest(script));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'sha256-{}' 'sha256-{}'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>keyrot: key report</title>\n\
         <script>{EARLY}</script>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n",
        hash(EARLY),
        hash(SCRIPT)
    )
}

fn footer() -> String {
    format!(
        "<footer>Made offline by keyrot {}. Values are masked; dates that a key states about itself are claims, and dates \
         of commits are what committers stated. What is unknown is shown as unknown.</footer>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n",
        wording::VERSION
    )
}

/// Digits in groups of three.
fn number(count: impl TryInto<u64>) -> String {
    let digits = count.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// `1 key`, `2 keys`, `12 345 keys`.
fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", number(count)) }
}

/// A length of time as people say it.
fn span(days: i64) -> String {
    let (years, days) = (days / 365, days % 365);
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    match years {
        0 => counted(count(days), "day", "days"),
        1..3 if days >= 31 => {
            format!("{} {}", counted(count(years), "year", "years"), counted(count(days / 31), "month", "months"))
        }
        _ => counted(count(years), "year", "years"),
    }
}

/// Text that is neither a tag nor the end of an attribute. Control characters are shown as what they are.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' => escaped.push(' '),
            letter if letter.is_control() || super::text::is_bidirectional(letter) => {
                escaped.push_str(&letter.escape_unicode().to_string());
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scanned_text_cannot_become_markup() {
        assert_eq!(escape("<a b='\"'>&\u{1b}\u{202e}"), "&lt;a b=&#39;&quot;&#39;&gt;&amp;\\u{1b}\\u{202e}");
    }

    #[test]
    fn nothing_is_loaded_from_outside() {
        for text in [STYLE, SCRIPT, EARLY] {
            assert!(!text.contains("http") && !text.contains("url(") && !text.contains("@import"));
            assert!(!text.contains("</"), "an end tag would end the element");
        }
    }

    #[test]
    fn numbers_and_spans_read_well() {
        assert_eq!([number(7_u64), number(1_234_567_u64)], ["7", "1\u{202f}234\u{202f}567"]);
        assert_eq!(
            [1, 364, 400, 900, 2_600].map(span),
            ["1 day", "364 days", "1 year 1 month", "2 years 5 months", "7 years"]
        );
    }
}
