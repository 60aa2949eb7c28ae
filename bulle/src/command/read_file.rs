//! `bulle read-file`: reads one file in a process that can do nothing else. Not for people: the
//! centre and `bulle check` start it.

use std::io::{Read, Write};
use std::process::ExitCode;

use sandbox::reader::{Ceilings, NOT_CONFINED, confine};

/// Read one file from standard input, confined; for `bulle` itself
#[derive(clap::Args)]
pub struct ReadFile {}

impl ReadFile {
    /// Reads a name, its length before it in four bytes, and then the file; writes what was read
    /// as JSON. Exits 77 if this process could not be confined: then it has read nothing.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        // Before the first foreign byte.
        if confine(&Ceilings::default()).is_err() {
            return Ok(ExitCode::from(NOT_CONFINED));
        }
        let mut input = std::io::stdin().lock();
        let mut length = [0_u8; 4];
        input.read_exact(&mut length)?;
        let mut name = vec![0; usize::try_from(u32::from_le_bytes(length))?.min(4096)];
        input.read_exact(&mut name)?;
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes)?;
        let document = disclosure::read(&String::from_utf8_lossy(&name), &bytes);
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        serde_json::to_writer(&mut out, &document)?;
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
