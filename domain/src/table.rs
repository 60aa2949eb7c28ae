//! Tables of what every verb does in every state, kept in `docs/states/` and compared by tests.

use std::{fs, path::PathBuf};

/// The head of a noun's table; its lines are `| from | verb | to |`.
pub(crate) fn head(noun: &str) -> String {
    format!(
        "# States of the {noun}\n\nMade by a test of `domain` (`UPDATE_DOCS=1` writes it anew). A \
         verb that a state does not list is refused\nthere.\n\n| from | verb | to |\n|---|---|---|\n"
    )
}

/// One line of a table.
pub(crate) fn line(from: &str, verb: &str, to: &str) -> String {
    format!("| {from} | {verb} | {to} |\n")
}

/// Compares `content` with `docs/states/<noun>.md`; with `UPDATE_DOCS=1` writes it.
pub(crate) fn check(noun: &str, content: &str) {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/states");
    let path = docs.join(format!("{noun}.md"));
    if std::env::var("UPDATE_DOCS").is_ok_and(|value| value == "1") {
        fs::create_dir_all(&docs).expect("docs/states");
        fs::write(&path, content).expect("the table");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == content,
        "{} is not what the code does: run with UPDATE_DOCS=1",
        path.display()
    );
}
