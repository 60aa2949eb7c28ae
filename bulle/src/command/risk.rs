//! `bulle risk`: the risk model of exports, from decisions to a model and its card.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::Subcommand;
use disclosure::risk::{
    Decisions, Figures, Model, Options,
    simulate::{Plan, simulate},
    train::{self, measure},
};

/// Train the risk model of exports on decisions, and look at models
#[derive(Subcommand)]
pub enum Risk {
    /// Write simulated decisions (CSV), to start and to test
    Simulate(Simulate),
    /// Train a model on a file of decisions and print its card
    Train(Train),
    /// Print the card of a model
    Show(Show),
    /// Score a file of requests with a model (CSV: request, score, route, reasons)
    Score(Score),
}

impl Risk {
    /// Exits 0, or 2 on an error.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Simulate(simulate) => simulate.run(),
            Self::Train(train) => train.run(),
            Self::Show(show) => show.run(),
            Self::Score(score) => score.run(),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Write simulated decisions (CSV), to start and to test
#[derive(clap::Args)]
pub struct Simulate {
    /// How many requests
    #[arg(long, default_value_t = 12_000)]
    requests: usize,
    /// The seed: same seed, same decisions
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The share of decisions that are wrong, either way
    #[arg(long, default_value_t = 0.05)]
    noise: f64,
    /// Where to write them
    #[arg(long, value_name = "CSV")]
    out: PathBuf,
}

impl Simulate {
    fn run(self) -> anyhow::Result<()> {
        let (requests, seed, noise) = (self.requests, self.seed, self.noise);
        anyhow::ensure!((0.0..0.5).contains(&noise), "--noise must be from 0 to below 0.5");
        let decisions = simulate(&Plan { requests, seed, noise });
        write(&self.out, decisions.to_csv().as_bytes())
    }
}

/// Train a model on a file of decisions and print its card
///
/// The file has a line a request in the order of time: `request`, `unsafe` (0 or 1), optionally
/// `truth` and `weight`, and a column for each feature.
#[derive(clap::Args)]
pub struct Train {
    /// The decisions
    #[arg(value_name = "CSV")]
    decisions: PathBuf,
    /// Where to write the model
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The share of decisions that are wrong, either way, as far as it is known
    #[arg(long, default_value_t = 0.0)]
    noise: f64,
    /// The share of unsafe requests that may stay below the limit
    #[arg(long, default_value_t = train::AIM)]
    aim: f64,
    /// The share of the requests, the last ones, that the model does not see: figures are measured
    /// on them
    #[arg(long, default_value_t = 0.0)]
    unseen: f64,
    /// The seed of the parts
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The date for the card [default: today]
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Say on the card that the decisions are simulated
    #[arg(long)]
    simulated: bool,
    /// Print the card as JSON
    #[arg(long)]
    json: bool,
}

impl Train {
    fn run(self) -> anyhow::Result<()> {
        anyhow::ensure!((0.0..1.0).contains(&self.unseen), "--unseen must be from 0 to below 1");
        let decisions = decisions(&self.decisions)?;
        let (seen, unseen) = decisions.split(1.0 - self.unseen);
        let today = || jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        let options = Options {
            at: self.date.unwrap_or_else(today),
            origin: if self.simulated { "simulated" } else { "decisions" }.to_owned(),
            seed: self.seed,
            noise: self.noise,
            aim: self.aim,
        };
        let model = train::train(&seen, &options)
            .with_context(|| format!("cannot train on {}", self.decisions.display()))?;
        write(&self.out, &model.to_bytes())?;
        let unseen = measure(&model, &unseen);
        print!("{}", if self.json { json(&model, unseen)? } else { card(&model, unseen) });
        Ok(())
    }
}

/// Print the card of a model
#[derive(clap::Args)]
pub struct Show {
    /// The model
    #[arg(value_name = "FILE")]
    model: PathBuf,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    fn run(self) -> anyhow::Result<()> {
        let model = model(&self.model)?;
        print!("{}", if self.json { json(&model, None)? } else { card(&model, None) });
        Ok(())
    }
}

/// Score a file of requests with a model (CSV: request, score, route, reasons)
#[derive(clap::Args)]
pub struct Score {
    /// The model
    #[arg(value_name = "FILE")]
    model: PathBuf,
    /// The requests, as `bulle risk train` reads them
    #[arg(value_name = "CSV")]
    requests: PathBuf,
}

impl Score {
    fn run(self) -> anyhow::Result<()> {
        let (model, requests) = (model(&self.model)?, decisions(&self.requests)?);
        println!("request,score,route,reasons");
        for row in &requests.rows {
            let told = model.assess(|name| {
                let at = requests.names.iter().position(|known| known == name)?;
                row.features.get(at).copied()
            });
            let reasons: Vec<String> = told
                .reasons
                .iter()
                .map(|r| format!("{}{}", if r.raises { '+' } else { '-' }, r.feature))
                .collect();
            let route = if told.passes { "pass" } else { "manual" };
            println!("{},{:.4},{route},{}", row.request, told.score, reasons.join(" "));
        }
        Ok(())
    }
}

fn decisions(path: &Path) -> anyhow::Result<Decisions> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the file {}", path.display()))?;
    Decisions::from_csv(&text).with_context(|| format!("{} has no decisions", path.display()))
}

