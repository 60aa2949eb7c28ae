//! `ID_DIRECT`: what names a person or an enterprise by itself.

use std::sync::LazyLock;

use regex::Regex;

use super::formula::place;
use super::identifiers::{iban, nir, nir_body, rpps, siren, siret};
use crate::extract::Line;
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::table::Table;
use crate::words::{fold, tokens};

/// The rule's id.
pub const ID: &str = "ID_DIRECT";

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b"));
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^\d.,])((?:(?:\+|00)33[ .-]?(?:\(0\))?[1-9]|0[1-9])(?:[ .\u{a0}-]?\d{2}){4})(?:$|[^\d.,]|[.,](?:\s|$))",
    )
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b[1-8] ?\d{2} ?\d{2} ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3}(?: ?\d{2})?\b|\b\d{3}[ \u{a0}]?\d{3}[ \u{a0}]?\d{3}[ \u{a0}]?\d{5}\b|\b\d{9}\b|\b\d{11}\b|\b\d{3} \d{3} \d{3}\b",
    )
});
static IBAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}(?: ?[A-Z0-9]{1,3})?\b"));
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b\d{1,4},? ?(?:bis |ter )?,?(?:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allee|quai|route) (?:de |du |des |d'|la |le |les |l')*[a-z]{3,}",
    )
});
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d{2}|(?:19|20)\d{2}[/.-]?\d{2}[/.-]?\d{2}|\d{1,2}[a-z]{3}(?:19|20)\d{2})",
    )
});

/// Looks at each cell with its header, and at the columns that names fill.
pub fn find(table: &Table, _rules: &RuleSet, out: &mut Findings) {
    let titles: Vec<String> = table.columns.iter().map(|c| fold(&start(&c.title))).collect();
    for (at, row) in table.view.rows.iter().enumerate() {
        for cell in row {
            let column = usize::try_from(cell.column).unwrap_or(usize::MAX).saturating_sub(1);
            let title = titles.get(column).map_or("", String::as_str);
            for (what, value) in identifiers(&cell.text, title) {
                push(what, &value, place(table, at, cell), out);
            }
        }
    }
    names(table, &titles, out);
}

/// Looks at each line outside tables.
pub fn prose(lines: &[Line], out: &mut Findings) {
    for line in lines {
        for (what, value) in identifiers(&line.text, &fold(&line.text)) {
            push(what, &value, Location::line(line.number), out);
        }
    }
}

/// Identifiers in `text`, with what they are; `context` is the folded header or sentence.
fn identifiers(text: &str, context: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    // Most cells are short numbers: no identifier has fewer than nine characters.
    if text.len() < 8 {
        return found;
    }
    let marks = Marks::of(text);
    if marks.digits == 0 && !marks.at {
        return found;
    }
    // Asked once a text: a line of many numbers must not be read again for each.
    let words = tokens(context);
    if marks.digits >= 8 {
        numbers(text, &words, &marks, &mut found);
    }
    if marks.at {
        found.extend(EMAIL.find_iter(text).map(|hit| ("e-mail address", hit.as_str().to_owned())));
    }
    if marks.digits > 0 {
        places_and_dates(text, &words, &marks, &mut found);
    }
    found
}

