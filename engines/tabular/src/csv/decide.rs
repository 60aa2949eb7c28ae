//! From what was counted of a column to its type: one pure function, `plan`.

use super::column::Column;
use super::report::{ColumnType, Reason};
use super::shape::Shape;

/// How the texts of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    Text,
    Integer,
    Number,
    Boolean,
    Date,
    DayFirst,
    DateTime,
    DayFirstTime,
    DateTimeUtc,
}

impl Plan {
    /// The type that it gives.
    pub fn kind(self) -> ColumnType {
        match self {
            Self::Text => ColumnType::Text,
            Self::Integer => ColumnType::Integer,
            Self::Number => ColumnType::Number,
            Self::Boolean => ColumnType::Boolean,
            Self::Date | Self::DayFirst => ColumnType::Date,
            Self::DateTime | Self::DayFirstTime => ColumnType::DateTime,
            Self::DateTimeUtc => ColumnType::DateTimeUtc,
        }
    }
}

/// What the file around the column says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    pub delimiter: u8,
    /// Some column has decimal commas that cannot be thousands.
    pub decimal_commas: bool,
}

/// A plan, its reason, and what else to know.
pub(crate) type Decision = (Plan, Reason, Vec<Reason>);

const NUMBERS: [Shape; 12] = [
    Shape::Integer,
    Shape::LongInteger,
    Shape::HugeInteger,
    Shape::Plus,
    Shape::Point,
    Shape::Comma,
    Shape::Exponent,
    Shape::BareExponent,
    Shape::CommaExponent,
    Shape::Spaced,
    Shape::Grouped,
    Shape::Inexact,
];

impl Column {
    pub(crate) fn of(&self, shape: Shape) -> u64 {
        self.counts[shape as usize]
    }

    fn sum(&self, shapes: &[Shape]) -> u64 {
        shapes.iter().map(|shape| self.of(*shape)).sum()
    }

    /// The first line of any of `shapes`.
    fn line(&self, shapes: &[Shape]) -> u64 {
        let seen = shapes.iter().filter(|shape| self.of(**shape) > 0);
        seen.map(|shape| self.firsts[*shape as usize]).min().unwrap_or(0)
    }

