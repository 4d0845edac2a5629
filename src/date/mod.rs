//! Dates as files, exports and keys write them. Reads a text into an instant, a day, a sentinel, or a named mistake; never
//! guesses. What a day or a sentinel means is decided by whoever knows the source.

mod calendar;
mod length;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

pub use calendar::{Precision, add_months, age_days, day_end, day_start};
pub use length::Length;

/// First year that a date may lie in.
const FIRST_YEAR: i32 = 1970;
/// Unix numbers above this are milliseconds: as seconds they would lie beyond the year 5138.
const LARGEST_SECONDS: i64 = 100_000_000_000;
/// Unix numbers above this are microseconds.
const LARGEST_MILLIS: i64 = 100_000_000_000_000;

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// An instant.
    At(DateTime<Utc>),
    /// A day without a time.
    Day(NaiveDate),
    /// A date and time without a zone.
    Local(NaiveDateTime),
    /// Stated to be without end, or never to have happened.
    Never,
    /// A value that vendors write where nothing is set.
    Unset,
}

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// Day and month could be swapped.
    #[error("day and month cannot be told apart: write 2026-11-30")]
    Ambiguous,
    /// The year has two digits.
    #[error("the year has two digits: write 2026-11-30")]
    ShortYear,
    /// Before 1970 or after 9999.
    #[error("the date lies outside the years 1970 to 9999")]
    Range,
    /// A date and time without a zone, where one is needed.
    #[error("the time has no zone: add `Z` or an offset such as `+01:00`")]
    NoZone,
    /// None of the known forms.
    #[error("not a date in any known form: write 2026-11-30 or 2026-11-30T12:00:00Z")]
    Form,
}

/// Reads any of the known forms: RFC 3339 (also with a space), a day, Unix time in seconds to microseconds, RFC 1123,
/// OpenSSL's text, the compact forms of AWS and ASN.1, .NET's `/Date(…)/`, and the sentinels of vendors.
///
/// # Errors
/// The text is none of them, or could be read in two ways.
pub fn read(text: &str) -> Result<Written, Mistake> {
    let text = text.trim();
    if let Some(sentinel) = sentinel(text) {
        return Ok(sentinel);
    }
    if is_number(text) {
        return unix(text.parse().map_err(|_| Mistake::Range)?);
    }
    if let Some(millis) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        let digits = millis.split(['+', '-']).next().unwrap_or(millis);
        return unix_millis(digits.parse().map_err(|_| Mistake::Form)?);
    }
    iso(text).or_else(|| compact(text)).or_else(|| worded(text)).unwrap_or_else(|| Err(slashed(text)))
}

fn sentinel(text: &str) -> Option<Written> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "never" | "forever" | "none" | "null" | "99991231235959z" | "9223372036854775807" | "18446744073709551615" => {
            Some(Written::Never)
        }
        "0" | "n/a" | "no_information" | "not_supported" | "-" => Some(Written::Unset),
        _ if lower.starts_with("9999-12-31") => Some(Written::Never),
        _ if lower.starts_with("0001-01-01") || lower.starts_with("1970-01-01t00:00:00") => Some(Written::Unset),
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    // Fourteen digits are `YYYYMMDDHHMMSS` and eight a day without hyphens: both are read elsewhere.
    !whole.is_empty()
        && whole.len() != 8
        && [whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Unix time whose unit is told by its size.
///
/// # Errors
/// It lies outside the years 1970 to 9999.
pub fn unix(number: f64) -> Result<Written, Mistake> {
    #[allow(clippy::cast_possible_truncation)] // the range is checked, and a fraction below a microsecond says nothing
    let micros = match number {
        number if !(0.0..9.3e18).contains(&number) => return Err(Mistake::Range),
        number if number >= LARGEST_MILLIS as f64 => number as i64,
        number if number >= LARGEST_SECONDS as f64 => (number * 1e3) as i64,
        number => (number * 1e6).round() as i64,
    };
    DateTime::from_timestamp_micros(micros).map_or(Err(Mistake::Range), in_range)
}

fn unix_millis(millis: i64) -> Result<Written, Mistake> {
    DateTime::from_timestamp_millis(millis).map_or(Err(Mistake::Range), in_range)
}

/// Whether a number of Unix time can only be milliseconds or finer, where seconds are prescribed.
pub fn is_finer_than_seconds(number: f64) -> bool {
    number > LARGEST_SECONDS as f64
}

fn in_range(time: DateTime<Utc>) -> Result<Written, Mistake> {
    let year = chrono::Datelike::year(&time);
    if (FIRST_YEAR..=9999).contains(&year) { Ok(Written::At(time)) } else { Err(Mistake::Range) }
}

fn iso(text: &str) -> Option<Result<Written, Mistake>> {
    let day_text = text.get(..10)?;
    let bytes = day_text.as_bytes();
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let day = NaiveDate::parse_from_str(day_text, "%Y-%m-%d").ok()?;
    if !(FIRST_YEAR..=9999).contains(&chrono::Datelike::year(&day)) {
        return Some(Err(Mistake::Range));
    }
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(Ok(Written::Day(day)));
    }
    let rest = rest.strip_prefix(['T', 't', ' ', '_'])?.trim_start();
    let (clock, zone) = split_zone(rest);
    let local = clock_time(clock).and_then(|(time, next)| {
        let day = if next { day.succ_opt()? } else { day };
        Some(day.and_time(time))
    })?;
    Some(with_zone(local, zone))
}

