//! Reading files that ask to leave, each in a process of its own that can do nothing else.

use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

use disclosure::{Document, Kind};
use sandbox::reader::{Ceilings, PictureReader, Reader};

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
            document.read_pictures(&|picture| match pictures() {
                Some(reader) => reader.read(picture).map_err(|why| why.to_string()),
                None => Err("this host has no reader of pictures (tesseract)".to_owned()),
            });
        }
        document
    }
}

/// The host's reader of pictures, looked for once.
pub fn pictures() -> Option<&'static PictureReader> {
    static FOUND: OnceLock<Option<PictureReader>> = OnceLock::new();
    FOUND.get_or_init(PictureReader::find).as_ref()
}
