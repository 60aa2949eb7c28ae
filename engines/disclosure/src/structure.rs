//! A table as facts that can be compared with other tables: each figure with the categories that
//! it is of, and the sums that tie figures together.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::extract::MAX_COLUMNS;
use crate::report::Location;
use crate::sums::{Grid, Sum, sums};
use crate::table::{Column, Row, Table};
use crate::value::Value;
use crate::words::{COUNT_STRONG, Role, TOTALS, UNITS, fold, is_total, tokens};

/// The categories of a figure, as sorted hashes of their folded names; totals have fewer.
pub type Key = Vec<u64>;

/// What the figures of a structured table measure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Measure {
    /// Numbers of units; the noun of the unit where a header gives it.
    Count {
        /// After weighting.
        weighted: bool,
        /// `patients`, `menages`...; empty where nothing says.
        unit: String,
    },
    /// Sums of a magnitude.
    Sum,
    /// Numbers of unknown meaning.
    Unknown,
}

impl Measure {
    /// Whether figures of both may be the same thing: a table may leave its unit unsaid.
    pub fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Count { weighted: a, unit: u }, Self::Count { weighted: b, unit: v }) => {
                a == b && (u == v || u.is_empty() || v.is_empty())
            }
            (a, b) => a == b,
        }
    }
}

/// A figure with its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fact {
    /// What it is of.
    pub key: Key,
    /// What stands there; `None` for a mask.
    pub value: Option<f64>,
    /// The bound that a mask such as `<11` names: the figure is below it.
    pub below: Option<f64>,
    /// How its row and column are called.
    pub name: String,
    /// Where it is.
    pub place: Location,
}

/// A table, or the part of one that has one measure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Structured {
    /// What its figures measure.
    pub measure: Measure,
    /// Its figures.
    pub facts: Vec<Fact>,
    /// Totals with their parts, as places in `facts`.
    pub sums: Vec<Sum>,
    /// Years that the title or the file's name gives.
    pub years: BTreeSet<u16>,
    /// Words of the title and of the file's name that may tell a population.
    pub words: BTreeSet<String>,
    /// Whether it has more lines than sums are looked for in, so that `sums` may lack some.
    #[serde(default)]
    pub unsummed: bool,
}

/// The structured parts of a table.
#[derive(Debug, Default)]
pub struct Structures {
    /// One a measure.
    pub parts: Vec<Structured>,
    /// Whether figures of the table were left out, since it is too large to be compared.
    pub partial: bool,
}

/// Figures of a table that are kept at most: larger ones are compared with nothing else.
const MOST: usize = 50_000;

/// Words that tell no population.
const NEUTRAL: &[&str] = &[
    "table",
    "tableau",
    "tab",
    "tables",
    "file",
    "fichier",
    "csv",
    "txt",
    "tsv",
    "log",
    "tex",
    "md",
    "par",
    "by",
    "de",
    "des",
    "du",
    "d",
    "la",
    "le",
    "les",
    "l",
    "et",
    "of",
    "the",
    "and",
    "in",
    "en",
    "selon",
    "sur",
    "a",
    "au",
    "aux",
    "number",
    "nombre",
    "effectif",
    "effectifs",
    "nb",
    "n",
    "count",
    "counts",
    "freq",
    "total",
    "ensemble",
    "all",
    "tous",
    "toutes",
    "complete",
    "full",
    "complet",
    "population",
    "echantillon",
    "sample",
    "source",
    "champ",
    "note",
    "export",
    "exports",
    "sortie",
    "output",
    "released",
    "final",
    "resultats",
    "results",
    "general",
    "pour",
    "for",
    "un",
    "une",
    "version",
    "v",
    "annexe",
    "synthese",
    "repartition",
    "distribution",
    "croisement",
    "safe",
    "unsafe",
    "previous",
    "new",
    "old",
    "figure",
    "out",
    "data",
    "tri",
];

