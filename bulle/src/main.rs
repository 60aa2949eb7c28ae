//! `bulle`: the centre, its node agent, and the tools of its engines, in one binary.
//!
//! One file a command in `command/`. Data goes to standard output, progress and messages to
//! standard error; exit codes are documented on each command.

mod command;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// An open, self-hosted secure data access centre
#[derive(Parser)]
#[command(name = "bulle", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a demonstration with demo persons and real public microdata, on loopback only
    Demo(command::demo::Demo),
    /// Run a centre
    Serve(command::serve::Serve),
    /// Run the node agent, the only process that may have privilege; one per host
    Agent(command::agent::Agent),
    /// Test this host row by row: what is possible, and what to enable
    Doctor(command::doctor::Doctor),
    /// Run commands in the sandbox of a bubble
    #[command(subcommand)]
    Bubble(command::bubble::Bubble),
    /// Look at a transparency log and verify it
    #[command(subcommand)]
    Log(command::log::Log),
    /// Deposit files for a vintage in a centre, resumably
    Deposit(command::deposit::Deposit),
    /// Check files for disclosure as one export request
    Check(command::check::Check),
    #[command(hide = true)]
    ReadFile(command::read_file::ReadFile),
    /// Suppress further cells of a table so that no unsafe one can be estimated too closely
    Protect(command::protect::Protect),
    /// Link the records of two files, or of one, that are the same person or firm
    Link(Box<command::link::Link>),
    /// Train the risk model of exports on decisions, and look at models
    #[command(subcommand)]
    Risk(command::risk::Risk),
    /// Convert a CSV file to Parquet with a type report
    Convert(command::convert::Convert),
    /// Read a DDI code book
    #[command(subcommand)]
    Ddi(command::ddi::Ddi),
}

fn main() -> ExitCode {
    command::telemetry::start();
    let mut words = std::env::args_os();
    let name = words.next().map(std::path::PathBuf::from);
    let is_named = |tool: &str| name.as_ref().is_some_and(|name| name.ends_with(tool));
    let reads_file = words.next().is_some_and(|word| word == "read-file");
    let result = if is_named(command::check::IN_BUBBLE) && !reads_file {
        command::check::InBubble::parse().run()
    } else if is_named(command::protect::IN_BUBBLE) {
        command::protect::InBubble::parse().protect.run()
    } else {
        run(Cli::parse().command)
    };
    result.unwrap_or_else(|error| {
        eprintln!("bulle: {error:#}");
        ExitCode::from(2)
    })
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(demo) => demo.run(),
        Command::Serve(serve) => serve.run(),
        Command::Agent(agent) => agent.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Bubble(bubble) => bubble.run(),
        Command::Log(log) => log.run(),
        Command::Deposit(deposit) => deposit.run(),
        Command::Check(check) => check.run(),
        Command::ReadFile(read) => read.run(),
        Command::Protect(protect) => protect.run(),
        Command::Link(link) => link.run(),
        Command::Risk(risk) => risk.run(),
        Command::Convert(convert) => convert.run(),
        Command::Ddi(ddi) => ddi.run(),
    }
}
