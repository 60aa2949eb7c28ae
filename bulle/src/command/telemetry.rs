//! Structured logs on standard error, and one line for a panic.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging: text on a terminal, JSON lines otherwise; `BULLE_LOG` filters (default `info`).
pub fn start() {
    let filter = EnvFilter::try_from_env("BULLE_LOG").unwrap_or_else(|_| {
        EnvFilter::new("warn,bulle=info,portal=info,workflows=info,store=info")
    });
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match std::io::stderr().is_terminal() {
        true => logs.compact().init(),
        false => logs.json().init(),
    }
    // A caught panic would print a backtrace of ninety frames; one line with its place is enough.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a task panicked");
    }));
}
