//! Lengths of time as policies and exports write them: `90d`, `6mo`, `P30D`, `720h0m0s`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

use super::calendar::add_months;

/// Calendar months plus seconds. Months are never turned into days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Length {
    /// Calendar months.
    pub months: u32,
    /// Seconds; days are 24 hours.
    pub seconds: i64,
}

impl Length {
    /// A number of calendar months.
    pub const fn months(months: u32) -> Self {
        Self { months, seconds: 0 }
    }

    /// A number of days of 24 hours.
    pub const fn days(days: i64) -> Self {
        Self { months: 0, seconds: days * 86_400 }
    }

    /// The instant this long after `start`; none beyond the calendar.
    pub fn after(self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        add_months(start, self.months)?.checked_add_signed(TimeDelta::try_seconds(self.seconds)?)
    }

    /// Half of it, in which a month becomes 15 days: for limits that are halved for powerful keys.
    #[must_use]
    pub fn halved(self) -> Self {
        let odd = i64::from(self.months % 2);
        Self { months: self.months / 2, seconds: self.seconds / 2 + odd * 15 * 86_400 }
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self.months == 0 && self.seconds == 0
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: i64| if count == 1 { "" } else { "s" };
        let (days, rest) = (self.seconds / 86_400, self.seconds % 86_400);
        let mut parts = Vec::new();
        if self.months > 0 {
            parts.push(format!("{} month{}", self.months, plural(self.months.into())));
        }
        if days != 0 {
            parts.push(format!("{days} day{}", plural(days)));
        }
        if rest != 0 || parts.is_empty() {
            let (count, unit) = match (rest % 3600, rest % 60) {
                (0, _) => (rest / 3600, "hour"),
                (_, 0) => (rest / 60, "minute"),
                _ => (rest, "second"),
            };
            parts.push(format!("{count} {unit}{}", plural(count)));
        }
        f.write_str(&parts.join(" "))
    }
}

/// The text is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a length of time: write 90d, 6mo, 12h or P6M")]
pub struct NotALength;

impl FromStr for Length {
    type Err = NotALength;

    fn from_str(text: &str) -> Result<Self, NotALength> {
        let text = text.trim();
        let read = match text.strip_prefix(['P', 'p']) {
            Some(rest) => iso(rest),
            None => units(text, |unit| match unit {
                "y" | "year" | "years" => Some((12, 0)),
                "mo" | "month" | "months" => Some((1, 0)),
                "w" | "week" | "weeks" => Some((0, 604_800)),
                "d" | "day" | "days" => Some((0, 86_400)),
                "h" | "hour" | "hours" => Some((0, 3600)),
                "m" | "min" => Some((0, 60)),
                "s" | "sec" => Some((0, 1)),
                _ => None,
            }),
        };
        read.ok_or(NotALength)
    }
}

fn iso(text: &str) -> Option<Length> {
    let (date, time) = text.split_once(['T', 't']).unwrap_or((text, ""));
    let date_part = units(date, |unit| match unit.to_ascii_uppercase().as_str() {
        "Y" => Some((12, 0)),
        "M" => Some((1, 0)),
        "W" => Some((0, 604_800)),
        "D" => Some((0, 86_400)),
        _ => None,
    });
    let time_part = units(time, |unit| match unit.to_ascii_uppercase().as_str() {
        "H" => Some((0, 3600)),
        "M" => Some((0, 60)),
        "S" => Some((0, 1)),
        _ => None,
    });
    match (date_part, time_part, date.is_empty(), time.is_empty()) {
        (Some(date), None, _, true) => Some(date),
        (None, Some(time), true, _) => Some(time),
        (Some(date), Some(time), ..) => {
            Some(Length { months: date.months, seconds: date.seconds.checked_add(time.seconds)? })
        }
        _ => None,
    }
}

/// `12h30m` with the given units.
fn units(text: &str, unit: impl Fn(&str) -> Option<(u32, i64)>) -> Option<Length> {
    let mut length = Length { months: 0, seconds: 0 };
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: i64 = rest[..digits].parse().ok()?;
        let tail = rest[digits..].trim_start();
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (months, seconds) = unit(tail[..end].trim_end())?;
        length.months = length.months.checked_add(months.checked_mul(u32::try_from(count).ok()?)?)?;
        length.seconds = length.seconds.checked_add(seconds.checked_mul(count)?)?;
        rest = &tail[end..];
    }
    (!text.is_empty()).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_policies_and_exports() {
        for (text, expected) in [
            ("90d", Length::days(90)),
            ("6mo", Length::months(6)),
            ("1y", Length::months(12)),
            ("P30D", Length::days(30)),
            ("P6M", Length::months(6)),
            ("PT1H", Length { months: 0, seconds: 3600 }),
            ("720h0m0s", Length::days(30)),
            ("0s", Length::days(0)),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["", "P", "PT", "90", "d", "6 moons", "-3d"] {
            assert!(text.parse::<Length>().is_err(), "{text}");
        }
    }

    #[test]
    fn shown_as_people_say_it() {
        assert_eq!(Length::months(6).to_string(), "6 months");
        assert_eq!(Length::days(1).to_string(), "1 day");
        assert_eq!(Length { months: 0, seconds: 7200 }.to_string(), "2 hours");
        assert_eq!(Length::months(3).halved().to_string(), "1 month 15 days");
    }
}
