//! `bulle demo`: a whole centre in one folder, for anybody to walk through.

use std::{
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    process::{ExitCode, Stdio},
};

use anyhow::{Context, bail};
use bulle::Running;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, ChildStdin, Command};
use workflows::{Clock, Config};

use super::serve::{asked_to_stop, runtime};

/// Run a demonstration with demo persons and real public microdata, on loopback only
#[derive(clap::Args)]
pub struct Demo {
    /// The centre's folder; a second start keeps everything in it
    #[arg(long, default_value = "demo-centre")]
    dir: PathBuf,
    /// The address to listen on, which must be a loopback address
    #[arg(long, default_value = "127.0.0.1:8470")]
    listen: String,
    /// The folder of the demonstration's CSV files, made by `demo/data.py`; by default `demo-data`
    /// in the centre's folder
    #[arg(long)]
    data: Option<PathBuf>,
    /// The database, `postgres://...`; by default a SQLite file in the folder
    #[arg(long)]
    database: Option<String>,
}

impl Demo {
    /// Exits 0 when it was asked to stop, 2 when it cannot start.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let address = loopback(&self.listen)?;
        std::fs::create_dir_all(&self.dir)
            .with_context(|| format!("cannot create the folder {}", self.dir.display()))?;
        let dir = self.dir.canonicalize()?;
        super::bubble::ensure_image(None)?;
        runtime()?.block_on(self.serve(address, dir))
    }

    async fn serve(self, address: SocketAddr, dir: PathBuf) -> anyhow::Result<ExitCode> {
        let public_url = format!("http://localhost:{}", address.port()).parse()?;
        let mut config = Config::demo(dir.clone(), address.to_string(), public_url);
        config.database = self.database;
        let (mut agent, life) = start_agent(&config)?;
        let running = Running::start(config, Clock::System).await?;
        bulle::demo::seed(&running.centre).await?;
        let data = self.data.unwrap_or_else(|| dir.join("demo-data"));
        bulle::demo::seed_sources(&running.centre, &data).await?;
        let worker = tokio::spawn(running.centre.clone().work());
        welcome(&running.centre.config.public_url);
        tokio::select! {
            stop = asked_to_stop() => stop?,
            end = agent.wait() => bail!("the node agent ended: {}", end?),
        }
        worker.abort();
        running.stop().await?;
        stop_agent(&mut agent).await?;
        drop(life);
        Ok(ExitCode::SUCCESS)
    }
}

/// Threat: a demonstration, where anybody can be anybody, that answers to a network.
fn loopback(listen: &str) -> anyhow::Result<SocketAddr> {
    let mut addresses =
        listen.to_socket_addrs().with_context(|| format!("`{listen}` is not an address"))?;
    match addresses.find(|address| address.ip().is_loopback()) {
        Some(address) => Ok(address),
        None => bail!("the demonstration listens on loopback only, and `{listen}` is not"),
    }
}

/// Starts the node agent as a process of its own. It ends when the pipe closes that comes with it:
/// with this process, also where that is killed and can ask for nothing any more.
fn start_agent(config: &Config) -> anyhow::Result<(Child, ChildStdin)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("agent").arg("--dir").arg(&config.dir).arg("--with-parent");
    command.stdin(Stdio::piped()).kill_on_drop(true);
    let mut agent = command.spawn().context("cannot start the node agent")?;
    // Taken out of the child, because waiting for a child closes what it still holds.
    let life = agent.stdin.take().context("the node agent has no pipe")?;
    Ok((agent, life))
}

/// Asks the agent to stop, so that it puts its mounts away, and waits for it.
async fn stop_agent(agent: &mut Child) -> anyhow::Result<()> {
    let pid = agent.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have had the terminal's Ctrl-C already: then there is nobody to ask.
        let _ = kill_process(pid, Signal::TERM);
    }
    agent.wait().await?;
    Ok(())
}

fn welcome(url: &url::Url) {
    println!("Bulle is ready: open {url}");
    println!("Step into anybody at {url}demo/step-in, for example:");
    println!("  ada    scientific lead: applies, works in the bubble, exports results");
    println!("  chloe, dario, emma    the three producers    farid  committee secretary");
    println!("  grace  output checker    ines   security officer    nora   auditor");
    println!("Stop with Ctrl-C; the next start keeps everything.");
}
