//! What one field looks like: the alphabet of the type pass.
//!
//! [`Shape::of`] reads a field once and files it under exactly one shape. The type of a column
//! follows from how many of its fields have each shape (`decide.rs`), so no order of rows and no
//! sample can change it.

/// What a field's text looks like. The shapes exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Shape {
    /// `0`, `12`, `-3`: no leading zero, at most 15 digits, so exact as a double too.
    Integer,
    /// An integer of 16 digits or more that fits 64 bits.
    LongInteger,
    /// Digits only, but too many for 64 bits.
    HugeInteger,
    /// A number that starts with a zero it does not need: `01400`, `-05`, `00.5`.
    LeadingZero,
    /// `+5`, `+1.5`: perhaps a number, perhaps a telephone number.
    Plus,
    /// `1.5`, `.5`, `5.`, `-0`.
    Point,
    /// `1,5`.
    Comma,
    /// `1.5e-3`, `1E+05`: a mark or a signed exponent leaves no doubt.
    Exponent,
    /// `1e5`: perhaps a number, perhaps a code.
    BareExponent,
    /// `1,5e3`: scientific notation with a decimal comma.
    CommaExponent,
    /// `1 234`, in groups of three, with plain spaces: perhaps a number, perhaps a code.
    Spaced,
    /// The same with a decimal comma (`1 234,5`), or with no-break spaces (U+00A0, U+202F), which
    /// nobody types in a code.
    Grouped,
    /// A number with more digits than a double holds: `0.12345678901234567890`.
    Inexact,
    /// `2024-01-31`.
    Date,
    /// `31/01/2024`: its day is above 12.
    DayFirst,
    /// `01/31/2024`: its month could only be second.
    MonthFirst,
    /// `01/02/2024`: either.
    EitherFirst,
    /// `2024-01-31 10:00:00`, with `T` or a blank, to the minute or with up to 6 decimals.
    DateTime,
    /// The same with `Z`.
    DateTimeUtc,
    /// `31/01/2024 10:00:00`: its day is above 12.
    DayFirstTime,
    /// `01/02/2024 10:00:00`: either; month first is text.
    EitherFirstTime,
    /// Anything else.
    Text,
}

/// How many shapes there are.
pub(crate) const SHAPES: usize = Shape::Text as usize + 1;

/// Days from 1970-01-01 of a day of the proleptic Gregorian calendar; `None` where there is no
/// such day. Formula: Howard Hinnant, "chrono-compatible low-level date algorithms".
pub(crate) fn days(year: u32, month: u32, day: u32) -> Option<i32> {
    const LENGTHS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = LENGTHS.get(month.wrapping_sub(1) as usize)? + u32::from(leap && month == 2);
    if day == 0 || day > length || year == 0 {
        return None;
    }
    let shifted = year - u32::from(month <= 2); // years that begin in March
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    i32::try_from(days).ok().map(|days| days - 719_468)
}

/// The number written by the digits `text`; `None` if one is not a digit. At most 9 digits.
#[inline]
fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
}

/// Days of `2024-01-31`.
pub(crate) fn iso_date(text: &[u8]) -> Option<i32> {
    if text.len() != 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    days(digits(&text[..4])?, digits(&text[5..7])?, digits(&text[8..])?)
}

/// The three numbers of `31/01/2024` and its days; the first number is the day.
fn slashed(text: &[u8]) -> Option<(u32, u32, u32)> {
    if text.len() != 10 || text[2] != b'/' || text[5] != b'/' {
        return None;
    }
    Some((digits(&text[..2])?, digits(&text[3..5])?, digits(&text[6..])?))
}

/// Days of `31/01/2024`.
pub(crate) fn day_first(text: &[u8]) -> Option<i32> {
    let (day, month, year) = slashed(text)?;
    days(year, month, day)
}

