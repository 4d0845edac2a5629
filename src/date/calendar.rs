//! Arithmetic on instants: calendar months with clamping, whole days of 24 hours.

use chrono::{DateTime, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

/// How exactly an instant is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// To the second.
    #[default]
    Exact,
    /// The source states a day only.
    Day,
}

/// `time` plus calendar months: the day is clamped to the length of the month (31 August + 6 = 28 or 29 February).
/// None where it would leave the calendar.
pub fn add_months(time: DateTime<Utc>, months: u32) -> Option<DateTime<Utc>> {
    time.checked_add_months(Months::new(months))
}

/// Whole days of 24 hours from `then` to `now`; negative if `then` lies ahead.
pub fn age_days(now: DateTime<Utc>, then: DateTime<Utc>) -> i64 {
    (now - then).num_seconds().div_euclid(86_400)
}

/// 00:00:00Z of the day.
pub fn day_start(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// The instant at which the day is over: 00:00:00Z of the next one.
pub fn day_end(day: NaiveDate) -> DateTime<Utc> {
    day_start(day) + TimeDelta::days(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i32, month: u32, day: u32) -> DateTime<Utc> {
        day_start(NaiveDate::from_ymd_opt(year, month, day).unwrap())
    }

    #[test]
    fn months_are_clamped() {
        assert_eq!(add_months(at(2026, 8, 31), 6), Some(at(2027, 2, 28)));
        assert_eq!(add_months(at(2027, 8, 31), 6), Some(at(2028, 2, 29)));
        assert_eq!(add_months(at(2028, 2, 29), 12), Some(at(2029, 2, 28)));
        assert_eq!(add_months(at(2026, 5, 1), 6), Some(at(2026, 11, 1)));
    }

    #[test]
    fn ages_are_whole_days_of_24_hours() {
        let now = at(2026, 11, 22);
        assert_eq!(age_days(now, at(2026, 8, 24)), 90);
        assert_eq!(age_days(now, at(2026, 8, 23)), 91);
        assert_eq!(age_days(now, at(2026, 10, 8)), 45);
        assert_eq!(age_days(now, now + TimeDelta::seconds(1)), -1);
        assert_eq!(age_days(now, now - TimeDelta::seconds(86_399)), 0);
    }

    #[test]
    fn a_day_ends_when_the_next_begins() {
        assert_eq!(day_end(NaiveDate::from_ymd_opt(2026, 12, 31).unwrap()), at(2027, 1, 1));
    }
}
