//! `bulle bubble`: the sandbox of a bubble, for operators and tests.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use sandbox::{Image, Profile, Run, image, run_command};
use workflows::settings::agent;

/// Run commands in the sandbox of a bubble
#[derive(clap::Subcommand)]
pub enum Bubble {
    /// Run a command in exactly the sandbox that a bubble of the profile gets
    Run(RunCommand),
    /// Build the software image if it is not there yet, and print its folder
    Image(ImageCommand),
}

/// Run a command in exactly the sandbox that a bubble of the profile gets
#[derive(clap::Args)]
pub struct RunCommand {
    /// The profile: `small` or `standard`
    #[arg(long, default_value = "small")]
    profile: String,
    /// A folder to show read-only as `/data/<its name>`; may be given several times
    #[arg(long)]
    data: Vec<PathBuf>,
    /// A folder to show as `/project`, writable
    #[arg(long)]
    project: Option<PathBuf>,
    /// A folder to show as `/exports`, writable
    #[arg(long)]
    exports: Option<PathBuf>,
    /// Where images are kept
    #[arg(long)]
    image_cache: Option<PathBuf>,
    /// The command and its arguments
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// Build the software image if it is not there yet, and print its folder
#[derive(clap::Args)]
pub struct ImageCommand {
    /// Where images are kept
    #[arg(long)]
    image_cache: Option<PathBuf>,
}

impl Bubble {
    /// Exits as the command did (128 + n for a signal), 125 when the bubble could not start.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Run(run) => match run.run() {
                Ok(code) => Ok(ExitCode::from(u8::try_from(code).unwrap_or(255))),
                Err(error) => {
                    eprintln!("bulle: {error:#}");
                    Ok(ExitCode::from(125))
                }
            },
            Self::Image(image) => {
                let found = ensure_image(image.image_cache.as_deref())?;
                println!("{}", found.root.display());
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl RunCommand {
    fn run(self) -> anyhow::Result<i32> {
        let Some(profile) = Profile::named(&self.profile) else {
            bail!("there is no profile `{}`", self.profile)
        };
        let image = ensure_image(self.image_cache.as_deref())?;
        let Self { data, project, exports, command, .. } = self;
        let tools = agent::programs(&std::env::current_exe()?);
        Ok(run_command(&Run { profile, image, data, project, exports, tools, command })?)
    }
}

/// The software image; built with progress on standard error where it is missing.
pub fn ensure_image(cache: Option<&Path>) -> anyhow::Result<Image> {
    let cache = cache.map_or_else(image::default_cache, Path::to_owned);
    let steps = image::Step::BUILD.len();
    let mut progress = |step: image::Step| {
        let at = image::Step::BUILD.iter().position(|known| *known == step);
        match at {
            Some(at) => {
                eprintln!("bulle: building the software image, {step:?} ({}/{steps})", at + 1);
            }
            None => eprintln!("bulle: another process is building the software image; waiting"),
        }
    };
    image::ensure(&cache, &mut progress).context("cannot make the software image")
}
