//! One HTML file that needs nothing else: no script, style, font or picture from outside, and a policy that forbids them.
//! It reads without its script, in print, in light and dark; every text that comes from a scanned file is escaped.

mod chart;
mod key;

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::{RenderOptions, Report, Status, wording};
use crate::finding::Severity;
use key::Key;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// One document.
pub(super) fn render(report: &Report, options: &RenderOptions, out: &mut dyn Write) -> io::Result<()> {
    let keys = key::all(report, options);
    write!(out, "{}", head())?;
    write!(out, "{}", title(report, options))?;
    write!(out, "<main id=\"main\">\n{}{}", verdict(report), cards(report, &keys))?;
    if !keys.is_empty() {
        write!(out, "{}", chart::panels(report, &keys))?;
    }
    write!(out, "{}", key::table(report, &keys))?;
    write!(out, "{}</main>\n{}", coverage(report), footer())
}

fn head() -> String {
    let hash = data_encoding::BASE64.encode(&Sha256::digest(SCRIPT));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'sha256-{hash}'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>keyrot: exposed keys</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n"
    )
}

fn title(report: &Report, options: &RenderOptions) -> String {
    let mut facts = vec![format!("As of {}", report.now.format("%-d %B %Y, %H:%M UTC"))];
    if let Some(from) = &options.provenance {
        facts.push(escape(&from.repository));
        facts.extend(from.branch.as_deref().map(|branch| format!("branch {}", escape(branch))));
        facts.extend(from.revision.as_deref().map(|id| format!("commit {}", escape(id.get(..12).unwrap_or(id)))));
    }
    facts.push(format!("keyrot {}", wording::VERSION));
    let facts: String = facts.iter().map(|fact| format!("<span>{fact}</span>")).collect();
    format!("<header>\n<h1>Exposed keys</h1>\n<p class=\"facts\">{facts}</p>\n</header>\n")
}

fn verdict(report: &Report) -> String {
    let (class, text) = match report.status() {
        Status::Clean if report.findings.is_empty() => ("", "No exposed key was found."),
        Status::Clean => ("", "Nothing fails the run."),
        Status::Findings => (" bad", "Keys stand exposed: each must be revoked and replaced, not only deleted."),
        Status::Incomplete => (" partial", "Something could not be read: this report is partial."),
        Status::Empty => (" partial", "Nothing was scanned."),
    };
    format!("<p class=\"verdict{class}\"><strong>{text}</strong> {}.</p>\n", escape(&capital(&report.summary())))
}

fn capital(text: &str) -> String {
    text.get(..1).unwrap_or_default().to_uppercase() + text.get(1..).unwrap_or_default()
}

fn cards(report: &Report, keys: &[Key<'_>]) -> String {
    let count = |severity: Severity| keys.iter().filter(|key| key.severity() == severity).count();
    let mut cards = vec![
        (String::new(), keys.len().to_string(), "keys".to_owned()),
        (String::new(), report.findings.len().to_string(), "places".to_owned()),
    ];
    for severity in Severity::ALL.into_iter().rev() {
        cards.push((severity.name().to_owned(), count(severity).to_string(), severity.name().to_owned()));
    }
    cards.push((String::new(), report.suppressed.len().to_string(), "suppressed".to_owned()));
    cards.push((String::new(), report.coverage.files.to_string(), "files scanned".to_owned()));
    let cards: String = cards
        .iter()
        .map(|(class, number, name)| {
            let class = if number == "0" { "soft" } else { class };
            format!("<div class=\"card\"><b class=\"{class}\">{number}</b><span>{name}</span></div>\n")
        })
        .collect();
    format!("<div class=\"cards\">\n{cards}</div>\n")
}

fn coverage(report: &Report) -> String {
    let mut text = String::new();
    if !report.notices.is_empty() {
        let notices: String = report.notices.iter().map(|notice| format!("<li>{}</li>\n", escape(notice))).collect();
        text.push_str(&format!("<section class=\"panel\"><h2>Notices</h2><ul>\n{notices}</ul></section>\n"));
    }
    if !report.skipped.is_empty() {
        let row = |skip: &crate::finding::Skip| {
            let size = skip.bytes.map(super::size).unwrap_or_default();
            format!(
                "<tr><td><code>{}</code></td><td>{}</td><td class=\"n\">{size}</td></tr>\n",
                escape(&skip.origin.to_string()),
                escape(&skip.reason.to_string())
            )
        };
        let (failures, others): (Vec<_>, Vec<_>) = report.skipped.iter().partition(|skip| skip.reason.is_failure());
        let rows: String = failures.into_iter().chain(others).map(row).collect();
        text.push_str(&format!(
            "<section class=\"panel\"><details{}><summary>Not scanned: {}</summary><div class=\"scroll\"><table>\
             <thead><tr><th scope=\"col\">What</th><th scope=\"col\">Why</th><th scope=\"col\">Size</th></tr></thead>\
             <tbody>\n{rows}</tbody></table></div></details></section>\n",
            if report.is_complete() { "" } else { " open" },
            wording::counted(report.skipped.len(), "input", "inputs"),
        ));
    }
    text
}

fn footer() -> String {
    format!(
        "<footer>Made offline by keyrot {}. Values are masked; dates that a key states about itself are claims, and dates \
         of commits are what committers stated. What is unknown is shown as unknown.</footer>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n",
        wording::VERSION
    )
}

/// Text that is neither a tag nor the end of an attribute. Control characters are shown as what they are.
pub(super) fn escape(text: &str) -> String {
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
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("http") && !text.contains("url(") && !text.contains("@import"));
            assert!(!text.contains("</"), "an end tag would end the element");
        }
    }
}
