//! Linking without showing who: filters of records, made with a key that two parties share and the
//! linker does not have, and keyed hashes of numbers.
//!
//! What leaves a producer is [`Encoded`], which only [`Made::tested`] makes: filters that the attacks of
//! `attack` open cannot be written.

mod attack;
mod codes;
mod encode;
mod filter;
mod key;
mod matching;

pub use attack::{Finding, LEAST, LIMIT};
pub use codes::{Number, check};
pub use encode::{Design, Field, Salt};
pub use filter::{Filters, dice};
pub use key::Key;
pub use matching::{Matched, Shown, matched};

use crate::build::build;
use crate::error::LinkError;
use crate::read::{Ids, read};
use crate::records::Records;
use crate::spec::Spec;
use std::path::Path;

/// Records that were encoded, before anybody tried to open them.
pub struct Made {
    encoded: Encoded,
    parts: Vec<Vec<u32>>,
    filters: Filters,
}

/// Records that may leave.
pub struct Encoded {
    /// The ids of the records, in their own order: the table stays with the producer.
    pub ids: Ids,
    /// The numbers under which they leave, random: in the order of the records.
    pub serials: Vec<String>,
    /// What leaves of each, in the same order; empty where there is nothing of it to encode.
    pub texts: Vec<String>,
    /// The name of the column, with the mark of key and design.
    pub column: String,
    /// What attacks found; nothing of keyed hashes, which keep no likeness.
    pub findings: Vec<Finding>,
    /// What a person should know, in sentences.
    pub notes: Vec<String>,
}

fn refused(path: &Path, why: impl Into<String>) -> LinkError {
    LinkError::Unusable { name: path.display().to_string(), why: why.into() }
}

fn records(path: &Path, spec: &Spec) -> Result<(Records, Ids, Vec<String>), LinkError> {
    let mut table = read(path, spec.id.as_deref(), &spec.columns)?;
    let mut notes = std::mem::take(&mut table.notes);
    let mut records = build(&table, None, spec)?;
    notes.append(&mut records.notes);
    Ok((records, table.ids, notes))
}

/// Random numbers for records, which say nothing of them: `random` must be new for every file. Threat:
/// two parties that use one number of persons as id would show it, and whose rows are whose.
fn serials(ids: &Ids, random: &Key) -> Vec<String> {
    let key = random.derived("serials");
    (0..ids.len()).map(|row| codes::base32(&key.mac(&[ids.get(row).as_bytes()])[..10])).collect()
}

/// Encodes the records of a file as filters. `spec` says columns and the id.
///
/// # Errors
/// [`LinkError`] where the file cannot be read, lacks what is to be encoded, or has too few records to
/// try attacks on.
pub fn encode(
    path: &Path,
    spec: &Spec,
    design: &Design,
    key: &Key,
    random: &Key,
) -> Result<Made, LinkError> {
    if let Some(why) = design.refusal() {
        return Err(LinkError::Spec(why));
    }
    let (records, ids, mut notes) = records(path, spec)?;
    if ids.len() < LEAST {
        let why = format!("{} records; attacks can be tried on {LEAST} at least", ids.len());
        return Err(refused(path, why));
    }
    let here = |field: &Field| records.filled[field.slot()];
    if let Some(field) = design.fields.iter().find(|field| !here(field)) {
        return Err(refused(path, format!("it has nothing for the field {}", field.name())));
    }
    if design.salt.is_some_and(|salt| !records.filled[salt.slot()]) {
        return Err(refused(path, "it has nothing for the salt"));
    }
    let unsalted = design
        .salt
        .map_or(0, |salt| records.left.column(salt.slot()).filter(|code| *code == 0).count());
    if unsalted > 0 {
        notes.push(format!(
            "{unsalted} records have no value for the salt: they match none with one"
        ));
    }
    let filters = encode::filters(&records, design, key);
    let parts = encode::parts_of(&records, design);
    let encoded = Encoded {
        serials: serials(&ids, random),
        ids,
        texts: (0..filters.len()).map(|row| filter::text(filters.get(row))).collect(),
        column: format!("filter_{}", design.mark(key)),
        findings: Vec::new(),
        notes,
    };
    Ok(Made { encoded, parts, filters })
}

