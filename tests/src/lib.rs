//! The test kit: a whole centre on a free port, with a real database, a clock that stands still,
//! and people who send real requests.
//!
//! SQLite by default. With `BULLE_TEST_DATABASE=postgres://...` (a server where databases may be
//! made) every test gets a database of its own there.

#![expect(clippy::missing_panics_doc, reason = "a test kit panics where a test must fail")]

mod conformance;

use std::collections::BTreeMap;

use bulle::Running;
use domain::{Person, Timestamp};
use reqwest::{Method, Response, StatusCode};
use tempfile::TempDir;
use workflows::{Centre, Clock, Config, Reads};

/// A centre of its own for one test.
pub struct TestCentre {
    /// The centre, to look at what the pages do not show.
    pub centre: Centre,
    /// Where it answers.
    pub url: String,
    /// The centre's folder.
    pub dir: TempDir,
    running: Option<Running>,
}

/// When every test begins: 10:00 on a Monday, UTC.
pub const START: &str = "2026-11-02T10:00:00Z";

/// The link in a centre's folder to the program that reads files.
const READER: &str = "reader";

/// The binary beside this test's: it reads files in processes of their own.
///
/// # Panics
/// Where it was not built: tests of a workspace are built with all of it.
pub fn bulle_program() -> std::path::PathBuf {
    let own = std::env::current_exe().expect("this test's own path");
    let folder = own.parent().and_then(std::path::Path::parent).expect("a target folder");
    let program = folder.join("bulle");
    assert!(program.exists(), "build the whole workspace: {} is missing", program.display());
    program
}

impl TestCentre {
    /// Starts a centre with the demonstration's producers and persons.
    pub async fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder")).await
    }

    /// Starts a centre whose bubbles really run: a node agent in this process, the image from the
    /// user's cache (built there at the very first time, which takes minutes).
    pub async fn start_with_bubbles() -> Self {
        Self::start_with_images(None).await
    }

    /// The same with another image cache.
    pub async fn start_with_images(cache: Option<std::path::PathBuf>) -> Self {
        let centre = Self::start().await;
        let mut config = workflows::settings::agent::AgentConfig::of(&centre.centre.config);
        config.image_cache = cache.unwrap_or(config.image_cache);
        config.volumes = false; // a mounted volume would keep the temporary folder from going
        let socket = centre.centre.config.agent_socket();
        tokio::spawn(async move {
            workflows::settings::agent::serve(&socket, config).await.expect("a node agent");
        });
        while centre.centre.host.status().await.is_err() {
            tokio::task::yield_now().await; // until it listens
        }
        centre
    }

    /// Starts a centre in a folder that may hold one already.
    pub async fn start_in(dir: TempDir) -> Self {
        let at: Timestamp = START.parse().expect("a timestamp");
        let public_url = "http://localhost:8470".parse().expect("a URL");
        let mut config = Config::demo(dir.path().to_owned(), "127.0.0.1:0".to_owned(), public_url);
        config.database = test_database(&dir).await;
        config.release_hold_seconds = 0; // tests of the hold set their own
        // Tests ask faster than people; `tests/limits.rs` sets the limit that it tests.
        config.reads = Reads { at_once: u32::MAX, per_second: 1 };
        // By a link, so that a test can put another program in its place.
        let reader = dir.path().join(READER);
        if !reader.is_symlink() {
            std::os::unix::fs::symlink(bulle_program(), &reader).expect("a link");
        }
        config.reader = Some(reader);
        let running = Running::start(config, Clock::simulated(at)).await.expect("a centre");
        bulle::demo::seed(&running.centre).await.expect("the demonstration's persons");
        running.centre.settle().await.expect("settled");
        let url = format!("http://{}", running.address);
        Self { centre: running.centre.clone(), url, dir, running: Some(running) }
    }

    /// A browser of the person with this short name, signed in.
    pub async fn person(&self, name: &str) -> Client {
        let client = self.visitor();
        let answer = client.post("/demo/step-in", &[("person", name)]).await;
        assert_eq!(answer.status, 303, "cannot step into {name}: {}", answer.text);
        client
    }

    /// A browser where nobody is signed in.
    pub fn visitor(&self) -> Client {
        Client::at(&self.url)
    }

    /// The demonstration's person with this short name.
    pub async fn who(&self, name: &str) -> Person {
        self.centre.store.person_by_demo_name(name).await.expect("a database").expect(name)
    }

    /// Has files read by `program` from now on, or again by this build's binary.
    pub fn read_by(&self, program: Option<&std::path::Path>) {
        let link = self.dir.path().join(READER);
        std::fs::remove_file(&link).expect("the link");
        let program = program.map_or_else(bulle_program, std::path::Path::to_owned);
        std::os::unix::fs::symlink(program, link).expect("a link");
    }

    /// Moves the clock on and does what is due.
    pub async fn advance(&self, seconds: i64) {
        self.centre.clock.advance(seconds);
        self.centre.tick().await.expect("the clocks");
    }

    /// The kinds of all events so far, oldest first, without sign-ins.
    pub async fn events(&self) -> Vec<String> {
        let events = self.centre.store.latest_events(None, 10_000).await.expect("events");
        let kinds = events.into_iter().rev().map(|sealed| sealed.event.kind);
        kinds.filter(|kind| kind != "login.ok" && !kind.ends_with("demo_made")).collect()
    }

    /// Stops the server and hands over its folder, for tests of what stands in it.
    pub async fn stop(mut self) -> TempDir {
        let running = self.running.take().expect("running");
        drop(self.centre);
        running.stop().await.expect("stopped");
        self.dir
    }

    /// Stops the server and starts it again in the same folder.
    pub async fn restart(self) -> Self {
        self.restart_with(|_| ()).await
    }

    /// The same with another configuration.
    pub async fn restart_with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.centre.config.clone();
        change(&mut config);
        let clock = self.centre.clock.clone();
        let running = self.running.take().expect("running");
        drop(self.centre);
        running.stop().await.expect("stopped");
        let running = Running::start(config, clock).await.expect("a centre");
        let url = format!("http://{}", running.address);
        Self { centre: running.centre.clone(), url, dir: self.dir, running: Some(running) }
    }
}

