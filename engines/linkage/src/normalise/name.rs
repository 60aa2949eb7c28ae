//! Family and given names.

use super::text::fold;
use super::token::Tokens;

/// A family name: one whole word and, where it is compound, its parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surname {
    /// All parts glued (`LE GALL` = `LEGALL`, `DUPONT-MARTIN` = `DUPONTMARTIN`).
    pub whole: u32,
    /// The parts; the whole alone where there is one.
    pub parts: [u32; 3],
    /// A second name that the same cell holds (`MARTIN épouse DUPONT`).
    pub usage: u32,
}

/// Given names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// The first, glued if it has a hyphen (`JEAN-PIERRE` = `JEANPIERRE`).
    pub first: u32,
    /// The first two words glued where no hyphen says whether they are one name; 0 otherwise.
    pub glued: u32,
    /// All words of all given names, the first ones first.
    pub words: [u32; 4],
    /// The given names after the first.
    pub more: [u32; 3],
}

/// Words that belong to the next one.
const PARTICLES: &[&[u8]] = &[
    b"LE", b"LA", b"LES", b"DE", b"DU", b"DES", b"D", b"L", b"EL", b"AL", b"BEN", b"AIT", b"VAN",
    b"VON", b"DER", b"DEN", b"DA", b"DOS", b"DAS", b"DI", b"DEL", b"DELLA", b"MAC", b"MC", b"O",
    b"ST", b"SAINT", b"SAINTE", b"STE", b"BOU", b"OULD", b"TER", b"ABD", b"BINT",
];

/// A family name from its cell.
pub fn surname(raw: &[u8], tokens: &mut Tokens) -> Surname {
    let mut folded = Vec::with_capacity(raw.len());
    fold(raw, &mut folded);
    let words: Vec<&[u8]> = folded.split(|b| *b == b' ').filter(|word| !word.is_empty()).collect();
    let marries = |word: &&[u8]| matches!(*word, b"EPOUSE" | b"EP" | b"VEUVE" | b"VVE" | b"EPSE");
    let born = |word: &&[u8]| matches!(*word, b"NEE" | b"NE");
    let cut = words.iter().position(|word| marries(word) || born(word));
    let (first, second) = match cut {
        Some(at) if at > 0 && at + 1 < words.len() => (&words[..at], &words[at + 1..]),
        _ => (&words[..], &[][..]),
    };
    let (birth, usage) = match cut {
        Some(at) if !second.is_empty() && born(&words[at]) => (second, first),
        _ => (first, second),
    };
    let glued = parts(birth);
    let mut name = Surname { whole: tokens.intern(&glued.concat()), ..Surname::default() };
    for (place, part) in name.parts.iter_mut().zip(&glued) {
        *place = tokens.intern(part);
    }
    name.usage = tokens.intern(&parts(usage).concat());
    name
}

/// The parts of a name, particles glued to what follows.
fn parts(words: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut parts: Vec<Vec<u8>> = Vec::with_capacity(2);
    let mut open = false;
    for word in words {
        match parts.last_mut() {
            Some(last) if open => last.extend_from_slice(word),
            _ => parts.push(word.to_vec()),
        }
        open = PARTICLES.contains(word);
    }
    parts
}

/// Given names from their cell.
pub fn given(raw: &[u8], tokens: &mut Tokens) -> Given {
    let mut names: Vec<Vec<u8>> = Vec::with_capacity(3);
    let mut words: Vec<Vec<u8>> = Vec::with_capacity(4);
    let mut hyphened = false;
    let blank = |byte: &u8| matches!(byte, b' ' | b',' | b';' | b'/' | b'\t');
    for name in raw.split(blank).filter(|name| !name.is_empty()) {
        let mut folded = Vec::with_capacity(name.len());
        fold(name, &mut folded);
        let parts = folded.split(|b| *b == b' ').filter(|part| !part.is_empty());
        let before = words.len();
        words.extend(parts.map(<[u8]>::to_vec));
        hyphened |= names.is_empty() && words.len() > before + 1;
        folded.retain(|byte| *byte != b' ');
        if !folded.is_empty() {
            names.push(folded);
        }
    }
    let mut given = Given::default();
    let Some(first) = names.first() else { return given };
    given.first = tokens.intern(first);
    if let (false, Some(second)) = (hyphened, names.get(1)) {
        given.glued = tokens.intern(&[first.as_slice(), second].concat());
    }
    for (place, word) in given.words.iter_mut().zip(&words) {
        *place = tokens.intern(word);
    }
    for (place, name) in given.more.iter_mut().zip(&names[1..]) {
        *place = tokens.intern(name);
    }
    given
}

/// Family and given names from one cell: `MARTIN, Jean`, `MARTIN Jean` (the family name in
/// capitals), `Jean Martin` otherwise.
pub fn split_full(raw: &str) -> (String, String) {
    if let Some((family, given)) = raw.split_once(',') {
        return (family.trim().to_owned(), given.trim().to_owned());
    }
    let words: Vec<&str> = raw.split_whitespace().collect();
    let capitals = |word: &&&str| word.chars().count() > 1 && !word.chars().any(char::is_lowercase);
    let loud: Vec<&str> = words.iter().filter(capitals).copied().collect();
    if !loud.is_empty() && loud.len() < words.len() {
        let quiet: Vec<&str> = words.iter().filter(|word| !capitals(word)).copied().collect();
        return (loud.join(" "), quiet.join(" "));
    }
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => ((*last).to_owned(), before.join(" ")),
        _ => (raw.to_owned(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(raw: &str) -> Vec<String> {
        let mut tokens = Tokens::default();
        let name = surname(raw.as_bytes(), &mut tokens);
        let text = |word: u32| String::from_utf8(tokens.get(word).to_vec()).unwrap();
        let all = [name.whole].into_iter().chain(name.parts).chain([name.usage]);
        all.map(text).collect()
    }

    #[test]
    fn particles_belong_to_the_name() {
        assert_eq!(family("Le Gall"), ["LEGALL", "LEGALL", "", "", ""]);
        assert_eq!(family("LEGALL"), family("Le Gall"));
        assert_eq!(family("de la Tour-Dupont")[..3], ["DELATOURDUPONT", "DELATOUR", "DUPONT"]);
    }

    #[test]
    fn a_cell_may_hold_birth_and_married_name() {
        assert_eq!(family("MARTIN épouse DUPONT"), ["MARTIN", "MARTIN", "", "", "DUPONT"]);
        assert_eq!(family("DUPONT née MARTIN"), ["MARTIN", "MARTIN", "", "", "DUPONT"]);
        assert_eq!(family("NEE")[0], "NEE");
    }

    #[test]
    fn hyphens_join_given_names_and_blanks_leave_it_open() {
        let mut tokens = Tokens::default();
        let hyphen = given("Jean-Pierre Marie".as_bytes(), &mut tokens);
        let blank = given(b"JEAN PIERRE MARIE", &mut tokens);
        assert_eq!(hyphen.first, blank.glued);
        assert_eq!(hyphen.words, blank.words);
        assert_eq!(hyphen.glued, 0);
        assert_eq!(given(b" -- ", &mut tokens), Given::default());
    }

    #[test]
    fn full_names_are_split() {
        assert_eq!(split_full("MARTIN, Jean"), ("MARTIN".into(), "Jean".into()));
        assert_eq!(split_full("Jean LE GALL"), ("LE GALL".into(), "Jean".into()));
        assert_eq!(split_full("ada lovelace"), ("lovelace".into(), "ada".into()));
    }
}