    fn values(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The type of a column, from every one of its fields.
pub(crate) fn plan(column: &Column, name: &str, context: Context) -> Decision {
    let (values, texts) = (column.values(), column.of(Shape::Text));
    let zeros = column.of(Shape::LeadingZero);
    let text = |reason| (Plan::Text, reason, Vec::new());
    if values == 0 {
        return text(Reason::AllEmpty);
    }
    if zeros > 0 {
        let first_line = column.line(&[Shape::LeadingZero]);
        return text(Reason::LeadingZeros { count: zeros, first_line });
    }
    if texts > 0 {
        let few = !column.words && texts * 2 <= values;
        return text(if few { Reason::Marks { values: column.marks() } } else { Reason::Words });
    }
    match column.sum(&NUMBERS) {
        0 => dates(column),
        numbers if numbers < values => text(Reason::NumbersAndDates),
        _ => numbers(column, name, context),
    }
}

fn dates(column: &Column) -> Decision {
    use Shape::{
        Date, DateTime, DateTimeUtc, DayFirst, DayFirstTime, EitherFirst, EitherFirstTime,
        MonthFirst,
    };
    let text = |reason| (Plan::Text, reason, Vec::new());
    let values = column.values();
    let clear = column.sum(&[DayFirst, DayFirstTime]);
    let slashed = [DayFirst, DayFirstTime, EitherFirst, EitherFirstTime];
    let midnight = |shapes: &[Shape]| match column.sum(shapes) {
        0 => vec![],
        count => vec![Reason::DatesAtMidnight { count, first_line: column.line(shapes) }],
    };
    if column.of(Date) == values {
        return (Plan::Date, Reason::Dates, vec![]);
    }
    if column.of(DateTimeUtc) == values {
        return (Plan::DateTimeUtc, Reason::DateTimes, vec![]);
    }
    if column.sum(&[Date, DateTime]) == values {
        return (Plan::DateTime, Reason::DateTimes, midnight(&[Date]));
    }
    let month_first = column.of(MonthFirst);
    if month_first > 0 && month_first + column.of(EitherFirst) == values {
        let first_line = column.line(&[MonthFirst]);
        return text(Reason::MonthFirstDates { count: month_first, first_line });
    }
    if column.sum(&slashed) < values {
        return text(Reason::MixedDates);
    }
    if clear == 0 {
        return text(Reason::AmbiguousDates { count: values, first_line: column.line(&slashed) });
    }
    let mut notes = vec![Reason::DayFirst { count: clear }];
    if column.sum(&[DayFirst, EitherFirst]) == values {
        return (Plan::DayFirst, Reason::Dates, notes);
    }
    notes.extend(midnight(&[DayFirst, EitherFirst]));
    (Plan::DayFirstTime, Reason::DateTimes, notes)
}

fn numbers(column: &Column, name: &str, context: Context) -> Decision {
    let integers = column.sum(&[Shape::Integer, Shape::LongInteger]);
    if integers == column.values() {
        return match code(column, name) {
            Some(reason) => (Plan::Text, reason, Vec::new()),
            None => (Plan::Integer, Reason::Integers, Vec::new()),
        };
    }
    if let Some(reason) = doubtful(column, context) {
        return (Plan::Text, reason, Vec::new());
    }
    let note = |count, note: fn(u64) -> Reason| (count > 0).then(|| note(count));
    let spaced = column.sum(&[Shape::Spaced, Shape::Grouped]);
    let reformatted = column.reformatted + column.of(Shape::Plus);
    let notes = [
        note(reformatted, |count| Reason::Reformatted { count }),
        note(spaced, |count| Reason::ThousandsSpaces { count }),
    ];
    (Plan::Number, Reason::Numbers, notes.into_iter().flatten().collect())
}

/// Why a column of integers is a code and not a quantity.
fn code(column: &Column, name: &str) -> Option<Reason> {
    if column.negatives > 0 {
        return None;
    }
    let (shortest, length) = column.digits;
    let fixed = shortest == length;
    if fixed && length > 15 {
        return Some(Reason::LongCode { length });
    }
    if let Some(kind) = known_code(name, length) {
        return Some(Reason::KnownCode { kind: kind.to_owned() });
    }
    // Ten different values pass by chance once in 10^10.
    let enough = column.distinct.count().is_none_or(|distinct| distinct >= 10);
    let kind = match length {
        14 if fixed && column.luhn => "siret",
        9 if fixed && column.luhn => "siren",
        15 if fixed && column.nir => "nir",
        _ => return None,
    };
    enough.then(|| Reason::CheckDigits { kind: kind.to_owned() })
}

/// The official code that `name` speaks of, if `length` digits are possible for it.
fn known_code(name: &str, length: u32) -> Option<&'static str> {
    const INSIDE: [(&str, &str, &[u32]); 10] = [
        ("siret", "siret", &[13, 14]),
        ("siren", "siren", &[8, 9]),
        ("finess", "finess", &[8, 9]),
        ("postal", "postal", &[4, 5]),
        ("zipcode", "postal", &[4, 5]),
        ("insee", "commune", &[4, 5]),
        ("depcom", "commune", &[4, 5]),
        ("codgeo", "commune", &[4, 5]),
        ("codecommune", "commune", &[4, 5]),
        ("codcom", "commune", &[4, 5]),
    ];
    const WHOLE: [(&str, &str, &[u32]); 6] = [
        ("nir", "nir", &[13, 15]),
        ("nss", "nir", &[13, 15]),
        ("cp", "postal", &[4, 5]),
        ("zip", "postal", &[4, 5]),
        ("commune", "commune", &[4, 5]),
        ("com", "commune", &[4, 5]),
    ];
    let lower = name.to_lowercase();
    let joined: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let words = || lower.split(|c: char| !c.is_alphanumeric());
    let counts = words().any(|word| word.starts_with("pop") || word.starts_with("nb"));
    let inside = INSIDE.iter().find(|(word, ..)| joined.contains(word));
    let whole = || WHOLE.iter().find(|(code, ..)| words().any(|word| word == *code));
    let (_, kind, lengths) = inside.or_else(whole)?;
    (lengths.contains(&length) && !counts).then_some(*kind)
}

/// Why numbers with decimals, exponents, signs or blanks are not safe to read as numbers.
fn doubtful(column: &Column, context: Context) -> Option<Reason> {
    use Shape::{
        BareExponent, Comma, CommaExponent, Exponent, Grouped, HugeInteger, Inexact, LongInteger,
        Plus, Point, Spaced,
    };
    let found = |shapes: &[Shape]| {
        let count = column.sum(shapes);
        (count > 0).then(|| (count, column.line(shapes)))
    };
    if let Some((count, first_line)) = found(&[Inexact, HugeInteger, LongInteger]) {
        return Some(Reason::TooManyDigits { count, first_line });
    }
    let (points, commas) = (found(&[Point, Exponent]), found(&[Comma, CommaExponent]));
    if let (Some((_, point_line)), Some((_, comma_line))) = (points, commas) {
        return Some(Reason::MixedDecimalMarks { point_line, comma_line });
    }
    let all_like = |shape| column.of(shape) > 0 && column.like_thousands == column.of(shape);
    let comma_in_doubt = context.delimiter == b',' && all_like(Comma);
    if comma_in_doubt || (context.decimal_commas && all_like(Point)) {
        let (count, first_line) = points.or(commas)?;
        return Some(Reason::AmbiguousMark { count, first_line });
    }
    if let Some((count, first_line)) = found(&[BareExponent])
        && points.or(commas).is_none()
    {
        return Some(Reason::AmbiguousExponent { count, first_line });
    }
    if let Some((count, first_line)) = found(&[Plus])
        && points.or(commas).is_none()
        && column.negatives == 0
    {
        return Some(Reason::AmbiguousPlus { count, first_line });
    }
    // Plain blanks need clear numbers beside them, and no blank may meet decimal points.
    let clear = commas.is_some() || column.of(Grouped) > 0;
    if (column.of(Spaced) > 0 && !clear) || points.is_some() {
        let (count, first_line) = found(&[Spaced, Grouped])?;
        return Some(Reason::AmbiguousSpaces { count, first_line });
    }
    None
}

/// The plan for a declared type, or the line of the first field that it cannot hold.
pub(crate) fn declared(column: &Column, kind: ColumnType) -> Result<Plan, u64> {
    use Shape::{
        Comma, CommaExponent, Date, DateTime, DateTimeUtc, DayFirst, DayFirstTime, EitherFirst,
        EitherFirstTime, HugeInteger, Inexact, Integer, LongInteger,
    };
    let numbers = |commas: bool| {
        let unfit = |shape: &Shape| {
            let other_mark = match shape {
                Comma | CommaExponent => !commas,
                Shape::Point | Shape::Exponent => commas,
                _ => false,
            };
            matches!(shape, HugeInteger | Inexact | LongInteger) || other_mark
        };
        NUMBERS.into_iter().filter(|shape| !unfit(shape)).collect::<Vec<_>>()
    };
    let (allowed, plan) = match kind {
        ColumnType::Text => return Ok(Plan::Text),
        ColumnType::Boolean if column.booleans == column.values() => return Ok(Plan::Boolean),
        ColumnType::Boolean => (vec![], Plan::Boolean),
        ColumnType::Integer => (vec![Integer, LongInteger], Plan::Integer),
        ColumnType::Number => (numbers(column.sum(&[Comma, CommaExponent]) > 0), Plan::Number),
        ColumnType::Date if column.of(Date) > 0 => (vec![Date], Plan::Date),
        ColumnType::Date => (vec![DayFirst, EitherFirst], Plan::DayFirst),
        ColumnType::DateTime if column.sum(&[Date, DateTime]) > 0 => {
            (vec![Date, DateTime], Plan::DateTime)
        }
        ColumnType::DateTime => {
            (vec![DayFirst, EitherFirst, DayFirstTime, EitherFirstTime], Plan::DayFirstTime)
        }
        ColumnType::DateTimeUtc => (vec![DateTimeUtc], Plan::DateTimeUtc),
    };
    let allows = |i: usize| allowed.iter().any(|shape| *shape as usize == i);
    let wrong = (0..column.counts.len()).filter(|i| column.counts[*i] > 0 && !allows(*i));
    match wrong.map(|i| column.firsts[i]).min() {
        None => Ok(plan),
        Some(line) => Err(line),
    }
}
