//! What this host can do for the readers of files.

use std::ffi::OsString;

use sandbox::doctor::{Row, Status};
use sandbox::reader::{Ceilings, Reader};
use workflows::outputs::reading;

/// Two rows: whether files are read in a confined process, really tried, and whether pictures are
/// read at all.
pub fn rows() -> Vec<Row> {
    vec![confined(), pictures()]
}

fn confined() -> Row {
    let arguments = vec![OsString::from(reading::ARGUMENT)];
    let tried = std::env::current_exe().map_err(|error| error.to_string()).and_then(|program| {
        let reader = Reader { program, arguments, ceilings: Ceilings::default() };
        // A name of no letters, and a file of one line.
        let input = [&0_u32.to_le_bytes()[..], b"a;n\n"].concat();
        reader.run(input).map_err(|error| error.to_string())
    });
    let (status, found) = match tried {
        Ok(_) => (Status::Ok, "a file was read without any file system or network".to_owned()),
        Err(why) => (Status::Missing, why),
    };
    let ok = status == Status::Ok;
    Row {
        id: "readers",
        what: "confined readers of files",
        status,
        found,
        consequence: if ok { "" } else { "no file is read: every export goes to a person unread" },
        enable: if ok { "" } else { "a kernel with seccomp filters (CONFIG_SECCOMP_FILTER)" },
    }
}

fn pictures() -> Row {
    let found = reading::pictures();
    let ok = found.is_some();
    Row {
        id: "pictures",
        what: "reader of pictures (tesseract, eng and fra)",
        status: if ok { Status::Ok } else { Status::Weaker },
        found: found.map_or("not installed".to_owned(), |reader| reader.languages().to_owned()),
        consequence: if ok { "" } else { "every picture goes to a person unread" },
        enable: if ok { "" } else { "apt-get install tesseract-ocr tesseract-ocr-fra bubblewrap" },
    }
}
