//! SIGKILL in the midst of everything: pieces of an upload, the end of a file, the conversion, the
//! acceptance, the copy, the freeze and the seal of an export, its scan, its release, the log, files
//! that come into a bubble and files that come with an application.
//!
//! The moment is chosen by what is observed, not by a clock: the n-th change of the centre's folder
//! (a file that appears, grows, is written or goes) after a request is on its way. `BULLE_KILLS`
//! asks for more kills than usual, `BULLE_KILL_SEED` for others.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    check::{self, all_files},
    files::Sender,
    kit::{Dice, Server, Site, kill_group},
    work::{Author, Depositor, People, Step, TABLE, notes},
};

/// Kills in a usual run.
const KILLS: u64 = 24;
/// Looks without a change, once every request is answered, after which it is killed all the same.
const QUIET: u32 = 60;

/// A number from the environment.
pub fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |given| given.parse().expect("a number"))
}

/// What the folder looks like now.
fn fingerprint(dir: &Path) -> u64 {
    let mut hash = DefaultHasher::new();
    for path in all_files(dir) {
        let Ok(is) = path.symlink_metadata() else { continue };
        (path, is.len(), is.mtime(), is.mtime_nsec()).hash(&mut hash);
    }
    hash.finish()
}

/// Kills the group `pid` at the `at`-th change of the folder, or in the quiet after the answers.
pub fn kill_at(dir: &Path, pid: rustix::process::Pid, at: u64, answered: &AtomicBool) {
    let (mut before, mut changes, mut quiet) = (fingerprint(dir), 0, 0);
    while changes < at && quiet < QUIET {
        let over = answered.load(Ordering::SeqCst);
        let now = fingerprint(dir);
        match now == before {
            true if over => quiet += 1,
            true => {}
            false => (changes, quiet, before) = (changes + 1, 0, now),
        }
    }
    kill_group(pid);
}

/// Says that every request is answered, also where a check fails: the killer then ends.
pub struct Over(pub Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// What people do until the killer comes.
struct World {
    site: Site,
    deposits: Vec<Depositor>,
    authors: Vec<Author>,
    sender: Sender,
}

impl World {
    /// New work where the last is done.
    async fn renew(&mut self, wants: u64) {
        let store = self.site.store().await;
        let mut open = Vec::new();
        for depositor in &self.deposits {
            open.push(!depositor.is_done(&self.site, &store).await);
        }
        if !open.contains(&true) {
            self.deposits.push(Depositor::new(1600 + self.deposits.len()));
        }
        let done = match self.authors.last() {
            Some(author) => author.is_done(&store).await,
            None => true,
        };
        if done && wants > 0 {
            self.authors.push(Author::default());
        }
    }

    /// Everything against everything, once the centre is at rest.
    async fn check(&self, server: &Server) {
        check::everything(&self.site, server, &self.deposits, &self.authors).await;
        self.sender.check(&self.site, &self.site.store().await).await;
    }

    /// Whether the last deposit and the last export, begun when those before were done, are done.
    async fn is_done(&self, store: &store::Store) -> bool {
        let deposit = self.deposits.last().unwrap().is_done(&self.site, store).await;
        match self.authors.last() {
            Some(author) => deposit && author.is_done(store).await,
            None => deposit,
        }
    }

    /// Steps of the last depositor (`who` is even), the last author (1 or 2) and the sender of files
    /// (2 or 3), side by side, until all have nothing to do, are cut, or have done `most`.
    async fn run(&mut self, server: &Server, who: u64, most: u64) {
        let (site, store, people) = (&self.site, self.site.store().await, People::of(server));
        let (depositor, author) = (self.deposits.last_mut(), self.authors.last_mut());
        let sender = &mut self.sender;
        let deposits = async {
            let Some(depositor) = depositor.filter(|_| who.is_multiple_of(2)) else { return };
            for _ in 0..most {
                let Step::Did = depositor.step(site, &store, &people).await else { return };
            }
        };
        let exports = async {
            let Some(author) = author.filter(|_| [1, 2].contains(&who)) else { return };
            for _ in 0..most {
                let Step::Did = author.step(site, &store, &people).await else { return };
            }
        };
        let files = async {
            for _ in 0..if who > 1 { most } else { 0 } {
                let Step::Did = sender.step(site, &store, &people).await else { return };
            }
        };
        tokio::join!(deposits, exports, files);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_server_killed_anywhere_is_as_before_or_after_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::make(folder.path()).await;
    site.write_export("t.csv", TABLE);
    site.write_export("notes.txt", &notes());
    let agent = site.start_agent();
    let mut dice = Dice(number("BULLE_KILL_SEED", 20_261_122));
    let sender = Sender::default();
    let mut world = World { site, deposits: Vec::new(), authors: Vec::new(), sender };
    let mut server = Server::start(&world.site);
    for kill in 0..number("BULLE_KILLS", KILLS) {
        world.renew(kill).await;
        let (who, most, at) = (dice.below(4), 1 + dice.below(6), 1 + dice.below(14));
        let answered = Arc::new(AtomicBool::new(false));
        let killer = {
            let (dir, pid, answered) = (world.site.dir.clone(), server.pid(), answered.clone());
            tokio::task::spawn_blocking(move || kill_at(&dir, pid, at, &answered))
        };
        let over = Over(answered);
        world.run(&server, who, most).await;
        drop(over);
        killer.await.unwrap();
        server.kill();
        server = Server::start(&world.site);
        world.check(&server).await;
    }
    // What was begun comes to its end, without anybody beginning anew.
    let store = world.site.store().await;
    for _ in 0..40 {
        world.run(&server, 2, 20).await;
        world.check(&server).await;
        if world.is_done(&store).await {
            break;
        }
    }
    for depositor in &world.deposits {
        assert!(depositor.is_done(&world.site, &store).await, "{}", depositor.label);
    }
    for author in &world.authors {
        assert!(author.is_done(&store).await, "{:?}", author.look(&store).await);
        let id = author.export.as_ref().unwrap();
        // With the cookies of a browser: no access token takes files out.
        let cookies = world.site.sign_in("ada").await;
        let file = format!("/exports/{id}/files/0");
        let taken = server.client("ada").get_with(&file, &cookies).await.unwrap();
        assert!([TABLE.as_bytes(), notes().as_bytes()].contains(&taken.bytes.as_slice()));
    }
    println!("deposits {}, exports {}", world.deposits.len(), world.authors.len());
    agent.abort();
}
