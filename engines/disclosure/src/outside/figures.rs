//! The figures of a line: numbers that could be those of units, beside its words.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern;
use crate::value::{self, Decimal, Number};
use crate::words::{fold, is_setting};

/// Words whose number names a part of a document or a step: `Tableau 3`, `Model 2`.
const PARTS: &[&str] = &[
    "tableau",
    "tableaux",
    "table",
    "tab",
    "figure",
    "fig",
    "graphique",
    "graph",
    "annexe",
    "annex",
    "appendix",
    "page",
    "pages",
    "section",
    "partie",
    "part",
    "chapitre",
    "chapter",
    "panel",
    "panneau",
    "modele",
    "model",
    "etape",
    "step",
    "version",
    "v",
    "note",
    "article",
    "question",
    "vague",
    "wave",
    "lot",
    "no",
    "n°",
    "numero",
    "encadre",
    "carte",
    "feuille",
    "sheet",
    "demande",
    "iteration",
    "fichier",
    "file",
    "programme",
    "exercice",
];

/// Nouns of what a program or a document has so many of: `3 modèles`, `5 folds`.
const THINGS: &[&str] = &[
    "modeles",
    "models",
    "variables",
    "specifications",
    "tableaux",
    "tables",
    "figures",
    "graphiques",
    "pages",
    "etapes",
    "steps",
    "fichiers",
    "files",
    "programmes",
    "scripts",
    "parametres",
    "parameters",
    "iterations",
    "folds",
    "plis",
    "repetitions",
    "decimales",
    "decimals",
    "colonnes",
    "columns",
    "modalites",
    "levels",
    "equations",
    "coeurs",
    "cores",
    "threads",
    "graines",
    "seeds",
];

/// What stands before an answer: `## `, `[1]`, `Out[3]: `.
pub static ANSWER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(?:##|#>)?\s*(?:\[(\d+)\]|Out\[\d+\]:)\s*"));

/// A value or a list as Python shows it: `np.float64(4.5)`, `array([3, 4])`, `(4, 12)`.
static SHOWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:np\.|numpy\.)?(?:array|u?int\d+|float\d+|Index|Decimal|Timedelta|tensor) ?)?[(\[]+([-+\d., eE]*\d[-+\d., eE]*?)[\])]*(?:, (?:dtype|name)=[^)]*)?[\])]+$",
    )
});

/// A dictionary, or a list of pairs, as Python shows them: `{'a': 120, 'b': 3}`, `[('a', 3)]`.
static PAIRS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:\w+\()?(?:\{['\x22\d(].*: .*\}|\[\(['\x22].*, .*\)\])\)?$"));
static PAIRED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:: |', |\x22, )(?:np\.\w+\()?(-?\d[\d.]*)"));

/// The values of the pairs of a line that has nothing else.
pub fn pairs(line: &str) -> Option<Vec<Number>> {
    let body = ANSWER.replace(line, "");
    let body = body.trim();
    if !body.ends_with(['}', ']', ')']) || !PAIRS.is_match(body) {
        return None;
    }
    let value = |hit: regex::Captures<'_>| {
        value::read(hit.get(1)?.as_str().trim_end_matches('.'), Decimal::Point).number()
    };
    let values: Vec<Number> = PAIRED.captures_iter(body).filter_map(value).collect();
    (values.len() >= 2).then_some(values)
}

/// Whether a line is a value that Python shows, and no command.
pub fn is_shown(line: &str) -> bool {
    SHOWN.is_match(ANSWER.replace(line, "").trim())
}

/// The number at the head of a line and how many words follow it.
pub struct Heading {
    /// A whole number, before a point or a bracket.
    pub number: u32,
    /// The words behind it.
    pub words: usize,
}

/// `3. Corse`, `3) Corse`: the number of a heading, or the figure of a row.
pub fn heading(line: &str) -> Option<Heading> {
    let (first, rest) = line.trim_start().trim_start_matches('#').trim_start().split_once(' ')?;
    let number = first.strip_suffix(['.', ')'])?.parse().ok()?;
    rest.trim_start()
        .starts_with(char::is_alphabetic)
        .then(|| Heading { number, words: rest.split_whitespace().count() })
}

