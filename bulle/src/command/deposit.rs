//! `bulle deposit`: files of any size, sent to a centre in pieces.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::serve::runtime;

/// One piece, in bytes: the centre acknowledges each once it is on its disk.
const PIECE: usize = 8 << 20;
/// How often a broken connection is tried again, with a longer pause each time.
const TRIES: u32 = 8;

/// Deposit files for a vintage in a centre, resumably
#[derive(clap::Args)]
pub struct Deposit {
    /// The centre's address, e.g. `https://data.example.org`
    #[arg(long)]
    centre: Url,
    /// The vintage's id, as its page shows it
    #[arg(long)]
    vintage: String,
    /// Your access token (made on your page of the portal); better given in the environment
    #[arg(long, env = "BULLE_TOKEN", hide_env_values = true)]
    token: String,
    /// The CSV or Parquet files
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl Deposit {
    /// Exits 0 when every file was received with its SHA-256, 2 otherwise; sending again resumes.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        runtime()?.block_on(self.send())
    }

    async fn send(self) -> anyhow::Result<ExitCode> {
        let http = Client::builder().timeout(Duration::from_mins(2)).build()?;
        let centre = Centre { http, url: self.centre.clone(), token: self.token.clone() };
        let mut manifest = Vec::new();
        for path in &self.files {
            manifest.push(Announced::read(path)?);
        }
        let files: Vec<Value> = manifest.iter().map(Announced::json).collect();
        let announced = json!({ "vintage": self.vintage, "manifest": files });
        let deposit = centre.post("/api/v1/deposits", &announced).await?;
        let id = deposit["id"].as_str().context("the centre did not name the deposit")?;
        for file in &manifest {
            centre.send_file(id, file).await?;
        }
        println!("{id}");
        eprintln!(
            "bulle: every file was received; follow the checks at {}",
            self.centre.join(&format!("/deposits/{id}"))?
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// A file with its place in the manifest.
struct Announced {
    path: PathBuf,
    name: String,
    bytes: u64,
    sha256: String,
}

impl Announced {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let at = || format!("cannot read {}", path.display());
        let name = path.file_name().and_then(|name| name.to_str()).with_context(at)?.to_owned();
        let mut file = File::open(path).with_context(at)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        let mut bytes = 0;
        loop {
            let read = file.read(&mut buffer).with_context(at)?;
            if read == 0 {
                let sha256 = hex::encode(hash.finalize());
                return Ok(Self { path: path.to_owned(), name, bytes, sha256 });
            }
            hash.update(&buffer[..read]);
            bytes += read as u64;
        }
    }

    fn json(&self) -> Value {
        json!({ "name": self.name, "bytes": self.bytes, "sha256": self.sha256 })
    }
}

/// The centre at the other end.
struct Centre {
    http: Client,
    url: Url,
    token: String,
}

impl Centre {
    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.http.post(self.url.join(path)?).bearer_auth(&self.token).json(body);
        answer(request.send().await.context("the centre does not answer")?).await
    }

    async fn send_file(&self, deposit: &str, file: &Announced) -> anyhow::Result<()> {
        let begun = json!({ "name": file.name, "size": file.bytes, "sha256": file.sha256 });
        let begun = self.post(&format!("/deposits/{deposit}/files"), &begun).await?;
        let upload = begun["upload"].as_str().context("the centre did not name the upload")?;
        let upload = self.url.join(upload)?;
        let mut offset = begun["offset"].as_u64().unwrap_or(0);
        let bar = ProgressBar::new(file.bytes).with_message(file.name.clone());
        let mut source = File::open(&file.path)?;
        let mut failures = 0;
        while offset < file.bytes {
            match self.send_piece(&upload, &mut source, offset).await {
                Ok(next) => (offset, failures) = (next, 0),
                Err(error) if failures < TRIES => {
                    failures += 1;
                    eprintln!("bulle: {error:#}; trying again");
                    tokio::time::sleep(Duration::from_secs(1 << failures.min(5))).await;
                    offset = self.offset(&upload).await.unwrap_or(offset);
                }
                Err(error) => return Err(error.context("sending again will resume")),
            }
            bar.set_position(offset);
        }
        bar.finish_and_clear();
        let finish = self.url.join(&format!("{}/finish", upload.path()))?;
        let request = self.http.post(finish).bearer_auth(&self.token);
        answer(request.json(&json!({ "sha256": file.sha256 })).send().await?).await.map(drop)
    }

    /// Sends the piece at `offset`; gives the offset up to which the centre holds the file.
    async fn send_piece(&self, upload: &Url, file: &mut File, offset: u64) -> anyhow::Result<u64> {
        file.seek(SeekFrom::Start(offset))?;
        let mut piece = Vec::with_capacity(PIECE);
        file.take(PIECE as u64).read_to_end(&mut piece)?;
        let request = self.http.put(upload.clone()).bearer_auth(&self.token);
        let response = request.header("upload-offset", offset).body(piece).send().await?;
        let conflict = response.status() == StatusCode::CONFLICT;
        let body = match conflict {
            true => response.json().await?, // the centre holds another length: it says which
            false => answer(response).await?,
        };
        body["offset"].as_u64().context("the centre did not say how much it holds")
    }

    async fn offset(&self, upload: &Url) -> anyhow::Result<u64> {
        let request = self.http.get(upload.clone()).bearer_auth(&self.token);
        let body = answer(request.send().await?).await?;
        body["offset"].as_u64().context("the centre did not say how much it holds")
    }
}

/// The answer's JSON, or what the centre says is wrong.
async fn answer(response: reqwest::Response) -> anyhow::Result<Value> {
    let status = response.status();
    let body: Value = response.json().await.unwrap_or_default();
    if status.is_success() {
        return Ok(body);
    }
    let words = body["error"].as_str().or(body["message"].as_str()).unwrap_or_default();
    bail!("the centre refused ({status}): {words}")
}
