//! Numbers and names of firms.

use super::text::fold;

/// Digits of a SIREN.
const SIREN: usize = 9;
/// Digits of a SIRET: a SIREN and the five of an establishment (NIC).
const SIRET: usize = 14;
/// La Poste, whose establishments are too many for check digits of the usual kind.
const LA_POSTE: &[u8] = b"356000000";

/// The sum of Luhn's formula over decimal digits: every second one from the right counts double, and
/// the digits of what exceeds 9 are added.
fn luhn(digits: &[u8]) -> u32 {
    let each = digits.iter().rev().zip([1, 2].into_iter().cycle()).map(|(digit, factor)| {
        let value = u32::from(digit - b'0') * factor;
        if value > 9 { value - 9 } else { value }
    });
    each.sum()
}

/// Whether a SIREN has its check digit (Luhn's formula, ISO/IEC 7812-1 annex B; INSEE).
pub fn is_siren(digits: &[u8]) -> bool {
    digits.len() == SIREN
        && digits.iter().all(u8::is_ascii_digit)
        && digits.iter().any(|digit| *digit != b'0')
        && luhn(digits).is_multiple_of(10)
}

/// Whether a SIRET has its check digits, those of its SIREN included. Establishments of La Poste have
/// SIRETs whose digits' plain sum is a multiple of five; that of its head office follows Luhn (INSEE,
/// Sirene documentation).
pub fn is_siret(digits: &[u8]) -> bool {
    if digits.len() != SIRET || !is_siren(&digits[..SIREN]) {
        return false;
    }
    let nic = &digits[SIREN..];
    if !nic.iter().all(u8::is_ascii_digit) || nic == b"00000" {
        return false;
    }
    let sum: u32 = digits.iter().map(|digit| u32::from(digit - b'0')).sum();
    let of_la_poste = digits.starts_with(LA_POSTE) && sum.is_multiple_of(5);
    luhn(digits).is_multiple_of(10) || of_la_poste
}

/// A firm's number as it was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// The first nine digits, or the whole text where it is no number.
    pub siren: [u8; SIREN],
    /// The establishment's five digits; zeros where none is known.
    pub nic: [u8; SIRET - SIREN],
    /// Whether the check digits of all that is there are right.
    pub is_valid: bool,
}

/// A SIREN or SIRET with blanks, signs and `.0` taken away, and with the zeros that a spreadsheet took
/// from its start if they make it valid; `None` where there are fewer digits than a SIREN has.
pub fn number(raw: &[u8]) -> Option<Written> {
    let raw = raw.strip_suffix(b".0").unwrap_or(raw);
    let mut digits: Vec<u8> = raw.iter().copied().filter(u8::is_ascii_digit).collect();
    if raw.iter().any(u8::is_ascii_alphabetic) || digits.len() > SIRET || digits.len() < 6 {
        return None;
    }
    let room = if digits.len() > SIREN { SIRET } else { SIREN };
    if digits.len() < room {
        let mut padded = vec![b'0'; room - digits.len()];
        padded.extend_from_slice(&digits);
        if is_siren(&padded) || is_siret(&padded) {
            digits = padded;
        } else {
            digits.truncate(SIREN); // a SIRET with a digit lost still begins with its SIREN
        }
        if digits.len() < SIREN {
            return None;
        }
    }
    let is_placeholder = |digit: u8| digits[..SIREN].iter().all(|other| *other == digit);
    if is_placeholder(b'0') || is_placeholder(b'9') {
        return None;
    }
    let mut found = Written { nic: [b'0'; 5], ..Written::default() };
    found.siren.copy_from_slice(&digits[..SIREN]);
    found.is_valid = is_siren(&digits[..SIREN]);
    if digits.len() == SIRET {
        found.nic.copy_from_slice(&digits[SIREN..]);
        // Of a SIRET with a wrong digit in its NIC the SIREN serves, and the NIC does not.
        if found.is_valid && !is_siret(&digits) {
            found.nic = [b'0'; 5];
        }
    }
    Some(found)
}

/// Legal forms and words that files write or leave out.
const MUTE: &[&[u8]] = &[
    b"SARL",
    b"EURL",
    b"SAS",
    b"SASU",
    b"SA",
    b"SCI",
    b"SNC",
    b"SCS",
    b"SCA",
    b"EI",
    b"EIRL",
    b"EARL",
    b"GAEC",
    b"SCEA",
    b"GIE",
    b"GFA",
    b"SELARL",
    b"SELAS",
    b"SELASU",
    b"SELURL",
    b"SCP",
    b"SCM",
    b"SCOP",
    b"SCIC",
    b"SEM",
    b"SPL",
    b"SPRL",
    b"SRL",
    b"BV",
    b"NV",
    b"GMBH",
    b"AG",
    b"KG",
    b"LTD",
    b"LIMITED",
    b"PLC",
    b"LLC",
    b"INC",
    b"CORP",
    b"SPA",
    b"SE",
    b"ETS",
    b"ETABLISSEMENT",
    b"ETABLISSEMENTS",
    b"STE",
    b"SOCIETE",
    b"CIE",
    b"COMPAGNIE",
    b"ENTREPRISE",
    b"ENT",
    b"MONSIEUR",
    b"MADAME",
    b"MR",
    b"MME",
    b"M",
    b"ET",
    b"AND",
    b"DE",
    b"DU",
    b"DES",
    b"LA",
    b"LE",
    b"LES",
    b"L",
    b"D",
    b"THE",
];

