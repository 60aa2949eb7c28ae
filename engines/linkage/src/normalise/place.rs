//! Places of birth, towns, postcodes, streets, and numbers of people and firms.

use super::text::fold;
use crate::dict::Dict;

/// A place: a code or a name, and the department or area around it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// The place; 0 where only the area is known.
    pub place: u32,
    /// The area; 0 where none is known.
    pub area: u32,
}

/// A street: number and name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Street {
    /// House number; 0 is none.
    pub number: u32,
    /// The name without the words that are written in many ways.
    pub name: u32,
}

/// A commune by its INSEE code or its name.
///
/// Paris, Lyon and Marseille are one place each, because files differ in whether they give the
/// arrondissement; `20…` of before 1976 has the area of `2A` and `2B`. A code of one department
/// (`75`, `971`) or of a department with no commune (`75000`, `75999`) gives only its area.
pub fn place(raw: &[u8], places: &mut Dict) -> Place {
    let mut text = Vec::with_capacity(raw.len());
    fold(raw.strip_suffix(b".0").unwrap_or(raw), &mut text);
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_code = digits > 0 && digits + 1 >= text.len() && text.len() <= 5;
    if !is_code {
        return named(&text, places);
    }
    if text.len() == 4 && digits == 4 {
        text.insert(0, b'0');
    }
    let overseas = text.starts_with(b"97") || text.starts_with(b"98");
    let area_length = if overseas { 3 } else { 2 }.min(text.len());
    let mut area = text[..area_length].to_vec();
    if matches!(area.as_slice(), b"2A" | b"2B") {
        area = b"20".to_vec();
    }
    if area.len() == 1 {
        area.insert(0, b'0');
    }
    let area = places.intern(&[&b"#"[..], &area].concat());
    if text.len() < 5 || matches!(&text[2..], b"000" | b"999") {
        return Place { place: 0, area };
    }
    let whole: &[u8] = match &text[..] {
        [b'7', b'5', b'1' | b'0', ..] => b"75056",
        [b'6', b'9', b'3', b'8', _] => b"69123",
        [b'1', b'3', b'2', b'0' | b'1', _] => b"13055",
        code => code,
    };
    Place { place: places.intern(whole), area }
}

/// A place by its name: `ST` is `SAINT`, articles at the end and numbers of arrondissements vanish.
fn named(text: &[u8], places: &mut Dict) -> Place {
    let mut name = Vec::with_capacity(text.len());
    for word in text.split(|byte| *byte == b' ') {
        match word {
            b"ST" => name.extend(b"SAINT"),
            b"STE" => name.extend(b"SAINTE"),
            b"CEDEX" | b"ARRONDISSEMENT" | b"ARRDT" => break,
            word if word.first().is_some_and(u8::is_ascii_digit) => {}
            word => name.extend(word),
        }
    }
    Place { place: places.intern(&name), area: 0 }
}

/// A postcode, and the area of its first two characters.
pub fn postcode(raw: &[u8], places: &mut Dict) -> Place {
    let mut text = Vec::with_capacity(raw.len());
    fold(raw.strip_suffix(b".0").unwrap_or(raw), &mut text);
    text.retain(|byte| *byte != b' ');
    if text.len() == 4 && text.iter().all(u8::is_ascii_digit) {
        text.insert(0, b'0'); // 01000 that a spreadsheet made 1000; elsewhere all codes alike
    }
    let area = &text[..text.len().min(2)];
    Place { area: places.intern(&[&b"#"[..], area].concat()), place: places.intern(&text) }
}

