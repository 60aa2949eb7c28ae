//! Rules: pairs are compared that agree on all parts of one.

use crate::hash;
use crate::normalise::date;
use crate::records::{
    BIRTH, CITY, EMAIL, FAMILY, FIRM, GIVEN, NIR, OTHER, PHONE, PLACE, POSTCODE, Records, SEX,
    SIREN, SLOTS, STREET, Values,
};

/// What a rule asks two records to share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The whole date of birth.
    Birth,
    /// Its year and month.
    YearMonth,
    /// Its year and day.
    YearDay,
    /// Its month and day.
    MonthDay,
    /// Its year.
    Year,
    /// The date with day and month in either order.
    SwappedBirth,
    /// Any family name or part of one.
    Name,
    /// Any, as it sounds.
    NameSound,
    /// The first three letters of a family name.
    NameStart,
    /// The first given name.
    Given,
    /// Any given name.
    AnyGiven,
    /// The first given name as it sounds.
    GivenSound,
    /// The first letter of the first given name.
    Initial,
    /// Any family or given name, so that swapped ones meet.
    AnyName,
    /// Place of birth.
    Place,
    /// Department or area of birth.
    Area,
    /// Postcode.
    Postcode,
    /// Town.
    City,
    /// House number and street.
    House,
    /// Street.
    Street,
    /// Sex.
    Sex,
    /// National number.
    Nir,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// SIREN.
    Siren,
    /// The name of a firm.
    Firm,
    /// Any long word of a firm's name.
    FirmWord,
    /// A column of any other meaning.
    #[serde(skip)]
    Other(u8),
}

impl Part {
    /// The slot that it reads.
    pub fn slot(self) -> usize {
        match self {
            Self::Birth
            | Self::YearMonth
            | Self::YearDay
            | Self::MonthDay
            | Self::Year
            | Self::SwappedBirth => BIRTH,
            Self::Name | Self::NameSound | Self::NameStart | Self::AnyName => FAMILY,
            Self::Given | Self::AnyGiven | Self::GivenSound | Self::Initial => GIVEN,
            Self::Place | Self::Area => PLACE,
            Self::Postcode => POSTCODE,
            Self::City => CITY,
            Self::House | Self::Street => STREET,
            Self::Sex => SEX,
            Self::Nir => NIR,
            Self::Email => EMAIL,
            Self::Phone => PHONE,
            Self::Siren => SIREN,
            Self::Firm | Self::FirmWord => FIRM,
            Self::Other(at) => OTHER + usize::from(at),
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Birth => "birth date",
            Self::YearMonth => "birth year and month",
            Self::YearDay => "birth year and day",
            Self::MonthDay => "birth month and day",
            Self::Year => "birth year",
            Self::SwappedBirth => "birth date, day and month in either order",
            Self::Name => "family name or part",
            Self::NameSound => "sound of family name",
            Self::NameStart => "start of family name",
            Self::Given => "given name",
            Self::AnyGiven => "any given name",
            Self::GivenSound => "sound of given name",
            Self::Initial => "initial",
            Self::AnyName => "any name",
            Self::Place => "birth place",
            Self::Area => "birth department",
            Self::Postcode => "postcode",
            Self::City => "town",
            Self::House => "house",
            Self::Street => "street",
            Self::Sex => "sex",
            Self::Nir => "national number",
            Self::Email => "e-mail",
            Self::Phone => "telephone",
            Self::Siren => "SIREN",
            Self::Firm => "firm's name",
            Self::FirmWord => "word of the firm's name",
            Self::Other(_) => "other column",
        }
    }

