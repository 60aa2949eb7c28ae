//! Seals events in the transparency log.
//!
//! An event takes three durable steps: it gets a *place* in the database, its entry is *appended* to
//! the log, and it is *marked* as sealed. Each may be the last before a crash:
//!
//! | crash after | found later | what is done |
//! |---|---|---|
//! | the change | no place | all three steps |
//! | place | a place beyond the log's end | appended there, marked |
//! | append | a place within the log | compared with the stored entry, marked |
//!
//! Threat: somebody edits or deletes rows of the database, or puts back an older log. Then what the
//! two say contradicts, and the centre does not start. Guaranteed at start: the log is as long as
//! the database says, each entry has its event, and the newest [`CHECKED_AT_START`] events read as
//! they were sealed. Older ones are checked where they are shown, and by `bulle log verify`.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::EventId;
use ledger::{Log, LogError, SignerKey, leaf_hash, origin_of, parse_checkpoint, verify_inclusion};
use store::{SealedEvent, Store};

use crate::{Config, Failure};

/// How many of the newest entries are compared with the database at start.
pub const CHECKED_AT_START: u32 = 1024;
/// How many events share one checkpoint at most: a crash leaves at most so many past it.
const BATCH: u32 = 256;
/// How long an opening waits for a process that is ending and still holds the log.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the log cannot be trusted. Nothing is sealed and the centre does not start until somebody
/// has found out which of the two was changed.
#[derive(Debug, thiserror::Error)]
pub enum Contradiction {
    /// The log ends before what the database calls sealed.
    #[error(
        "the log and the database contradict each other: the database says that {said} entries are \
         sealed, the log has {size}. An older log was put back, or a newer database"
    )]
    LogTooShort {
        /// What the database says.
        said: u64,
        /// What the log has.
        size: u64,
    },
    /// An entry has no event.
    #[error(
        "the log and the database contradict each other: entry {leaf} of the log has no event in \
         the database. An event was deleted, or an older database was put back"
    )]
    NoEvent {
        /// The entry.
        leaf: u64,
    },
    /// An entry is not that of its event.
    #[error(
        "the log and the database contradict each other: event {event} is not what entry {leaf} \
         sealed. The event was altered after it was sealed"
    )]
    Differs {
        /// The event.
        event: EventId,
        /// The entry.
        leaf: u64,
    },
    /// A place was skipped.
    #[error(
        "the log and the database contradict each other: the next entry is {size}, but the next \
         event has the place {leaf}"
    )]
    Gap {
        /// The log's end.
        size: u64,
        /// The event's place.
        leaf: u64,
    },
}

/// The log and its key. Cheap to clone.
#[derive(Clone)]
pub struct Sealer(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    key: PathBuf,
    origin: String,
    /// Closed after a failed append, until it was opened again: only that tells what is on the disk.
    log: Mutex<Option<Log>>,
    /// Sealing is done by one task at a time.
    sealing: tokio::sync::Mutex<()>,
}

/// What proves that an entry is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The entry as the log has it.
    pub entry: Vec<u8>,
    /// Its index.
    pub leaf: u64,
    /// The hash of the entry, hexadecimal.
    pub leaf_hash: String,
    /// The hashes that lead from it to the root, lowest first, hexadecimal.
    pub hashes: Vec<String>,
    /// The size of the log that it was proved for.
    pub size: u64,
    /// Its root, hexadecimal.
    pub root: String,
    /// The signed checkpoint that promises size and root.
    pub checkpoint: String,
    /// Whether the checkpoint's signature is the log's and the hashes lead to its root.
    pub holds: bool,
}

/// What the log says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The number of entries.
    pub size: u64,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// The verifier key, one line.
    pub verifier: String,
}

