//! CWE entries that a rule stands for. Consumers sort reports by them: GitLab calls a report secret detection only if it
//! names one of 798, 259, 321, 522, 312, 319, 256, 257 or 540, so that 798 or 321 is always among them.

use crate::rule::{Definition, Kind};

/// One entry of the Common Weakness Enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Weakness {
    /// Its number.
    pub(super) number: u16,
    /// Its name, as MITRE writes it.
    pub(super) name: &'static str,
}

const CREDENTIALS: Weakness = Weakness { number: 798, name: "Use of Hard-coded Credentials" };
const PASSWORD: Weakness = Weakness { number: 259, name: "Use of Hard-coded Password" };
const KEY: Weakness = Weakness { number: 321, name: "Use of Hard-coded Cryptographic Key" };
const PROTECTED: Weakness = Weakness { number: 522, name: "Insufficiently Protected Credentials" };
const AGING: Weakness = Weakness { number: 263, name: "Password Aging with Long Expiration" };
const EXPIRED: Weakness = Weakness { number: 324, name: "Use of a Key Past its Expiration Date" };

/// All of them, in the order of the taxonomy.
pub(super) const ALL: [Weakness; 6] = [PASSWORD, AGING, KEY, EXPIRED, PROTECTED, CREDENTIALS];

/// What a rule stands for, the most telling first.
pub(super) fn of(rule: &Definition) -> &'static [Weakness] {
    match rule.kind {
        Kind::Password => &[CREDENTIALS, PASSWORD],
        Kind::ConnectionString => &[CREDENTIALS, PROTECTED],
        Kind::PrivateKey => &[KEY, CREDENTIALS],
        Kind::Certificate => &[KEY, EXPIRED],
        Kind::Audit if rule.id.contains("expir") || rule.id.contains("end") => &[CREDENTIALS, EXPIRED],
        Kind::Audit => &[CREDENTIALS, AGING],
        Kind::Token | Kind::Pair | Kind::Webhook | Kind::Id => &[CREDENTIALS],
    }
}

impl Weakness {
    /// `CWE-798`.
    pub(super) fn id(self) -> String {
        format!("CWE-{}", self.number)
    }

    /// Its page.
    pub(super) fn url(self) -> String {
        format!("https://cwe.mitre.org/data/definitions/{}.html", self.number)
    }
}
