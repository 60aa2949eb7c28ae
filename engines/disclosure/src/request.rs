//! A request as a whole: its files, what supports them, and what was released before.
//!
//! Files are read one after the other and only their figures are kept, so that memory holds one
//! file at a time. What a file alone does not tell (a difference to another table, a contributor
//! that dominates a cell) comes out of [`Session::finish`].

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::check::{Input, check_file, facts_of, read_here};
use crate::contributors::{self, Contributors};
use crate::extract::{Document, Extract};
use crate::model::{self, Models};
use crate::report::{FileReport, Finding, Findings, Purpose, Severity};
use crate::rule_set::RuleSet;
use crate::rules;
use crate::structure::Structured;
use crate::table::Table;
use crate::words::Role;

/// One request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// The files that ask to leave.
    pub files: &'a [Input<'a>],
    /// Files that explain them, such as contributions; never released.
    pub supporting: &'a [Input<'a>],
    /// What was released before.
    pub released: &'a [Input<'a>],
}

/// What is kept of a file for the comparison with others.
#[derive(Debug, Default)]
pub struct Facts {
    /// Its tables.
    pub tables: Vec<Structured>,
    /// The models that it prints.
    pub models: Models,
    /// Whether it reads like a description of the request.
    pub describes: bool,
    /// Whether a table gives its largest contributions or their share.
    pub gives_contributions: bool,
    /// Whether these are not all of its figures: it was not read whole, or a table is larger than
    /// what is compared.
    pub partial: bool,
}

impl Facts {
    /// The facts of what was read of the file `name`.
    pub fn of(extract: &Extract, name: &str) -> Self {
        let (mut tables, mut partial) = (Vec::new(), false);
        for table in &extract.tables {
            let own = Structured::of(table, name);
            tables.extend(own.parts);
            partial |= own.partial;
        }
        Self {
            tables,
            partial,
            models: model::read(extract),
            describes: rules::description_missing::describes(extract, name),
            gives_contributions: extract.tables.iter().any(gives_contributions),
        }
    }

    /// Adds those of another part of the same file.
    pub fn add(&mut self, other: Self) {
        self.tables.extend(other.tables);
        self.models.extend(other.models);
        self.describes |= other.describes;
        self.gives_contributions |= other.gives_contributions;
        self.partial |= other.partial;
    }
}

fn gives_contributions(table: &Table) -> bool {
    let leading = |role| {
        matches!(role, Role::Largest | Role::Second | Role::LeadingShare(_) | Role::Herfindahl)
    };
    table.columns.iter().any(|c| leading(c.role)) || table.rows.iter().any(|r| leading(r.role))
}

/// A file as the rules on a whole request see it.
#[derive(Debug)]
pub struct Known {
    /// Its place in the request; `None` where it was released before.
    pub file: Option<usize>,
    /// How the caller names it.
    pub name: String,
    /// What it holds.
    pub facts: Facts,
}

/// The figures of a released file, to compare later requests with when its bytes are gone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Released {
    /// How the caller names it.
    pub name: String,
    /// Its tables.
    pub tables: Vec<Structured>,
    /// Whether it held more than these: a later request cannot be compared with all of it.
    #[serde(default)]
    pub unread: bool,
}

impl Released {
    /// Reads the figures of a file, in this very process.
    pub fn of(file: &Input<'_>) -> Self {
        Self::read(file.name, read_here(file.name, file.bytes))
    }

    /// The figures of a file that was read already.
    pub fn read(name: &str, document: Document) -> Self {
        let facts = facts_of(name, document);
        Self { name: name.to_owned(), tables: facts.tables, unread: facts.partial }
    }
}

/// A finding of a rule on a whole request, with the place of its file in the request.
pub type Found = Vec<(usize, Finding)>;

/// Who reads a file: its name, then its bytes.
pub type Reader<'r> = dyn Fn(&str, &[u8]) -> Document + 'r;

/// A request under way.
pub struct Session<'r> {
    rules: &'r RuleSet,
    reader: Box<Reader<'r>>,
    files: usize,
    known: Vec<Known>,
    contributors: Vec<Contributors>,
}

impl<'r> Session<'r> {
    /// An empty request under `rules`, whose files are read in this very process.
    pub fn new(rules: &'r RuleSet) -> Self {
        Self::read_by(rules, Box::new(read_here))
    }

    /// The same with another reader: one that reads each file in a process of its own.
    pub fn read_by(rules: &'r RuleSet, reader: Box<Reader<'r>>) -> Self {
        Self { rules, reader, files: 0, known: Vec::new(), contributors: Vec::new() }
    }

