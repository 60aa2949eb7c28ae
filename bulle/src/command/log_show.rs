//! `bulle log show`: the entries of a copy of the log, readable.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use ledger::{VerifierKey, read_entries, verify_folder};
use serde_json::{Value, json};

/// Print the entries of a copy of the log: index, time, kind and commitment
#[derive(clap::Args)]
pub struct Show {
    /// The log's folder, or a copy of it
    dir: PathBuf,
    /// The first entry to print; the log begins with 0
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Print only this kind (`export.sealed`), or this family of kinds (`export`)
    #[arg(long)]
    kind: Option<String>,
    /// The verifier key that you were given by the centre, as text; otherwise the folder's own,
    /// which proves only that the log agrees with itself
    #[arg(long)]
    key: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

impl Show {
    /// Exits 0 if the log is intact, 1 if it was altered (the entries are printed all the same, and
    /// what is wrong on stderr), 2 if that cannot be told.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let key = self.key.as_deref().map(str::parse::<VerifierKey>).transpose();
        let key = key.context("the verifier key cannot be read")?;
        let report = verify_folder(&self.dir, key.as_ref(), |_| ())?;
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut written = Ok(());
        read_entries(&self.dir, self.from, |index, entry| {
            written = self.print(&mut out, index, entry);
            written.is_ok()
        })?;
        match written.and_then(|()| out.flush()) {
            // Whoever reads has seen enough: `bulle log show DIR | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            other => other.context("cannot print the entries")?,
        }
        if report.is_intact() {
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!("{report}");
        Ok(ExitCode::from(1))
    }

    fn print(&self, out: &mut impl Write, index: u64, entry: Option<&[u8]>) -> io::Result<()> {
        let read = entry.and_then(|entry| serde_json::from_slice::<Value>(entry).ok());
        let field = |name: &str| read.as_ref().and_then(|entry| entry.get(name)?.as_str());
        let (at, kind, commitment) = (field("at"), field("kind"), field("commitment"));
        if self.kind.as_ref().is_some_and(|wanted| !is_of(kind.unwrap_or_default(), wanted)) {
            return Ok(());
        }
        if self.json {
            let raw = entry.map(|entry| String::from_utf8_lossy(entry).into_owned());
            let entry = read.unwrap_or_else(|| raw.map_or(Value::Null, Value::from));
            return writeln!(out, "{}", json!({ "index": index, "entry": entry }));
        }
        match (at, kind, commitment, entry) {
            (Some(at), Some(kind), Some(commitment), _) => writeln!(
                out,
                "{index:>8}  {:<27}  {:<30}  {}",
                at.escape_debug(),
                kind.escape_debug(),
                commitment.escape_debug()
            ),
            // An altered entry may hold anything, also what a terminal would obey.
            (.., Some(entry)) => {
                writeln!(out, "{index:>8}  not an entry: {}", entry.escape_ascii())
            }
            (.., None) => writeln!(out, "{index:>8}  missing"),
        }
    }
}

/// Whether the kind is the one that is wanted, or of that family.
fn is_of(kind: &str, wanted: &str) -> bool {
    kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use ledger::{Log, SignerKey};

    use super::*;

    fn show(kind: Option<&str>, json: bool, entry: Option<&[u8]>) -> String {
        let kind = kind.map(str::to_owned);
        let show = Show { dir: PathBuf::new(), from: 0, kind, key: None, json };
        let mut out = Vec::new();
        show.print(&mut out, 7, entry).unwrap();
        String::from_utf8(out).unwrap()
    }

    const ENTRY: &[u8] =
        br#"{"v":1,"id":"x","at":"2026-11-02T10:00:00Z","kind":"export.sealed","commitment":"ab"}"#;

    #[test]
    fn an_entry_is_a_line_with_its_index_time_kind_and_commitment() {
        let line = show(None, false, Some(ENTRY));
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words, ["7", "2026-11-02T10:00:00Z", "export.sealed", "ab"]);
        let line: Value = serde_json::from_str(&show(None, true, Some(ENTRY))).unwrap();
        assert_eq!((&line["index"], &line["entry"]["kind"]), (&json!(7), &json!("export.sealed")));
    }

    #[test]
    fn a_kind_or_a_family_is_picked_out() {
        for (wanted, shown) in [
            ("export.sealed", true),
            ("export", true),
            ("exp", false),
            ("export.seal", false),
            ("item", false),
        ] {
            assert_eq!(!show(Some(wanted), false, Some(ENTRY)).is_empty(), shown, "{wanted}");
        }
    }

    #[test]
    fn what_is_no_entry_is_shown_without_being_obeyed() {
        let line = show(None, false, Some(b"\x1b[2J\x07altered"));
        assert!(line.contains("not an entry: \\x1b[2J\\x07altered"), "{line}");
        let odd = br#"{"at":"a\u001b[2J","kind":"k","commitment":"c"}"#;
        assert!(!show(None, false, Some(odd)).contains('\u{1b}'));
        assert!(show(None, false, None).contains("missing"));
        assert!(show(None, true, None).contains("null"));
    }

    #[test]
    fn an_altered_log_is_shown_and_said_to_be_altered() {
        let folder = tempfile::tempdir().unwrap();
        let key = SignerKey::generate(&mut rand::rng());
        let mut log = Log::open(folder.path(), "centre.example/log", key).unwrap();
        log.append(&[ENTRY.to_vec(), ENTRY.to_vec()]).unwrap();
        let run = || {
            let dir = folder.path().to_owned();
            let code = Show { dir, from: 0, kind: None, key: None, json: true }.run().unwrap();
            format!("{code:?}")
        };
        assert_eq!(run(), format!("{:?}", ExitCode::SUCCESS));
        let checkpoint = folder.path().join("checkpoint");
        let note = std::fs::read_to_string(&checkpoint).unwrap();
        std::fs::write(&checkpoint, note.replacen("\n2\n", "\n1\n", 1)).unwrap();
        assert_eq!(run(), format!("{:?}", ExitCode::from(1)));
    }
}
