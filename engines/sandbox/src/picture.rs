//! The host's reader of pictures, for one picture at a time.
//!
//! Threat: tesseract and the libraries below it parse foreign bytes, and are far too large to be
//! closed in as [`crate::reader::confine`] does: they open files of their own and languages' data.
//! So they run in a bubble that holds nothing but the host's programs, without a network, and alone:
//! no process or thread beside the first, so that its ceilings are the ceilings of all.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::child::{in_memory, number};
use crate::reader::{Ceilings, Reader, ReaderError};

/// Reads pictures with tesseract, in a bubble of its own.
#[derive(Debug, Clone)]
pub struct PictureReader {
    bwrap: PathBuf,
    tesseract: PathBuf,
    languages: String,
}

impl PictureReader {
    /// The picture reader of this host; `None` where tesseract or bubblewrap is missing.
    pub fn find() -> Option<Self> {
        let bwrap = crate::launch::find_bwrap()?;
        let tesseract = PathBuf::from("/usr/bin/tesseract");
        if !tesseract.exists() {
            return None;
        }
        let listed = Command::new(&tesseract).arg("--list-langs").output().ok()?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let known: Vec<&str> =
            ["eng", "fra"].into_iter().filter(|l| listed.lines().any(|own| own == *l)).collect();
        (!known.is_empty()).then(|| Self {
            bwrap: bwrap.to_path_buf(),
            tesseract,
            languages: known.join("+"),
        })
    }

    /// The languages that it reads.
    pub fn languages(&self) -> &str {
        &self.languages
    }

    /// The text of a picture, its words apart as they are in it. It is read as one block and as
    /// lines of several sizes: ruled tables want the second, plots the first, and the reading
    /// that found more letters and figures is the better one.
    ///
    /// # Errors
    /// See [`ReaderError`].
    pub fn read(&self, picture: &[u8]) -> Result<String, ReaderError> {
        let (block, lines) = (self.read_as("6", picture)?, self.read_as("4", picture)?);
        let found = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        Ok(if found(&lines) > found(&block) { lines } else { block })
    }

    fn read_as(&self, layout: &str, picture: &[u8]) -> Result<String, ReaderError> {
        let read = ["stdin", "stdout", "-l", &self.languages, "--psm", layout];
        let read = read.into_iter().chain(["-c", "preserve_interword_spaces=1"]);
        let answer = self.run(&self.tesseract, read, picture.to_vec())?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Runs a program alone in a bubble of its own.
    fn run<'a>(
        &self,
        program: &Path,
        arguments: impl Iterator<Item = &'a str>,
        input: Vec<u8>,
    ) -> Result<Vec<u8>, ReaderError> {
        let ceilings =
            Ceilings { answer: 4 << 20, wall: Duration::from_mins(1), ..Ceilings::default() };
        let filters = crate::seccomp::alone().map_err(std::io::Error::other);
        let filters = filters.map_err(ReaderError::Start)?;
        let filters = filters.iter().map(|filter| in_memory("filter", filter));
        let filters: Vec<_> = filters.collect::<Result<_, _>>().map_err(ReaderError::Start)?;
        let told = filters.iter().flat_map(|filter| {
            [OsString::from("--add-seccomp-fd"), number(filter).to_string().into()]
        });
        let arguments = told
            .chain(BUBBLE.iter().map(OsString::from))
            .chain([program.as_os_str().to_owned()])
            .chain(arguments.map(OsString::from))
            .collect();
        let reader = Reader { program: self.bwrap.clone(), arguments, ceilings };
        reader.run_with(input, filters)
    }
}

/// What bwrap is told of a picture's bubble, up to the program.
const BUBBLE: &[&str] = &[
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    "--cap-drop",
    "ALL",
    "--ro-bind",
    "/usr",
    "/usr",
    "--symlink",
    "usr/lib",
    "/lib",
    "--symlink",
    "usr/lib64",
    "/lib64",
    "--symlink",
    "usr/bin",
    "/bin",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "--tmpfs",
    "/tmp",
    "--setenv",
    "OMP_THREAD_LIMIT",
    "1",
    "--setenv",
    "TMPDIR",
    "/tmp",
    "--chdir",
    "/tmp",
    "--",
    "/usr/bin/prlimit",
    "--cpu=40",
    "--as=2147483648",
    "--fsize=67108864",
    "--core=0",
    "--",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn in_a_pictures_bubble(script: &str) -> Option<Result<Vec<u8>, ReaderError>> {
        let Some(reader) = PictureReader::find() else {
            eprintln!("NOT TESTED: this host has no tesseract or no bubblewrap");
            return None;
        };
        Some(reader.run(Path::new("/bin/sh"), ["-c", script].into_iter(), b"in".to_vec()))
    }

    #[test]
    fn a_picture_s_reader_is_alone_with_the_host_s_programs() {
        let Some(plain) = in_a_pictures_bubble("read word; echo $word; echo /*") else { return };
        let said = String::from_utf8(plain.expect("a shell runs there")).expect("text");
        assert_eq!(said, "in\n/bin /dev /lib /lib64 /proc /tmp /usr\n");
        // Neither a process nor a program in its place that starts one.
        for script in ["(echo forked)", "exec sh -c '(echo forked)'", "echo forked | cat"] {
            let tried = in_a_pictures_bubble(script).expect("found above");
            assert!(matches!(tried, Err(ReaderError::Died(_))), "{script}: {tried:?}");
        }
        let alone = "for pid in /proc/[0-9]*; do echo; done";
        let seen = in_a_pictures_bubble(alone).expect("found above").expect("a shell runs there");
        assert!(seen.len() <= 2, "itself and bwrap's own first process");
    }

    #[test]
    fn a_picture_s_reader_has_ceilings() {
        let limits = "while read line; do echo $line; done < /proc/self/limits";
        let Some(said) = in_a_pictures_bubble(limits) else { return };
        let said = String::from_utf8(said.expect("a shell runs there")).expect("text");
        for line in ["cpu time 40 40", "address space 2147483648 2147483648", "file size 67108864"]
        {
            assert!(said.contains(line), "{line}: {said}");
        }
    }
}