/// Microseconds of `10:00`, `10:00:00` or `10:00:00.123456`. A leap second is no time.
pub(crate) fn time(text: &[u8]) -> Option<i64> {
    let (hour_minute, rest) = text.split_at_checked(5)?;
    let (second, fraction) = match rest {
        [] => (&b"00"[..], rest),
        [b':', ..] => rest[1..].split_at_checked(2)?,
        _ => return None,
    };
    let micros = match fraction {
        [] => 0,
        [b'.' | b',', decimals @ ..] if (1..=6).contains(&decimals.len()) => {
            let scale = 10_u32.pow(6 - u32::try_from(decimals.len()).ok()?);
            digits(decimals)? * scale
        }
        _ => return None,
    };
    if hour_minute[2] != b':' {
        return None;
    }
    let (hour, minute) = (digits(&hour_minute[..2])?, digits(&hour_minute[3..])?);
    let second = digits(second)?;
    let seconds = hour * 3600 + minute * 60 + second;
    let is_time = hour < 24 && minute < 60 && second < 60;
    is_time.then(|| i64::from(seconds) * 1_000_000 + i64::from(micros))
}

/// Splits `DATE TIME` or `DATETTIME` after the ten characters of the date.
pub(crate) fn date_and_time(text: &[u8]) -> Option<(&[u8], &[u8], bool)> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(b" ").or_else(|| rest.strip_prefix(b"T"))?;
    Some(match rest.strip_suffix(b"Z") {
        Some(clock) => (date, clock, true),
        None => (date, rest, false),
    })
}

impl Shape {
    /// The shape of a field that is not empty.
    #[inline]
    pub fn of(text: &[u8]) -> Self {
        match text[0] {
            b'0'..=b'9' | b'-' | b'.' | b',' => Self::of_number(text),
            b'+' if text.len() > 1 => match Self::of(&text[1..]) {
                Self::Integer | Self::Point | Self::Comma if text[1] != b'-' => Self::Plus,
                _ => Self::Text,
            },
            _ => Self::Text,
        }
    }

    #[inline]
    fn of_number(text: &[u8]) -> Self {
        let minus = usize::from(text[0] == b'-');
        let body = &text[minus..];
        let whole = body.iter().take_while(|b| b.is_ascii_digit()).count();
        if whole == body.len() && whole > 0 {
            return match (body[0], whole) {
                (b'0', 1) if minus == 1 => Self::Point, // a double keeps the sign of -0
                (b'0', 2..) => Self::LeadingZero,
                (_, ..=15) => Self::Integer,
                (_, ..=19) if std::str::from_utf8(text).is_ok_and(|t| t.parse::<i64>().is_ok()) => {
                    Self::LongInteger
                }
                _ => Self::HugeInteger,
            };
        }
        match body.get(whole) {
            Some(b'.') => Self::of_decimal(text, body, whole, Self::Point),
            Some(b',') => Self::of_decimal(text, body, whole, Self::Comma),
            Some(b'e' | b'E') if whole > 0 => {
                Self::of_decimal(text, body, whole, Self::BareExponent)
            }
            Some(b' ' | 0xC2 | 0xE2) if (1..=3).contains(&whole) => Self::of_spaced(body),
            Some(b'-') if minus == 0 && whole == 4 => Self::of_iso(text),
            Some(b'/') if minus == 0 && whole == 2 => Self::of_slashed(text),
            _ => Self::Text,
        }
    }

    /// `body` has `whole` digits and then a mark or an exponent.
    #[inline]
    fn of_decimal(text: &[u8], body: &[u8], whole: usize, mark: Self) -> Self {
        let fraction = match mark {
            Self::BareExponent => 0,
            _ => body[whole + 1..].iter().take_while(|b| b.is_ascii_digit()).count(),
        };
        if whole + fraction == 0 {
            return Self::Text;
        }
        let after = if mark == Self::BareExponent { whole } else { whole + 1 + fraction };
        let shape = match &body[after..] {
            [] => mark,
            [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..]
                if (1..=4).contains(&exponent.len()) && digits(exponent).is_some() =>
            {
                let signed = body[after + 1] == b'+' || body[after + 1] == b'-';
                match mark {
                    Self::Comma => Self::CommaExponent,
                    Self::BareExponent if !signed => Self::BareExponent,
                    _ => Self::Exponent,
                }
            }
            _ => return Self::Text,
        };
        if whole > 1 && body[0] == b'0' {
            return Self::LeadingZero;
        }
        if whole + fraction <= 15 && after == body.len() {
            return shape; // any 15 digits survive in a double (IEEE 754)
        }
        if number(text).is_some() { shape } else { Self::Inexact }
    }