impl Made {
    /// What the attacks find.
    pub fn findings(&self, random: &Key) -> Vec<Finding> {
        attack::all(&self.parts, &self.filters, random)
    }

    /// The filters under the records' own ids, for who measures a design on files with known truth; they
    /// cannot be written.
    pub fn shown(&self) -> Shown {
        Shown::of_filters(
            self.encoded.ids.clone(),
            self.encoded.column.clone(),
            self.filters.clone(),
        )
    }

    /// Tries to open the filters; gives them only if that fails.
    ///
    /// # Errors
    /// [`LinkError::Opened`] where an attack finds more than one record in a hundred.
    pub fn tested(self, random: &Key) -> Result<Encoded, LinkError> {
        let findings = self.findings(random);
        if let Some(finding) = findings.iter().find(|finding| finding.is_too_much()) {
            return Err(LinkError::Opened {
                attack: finding.attack,
                found: finding.found,
                tried: finding.tried,
            });
        }
        Ok(Encoded { findings, ..self.encoded })
    }
}

/// Hashes a number of the records of a file with a key.
///
/// # Errors
/// [`LinkError`] where the file cannot be read or no record has a number with a right check digit.
pub fn hash(
    path: &Path,
    spec: &Spec,
    number: Number,
    key: &Key,
    random: &Key,
) -> Result<Encoded, LinkError> {
    let table = read(path, spec.id.as_deref(), &spec.columns)?;
    let column = table.columns.iter().find(|(role, _)| *role == number.role());
    let Some((_, column)) = column else {
        return Err(refused(path, format!("it has no column of {}", number.name())));
    };
    let hashing = key.derived(number.name());
    let codes: Vec<Option<String>> = (0..column.values.len())
        .map(|code| {
            let text = column.values.get(u32::try_from(code).expect("codes are u32"));
            number.canonical(text).map(|number| codes::code(&hashing, &number))
        })
        .collect();
    let of = |row: usize| codes[column.codes[row] as usize].clone().unwrap_or_default();
    let texts: Vec<String> = (0..table.len()).map(of).collect();
    let empty = texts.iter().filter(|text| text.is_empty()).count();
    if empty == texts.len() {
        return Err(refused(path, format!("no record has a valid {}", number.name())));
    }
    let mut notes = table.notes;
    if empty > 0 {
        notes.push(format!("{empty} of {} records have no valid {}", texts.len(), number.name()));
    }
    let mark = hashing.mac(&[b"mark"]);
    let mark: String = mark[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Encoded {
        serials: serials(&table.ids, random),
        ids: table.ids,
        texts,
        column: format!("code_{mark}"),
        findings: Vec::new(),
        notes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Profile, persons};

    fn made(text: &str, design: &Design, random: u8) -> Result<Made, LinkError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        let (key, random) = (Key::new(&[1; 32]), Key::new(&[random; 32]));
        encode(&path, &Spec::default(), design, &key, &random)
    }

    #[test]
    fn numbers_of_records_say_nothing_of_ids_and_are_new_each_time() {
        let people = persons(250, &Profile::named("easy").unwrap(), 2).left;
        let of = |random| made(&people, &Design::default(), random).unwrap().encoded;
        let (one, other) = (of(1), of(2));
        assert!(one.serials.iter().all(|serial| serial.len() == 16));
        assert!(one.serials.iter().zip(&other.serials).all(|(a, b)| a != b));
        assert_eq!(one.texts, other.texts, "the filters are of the key alone");
    }

    #[test]
    fn what_cannot_be_encoded_or_tried_is_refused() {
        let why = |text: &str, design: &Design| {
            made(text, design, 1).err().map_or_else(String::new, |error| error.to_string())
        };
        let few = persons(100, &Profile::named("easy").unwrap(), 2).left;
        assert!(why(&few, &Design::default()).contains("100 records"));
        let names: String = (0..300).map(|at| format!("{at},N{at}\n")).collect();
        let names = format!("id,nom\n{names}");
        assert!(why(&names, &Design::default()).contains("the field given"));
        let salted =
            Design { fields: vec![Field::Family], salt: Some(Salt::Sex), ..Design::default() };
        assert!(why(&names, &salted).contains("the salt"));
        assert!(why(&names, &Design { bits: 0, ..Design::default() }).contains("multiple of 128"));
    }
}
