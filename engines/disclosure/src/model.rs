//! What a file prints of models: their size, their degrees of freedom, their terms.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::extract::Extract;
use crate::report::Location;
use crate::table::Table;
use crate::value::{Decimal, Dress, Value, read as number_of};
use crate::words::{Role, fold, tokens};

/// One estimated model, as far as its printing tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    /// The line that starts it, or the first that tells of it.
    pub line: u32,
    /// Observations.
    pub n: Option<f64>,
    /// Degrees of freedom of the model: parameters without the constant.
    pub df_model: Option<f64>,
    /// Residual degrees of freedom; the fewest where one line gives those of several models.
    pub df_resid: Option<f64>,
    /// The line that gives them.
    pub df_line: u32,
    /// Coefficient of determination.
    pub r2: Option<f64>,
}

/// A term of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Its label as printed.
    pub label: String,
    /// Where its coefficient stands.
    pub place: Location,
}

/// The models of a file.
#[derive(Debug, Clone, Default)]
pub struct Models {
    /// Each model that prints sizes or degrees of freedom.
    pub models: Vec<Model>,
    /// The terms of its regression tables.
    pub terms: Vec<Term>,
    /// Where its first table of estimates with their errors stands.
    pub estimates: Option<Location>,
    /// Counts of its frequency tables by folded category.
    pub categories: Vec<(String, f64)>,
    /// Whether it has more terms or categories than these.
    pub partial: bool,
}

impl Models {
    /// Adds those of another part of the same file.
    pub fn extend(&mut self, other: Self) {
        self.models.extend(other.models);
        self.terms.extend(other.terms);
        self.estimates = self.estimates.take().or(other.estimates);
        self.categories.extend(other.categories);
        self.partial |= other.partial;
    }

    /// Whether the file gives the number of observations of some model.
    pub fn gives_n(&self) -> bool {
        self.models.iter().any(|m| m.n.is_some() || m.df_resid.is_some())
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

static STARTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"regression results|^call:|^\s*(?:lm|glm|coxph|feols)\(|^\. *(?:regress|reg|logit|probit|logistic|xtreg|stcox|poisson)\b|the (?:reg|logistic|phreg|glm) procedure|dependent variable|dep\. variable|^model:",
    )
});
static N: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:no\. observations|number of obs(?:ervations(?: used| read)?)?|num\. ?obs\.?|nobs|nombre d'observations|observations|\bobs\.?|\bn)(?:[\s${}&:=;,|()\\]|\\num)+(\d[\d .,{}]*)",
    )
});
static N_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    let units = crate::words::UNITS.join("|");
    pattern(&format!(
        r"\bn\s*=\s*(\d[\d ,]*)|(\d[\d ,]*) observations|\b(?:porte|portent|portant|estimee?s?|calcule?e?s?|based|estimated|fitted) (?:sur|on) (\d[\d ,]*) (?:{units})\b"
    ))
});
static ANSWER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:##)?\s*(?:\[1\])?\s*(\d+)\s*$"));
static R2: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^.a-z] ?|multiple )(?:r-squared|r-square|r2|r\$?\^\{?2\}?\$?|r²)(?:[\s${}&:=;,|])*(\d(?:[.,]\d+)?)",
    )
});
static DF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"df residuals?:\s*(\d+)|residual (?:standard|std\.?) error.*?(?:on |df ?= ?)(\d+)|residual deviance:.* on +(\d+)|residual df\s*[=:]?\s*(\d+)|ddl residuels?\s*[=:]?\s*(\d+)|distribution:\s*f\(\d+, ?(\d+)\)|^\s*(?:residual|error)\s*\|?\s+[\d.,e+]+\s+(\d+)\s|^\s*error\s+(\d+)\s",
    )
});
static DF_OF: LazyLock<Regex> = LazyLock::new(|| pattern(r"\(df ?= ?(\d+)\)"));
static DF_MODEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"df model:\s*(\d+)|^\s*model\s*\|?\s+[\d.,e+]+\s+(\d+)\s|^\s*model\s+(\d+)\s")
});

/// Lines of a file that are read for models at most.
const LINES: usize = 20_000;
/// Terms and categories of a file that are kept at most.
const KEPT: usize = 2000;

/// Reads the models of a file.
pub fn read(extract: &Extract) -> Models {
    let mut models = Models { models: printed(lines(extract).into_iter()), ..Models::default() };
    for table in &extract.tables {
        if is_regression(table) {
            let own = terms(table);
            if models.estimates.is_none() && own.len() >= 2 {
                models.estimates = own.first().map(|term| term.place);
            }
            models.terms.extend(own);
            if let Some(n) = size_of(table) {
                let line = table.rows.first().and_then(|row| row.cells.first()?.place.line);
                let line = line.unwrap_or(0);
                models.models.push(Model { line, n: Some(n), ..Model::default() });
            }
        } else {
            models.categories.extend(categories(table));
            if let Some(n) = printed_size(table) {
                models.models.push(Model { line: 0, n: Some(n), ..Model::default() });
            }
        }
        models.partial |= models.terms.len() > KEPT || models.categories.len() > KEPT;
        models.terms.truncate(KEPT);
        models.categories.truncate(KEPT);
    }
    models
}

