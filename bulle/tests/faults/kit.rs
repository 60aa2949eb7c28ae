//! A centre's folder with persons, a source and a project, and the server as a process on it.
//!
//! SQLite by default. With `BULLE_TEST_DATABASE=postgres://...` (a server where databases may be
//! made) each folder has a database of its own there; `bulle.toml` in the folder says which.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use bulle::Running;
use domain::{
    Application, Bubble, Habilitation, Person, PersonId, Producer, SourceId, Timestamp,
    people::habilitation::HabilitationState,
    projects::application::{ApplicationState, Member},
    settings::bubble::BubbleState,
};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use store::{Entity, Login, Store};
use workflows::{
    Centre, Clock, Config,
    data::{codebook, source},
    settings::agent::{self, AgentConfig},
};

/// Who has an access token: depositor, data manager, author, checker.
const PEOPLE: [&str; 4] = ["chloe", "karim", "ada", "grace"];
/// The project's bubble.
const BUBBLE: u32 = 1;

const CODEBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<codeBook xmlns="ddi:codebook:2_5" version="2.5" xml:lang="en"><stdyDscr>
<citation><titlStmt><titl>Visits</titl><altTitl>VIS</altTitl><IDNo agency="test">visits</IDNo></titlStmt></citation>
</stdyDscr><dataDscr>
<var ID="V1" name="place"><labl>Place</labl><varFormat type="character"/></var>
<var ID="V2" name="visits"><labl>Visits</labl><varFormat type="numeric"/></var>
</dataDscr></codeBook>"#;

/// The folder of a centre that is made and stopped.
pub struct Site {
    pub dir: PathBuf,
    pub source: SourceId,
    pub bubble: String,
}

impl Site {
    /// Makes it, with the same use cases and rows as a person's.
    pub async fn make(dir: &Path) -> Self {
        let database = match server_of_databases() {
            Some(server) => {
                let name = format!("bulle_{}", uuid::Uuid::now_v7().simple());
                store::create_database(&server, &name).await.unwrap();
                let (base, _) = server.rsplit_once('/').unwrap();
                format!("database = \"{base}/{name}\"\n")
            }
            None => String::new(),
        };
        let toml = format!(
            "name = \"Bulle\"\ndir = \"{}\"\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://localhost:8470\"\n\
             release_hold_seconds = 0\n{database}",
            dir.display()
        );
        fs::write(dir.join("bulle.toml"), toml).unwrap();
        let running = Running::start(config(dir), Clock::System).await.unwrap();
        let centre = running.centre.clone();
        bulle::demo::seed(&centre).await.unwrap();
        centre.settle().await.unwrap(); // what persons' events cause comes before the habilitation
        for name in PEOPLE {
            give_token(&centre, name).await;
        }
        let source = publish(&centre).await;
        let bubble = project(&centre).await;
        centre.settle().await.unwrap();
        drop(centre);
        running.stop().await.unwrap();
        Self { dir: dir.to_owned(), source, bubble }
    }

    /// Starts the node agent in this process: it outlives the servers that are killed.
    pub fn start_agent(&self) -> tokio::task::JoinHandle<()> {
        let config = config(&self.dir);
        let agent = AgentConfig { volumes: false, ..AgentConfig::of(&config) };
        tokio::spawn(async move { agent::serve(&config.agent_socket(), agent).await.unwrap() })
    }

    /// Writes a file into the bubble's `exports/`.
    pub fn write_export(&self, name: &str, text: &str) {
        let folder = self.dir.join("bubbles").join(BUBBLE.to_string()).join("exports");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }

