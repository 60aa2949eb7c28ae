//! `bulle serve`: a real centre.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use bulle::Running;
use tokio::signal::unix::{SignalKind, signal};
use workflows::{Clock, Config, people::invitation};

/// Run a centre by its configuration; `bulle agent` runs beside it
#[derive(clap::Args)]
pub struct Serve {
    /// The configuration file
    #[arg(long, default_value = "bulle.toml")]
    config: PathBuf,
    /// Invite the first project manager of a new centre: their address. The link is shown here,
    /// once, and works for fifteen minutes
    #[arg(long, value_name = "EMAIL", requires = "first_manager_name")]
    first_manager: Option<String>,
    /// Their name, as in their identity document
    #[arg(long, value_name = "NAME", requires = "first_manager")]
    first_manager_name: Option<String>,
}

impl Serve {
    /// Exits 0 when it was asked to stop, 2 when it cannot start.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = read_config(&self.config)?;
        runtime()?.block_on(async {
            let running = Running::start(config, Clock::System).await?;
            eprintln!("bulle: listening on {}", running.address);
            if let (Some(email), Some(name)) = (&self.first_manager, &self.first_manager_name) {
                let link = invitation::invite_first_manager(&running.centre, name, email).await;
                eprintln!("bulle: {}", link.context("cannot invite the first project manager")?);
            }
            let worker = tokio::spawn(running.centre.clone().work());
            asked_to_stop().await?;
            worker.abort();
            running.stop().await?;
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// Reads `bulle.toml`; relative folders are beside it.
pub fn read_config(path: &std::path::Path) -> anyhow::Result<Config> {
    let at = || format!("cannot read the configuration {}", path.display());
    let text = std::fs::read_to_string(path).with_context(at)?;
    let mut config: Config = toml::from_str(&text).with_context(at)?;
    let beside = path.parent().unwrap_or(std::path::Path::new("."));
    config.dir = beside.join(&config.dir); // an absolute one stays as it is
    config.bubbles = config.bubbles.map(|folder| beside.join(folder));
    Ok(config)
}

/// The runtime of the server and of the agent.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn asked_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
