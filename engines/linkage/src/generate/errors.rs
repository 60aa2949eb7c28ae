//! What files do to persons: typing errors, partial names, moves, missing values.
//!
//! Errors come together: a record is good, bad or awful, and all its fields are.

use super::names::Names;
use super::persons::{Person, home, insee, postcode, town};
use super::random::Random;

/// How bad the files are.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Multiplies all rates of errors.
    pub errors: f64,
    /// Multiplies all rates of missing values.
    pub missing: f64,
    /// Persons of the right file who live elsewhere than in the left one.
    pub movers: f64,
}

impl Profile {
    /// `easy`, `medium` or `hard`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "easy" => Some(Self { errors: 0.35, missing: 0.4, movers: 0.06 }),
            "medium" => Some(Self { errors: 1.0, missing: 1.0, movers: 0.15 }),
            "hard" => Some(Self { errors: 2.6, missing: 3.0, movers: 0.30 }),
            _ => None,
        }
    }
}

pub(super) struct Record {
    birth_name: String,
    usage_name: String,
    given: Vec<String>,
    sex: u32,
    birth: Option<(u32, u32, u32)>,
    place: String,
    address: String,
    postcode: String,
    town: String,
}

impl Record {
    pub const HEADER: &str = "rec_id,nom_naissance,nom_usage,prenoms,sexe,date_naissance,\
        commune_naissance,adresse,code_postal,commune\n";

    pub fn of(
        person: &Person,
        profile: &Profile,
        names: &Names,
        random: &mut Random,
        is_right: bool,
    ) -> Self {
        let quality = match random.share() {
            share if share < 0.75 => 0.4,
            share if share < 0.95 => 2.0,
            _ => 6.0,
        };
        let rate = quality * profile.errors;
        let lost = quality * profile.missing;
        let home = match is_right && random.chance(profile.movers) {
            true => {
                let commune =
                    if random.chance(0.4) { person.home.commune } else { random.below(30_000) };
                home(random, commune)
            }
            false => person.home.clone(),
        };
        let mut record = Self {
            birth_name: person.birth_name.clone(),
            usage_name: person.usage_name.clone(),
            given: person.given.clone(),
            sex: person.sex,
            birth: Some(person.birth),
            place: person.place.clone(),
            address: format!("{} {}", home.number, home.street),
            postcode: postcode(home.commune),
            town: town(home.commune),
        };
        record.spoil_names(names, random, rate);
        record.spoil_rest(random, rate);
        record.lose(random, lost, is_right);
        record
    }

    fn spoil_names(&mut self, names: &Names, random: &mut Random, rate: f64) {
        if random.chance(0.035 * rate) {
            self.birth_name = typo(&self.birth_name, random);
        }
        if random.chance(0.02 * rate) {
            // Only the usage name is known, or a second marriage.
            self.birth_name.clone_from(&self.usage_name);
        }
        if random.chance(0.01 * rate) {
            self.usage_name = names.surname(random);
        }
        if random.chance(0.02 * rate) {
            self.usage_name = typo(&self.usage_name, random);
        }
        if self.birth_name.contains('-') && random.chance(0.15 * rate) {
            let part = usize::from(random.chance(0.3));
            self.birth_name = self.birth_name.split('-').nth(part).unwrap_or("X").to_owned();
        }
        if random.chance(0.03 * rate) {
            self.given[0] = typo(&self.given[0], random);
        }
        if self.given.len() > 1 && random.chance(0.02 * rate) {
            self.given.swap(0, 1);
        }
        if random.chance(0.25) {
            self.given.truncate(1);
        }
        if random.chance(0.006 * rate) {
            self.given[0] = self.given[0].chars().take(1).collect();
        }
        if self.given[0].contains('-') && random.chance(0.2 * rate) {
            self.given[0] = self.given[0].split('-').next().unwrap_or("X").to_owned();
        }
        if random.chance(0.005 * rate) {
            std::mem::swap(&mut self.birth_name, &mut self.given[0]);
        }
    }

