//! From records to filters: parts of names, dates and places, hashed with a key.

use super::filter::{Filters, balanced, diffused, folded, set};
use super::key::Key;
use crate::dict::Dict;
use crate::normalise::date;
use crate::records::{BIRTH, CITY, FAMILY, GIVEN, PLACE, POSTCODE, Records, SEX, STREET};
use serde::{Deserialize, Serialize};

/// How records are encoded. Both parties must use the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Design {
    /// Bits of a filter before it is hardened; a multiple of 128.
    pub bits: u32,
    /// Bits that each part sets, 16 at most.
    pub hashes: usize,
    /// What is encoded.
    pub fields: Vec<Field>,
    /// Every part is hashed with it, so that parts are alike only where it is the same.
    pub salt: Option<Salt>,
    /// Filters with their complements.
    pub balance: bool,
    /// Halves folded by XOR.
    pub fold: bool,
    /// Bits of which each bit is the XOR; 0 leaves filters as they are.
    pub diffusion: usize,
}

/// What is encoded of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Family name at birth.
    Family,
    /// First given name.
    Given,
    /// Date of birth.
    Birth,
    /// Sex.
    Sex,
    /// Place of birth.
    Place,
    /// Postcode.
    Postcode,
    /// Town.
    City,
    /// Street.
    Street,
}

/// A value that hardly ever has an error: pairs in which it differs are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Salt {
    /// Year of birth.
    BirthYear,
    /// Year and month of birth.
    BirthMonth,
    /// Sex.
    Sex,
}

impl Default for Design {
    fn default() -> Self {
        Self {
            bits: 1024,
            hashes: 10,
            fields: vec![Field::Family, Field::Given, Field::Birth, Field::Sex, Field::Place],
            salt: None,
            balance: false,
            fold: false,
            diffusion: 5,
        }
    }
}

impl Design {
    /// Why it cannot be followed.
    pub fn refusal(&self) -> Option<String> {
        let why = match self {
            Self { bits, .. } if *bits == 0 || *bits > 8192 || bits % 128 != 0 => {
                "bits are a multiple of 128, 8192 at most"
            }
            Self { hashes: 0 | 17.., .. } => "hashes are 1 to 16",
            Self { diffusion: 33.., .. } => "diffusion takes 32 bits at most",
            Self { fields, .. } if fields.is_empty() => "no field is encoded",
            _ => return None,
        };
        Some(why.to_owned())
    }

