//! What the engine read of a file outside its tables, kept at the scan: a checker who lets a document
//! out has its words before them, letters in pictures included, though nothing of it is opened.

use disclosure::{Document, Within};
use serde::{Deserialize, Serialize};

use super::preview::plain;

/// Bytes of text that are kept of a file at most.
const MOST: usize = 512 * 1024;

/// The words of a file, part by part.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Passages {
    /// In the order in which they were read.
    pub parts: Vec<Passage>,
    /// Whether there was more.
    pub cut: bool,
}

/// The words of a sheet, a page, a cell of a notebook, a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Passage {
    /// Which part of the file.
    pub within: Within,
    /// Its words, with every sign shown.
    pub text: String,
}

/// The words of a document that was read.
pub(super) fn of(document: &Document) -> Passages {
    let mut left = MOST;
    let mut all = Passages::default();
    for part in &document.parts {
        let lines = || part.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>();
        // The text of a part with tables holds these too.
        let is_whole = part.tables.is_empty() && !part.text.is_empty();
        let text = if is_whole { part.text.clone() } else { lines().join("\n") };
        let mut text = plain(text.trim_end());
        if text.is_empty() {
            continue;
        }
        let end = (0..=left.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        let end = end.unwrap_or(0);
        all.cut |= end < text.len();
        text.truncate(end);
        left -= end;
        if end > 0 {
            all.parts.push(Passage { within: part.within.clone(), text });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_than_the_bound_and_that_is_told() {
        let text = "Un mot été lu\n".repeat(MOST / 10);
        let document = disclosure::read("a.txt", text.as_bytes());
        let kept = of(&document);
        let bytes: usize = kept.parts.iter().map(|part| part.text.len()).sum();
        assert!(kept.cut && bytes <= MOST && bytes > MOST - 4, "{bytes}");
        let short = of(&disclosure::read("a.txt", "A line\u{202e} of text.\n".as_bytes()));
        assert!(!short.cut);
        assert_eq!(short.parts[0].text, "A line\u{fffd} of text.");
    }

    #[test]
    fn a_table_is_not_told_again_as_words() {
        let table = b"plan,count\nfree care,1204\ncoinsurance 95,894\n";
        assert!(of(&disclosure::read("a.csv", table)).parts.is_empty());
        let titled = [b"Visits by plan\n\n".as_slice(), table].concat();
        let words = of(&disclosure::read("a.csv", &titled));
        assert!(!words.parts.iter().any(|part| part.text.contains("1204")), "{words:?}");
    }
}
