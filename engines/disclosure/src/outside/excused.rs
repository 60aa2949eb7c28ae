//! Lines of figures that are no results: pages, headings, estimates, sentences that are read as prose.

use super::figures::{Heading, heading};
use crate::extract::{Extract, Line};
use crate::value::{self, Decimal, Number};
use crate::words::{Role, fold, is_numbering, role_of, tokens};

/// Whether lines are those that R prints below `Coefficients:`, names and estimates in turns.
pub fn is_coefficients(line: &str, before: bool) -> bool {
    let folded = fold(line);
    matches!(folded.trim_start_matches('#').trim(), "coefficients:" | "sample estimates:")
        || before && !folded.contains([':', '='])
}

/// The number of a page at its head or foot: `3`, `Page 3 / 12`, `- 3 -`.
pub fn is_page(extract: &Extract, line: &Line) -> bool {
    let folded = fold(&line.text);
    let words = tokens(&folded);
    let known = |word: &&str| {
        ["page", "p", "sur", "of", "de", "feuille"].contains(word)
            || word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit())
    };
    let numbers = words.iter().filter(|w| w.parse::<u32>().is_ok()).count();
    let alone =
        words.len() == 1 && extract.within.page.is_some_and(|page| words[0].parse() == Ok(page));
    alone || numbers <= 2 && words.iter().all(known) && words.iter().any(|w| w.starts_with('p'))
}

/// The highest number of a heading so far: `3. Corse` below `2. Nord` numbers a heading, as does one
/// that stood in a table of contents; without them it is a figure.
#[derive(Debug, Default)]
pub struct Headings {
    last: Option<u32>,
}

impl Headings {
    /// Starts at the first page, or in the midst of a document where any number may be the next.
    pub fn of(extract: &Extract) -> Self {
        let later = extract.within.page.is_some_and(|page| page > 1);
        Self { last: if later { None } else { Some(0) } }
    }

    /// The figure that stands where a heading has its number, and is none.
    pub fn figure(&mut self, line: &str) -> Option<Number> {
        let Heading { number, words } = heading(line)?;
        let next = self.last.is_none_or(|last| number.saturating_sub(1) <= last);
        if next {
            self.last = self.last.max(Some(number));
            return None;
        }
        (words <= ROW).then(|| value::read(&number.to_string(), Decimal::Unknown).number())?
    }
}

/// Words of a row, at most; longer lines are sentences.
const ROW: usize = 4;

/// `1. Introduction`, `2.3) Data`, or a code, year or page by its name (`annee: 1982`): no figures.
pub fn is_numbered(line: &str, figures: &[Number]) -> bool {
    let [one] = figures else { return false };
    let year = one.decimals == 0 && (1900.0..2101.0).contains(&one.value);
    line.split_once(':')
        .is_some_and(|(name, _)| matches!(role_of(name), Role::Other) && year || is_numbering(name))
}

/// A statement of a SAS log behind the number of its line: `4          var loyer surface;`.
pub fn is_statement(line: &str, figures: &[Number]) -> bool {
    let gap = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    let statement = gap.trim_start();
    figures.len() == 1
        && gap.len() >= statement.len() + 4
        && gap.len() < line.trim_start().len()
        && statement.starts_with(|c: char| c.is_ascii_lowercase())
        && (statement.contains(' ') || ["run;", "quit;"].contains(&statement.trim_end()))
        && statement.trim_end().ends_with(';')
}

/// A line that ends as a sentence does, with words: what it says is read as prose. `Corse deces 3.`
/// is a row that ends with a full stop: its last word is a figure that no noun follows.
pub fn is_sentence(line: &str) -> bool {
    let words = line.split_whitespace();
    let long = words.filter(|w| w.chars().filter(|c| c.is_alphabetic()).count() >= 4).count();
    let bare = |w: &str| value::read(w.trim_end_matches(['.', ';']), Decimal::Unknown).number();
    let rows = line.split(';').filter_map(|part| bare(part.split_whitespace().last()?));
    long >= 2 && line.trim_end().ends_with(['.', ';']) && rows.count() == 0
}

/// Bounds of classes rise; the values of units do not.
pub fn is_rising(figures: &[Number]) -> bool {
    figures.len() >= 2 && figures.windows(2).all(|pair| pair[0].value < pair[1].value)
}

/// The size of a tibble, and how many of its lines are not shown: `# A tibble: 22 × 6`.
pub fn is_frame_size(line: &str) -> bool {
    let line = line.trim_start();
    ["# A tibble: ", "# \u{2026} with ", "# \u{2139} "].iter().any(|head| line.starts_with(head))
}

/// Figures with decimals, each behind its name (`Skew: 8.5`) or below the words for an interval or
/// an estimate, as programs print tests: no counts.
pub fn is_estimate(line: &str, above: &str, figures: &[Number]) -> bool {
    let named = line.split_whitespace().filter(|word| word.ends_with([':', '='])).count();
    let above = fold(above);
    let told =
        ["confidence interval", "intervalle de confiance", "mean in group", "mean of", "estimates"];
    figures.iter().all(|n| n.decimals > 0)
        && (named >= figures.len()
            || figures.len() <= 2 && told.iter().any(|words| above.contains(words)))
}