impl Sealer {
    /// Opens the log in the centre's folder, and makes its key at the first time.
    ///
    /// # Errors
    /// The key is readable by others, the log is of another key or altered, or another process has
    /// it open (after five seconds of waiting for one that is ending).
    pub async fn open(config: &Config) -> Result<Self, Failure> {
        let keys = config.dir.join("keys");
        make_private(&keys).map_err(Failure::engine("make the folder of the keys"))?;
        let key = keys.join("log.key");
        if !key.exists() {
            let new = SignerKey::generate(&mut rand::rng());
            new.save(&key).map_err(Failure::engine("save the log's key"))?;
        }
        let inner = Inner {
            folder: config.log_dir(),
            key,
            origin: kept_origin(config)?,
            log: Mutex::new(None),
            sealing: tokio::sync::Mutex::new(()),
        };
        let sealer = Self(Arc::new(inner));
        let mut waited = Duration::ZERO;
        loop {
            match sealer.with(|_| Ok(())).await {
                Err(LogError::Locked(_)) if waited < PATIENCE => {
                    let pause = Duration::from_millis(50);
                    tokio::time::sleep(pause).await;
                    waited += pause;
                }
                opened => break opened.map_err(Failure::engine("open the log"))?,
            }
        }
        Ok(sealer)
    }

    /// Runs `act` on the log, opened again where the last append failed.
    async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Log) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            // A panic in the middle of an append leaves the log closed, so the state is sound.
            let mut held = inner.log.lock().unwrap_or_else(PoisonError::into_inner);
            let mut log = match held.take() {
                Some(log) => log,
                None => inner.open_log()?,
            };
            let outcome = act(&mut log);
            match &outcome {
                Err(LogError::Io { .. } | LogError::Poisoned) => drop(log),
                _ => *held = Some(log),
            }
            outcome
        });
        done.await.expect("the log's calls do not panic and are never aborted")
    }

    /// Holds the whole log against the database. Run at start, before anything is sealed.
    ///
    /// # Errors
    /// [`Contradiction`] says what does not fit.
    pub async fn check(&self, store: &Store) -> Result<(), Failure> {
        let size = self.size().await?;
        let extent = store.log_extent().await?;
        if extent.end > size {
            return Err(contradiction(Contradiction::LogTooShort { said: extent.end, size }));
        }
        if store.events_placed_below(size).await? != size {
            let leaf = first_gap(store, size).await?;
            return Err(contradiction(Contradiction::NoEvent { leaf }));
        }
        let newest = store.events_before_leaf(size, CHECKED_AT_START).await?;
        self.compare(newest).await
    }

    /// Seals every event that is not sealed yet, in the order of their ids.
    #[tracing::instrument(name = "workflow.seal_events", skip_all, err)]
    pub async fn seal_all(&self, store: &Store) -> Result<(), Failure> {
        let _one_at_a_time = self.0.sealing.lock().await;
        loop {
            let batch = store.unsealed_events(BATCH).await?;
            if batch.is_empty() {
                return Ok(());
            }
            let placed = self.place(store, batch).await?;
            let size = self.append(placed).await?;
            store.events_sealed(size).await?;
        }
    }

    /// Step one: events that have no place yet take the next ones, after those that have.
    async fn place(
        &self,
        store: &Store,
        mut batch: Vec<SealedEvent>,
    ) -> Result<Vec<SealedEvent>, Failure> {
        let taken = batch.iter().filter_map(|sealed| sealed.leaf).max().map(|leaf| leaf + 1);
        let mut next = taken.unwrap_or(0).max(self.size().await?);
        let mut places = Vec::new();
        for sealed in batch.iter_mut().filter(|sealed| sealed.leaf.is_none()) {
            sealed.leaf = Some(next);
            places.push((sealed.event.id, next));
            next += 1;
        }
        store.place_events(&places).await?;
        Ok(batch)
    }

    /// Step two: appends what is past the log's end, and compares what is within it. Returns the
    /// log's size.
    async fn append(&self, placed: Vec<SealedEvent>) -> Result<u64, Failure> {
        let size = self.size().await?;
        let (within, past): (Vec<_>, Vec<_>) =
            placed.into_iter().partition(|sealed| sealed.leaf.is_some_and(|leaf| leaf < size));
        self.compare(within).await?;
        for (sealed, expected) in past.iter().zip(size..) {
            let leaf = sealed.leaf.unwrap_or(u64::MAX);
            if leaf != expected {
                return Err(contradiction(Contradiction::Gap { size: expected, leaf }));
            }
        }
        let entries: Vec<Vec<u8>> = past.iter().map(SealedEvent::entry).collect();
        let append = move |log: &mut Log| log.append(&entries).map(|_| log.size());
        self.with(append).await.map_err(Failure::engine("append to the log"))
    }

    /// Each event must be what the entry at its place sealed.
    async fn compare(&self, events: Vec<SealedEvent>) -> Result<(), Failure> {
        let different = move |log: &mut Log| {
            for sealed in &events {
                let Some(leaf) = sealed.leaf else { continue };
                if !sealed.is_intact() || log.leaf(leaf)? != sealed.entry() {
                    return Ok(Some((sealed.event.id, leaf)));
                }
            }
            Ok(None)
        };
        match self.with(different).await.map_err(Failure::engine("read the log"))? {
            None => Ok(()),
            Some((event, leaf)) => Err(contradiction(Contradiction::Differs { event, leaf })),
        }
    }

    async fn size(&self) -> Result<u64, Failure> {
        self.with(|log| Ok(log.size())).await.map_err(Failure::engine("read the log"))
    }

    /// What the log promises now.
    pub async fn promise(&self) -> Result<Promise, Failure> {
        let read = |log: &mut Log| {
            Ok(Promise {
                size: log.size(),
                checkpoint: log.checkpoint().to_owned(),
                verifier: log.verifier().to_string(),
            })
        };
        self.with(read).await.map_err(Failure::engine("read the log"))
    }

    /// The proof that entry `leaf` is in the log, checked as an outsider would check it.
    ///
    /// # Errors
    /// The log has no such entry, or its files were altered so that nothing can be proved.
    pub async fn proof(&self, leaf: u64) -> Result<Proof, Failure> {
        self.with(move |log| prove(log, leaf)).await.map_err(Failure::engine("prove an entry"))
    }

    /// The log's name, in each checkpoint: that of the first start, whatever the address is now.
    pub fn origin(&self) -> &str {
        &self.0.origin
    }
}