/// Words for kinds of ways and articles: left out of a street's name.
const MUTE: &[&[u8]] = &[
    b"RUE",
    b"R",
    b"AVENUE",
    b"AV",
    b"AVE",
    b"BOULEVARD",
    b"BD",
    b"BLD",
    b"BVD",
    b"BLVD",
    b"CHEMIN",
    b"CHE",
    b"CH",
    b"PLACE",
    b"PL",
    b"ROUTE",
    b"RTE",
    b"ALLEE",
    b"ALLEES",
    b"ALL",
    b"IMPASSE",
    b"IMP",
    b"SQUARE",
    b"SQ",
    b"COURS",
    b"CRS",
    b"QUAI",
    b"LOTISSEMENT",
    b"LOT",
    b"RESIDENCE",
    b"RES",
    b"DE",
    b"DU",
    b"DES",
    b"LA",
    b"LE",
    b"LES",
    b"L",
    b"D",
    b"BIS",
    b"TER",
    b"QUATER",
    b"B",
    b"T",
    b"STREET",
    b"STR",
    b"ROAD",
    b"RD",
    b"LANE",
    b"LN",
    b"DRIVE",
    b"DR",
    b"CRESCENT",
    b"CRES",
    b"COURT",
    b"CT",
    b"THE",
    b"CIRCUIT",
    b"CCT",
    b"CLOSE",
    b"CL",
    b"FLAT",
    b"UNIT",
    b"APPT",
    b"APT",
];

/// A street from an address line; `house` is the number where it has a column of its own.
pub fn street(raw: &[u8], words: &mut Dict) -> Street {
    let mut text = Vec::with_capacity(raw.len());
    fold(raw, &mut text);
    let (mut number, mut name) = (0, Vec::with_capacity(text.len()));
    let mut is_box = false;
    for word in text.split(|byte| *byte == b' ') {
        // `BP 123`, `CS 40001`, `TSA 10001`: where letters are kept, not where the house is.
        let was_box = std::mem::replace(&mut is_box, matches!(word, b"BP" | b"CS" | b"TSA"));
        if is_box || was_box && word.iter().all(u8::is_ascii_digit) {
            continue;
        }
        let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 && digits + 1 >= word.len() {
            // Five digits are a postcode: the town follows.
            if digits == 5 && !name.is_empty() {
                break;
            }
            let value = word[..digits].iter().take(7).fold(0, |n, d| n * 10 + u32::from(d - b'0'));
            if number == 0 && name.is_empty() {
                number = value;
            } else {
                name.extend_from_slice(&word[..digits]);
            }
        } else {
            match word {
                b"ST" | b"SAINT" => name.extend(b"ST"),
                b"STE" | b"SAINTE" => name.extend(b"STE"),
                b"GAL" | b"GENERAL" => name.extend(b"GAL"),
                b"DOCTEUR" => {}
                word if MUTE.contains(&word) => {}
                word => name.extend(word),
            }
        }
    }
    if name.is_empty() {
        name = text; // a street called "rue de la Place", or a name of mute words only
    }
    Street { number, name: words.intern(&name) }
}

/// The digits of a number with its letters folded, without blanks and signs.
pub fn number(raw: &[u8], values: &mut Dict) -> u32 {
    let mut text = Vec::with_capacity(raw.len());
    fold(raw.strip_suffix(b".0").unwrap_or(raw), &mut text);
    text.retain(|byte| *byte != b' ');
    if text.iter().all(|byte| *byte == b'0' || *byte == b'9') {
        return 0;
    }
    values.intern(&text)
}

/// A NIR: its first thirteen characters. A key that does not fit (97 minus the number modulo 97,
/// `2A` counting as 19 and `2B` as 18: INSEE) leaves the number as it is: the comparison finds the
/// wrong digit.
pub fn nir(raw: &[u8], values: &mut Dict) -> u32 {
    let mut text = Vec::with_capacity(raw.len());
    fold(raw.strip_suffix(b".0").unwrap_or(raw), &mut text);
    text.retain(|byte| *byte != b' ');
    if text.len() == 15 {
        text.truncate(13);
    }
    if text.iter().all(|byte| *byte == b'0' || *byte == b'9') {
        return 0;
    }
    values.intern(&text)
}

/// The key of a NIR of thirteen characters; `None` where it is none.
pub fn nir_key(nir: &[u8]) -> Option<u32> {
    if nir.len() != 13 {
        return None;
    }
    let mut number = 0_u64;
    for (at, byte) in nir.iter().enumerate() {
        let digit = match byte {
            b'0'..=b'9' => u64::from(byte - b'0'),
            b'A' | b'B' if at == 6 => 0,
            _ => return None,
        };
        number = number * 10 + digit;
    }
    // 2A counts as 19 and 2B as 18: INSEE subtracts one or two millions from the 20 that is read.
    let less = match nir[6] {
        b'A' => 1_000_000,
        b'B' => 2_000_000,
        _ => 0,
    };
    u32::try_from(97 - (number - less) % 97).ok()
}