    /// Signs a person in; the cookies of their browser.
    pub async fn sign_in(&self, name: &str) -> String {
        let store = self.store().await;
        let person = store.person_by_demo_name(name).await.unwrap().unwrap();
        let (login, device) = (token(&format!("{name} login")), token(&format!("{name} device")));
        let (id, now) = (uuid::Uuid::now_v7(), Timestamp::now());
        let row = Login {
            id: id.into(),
            secret_hash: workflows::people::login::hash(&login),
            person: person.id,
            device: workflows::people::login::hash(&device),
            via: "passkey".to_owned(),
            label: None,
            created_at: now,
            seen_at: now,
            ends_at: later(now),
        };
        let event = domain::Event {
            id: uuid::Uuid::now_v7().into(),
            at: now,
            kind: "test.made".to_owned(),
            actor: None,
            noun: "test".to_owned(),
            object: id,
            reason: None,
            payload: Value::Null,
        };
        store.change(&event).writes([row.insertion()]).commit().await.unwrap();
        format!("bulle={login}; bulle-device={device}")
    }

    /// The database of the running centre, for a look; dropped before the next kill.
    pub async fn store(&self) -> Store {
        Store::open(&config(&self.dir).database_url()).await.unwrap()
    }
}

/// Where each folder gets a database of its own; none for SQLite's file in the folder.
pub fn server_of_databases() -> Option<String> {
    std::env::var("BULLE_TEST_DATABASE").ok().filter(|url| !url.is_empty())
}

/// The configuration in the folder, as of a demonstration: with its persons.
fn config(dir: &Path) -> Config {
    let text = fs::read_to_string(dir.join("bulle.toml")).unwrap();
    Config { demo: true, ..toml::from_str(&text).unwrap() }
}

fn token(name: &str) -> String {
    format!("bulle_{}", hex::encode(Sha256::digest(name)))
}

async fn who(centre: &Centre, name: &str) -> Person {
    centre.store.person_by_demo_name(name).await.unwrap().unwrap()
}

async fn give_token(centre: &Centre, name: &str) {
    let (person, now) = (who(centre, name).await, centre.now());
    let row = Login {
        id: centre.id(),
        secret_hash: workflows::people::login::hash(&token(name)),
        person: person.id,
        device: "token".to_owned(),
        via: "token".to_owned(),
        label: Some("faults".to_owned()),
        created_at: now,
        seen_at: now,
        ends_at: later(now),
    };
    // No event of the person: that would ask what their habilitation, given below, rests on.
    let event = centre.system_event("test.made", "test", row.id);
    centre.store.change(&event).writes([row.insertion()]).commit().await.unwrap();
}

/// So far ahead that no clock looks at it.
fn later(now: Timestamp) -> Timestamp {
    now + jiff::SignedDuration::from_hours(24 * 900)
}

async fn publish(centre: &Centre) -> SourceId {
    let chloe = centre.store.actor(who(centre, "chloe").await.id).await.unwrap().unwrap();
    let producers: Vec<Producer> = centre.store.all().await.unwrap();
    let rand = producers.iter().find(|producer| producer.slug == "rand").unwrap().id;
    let document = CODEBOOK.as_bytes().to_vec();
    let made = codebook::create_from_codebook(centre, &chloe, rand, document, vec![]);
    let id = made.await.unwrap().id;
    source::move_source(centre, &chloe, id, source::Act::Publish).await.unwrap();
    id
}

async fn insert<E: Entity>(centre: &Centre, value: &E) {
    let event = centre.system_event("test.made", "test", value.id());
    centre.store.change(&event).insert(value).commit().await.unwrap();
}

/// An authorised project of ada's with an open bubble; gives the bubble's id.
async fn project(centre: &Centre) -> String {
    let (ada, now): (PersonId, _) = (who(centre, "ada").await.id, centre.now());
    let application = Application {
        id: centre.id(),
        version: 0,
        number: Some("2026-0001".to_owned()),
        lead: ada,
        members: vec![Member { person: ada, bubble: true, edits: true }],
        fields: [("title_en".to_owned(), "Project 1".to_owned())].into(),
        attachments: vec![],
        submissions: vec![],
        changed_at: now,
        state: ApplicationState::Authorised { since: now, until: later(now) },
    };
    insert(centre, &application).await;
    let bubble = Bubble {
        id: centre.id(),
        version: 0,
        application: application.id,
        number: BUBBLE,
        profile: "small".to_owned(),
        image: None,
        checks: vec![],
        state: BubbleState::Active { since: now },
    };
    insert(centre, &bubble).await;
    let state = HabilitationState::Active { start: now, end: later(now) };
    let (id, application) = (centre.id(), application.id);
    let held = Habilitation { id, version: 0, person: ada, application, grants: vec![], state };
    insert(centre, &held).await;
    bubble.id.to_string()
}

