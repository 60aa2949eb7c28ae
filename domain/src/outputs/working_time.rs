//! Delays in working time: Monday to Friday, 9 to 17, without the public holidays of France.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};

/// Hours of a working day.
pub const DAY_HOURS: i64 = 8;
/// The first working hour of a day, UTC.
const OPENS: i8 = 9;
/// Days looked at, at most: an age beyond two years says nothing more.
const DAYS: usize = 800;

/// Easter Sunday, by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, ch. 8).
#[expect(clippy::many_single_char_names, reason = "the algorithm's own names")]
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?).ok()
}

/// Whether nobody works: a weekend, or a public holiday (Code du travail, L3133-1).
fn is_free(date: Date) -> bool {
    let fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
    // Easter Monday, Ascension, Whit Monday.
    let moving = |days: i64| {
        easter(date.year()).and_then(|easter| easter.checked_add(days.days()).ok()) == Some(date)
    };
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
        || fixed.contains(&(date.month(), date.day()))
        || [1, 39, 50].into_iter().any(moving)
}

/// The working hours between two instants, rounded down; 0 where the second is the earlier.
pub fn hours_between(from: Timestamp, to: Timestamp) -> i64 {
    let first = from.to_zoned(TimeZone::UTC).date();
    let mut total = SignedDuration::ZERO;
    for date in first.series(1.day()).take(DAYS).filter(|date| !is_free(*date)) {
        let Ok(opens) = date.at(OPENS, 0, 0, 0).to_zoned(TimeZone::UTC) else { break };
        let opens = opens.timestamp();
        if opens >= to {
            break;
        }
        let closes = opens + SignedDuration::from_hours(DAY_HOURS);
        let (start, end) = (opens.max(from), closes.min(to));
        if start < end {
            total += end.duration_since(start);
        }
    }
    total.as_hours()
}

/// The instant after `days` working days from `from`, at the same hour.
pub fn days_after(from: Timestamp, days: usize) -> Timestamp {
    let start = from.to_zoned(TimeZone::UTC);
    let mut later = start.date().series(1.day()).skip(1).take(DAYS).filter(|day| !is_free(*day));
    let date = if days == 0 { Some(start.date()) } else { later.nth(days - 1) };
    let there = date.map(|date| date.to_datetime(start.time()).to_zoned(TimeZone::UTC));
    there.and_then(Result::ok).map_or(from, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn a_weekend_and_a_holiday_do_not_count() {
        // Friday 16:00 to Monday 10:00: one hour on Friday, one on Monday.
        assert_eq!(hours_between(at("2026-11-06T16:00:00Z"), at("2026-11-09T10:00:00Z")), 2);
        // 11 November 2026 is a Wednesday.
        assert_eq!(hours_between(at("2026-11-10T17:00:00Z"), at("2026-11-12T09:30:00Z")), 0);
        assert_eq!(hours_between(at("2026-11-12T09:00:00Z"), at("2026-11-02T09:00:00Z")), 0);
    }

    #[test]
    fn two_working_days_after_a_friday_is_tuesday() {
        assert_eq!(days_after(at("2026-11-06T10:00:00Z"), 2), at("2026-11-10T10:00:00Z"));
    }

    #[test]
    fn easter_moves_as_published() {
        for (year, month, day) in [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2038, 4, 25)] {
            assert_eq!(easter(year), Date::new(year, month, day).ok());
        }
        assert!(is_free(Date::constant(2026, 5, 14)), "Ascension");
    }
}