    /// A name of design and key that tells neither, by which files that were not made alike are told
    /// apart.
    pub fn mark(&self, key: &Key) -> String {
        let text = serde_json::to_string(self).expect("numbers and words");
        let mac = key.derived("mark").mac(&[text.as_bytes()]);
        mac[..4].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Salt {
    pub(super) fn slot(self) -> usize {
        match self {
            Self::BirthYear | Self::BirthMonth => BIRTH,
            Self::Sex => SEX,
        }
    }
}

impl Field {
    /// Its name in a design.
    pub fn name(self) -> &'static str {
        match self {
            Self::Family => "family",
            Self::Given => "given",
            Self::Birth => "birth",
            Self::Sex => "sex",
            Self::Place => "place",
            Self::Postcode => "postcode",
            Self::City => "city",
            Self::Street => "street",
        }
    }

    pub(super) fn slot(self) -> usize {
        match self {
            Self::Family => FAMILY,
            Self::Given => GIVEN,
            Self::Birth => BIRTH,
            Self::Sex => SEX,
            Self::Place => PLACE,
            Self::Postcode => POSTCODE,
            Self::City => CITY,
            Self::Street => STREET,
        }
    }

    /// The parts of a value: pairs of letters of names, places and streets, with a sign before and
    /// after; parts of a date and each two of them, so that one wrong part leaves three of six.
    fn parts(self, records: &Records, code: u32, out: &mut Vec<Vec<u8>>) {
        let values = &records.values;
        let at = code as usize;
        let text = match self {
            Self::Family => values.tokens.get(values.families[at].birth),
            Self::Given => values.tokens.get(values.givens[at].names.first),
            Self::Place if values.places[at].place == 0 => values.texts.get(values.places[at].area),
            Self::Place => values.texts.get(values.places[at].place),
            Self::Postcode => values.texts.get(values.postcodes[at].place),
            Self::City => values.texts.get(values.cities[at].place),
            Self::Street => {
                let street = values.streets[at];
                out.push(format!("number {}", street.number).into_bytes());
                values.texts.get(street.name)
            }
            Self::Sex => return out.push(vec![u8::try_from(code.min(9)).expect("a digit")]),
            Self::Birth => return dates(code, out),
        };
        let mut before = b'_';
        for letter in text.iter().chain(b"_") {
            out.push(vec![before, *letter]);
            before = *letter;
        }
    }
}

fn dates(code: u32, out: &mut Vec<Vec<u8>>) {
    let (year, month, day) = date::parts(code);
    let known: Vec<String> = [("Y", year), ("M", month), ("D", day)]
        .into_iter()
        .filter(|(_, part)| *part != 0)
        .map(|(name, part)| format!("{name}{part}"))
        .collect();
    for (at, part) in known.iter().enumerate() {
        out.push(part.clone().into_bytes());
        out.extend(known[..at].iter().map(|other| format!("{other}{part}").into_bytes()));
    }
}

/// The salt of a record; empty where it has no value for it.
fn salt(design: &Design, row: &[u32]) -> Vec<u8> {
    let (year, month, _) = date::parts(row[BIRTH]);
    match design.salt {
        Some(Salt::BirthYear) if year != 0 => format!("Y{year}").into_bytes(),
        Some(Salt::BirthMonth) if year != 0 && month != 0 => {
            format!("Y{year}M{month}").into_bytes()
        }
        Some(Salt::Sex) if row[SEX] != 0 => format!("S{}", row[SEX]).into_bytes(),
        _ => Vec::new(),
    }
}

/// The parts of each record, as numbers: what a filter is made of before any key. Attackers who know
/// the records know them.
pub(super) fn parts_of(records: &Records, design: &Design) -> Vec<Vec<u32>> {
    let (mut names, mut parts) = (Dict::default(), Vec::new());
    let all = (0..records.left.len()).map(|row| {
        let codes = records.left.row(row);
        let mut found = Vec::new();
        let salt = salt(design, codes);
        for field in &design.fields {
            parts.clear();
            if codes[field.slot()] != 0 {
                field.parts(records, codes[field.slot()], &mut parts);
            }
            let label = |part: &Vec<u8>| [&salt, &[*field as u8 + b'a'][..], part].concat();
            found.extend(parts.iter().map(|part| names.intern(&label(part))));
        }
        found.sort_unstable();
        found.dedup();
        found
    });
    all.collect()
}

/// The filters of records. Each distinct value is hashed once for each salt.
pub fn filters(records: &Records, design: &Design, key: &Key) -> Filters {
    let words = design.bits as usize / 64;
    let mut plain = Filters::new(records.left.len(), words);
    let hashing = key.derived("parts");
    let mut known = Dict::default();
    let mut bits: Vec<Vec<u32>> = vec![Vec::new()];
    let mut parts = Vec::new();
    for row in 0..records.left.len() {
        let codes = records.left.row(row);
        let salt = salt(design, codes);
        for field in design.fields.iter().filter(|field| codes[field.slot()] != 0) {
            let code = codes[field.slot()];
            let value = [&[*field as u8], &code.to_le_bytes()[..], &salt].concat();
            let at = known.intern(&value) as usize;
            if at == bits.len() {
                parts.clear();
                field.parts(records, code, &mut parts);
                let of = |part: &Vec<u8>| places(&hashing, design, *field, &salt, part);
                bits.push(parts.iter().flat_map(of).collect());
            }
            let filter = plain.get_mut(row);
            bits[at].iter().for_each(|place| set(filter, *place));
        }
    }
    hardened(plain, design, key)
}

/// The bits that a part sets.
fn places(key: &Key, design: &Design, field: Field, salt: &[u8], part: &[u8]) -> Vec<u32> {
    let mac = key.mac(&[&[field as u8], salt, part]);
    let numbers = mac.chunks_exact(2).map(|two| u32::from(u16::from_le_bytes([two[0], two[1]])));
    numbers.take(design.hashes).map(|number| number * design.bits / 65_536).collect()
}

fn hardened(mut filters: Filters, design: &Design, key: &Key) -> Filters {
    if design.balance {
        filters = balanced(&filters, key);
    }
    if design.fold {
        filters = folded(&filters);
    }
    if design.diffusion > 0 {
        filters = diffused(&filters, design.diffusion, key);
    }
    filters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::build;
    use crate::generate::{Profile, persons};
    use crate::private::filter::ones;
    use crate::read::read;
    use crate::spec::Spec;

    fn records(text: &str) -> Records {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        let table = read(&path, None, &Spec::default().columns).unwrap();
        build(&table, None, &Spec::default()).unwrap()
    }

    fn bare() -> Design {
        Design { diffusion: 0, ..Design::default() }
    }

    #[test]
    fn filters_agree_with_those_of_each_record_by_itself() {
        let made = persons(300, &Profile::named("hard").unwrap(), 5);
        let (records, key) = (records(&made.left), Key::new(&[5; 32]));
        for salt in [None, Some(Salt::BirthYear), Some(Salt::BirthMonth), Some(Salt::Sex)] {
            let design = Design { salt, ..bare() };
            let found = filters(&records, &design, &key);
            for row in 0..records.left.len() {
                let codes = records.left.row(row);
                let mut naive = vec![0; 16];
                for field in &design.fields {
                    let mut parts = Vec::new();
                    if codes[field.slot()] != 0 {
                        field.parts(&records, codes[field.slot()], &mut parts);
                    }
                    for part in parts {
                        let salt = super::salt(&design, codes);
                        let mac = key.derived("parts").mac(&[&[*field as u8], &salt, &part]);
                        for two in mac[..20].chunks(2) {
                            let number = u32::from(two[0]) + 256 * u32::from(two[1]);
                            set(&mut naive, number / 64);
                        }
                    }
                }
                assert_eq!(found.get(row), naive, "row {row}");
            }
        }
    }

    #[test]
    fn likeness_stays_with_one_key_and_salt_and_goes_with_another() {
        let rows = "id,nom,prenom,date_naissance\n1,MARTIN,JEANNE,1970-05-31\n\
                    2,MARTINS,JEANNE,1970-05-31\n3,MARTIN,JEANNE,1971-05-31\n4,BOUCHET,LUC,1970-12-01\n";
        let records = records(rows);
        let fields = vec![Field::Family, Field::Given, Field::Birth];
        let design = Design { fields, ..bare() };
        let of = |design: &Design, key: u8| filters(&records, design, &Key::new(&[key; 32]));
        let alike = |a: &Filters, x: usize, b: &Filters, y: usize| {
            crate::private::filter::dice(a.get(x), b.get(y))
        };
        let (one, other) = (of(&design, 1), of(&design, 2));
        assert!(alike(&one, 0, &one, 1) > 0.85 && alike(&one, 0, &one, 2) > 0.7);
        assert!(alike(&one, 0, &one, 3) < 0.5 && alike(&one, 0, &other, 0) < 0.4);
        let salted = of(&Design { salt: Some(Salt::BirthYear), ..design.clone() }, 1);
        assert!(alike(&salted, 0, &salted, 1) > 0.85 && alike(&salted, 0, &salted, 2) < 0.4);
        let diffused = of(&Design { diffusion: 5, ..design }, 1);
        assert!(
            alike(&diffused, 0, &diffused, 1) > 0.6 && alike(&diffused, 0, &diffused, 3) < 0.58
        );
        assert!((400..624).contains(&ones(diffused.get(0))));
    }

    #[test]
    fn a_mark_is_of_one_key_and_one_design() {
        let mark = |design: &Design, key: u8| design.mark(&Key::new(&[key; 32]));
        assert_eq!(mark(&bare(), 1), mark(&bare(), 1));
        assert_ne!(mark(&bare(), 1), mark(&bare(), 2));
        assert_ne!(mark(&bare(), 1), mark(&Design::default(), 1));
    }

    #[test]
    fn designs_that_cannot_be_followed_are_refused() {
        assert_eq!(Design::default().refusal(), None);
        for design in [
            Design { bits: 100, ..bare() },
            Design { hashes: 17, ..bare() },
            Design { diffusion: 33, ..bare() },
            Design { fields: Vec::new(), ..bare() },
        ] {
            assert!(design.refusal().is_some(), "{design:?}");
        }
        assert!(toml::from_str::<Design>("fields = [\"nose\"]").is_err());
        assert!(toml::from_str::<Design>("salt = \"birth_year\"").is_ok());
    }
}
