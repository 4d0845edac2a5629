//! The two axes of a finding: how bad it is (severity) and how sure keyrot is (confidence).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How bad it is if the finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; never fails a run.
    Info,
    /// Public or test keys; hygiene.
    Low,
    /// A limited key, or one half of one.
    Medium,
    /// An ordinary live credential.
    High,
    /// Control of an account, money or a cloud.
    Critical,
}

/// How sure keyrot is that the finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// For an auditor who wants to see everything.
    Low,
    /// The default: worth stopping a commit for.
    Medium,
    /// A distinctive format or place.
    High,
    /// An offline check of the value itself (checksum, structure) passed.
    VeryHigh,
}

impl Severity {
    /// All severities, lowest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The kebab-case name used in every file and report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// One step lower; `info` stays.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium => Self::Low,
            Self::Low | Self::Info => Self::Info,
        }
    }

    /// One step higher; `critical` stays.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Info => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }
}

impl Confidence {
    /// All confidences, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::VeryHigh];

    /// The kebab-case name used in every file and report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::VeryHigh => "very-high",
        }
    }

    /// One step lower; `low` stays.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::VeryHigh => Self::High,
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

/// The text is none of the known names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {expected}")]
pub struct UnknownName {
    /// The names that would have been accepted, comma-separated.
    pub expected: String,
}

macro_rules! named {
    ($type:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL
                    .into_iter()
                    .find(|value| value.name() == text)
                    .ok_or_else(|| UnknownName { expected: Self::ALL.map(|value| value.name()).join(", ") })
            }
        }
    };
}

named!(Severity);
named!(Confidence);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for severity in Severity::ALL {
            assert_eq!(severity.name().parse(), Ok(severity));
        }
        for confidence in Confidence::ALL {
            assert_eq!(confidence.name().parse(), Ok(confidence));
        }
        assert!("High".parse::<Severity>().is_err());
    }

    #[test]
    fn steps_stop_at_the_ends() {
        assert_eq!(Severity::Info.lowered(), Severity::Info);
        assert_eq!(Severity::Critical.raised(), Severity::Critical);
        assert_eq!(Severity::Low.raised(), Severity::Medium);
        assert_eq!(Confidence::Low.lowered(), Confidence::Low);
    }
}
