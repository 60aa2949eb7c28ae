//! `bulle check`: the disclosure engine on files.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use disclosure::{Decision, FileReport, Input, Purpose, RuleSet, Session};

use workflows::outputs::plain;

use super::{sarif, spot};

/// The rules where none are named.
const DEFAULT: &str = "generic_10";

/// Check files for disclosure as one export request
///
/// Exits 0 if every file that asks to leave is safe, 1 if one must be reviewed or refused, 2 on an
/// error.
#[derive(clap::Args)]
pub struct Check {
    /// A built-in rule set's name, or a TOML or JSON file
    #[arg(long, default_value = DEFAULT, value_name = "NAME|FILE")]
    rules: String,
    /// A folder of what was released before: differences to it are looked for
    #[arg(long, value_name = "DIR")]
    released: Option<PathBuf>,
    /// A folder of figures that were released before, as a centre keeps them
    #[arg(skip)]
    figures: Option<PathBuf>,
    /// A file that explains the others and is never released, such as their contributions
    #[arg(long, value_name = "FILE")]
    supporting: Vec<PathBuf>,
    /// Print decisions and findings as JSON
    #[arg(long)]
    json: bool,
    /// Print findings as SARIF 2.1.0
    #[arg(long, conflicts_with = "json")]
    sarif: bool,
    /// The files; folders with all that is below them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// The name under which a bubble sees this program: then it is `bulle check` with the rules of the
/// project and what it took out before.
pub const IN_BUBBLE: &str = "bulle-check";

/// Check files for disclosure under the rules of this project, as its checkers will
///
/// Nothing is asked for or sent by this: ask for an export on the centre's pages.
/// Exits 0 if every file is safe, 1 if one must be reviewed or refused, 2 on an error.
#[derive(clap::Parser)]
#[command(name = IN_BUBBLE, version)]
pub struct InBubble {
    /// A file that explains the others and is never released, such as their contributions
    #[arg(long, value_name = "FILE")]
    supporting: Vec<PathBuf>,
    /// Print decisions and findings as JSON
    #[arg(long)]
    json: bool,
    /// The files; folders with all that is below them
    #[arg(default_value = "/exports", value_name = "PATH")]
    paths: Vec<PathBuf>,
}

impl InBubble {
    /// As [`Check::run`].
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let tools = Path::new(sandbox::space::TOOLS);
        let (rules, figures) = (tools.join("rules.json"), tools.join("released"));
        if !rules.exists() {
            eprintln!("{IN_BUBBLE}: the project's rules are not here: those of {DEFAULT} are used");
        }
        let Self { supporting, json, paths } = self;
        let check = Check {
            rules: if rules.exists() { rules.display().to_string() } else { DEFAULT.to_owned() },
            released: None,
            figures: figures.is_dir().then_some(figures),
            supporting,
            json,
            sarif: false,
            paths,
        };
        check.run()
    }
}

impl Check {
    /// Exits 0 if every file is safe, 1 if one must be reviewed or refused, 2 on an error.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let rules = rule_set(&self.rules)?;
        let reports = self.reports(&rules)?;
        if self.json {
            let list: Vec<_> = reports.iter().map(contract).collect();
            println!("{}", serde_json::to_string_pretty(&list)?);
        } else if self.sarif {
            println!("{}", serde_json::to_string_pretty(&sarif::log(&reports))?);
        } else {
            print!("{}", text(&reports, &rules));
        }
        let outputs = reports.iter().filter(|report| report.purpose == Purpose::Output);
        let safe = outputs.map(|report| report.decision).all(|it| it == Decision::Safe);
        Ok(if safe { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }

    /// Reads one file after the other, so that memory holds one at a time.
    fn reports(&self, rules: &RuleSet) -> anyhow::Result<Vec<FileReport>> {
        let mut files = Vec::new();
        for path in &self.paths {
            files.extend(below(path)?);
        }
        let released = self.released.as_deref().map(below).transpose()?.unwrap_or_default();
        let bar = progress(files.len());
        let program = std::env::current_exe().context("cannot find this program")?;
        let readers = workflows::outputs::reading::Readers::new(&program);
        let mut session =
            Session::read_by(rules, Box::new(move |name, bytes| readers.read(name, bytes)));
        for path in &released {
            session.released(&Input { name: &path.display().to_string(), bytes: &read(path)? });
        }
        let kept = self.figures.as_deref().map(below).transpose()?.unwrap_or_default();
        // What is being written has another ending.
        for path in kept.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
            let kept = serde_json::from_slice(&read(path)?);
            session
                .released_before(kept.with_context(|| format!("cannot read {}", path.display()))?);
        }
        let (mut reports, mut outputs) = (Vec::new(), Vec::new());
        for path in &files {
            let (name, bytes) = (path.display().to_string(), read(path)?);
            let input = Input { name: &name, bytes: &bytes };
            let supports = self.supporting.contains(path) || session.is_supporting(&input);
            if supports {
                reports.push(session.supporting(&input));
            } else {
                outputs.push(reports.len());
                reports.push(session.file(&input));
            }
            bar.inc(1);
        }
        for path in self.supporting.iter().filter(|path| !files.contains(path)) {
            let (name, bytes) = (path.display().to_string(), read(path)?);
            reports.push(session.supporting(&Input { name: &name, bytes: &bytes }));
        }
        bar.finish_and_clear();
        for (place, finding) in session.finish() {
            if let Some(report) = outputs.get(place).and_then(|at| reports.get_mut(*at)) {
                report.add(finding);
            }
        }
        Ok(reports)
    }
}

