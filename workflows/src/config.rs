//! What an operator decides about a centre.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::Network;

/// The configuration of a centre, read from `bulle.toml` or made by `bulle demo`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The centre's name as pages and mails show it.
    pub name: String,
    /// The centre's folder: keys, log, deposits, bubbles, releases, recordings.
    pub dir: PathBuf,
    /// The database: `sqlite://...` or `postgres://...`. By default a file in the folder.
    #[serde(default)]
    pub database: Option<String>,
    /// The address to listen on. Put a TLS proxy before anything but loopback.
    #[serde(default = "default_listen")]
    pub listen: String,
    /// The address that people open, e.g. `https://data.example.org`. Passkeys are bound to it.
    pub public_url: Url,
    /// Where mail goes.
    #[serde(default)]
    pub mail: Mail,
    /// Where software images are kept; by default the user's cache folder.
    #[serde(default)]
    pub image_cache: Option<PathBuf>,
    /// The node agent's socket; by default `agent.sock` in the folder.
    #[serde(default)]
    pub agent_socket: Option<PathBuf>,
    /// Where the node agent keeps the bubbles; by default `bubbles` in the folder. An agent of root
    /// beside an ordinary server needs a folder that is root's alone, outside the server's.
    #[serde(default)]
    pub bubbles: Option<PathBuf>,
    /// Whether what people type in a terminal is recorded beside what it shows. Off by default:
    /// passwords are typed too.
    #[serde(default)]
    pub record_input: bool,
    /// The server's uid, where the node agent runs as another user (root): the agent's socket is
    /// given to it, and the agent hears nobody else. By default the agent's own user.
    #[serde(default)]
    pub server_uid: Option<u32>,
    /// For how long an approved export stays, so that the lead of the checkers may recall it.
    #[serde(default = "default_release_hold_seconds")]
    pub release_hold_seconds: u32,
    /// The program that reads files in processes of their own: `bulle` itself, unless tests say
    /// otherwise.
    #[serde(skip)]
    pub reader: Option<PathBuf>,
    /// The proxies before the server: addresses and ranges. `X-Forwarded-For` is believed from them
    /// alone; without any, everybody is at the other end of their own connection.
    #[serde(default)]
    pub trusted_proxies: Vec<Network>,
    /// How often one address may read.
    #[serde(default)]
    pub reads: Reads,
    /// Set by `bulle demo` alone; never read from a file.
    #[serde(skip)]
    pub demo: bool,
}

/// Where mail goes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The sender's address.
    #[serde(default)]
    pub from: Option<String>,
    /// An SMTP server: `smtps://user:password@host`. Without one, mails are written to `outbox/`.
    #[serde(default)]
    pub smtp: Option<String>,
}

/// How often one address may read: pages and answers of the API, not style sheets and scripts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reads {
    /// How many at once.
    pub at_once: u32,
    /// How many come back each second.
    pub per_second: u32,
}

impl Default for Reads {
    fn default() -> Self {
        Self { at_once: 600, per_second: 40 }
    }
}

fn default_listen() -> String {
    "127.0.0.1:8470".to_owned()
}

fn default_release_hold_seconds() -> u32 {
    120
}

impl Config {
    /// A demonstration in `dir`.
    pub fn demo(dir: PathBuf, listen: String, public_url: Url) -> Self {
        Self {
            name: "Bulle".to_owned(),
            dir,
            database: None,
            listen,
            public_url,
            mail: Mail::default(),
            image_cache: None,
            agent_socket: None,
            bubbles: None,
            server_uid: None,
            release_hold_seconds: 15,
            reader: None,
            record_input: false,
            trusted_proxies: Vec::new(),
            reads: Reads::default(),
            demo: true,
        }
    }

    /// The database's URL.
    pub fn database_url(&self) -> String {
        let file = || format!("sqlite://{}?mode=rwc", self.dir.join("centre.db").display());
        self.database.clone().unwrap_or_else(file)
    }

    /// The node agent's socket.
    pub fn agent_socket(&self) -> PathBuf {
        self.agent_socket.clone().unwrap_or_else(|| self.dir.join("agent.sock"))
    }

    /// Where the node agent keeps the bubbles.
    pub fn bubbles(&self) -> PathBuf {
        self.bubbles.clone().unwrap_or_else(|| self.dir.join("bubbles"))
    }

    /// The transparency log's folder.
    pub fn log_dir(&self) -> PathBuf {
        self.dir.join("log")
    }

    /// Whether people come over TLS, so that cookies can demand it.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}
