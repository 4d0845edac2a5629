//! Pairs of a user half and a pass half, in every form they are written in.
//!
//! Keywords announce a family of forms in the same pass that announces rules. The family's hand-written grammar then
//! reads the text around the hit; each looks at a bounded stretch, so that the whole stays linear. What it finds is a
//! [`Pair`]: spans of the halves as they are written, and their decoded values, on which `judge` decides.

mod assignment;
mod call;
mod command;
mod connection;
pub mod decode;
mod encoder;
mod header;
mod host;
mod judge;
mod known;
mod lexer;
mod name;
mod nearby;
mod path;
mod record;
mod registry;
mod report;
mod sample;
mod sibling;
mod single;
mod spoken;
mod sql;
mod store;
mod tool;
mod transport;
pub(in crate::scan) mod tuple;
mod url;
mod variable;
mod word;
mod worth;

pub use judge::{Rules, Verdict};
pub use nearby::Nearby;

use crate::finding::Span;
use crate::secret::Secret;

/// The class of the fingerprints of generic pairs and halves.
pub const CLASS: &str = "user-pass-pair";

/// How much the form alone says that a pair stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// The same form often holds something else: the values must look random.
    Low,
    /// A place for credentials, often filled with samples.
    Medium,
    /// Nothing but a credential stands in this place.
    High,
}

/// A form, as a report names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// What a report calls it, in kebab-case.
    pub name: &'static str,
    /// What it is worth as evidence.
    pub trust: Trust,
}

impl Form {
    /// A form of which nothing but credentials are made.
    pub const fn sure(name: &'static str) -> Self {
        Self { name, trust: Trust::High }
    }

    /// A form made for credentials and much used for samples.
    pub const fn likely(name: &'static str) -> Self {
        Self { name, trust: Trust::Medium }
    }

    /// A form that other things share.
    pub const fn vague(name: &'static str) -> Self {
        Self { name, trust: Trust::Low }
    }
}

/// One half: where it is written, and what it says when percent-encoding, escapes, entities and base64 are undone.
#[derive(Clone, Debug)]
pub struct Half {
    /// Where it stands in the text.
    pub span: Span,
    /// Its decoded value.
    pub value: Secret,
}

impl Half {
    /// A half and its decoded value.
    pub fn new(span: Span, value: &[u8]) -> Self {
        Self { span, value: Secret::new(&decode::entities(value)) }
    }

    /// The decoded bytes.
    pub fn bytes(&self) -> &[u8] {
        self.value.expose()
    }
}

/// What a grammar read.
#[derive(Clone, Debug)]
pub struct Pair {
    /// In which form.
    pub form: Form,
    /// The user half; none where it is missing, empty or not written out.
    pub user: Option<Half>,
    /// The pass half.
    pub pass: Half,
    /// The host that the form itself names.
    pub host: Option<String>,
    /// The assignment name that holds the pass half.
    pub slot: Option<String>,
    /// An address that sends the pair in clear text.
    pub cleartext: Option<Span>,
    /// A switch in the same call that turns certificate checks off.
    pub unchecked: Option<Span>,
    /// Whether the form was read with everything that belongs to it: what stands near is not its own.
    pub complete: bool,
    /// Whether both halves are one stretch of text with a separator between them.
    pub joined: bool,
}

impl Pair {
    /// A pair of which nothing but its halves is known.
    pub fn new(form: Form, user: Option<Half>, pass: Half) -> Self {
        let user = user.filter(|user| !user.value.is_empty());
        // Some services take the key as the user half, and fix the other one.
        let (user, pass) = match user {
            Some(key) if known::is_fixed_pass(pass.bytes()) => (None, key),
            user => (user, pass),
        };
        let joined = user.as_ref().is_some_and(|user| {
            user.span.end <= pass.span.start + 1
                && pass.span.start <= user.span.end + 1
                && user.span.start < pass.span.end
        });
        Self { form, user, pass, host: None, slot: None, cleartext: None, unchecked: None, complete: false, joined }
    }

    /// Splits `u:p` at its first colon.
    pub fn split(form: Form, word: &word::Word) -> Option<Self> {
        let colon = word.bytes.iter().position(|&byte| byte == b':')?;
        let user = Half::new(word.span(0, colon), &word.bytes[..colon]);
        if colon + 1 == word.bytes.len() {
            // The key may stand alone before the colon.
            return user.value.len().gt(&0).then(|| Self::new(form, None, user));
        }
        let pass = Half::new(word.span(colon + 1, word.bytes.len()), &word.bytes[colon + 1..]);
        Some(Self::new(form, Some(user), pass))
    }