impl Structured {
    /// The structured parts of `table` of the file `name`.
    pub fn of(table: &Table, name: &str) -> Structures {
        if table.columns.len() > MAX_COLUMNS {
            return Structures { parts: Vec::new(), partial: true };
        }
        let masked = |value: &Value| matches!(value, Value::Mask);
        let mut parts: HashMap<Measure, Vec<(usize, usize)>> = HashMap::new();
        let mut order = Vec::new();
        for (row, column, role, cell) in table.figures() {
            if cell.value.number().is_none() && !masked(&cell.value) {
                continue;
            }
            let Some(measure) = measure(table, column, role) else { continue };
            let cells = parts.entry(measure.clone()).or_insert_with(|| {
                order.push(measure);
                Vec::new()
            });
            cells.push((row, column));
        }
        // Counted once: a file of totals alone must not make it quadratic.
        let lonely_row = table.rows.iter().filter(|row| row.total).count() == 1;
        let lonely_column = table.columns.iter().filter(|column| column.total).count() == 1;
        let rows: Vec<Vec<u64>> =
            table.rows.iter().map(|row| of_row(table, row, lonely_row)).collect();
        let columns = of_columns(table, lonely_column);
        let told = fold(&format!("{} {}", table.title, stem(name)));
        let (years, words) = population(&told);
        let mut structured = Structures::default();
        for measure in order {
            let Some(cells) = parts.remove(&measure).filter(|cells| cells.len() <= MOST) else {
                structured.partial = true;
                continue;
            };
            let facts = cells.iter().map(|at| fact(table, *at, &rows, &columns)).collect();
            let found = sums(&Grid::of(table, &cells));
            let (sums, unsummed) = (found.sums, found.cut);
            let (years, words) = (years.clone(), words.clone());
            structured.parts.push(Self { measure, facts, sums, years, words, unsummed });
        }
        structured
    }

    /// Each key with the place of its fact; a key that two facts bear is left out.
    pub fn by_key(&self) -> HashMap<&Key, usize> {
        let mut found: HashMap<&Key, Option<usize>> = HashMap::new();
        for (at, fact) in self.facts.iter().enumerate() {
            found.entry(&fact.key).and_modify(|seen| *seen = None).or_insert(Some(at));
        }
        found.into_iter().filter_map(|(key, at)| Some((key, at?))).collect()
    }
}

fn fact(table: &Table, at: (usize, usize), rows: &[Vec<u64>], columns: &[Vec<u64>]) -> Fact {
    let (row, column) = at;
    let both = rows.get(row).into_iter().chain(columns.get(column)).flatten();
    let mut key: Key = both.copied().collect();
    key.sort_unstable();
    let cell = table.cell(row, column);
    let value = cell.and_then(|c| c.value.number()).map(|n| n.value);
    let below = cell.filter(|_| value.is_none()).and_then(|c| bound(&c.text));
    let place = cell.map(|c| c.place).unwrap_or_default();
    Fact { key, value, below, name: table.names(row, column), place }
}

/// The bound of `<11`; `<=10` is below 11.
fn bound(text: &str) -> Option<f64> {
    let text = text.trim();
    let said = ["moins de ", "fewer than ", "less than ", "inférieur à ", "under "];
    let lower = text.to_lowercase();
    if let Some(rest) = said.iter().find_map(|said| lower.strip_prefix(said)) {
        return rest.trim().parse::<u32>().ok().map(f64::from);
    }
    let (rest, closed) = match text.strip_prefix('<') {
        Some(rest) => rest.strip_prefix('=').map_or((rest, false), |rest| (rest, true)),
        None => (text.strip_prefix('≤')?, true),
    };
    let bound: u32 = rest.trim().parse().ok()?;
    Some(f64::from(bound) + f64::from(u8::from(closed)))
}

fn measure(table: &Table, column: usize, role: Role) -> Option<Measure> {
    let title = table.columns.get(column).map_or("", |c| c.title.as_str());
    match role {
        Role::Count { weighted } => {
            let folded = fold(&title.chars().take(200).collect::<String>());
            let words = tokens(&folded);
            let unit =
                words.iter().find(|w| UNITS.contains(w)).map_or("", |w| w.trim_end_matches('s'));
            Some(Measure::Count { weighted, unit: unit.to_owned() })
        }
        Role::Sum => Some(Measure::Sum),
        Role::Unknown => Some(Measure::Unknown),
        _ => None,
    }
}

