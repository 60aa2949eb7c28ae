//! What a command asks for, told by the functions that it calls and never by the names of its
//! columns: `d$proprietaire` holds `prop`, and is no proportion.

use std::sync::LazyLock;

use regex::Regex;

use super::figures::is_shown;
use super::functions::{
    BREAKS, CLASSES, DISTINCT, EXTREMES, GROUPING, KEYS, LEVELS, PARTS, PIECES, RECORDS, SHAPES,
    SHARES, SHOWING, SIZES, STATISTICS, SUMS, TABLES, VALUES,
};
use super::pattern;
use crate::words::{UNITS, fold, tokens};

/// What a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nothing that is known.
    Unknown,
    /// How many lines or units.
    Size,
    /// How many different values: units where the values are those of a key.
    Distinct,
    /// How many columns or names: numbers of no unit.
    Shape,
    /// How many units are in each group.
    Counts,
    /// The least or the greatest value.
    Extreme,
    /// A mean, a share, an estimate: many units in one figure.
    Aggregate,
    /// A sum, which counts units where its values are 0 and 1.
    Sum,
    /// Which values there are, each once.
    Levels,
    /// Values as they are.
    Values,
}

/// A call that a report shows above its answer.
static CALL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:[\w.]+ *(?:<-|=) *)?[a-zA-Z_.][\w.$]*\(.*\)\s*$"));

/// Lines or columns that are taken of a data frame: `d[1:7, c("age", "sexe")]`.
static INDEXED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[A-Za-z_.][\w.$]*\[.*[,:].*\]\s*$"));

/// The name of a function before its bracket.
static CALLED: LazyLock<Regex> = LazyLock::new(|| pattern(r"([a-z_][a-z0-9_.]*) ?\("));