    /// The bytes that are the key: of a joined pair both halves, else the pass half.
    pub fn secret(&self) -> Span {
        match &self.user {
            Some(user) if self.joined => Span::new(user.span.start, self.pass.span.end),
            _ => self.pass.span,
        }
    }

    /// The user half that a report must not show either: all but a provider's mark.
    pub fn hidden_user(&self) -> Option<Span> {
        self.user.as_ref().filter(|user| !known::is_mark(user.bytes())).map(|user| user.span)
    }

    /// The stretch that a report points at: both halves if they stand on one line.
    pub fn place(&self, text: &[u8]) -> Span {
        const NEAR: usize = 160;
        let Some(user) = &self.user else { return self.pass.span };
        let whole = Span::new(user.span.start.min(self.pass.span.start), user.span.end.max(self.pass.span.end));
        if whole.len() <= NEAR && !whole.of(text).contains(&b'\n') { whole } else { self.pass.span }
    }

    /// Moves every span behind the bytes that stand before what was read.
    pub fn move_by(&mut self, bytes: usize) {
        let halves = self.user.iter_mut().map(|user| &mut user.span).chain([&mut self.pass.span]);
        for span in halves.chain(&mut self.cleartext).chain(&mut self.unchecked) {
            *span = Span::new(span.start + bytes, span.end + bytes);
        }
    }

    /// The whole value: `user:pass`, or the pass half alone.
    pub fn value(&self) -> Secret {
        match &self.user {
            Some(user) => Secret::new(&[user.bytes(), b":", self.pass.bytes()].concat()),
            None => self.pass.value.clone(),
        }
    }
}

/// A text and its path.
#[derive(Clone, Copy)]
pub struct Site<'t> {
    /// The text.
    pub text: &'t [u8],
    /// Its path, with `/`.
    pub path: &'t str,
    /// How it writes its literals.
    syntax: path::Syntax,
    /// Where a stretch begins in its text.
    base: usize,
    /// The names that searches for siblings share.
    nearby: Option<&'t Nearby>,
}

impl<'t> Site<'t> {
    /// A text; what its path says about its syntax is worked out once.
    pub fn new(text: &'t [u8], path: &'t str) -> Self {
        Self { text, path, syntax: path::syntax(path), base: 0, nearby: None }
    }

    /// The same; what is seen around one keyword is kept for the next.
    #[must_use]
    pub fn sharing(self, nearby: &'t Nearby) -> Self {
        Self { nearby: Some(nearby), ..self }
    }

    /// The stretch of the text that begins at `base`.
    pub fn stretch<'s>(self, text: &'s [u8], base: usize) -> Site<'s>
    where
        't: 's,
    {
        Site { text, base, ..self }
    }
}

/// Reads what stands around a keyword.
pub type Grammar = fn(Site<'_>, Span, &mut Vec<Pair>);

/// How far around a keyword any grammar reads, in bytes.
pub const REACH: usize = 4096;

/// Every family with the keywords that announce it, in lower case.
pub const FAMILIES: &[(Grammar, &[&str])] = &[
    (url::read, url::KEYWORDS),
    (url::read_driver, url::DRIVER_KEYWORDS),
    (command::read, command::KEYWORDS),
    (header::read, header::KEYWORDS),
    (encoder::read, encoder::KEYWORDS),
    (call::read, call::KEYWORDS),
    (connection::read, connection::KEYWORDS),
    (sibling::read, sibling::KEYWORDS),
    (sibling::read, assignment::LISTED_KEYWORDS),
    (record::read_netrc, record::NETRC_KEYWORDS),
    (record::read_pgpass, record::PGPASS_KEYWORDS),
    (registry::read, registry::KEYWORDS),
    (single::read, single::KEYWORDS),
    (sql::read, sql::KEYWORDS),
    (spoken::read, spoken::KEYWORDS),
];

/// Reads files that hold nothing but pairs and announce it by their name.
pub fn read_by_path(site: Site<'_>, found: &mut Vec<Pair>) {
    record::read_by_path(site, found);
}

/// Whether [`read_by_path`] reads a file of this name.
pub fn is_read_by_path(name: &str) -> bool {
    record::is_read_by_path(name)
}