/// `bulle serve` as a process group of its own.
pub struct Server {
    child: Child,
    url: String,
    said: Arc<Mutex<String>>,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub fn start(site: &Site) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bulle"))
            .args(["serve", "--config"])
            .arg(site.dir.join("bulle.toml"))
            .env_remove("BULLE_LOG")
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = Arc::new(Mutex::new(String::new()));
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            *said.lock().unwrap() += &format!("{line}\n");
            Some(line.strip_prefix("bulle: listening on ")?.to_owned())
        });
        let Some(address) = address else {
            panic!("the server ended: {:?} {}", child.wait(), said.lock().unwrap());
        };
        let rest = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *rest.lock().unwrap() += &format!("{line}\n");
            }
        });
        Self { child, url: format!("http://{address}"), said }
    }

    /// What it wrote to its log so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// The process, as `/proc` names it and as its group is called.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Whether it runs.
    pub fn is_up(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The most memory that it ever held, in bytes (`VmHWM`).
    pub fn peak_memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Somebody with a token, through HTTP.
    pub fn client(&self, name: &str) -> Client {
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(none).build().unwrap();
        Client { http, url: self.url.clone(), token: token(name) }
    }

    /// SIGKILL to the whole group.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        kill_group(self.pid());
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// SIGKILL to a process group; nothing where it has gone.
pub fn kill_group(pid: Pid) {
    let _ = kill_process_group(pid, Signal::KILL);
}

/// One person's requests. An error is a connection that a killed server cut.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub text: String,
    pub bytes: Vec<u8>,
}

pub type Answered = Result<Answer, reqwest::Error>;

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The last piece of the address that the answer leads to.
    pub fn id(&self) -> String {
        assert_eq!(self.status, 303, "no redirect: {}", self.text);
        let path = self.location.split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default().to_owned()
    }
}

impl Client {
    pub async fn get(&self, path: &str) -> Answered {
        read(self.http.get(format!("{}{path}", self.url)), &self.token).await
    }

    /// As a browser with these cookies.
    pub async fn get_with(&self, path: &str, cookies: &str) -> Answered {
        let request = self.http.get(format!("{}{path}", self.url)).header("cookie", cookies);
        answer(request).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answered {
        read(self.http.post(format!("{}{path}", self.url)).form(fields), &self.token).await
    }

    pub async fn json(&self, path: &str, body: &Value) -> Answered {
        read(self.http.post(format!("{}{path}", self.url)).json(body), &self.token).await
    }

    pub async fn put(&self, path: &str, offset: u64, bytes: Vec<u8>) -> Answered {
        let request = self.http.put(format!("{}{path}", self.url));
        read(request.header("upload-offset", offset).body(bytes), &self.token).await
    }

    pub async fn put_json(&self, path: &str, body: &Value) -> Answered {
        read(self.http.put(format!("{}{path}", self.url)).json(body), &self.token).await
    }

    pub async fn multipart(&self, path: &str, form: reqwest::multipart::Form) -> Answered {
        read(self.http.post(format!("{}{path}", self.url)).multipart(form), &self.token).await
    }
}

async fn read(request: reqwest::RequestBuilder, token: &str) -> Answered {
    answer(request.bearer_auth(token)).await
}

async fn answer(request: reqwest::RequestBuilder) -> Answered {
    let response = request.header("accept-language", "en").send().await?;
    let status = response.status().as_u16();
    let location = response.headers().get("location").and_then(|place| place.to_str().ok());
    let location = location.unwrap_or_default().to_owned();
    let bytes = response.bytes().await?.to_vec();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Answer { status, location, text, bytes })
}

/// SHA-256, hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Numbers that are the same in each run (splitmix64, Steele, Lea and Flood 2014).
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}