    /// The values of a record that two records may share, as numbers; none where it is missing.
    #[inline]
    fn values(self, values: &Values, row: &[u32; SLOTS], out: &mut Vec<u64>) {
        let code = row[self.slot()];
        if code == 0 {
            return;
        }
        let at = code as usize;
        let single = match self {
            Self::Birth
            | Self::YearMonth
            | Self::YearDay
            | Self::MonthDay
            | Self::Year
            | Self::SwappedBirth => self.of_date(values, code),
            Self::Name | Self::NameSound | Self::NameStart | Self::AnyName => {
                return self.names(values, row, out);
            }
            Self::AnyGiven => {
                let names = &values.givens[at].names;
                let words = names.words.into_iter().chain([names.first]);
                return distinct(words.map(u64::from), out);
            }
            Self::Given => u64::from(values.givens[at].names.words[0]),
            Self::GivenSound => u64::from(values.tokens.sound(values.givens[at].names.words[0])),
            Self::Initial => u64::from(values.tokens.get(values.givens[at].names.first)[0]),
            Self::Area => u64::from(values.places[at].area),
            Self::Place => u64::from(values.places[at].place),
            Self::Street => u64::from(values.streets[at].name),
            Self::Siren => u64::from(values.numbers[at].siren),
            Self::FirmWord => {
                let text = values.texts.get(code);
                let words = text.split(|byte| *byte == b' ').filter(|word| word.len() > 3);
                return distinct(words.take(3).map(hash::bytes), out);
            }
            _ => u64::from(code),
        };
        if single != 0 {
            out.push(single);
        }
    }

    #[inline]
    fn of_date(self, values: &Values, code: u32) -> u64 {
        if values.default_dates.contains(&code) {
            return 0;
        }
        let (year, month, day) = date::parts(code);
        let known = |parts: &[u32]| parts.iter().all(|part| *part != 0);
        let (fits, value) = match self {
            Self::Birth => (known(&[year, month, day]), code),
            Self::YearMonth => (known(&[year, month]), year * 100 + month),
            Self::YearDay => (known(&[year, day]), year * 100 + day),
            Self::MonthDay => (known(&[month, day]), month * 100 + day),
            Self::Year => (known(&[year]), year),
            _ => (known(&[year, month, day]), date::join(year, month.min(day), month.max(day))),
        };
        u64::from(value) * u64::from(fits)
    }

    #[inline]
    fn names(self, values: &Values, row: &[u32; SLOTS], out: &mut Vec<u64>) {
        let family = &values.families[row[FAMILY] as usize];
        let words = [family.birth, family.usage].into_iter().chain(family.parts);
        let words = words.filter(|word| *word != 0);
        match self {
            Self::Name => distinct(words.map(u64::from), out),
            Self::NameSound => {
                distinct(words.map(|word| u64::from(values.tokens.sound(word))), out);
            }
            Self::NameStart => distinct(
                words.map(|word| {
                    let text = values.tokens.get(word);
                    text.iter().take(3).fold(0, |start, byte| start << 8 | u64::from(*byte))
                }),
                out,
            ),
            _ => {
                let given = &values.givens[row[GIVEN] as usize].names;
                let all = words.chain([given.first, given.words[0]]).filter(|word| *word != 0);
                distinct(all.map(u64::from), out);
            }
        }
    }
}

fn distinct(all: impl Iterator<Item = u64>, out: &mut Vec<u64>) {
    let from = out.len();
    for value in all {
        if value != 0 && !out[from..].contains(&value) && out.len() < from + 5 {
            out.push(value);
        }
    }
}

/// Parts that two records must share, all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The parts.
    pub parts: Vec<Part>,
}

impl Rule {
    /// A rule.
    pub fn new(parts: &[Part]) -> Self {
        Self { parts: parts.to_vec() }
    }

    /// Its name in reports.
    pub fn name(&self) -> String {
        self.parts.iter().map(|part| part.name()).collect::<Vec<_>>().join(" + ")
    }

    /// The keys of a record; none where a part is missing.
    #[inline]
    pub fn keys(
        &self,
        values: &Values,
        row: &[u32; SLOTS],
        keys: &mut Vec<u64>,
        scratch: &mut Vec<u64>,
    ) {
        keys.clear();
        keys.push(0);
        for part in &self.parts {
            scratch.clear();
            part.values(values, row, scratch);
            let before = keys.len();
            for at in 0..before {
                for value in scratch.iter() {
                    keys.push(hash::then(keys[at], *value));
                }
            }
            keys.drain(..before);
            if keys.is_empty() {
                return;
            }
        }
    }
}