fn progress(files: usize) -> indicatif::ProgressBar {
    let hidden = files < 50 || !std::io::stderr().is_terminal();
    if hidden {
        return indicatif::ProgressBar::hidden();
    }
    indicatif::ProgressBar::new(files as u64)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read the file {}", path.display()))
}

/// The regular files at or below `path`, by name; links are not followed out of a folder.
fn below(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let failed = || format!("cannot read {}", path.display());
    if !std::fs::metadata(path).with_context(failed)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut folders, mut files) = (vec![path.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        let failed = || format!("cannot read the folder {}", folder.display());
        for entry in std::fs::read_dir(&folder).with_context(failed)? {
            let entry = entry.with_context(failed)?;
            let kind = entry.file_type().with_context(failed)?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn rule_set(name: &str) -> anyhow::Result<RuleSet> {
    if RuleSet::names().any(|known| known == name) {
        return Ok(RuleSet::built_in(name)?);
    }
    let text = std::fs::read_to_string(name).with_context(|| {
        let names: Vec<_> = RuleSet::names().collect();
        format!("`{name}` is neither a file nor a built-in rule set ({})", names.join(", "))
    })?;
    if text.trim_start().starts_with('{') {
        let rules: RuleSet =
            serde_json::from_str(&text).with_context(|| format!("`{name}` is not a rule set"))?;
        rules.validate().with_context(|| format!("`{name}` is not a rule set"))?;
        return Ok(rules);
    }
    RuleSet::from_toml(&text).with_context(|| format!("`{name}` is not a rule set"))
}

/// What other programs read: the decision and the findings, without the file's cells.
fn contract(report: &FileReport) -> serde_json::Value {
    let finding = |finding: &disclosure::Finding| {
        serde_json::json!({
            "rule": finding.rule, "severity": finding.severity, "location": finding.location,
            "value": finding.value, "threshold": finding.threshold,
            "message": finding.message, "repair": finding.repair,
        })
    };
    serde_json::json!({
        "file": report.file, "decision": report.decision, "purpose": report.purpose,
        "kind": report.kind, "checked": report.checked,
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

/// The report for people: a line a file, its findings below it, a last line with the sums.
fn text(reports: &[FileReport], rules: &RuleSet) -> String {
    // Names and cells are the researcher's: what acts on a terminal is shown, not done.
    let mut text: String = reports.iter().map(|report| plain(&told(report))).collect();
    let count = |decision| {
        let outputs = reports.iter().filter(|report| report.purpose == Purpose::Output);
        outputs.filter(|report| report.decision == decision).count()
    };
    text.push_str(&format!(
        "{} safe, {} to review, {} refused under the rule set {}\n",
        count(Decision::Safe),
        count(Decision::Review),
        count(Decision::Refuse),
        rules.name
    ));
    text
}

/// A file's report in lines: the decision, then a finding a line with its place.
fn told(report: &FileReport) -> String {
    let decision = match report.decision {
        Decision::Safe => "safe",
        Decision::Review => "review",
        Decision::Refuse => "refuse",
    };
    let supports = match report.purpose {
        Purpose::Supporting => " (supporting: never released)",
        Purpose::Output => "",
    };
    let mut text = format!("{}: {decision}{supports}\n", report.file);
    for finding in &report.findings {
        let line = finding.location.line.map(|line| format!(":{line}")).unwrap_or_default();
        let column = finding.location.column.map(|column| format!(":{column}")).unwrap_or_default();
        let inside = spot::inside(&finding.location).join(", ");
        let inside = if inside.is_empty() { inside } else { format!(" ({inside})") };
        let place = format!("{}{line}{column}{inside}", report.file);
        text.push_str(&format!("  {place}: {}: {}\n", finding.rule, finding.message));
        text.push_str(&format!("      {}\n", finding.repair));
    }
    text
}
