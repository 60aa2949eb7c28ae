//! What checkers see of a file: nothing is run, and no sign of its text is hidden.

use domain::Export;

use super::{frozen, report::Report};
use crate::Centre;

/// Bytes of a file that are shown as text at most.
const PREVIEW_BYTES: u64 = 64 * 1024;

/// A file as a checker looks at it.
pub struct Looked {
    /// What the engine found.
    pub report: Option<Report>,
    /// Its first bytes as text, where it is text without a table.
    pub text: Option<String>,
    /// Whether the text was cut.
    pub cut: bool,
}

/// What can be shown of a file without running or decoding anything: its tables, or its first
/// bytes where they are text. Pictures and documents have no preview, and pages say so.
pub(super) fn look(centre: &Centre, export: &Export, number: usize) -> Looked {
    let report = frozen::report(centre, export, number);
    let has_table = report.as_ref().is_some_and(|report| !report.tables.is_empty());
    let head = if has_table { None } else { frozen::head(centre, export, number, PREVIEW_BYTES) };
    let bytes = export.files().nth(number).map_or(0, |file| file.bytes);
    let text = head.filter(|head| !head.contains(&0)).and_then(|head| {
        // A cut in the middle of a sign is no reason to show nothing.
        let valid = match std::str::from_utf8(&head) {
            Ok(text) => text,
            Err(error) if head.len() - error.valid_up_to() < 4 => {
                std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?
            }
            Err(_) => return Some(latin(&head)),
        };
        Some(plain(valid))
    });
    Looked { report, cut: text.is_some() && bytes > PREVIEW_BYTES, text }
}

/// Text that shows what it holds: signs that are not seen, or that change the direction or the
/// place of others, are replaced, so that a file cannot look like something else. A carriage return
/// that ends no line is one of them: terminals and programs write over what stands before it.
pub fn plain(text: &str) -> String {
    let harmless = |sign: char| match sign {
        '\n' | '\t' => sign,
        sign if sign.is_control() || is_hidden(sign) => '\u{fffd}',
        sign => sign,
    };
    text.replace("\r\n", "\n").chars().map(harmless).collect()
}

/// Whether a sign is drawn as nothing, or changes how others are drawn: Unicode's
/// `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt, which holds the marks of direction,
/// fillers, variation selectors and tags), the separators of lines and of paragraphs, and the
/// anchors of annotations.
fn is_hidden(sign: char) -> bool {
    matches!(sign,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Bytes that are not UTF-8, read as Latin-1 where they look like text.
fn latin(bytes: &[u8]) -> String {
    plain(&bytes.iter().map(|byte| char::from(*byte)).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn every_sign_that_hides_something_is_shown() {
        assert_eq!(plain("a\r\nb\tc\n"), "a\nb\tc\n", "ends of lines as Windows writes them");
        assert_eq!(plain("safe = 1\revil = 2\n"), "safe = 1\u{fffd}evil = 2\n");
        assert_eq!(plain("a\r\r\n"), "a\u{fffd}\n");
        for sign in [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{180b}',
            '\u{180f}',
            '\u{200b}',
            '\u{200f}',
            '\u{2028}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{206f}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff0}',
            '\u{fffb}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e0fff}',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
        ] {
            assert_eq!(plain(&format!("a{sign}b")), "a\u{fffd}b", "{sign:?}");
        }
        let whole = "éà œ ß — “x” 表 א ع 😀 \u{a0}e\u{301}";
        assert_eq!(plain(whole), whole, "what is seen stays");
    }
}