/// The number of observations that a table of estimates gives in a column (`n`, the same in each row).
fn size_of(table: &Table) -> Option<f64> {
    let counts = |c: &usize| matches!(table.columns[*c].role, Role::Count { .. });
    let column = (0..table.columns.len()).find(counts)?;
    let mut cells = (0..table.rows.len()).filter_map(|row| table.number(row, column));
    let first = cells.next()?;
    (first >= 1.0 && first.fract() == 0.0 && cells.all(|n| n.fract() == 0.0)).then_some(first)
}

/// The number of observations in a line of statistics of a model, as `glance` gives them.
fn printed_size(table: &Table) -> Option<f64> {
    let [_] = table.rows.as_slice() else { return None };
    let fit = ["aic", "bic", "loglik", "r2", "squared", "df", "sigma", "deviance"];
    let told = |c: &crate::table::Column| tokens(&fold(&c.title)).iter().any(|w| fit.contains(w));
    let size = |c: &usize| matches!(&*fold(table.columns[*c].title.trim()), "n" | "nobs" | "obs");
    let column = (0..table.columns.len()).find(size)?;
    table.columns.iter().any(told).then(|| table.number(0, column))?
}

/// The lines of a text; of an office document, a page or a sheet, its prose and its tables' rows.
pub(crate) fn lines(extract: &Extract) -> Vec<(u32, Cow<'_, str>)> {
    if !extract.text.is_empty() {
        return (1_u32..).zip(extract.text.lines().map(Cow::Borrowed)).take(LINES).collect();
    }
    let rows = extract.tables.iter().flat_map(|table| &table.view.rows).filter_map(|row| {
        let cells: Vec<&str> = row.iter().map(|cell| cell.text.trim()).collect();
        Some((row.first()?.line, Cow::Owned(cells.join(" "))))
    });
    let prose = extract.prose.iter().map(|line| (line.number, Cow::Borrowed(line.text.as_str())));
    let mut all: Vec<_> = rows.chain(prose).take(LINES).collect();
    all.sort_by_key(|(line, _)| *line);
    all
}

fn printed<'a>(lines: impl Iterator<Item = (u32, Cow<'a, str>)>) -> Vec<Model> {
    let mut models: Vec<Model> = Vec::new();
    let (mut open, mut asked) = (false, false);
    for (number, line) in lines {
        // `nobs(m)` is typed, `[1] 7400` is its answer.
        let answer = ANSWER.captures(&line).filter(|_| asked).and_then(|hit| hit.get(1));
        if let Some(n) = answer.and_then(|n| n.as_str().parse::<f64>().ok()) {
            match models.last_mut() {
                Some(model) => model.n = model.n.or(Some(n)),
                None => models.push(Model { line: number, n: Some(n), ..Model::default() }),
            }
        }
        let fence = line.trim().is_empty() || line.trim_start().starts_with("```");
        asked = line.contains("nobs(") || asked && fence;
        // Numbers alone tell nothing of a model, and most lines of large files are such.
        if line.len() > 400 || !line.contains(|c: char| c.is_alphabetic()) {
            continue;
        }
        let folded = fold(&line);
        if STARTS.is_match(&folded) {
            models.push(Model { line: number, ..Model::default() });
            open = true;
        }
        let told = told(&folded);
        if told == Model::default() {
            continue;
        }
        if !open {
            models.push(Model { line: number, ..Model::default() });
            open = true;
        }
        let Some(model) = models.last_mut() else { continue };
        model.n = model.n.or(told.n);
        model.df_model = model.df_model.or(told.df_model);
        if model.df_resid.is_none() && told.df_resid.is_some() {
            (model.df_resid, model.df_line) = (told.df_resid, number);
        }
        model.r2 = model.r2.or(told.r2);
    }
    models.retain(|m| m.n.is_some() || m.df_resid.is_some() || m.r2.is_some());
    models
}

/// What one folded line says.
fn told(line: &str) -> Model {
    let first = |pattern: &Regex| {
        let hit = pattern.captures(line)?;
        let text = hit.iter().skip(1).flatten().next()?.as_str();
        let digits: String = text.chars().filter(|c| !matches!(c, '{' | '}')).collect();
        let digits = digits.trim().trim_end_matches([',', '.', ' ']);
        // `6366,6366` are the sizes of two models, `6,366` is one.
        let one = digits.split([',', ' ']).next().unwrap_or(digits);
        let number = number_of(digits, Decimal::Point).number();
        let number = number.filter(|n| n.value.fract() == 0.0 || n.value < 10.0);
        number.or_else(|| number_of(one, Decimal::Point).number()).map(|n| n.value)
    };
    let has = |word: &str| line.contains(word);
    Model {
        line: 0,
        n: first(&N).or_else(|| first(&N_BEFORE)).filter(|n| n.fract() == 0.0 && *n > 0.0),
        df_model: if has("model") { first(&DF_MODEL) } else { None },
        df_line: 0,
        df_resid: ["resid", "error", "ddl", "distribution: "]
            .iter()
            .any(|word| has(word))
            .then(|| least_dof(line))
            .flatten(),
        r2: if has("adj") && !has("multiple") || has("pseudo") {
            None
        } else {
            first(&R2).filter(|r2| *r2 <= 1.0)
        },
    }
}

