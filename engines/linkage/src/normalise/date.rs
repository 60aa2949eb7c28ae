//! Dates of birth as decimal digits: `19700531`. Unknown parts are 0, an unknown date is 0.
//!
//! A date that no calendar has (`19701305`) is kept as it is written: it still agrees with the
//! same error in the other file, and differs by one digit or a swap from what was meant.

/// Which of the first two numbers of `05/06/1970` is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// French and most others.
    DayFirst,
    /// American.
    MonthFirst,
}

/// Year, month and day of a date in digits.
#[inline]
pub fn parts(date: u32) -> (u32, u32, u32) {
    (date / 10_000, date / 100 % 100, date % 100)
}

/// Date from year, month and day.
pub fn join(year: u32, month: u32, day: u32) -> u32 {
    year.min(9999) * 10_000 + month.min(99) * 100 + day.min(99)
}

/// The numbers in a text, at most three, and the length of the first.
fn numbers(text: &[u8]) -> ([u32; 3], usize, usize) {
    let mut found = [0; 3];
    let (mut count, mut first_length) = (0, 0);
    let runs = text.split(|byte| !byte.is_ascii_digit()).filter(|run| !run.is_empty());
    for run in runs.take(3) {
        found[count] =
            run.iter().take(9).fold(0_u32, |n, digit| n.wrapping_mul(10) + u32::from(digit - b'0'));
        if count == 0 {
            first_length = run.len();
        }
        count += 1;
    }
    (found, count, first_length)
}

/// The order of a column's dates, from its values: whichever is never above 12 is the month.
pub fn order<'a>(values: impl Iterator<Item = &'a [u8]>) -> Order {
    let (mut first_big, mut second_big) = (0, 0);
    for value in values {
        let (found, count, length) = numbers(value);
        if count == 3 && length <= 2 {
            first_big += usize::from(found[0] > 12 && found[0] <= 31);
            second_big += usize::from(found[1] > 12 && found[1] <= 31);
        }
    }
    if second_big > first_big { Order::MonthFirst } else { Order::DayFirst }
}

/// A date in digits; 0 where the text is none.
///
/// ISO dates with or without a time, `19700531`, `31/05/1970` with any sign between, names of
/// months in French and English, a year alone; `00`, `99` and `XX` are unknown parts.
pub fn parse(text: &[u8], order: Order) -> u32 {
    let text = text.strip_suffix(b".0").unwrap_or(text);
    let (found, count, length) = numbers(text);
    let named = month_by_name(text);
    let (year, month, day) = match (count, length, named) {
        (1, 8, None) if is_year_first(found[0]) => parts(found[0]),
        (1, 7 | 8, None) => (found[0] % 10_000, found[0] / 10_000 % 100, found[0] / 1_000_000),
        (1, 4, month) => (found[0], month.unwrap_or(0), 0),
        (2, 4, Some(month)) => (found[0], month, found[1]),
        (2, _, Some(month)) => (found[1], month, found[0]),
        (2, 4, None) => (found[0], found[1], 0),
        (2, 1 | 2, None) if found[1] > 999 => (found[1], found[0], 0),
        (3, 4, _) => (found[0], found[1], found[2]),
        (3, 1 | 2, _) => match order {
            Order::DayFirst => (century(found[2]), found[1], found[0]),
            Order::MonthFirst => (century(found[2]), found[0], found[1]),
        },
        _ => return 0,
    };
    let known = |part: u32, most: u32| if part > most { 0 } else { part };
    if !(1000..=2999).contains(&year) {
        return if month > 0 || day > 0 { join(0, known(month, 31), known(day, 31)) } else { 0 };
    }
    join(year, known(month, 31), known(day, 31))
}

/// Whether eight digits start with the year: they do if that gives a year of a living person's
/// time, unless only the other order gives a month (`19121970`).
fn is_year_first(digits: u32) -> bool {
    let (year, month, _) = parts(digits);
    let (last, middle, day) = (digits % 10_000, digits / 10_000 % 100, digits / 1_000_000);
    let day_first = (1800..=2100).contains(&last) && (1..=12).contains(&middle) && day <= 31;
    (1800..=2100).contains(&year) && ((1..=12).contains(&month) || !day_first)
}

/// Two digits are of this century up to 26.
fn century(year: u32) -> u32 {
    match year {
        0..=26 => 2000 + year,
        27..=99 => 1900 + year,
        _ => year,
    }
}

fn month_by_name(text: &[u8]) -> Option<u32> {
    const NAMES: [(&str, u32); 22] = [
        ("JAN", 1),
        ("FEV", 2),
        ("FEB", 2),
        ("MAR", 3),
        ("AVR", 4),
        ("APR", 4),
        ("MAI", 5),
        ("MAY", 5),
        ("JUIN", 6),
        ("JUN", 6),
        ("JUIL", 7),
        ("JUL", 7),
        ("AOU", 8),
        ("AUG", 8),
        ("SEP", 9),
        ("OCT", 10),
        ("NOV", 11),
        ("DEC", 12),
        ("JUI", 7),
        ("SET", 9),
        ("OKT", 10),
        ("DEZ", 12),
    ];
    if text.iter().filter(|byte| byte.is_ascii_alphabetic()).count() < 3 {
        return None;
    }
    let mut folded = Vec::new();
    super::text::fold(text, &mut folded);
    let words = folded.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| word.len() > 2);
    let mut months = words.filter_map(|word| {
        NAMES.iter().find(|(name, _)| word.starts_with(name.as_bytes())).map(|(_, month)| *month)
    });
    months.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written() {
        for (text, date) in [
            ("1970-05-31", 19_700_531),
            ("1970-05-31T00:00:00", 19_700_531),
            ("19700531", 19_700_531),
            ("19700531.0", 19_700_531),
            ("31/05/1970", 19_700_531),
            ("31.5.70", 19_700_531),
            ("31051970", 19_700_531),
            ("10121970", 19_701_210),
            ("19121970", 19_701_219),
            ("3 août 1970", 19_700_803),
            ("1970", 19_700_000),
            ("00/05/1970", 19_700_500),
            ("1970-99-99", 19_700_000),
            ("19701305", 19_701_305),
            ("xx/05/1970", 19_700_500),
            ("soon", 0),
            ("", 0),
        ] {
            assert_eq!(parse(text.as_bytes(), Order::DayFirst), date, "{text}");
        }
        assert_eq!(parse(b"05/31/1970", Order::MonthFirst), 19_700_531);
    }

    #[test]
    fn the_order_is_told_by_the_values() {
        let day: [&[u8]; 2] = [b"01/02/1970", b"31/02/1970"];
        let month: [&[u8]; 2] = [b"01/02/1970", b"02/28/1970"];
        assert_eq!(order(day.into_iter()), Order::DayFirst);
        assert_eq!(order(month.into_iter()), Order::MonthFirst);
    }
}