    /// Groups of three after the first one, all with the same blank.
    fn of_spaced(body: &[u8]) -> Self {
        let blank: &[u8] = match body.iter().find(|b| !b.is_ascii_digit()) {
            Some(b' ') => b" ",
            Some(0xC2) => "\u{a0}".as_bytes(),
            _ => "\u{202f}".as_bytes(),
        };
        let mark = body.iter().position(|b| matches!(b, b',' | b'.')).unwrap_or(body.len());
        let (whole, fraction) = body.split_at(mark);
        let (mut rest, mut groups) = (whole, 0);
        while let Some(at) = memchr::memmem::find(rest, blank) {
            let good = at == 3 || (groups == 0 && (1..=3).contains(&at));
            if !good || digits(&rest[..at]).is_none() {
                return Self::Text;
            }
            rest = &rest[at + blank.len()..];
            groups += 1;
        }
        let comma_or_none = fraction.first().is_none_or(|mark| *mark == b',');
        let tail = fraction.get(1..).unwrap_or(b"0");
        let all = rest.len() == 3 && digits(rest).is_some() && body[0] != b'0';
        let decimals = !tail.is_empty() && tail.iter().all(u8::is_ascii_digit);
        if !all || !decimals || !comma_or_none || 3 * (groups + 1) + tail.len() > 15 {
            return Self::Text;
        }
        if blank == b" " && fraction.is_empty() { Self::Spaced } else { Self::Grouped }
    }

    fn of_iso(text: &[u8]) -> Self {
        if text.len() == 10 {
            return if iso_date(text).is_some() { Self::Date } else { Self::Text };
        }
        match date_and_time(text) {
            Some((date, clock, utc)) if iso_date(date).is_some() && time(clock).is_some() => {
                if utc { Self::DateTimeUtc } else { Self::DateTime }
            }
            _ => Self::Text,
        }
    }

    fn of_slashed(text: &[u8]) -> Self {
        let (date, clock) = match date_and_time(text) {
            Some((date, clock, false)) if time(clock).is_some() => (date, true),
            None if text.len() == 10 => (text, false),
            _ => return Self::Text,
        };
        let Some((first, second, year)) = slashed(date) else { return Self::Text };
        let (day, month) = (days(year, second, first), days(year, first, second));
        match (day, month, clock) {
            (Some(_), None, false) => Self::DayFirst,
            (None, Some(_), false) => Self::MonthFirst,
            (Some(_), Some(_), false) => Self::EitherFirst,
            (Some(_), None, true) => Self::DayFirstTime,
            (Some(_), Some(_), true) => Self::EitherFirstTime,
            _ => Self::Text,
        }
    }
}

/// The double that a number's text means, with `.` or `,` before its decimals, blanks between
/// thousands, and an exponent; `None` if it is no number or if a double cannot hold it.
///
/// "Hold" means: the double, printed with as many digits as the text has, gives these digits
/// again. So `0.10000000000000001` (17 digits, as C prints 0.1) holds and
/// `0.12345678901234567890` does not.
pub(crate) fn number(text: &[u8]) -> Option<f64> {
    let mut plain = [0_u8; 64];
    let mut length = 0;
    for &byte in text {
        let byte = match byte {
            b',' => b'.',
            b' ' | 0xC2 | 0xA0 | 0xE2 | 0x80 | 0xAF => continue,
            byte => byte,
        };
        *plain.get_mut(length)? = byte;
        length += 1;
    }
    let plain = std::str::from_utf8(&plain[..length]).ok()?;
    let value: f64 = plain.parse().ok().filter(|value: &f64| value.is_finite())?;
    let mantissa = plain.split(['e', 'E']).next()?;
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    let significant = digits.trim_start_zeros();
    if significant.is_empty() {
        return Some(value);
    }
    if value == 0.0 {
        return None; // too small
    }
    let printed = format!("{:.*e}", significant.len() - 1, value.abs());
    let back = printed.split('e').next()?.bytes().filter(u8::is_ascii_digit);
    back.eq(significant.iter().copied()).then_some(value)
}