fn model(path: &Path) -> anyhow::Result<Model> {
    let bytes =
        std::fs::read(path).with_context(|| format!("cannot read the file {}", path.display()))?;
    Model::read(&bytes).with_context(|| format!("{} is not a model", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// The card as other programs read it.
fn json(model: &Model, unseen: Option<Figures>) -> anyhow::Result<String> {
    let card = serde_json::json!({
        "format": model.format, "sha256": model.digest(), "trained_at": model.trained_at,
        "seed": model.seed, "training": model.training, "aim": model.aim, "noise": model.noise,
        "limit": model.limit, "figures": model.figures, "corrected": model.corrected,
        "unseen": unseen, "features": model.features.len(), "trees": model.trees.trees.len(),
        "importance": model.importance(),
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&card)?))
}

/// The card for people.
fn card(model: &Model, unseen: Option<Figures>) -> String {
    let (training, percent) = (&model.training, |share: f64| 100.0 * share);
    let mut text = format!(
        "model: {}\nformat: {}, {} features, {} trees\ntrained: {} on {} {}, {} of them against \
         (SHA-256 {})\nwrong decisions allowed for: {:.1} %\n",
        model.digest(),
        model.format,
        model.features.len(),
        model.trees.trees.len(),
        model.trained_at,
        training.decisions,
        if training.origin == "simulated" { "simulated decisions" } else { "decisions" },
        training.unsafe_decisions,
        training.sha256,
        percent(model.noise),
    );
    text.push_str(&match model.limit {
        Some(limit) => format!(
            "limit: {limit:.3} logits, for at most {:.1} % of unsafe requests below\n",
            percent(model.aim)
        ),
        None => "limit: none, every request goes to a person\n".to_owned(),
    });
    text.push_str(&figures("on decisions not learnt from", &model.figures));
    text.push_str(&format!(
        "allowing for wrong decisions: AUC {:.4}, caught {:.1} %\n",
        model.corrected.auc,
        percent(model.corrected.caught)
    ));
    if let Some(unseen) = unseen {
        text.push_str(&figures("on the unseen requests", &unseen));
    }
    text.push_str("most asked features:");
    for (name, share) in model.importance().iter().take(8) {
        text.push_str(&format!(" {name} {:.0} %,", percent(*share)));
    }
    text.trim_end_matches(',').to_owned() + "\n"
}

fn figures(of: &str, f: &Figures) -> String {
    format!(
        "{of}: {} requests, {} unsafe: AUC {:.4}, ECE {:.4}, Brier {:.4}, {:.1} % to a person for \
         {:.1} % of the unsafe ones\n",
        f.requests,
        f.unsafe_requests,
        f.auc,
        f.ece,
        f.brier,
        100.0 * f.manual,
        100.0 * f.caught
    )
}
