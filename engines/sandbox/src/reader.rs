//! A process that reads one foreign file and nothing else.
//!
//! Threat: a parser of foreign bytes with a hole, in us or in a library, becomes the sender's
//! program on the centre's host; one without a hole may still loop or fill the memory. So each
//! file is read in a process of its own, which closes itself in before it has seen a byte: it has
//! no file system at all, for it cannot open anything ([`ALLOWED`] has no `open`), no network, no
//! other process, no thread, and ceilings of memory, processor time and answer. Its file comes in
//! on its standard input, its answer leaves on its standard output. Not guaranteed: that the
//! answer is true. It is data to its caller, as the file was.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child as Process, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use libc::c_long;
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op,
    SeccompCondition as Condition, SeccompFilter, SeccompRule,
};

use crate::child::Child;

/// What one reading may cost.
#[derive(Debug, Clone, Copy)]
pub struct Ceilings {
    /// Address space, in bytes.
    pub memory: u64,
    /// Processor time, in seconds.
    pub cpu_seconds: u64,
    /// Time on the wall, in all.
    pub wall: Duration,
    /// The answer, in bytes.
    pub answer: u64,
}

impl Default for Ceilings {
    fn default() -> Self {
        Self { memory: 3 << 30, cpu_seconds: 30, wall: Duration::from_secs(90), answer: 512 << 20 }
    }
}

/// The exit code of a reader that could not close itself in, and therefore read nothing.
pub const NOT_CONFINED: u8 = 77;

/// What allocating, reading, writing and ending need. Everything else is `EPERM`.
const ALLOWED: &[c_long] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Why a process could not close itself in.
#[derive(Debug, thiserror::Error)]
pub enum ConfineError {
    /// A ceiling or a privilege could not be set.
    #[error("the kernel refused a ceiling")]
    Ceiling(#[from] rustix::io::Errno),
    /// The filter could not be built or installed.
    #[error("the filter of system calls was not installed: {0}")]
    Filter(String),
}

/// Closes this process in for good: see the module. Descriptors that are open stay open, so this
/// is called by a process that its parent gave nothing but its three streams.
///
/// # Errors
/// When the kernel refuses; nothing foreign may be read then.
pub fn confine(ceilings: &Ceilings) -> Result<(), ConfineError> {
    let set = |resource, value: u64| {
        setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })
    };
    set(Resource::As, ceilings.memory)?;
    set(Resource::Cpu, ceilings.cpu_seconds)?;
    // What it writes goes into a pipe: a file of its own it has not.
    set(Resource::Fsize, 0)?;
    set(Resource::Core, 0)?;
    rustix::thread::set_no_new_privs(true)?;
    let program = filter().map_err(ConfineError::Filter)?;
    seccompiler::apply_filter(&program).map_err(|e| ConfineError::Filter(e.to_string()))
}

fn filter() -> Result<BpfProgram, String> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().map(|&call| (call, Vec::new())).collect();
    // Memory that is never executed: what a hole would write stays data.
    let exec = u64::try_from(libc::PROT_EXEC).expect("positive");
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        let plain = Condition::new(2, Len::Dword, Op::MaskedEq(exec), 0);
        let rule = plain.and_then(|c| SeccompRule::new(vec![c])).map_err(|e| e.to_string())?;
        rules.insert(call, vec![rule]);
    }
    // Ends the process that panics: this one, and none of its user's others.
    let own = Condition::new(0, Len::Dword, Op::Eq, u64::from(std::process::id()));
    let own = own.and_then(|c| SeccompRule::new(vec![c])).map_err(|e| e.to_string())?;
    rules.insert(libc::SYS_tgkill, vec![own]);
    let arch = std::env::consts::ARCH.try_into().map_err(|e| format!("{e}"))?;
    let deny = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let filter = SeccompFilter::new(rules, deny, SeccompAction::Allow, arch);
    filter.and_then(BpfProgram::try_from).map_err(|e| e.to_string())
}

/// How to start a reader.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The program, which calls [`confine`] before it reads its standard input.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// What it may cost. The wall and the answer are watched from outside.
    pub ceilings: Ceilings,
}

/// Why a reader gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    /// It could not be started, or its streams broke.
    #[error("the reader could not be started")]
    Start(#[source] std::io::Error),
    /// It could not close itself in: this host lacks what that needs.
    #[error("this host cannot confine readers")]
    NotConfined,
    /// It was killed, or ended with an error.
    #[error("the reader died ({0})")]
    Died(String),
    /// It took too long.
    #[error("the reader took too long")]
    TooSlow,
    /// Its answer is larger than is taken.
    #[error("the reader's answer is too large")]
    TooLarge,
}