async fn test_database(_dir: &TempDir) -> Option<String> {
    let server = std::env::var("BULLE_TEST_DATABASE").ok()?;
    let name = format!("bulle_{}", uuid::Uuid::now_v7().simple());
    store::create_database(&server, &name).await.expect("a database on the test server");
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    Some(format!("{base}/{name}"))
}

/// One person's browser.
pub struct Client {
    http: reqwest::Client,
    url: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Where it leads, for a redirect.
    pub location: String,
    /// The headers, in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub text: String,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The last piece of the address that the answer leads to: the id of what was made.
    pub fn id(&self) -> String {
        assert_eq!(self.status, 303, "no redirect: {} {}", self.status, self.text);
        let path = self.location.split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Status and the page's title, e.g. `403 You may not do this`.
    pub fn headline(&self) -> String {
        let title = self.text.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next());
        format!("{} {}", self.status, title.unwrap_or_default())
    }
}

impl Client {
    /// A browser where nobody is signed in, for whatever centre answers at `url`.
    pub fn at(url: &str) -> Self {
        let http = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("an HTTP client");
        Self { http, url: url.to_owned() }
    }

    /// Opens a page in English.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, |request| request).await
    }

    /// Sends a form, as a browser on the same site does.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, |request| request.form(fields)).await
    }

    /// Sends JSON to the API.
    pub async fn api(&self, method: Method, path: &str, body: serde_json::Value) -> Answer {
        self.send(method, path, |request| request.json(&body)).await
    }

    /// Sends whatever else a test needs.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        with: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Answer {
        let request = self.http.request(method.clone(), format!("{}{path}", self.url));
        let request = request.header("accept-language", "en");
        let response = with(request).send().await.expect("an answer");
        let answer = read(response).await;
        let kind = answer.headers.get("content-type").map_or("", String::as_str);
        if path.starts_with("/api/v1/")
            && answer.status < 300
            && kind.starts_with("application/json")
        {
            let asked = (&method, path);
            conformance::check(&self.http, &self.url, asked, answer.status, &answer.text).await;
        }
        answer
    }
}

async fn read(response: Response) -> Answer {
    let status: StatusCode = response.status();
    let headers: BTreeMap<String, String> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let location = headers.get("location").cloned().unwrap_or_default();
    let bytes = response.bytes().await.expect("a body").to_vec();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status: status.as_u16(), location, headers, text, bytes }
}