/// A name that may be a function handed to another one: `, max)`, `FUN = length`, `agg("mean")`.
static HANDED: LazyLock<Regex> = LazyLock::new(|| pattern(r#"[,=(\[] ?["']?([a-z_][a-z0-9_.]*)"#));

/// The functions of a folded command, and what it takes of the result.
struct Names {
    called: Vec<String>,
    handed: Vec<String>,
    taken: Option<String>,
}

impl Names {
    fn of(folded: &str) -> Self {
        let shown = |name: &&str| !SHOWING.contains(name);
        let called = CALLED.captures_iter(folded).filter_map(|hit| hit.get(1)).map(|m| m.as_str());
        let called: Vec<String> = called.filter(shown).map(ToOwned::to_owned).collect();
        let grouping = called.iter().any(|name| has(GROUPING, name));
        let handed = HANDED.captures_iter(folded).filter_map(|hit| hit.get(1)).filter(|m| {
            let rest = folded[m.end()..].trim_start_matches(['"', '\'', ' ']);
            // `n` is a column more often than a function.
            m.as_str() != "n" && (rest.is_empty() || rest.starts_with([',', ')', ']']))
        });
        let handed = handed.filter(|_| grouping).map(|m| m.as_str().to_owned()).collect();
        Self { called, handed, taken: taken(folded) }
    }

    /// Whether one of `names` is called, or handed to a function that applies it.
    fn any(&self, names: &[&str]) -> bool {
        self.called.iter().chain(&self.handed).any(|own| has(names, own))
    }

    fn takes(&self, names: &[&str]) -> bool {
        let own = self.taken.as_deref().unwrap_or_default();
        names.contains(&own) || own.rsplit('.').next().is_some_and(|last| names.contains(&last))
    }
}

/// What a command takes of a result at its end: `summary(m)$r.squared`, `d.shape[0]`.
fn taken(folded: &str) -> Option<String> {
    let at = folded.rfind('$').or_else(|| folded.rfind('.'))?;
    let end = folded.get(at + 1..)?.trim();
    let name = end.split_once('[').map_or(end, |(name, _)| name);
    (!name.contains(['(', ')', ']', ' '])).then(|| name.to_owned())
}

/// Whether `name`, or what stands behind its last point (`d.revenu.max`), is one of `names`.
fn has(names: &[&str], name: &str) -> bool {
    names.contains(&name) || name.rsplit('.').next().is_some_and(|last| names.contains(&last))
}

/// What the command `typed` asks for.
pub fn asked(typed: &str) -> Asked {
    let folded = fold(typed);
    if let Some(asked) = query(&folded) {
        return asked;
    }
    let names = Names::of(&folded);
    let shares = names.any(SHARES) || folded.contains("normalize");
    let crossed = names.any(TABLES) && !names.called.iter().all(|name| SHARES.contains(&&**name));
    if !crossed && !names.any(BREAKS) && (names.any(EXTREMES) || asks_ends(&folded, &names)) {
        return Asked::Extreme;
    }
    let compared = names.any(&["sum"]) && folded.contains(['=', '<', '>', '!']);
    let sizes = names.any(SIZES) || names.takes(&["shape", "nobs", "size"]) || compared;
    let counts = sizes || folded.trim() == "count" || folded.trim_start().starts_with("count if");
    if crossed && (!shares || counts) {
        return Asked::Counts;
    }
    size(&folded, &names, counts).unwrap_or_else(|| figures(&folded, &names, shares))
}

/// What a query in SQL asks for, and Stata's `list`.
fn query(folded: &str) -> Option<Asked> {
    let words = tokens(folded);
    let first = words.first()?;
    // `list(a, b)` makes one in R.
    if *first == "list" && !folded.trim_start().starts_with("list(") {
        return Some(Asked::Values);
    }
    if !matches!(*first, "select" | "with") || !words.contains(&"from") {
        return None;
    }
    let calls = |names: &[&str]| {
        CALLED
            .captures_iter(folded)
            .any(|hit| hit.get(1).is_some_and(|m| names.contains(&m.as_str())))
    };
    let grouped = folded.contains("group by");
    Some(match () {
        () if calls(&["min", "max"]) => Asked::Extreme,
        () if calls(&["count"]) && !grouped => Asked::Size,
        () if calls(&["count"]) => Asked::Counts,
        () if calls(&["sum"]) => Asked::Sum,
        () if grouped || calls(&["avg", "stddev", "variance", "corr"]) => Asked::Aggregate,
        () if words.contains(&"distinct") => Asked::Levels,
        () => Asked::Values,
    })
}

/// How many units, values or columns a command asks for, if it asks for that.
fn size(folded: &str, names: &Names, counts: bool) -> Option<Asked> {
    let grouped = names.any(GROUPING);
    if names.any(DISTINCT) || counts && names.any(&["unique"]) {
        let words = tokens(folded);
        let units = words.iter().any(|w| KEYS.contains(w) || UNITS.contains(w));
        let classes = words.iter().any(|w| CLASSES.contains(w));
        return Some(match (grouped, units) {
            (true, _) => Asked::Counts,
            (_, true) => Asked::Size,
            _ if classes => Asked::Shape,
            _ => Asked::Distinct,
        });
    }
    if names.any(SHAPES) || names.takes(SHAPES) || counts && names.any(&["levels"]) {
        return Some(Asked::Shape);
    }
    counts.then_some(if grouped { Asked::Counts } else { Asked::Size })
}

/// Which figures of units a command asks for.
fn figures(folded: &str, names: &Names, shares: bool) -> Asked {
    if names.takes(PARTS) || names.any(STATISTICS) || shares {
        return Asked::Aggregate;
    }
    if names.any(SUMS) {
        return Asked::Sum;
    }
    if names.any(GROUPING) {
        // `split(d$x, d$g) |> lapply(head)` shows the values of each group.
        let pieces = |name: &String| has(PIECES, name) || has(VALUES, name) || has(RECORDS, name);
        let own = names.called.iter().chain(&names.handed);
        return if own.clone().all(pieces) && names.any(&["split"]) {
            Asked::Values
        } else {
            Asked::Sum
        };
    }
    if names.any(LEVELS) {
        return Asked::Levels;
    }
    let bare = names.called.is_empty() && folded.contains(['$', '[']);
    let all = names.called.is_empty() && names.takes(&["values", "array"]);
    if names.any(VALUES) || names.any(RECORDS) || names.takes(VALUES) || bare || all {
        return Asked::Values;
    }
    Asked::Unknown
}

/// R's `quantile` without probabilities, whose first and last answers are the ends.
fn asks_ends(folded: &str, names: &Names) -> bool {
    let chosen = ["prob", ", c(", ",c(", ", 0", ",0", ", .", "seq("];
    names.called.iter().chain(&names.handed).any(|name| name == "quantile")
        && !chosen.iter().any(|mark| folded.contains(mark))
}

/// What was typed at a prompt, if the line shows that.
pub fn typed(line: &str) -> Option<&str> {
    [">>> ", "... ", "> ", "+ ", ". ", "mysql> ", "sqlite> "]
        .iter()
        .find_map(|prompt| line.strip_prefix(prompt))
        .or_else(|| line.starts_with("In [").then(|| line.split_once("]:").map_or("", |p| p.1)))
        .filter(|rest| {
            rest.trim_start().starts_with(|c: char| c.is_alphabetic() || matches!(c, '.' | '('))
        })
        .or_else(|| {
            let called = CALL.is_match(line) || INDEXED.is_match(line);
            (called && !is_shown(line)).then_some(line)
        })
}

/// The last statement of a program, with the head of the block that it stands in.
pub fn last_statement(code: &str) -> Option<String> {
    let lines: Vec<&str> = code.lines().filter(|line| !line.trim().is_empty()).collect();
    let from = lines.iter().rposition(|line| !line.starts_with([' ', '\t', ')', ']', '}']))?;
    let own = &lines[from..];
    let block = own.first().is_some_and(|head| head.trim_end().ends_with(':'));
    if block { Some(own.join("\n")) } else { lines.last().map(|last| (*last).to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_known_by_their_functions_and_not_by_their_columns() {
        for (command, answer) in [
            ("nrow(subset(d, zone == 94))", Asked::Size),
            ("length(unique(d$id[d$zone==94]))", Asked::Size),
            ("length(unique(d$lieu))", Asked::Distinct),
            ("n_distinct(d$patient[d$zone==94])", Asked::Size),
            ("n_distinct(d$region)", Asked::Shape),
            ("df[df.zone==94].id.nunique()", Asked::Size),
            ("df.groupby('zone').id.nunique()", Asked::Counts),
            ("d.shape", Asked::Size),
            ("dim(d[d$zone==94,])", Asked::Size),
            ("nlevels(d$ghm)", Asked::Shape),
            ("ncol(d)", Asked::Shape),
            ("unique(d$salaire)", Asked::Levels),
            ("levels(d$x)", Asked::Levels),
            ("max(unique(d$salaire))", Asked::Extreme),
            ("max(d$climat)", Asked::Extreme),
            ("max(d$salaire[d$lim == 4])", Asked::Extreme),
            ("max(d$cut)", Asked::Extreme),
            ("d.revenu.max()", Asked::Extreme),
            ("tapply(d$salaire, d$zone, max)", Asked::Extreme),
            ("d.groupby('zone').salaire.agg(['mean', 'max'])", Asked::Extreme),
            ("quantile(d$salaire)", Asked::Extreme),
            ("quantile(d$salaire, 0.9)", Asked::Aggregate),
            ("d.salaire.quantile(0.5)", Asked::Aggregate),
            ("max(table(d$a))", Asked::Counts),
            ("table(d$proprietaire)", Asked::Counts),
            ("table(d$prop)[2]", Asked::Counts),
            ("prop.table(table(d$a))", Asked::Aggregate),
            ("prop.table(table(d$a)) * nrow(d)", Asked::Counts),
            ("tapply(d$id, d$zone, length)", Asked::Counts),
            ("sapply(split(d, d$zone), nrow)", Asked::Counts),
            ("tapply(d$deces, d$zone, sum)", Asked::Sum),
            ("sum(d$deces)", Asked::Sum),
            ("sum(d$age > 90)", Asked::Size),
            ("summary(d$sexe)", Asked::Sum),
            ("mean(d$salaire)", Asked::Aggregate),
            ("cor(d$a, d$b)", Asked::Aggregate),
            ("t.test(a ~ b, d)", Asked::Aggregate),
            ("summary(m)$r.squared", Asked::Aggregate),
            ("head(d$correction, 12)", Asked::Values),
            ("d$salaire[d$mean_ok]", Asked::Values),
            ("d$proprietaire_revenu", Asked::Values),
            ("d$moyenne_corr", Asked::Values),
            ("sort(d$score)[1:5]", Asked::Values),
            ("resid(m)", Asked::Values),
            ("foo(d$deces)", Asked::Unknown),
            ("split(d$sortie, d$region)[1:2] |> lapply(head, 24)", Asked::Values),
            ("lapply(split(d$x, d$g), mean)", Asked::Aggregate),
            ("sapply(split(d$x, d$g), foo)", Asked::Sum),
            ("as_tibble(d) |> filter(age > 20) |> select(age, sexe)", Asked::Values),
            ("d |> group_by(region) |> summarise(x = mean(age))", Asked::Aggregate),
            ("d |> filter(age > 20) |> count(region)", Asked::Size),
            ("d[1:7, c('age', 'sexe')]", Asked::Values),
            ("list age sexe in 1/6, clean", Asked::Values),
            ("SELECT age, sexe FROM registre LIMIT 8\\G", Asked::Values),
            ("select sexe, count(*) from registre group by sexe", Asked::Counts),
            ("select max(age) from registre", Asked::Extreme),
            ("for i, v in d.head(8).iterrows():\n    print(i, v.age)", Asked::Values),
            ("for g, s in d.groupby('zone'):\n    print(g, len(s))", Asked::Counts),
        ] {
            assert_eq!(asked(command), answer, "{command}");
        }
    }
}
