//! `bulle agent`: the node agent.

use std::{path::PathBuf, process::ExitCode};

use workflows::{
    Config,
    settings::agent::{AgentConfig, close, serve},
};

use super::serve::{asked_to_stop, read_config, runtime};

/// Run the node agent, the only process that may have privilege; one per host
#[derive(clap::Args)]
pub struct Agent {
    /// The centre's configuration file
    #[arg(long)]
    config: Option<PathBuf>,
    /// The folder of a demonstration, which has no configuration file
    #[arg(long, default_value = ".", conflicts_with = "config")]
    dir: PathBuf,
}

impl Agent {
    /// Exits 0 when it was asked to stop, 2 when it cannot start.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = match &self.config {
            Some(path) => read_config(path)?,
            None => Config::demo(self.dir, String::new(), "http://localhost".parse()?),
        };
        let socket = config.agent_socket();
        runtime()?.block_on(async {
            tokio::select! {
                stop = asked_to_stop() => stop?,
                end = serve(&socket, AgentConfig::of(&config)) => end?,
            }
            close(&AgentConfig::of(&config));
            Ok(ExitCode::SUCCESS)
        })
    }
}