/// The rules that are tried, the surest first. Those whose columns are missing are left out, and
/// blocks that are too large are left out of each (see [`super::Indexes`]).
const RULES: &[&[Part]] = &[
    &[Part::Nir],
    &[Part::Email],
    &[Part::Phone],
    &[Part::Birth, Part::Name],
    &[Part::Birth, Part::AnyGiven],
    &[Part::Birth, Part::NameSound],
    &[Part::Birth, Part::NameStart],
    &[Part::SwappedBirth, Part::AnyName],
    &[Part::Birth, Part::Place],
    &[Part::Birth, Part::Postcode],
    &[Part::Name, Part::AnyGiven, Part::Year],
    &[Part::Name, Part::AnyGiven, Part::MonthDay],
    &[Part::Name, Part::AnyGiven, Part::Place],
    &[Part::Name, Part::AnyGiven, Part::Postcode],
    &[Part::Name, Part::AnyGiven, Part::City],
    &[Part::Name, Part::AnyGiven],
    &[Part::NameSound, Part::GivenSound, Part::YearMonth],
    &[Part::NameSound, Part::GivenSound, Part::YearDay],
    &[Part::NameSound, Part::GivenSound, Part::MonthDay],
    &[Part::NameSound, Part::GivenSound, Part::Postcode],
    &[Part::NameSound, Part::GivenSound, Part::Place],
    &[Part::Name, Part::YearMonth],
    &[Part::Name, Part::YearDay],
    &[Part::Name, Part::MonthDay],
    &[Part::AnyGiven, Part::YearMonth, Part::Place],
    &[Part::AnyGiven, Part::Year, Part::Postcode],
    &[Part::AnyGiven, Part::House],
    &[Part::Name, Part::House],
];

/// The rules for files of firms.
const OF_FIRMS: &[&[Part]] = &[
    &[Part::Siren],
    &[Part::Firm],
    &[Part::Postcode, Part::FirmWord],
    &[Part::City, Part::FirmWord],
    &[Part::Postcode, Part::House],
    &[Part::City, Part::House],
];

/// The rules for persons with a firm, which is many persons': only with something of the person.
const IN_FIRMS: &[&[Part]] = &[
    &[Part::Siren, Part::Name],
    &[Part::Siren, Part::AnyGiven],
    &[Part::Siren, Part::Birth],
    &[Part::Firm, Part::Name],
    &[Part::Firm, Part::AnyGiven, Part::Year],
];

/// The rules whose columns both files have; columns of other meaning join names and dates.
pub fn available(records: &Records) -> Vec<Rule> {
    let here = |parts: &[Part]| parts.iter().all(|part| records.filled[part.slot()]);
    let with_persons = records.filled[FAMILY] || records.filled[BIRTH];
    let with_firms = if with_persons { IN_FIRMS } else { OF_FIRMS };
    let all = RULES.iter().chain(with_firms).filter(|parts| here(parts));
    let mut rules: Vec<Rule> = all.map(|parts| Rule::new(parts)).collect();
    for at in 0..u8::try_from(records.other_names.len()).expect("few") {
        let other = Part::Other(at);
        let partners = [Part::Name, Part::AnyGiven, Part::Birth, Part::Postcode, Part::City];
        let pairs = partners.map(|partner| [other, partner]);
        rules.extend(pairs.iter().filter(|pair| here(*pair)).map(|pair| Rule::new(pair)));
        if !with_persons {
            rules.push(Rule::new(&[other]));
        }
    }
    rules.truncate(super::stream::MOST_RULES);
    rules
}

/// Whether some field is asked for by every rule: what is lost by an error in it, no rule can tell.
pub fn share_a_field(rules: &[Rule]) -> bool {
    let asked = |rule: &Rule| rule.parts.iter().fold(0_u32, |all, part| all | 1 << part.slot());
    rules.iter().map(asked).fold(u32::MAX, |all, rule| all & rule) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_persons_share_no_field_and_those_of_one_number_do() {
        let all: Vec<Rule> = RULES.iter().map(|parts| Rule::new(parts)).collect();
        assert!(!share_a_field(&all));
        let dated = [[Part::Birth, Part::Name], [Part::Year, Part::Given]];
        assert!(share_a_field(&dated.map(|parts| Rule::new(&parts))));
        assert!(share_a_field(&[Rule::new(&[Part::Siren])]) && share_a_field(&[]));
    }
}
