//! A running centre: its database, its log, its clock, and the parts that columns keep open.

use std::{ops::Deref, os::unix::fs::PermissionsExt, sync::Arc};

use domain::{Actor, Event, Timestamp};
use store::{Entity, Store};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{
    Clock, Config, Failure, clock,
    consequences::{self, Round},
    data::{catalogue::Catalogue, desk::Desk},
    failure::causes,
    office::{denial::Denials, mail::Mailer, sealer::Sealer},
    outputs::{jobs::Jobs, reading::Readers},
    people::passkey::Passkeys,
    settings::host::Host,
};

/// A running centre. Cheap to clone.
#[derive(Clone)]
pub struct Centre(Arc<Inner>);

/// What a centre keeps open.
pub struct Inner {
    /// What the operator decided.
    pub config: Config,
    /// The clock.
    pub clock: Clock,
    /// The database.
    pub store: Store,
    /// The transparency log and what is written to it.
    pub sealer: Sealer,
    /// The full-text index.
    pub catalogue: Catalogue,
    /// Who works on which deposit.
    pub desk: Desk,
    /// Outgoing mail.
    pub mailer: Mailer,
    /// WebAuthn.
    pub passkeys: Passkeys,
    /// The node agent that runs bubbles.
    pub host: Host,
    /// Who reads the files that ask to leave.
    pub readers: Readers,
    /// Scans and releases under way.
    pub jobs: Jobs,
    /// What was denied in the running minute.
    pub denials: Denials,
    /// Held while files of applications come and go.
    pub(crate) attachments: Mutex<()>,
    settling: Mutex<()>,
}

impl Deref for Centre {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Centre {
    /// Opens the centre of `config`: creates what is missing, recovers what a crash left.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, Failure> {
        std::fs::create_dir_all(&config.dir)
            .map_err(Failure::engine("create the centre's folder"))?;
        close_folders(&config).map_err(Failure::engine("close the centre's folders"))?;
        let store = Store::open(&config.database_url()).await?;
        let program = config.reader.clone().map_or_else(std::env::current_exe, Ok);
        let program = program.map_err(Failure::engine("find this program"))?;
        let centre = Self(Arc::new(Inner {
            readers: Readers::new(&program),
            sealer: Sealer::open(&config).await?,
            catalogue: Catalogue::open(&config)?,
            desk: Desk::default(),
            mailer: Mailer::open(&config, &store, &clock)?,
            passkeys: Passkeys::open(&config)?,
            host: Host::open(&config),
            jobs: Jobs::default(),
            denials: Denials::default(),
            config,
            clock,
            store,
            attachments: Mutex::new(()),
            settling: Mutex::new(()),
        }));
        centre.sealer.check(&centre.store).await?;
        crate::data::sweep::sweep(&centre).await;
        crate::outputs::sweep::sweep(&centre).await;
        crate::projects::attachment::sweep(&centre).await;
        centre.recover().await.or_else(go_on_if_full)?;
        Ok(centre)
    }

    /// Goes on with what the process before this one left. What cannot be done now the worker tries
    /// again: one row that cannot be read must not keep the centre closed. The log is the exception.
    async fn recover(&self) -> Result<(), Failure> {
        let mut round = Round::default();
        round.ran(consequences::drain(self).await);
        round.ran(crate::settings::session::recover(self).await);
        round.ran(self.mailer.send_due().await);
        round.leave_to_the_clocks();
        self.sealer.seal_all(&self.store).await
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The next id, of whatever noun.
    pub fn id<T: From<Uuid>>(&self) -> T {
        clock::next_id().into()
    }

    /// An event by a person, now.
    pub fn event(&self, actor: &Actor, kind: &str, noun: &str, object: impl Into<Uuid>) -> Event {
        Event { actor: Some(actor.id), ..self.system_event(kind, noun, object) }
    }

    /// An event by the centre itself, now.
    pub fn system_event(&self, kind: &str, noun: &str, object: impl Into<Uuid>) -> Event {
        Event {
            id: self.id(),
            at: self.now(),
            kind: kind.to_owned(),
            actor: None,
            noun: noun.to_owned(),
            object: object.into(),
            reason: None,
            payload: serde_json::Value::Null,
        }
    }

    /// Loads an object or says that it is missing.
    pub async fn load<E: Entity>(
        &self,
        noun: &'static str,
        id: impl Into<Uuid>,
    ) -> Result<E, Failure> {
        let id = id.into();
        self.store.get(id).await?.ok_or_else(|| Failure::missing(noun, id))
    }

    /// Does what open events cause in other columns, writes their notices, and seals every event.
    /// Called after each command and by the worker; one at a time. None of the three waits for
    /// another that fails.
    ///
    /// # Errors
    /// The first failure; the others are logged.
    pub async fn settle(&self) -> Result<(), Failure> {
        let _one_at_a_time = self.settling.lock().await;
        let mut round = Round::default();
        round.ran(consequences::drain(self).await);
        round.ran(self.sealer.seal_all(&self.store).await);
        round.ran(self.mailer.send_due().await);
        round.end()
    }

    /// Keeps the centre settled and its clocks running until the task is dropped.
    pub async fn work(self) {
        loop {
            // At once after a start: what a killed server left goes on before anybody asks.
            if let Err(failure) = self.tick().await {
                tracing::error!(error = causes(&failure), "the worker failed");
                tokio::time::sleep(tokio::time::Duration::from_secs(1)).await;
            }
            let pause = tokio::time::Duration::from_secs(20);
            let _ = tokio::time::timeout(pause, self.store.changed()).await;
        }
    }

    /// One round of the worker: clocks, then consequences and sealing, which do not wait for a
    /// clock that fails.
    pub async fn tick(&self) -> Result<(), Failure> {
        let mut round = Round::default();
        round.ran(consequences::clocks(self).await);
        round.ran(self.settle().await);
        round.end()
    }
}

/// A centre opens on a full disk too: pages can be read, and the worker goes on once there is room.
fn go_on_if_full(failure: Failure) -> Result<(), Failure> {
    if !failure.is_disk_full() {
        return Err(failure);
    }
    let error = causes(&failure);
    tracing::error!(error, "the disk is full: pages can be read, nothing can be written");
    Ok(())
}

/// Closes the folders that hold data and secrets to all but the server's user. A bubble reads its
/// vintages through mounts that the agent makes, whatever the rights of the folders above them.
fn close_folders(config: &Config) -> std::io::Result<()> {
    let closed = [
        "attachments",
        "deposits",
        "exports",
        "imports",
        "keys",
        "packs",
        "recordings",
        "released",
    ];
    for name in closed {
        let folder = config.dir.join(name);
        std::fs::create_dir_all(&folder)?;
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))?;
    }
    std::fs::File::open(&config.dir)?.sync_all() // what is made durable in them has a way to it
}
