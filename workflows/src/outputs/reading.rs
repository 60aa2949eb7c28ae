//! Reading files that ask to leave, each in a process of its own that can do nothing else.

use std::cell::Cell;
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use disclosure::{Document, Kind};
use sandbox::picture::PictureReader;
use sandbox::reader::{Ceilings, Reader};

/// The argument that makes `bulle` a reader of one file.
pub const ARGUMENT: &str = "read-file";

/// Bytes of a name that a reader takes.
const MAX_NAME: usize = 4096;

/// Reads files with `program`, pictures with tesseract where this host has it.
#[derive(Debug, Clone)]
pub struct Readers {
    reader: Reader,
}

impl Readers {
    /// Readers that are started as `program read-file`.
    pub fn new(program: &Path) -> Self {
        let arguments = vec![OsString::from(ARGUMENT)];
        let ceilings = Ceilings::default();
        Self { reader: Reader { program: program.to_owned(), arguments, ceilings } }
    }

    /// Reads a file. A reader that dies, takes too long or cannot be confined leaves a document
    /// that says so and goes to a person: never one that passes.
    pub fn read(&self, name: &str, bytes: &[u8]) -> Document {
        let end = (0..=name.len().min(MAX_NAME)).rev().find(|at| name.is_char_boundary(*at));
        let own = &name[..end.unwrap_or(0)];
        let length = u32::try_from(own.len()).unwrap_or(0);
        let mut input = Vec::with_capacity(4 + own.len() + bytes.len());
        input.extend_from_slice(&length.to_le_bytes());
        input.extend_from_slice(own.as_bytes());
        input.extend_from_slice(bytes);
        let kind = || disclosure::content::foreign(bytes).unwrap_or(Kind::Unknown);
        let mut document = match self.reader.run(input) {
            Ok(answer) => serde_json::from_slice(&answer)
                .unwrap_or_else(|_| Document::unread(kind(), "the reader's answer makes no sense")),
            Err(why) => Document::unread(kind(), why.to_string()),
        };
        if !document.pictures.is_empty() {
            let began = Instant::now();
            let read = |picture: &[u8]| match pictures() {
                Some(reader) => reader.read(picture).map_err(|why| why.to_string()),
                None => Err("this host has no reader of pictures (tesseract)".to_owned()),
            };
            document.read_pictures(&few(read, || began.elapsed()));
        }
        document
    }
}

/// Pictures of a file that are read at most.
const MAX_PICTURES: u32 = 50;
/// After so long no other picture of a file is begun; one takes two minutes at most, being
/// read twice.
const PICTURES: Duration = Duration::from_mins(5);

/// `read`, for as many pictures as one file may have read, until `elapsed` says that it took too
/// long. Those that are left go to a person: a file of thousands of them would hold one of the few
/// slots of all projects for days.
fn few(
    read: impl Fn(&[u8]) -> Result<String, String>,
    elapsed: impl Fn() -> Duration,
) -> impl Fn(&[u8]) -> Result<String, String> {
    let begun = Cell::new(0);
    move |picture| {
        if begun.get() >= MAX_PICTURES {
            return Err(format!("more than {MAX_PICTURES} pictures in a file are not read"));
        }
        if elapsed() >= PICTURES {
            return Err("too many pictures to read: their time was over".to_owned());
        }
        begun.set(begun.get() + 1);
        read(picture)
    }
}

/// The host's reader of pictures, looked for once.
pub fn pictures() -> Option<&'static PictureReader> {
    static FOUND: OnceLock<Option<PictureReader>> = OnceLock::new();
    FOUND.get_or_init(PictureReader::find).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_has_more_pictures_read_than_its_share() {
        let asked = Cell::new(0);
        let read = |_: &[u8]| {
            asked.set(asked.get() + 1);
            Ok("text".to_owned())
        };
        let few = few(read, || Duration::ZERO);
        let told: Vec<_> = (0..MAX_PICTURES + 3).map(|_| few(b"picture")).collect();
        assert_eq!(asked.get(), MAX_PICTURES);
        assert_eq!(told.iter().filter(|one| one.is_err()).count(), 3);
    }

    #[test]
    fn no_file_has_pictures_read_for_longer_than_its_share() {
        // Every picture takes a minute, by a clock that the reader itself moves on.
        let clock = Cell::new(Duration::ZERO);
        let read = |_: &[u8]| {
            clock.set(clock.get() + Duration::from_mins(1));
            Ok("text".to_owned())
        };
        let few = few(read, || clock.get());
        let told: Vec<_> = (0..9).map(|_| few(b"picture").is_ok()).collect();
        assert_eq!(told, [true, true, true, true, true, false, false, false, false]);
    }
}