    /// Whether a file of the request supports the others: its name says so, and it lists
    /// contributions.
    pub fn is_supporting(&self, file: &Input<'_>) -> bool {
        contributors::is_named_so(file.name) && contributors::read(file).is_some()
    }

    /// Takes note of a file that was released before.
    pub fn released(&mut self, file: &Input<'_>) {
        let document = (self.reader)(file.name, file.bytes);
        self.released_before(Released::read(file.name, document));
    }

    /// The same, of what [`Released::of`] kept.
    pub fn released_before(&mut self, kept: Released) {
        let facts = Facts { tables: kept.tables, partial: kept.unread, ..Facts::default() };
        self.known.push(Known { file: None, name: kept.name, facts });
    }

    /// Looks at a supporting file, and takes its contributions where it lists some.
    pub fn supporting(&mut self, file: &Input<'_>) -> FileReport {
        let (mut report, _) =
            check_file(file, (self.reader)(file.name, file.bytes), self.rules, Findings::default());
        report.purpose = Purpose::Supporting;
        match contributors::read(file) {
            Some(Ok(contributors)) => self.contributors.push(contributors),
            Some(Err(why)) => {
                let text = format!("the contributions could not be used: {why}");
                let finding = Finding::new(
                    rules::control_file_missing::ID,
                    Severity::Warning,
                    "control_file_unread",
                    text,
                );
                report.add(finding);
            }
            None => {}
        }
        report
    }

    /// Looks at a file that asks to leave. Its place in the request is the number of such calls
    /// before.
    pub fn file(&mut self, file: &Input<'_>) -> FileReport {
        let mut findings = Findings::default();
        let allowed = usize::try_from(self.rules.max_files).unwrap_or(usize::MAX);
        if self.files >= allowed {
            findings.push(rules::obs_too_many::files(self.files + 1, self.rules.max_files));
        }
        let (report, facts) =
            check_file(file, (self.reader)(file.name, file.bytes), self.rules, findings);
        self.known.push(Known { file: Some(self.files), name: file.name.to_owned(), facts });
        self.files += 1;
        report
    }

    /// What the files say together: findings with the place of their file in the request.
    pub fn finish(self) -> Found {
        let mut found = Found::new();
        rules::secondary_recoverable::find(&self.known, self.rules, &mut found);
        rules::differencing::find(&self.known, self.rules, &mut found);
        rules::dummy_few::find(&self.known, self.rules, &mut found);
        rules::n_missing::find(&self.known, &mut found);
        let covered =
            rules::contributions::find(&self.known, &self.contributors, self.rules, &mut found);
        rules::control_file_missing::find(&self.known, &covered, self.rules, &mut found);
        rules::description_missing::find(&self.known, self.files, &mut found);
        bounded(found)
    }
}

/// Says of a file that a comparison ended before everything was compared: what was found is true,
/// and a person must look for the rest.
pub(crate) fn cut(rule: &'static str, text: String) -> Finding {
    Finding::new(rule, Severity::Warning, "comparison_cut", text)
}

/// Findings of one rule in one file that are kept; more say nothing new.
const KEPT: usize = 500;

fn bounded(found: Found) -> Found {
    let mut counts: HashMap<(usize, &str, Severity), usize> = HashMap::new();
    let keep = |(at, finding): &(usize, Finding)| {
        let count = counts.entry((*at, finding.rule, finding.severity)).or_default();
        *count += 1;
        *count <= KEPT
    };
    let mut keep = keep;
    found.into_iter().filter(|one| keep(one)).collect()
}

/// Checks one request under `rules`: a report for each of its files, then for each supporting one.
///
/// A file among `files` that [`Session::is_supporting`] says to support the others does so: it is never released, and its report says so.
///
/// Never panics on any bytes; time and memory grow linearly up to fixed bounds.
pub fn check_request(request: &Request<'_>, rules: &RuleSet) -> Vec<FileReport> {
    let mut session = Session::new(rules);
    for file in request.released {
        session.released(file);
    }
    let (mut places, mut reports) = (Vec::new(), Vec::new());
    for (at, file) in request.files.iter().enumerate() {
        if session.is_supporting(file) {
            reports.push(session.supporting(file));
        } else {
            places.push(at);
            reports.push(session.file(file));
        }
    }
    let supporting: Vec<FileReport> =
        request.supporting.iter().map(|file| session.supporting(file)).collect();
    for (place, finding) in session.finish() {
        if let Some(report) = places.get(place).and_then(|at| reports.get_mut(*at)) {
            report.add(finding);
        }
    }
    reports.extend(supporting);
    reports
}
