//! Keys of French and international identifiers.

/// Whether `digits` pass the Luhn test (ISO/IEC 7812-1); empty or all zeros does not.
pub fn luhn(digits: &str) -> bool {
    let sum: Option<u32> = digits
        .chars()
        .rev()
        .enumerate()
        .map(|(at, c)| {
            let digit = c.to_digit(10)?;
            Some(if at % 2 == 0 {
                digit
            } else if digit > 4 {
                2 * digit - 9
            } else {
                2 * digit
            })
        })
        .sum();
    sum.is_some_and(|sum| sum > 0 && sum % 10 == 0)
}

/// Whether `text` (15 characters) is a NIR with its key: 97 - (13 digits mod 97). Corsica's 2A
/// and 2B count as 19 and 18 (INSEE, RNIPP).
pub fn nir(text: &str) -> bool {
    let Some((body, key)) = text.split_at_checked(13) else { return false };
    nir_body(body).is_some_and(|n| key.len() == 2 && key.parse() == Ok(97 - n % 97))
}

/// The number of a NIR without key, if its sex, month and place make sense.
pub fn nir_body(body: &str) -> Option<u64> {
    if body.len() != 13 || !body.is_ascii() {
        return None;
    }
    let month: u8 = body.get(3..5)?.parse().ok()?;
    // 20 and above: month unknown, or born abroad without a known one.
    let month_holds = matches!(month, 1..=12 | 20..=42 | 50..=99);
    let sex_holds = matches!(body.as_bytes().first(), Some(b'1'..=b'4' | b'7' | b'8'));
    let upper = body.to_ascii_uppercase().replacen("2A", "19", 1);
    let corsica = body.get(5..7)?.to_ascii_uppercase();
    let digits = match corsica.as_str() {
        "2A" => upper,
        "2B" => body.to_ascii_uppercase().replacen("2B", "18", 1),
        _ => body.to_owned(),
    };
    let place_holds = !digits.get(5..7)?.starts_with("00");
    digits.parse().ok().filter(|_| month_holds && sex_holds && place_holds)
}

/// Whether `digits` (9) are a SIREN.
pub fn siren(digits: &str) -> bool {
    digits.len() == 9 && luhn(digits)
}

/// Whether `digits` (14) are a SIRET. La Poste (SIREN 356000000) ran out of keys: there the
/// sum of the digits is a multiple of five.
pub fn siret(digits: &str) -> bool {
    let sum: u32 = digits.chars().filter_map(|c| c.to_digit(10)).sum();
    digits.len() == 14
        && (luhn(digits) && luhn(&digits[..9])
            || digits.starts_with("356000000") && sum.is_multiple_of(5))
}

/// Whether `digits` (11) are an RPPS number: Luhn, as the national directory says.
pub fn rpps(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && luhn(digits)
}

/// Whether `text` is an IBAN: letters count 10 to 35, the four first go last, mod 97 is 1
/// (ISO 13616).
pub fn iban(text: &str) -> bool {
    if !(15..=34).contains(&text.len()) || !text.is_ascii() {
        return false;
    }
    let (head, tail) = text.split_at(4);
    let rest = tail.chars().chain(head.chars()).try_fold(0_u32, |rest, c| {
        let value = c.to_digit(36)?;
        Some((if value > 9 { rest * 100 } else { rest * 10 } + value) % 97)
    });
    head.starts_with(|c: char| c.is_ascii_uppercase()) && rest == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_numbers_hold_and_changed_ones_do_not() {
        assert!(nir("255081416802538"));
        assert!(!nir("255081416802539"));
        assert!(siren("732829320") && siret("73282932000074"));
        assert!(siret("35600000000048") && !siret("35600000000049"));
        assert!(iban("FR1420041010050500013M02606") && !iban("FR1520041010050500013M02606"));
    }

    #[test]
    fn corsican_numbers_are_counted_with_their_own_departments() {
        for (place, as_digits) in [("2A", "19"), ("2B", "18")] {
            let key = 97 - format!("18506{as_digits}004012").parse::<u64>().expect("digits") % 97;
            assert!(nir(&format!("18506{place}004012{key:02}")), "{place}");
        }
    }

    /// Luhn as it is taught: double every second digit from the right, add the digits up.
    fn naive_luhn(digits: &str) -> bool {
        let mut sum = 0;
        for (at, c) in digits.chars().rev().enumerate() {
            let mut value = c.to_digit(10).expect("a digit") * if at % 2 == 1 { 2 } else { 1 };
            while value > 0 {
                sum += value % 10;
                value /= 10;
            }
        }
        sum > 0 && sum % 10 == 0
    }

    proptest! {
        #[test]
        fn luhn_agrees_with_naive(digits in "[0-9]{1,20}") {
            prop_assert_eq!(luhn(&digits), naive_luhn(&digits));
        }

        #[test]
        fn one_key_in_97_holds(sex in 1u64..3, year in 0u64..100, month in 1u64..13, rest in 1u64..99_999_999) {
            let body = format!("{sex}{year:02}{month:02}{:08}", rest.max(1_000_000));
            let valid = (1..=97).filter(|key| nir(&format!("{body}{key:02}"))).count();
            prop_assert_eq!(valid, 1);
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = (nir(&text), siret(&text), iban(&text), luhn(&text), nir_body(&text), siren(&text));
        }
    }
}
