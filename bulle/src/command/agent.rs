//! `bulle agent`: the node agent.

use std::{path::PathBuf, process::ExitCode};

use workflows::settings::agent::{AgentConfig, serve};

use super::serve::{asked_to_stop, read_config, runtime};

/// Run the node agent, the only process that may have privilege; one per host
#[derive(clap::Args)]
pub struct Agent {
    /// The centre's folder
    #[arg(long, default_value = ".", conflicts_with = "config")]
    dir: PathBuf,
    /// The centre's configuration file, instead of its folder
    #[arg(long)]
    config: Option<PathBuf>,
}

impl Agent {
    /// Exits 0 when it was asked to stop, 2 when it cannot start.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = match &self.config {
            Some(path) => AgentConfig::of(&read_config(path)?),
            None => AgentConfig::in_folder(&self.dir),
        };
        runtime()?.block_on(async {
            tokio::select! {
                stop = asked_to_stop() => stop?,
                end = serve(config) => end?,
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}
