//! `bulle link`: which records of two files are one person or firm.

mod places;
mod private;
mod told;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use indicatif::ProgressBar;
use linkage::{
    Linked, Options,
    assign::Method,
    cluster::previous::Previous,
    model::{Kept, Settings, Shape},
    report,
    review::Labels,
    spec::Spec,
    write,
};

/// Link the records of two files, or of one, that are the same person or firm
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Link {
    #[command(subcommand)]
    private: Option<private::Private>,
    /// The left file (CSV or Parquet)
    #[arg(long, required_unless_present = "dedupe", requires = "right")]
    left: Option<PathBuf>,
    /// The right file (CSV or Parquet)
    #[arg(long, requires = "left")]
    right: Option<PathBuf>,
    /// A file to link with itself
    #[arg(long, conflicts_with_all = ["left", "one_to_one"])]
    dedupe: Option<PathBuf>,
    /// Where to write the pairs (.csv or .parquet: `id_a`, `id_b`, `match_weight`,
    /// `match_probability`, pattern)
    #[arg(long, required_unless_present_any = ["clusters", "sample"])]
    out: Option<PathBuf>,
    /// Where to write the cluster of each record (.csv or .parquet: `cluster_id`, `rec_id`, side)
    #[arg(long)]
    clusters: Option<PathBuf>,
    /// New records for the clusters of an earlier run over --dedupe: they are compared with its
    /// records and with one another
    #[arg(long, requires_all = ["dedupe", "previous"])]
    add: Option<PathBuf>,
    /// The clusters of an earlier run, whose ids stay
    #[arg(long)]
    previous: Option<PathBuf>,
    /// The history that the earlier run wrote
    #[arg(long, requires = "previous")]
    previous_history: Option<PathBuf>,
    /// Where to write which clusters are new, split, merged, moved or ended (.csv or .parquet:
    /// `run`, `change`, `cluster_id`, `from_id`, `records`)
    #[arg(long, requires = "previous")]
    history: Option<PathBuf>,
    /// Where to write the model for later runs (JSON)
    #[arg(long)]
    save_model: Option<PathBuf>,
    /// A model that --save-model wrote, instead of one that is fitted
    #[arg(long, conflicts_with = "model")]
    use_model: Option<PathBuf>,
    /// What people said of pairs (.csv or .parquet: `id_a`, `id_b`, label `match` or `non-match`): the
    /// model is refitted with them
    #[arg(long, conflicts_with = "use_model")]
    labels: Option<PathBuf>,
    /// Where to write a sample of the written pairs for people to judge (`id_a`, `id_b`, an empty
    /// `label`)
    #[arg(long)]
    sample: Option<PathBuf>,
    /// Pairs of the sample
    #[arg(long, default_value_t = 300, requires = "sample")]
    sample_size: usize,
    /// Another number draws another sample
    #[arg(long, default_value_t = 1, requires = "sample")]
    sample_seed: u64,
    /// What columns hold, which rules and comparisons serve (TOML, see docs/linkage.md), or a model
    /// that Splink saved (.json)
    #[arg(long)]
    spec: Option<PathBuf>,
    /// A folder for a report in HTML
    #[arg(long)]
    report: Option<PathBuf>,
    /// The id column of both files [default: the first of `rec_id`, `unique_id`, `id`]
    #[arg(long)]
    id: Option<String>,
    /// A record has one partner at most
    #[arg(long, value_enum, num_args = 0..=1, default_missing_value = "optimal")]
    one_to_one: Option<Choice>,
    /// Classes of non-matches: twins, siblings and other kinds, or a single one
    #[arg(long, value_enum, default_value = "mixture")]
    model: ModelName,
    /// Probability from which a pair is a link [default: the model's greatest expected F1, from .5]
    #[arg(long, value_parser = share)]
    cut: Option<f64>,
    /// Write pairs below the cut too, down to this probability (0 writes all compared pairs)
    #[arg(long, value_parser = share)]
    floor: Option<f64>,
    /// Threads; the result is the same with any number [default: those of the machine]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Choice {
    /// The choice with the greatest sum of weights
    Optimal,
    /// The surest pair first
    Greedy,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ModelName {
    Mixture,
    Single,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a probability is a number from 0 to 1".to_owned()),
    }
}

