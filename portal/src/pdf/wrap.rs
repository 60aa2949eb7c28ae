//! Breaking text into lines: at blanks, and inside a word only where it is longer than a line. No
//! hyphen is added: what is copied from the file is what was written.

/// The lines of `text` that are at most `width` wide, as `advance` measures a character. A line that
/// was broken keeps its blank at the end, so that the words stay apart for those who read the lines
/// one after the other. No-break blanks break no line.
pub(super) fn wrap(text: &str, width: f32, advance: impl Fn(char) -> f32) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = Line::default();
        for word in paragraph.split_inclusive(' ') {
            let bare: f32 = word.trim_end_matches(' ').chars().map(&advance).sum();
            if line.width + bare > width && !line.text.is_empty() {
                lines.push(std::mem::take(&mut line).text);
            }
            if bare <= width {
                line.add(word, &advance);
                continue;
            }
            for c in word.chars() {
                if line.width + advance(c) > width && !line.text.is_empty() && c != ' ' {
                    lines.push(std::mem::take(&mut line).text);
                }
                line.add(c.encode_utf8(&mut [0; 4]), &advance);
            }
        }
        lines.push(line.text);
    }
    lines
}

#[derive(Default)]
struct Line {
    text: String,
    width: f32,
}

impl Line {
    fn add(&mut self, piece: &str, advance: &impl Fn(char) -> f32) {
        self.text.push_str(piece);
        self.width += piece.chars().map(advance).sum::<f32>();
    }
}

#[cfg(test)]
mod tests {
    use super::wrap;

    fn lines(text: &str, width: f32) -> Vec<String> {
        wrap(text, width, |_| 1.0)
    }

    #[test]
    fn lines_break_at_blanks_and_keep_them() {
        assert_eq!(lines("un deux trois", 7.0), ["un deux ", "trois"]);
        assert_eq!(lines("un\ndeux", 7.0), ["un", "deux"]);
        assert_eq!(lines("a\n\nb", 7.0), ["a", "", "b"]);
        assert_eq!(lines("", 7.0), [""]);
    }

    #[test]
    fn a_word_longer_than_a_line_is_cut_without_a_hyphen() {
        assert_eq!(lines("abcdefghij", 4.0), ["abcd", "efgh", "ij"]);
        assert_eq!(lines("x abcdefghij y", 4.0), ["x ", "abcd", "efgh", "ij y"]);
        assert_eq!(lines("éà", 0.5), ["é", "à"], "one character a line, whatever its width");
    }

    #[test]
    fn a_no_break_blank_breaks_no_line() {
        assert_eq!(lines("ce mot\u{a0}: oui", 7.0), ["ce ", "mot\u{a0}: ", "oui"]);
    }

    #[test]
    fn nothing_is_lost_and_no_line_is_too_wide() {
        let text = "Une phrase, puis une-adresse-trop-longue://exemple/abc et  deux blancs. Fin";
        for width in 1..40_u8 {
            let lines = lines(text, f32::from(width));
            assert_eq!(lines.concat(), text, "{width}");
            for line in &lines {
                let shown = line.trim_end_matches(' ').chars().count();
                assert!(shown <= usize::from(width), "{width}: {line:?}");
            }
        }
    }
}