/// Words that are written in more than one way.
const SPELLINGS: &[(&[u8], &[u8])] = &[
    (b"ASSOC", b"ASSOCIATION"),
    (b"ASS", b"ASSOCIATION"),
    (b"ASSO", b"ASSOCIATION"),
    (b"INTL", b"INTERNATIONAL"),
    (b"INTERNATIONALE", b"INTERNATIONAL"),
    (b"FRES", b"FRERES"),
    (b"TRANSPORT", b"TRANSPORTS"),
    (b"TRPTS", b"TRANSPORTS"),
    (b"TP", b"TRANSPORTS"),
    (b"SVCE", b"SERVICE"),
    (b"SVCES", b"SERVICE"),
    (b"SERVICES", b"SERVICE"),
    (b"INDUSTRIES", b"INDUSTRIE"),
    (b"IND", b"INDUSTRIE"),
    (b"ST", b"SAINT"),
    (b"STES", b"SAINTES"),
    (b"GPE", b"GROUPE"),
    (b"RESTO", b"RESTAURANT"),
    (b"PHCIE", b"PHARMACIE"),
];

/// A firm's name without legal form and words of no weight, its other words as they are usually
/// written and one blank between them; the whole name where nothing else is left (`LA SOCIETE`).
/// Single letters in a row are one word (`S.A.R.L.` = `SARL`, `I B M` = `IBM`).
pub fn name(raw: &[u8]) -> Vec<u8> {
    let mut folded = Vec::with_capacity(raw.len());
    // An ampersand is a word, and would vanish as a sign: `C & A` is not `C A`.
    fold(raw, &mut folded);
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut open = false;
    for word in folded.split(|byte| *byte == b' ').filter(|word| !word.is_empty()) {
        let is_letter = word.len() == 1 && word[0].is_ascii_alphabetic();
        match words.last_mut() {
            Some(last) if open && is_letter => last.extend_from_slice(word),
            _ => words.push(word.to_vec()),
        }
        open = is_letter;
    }
    let kept: Vec<&[u8]> = words
        .iter()
        .map(Vec::as_slice)
        .filter(|word| !MUTE.contains(word))
        .map(|word| SPELLINGS.iter().find(|(from, _)| *from == word).map_or(word, |(_, to)| *to))
        .collect();
    if kept.is_empty() { folded } else { kept.join(&b' ') }
}

/// The words of a name in the order of letters, by which names agree whose words are in another order.
pub fn sorted_words(name: &[u8]) -> Vec<&[u8]> {
    let mut words: Vec<&[u8]> = name.split(|byte| *byte == b' ').collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn check_digits_follow_luhn_and_la_poste_its_own_sum() {
        // Google France, head office of La Poste, an establishment of La Poste that Luhn refuses.
        assert!(is_siren(b"443061841") && is_siret(b"44306184100047"));
        assert!(is_siret(b"35600000000048") && luhn(b"35600000000048").is_multiple_of(10));
        assert!(is_siret(b"35600000049837") && !luhn(b"35600000049837").is_multiple_of(10));
        assert!(!is_siret(b"35600000049838") && !is_siret(b"44306184100048"));
        for wrong in [&b"443061842"[..], b"000000000", b"44306184", b"44306184A"] {
            assert!(!is_siren(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn numbers_are_read_in_all_spellings() {
        let of = |text: &str| number(text.as_bytes());
        let google = of("443 061 841 00047").unwrap();
        assert_eq!((&google.siren, &google.nic, google.is_valid), (b"443061841", b"00047", true));
        assert_eq!(of("443.061.841.00047"), Some(google));
        assert_eq!(of("443061841").map(|n| (n.nic, n.is_valid)), Some((*b"00000", true)));
        // A zero that a spreadsheet took away, and a wrong NIC of a right SIREN.
        assert_eq!(of("5520135.0"), of("005520135"));
        assert_eq!(of("44306184100048").map(|n| (n.nic, n.is_valid)), Some((*b"00000", true)));
        assert!(!of("443061842").unwrap().is_valid);
        for none in ["", "000000000", "99999999999999", "12", "FR443061841", "123456789012345"] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn names_lose_their_legal_form_however_it_is_written() {
        let of = |text: &str| String::from_utf8(name(text.as_bytes())).unwrap();
        for text in [
            "S.A.R.L. Dupont Frères",
            "DUPONT FRERES SARL",
            "Ets Dupont & Frères",
            "S A DUPONT FRES",
        ] {
            assert_eq!(of(text), "DUPONT FRERES", "{text}");
        }
        assert_eq!(of("I.B.M. France"), "IBM FRANCE");
        assert_eq!(of("La Société"), "LA SOCIETE");
        assert_eq!(of("Association Saint-Luc"), of("ASSOC. ST LUC"));
    }

    proptest! {
        /// What Luhn's formula is for: it sees each wrong digit.
        #[test]
        fn one_wrong_digit_is_never_a_valid_siren(start in 0..100_000_000_u32, at in 0..9_usize, by in 1..10_u8) {
            let mut digits = format!("{start:08}0").into_bytes();
            let sum = luhn(&digits) % 10;
            digits[8] = b'0' + u8::try_from((10 - sum) % 10).unwrap();
            prop_assert_eq!(is_siren(&digits), start != 0);
            digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
            prop_assert!(!is_siren(&digits));
        }
    }
}
