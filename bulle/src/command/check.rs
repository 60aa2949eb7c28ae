//! `bulle check`: the disclosure engine on files.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use disclosure::{Decision, FileReport, Input, RuleSet, check};

/// Check files for disclosure as one export request
#[derive(clap::Args)]
pub struct Check {
    /// A built-in rule set's name, or a TOML file
    #[arg(long, default_value = "generic_10")]
    rules: String,
    /// Print decisions and findings as JSON
    #[arg(long)]
    json: bool,
    /// The files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Check {
    /// Exits 0 if every file is safe, 1 if one must be reviewed or refused, 2 on an error.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let rules = rule_set(&self.rules)?;
        let mut files = Vec::new();
        for path in &self.paths {
            let bytes = std::fs::read(path)
                .with_context(|| format!("cannot read the file {}", path.display()))?;
            files.push((path.display().to_string(), bytes));
        }
        let inputs: Vec<Input<'_>> =
            files.iter().map(|(name, bytes)| Input { name, bytes }).collect();
        let reports = check(&inputs, &rules);
        if self.json {
            println!("{}", serde_json::to_string_pretty(&reports)?);
        } else {
            for report in &reports {
                print!("{}", told(report));
            }
        }
        let safe = reports.iter().all(|report| report.decision == Decision::Safe);
        Ok(if safe { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

fn rule_set(name: &str) -> anyhow::Result<RuleSet> {
    if RuleSet::names().any(|known| known == name) {
        return Ok(RuleSet::built_in(name)?);
    }
    let text = std::fs::read_to_string(name)
        .with_context(|| format!("`{name}` is neither a built-in rule set nor a readable file"))?;
    RuleSet::from_toml(&text).with_context(|| format!("`{name}` is not a rule set"))
}

/// A file's report in lines: the decision, then a finding a line with its place.
fn told(report: &FileReport) -> String {
    let decision = match report.decision {
        Decision::Safe => "safe",
        Decision::Review => "review",
        Decision::Refuse => "refuse",
    };
    let mut text = format!("{}: {decision}\n", report.file);
    for finding in &report.findings {
        let line = finding.location.line.map(|line| format!(":{line}")).unwrap_or_default();
        let column = finding.location.column.map(|column| format!(":{column}")).unwrap_or_default();
        let place = format!("{}{line}{column}", report.file);
        text.push_str(&format!("  {place}: {}: {}\n", finding.rule, finding.message));
        text.push_str(&format!("      {}\n", finding.repair));
    }
    text
}