/// The hash by which a category is known in every table: FNV-1a of 64 bits, which stays the same
/// from one release to the next, as the figures that are kept of released tables need.
pub fn category(text: &str) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// A category's name without case, accents and punctuation; codes of one or two characters mean
/// something only below their `header`.
pub fn named(text: &str, header: &str) -> Option<u64> {
    let folded = fold(&text.chars().take(200).collect::<String>());
    let words = tokens(&folded);
    if words.is_empty() {
        return None;
    }
    let joined = words.join(" ");
    let code = joined.len() <= 2 || joined.chars().all(|c| c.is_ascii_digit());
    Some(if code {
        category(&format!("{}:{joined}", fold(header).trim()))
    } else {
        category(&joined)
    })
}

/// The categories of a row; `lonely` where the table has one total row alone.
fn of_row(table: &Table, own: &Row, lonely: bool) -> Vec<u64> {
    let lonely = own.total && lonely;
    let labels = table.columns.iter().zip(&own.cells).filter(|(c, _)| c.role == Role::Label);
    labels
        .filter(|(_, cell)| {
            !(is_total(&cell.text) && (lonely || tokens(&fold(&cell.text)).len() < 2))
        })
        .filter_map(|(column, cell)| {
            let text =
                if is_total(&cell.text) { without(&cell.text, TOTALS) } else { cell.text.clone() };
            named(&text, &column.title)
        })
        .collect()
}

/// The categories of the columns. `Salariés hors apprentis` of one table is `Salariés` of another
/// with a few left out, and has its key, unless the table shows both.
fn of_columns(table: &Table, lonely: bool) -> Vec<Vec<u64>> {
    let whole: Vec<Vec<u64>> =
        table.columns.iter().map(|own| of_column(&own.title, own.total && lonely)).collect();
    let key = |(at, own): (usize, &Column)| {
        let Some(rest) = but(&own.title) else { return whole[at].clone() };
        let key = of_column(rest, false);
        if whole.contains(&key) { whole[at].clone() } else { key }
    };
    table.columns.iter().enumerate().map(key).collect()
}

/// What stands before the words that leave a part out.
fn but(title: &str) -> Option<&str> {
    let lower = title.to_lowercase();
    let words =
        [" hors ", " sauf ", " sans les ", " excluding ", " excl. ", " except ", " without "];
    let at = words.iter().filter_map(|word| lower.find(word)).min()?;
    title.get(..at).filter(|head| !head.trim().is_empty())
}

fn of_column(title: &str, lonely: bool) -> Vec<u64> {
    if lonely {
        return Vec::new();
    }
    let text = without(title, TOTALS);
    let text = without(&text, COUNT_STRONG);
    let bare = without(&text, UNITS);
    named(&bare, "column").into_iter().collect()
}

/// `text` without these words and without what joins words.
fn without(text: &str, words: &[&str]) -> String {
    const JOINS: &[&str] = &[
        "de", "des", "du", "d", "la", "le", "les", "l", "of", "the", "non", "pondere", "general",
        "generale",
    ];
    let folded = fold(&text.chars().take(200).collect::<String>());
    let kept = tokens(&folded).into_iter().filter(|w| !words.contains(w) && !JOINS.contains(w));
    kept.collect::<Vec<_>>().join(" ")
}

fn stem(name: &str) -> &str {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    last.rsplit_once('.').map_or(last, |(stem, _)| stem)
}

fn population(told: &str) -> (BTreeSet<u16>, BTreeSet<String>) {
    let words = tokens(told);
    let year =
        |word: &&str| word.parse().ok().filter(|y| word.len() == 4 && (1900..2101).contains(y));
    let years = words.iter().filter_map(year).collect();
    let tells = |word: &&&str| {
        word.len() > 1 && !NEUTRAL.contains(*word) && !word.chars().any(|c| c.is_ascii_digit())
    };
    (years, words.iter().filter(tells).map(|w| (*w).to_owned()).collect())
}
