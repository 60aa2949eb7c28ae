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

/// A verb of a noun: where it leads from a value, by the state's name; none where it is refused.
pub(crate) type Verb<'v, T> = (&'static str, &'v dyn Fn(&T) -> Option<String>);

/// Takes every verb through every sample, and compares with (or writes) the noun's table. A sample
/// that no verb leads out of is final.
pub(crate) fn of<T>(noun: &str, samples: &[(&str, T)], verbs: &[Verb<'_, T>]) {
    let mut content = head(noun);
    for (state, value) in samples {
        let found = verbs.iter().filter_map(|(verb, act)| Some((verb, act(value)?)));
        let lines: Vec<String> = found.map(|(verb, to)| line(state, verb, &to)).collect();
        content += &if lines.is_empty() { line(state, "(final)", "") } else { lines.concat() };
    }
    check(&noun.replace(' ', "-"), &content);
}

/// The same of a table in a test's own short form: lines `state: verb>state verb>state`.
pub(crate) fn compact(noun: &str, lines: &str) {
    let mut content = head(noun);
    for (state, verbs) in lines.lines().filter_map(|line| line.split_once(": ")) {
        let verbs: Vec<_> =
            verbs.split_whitespace().filter_map(|one| one.split_once('>')).collect();
        let found: Vec<String> = verbs.iter().map(|(verb, to)| line(state, verb, to)).collect();
        content += &if found.is_empty() { line(state, "(final)", "") } else { found.concat() };
    }
    check(noun, &content);
}