trait TrimZeros {
    fn trim_start_zeros(&self) -> &[u8];
}

impl TrimZeros for Vec<u8> {
    fn trim_start_zeros(&self) -> &[u8] {
        let zeros = self.iter().take_while(|b| **b == b'0').count();
        &self[zeros..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_has_its_shape() {
        use Shape as S;
        let cases: &[(&str, Shape)] = &[
            ("0", S::Integer),
            ("-12", S::Integer),
            ("-0", S::Point),
            ("007", S::LeadingZero),
            ("-05", S::LeadingZero),
            ("00.5", S::LeadingZero),
            ("0.5", S::Point),
            (".5", S::Point),
            ("5.", S::Point),
            ("-1,5", S::Comma),
            (",", S::Text),
            (".", S::Text),
            ("-", S::Text),
            ("+5", S::Plus),
            ("+", S::Text),
            ("+-5", S::Text),
            ("+05", S::Text),
            ("1e5", S::BareExponent),
            ("1E+05", S::Exponent),
            ("1.5e3", S::Exponent),
            ("1,5e3", S::CommaExponent),
            ("1e", S::Text),
            ("1.5e+308", S::Exponent),
            ("1e400", S::Inexact),
            ("1e-400", S::Inexact),
            // The largest double as R rounds it is above the largest double.
            ("1.79769313486232e+308", S::Inexact),
            ("1 234", S::Spaced),
            ("1 234,5", S::Grouped),
            ("12 34", S::Text),
            ("01 23 45", S::Text),
            ("1\u{a0}234,5", S::Grouped),
            ("1\u{202f}234\u{202f}567", S::Grouped),
            ("123456789012345", S::Integer),
            ("1234567890123456", S::LongInteger),
            ("9223372036854775807", S::LongInteger),
            ("9223372036854775808", S::HugeInteger),
            ("0.12345678901234567890", S::Inexact),
            ("0.10000000000000001", S::Point),
            ("1234567890.1234567", S::Point),
            ("1234567890.12345678", S::Inexact),
            ("2024-02-29", S::Date),
            ("2023-02-29", S::Text),
            ("31/01/2024", S::DayFirst),
            ("01/31/2024", S::MonthFirst),
            ("01/02/2024", S::EitherFirst),
            ("32/01/2024", S::Text),
            ("2024-01-01 10:00:00", S::DateTime),
            ("2024-01-01T10:00Z", S::DateTimeUtc),
            ("2024-01-01T10:00:00+01:00", S::Text),
            ("2024-01-01T10:00:00.1234567", S::Text),
            ("21/01/2022 13:47:00", S::DayFirstTime),
            ("04/02/2022 13:47:30", S::EitherFirstTime),
            ("01/31/2022 13:47:30", S::Text),
            ("2024-01-01 24:00:00", S::Text),
            ("1 ", S::Text),
            ("NA", S::Text),
            ("1-2", S::Text),
            ("1.2.3", S::Text),
            ("12/3", S::Text),
            ("é", S::Text),
        ];
        for (text, shape) in cases {
            assert_eq!(Shape::of(text.as_bytes()), *shape, "{text}");
        }
    }

    #[test]
    fn days_follow_the_calendar() {
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(days(2000, 3, 1), Some(11_017));
        assert_eq!(days(1, 1, 1), Some(-719_162));
        assert_eq!(days(1900, 2, 29), None);
        let mut expected = days(1899, 12, 31).unwrap();
        for (year, month) in (1900..2101).flat_map(|y| (1..13).map(move |m| (y, m))) {
            for day in (1..32).filter_map(|d| days(year, month, d)) {
                expected += 1;
                assert_eq!(day, expected);
            }
        }
    }
}