/// Identifiers that are numbers: with keys, or with the shape of a telephone's.
fn numbers(text: &str, words: &[&str], marks: &Marks, found: &mut Vec<(&'static str, String)>) {
    let named = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let nir_named = named(&["nir", "secu", "nss", "insee", "rnipp"]);
    let siren_named = named(&["siren", "sirene"]);
    let rpps_named = named(&["rpps", "medecin", "praticien"]);
    for hit in NUMBER.find_iter(text) {
        let raw = hit.as_str();
        let compact: String = raw.chars().filter(char::is_ascii_alphanumeric).collect();
        let spaced = compact.len() < raw.len();
        let what = match compact.len() {
            15 if nir(&compact) => "NIR",
            13 if nir_named && nir_body(&compact).is_some() => "NIR",
            14 if siret(&compact) => "SIRET",
            9 if siren(&compact) && siren_named => "SIREN",
            11 if rpps(&compact) && rpps_named && !spaced => "RPPS",
            _ => continue,
        };
        found.push((what, compact));
    }
    let ibans = if marks.capitals >= 2 { Some(IBAN.find_iter(text)) } else { None };
    for hit in ibans.into_iter().flatten() {
        let compact: String = hit.as_str().chars().filter(|c| *c != ' ').collect();
        if iban(&compact) {
            found.push(("IBAN", compact));
        }
    }
    let phones = PHONE.captures_iter(text).filter_map(|c| c.get(1));
    found.extend(phones.map(|hit| ("phone number", hit.as_str().to_owned())));
}

/// Postal addresses, and dates below a header or in a sentence of births.
fn places_and_dates(
    text: &str,
    words: &[&str],
    marks: &Marks,
    found: &mut Vec<(&'static str, String)>,
) {
    const BORN: [&str; 9] =
        ["naissance", "naiss", "birth", "birthdate", "dob", "ddn", "ne", "nee", "datnais"];
    let born = words.iter().any(|word| BORN.contains(word));
    if marks.letters <= 4 && !born {
        return;
    }
    let folded = fold(text);
    found.extend(ADDRESS.find_iter(&folded).map(|hit| ("postal address", hit.as_str().to_owned())));
    if born && DATE.is_match(folded.trim()) {
        found.push(("date of birth", folded));
    }
}

/// What a text holds of what identifiers are made of: most cells have too little of it, and each
/// pattern costs more than this look.
#[derive(Default)]
struct Marks {
    digits: usize,
    letters: usize,
    capitals: usize,
    at: bool,
}

impl Marks {
    fn of(text: &str) -> Self {
        let mut marks = Self::default();
        for byte in text.bytes() {
            marks.digits += usize::from(byte.is_ascii_digit());
            marks.letters += usize::from(byte.is_ascii_alphabetic());
            marks.capitals += usize::from(byte.is_ascii_uppercase());
            marks.at |= byte == b'@';
        }
        marks
    }
}

/// The start of a header: it is read again for each cell, so that its length is bounded.
fn start(title: &str) -> String {
    title.chars().take(200).collect()
}

/// Names with first names: two columns whose headers say so and whose cells are words.
fn names(table: &Table, titles: &[String], out: &mut Findings) {
    let column = |words: &[&str]| {
        titles.iter().position(|title| {
            let found = tokens(title);
            found.len() <= 2 && words.contains(&found.join(" ").as_str())
        })
    };
    let last = column(&[
        "nom",
        "name",
        "surname",
        "last name",
        "lastname",
        "nom usage",
        "nom naissance",
        "family name",
    ]);
    let first = column(&["prenom", "prenoms", "first name", "firstname", "given name", "forename"]);
    let (Some(last), Some(first)) = (last, first) else { return };
    for row in &table.rows {
        let Some(cell) = row.cells.get(last) else { continue };
        let given = row.cells.get(first).is_some_and(|c| c.text.chars().any(char::is_alphabetic));
        if given && cell.text.chars().any(char::is_alphabetic) {
            push("name with first name", &cell.text, cell.place, out);
        }
    }
}

fn push(what: &'static str, value: &str, place: Location, out: &mut Findings) {
    // Reports travel further than files: they show where an identifier is, and not which.
    let shown: String = value.chars().take(2).chain("…".chars()).collect();
    let text = format!("this is a direct identifier: {what}");
    out.push(
        Finding::new(ID, Severity::Error, "id_direct", text)
            .at(place)
            .value(shown)
            .arg("what", what),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(text: &str, context: &str) -> Vec<&'static str> {
        identifiers(text, context).into_iter().map(|(what, _)| what).collect()
    }

    #[test]
    fn identifiers_are_found_however_they_are_spaced() {
        assert_eq!(what("2 55 08 14 168 025 38", ""), ["NIR"]);
        assert_eq!(what("255081416802538", ""), ["NIR"]);
        assert_eq!(what("732 829 320 00074", ""), ["SIRET"]);
        assert_eq!(what("732829320", "siren"), ["SIREN"]);
        assert_eq!(what("FR14 2004 1010 0505 0001 3M02 606", ""), ["IBAN"]);
        assert_eq!(what("marie.curie@exemple.fr", ""), ["e-mail address"]);
        assert_eq!(what("06 12 34 56 78", ""), ["phone number"]);
        assert_eq!(what("+33 6 12 34 56 78", ""), ["phone number"]);
        assert_eq!(what("12 rue de la Paix", ""), ["postal address"]);
        assert_eq!(what("1985-06-12", "date de naissance"), ["date of birth"]);
    }

    #[test]
    fn amounts_and_dates_are_no_identifiers() {
        for text in [
            "255081416802539",
            "1234567890123",
            "73282932000075",
            "732829320",
            "2020-01-02",
            "1 234 567 890,12",
        ] {
            assert!(what(text, "montant").is_empty(), "{text}");
        }
    }
}