/// The figures of a line that could be numbers of units, and how many words it has beside the
/// numbers of its parts and its years.
pub fn figures(line: &str) -> (Vec<Number>, usize) {
    let body = ANSWER.replace(line, "");
    let body = body.trim().trim_start_matches('#');
    let shown = SHOWN.captures(body).and_then(|hit| Some(hit.get(1)?.as_str().replace(", ", " ")));
    let words = joined(words(shown.as_deref().unwrap_or(body)));
    let lettered = words.iter().any(|w| w.contains(char::is_alphabetic));
    let (mut out, mut counted) = (Vec::new(), 0);
    let mut before = String::new();
    for (at, word) in words.iter().enumerate() {
        let folded = fold(word);
        let bare = folded.trim_matches(|c: char| !(c.is_alphanumeric() || c == '°'));
        let after = words.get(at + 1).map(|w| fold(w)).unwrap_or_default();
        let thing = THINGS.contains(&after.trim_matches(|c: char| !c.is_alphanumeric()));
        let part = PARTS.contains(&before.as_str()) || is_setting(&before) || thing;
        let heading = at == 0
            && word.contains(['.', ')'])
            && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ')'))
            && words.get(1).is_some_and(|w| w.starts_with(char::is_alphabetic));
        let number = value::read(word, Decimal::Unknown).number();
        let number =
            number.or_else(|| value::read(bare, Decimal::Unknown).number().filter(|_| part));
        bare.clone_into(&mut before);
        let year = |n: &Number| {
            lettered && n.decimals == 0 && n.is_count() && (1900.0..2101.0).contains(&n.value)
        };
        match number {
            Some(_) if part || heading => {}
            Some(number) if year(&number) => {}
            Some(number) => {
                out.push(number);
                counted += 1;
            }
            None => counted += 1,
        }
    }
    (out, counted)
}

/// The whole number at the end of a row without columns: `Corse deces 3.`, a few words and a figure.
pub fn row_end(line: &str) -> Option<Number> {
    let line = line.trim().trim_end_matches(['.', ';']);
    let (numbers, words) = figures(line);
    let [one] = numbers.as_slice() else { return None };
    let mut all = line.split_whitespace();
    let last = all.next_back()?;
    let plain = |w: &str| w.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''));
    // The head of a page of SAS ends with its number.
    let head = ["The SAS System", "Le Système SAS"].iter().any(|head| line.starts_with(head));
    let labels = all.all(plain) && line.starts_with(char::is_uppercase) && !head;
    let end = last.bytes().all(|b| b.is_ascii_digit());
    (labels && end && (2..=4).contains(&words)).then_some(*one)
}

/// Puts groups of thousands together before a word (`5 200 élèves`); between figures alone they may
/// be two numbers.
fn joined(words: Vec<&str>) -> Vec<String> {
    let digits = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_digit());
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let group = |i: usize| words.get(i).is_some_and(|w| w.len() == 3 && digits(w));
        let mut end = at + 1;
        if digits(words[at]) && words[at].len() <= 3 {
            while group(end) {
                end += 1;
            }
        }
        let lower = |w: &&str| w.starts_with(|c: char| c.is_lowercase());
        if end > at + 1 && words.get(end).is_some_and(lower) {
            out.push(words[at..end].concat());
            at = end;
        } else {
            out.push(words[at].to_owned());
            at += 1;
        }
    }
    out
}

/// The words of a line; delimiters part them too: `Nord;3` among prose is a row of a table. A comma
/// does where it is none of a number.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split(|c: char| c.is_whitespace() || matches!(c, ';' | '|'));
    let mut words = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        if value::read(part, Decimal::Unknown).number().is_some() {
            words.push(part);
        } else {
            words.extend(part.split(',').filter(|word| !word.is_empty()));
        }
    }
    words
}