impl Reader {
    /// Has `input` read, and gives the answer.
    ///
    /// # Errors
    /// See [`ReaderError`]. No answer is ever given in part.
    pub fn run(&self, input: Vec<u8>) -> Result<Vec<u8>, ReaderError> {
        self.run_with(input, Vec::new())
    }

    /// The same with descriptors that the program is told of by its arguments.
    pub(crate) fn run_with(
        &self,
        input: Vec<u8>,
        passed: Vec<OwnedFd>,
    ) -> Result<Vec<u8>, ReaderError> {
        let deadline = Instant::now() + self.ceilings.wall;
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        if !passed.is_empty() {
            let (groups, root, limits) = (Vec::new(), None, Vec::new());
            Child { groups, root, limits, passed }.prepare(&mut command);
        }
        let mut child = command.spawn().map_err(ReaderError::Start)?;
        let answer = self.talk(&mut child, input, deadline);
        // One that has answered must end too: who closed its output and stays would hold its
        // caller for ever.
        let ended = answer.and_then(|answer| Ok((answer, end_by(&mut child, deadline)?)));
        if ended.is_err() {
            // Its own child, by its handle; an error means that it has ended already.
            let _ = child.kill();
            child.wait().map_err(ReaderError::Start)?;
        }
        let (answer, status) = ended?;
        match (status.code(), status.signal()) {
            (Some(0), _) => Ok(answer),
            (Some(code), _) if code == i32::from(NOT_CONFINED) => Err(ReaderError::NotConfined),
            (_, Some(signal)) => Err(ReaderError::Died(format!("signal {signal}"))),
            (code, None) => Err(ReaderError::Died(format!("exit code {}", code.unwrap_or(-1)))),
        }
    }

    fn talk(
        &self,
        child: &mut Process,
        input: Vec<u8>,
        deadline: Instant,
    ) -> Result<Vec<u8>, ReaderError> {
        let missing = || ReaderError::Start(std::io::ErrorKind::BrokenPipe.into());
        let mut stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        // A reader that dies early breaks the pipe: its status says why.
        std::thread::spawn(move || stdin.write_all(&input));
        let (send, answered) = std::sync::mpsc::channel();
        let limit = self.ceilings.answer;
        std::thread::spawn(move || {
            let mut answer = Vec::new();
            let read = stdout.take(limit.saturating_add(1)).read_to_end(&mut answer);
            let _ = send.send(read.map(|_| answer));
        });
        match answered.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Ok(answer)) if u64::try_from(answer.len()).unwrap_or(u64::MAX) > limit => {
                Err(ReaderError::TooLarge)
            }
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(ReaderError::Start(error)),
            Err(_) => Err(ReaderError::TooSlow),
        }
    }
}

/// Waits for the end of a process until `deadline`.
fn end_by(child: &mut Process, deadline: Instant) -> Result<ExitStatus, ReaderError> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().map_err(ReaderError::Start)? {
            return Ok(status);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ReaderError::TooSlow);
        }
        // Its output is closed: what is left of it takes moments, or all of its time.
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, ceilings: Ceilings) -> Result<Vec<u8>, ReaderError> {
        let arguments = vec!["-c".into(), script.into()];
        Reader { program: "/bin/sh".into(), arguments, ceilings }.run(b"in".to_vec())
    }

    #[test]
    fn the_filter_compiles_and_opens_nothing() {
        assert!(filter().is_ok());
        for call in [libc::SYS_openat, libc::SYS_socket, libc::SYS_clone, libc::SYS_execve] {
            assert!(!ALLOWED.contains(&call));
        }
    }

    #[test]
    fn an_answer_comes_whole_or_not_at_all() {
        let ceilings =
            Ceilings { answer: 10, wall: Duration::from_secs(20), ..Ceilings::default() };
        assert_eq!(shell("cat", ceilings).unwrap(), b"in");
        assert!(matches!(shell("exit 77", ceilings), Err(ReaderError::NotConfined)));
        assert!(matches!(shell("echo part; exit 3", ceilings), Err(ReaderError::Died(_))));
        assert!(matches!(shell("kill -SEGV $$", ceilings), Err(ReaderError::Died(_))));
        assert!(matches!(shell("yes", ceilings), Err(ReaderError::TooLarge)));
        let short = Ceilings { wall: Duration::from_millis(50), ..ceilings };
        assert!(matches!(shell("exec tail -f /dev/null", short), Err(ReaderError::TooSlow)));
        // Who closes its output and stays is as slow as who never answers.
        let stays = "exec 1>&-; exec sleep 999";
        assert!(matches!(shell(stays, short), Err(ReaderError::TooSlow)));
    }
}