    fn spoil_rest(&mut self, random: &mut Random, rate: f64) {
        if let Some((year, month, day)) = self.birth
            && random.chance(0.035 * rate)
        {
            self.birth = Some(match random.below(6) {
                0 if day <= 12 => (year, day, month),
                1 => (year, 1, 1),
                2 => (year + 1 - 2 * random.between(0, 1), month, day),
                3 => (year, random.between(1, 12), day),
                4 => (year / 100 * 100 + year % 10 * 10 + year / 10 % 10, month, day),
                _ => (year, month, random.between(1, 28)),
            });
        }
        if random.chance(0.005 * rate) {
            self.sex = 3 - self.sex;
        }
        if random.chance(0.02 * rate) {
            self.place = insee(random.below(30_000));
        }
        if random.chance(0.05 * rate) {
            self.address = typo(&self.address, random);
        }
        if random.chance(0.01 * rate) {
            self.postcode = digit(&self.postcode, random);
        }
    }

    fn lose(&mut self, random: &mut Random, rate: f64, is_right: bool) {
        if random.chance(0.02 * rate) {
            self.birth = None;
        }
        if random.chance(0.04 * rate) {
            self.place.clear();
        }
        if random.chance(if is_right { 0.1 } else { 0.02 } * rate) {
            self.usage_name.clear();
        }
        if random.chance(0.03 * rate) {
            self.address.clear();
            if random.chance(0.5) {
                self.postcode.clear();
                self.town.clear();
            }
        }
        if random.chance(0.01 * rate) {
            self.sex = 0;
        }
        if random.chance(0.003 * rate) {
            self.given = vec![String::new()];
        }
    }

    /// The left file is an old one: capitals without accents, dates as `31/05/1970`. The right one
    /// is written as people write.
    pub fn line(&self, id: &str, is_right: bool) -> String {
        let date = self.birth.map_or_else(String::new, |(year, month, day)| match is_right {
            true => format!("{year:04}-{month:02}-{day:02}"),
            false => format!("{day:02}/{month:02}/{year:04}"),
        });
        let sex = match (self.sex, is_right) {
            (0, _) => "",
            (1, true) => "M",
            (2, true) => "F",
            (1, false) => "1",
            _ => "2",
        };
        let given = self.given.join(" ");
        let texts = [&self.birth_name, &self.usage_name, &given, &self.address, &self.town];
        let [birth, usage, given, address, town] = texts.map(|text| match is_right {
            true => title(text),
            false => plain(text),
        });
        format!(
            "{id},{birth},{usage},{given},{sex},{date},{},{address},{},{town}\n",
            self.place, self.postcode
        )
    }
}

fn plain(text: &str) -> String {
    let mut folded = Vec::new();
    let dash = text.replace('-', "QQQ");
    crate::normalise::text::fold(dash.as_bytes(), &mut folded);
    String::from_utf8(folded).expect("ASCII").replace("QQQ", "-")
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut start = true;
    for letter in text.chars() {
        if start {
            out.extend(letter.to_uppercase());
        } else {
            out.extend(letter.to_lowercase());
        }
        start = !letter.is_alphanumeric();
    }
    out
}

pub(super) fn digit(text: &str, random: &mut Random) -> String {
    let at = random.below(text.len().max(1));
    let new = char::from(b'0' + u8::try_from(random.below(10)).expect("a digit"));
    text.chars().enumerate().map(|(i, old)| if i == at { new } else { old }).collect()
}

/// One error: a letter more, less, another, swapped, or heard otherwise.
pub(super) fn typo(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    let at = 1 + random.below(letters.len() - 1);
    let other = char::from(b'A' + u8::try_from(random.below(26)).expect("a letter"));
    match random.below(6) {
        0 => letters.insert(at, other),
        1 => drop(letters.remove(at)),
        2 => letters[at] = other,
        3 => letters.swap(at - 1, at),
        4 => letters.insert(at, letters[at]),
        _ => return heard(text, random),
    }
    letters.into_iter().collect()
}

fn heard(text: &str, random: &mut Random) -> String {
    const SOUNDS: [(&str, &str); 12] = [
        ("AU", "EAU"),
        ("PH", "F"),
        ("SS", "S"),
        ("LL", "L"),
        ("T", "TH"),
        ("Y", "I"),
        ("C", "K"),
        ("NN", "N"),
        ("TT", "T"),
        ("AI", "E"),
        ("S", "Z"),
        ("D", "T"),
    ];
    let from = random.below(SOUNDS.len());
    for step in 0..SOUNDS.len() {
        let (old, new) = SOUNDS[(from + step) % SOUNDS.len()];
        if text.contains(old) {
            return text.replacen(old, new, 1);
        }
    }
    text.to_owned()
}
