//! `TYPE_MISMATCH`: the extension promises another content, or data stand behind the end.

use crate::check::Input;
use crate::content::{Kind, has_appended, promised};
use crate::report::{Finding, Findings, Severity};

/// The rule's id.
pub const ID: &str = "TYPE_MISMATCH";

/// Compares the name with the content. Text under any name of text is no mismatch.
pub fn find(file: &Input<'_>, kind: Kind, out: &mut Findings) {
    let promised = promised(file.name);
    // What has no magic bytes proves nothing: `unknown` goes to a person by `UNREADABLE`.
    let known = !matches!(kind, Kind::Unknown | Kind::Encrypted | Kind::Json | Kind::Markup);
    if known && !promised.is_empty() && !promised.contains(&kind) {
        let text = "the content is not what the file's extension says".to_owned();
        out.push(
            Finding::new(ID, Severity::Error, "type_mismatch", text).value(format!("{kind:?}")),
        );
    }
    if has_appended(file.bytes) {
        let text =
            "data stand behind the end of the content, where no viewer shows them".to_owned();
        out.push(Finding::new(ID, Severity::Error, "type_mismatch_appended", text));
    }
}