fn with_zone(local: NaiveDateTime, zone: &str) -> Result<Written, Mistake> {
    match zone {
        "" => Ok(Written::Local(local)),
        "Z" | "z" | "UTC" | "GMT" => in_range(local.and_utc()),
        _ => {
            let seconds = offset(zone).ok_or(Mistake::Form)?;
            in_range(local.and_utc().checked_sub_signed(TimeDelta::seconds(seconds)).ok_or(Mistake::Range)?)
        }
    }
}

fn split_zone(text: &str) -> (&str, &str) {
    let at = text.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.' || c == ',')).unwrap_or(text.len());
    (&text[..at], text[at..].trim())
}

/// Hours, minutes, seconds and fraction; whether it is the midnight that ends the day. A leap second is the second
/// before it.
fn clock_time(text: &str) -> Option<(NaiveTime, bool)> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let hour: u32 = number(parts.next()?)?;
    let minute: u32 = number(parts.next()?)?;
    let second: u32 = parts.next().map_or(Some(0), number)?;
    if parts.next().is_some() || fraction.len() > 9 {
        return None;
    }
    let nanos: u32 = format!("{fraction:0<9}").parse().ok()?;
    if (hour, minute, second, nanos) == (24, 0, 0, 0) {
        return Some((NaiveTime::MIN, true));
    }
    let second = if second == 60 { 59 } else { second };
    Some((NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)?, false))
}

fn number(text: &str) -> Option<u32> {
    (text.len() == 2).then(|| text.parse().ok()).flatten()
}

fn offset(zone: &str) -> Option<i64> {
    let (sign, rest) = match zone.as_bytes().first()? {
        b'+' => (1, &zone[1..]),
        b'-' => (-1, &zone[1..]),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4).map_or(Some(0), |text| text.parse().ok())?;
    (hours <= 14 && minutes < 60 && digits.len() <= 4).then_some(sign * (hours * 3600 + minutes * 60))
}

/// `20261130`, `20260314T150926Z`, `20260314150926Z`.
fn compact(text: &str) -> Option<Result<Written, Mistake>> {
    let day = NaiveDate::parse_from_str(text.get(..8)?, "%Y%m%d").ok()?;
    if !text.as_bytes()[..8].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let rest = text[8..].strip_prefix('T').unwrap_or(&text[8..]);
    if rest.is_empty() {
        return Some(Ok(Written::Day(day)));
    }
    let digits = rest.get(..6).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let clock = format!("{}:{}:{}", &digits[..2], &digits[2..4], &digits[4..]);
    let local = day.and_time(clock_time(&clock)?.0);
    Some(with_zone(local, rest[6..].trim()))
}

/// `Mar 14 15:09:26 2026 GMT` and `Sat, 14 Mar 2026 15:09:26 GMT`.
fn worded(text: &str) -> Option<Result<Written, Mistake>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if text.contains(',') && words.get(3).is_some_and(|year| year.len() == 2) {
        return Some(Err(Mistake::ShortYear));
    }
    if let Ok(time) = DateTime::parse_from_rfc2822(text) {
        return Some(in_range(time.to_utc()));
    }
    let [month, day, clock, year, zone] = words[..] else { return None };
    let day = NaiveDate::parse_from_str(&format!("{day} {month} {year}"), "%d %b %Y").ok()?;
    Some(with_zone(day.and_time(clock_time(clock)?.0), zone))
}