impl Link {
    /// Exits 0 when the results are written, 2 on an error; then nothing is written.
    pub fn run(mut self) -> anyhow::Result<ExitCode> {
        if let Some(private) = self.private.take() {
            return private.run();
        }
        let left =
            self.left.as_ref().or(self.dedupe.as_ref()).context("name --left or --dedupe")?;
        let right = self.right.as_ref().or(self.add.as_ref());
        places::check(
            &[
                Some(left),
                right,
                self.spec.as_ref(),
                self.previous.as_ref(),
                self.previous_history.as_ref(),
                self.use_model.as_ref(),
                self.labels.as_ref(),
            ],
            &[
                self.out.clone(),
                self.clusters.clone(),
                self.history.clone(),
                self.save_model.clone(),
                self.sample.clone(),
            ],
            self.report.as_deref(),
        )?;
        let options = self.options()?;
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(200));
        let linked = linkage::link(left, right.map(PathBuf::as_path), &options, &|step| {
            told::show(&bar, step);
        })?;
        bar.finish_and_clear();
        self.write(&linked)?;
        told::tell(&linked);
        Ok(ExitCode::SUCCESS)
    }

    fn options(&self) -> anyhow::Result<Options> {
        let shape = match self.model {
            ModelName::Mixture => Shape::Mixture,
            ModelName::Single => Shape::Single,
        };
        let spec: Spec = match &self.spec {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read the spec {}", path.display()))?;
                let refused = || format!("cannot use the spec {}", path.display());
                match path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")) {
                    true => Spec::from_splink(&text).with_context(refused)?,
                    false => toml::from_str(&text).with_context(refused)?,
                }
            }
            None => Spec::default(),
        };
        let by_spec = (spec.one_to_one == Some(true)).then_some(Choice::Optimal);
        let previous = self
            .previous
            .as_ref()
            .map(|clusters| Previous::read(clusters, self.previous_history.as_deref()));
        let kept = self.use_model.as_ref().map(|path| {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the model {}", path.display()))?;
            Kept::from_json(&text).with_context(|| format!("cannot use {}", path.display()))
        });
        Ok(Options {
            labels: self.labels.as_deref().map(Labels::read).transpose()?,
            previous: previous.transpose()?,
            kept: kept.transpose()?,
            is_addition: self.add.is_some(),
            id: self.id.clone().or_else(|| spec.id.clone()),
            one_to_one: self.one_to_one.or(by_spec).map(|choice| match choice {
                Choice::Optimal => Method::Optimal,
                Choice::Greedy => Method::Greedy,
            }),
            spec,
            cut: self.cut,
            floor: self.floor,
            model: Settings { shape, ..Settings::default() },
            threads: self.threads,
        })
    }

    /// All results are whole on the disk before the first takes its name.
    fn write(&self, linked: &Linked) -> anyhow::Result<()> {
        let mut staged = Vec::new();
        if let Some(out) = &self.out {
            staged.push(write::pairs(out, linked)?);
        }
        if let Some(out) = &self.clusters {
            staged.push(write::clusters(out, linked)?);
        }
        if let Some(out) = &self.history {
            staged.push(write::history(out, linked)?);
        }
        if let Some(out) = &self.save_model {
            staged.push(write::model(out, linked)?);
        }
        if let Some(out) = &self.sample {
            staged.push(write::sample(out, linked, self.sample_size, self.sample_seed)?);
        }
        if let Some(folder) = &self.report {
            staged.push(report::write(folder, linked)?);
        }
        for result in staged {
            result.persist()?;
        }
        Ok(())
    }
}
