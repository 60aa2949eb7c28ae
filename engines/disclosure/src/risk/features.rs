//! What is seen of a request: numbers with names, none of them a cell of its files.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::numbers::{log2, of};
use super::shapes::Shapes;
use crate::content::Kind;
use crate::report::{FileReport, Purpose, Severity};
use crate::words::{fold, tokens};

/// How the risk may go when a feature rises and all others stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It never falls: one more finding makes no request safer.
    Up,
    /// It never rises: a greater smallest count makes no request riskier.
    Down,
    /// Decisions tell.
    Free,
}

/// One number that is seen of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// Its stable name, a column of decision files.
    pub name: &'static str,
    /// How the risk may go with it.
    pub way: Way,
    /// What it is, in English, with its unit.
    pub meaning: &'static str,
}

/// The rules whose findings are counted one by one, as `rule_freq_min`: all that the engine has.
pub const RULES: [&str; 33] = [
    "ARCHIVE_ENCRYPTED",
    "BINARY_DATASET",
    "CLASS_DISCLOSURE",
    "CODE_EMBEDS_DATA",
    "CONTROL_FILE_MISSING",
    "DERIVED_COUNT",
    "DESCRIPTION_MISSING",
    "DIFFERENCING",
    "DOF_LOW",
    "DOMINANCE",
    "DUMMY_FEW",
    "EMBEDDED_OBJECT",
    "EXTREME_VALUE",
    "FORMULA",
    "FREQ_MIN",
    "GEO_FINE",
    "HIDDEN_CONTENT",
    "ID_DIRECT",
    "ID_PSEUDONYM",
    "MAGNITUDE_FEW",
    "METADATA_LEAK",
    "MODEL_ARTIFACT",
    "MODEL_CONTAINS_DATA",
    "MODEL_SATURATED",
    "N_MISSING",
    "OBS_TOO_MANY",
    "PLOT_POINTS",
    "PPERCENT",
    "QUANTILE_FEW",
    "ROWS_INDIVIDUAL",
    "SECONDARY_RECOVERABLE",
    "TYPE_MISMATCH",
    "UNREADABLE",
];

const fn feature(name: &'static str, way: Way, meaning: &'static str) -> Feature {
    Feature { name, way, meaning }
}

/// The features besides the counts by rule, in the order of every vector.
const GENERAL: [Feature; 40] = [
    feature("errors", Way::Up, "findings that refuse, of all rules"),
    feature("warnings", Way::Up, "findings that ask for a person, of all rules"),
    feature("remarks", Way::Free, "findings that only remark, of all rules"),
    feature("rules_fired", Way::Up, "rules with an error or a warning"),
    feature("outputs", Way::Free, "files that ask to leave"),
    feature("supporting", Way::Free, "files that only explain"),
    feature("unread", Way::Up, "files that no parser read whole"),
    feature("bytes", Way::Free, "log2 of 1 + the bytes of what asks to leave"),
    feature("tables", Way::Free, "tables that were recognised"),
    feature("cells", Way::Free, "log2 of 1 + the cells of these tables"),
    feature("longest", Way::Free, "log2 of 1 + the rows of the longest table"),
    feature("widest", Way::Free, "log2 of 1 + the columns of the widest table"),
    feature("figures", Way::Free, "log2 of 1 + the cells that hold a number"),
    feature("counts", Way::Free, "log2 of 1 + the cells that hold a count of units"),
    feature("smallest_count", Way::Down, "log2 of 1 + the smallest count above 0; empty: no count"),
    feature(
        "near_share",
        Way::Up,
        "share of counts from the threshold to below twice the threshold",
    ),
    feature(
        "masked_share",
        Way::Free,
        "share of cells with a suppression mark among figures and marks",
    ),
    feature("text_tables", Way::Free, "files that are tables in text"),
    feature("consoles", Way::Free, "files of console text or prose"),
    feature("offices", Way::Free, "office documents"),
    feature("pdfs", Way::Free, "PDF documents"),
    feature("images", Way::Free, "images"),
    feature("markups", Way::Free, "HTML, SVG, JSON and notebooks"),
    feature("codes", Way::Free, "programs"),
    feature("others", Way::Free, "archives and files of any other kind"),
    feature("description", Way::Free, "log2 of 1 + the words of the description"),
    feature("described_numbers", Way::Free, "numbers in the description"),
    feature("tells_population", Way::Free, "1: the description names population, filter or sample"),
    feature("tells_unit", Way::Free, "1: the description names the unit that is counted"),
    feature("tells_threshold", Way::Free, "1: the description names a minimum or threshold"),
    feature(
        "tells_suppression",
        Way::Free,
        "1: the description tells of suppressed or grouped cells",
    ),
    feature("tells_rounding", Way::Free, "1: the description tells of rounding or noise"),
    feature("project_requests", Way::Free, "earlier requests of the project that were decided"),
    feature("project_returned", Way::Free, "of these, how many were returned"),
    feature("project_refused", Way::Free, "of these, how many were refused, at least in part"),
    feature(
        "project_against",
        Way::Up,
        "share of these not approved as they stood, (against + 1) / (all + 2)",
    ),
    feature("author_requests", Way::Free, "earlier requests of the author that were decided"),
    feature("author_returned", Way::Free, "of these, how many were returned"),
    feature("author_refused", Way::Free, "of these, how many were refused, at least in part"),
    feature(
        "author_against",
        Way::Up,
        "share of these not approved as they stood, (against + 1) / (all + 2)",
    ),
];