fn slashed(text: &str) -> Mistake {
    // A four-digit year in front leaves nothing to swap: such a date does not exist.
    if text.as_bytes().get(..4).is_some_and(|year| year.iter().all(u8::is_ascii_digit)) {
        return Mistake::Form;
    }
    let parts: Vec<&str> =
        text.split_whitespace().next().unwrap_or("").split(['/', '.', '-']).filter(|part| !part.is_empty()).collect();
    let digits = parts.len() == 3 && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    match parts.iter().map(|part| part.len()).max() {
        Some(4) if digits => Mistake::Ambiguous,
        Some(1 | 2) if digits => Mistake::ShortYear,
        _ => Mistake::Form,
    }
}

/// Drops what is finer than a second.
pub fn whole_seconds(time: DateTime<Utc>) -> DateTime<Utc> {
    time.with_nanosecond(0).unwrap_or(time)
}

/// The instant in the one form that keyrot writes.
pub fn show(time: DateTime<Utc>) -> String {
    // Formats are read anew at every use, and long audits write millions of instants.
    let (year, month, day) = (time.year(), time.month(), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    if !(0..=9999).contains(&year) {
        return time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    }
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        match read(text) {
            Ok(Written::At(time)) => time,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_form_of_one_instant() {
        let expected = DateTime::from_timestamp(1_773_500_966, 0).expect("a valid time");
        for text in [
            "2026-03-14T15:09:26Z",
            "2026-03-14T15:09:26+00:00",
            "2026-03-14 15:09:26Z",
            "2026-03-14T16:09:26+01:00",
            "2026-03-14T15:09:26.000000000Z",
            "1773500966",
            "1773500966000",
            "1773500966000000",
            "1773500966.0",
            "Mar 14 15:09:26 2026 GMT",
            "Sat, 14 Mar 2026 15:09:26 GMT",
            "20260314T150926Z",
            "20260314150926Z",
            "/Date(1773500966000)/",
            "2026-03-14T04:09:26-11:00",
            "2026-03-14 15:09:26 UTC",
        ] {
            assert_eq!(instant(text), expected, "{text}");
        }
    }

    #[test]
    fn days_and_sentinels_stay_what_they_are() {
        assert_eq!(read("2026-11-30"), Ok(Written::Day(NaiveDate::from_ymd_opt(2026, 11, 30).unwrap())));
        assert_eq!(read("20261130"), Ok(Written::Day(NaiveDate::from_ymd_opt(2026, 11, 30).unwrap())));
        for text in
            ["never", "Forever", "none", "null", "9999-12-31T23:59:59Z", "99991231235959Z", "18446744073709551615"]
        {
            assert_eq!(read(text), Ok(Written::Never), "{text}");
        }
        for text in ["0", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "N/A", "no_information", "not_supported", "-"]
        {
            assert_eq!(read(text), Ok(Written::Unset), "{text}");
        }
    }

    #[test]
    fn ambiguous_short_and_strange_dates_are_refused() {
        assert_eq!(read("03/04/2026"), Err(Mistake::Ambiguous));
        assert_eq!(read("03.04.2026"), Err(Mistake::Ambiguous));
        assert_eq!(read("03/04/26"), Err(Mistake::ShortYear));
        assert_eq!(read("26-03-14"), Err(Mistake::ShortYear));
        assert_eq!(read("Sat, 14 Mar 50 15:09:26 GMT"), Err(Mistake::ShortYear));
        assert_eq!(read("soon"), Err(Mistake::Form));
        assert_eq!(read("1969-12-31"), Err(Mistake::Range));
        assert_eq!(read("2026-02-30"), Err(Mistake::Form));
        assert_eq!(read("99999999999999999999"), Err(Mistake::Range));
        assert_eq!(read(""), Err(Mistake::Form));
    }

    #[test]
    fn a_time_without_a_zone_is_told_apart() {
        assert!(matches!(read("2026-03-14T15:09:26"), Ok(Written::Local(_))));
    }

    #[test]
    fn leap_seconds_and_the_midnight_that_ends_a_day() {
        assert_eq!(instant("2026-06-30T23:59:60Z"), instant("2026-06-30T23:59:59Z"));
        assert_eq!(instant("2026-06-30T24:00:00Z"), instant("2026-07-01T00:00:00Z"));
        assert!(read("2026-06-30T24:00:01Z").is_err());
    }

    #[test]
    fn seconds_and_milliseconds_are_told_by_size() {
        assert!(!is_finer_than_seconds(1_773_500_966.0));
        assert!(is_finer_than_seconds(1_773_500_966_000.0));
    }
}
