//! `bulle link encode`, `hash` and `match`: linkage without showing who.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use linkage::{
    private::{Design, Encoded, Key, LIMIT, Number, Shown, encode, hash, matched},
    spec::Spec,
    write,
};

use super::places;

#[derive(clap::Subcommand)]
pub enum Private {
    /// Encode records as filters with a key; what attacks can open is not written
    Encode(Encode),
    /// Hash a good number of records with a key
    Hash(Hash),
    /// Match two encoded files, without any key
    Match(Match),
}

/// What both commands that encode are told.
#[derive(clap::Args)]
struct Shared {
    /// The records (CSV or Parquet)
    #[arg(long)]
    file: PathBuf,
    /// The key that both parties share: 32 random bytes or more. The linker must not have it
    #[arg(long)]
    key: PathBuf,
    /// Where to write what leaves (.csv or .parquet: `rec_id`, random, and the filter or code)
    #[arg(long)]
    out: PathBuf,
    /// Where to write which record has which `rec_id`; it stays here
    #[arg(long)]
    table: PathBuf,
    /// What columns hold (TOML, see docs/linkage.md)
    #[arg(long)]
    spec: Option<PathBuf>,
    /// The id column [default: the first of `rec_id`, `unique_id`, `id`]
    #[arg(long)]
    id: Option<String>,
}

#[derive(clap::Args)]
pub struct Encode {
    #[command(flatten)]
    shared: Shared,
    /// How to encode (TOML, see docs/linkage.md); both parties must use the same
    #[arg(long)]
    design: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct Hash {
    #[command(flatten)]
    shared: Shared,
    /// The number to hash
    #[arg(long, value_enum)]
    number: NumberName,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum NumberName {
    Nir,
    Siren,
    Siret,
}

#[derive(clap::Args)]
pub struct Match {
    /// One encoded file
    #[arg(long)]
    left: PathBuf,
    /// The other
    #[arg(long)]
    right: PathBuf,
    /// Where to write the pairs (.csv or .parquet: `id_a`, `id_b`, similarity)
    #[arg(long)]
    out: PathBuf,
    /// The least similarity of filters (Dice) that is a match
    #[arg(long, default_value_t = 0.58, value_parser = super::share)]
    least: f64,
    /// Threads; the result is the same with any number [default: those of the machine]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
}

impl Private {
    /// Exits 0 when the results are written, 2 on an error; then nothing is written.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Encode(command) => command.run(),
            Self::Hash(command) => command.run(),
            Self::Match(command) => command.run(),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Shared {
    fn prepare(&self, design: Option<&PathBuf>) -> anyhow::Result<(Spec, Key)> {
        let inputs = [Some(&self.file), Some(&self.key), self.spec.as_ref(), design];
        places::check(&inputs, &[Some(self.out.clone()), Some(self.table.clone())], None)?;
        let mut spec: Spec = match &self.spec {
            Some(path) => toml::from_str(&text(path)?)
                .with_context(|| format!("cannot use the spec {}", path.display()))?,
            None => Spec::default(),
        };
        spec.id = self.id.clone().or(spec.id);
        Ok((spec, Key::read(&self.key)?))
    }

    /// Both results are whole on the disk before the first takes its name.
    fn write(&self, encoded: &Encoded) -> anyhow::Result<()> {
        let staged = [write::encoded(&self.out, encoded)?, write::serials(&self.table, encoded)?];
        for result in staged {
            result.persist()?;
        }
        for note in &encoded.notes {
            eprintln!("note: {note}");
        }
        for finding in &encoded.findings {
            eprintln!(
                "attack by {}: {} of {} filters given to the right record ({} claimed; {:.0} % may be)",
                finding.attack,
                finding.found,
                finding.tried,
                finding.claimed,
                100.0 * LIMIT
            );
        }
        eprintln!("{} records encoded as {}", encoded.texts.len(), encoded.column);
        Ok(())
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A key for this run alone, which no other knows: what is drawn from it says nothing of a record.
fn random() -> Key {
    Key::new(&rand::random::<[u8; 32]>())
}

impl Encode {
    fn run(self) -> anyhow::Result<()> {
        let (spec, key) = self.shared.prepare(self.design.as_ref())?;
        let design: Design = match &self.design {
            Some(path) => toml::from_str(&text(path)?)
                .with_context(|| format!("cannot use the design {}", path.display()))?,
            None => Design::default(),
        };
        let random = random();
        let made = encode(&self.shared.file, &spec, &design, &key, &random)?;
        self.shared.write(&made.tested(&random)?)
    }
}

impl Hash {
    fn run(self) -> anyhow::Result<()> {
        let (spec, key) = self.shared.prepare(None)?;
        let number = match self.number {
            NumberName::Nir => Number::Nir,
            NumberName::Siren => Number::Siren,
            NumberName::Siret => Number::Siret,
        };
        self.shared.write(&hash(&self.shared.file, &spec, number, &key, &random())?)
    }
}

impl Match {
    fn run(self) -> anyhow::Result<()> {
        places::check(&[Some(&self.left), Some(&self.right)], &[Some(self.out.clone())], None)?;
        let threads = match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads,
        };
        let (left, right) = (Shown::read(&self.left)?, Shown::read(&self.right)?);
        let found = matched(&left, &right, self.least, threads)?;
        write::matched(&self.out, [&left, &right], &found)?.persist()?;
        for note in &found.notes {
            eprintln!("note: {note}");
        }
        Ok(())
    }
}