/// Every feature, in the order of every vector.
pub static FEATURES: LazyLock<Vec<Feature>> = LazyLock::new(|| {
    let rule = |rule: &&'static str| Feature {
        name: format!("rule_{}", rule.to_lowercase()).leak(), // once, 33 short words
        way: Way::Up,
        meaning: "errors and warnings of this rule",
    };
    GENERAL.iter().copied().chain(RULES.iter().map(rule)).collect()
});

/// The place of a feature in every vector.
pub fn place(name: &str) -> Option<usize> {
    FEATURES.iter().position(|feature| feature.name == name)
}

/// What became of earlier requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Earlier {
    /// How many were decided.
    pub requests: u32,
    /// How many of them were returned.
    pub returned: u32,
    /// How many of them were refused, at least in part.
    pub refused: u32,
}

impl Earlier {
    /// The four features of it; the share is that of Laplace's rule of succession, so that a first
    /// request is neither safe nor unsafe.
    pub(super) fn features(self) -> [f64; 4] {
        let (all, returned, refused) =
            (f64::from(self.requests), f64::from(self.returned), f64::from(self.refused));
        [all, returned, refused, (returned + refused + 1.0) / (all + 2.0)]
    }
}

/// What became of earlier requests of the project and of the author.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// Of the project, whoever asked.
    pub project: Earlier,
    /// Of the author, in whatever project.
    pub author: Earlier,
}

/// A request, checked, before anybody has decided on it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The engine's reports; files that were withdrawn have none.
    pub reports: &'a [FileReport],
    /// The bytes of what asks to leave.
    pub bytes: u64,
    /// Title, context and controls, as the author wrote them.
    pub description: &'a str,
    /// The count below which the rules refuse, in units.
    pub min_count: u32,
    /// What became of earlier requests.
    pub history: History,
}

impl Seen<'_> {
    /// The features in the order of [`FEATURES`]. A number that does not exist (the smallest of no
    /// counts) is NaN, which every part of this module takes for missing.
    pub fn features(&self) -> Vec<f64> {
        let outputs: Vec<&FileReport> =
            self.reports.iter().filter(|report| report.purpose == Purpose::Output).collect();
        let mut all = findings(&outputs);
        let unread = outputs.iter().filter(|report| !report.checked).count();
        all.extend([of(outputs.len()), of(self.reports.len() - outputs.len()), of(unread)]);
        #[expect(clippy::cast_precision_loss, reason = "a logarithm follows")]
        all.push(log2(self.bytes as f64));
        let shapes = Shapes::of(outputs.iter().copied(), self.min_count);
        all.extend(shapes.features());
        all.extend(kinds(&outputs));
        all.extend(words(self.description));
        all.extend(self.history.project.features());
        all.extend(self.history.author.features());
        all.extend(by_rule(&outputs));
        all
    }
}

fn findings(outputs: &[&FileReport]) -> Vec<f64> {
    let count = |severity| {
        let found = outputs.iter().flat_map(|report| &report.findings);
        of(found.filter(|finding| finding.severity == severity).count())
    };
    let fired = by_rule(outputs).into_iter().filter(|count| *count > 0.0).count();
    vec![count(Severity::Error), count(Severity::Warning), count(Severity::Info), of(fired)]
}

/// Errors and warnings by rule, in the order of [`RULES`].
fn by_rule(outputs: &[&FileReport]) -> Vec<f64> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in outputs.iter().flat_map(|report| &report.findings) {
        if finding.severity > Severity::Info {
            *counts.entry(finding.rule).or_default() += 1;
        }
    }
    RULES.iter().map(|rule| of(counts.get(rule).copied().unwrap_or(0))).collect()
}

