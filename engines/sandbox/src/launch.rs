//! Starts a bubble: control group, mounts, limits and filters are prepared here, then bwrap makes
//! the namespaces and executes the command.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child as Process, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};

use crate::args::{Plan, arguments, environment};
use crate::cgroup::{Applied, Group, Hierarchy};
use crate::child::{Child, in_memory, number};
use crate::limit::{self, Limits};
use crate::profile::{Profile, ProfileError};
use crate::seccomp::FilterError;
use crate::space::{Mount, SpaceError, Spaces};
use crate::stage::{Access, Stage};

/// The read-only software of a bubble: a folder with `usr`, `etc` and `opt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The tree.
    pub root: PathBuf,
    /// SHA-256 of the tree's names, modes and contents, in lower-case hex.
    pub digest: String,
}

/// A bubble to be started.
#[derive(Debug, Clone)]
pub struct Launch {
    /// A short name for the control group; a number is added, so it need not be unique.
    pub name: String,
    /// Its ceilings.
    pub profile: Profile,
    /// Its folders.
    pub spaces: Spaces,
    /// Its software.
    pub image: Image,
    /// The project's own uid on the host. Needed when this process is root, and only then.
    pub uid: Option<u32>,
    /// Variables beside PATH, HOME, USER, LANG, TZ; a same name replaces.
    pub environment: Vec<(String, String)>,
    /// Program and arguments, as the bubble sees them.
    pub command: Vec<OsString>,
}

/// The three standard streams of the command.
#[derive(Debug)]
pub struct Streams {
    /// Its input.
    pub stdin: Stdio,
    /// Its output.
    pub stdout: Stdio,
    /// Its messages.
    pub stderr: Stdio,
}

impl Streams {
    /// Those of this process.
    pub fn inherit() -> Self {
        Self { stdin: Stdio::inherit(), stdout: Stdio::inherit(), stderr: Stdio::inherit() }
    }

    /// No input; output and messages to be read from the handle.
    pub fn captured() -> Self {
        Self { stdin: Stdio::null(), stdout: Stdio::piped(), stderr: Stdio::piped() }
    }
}