impl Inner {
    fn open_log(&self) -> Result<Log, LogError> {
        let key = SignerKey::load(&self.key)?;
        let log = Log::open(&self.folder, &self.origin, key)?;
        if log.discarded() > u64::from(BATCH) {
            // One batch is what a crash leaves. The size is held against the database next.
            tracing::warn!(
                entries = log.discarded(),
                "the log had more past its end than a crash leaves"
            );
        }
        Ok(log)
    }
}

fn prove(log: &mut Log, leaf: u64) -> Result<Proof, LogError> {
    let (size, checkpoint) = (log.size(), log.checkpoint().to_owned());
    let entry = log.leaf(leaf)?;
    let hashes = log.inclusion_proof(leaf, size)?;
    let hash = leaf_hash(&entry);
    let promised = parse_checkpoint(&checkpoint, log.verifier());
    let holds = promised.is_ok_and(|promised| {
        verify_inclusion(hash, leaf, promised.size, &hashes, promised.root).is_ok()
    });
    Ok(Proof {
        entry,
        leaf,
        leaf_hash: hash.to_string(),
        hashes: hashes.iter().map(ToString::to_string).collect(),
        size,
        root: log.root().to_string(),
        checkpoint,
        holds,
    })
}

/// The name that the log was begun under, for ever: checkpoints, receipts and evidence packs that
/// people keep bear it, and a centre that moves to another address goes on with the same log.
fn kept_origin(config: &Config) -> Result<String, Failure> {
    let kept = origin_of(&config.log_dir()).map_err(Failure::engine("read the log's name"))?;
    Ok(kept.unwrap_or_else(|| first_origin(config)))
}

/// A new log's name: the public address without its scheme, so that it is unique in the world.
fn first_origin(config: &Config) -> String {
    let url = &config.public_url;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    format!("{}{port}{path}/log", url.host_str().unwrap_or("localhost"))
}

/// The first place below `size` that no event has, by halving.
async fn first_gap(store: &Store, size: u64) -> Result<u64, Failure> {
    let (mut full, mut short) = (0, size);
    while short - full > 1 {
        let middle = full + (short - full) / 2;
        let below = store.events_placed_below(middle).await?;
        (full, short) = if below == middle { (middle, short) } else { (full, middle) };
    }
    Ok(full)
}

fn contradiction(found: Contradiction) -> Failure {
    Failure::Engine { attempt: "trust the log".to_owned(), source: Box::new(found) }
}

/// Makes a folder that only this user can enter.
pub(crate) fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
#[path = "sealer_tests.rs"]
mod tests;