/// How many files are of which kind.
fn kinds(outputs: &[&FileReport]) -> [f64; 8] {
    let mut counts = [0.0; 8];
    for report in outputs {
        let at = match report.kind {
            Kind::TextTable => 0,
            Kind::ConsoleText => 1,
            Kind::Office => 2,
            Kind::Pdf => 3,
            Kind::Image => 4,
            Kind::Markup | Kind::Json => 5,
            Kind::Code => 6,
            _ => 7,
        };
        counts[at] += 1.0;
    }
    counts
}

/// Words by which authors, in French or English, tell what a checker asks for. Folded, beginnings
/// of words.
const TELLS: [&[&str]; 5] = [
    &[
        "population",
        "champ",
        "filter",
        "filtre",
        "sample",
        "echantillon",
        "cohort",
        "adult",
        "menage",
    ],
    &[
        "unit",
        "count",
        "effectif",
        "nombre",
        "patient",
        "individu",
        "person",
        "enterprise",
        "entreprise",
        "observation",
    ],
    &["minimum", "threshold", "seuil", "least", "moins", "below", "inferieur", "dominance"],
    &["suppress", "mask", "masqu", "supprim", "group", "regroup", "recode", "secret", "merged"],
    &["round", "arrondi", "noise", "bruit", "perturb"],
];

fn words(description: &str) -> [f64; 7] {
    let folded = fold(description);
    let words = tokens(&folded);
    let numbers = words.iter().filter(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let mut all = [0.0; 7];
    all[0] = log2(of(words.len()));
    all[1] = of(numbers.count());
    for (place, family) in all.iter_mut().skip(2).zip(TELLS) {
        let told = words.iter().any(|word| family.iter().any(|start| word.starts_with(start)));
        *place = f64::from(u8::from(told));
    }
    all
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the same operations give the same bits")]
mod tests {
    use super::*;
    use crate::{Input, RuleSet, check};

    fn seen(files: &[(&str, &str)], description: &str) -> Vec<f64> {
        let rules = RuleSet::built_in("generic_10").expect("built in");
        let inputs: Vec<Input<'_>> =
            files.iter().map(|(name, text)| Input { name, bytes: text.as_bytes() }).collect();
        let reports = check(&inputs, &rules);
        let history = History::default();
        let bytes = files.iter().map(|(_, text)| text.len() as u64).sum();
        Seen { reports: &reports, bytes, description, min_count: rules.min_count, history }
            .features()
    }

    fn value(all: &[f64], name: &str) -> f64 {
        all[place(name).expect(name)]
    }

    #[test]
    fn every_feature_has_a_name_of_its_own_and_a_place_in_the_vector() {
        let all = seen(&[("t.csv", "plan,visits\na,1204\nb,894\n")], "");
        assert_eq!(all.len(), FEATURES.len());
        let names: std::collections::BTreeSet<_> = FEATURES.iter().map(|f| f.name).collect();
        assert_eq!(names.len(), FEATURES.len());
    }

    #[test]
    fn every_rule_that_is_counted_is_in_the_manual() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
        for rule in RULES {
            assert!(folder.join(format!("{rule}.md")).exists(), "{rule}");
        }
    }

    #[test]
    fn a_small_count_shows_in_findings_and_shapes() {
        let small = seen(&[("t.csv", "plan,count\nfree care,1204\ncoinsurance 95,2\n")], "");
        assert!(value(&small, "errors") >= 1.0 && value(&small, "rule_freq_min") >= 1.0);
        assert!((value(&small, "smallest_count") - 3.0_f64.log2()).abs() < 1e-12);
        let near = seen(&[("t.csv", "plan,count\na,1204\nb,12\nc,15\nd,40\n")], "");
        assert!((value(&near, "near_share") - 0.5).abs() < 1e-12, "12 and 15 of four");
        let none = seen(&[("t.txt", "A sentence alone.\n")], "");
        assert!(value(&none, "smallest_count").is_nan());
    }

    #[test]
    fn the_description_is_read_in_both_languages() {
        let french = seen(&[], "Champ : ménages ; effectifs arrondis à 5, seuil de 11");
        for name in ["tells_population", "tells_unit", "tells_threshold", "tells_rounding"] {
            assert!(value(&french, name) > 0.5, "{name}");
        }
        assert!(value(&french, "tells_suppression") < 0.5);
        assert!((value(&french, "described_numbers") - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_history_of_nothing_is_neither_good_nor_bad() {
        assert_eq!(Earlier::default().features(), [0.0, 0.0, 0.0, 0.5]);
        let bad = Earlier { requests: 8, returned: 3, refused: 1 };
        assert_eq!(bad.features(), [8.0, 3.0, 1.0, 0.5]);
    }
}