/// Why a bubble did not start.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The profile has no usable ceilings.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The folders contradict each other.
    #[error(transparent)]
    Spaces(#[from] SpaceError),
    /// The filters do not compile here.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// This process is root and no project uid was given.
    #[error("a bubble never runs as root: give it the uid of its project")]
    NeedsUid,
    /// This process is not root, and cannot become the project's uid.
    #[error("only root can start a bubble under the uid {0}")]
    ForeignUid(u32),
    /// No program was named.
    #[error("there is no command to run in the bubble")]
    NoCommand,
    /// bubblewrap is not installed.
    #[error("`bwrap` was not found in /usr/bin, /usr/local/bin or /bin: install `bubblewrap`")]
    NoBwrap,
    /// A folder of the bubble or its image cannot be opened.
    #[error("cannot mount `{path}` in the bubble")]
    Mount {
        /// On the host.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The control group cannot be made.
    #[error("cannot limit the bubble by a control group")]
    Group(#[source] io::Error),
    /// The process cannot be started.
    #[error("cannot start the bubble")]
    Start(#[source] io::Error),
}

/// A running bubble. Dropping it ends every process in it.
#[derive(Debug)]
pub struct Bubble {
    process: Process,
    group: Option<Group>,
    limits: Limits,
}

/// Starts `launch` with these streams.
///
/// # Errors
/// Nothing runs when an error is returned: the checks and the mounts come first.
pub fn launch(launch: &Launch, streams: Streams) -> Result<Bubble, LaunchError> {
    launch.profile.check()?;
    if launch.command.is_empty() {
        return Err(LaunchError::NoCommand);
    }
    let uid = host_uid(launch.uid)?;
    let bwrap = find_bwrap().ok_or(LaunchError::NoBwrap)?;
    let (group, applied) = group(launch)?;
    let own_volume = launch
        .spaces
        .home
        .iter()
        .chain(&launch.spaces.project)
        .all(|folder| limit::on_own_volume(folder, &launch.profile));
    let limits = Limits::report(applied, own_volume, launch.uid.is_some());
    let (child, numbers) = prepare(launch, uid, group.as_ref(), applied)?;
    let mut command = Command::new(bwrap);
    // An empty environment *before* bwrap: it is pid 1 inside, and /proc/1/environ shows what it
    // was started with, whatever --clearenv does later.
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin").current_dir("/");
    command.arg("--args").arg(numbers[0].to_string());
    for filter in &numbers[1..] {
        command.arg("--add-seccomp-fd").arg(filter.to_string());
    }
    command.arg("--").args(&launch.command);
    command.stdin(streams.stdin).stdout(streams.stdout).stderr(streams.stderr);
    child.prepare(&mut command);
    let process = spawn(command).map_err(LaunchError::Start)?;
    tracing::debug!(bubble = launch.name, pid = process.id(), "bubble `{}` started", launch.name);
    Ok(Bubble { process, group, limits })
}

fn host_uid(asked: Option<u32>) -> Result<u32, LaunchError> {
    let own = rustix::process::geteuid();
    match asked {
        None | Some(0) if own.is_root() => Err(LaunchError::NeedsUid),
        Some(uid) if !own.is_root() && uid != own.as_raw() => Err(LaunchError::ForeignUid(uid)),
        Some(uid) => Ok(uid),
        None => Ok(own.as_raw()),
    }
}

fn group(launch: &Launch) -> Result<(Option<Group>, Applied), LaunchError> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static HIERARCHY: OnceLock<Hierarchy> = OnceLock::new();
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = launch.name.chars().take(64).map(plain).collect();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("bubble-{name}-{}-{count}", std::process::id());
    let hierarchy = HIERARCHY.get_or_init(Hierarchy::detect);
    let made = hierarchy.create(&name, &launch.profile).map_err(LaunchError::Group)?;
    Ok(made.map_or((None, Applied::default()), |(group, applied)| (Some(group), applied)))
}

/// Builds what the child needs, and the numbers of the descriptors for bwrap: arguments first, then
/// the filters.
fn prepare(
    launch: &Launch,
    uid: u32,
    group: Option<&Group>,
    applied: Applied,
) -> Result<(Child, Vec<i32>), LaunchError> {
    let failed = LaunchError::Start;
    let root = rustix::process::geteuid().is_root();
    let mut stage = root.then(Stage::new).transpose().map_err(failed)?;
    let mut show = |path: &Path, access| match &mut stage {
        // Plain user: bwrap opens it, with the rights that this user has anyway.
        None => path.canonicalize(),
        Some(stage) => stage.add(path, access),
    };
    let at = |path: &Path| {
        let path = path.to_owned();
        |source| LaunchError::Mount { path, source }
    };
    let mut system = Vec::new();
    for place in ["/usr", "/etc", "/opt"] {
        let path = launch.image.root.join(&place[1..]);
        system.push((show(&path, Access::Read).map_err(at(&path))?, place));
    }
    let mut mounts = launch.spaces.mounts()?;
    for Mount { source, writable, runs, .. } in &mut mounts {
        let access = match (*writable, *runs) {
            (true, _) => Access::Write,
            (false, true) => Access::Read,
            (false, false) => Access::Data,
        };
        if let Some(path) = source {
            *path = show(path, access).map_err(at(path))?;
        }
    }
    let init = if launch.command[0] == crate::init::PLACE {
        let path = crate::init::on_disk(&launch.image).map_err(failed)?;
        Some(show(&path, Access::Read).map_err(at(&path))?)
    } else {
        None
    };
    let arguments = arguments(&Plan {
        profile: &launch.profile,
        system: &system,
        mounts: &mounts,
        init: init.as_deref(),
        environment: &environment(&launch.environment),
    });
    let mut passed: Vec<OwnedFd> = vec![in_memory("arguments", &arguments).map_err(failed)?];
    for filter in crate::seccomp::filters()? {
        passed.push(in_memory("filter", &filter).map_err(failed)?);
    }
    let numbers = passed.iter().map(number).collect();
    let groups = group.map_or(Ok(Vec::new()), Group::entrances).map_err(LaunchError::Group)?;
    let limits = limit::rlimits(&launch.profile, uid, applied);
    Ok((Child { groups, root: stage.map(|stage| (stage, uid)), limits, passed }, numbers))
}

/// The installed bubblewrap. Only system folders are searched: as root, a `bwrap` from somebody's
/// PATH would run with a prepared stage.
pub fn find_bwrap() -> Option<&'static Path> {
    ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"]
        .map(Path::new)
        .into_iter()
        .find(|path| path.is_file())
}

/// Spawns on a thread that lives as long as this process. `--die-with-parent` is tied to the
/// *thread* that forked (`PR_SET_PDEATHSIG`): a bubble started on a pool's thread would end when
/// the pool retires that thread.
fn spawn(command: Command) -> io::Result<Process> {
    type Order = (Command, Sender<io::Result<Process>>);
    static SPAWNER: OnceLock<Sender<Order>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, orders) = channel::<Order>();
        std::thread::spawn(move || {
            while let Ok((mut command, answer)) = orders.recv() {
                let spawned = command.spawn();
                drop(command); // closes the descriptors that were only for the child
                let _ = answer.send(spawned); // whoever asked may have gone
            }
        });
        sender
    });
    let (answer, answered) = channel();
    let gone = || io::Error::other("the spawning thread ended");
    spawner.send((command, answer)).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

impl Bubble {
    /// The process that holds the bubble, on the host.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What limits it in fact.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Memory in use by all its processes (bytes), where a control group counts it.
    pub fn memory_bytes(&self) -> Option<u64> {
        self.group.as_ref().and_then(|group| group.usage().0)
    }

    /// The handles of the streams that were asked for as pipes.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Waits for the command's end. The code is the command's; 128 + n when signal n ended it.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.process.wait()
    }

    /// Whether the command has ended, without waiting.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.process.try_wait()
    }

    /// Ends every process at once.
    pub fn kill(&mut self) {
        // The kernel ends the rest: bwrap's pid 1 inside dies with this one, and the namespace
        // with its pid 1. The group is the second net.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(group) = &self.group {
            group.kill();
        }
    }
}

impl Drop for Bubble {
    fn drop(&mut self) {
        self.kill();
    }
}
