//! `bulle agent`: the node agent.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::fd::AsFd as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use tokio::{io::AsyncReadExt as _, net::unix::pipe};
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
    /// End with the process that started this one, whose pipe is standard input
    #[arg(long, hide = true, conflicts_with = "config")]
    with_parent: bool,
}

impl Agent {
    /// Exits 0 when it was asked to stop or its parent ended, 2 when it cannot start.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let config = match &self.config {
            Some(path) => read_config(path)?,
            None => Config::demo(self.dir.clone(), String::new(), "http://localhost".parse()?),
        };
        let lock = self.with_parent.then(|| config.dir.join("agent.lock"));
        let (socket, agent) = (config.agent_socket(), AgentConfig::of(&config));
        runtime()?.block_on(async {
            let mut alone = None;
            let serving = async {
                alone = Some(be_alone(lock.as_deref()).await?);
                Ok::<_, anyhow::Error>(serve(&socket, agent.clone()).await?)
            };
            tokio::select! {
                stop = asked_to_stop() => stop?,
                gone = parent_ended(self.with_parent) => gone?,
                end = serving => end?,
            }
            // Where another agent still serves the folder, the volumes are that one's.
            if alone.is_some() {
                close(&agent);
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// Waits for the end of the process at the other end of standard input. However it ends, by SIGKILL
/// too, the kernel closes its pipe, which nobody else holds: nothing is ever written to it.
async fn parent_ended(has_parent: bool) -> anyhow::Result<()> {
    if !has_parent {
        return std::future::pending().await;
    }
    let input = std::io::stdin().as_fd().try_clone_to_owned()?;
    let mut pipe = pipe::Receiver::from_owned_fd(input).context("standard input is no pipe")?;
    while pipe.read(&mut [0; 64]).await? > 0 {}
    Ok(())
}

/// Waits until the agent of a killed demonstration has put its volumes away, which it must not do
/// once this one has mounted them. The lock is held until the process ends. Only for an agent of
/// the server's own user: a folder of somebody else is no place for files of root's.
async fn be_alone(lock: Option<&Path>) -> anyhow::Result<Option<File>> {
    let Some(path) = lock else { return Ok(None) };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(TryLockError::Error(error)) => return Err(error).context("cannot be alone"),
        }
    }
}