/// The fewest residual degrees of freedom of a line: LaTeX prints a model a column.
fn least_dof(line: &str) -> Option<f64> {
    let first = DF.captures(line)?;
    let more = DF_OF.captures_iter(line).filter_map(|hit| hit.get(1)?.as_str().parse::<f64>().ok());
    let own = first.iter().skip(1).flatten().next()?.as_str().parse::<f64>().ok()?;
    Some(more.fold(own, f64::min))
}

/// Whether a table holds estimates with their errors, tests or stars.
pub(crate) fn is_regression(table: &Table) -> bool {
    let titles: Vec<String> = table.columns.iter().map(|c| fold(&c.title)).collect();
    let any = |words: &[&str]| {
        titles.iter().any(|title| tokens(title).iter().any(|word| words.contains(word)))
    };
    let estimates = any(&[
        "coef",
        "coefs",
        "coefficient",
        "coefficients",
        "coeff",
        "estimate",
        "estimates",
        "beta",
        "odds",
        "hr",
        "or",
        "estimation",
        "b",
    ]);
    let errors = any(&[
        "std", "se", "stderr", "err", "error", "erreur", "pvalue", "p", "t", "z", "pr", "conf",
        "ic", "ci",
    ]);
    let dressed = table.figures().filter(|(.., cell)| {
        cell.value.number().is_some_and(|n| n.dress == Dress::Model && n.decimals > 0)
    });
    (estimates && errors) || dressed.take(4).count() >= 4
}

fn terms(table: &Table) -> Vec<Term> {
    let numbers =
        |row: &&crate::table::Row| row.cells.iter().any(|c| matches!(c.value, Value::Number(_)));
    let place = |row: &crate::table::Row| {
        row.cells.iter().find(|c| c.value.number().is_some()).map(|c| c.place)
    };
    let kept = table.rows.iter().filter(numbers).filter(|row| !row.label.is_empty()).take(KEPT + 1);
    kept.filter_map(|row| Some(Term { label: row.label.clone(), place: place(row)? })).collect()
}

/// The counts of a table by the label of their row.
fn categories(table: &Table) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    for (row, _, role, cell) in table.figures() {
        if found.len() > KEPT {
            break;
        }
        let Some(number) = cell.value.number() else { continue };
        let label = &table.rows[row].label;
        if matches!(role, Role::Count { weighted: false })
            && !label.is_empty()
            && !table.rows[row].total
        {
            let folded = fold(label);
            found.push((tokens(&folded).join(" "), number.value));
        }
    }
    found
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the same operations give the same bits")]
mod tests {
    use super::*;

    #[test]
    fn what_programs_print_of_a_model_is_read() {
        for (line, n) in [
            ("no. observations:                 815   aic: 3", 815.0),
            (
                "      source |       ss           df       ms      number of obs   =     1,204",
                1204.0,
            ),
            ("observations & 1,204 & 1,204 \\\\", 1204.0),
            ("n,812,,", 812.0),
            ("num.obs. & 32 \\\\", 32.0),
            ("number of observations used         74", 74.0),
        ] {
            assert_eq!(told(line).n.unwrap_or(0.0), n, "{line}");
        }
        assert_eq!(
            told("residual standard error: 2.557 on 28 degrees of freedom").df_resid,
            Some(28.0)
        );
        assert_eq!(told("residual std. error & 0.5 (df = 7) \\\\").df_resid, Some(7.0));
        assert_eq!(told("    residual |  1024.2     18   56.9").df_resid, Some(18.0));
        assert_eq!(
            told("multiple r-squared:  0.8374,\tadjusted r-squared:   0.82").r2,
            Some(0.8374)
        );
        assert_eq!(told("r$^{2}$ & 1.000 \\\\").r2, Some(1.0));
        assert_eq!(told("adj. r-squared: 0.9"), Model::default());
    }

    #[test]
    fn each_model_of_a_log_keeps_its_own_figures() {
        let text = "OLS Regression Results\nNo. Observations: 30\nDf Residuals: 28\n\
                    OLS Regression Results\nNo. Observations: 12\nDf Residuals: 3\n";
        let models = printed((1_u32..).zip(text.lines().map(Cow::Borrowed)));
        let sizes: Vec<_> = models.iter().map(|m| (m.n, m.df_resid)).collect();
        assert_eq!(sizes, [(Some(30.0), Some(28.0)), (Some(12.0), Some(3.0))]);
    }
}
