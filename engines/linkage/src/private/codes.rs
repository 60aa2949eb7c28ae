//! Keyed hashes of good numbers, for exact linkage.

use super::key::Key;
use crate::normalise::firm;
use crate::normalise::place::nir_key;
use crate::read::column::Role;

/// A number that tells a person or a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// National number of persons.
    Nir,
    /// SIREN.
    Siren,
    /// SIRET.
    Siret,
}

impl Number {
    /// What columns it stands in.
    pub fn role(self) -> Role {
        match self {
            Self::Nir => Role::Nir,
            Self::Siren => Role::Siren,
            Self::Siret => Role::Siret,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nir => "NIR",
            Self::Siren => "SIREN",
            Self::Siret => "SIRET",
        }
    }

    /// The one way in which it is hashed; `None` where it is not whole or a check digit is wrong, since
    /// its hash would match nothing, or, worse, another one's.
    pub fn canonical(self, raw: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Nir => nir(raw),
            Self::Siren | Self::Siret => {
                let written = firm::number(raw).filter(|number| number.is_valid)?;
                match self {
                    Self::Siren => Some(written.siren.to_vec()),
                    _ if written.nic == *b"00000" => None,
                    _ => Some([&written.siren[..], &written.nic].concat()),
                }
            }
        }
    }
}

/// Thirteen characters; a key of two more must fit.
fn nir(raw: &[u8]) -> Option<Vec<u8>> {
    let mut text = raw.to_ascii_uppercase();
    text.retain(u8::is_ascii_alphanumeric);
    let body = text.get(..13)?.to_vec();
    let key = nir_key(&body)?;
    let is_right = match text.len() {
        13 => true,
        15 => std::str::from_utf8(&text[13..]).ok()?.parse() == Ok(key),
        _ => false,
    };
    let is_person = matches!(body[0], b'1'..=b'4' | b'7' | b'8');
    (is_right && is_person).then_some(body)
}

/// Letters and digits of Crockford's base 32, without I, L, O and U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Bytes in base 32, five bits a letter, the last padded by zeros.
pub(super) fn base32(bytes: &[u8]) -> String {
    let (mut word, mut bits, mut text) = (0_u32, 0, String::new());
    for byte in bytes {
        word = word << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[(word >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(LETTERS[(word << (5 - bits) & 31) as usize]));
    }
    text
}

/// The code of a canonical number: 128 bits of HMAC-SHA256 in 26 letters, and two check letters.
pub(super) fn code(key: &Key, number: &[u8]) -> String {
    let body = base32(&key.mac(&[number])[..16]);
    let check = check(&body);
    body + &check
}

/// Two check letters: the number that the letters are in base 32, modulo 1021, a prime above the 1,000
/// or so that two letters can tell, so that any one wrong letter and any two swapped ones are seen.
pub fn check(body: &str) -> String {
    const PRIME: u32 = 1021;
    let value = |letter: u8| LETTERS.iter().position(|known| *known == letter).unwrap_or(0) as u32;
    let rest = body.bytes().fold(0, |rest, letter| (rest * 32 + value(letter)) % PRIME);
    [rest / 32, rest % 32].map(|at| char::from(LETTERS[at as usize])).iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_whole_numbers_with_right_check_digits_are_hashed() {
        let nir = |text: &str| Number::Nir.canonical(text.as_bytes());
        assert_eq!(nir("2 55 08 14 168 025 38"), nir("2550814168025"));
        assert_eq!(nir("1 80 03 2a 123 456"), Some(b"180032A123456".to_vec()));
        for wrong in ["255081416802539", "25508141680253", "9550814168025", "", "x"] {
            assert_eq!(nir(wrong), None, "{wrong}");
        }
        let siret = |text: &str| Number::Siret.canonical(text.as_bytes());
        assert_eq!(siret("443 061 841 00047"), Some(b"44306184100047".to_vec()));
        assert_eq!(siret("443061841"), None);
        assert_eq!(Number::Siren.canonical(b"44306184100047"), Some(b"443061841".to_vec()));
    }

    #[test]
    fn base_32_agrees_with_what_is_known() {
        assert_eq!(base32(&[0xFF; 5]), "ZZZZZZZZ");
        assert_eq!(base32(&[0, 1]), "000G"); // sixteen bits and four zeros
    }

    proptest! {
        #[test]
        fn a_wrong_letter_and_two_swapped_ones_are_seen(bytes in prop::array::uniform16(any::<u8>()), at in 0..25_usize, by in 1..32_usize) {
            let body = base32(&bytes);
            prop_assert_eq!(body.len(), 26);
            let mut letters = body.clone().into_bytes();
            let old = LETTERS.iter().position(|letter| *letter == letters[at]).unwrap();
            letters[at] = LETTERS[(old + by) % 32];
            let wrong = String::from_utf8(letters).unwrap();
            prop_assert_ne!(check(&wrong), check(&body));
            let mut letters = body.clone().into_bytes();
            letters.swap(at, at + 1);
            let swapped = String::from_utf8(letters).unwrap();
            prop_assert!(swapped == body || check(&swapped) != check(&body));
        }
    }
}