/// The last nine digits of a telephone number: with or without `0`, `+33`, blanks and dots.
pub fn phone(raw: &[u8], values: &mut Dict) -> u32 {
    let mut digits: Vec<u8> = raw.strip_suffix(b".0").unwrap_or(raw).to_vec();
    digits.retain(u8::is_ascii_digit);
    let last = &digits[digits.len().saturating_sub(9)..];
    if last.iter().all(|digit| *digit == b'0') { 0 } else { values.intern(last) }
}

/// An e-mail address in small letters.
pub fn email(raw: &[u8], values: &mut Dict) -> u32 {
    let text = raw.to_ascii_lowercase();
    if text.contains(&b'@') { values.intern(&text) } else { 0 }
}

/// 1 male, 2 female, 0 unknown; French and English words and civilities, and the codes 1 and 2.
pub fn sex(raw: &[u8]) -> u32 {
    let mut text = Vec::with_capacity(raw.len());
    fold(raw.strip_suffix(b".0").unwrap_or(raw), &mut text);
    match text.as_slice() {
        b"1" | b"M" | b"H" | b"HOMME" | b"MALE" | b"MASCULIN" | b"MR" | b"MONSIEUR" | b"MAN"
        | b"GARCON" => 1,
        b"2" | b"F" | b"FEMME" | b"FEMALE" | b"FEMININ" | b"MME" | b"MLLE" | b"MADAME" | b"MS"
        | b"MRS" | b"MISS" | b"MADEMOISELLE" | b"WOMAN" | b"W" | b"FILLE" => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn communes_are_one_place_whatever_their_arrondissement() {
        let mut dict = Dict::default();
        let mut of = |text: &str| place(text.as_bytes(), &mut dict);
        assert_eq!(of("75112"), of("75056"));
        assert_eq!(of("1053"), of("01053"));
        assert_eq!(of("2A004").area, of("20004").area);
        assert_eq!(of("75000"), Place { place: 0, area: of("75056").area });
        assert_eq!(of("St-Étienne"), of("SAINT ETIENNE"));
        assert_eq!(of("Paris 12e Arrondissement"), of("PARIS"));
        assert_ne!(of("99351"), of("99352"));
    }

    #[test]
    fn streets_are_numbers_and_names() {
        let mut dict = Dict::default();
        let mut of = |text: &str| street(text.as_bytes(), &mut dict);
        assert_eq!(of("12 bis, rue de la République"), of("12 R DE LA REPUBLIQUE"));
        assert_eq!(of("12 av. du Gal Leclerc 75012 PARIS"), of("12 avenue du général Leclerc"));
        assert_eq!(of("BP 40123 12 rue de la République CS 1"), of("12 R DE LA REPUBLIQUE"));
        assert_eq!(of("rue de la Place").number, 0);
        assert_eq!(of("5 rue du 8 Mai 1945"), of("5 RUE DU 8 MAI 1945"));
        assert_ne!(of("5 rue du 8 Mai 1945"), of("5 RUE DU 11 NOVEMBRE"));
    }

    #[test]
    fn keys_of_nirs_follow_insee() {
        assert_eq!(nir_key(b"2550814168025"), Some(38));
        assert_eq!(nir_key(b"180032A123456"), nir_key(b"1800319123456"));
        assert_eq!(nir_key(b"123"), None);
    }

    #[test]
    fn telephones_and_sexes_are_one_in_all_spellings() {
        let mut dict = Dict::default();
        let mut of = |text: &str| phone(text.as_bytes(), &mut dict);
        assert_eq!(of("06 12 34 56 78"), of("+33 6.12.34.56.78"));
        assert_eq!((sex(b"Mme"), sex("féminin".as_bytes()), sex(b"H"), sex(b"x")), (2, 2, 1, 0));
    }
}
