//! The filter on a terminal's output: what could act on the person's machine, instead of on the
//! picture, does not pass.
//!
//! Threat: everything in the bubble is the researcher's, and its output goes to a terminal program
//! outside. Escape sequences can fill that side's clipboard (OSC 52), hide addresses under words
//! (OSC 8), name its windows and tabs, load images and fonts (DCS, APC), and make it *answer*: an
//! answer is typed input, and with its content a channel. Guaranteed: only characters, the control
//! characters of a screen, and CSI sequences that move, colour or edit pass; every other sequence
//! is dropped whole. Not guaranteed: that what is shown is true or harmless to read.

/// A stateful filter; a sequence may arrive in any number of pieces.
#[derive(Debug, Default)]
pub struct Filter {
    state: State,
    /// A sequence whose verdict is not known yet: `ESC` and what followed.
    held: Vec<u8>,
    /// Continuation bytes still missing of a UTF-8 character.
    missing: u8,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// After `ESC`.
    Escape,
    /// After `ESC` and intermediate bytes (character sets, `ESC ( B`).
    Intermediate,
    /// After `ESC [`.
    Csi,
    /// In OSC, which BEL also ends.
    Osc,
    /// In DCS, SOS, PM or APC.
    Sealed,
    /// `ESC` in one of the two above: the first half of their end.
    Closing { osc: bool },
    /// A CSI longer than any real one: dropped to its final byte.
    Overlong,
}

/// Longer control sequences are nobody's (the longest real ones set colours, under 60 bytes).
const MAX_HELD: usize = 256;

impl Filter {
    /// Appends to `out` what of `bytes` may pass.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for &byte in bytes {
            self.step(byte, out);
        }
    }

    fn step(&mut self, byte: u8, out: &mut Vec<u8>) {
        match self.state {
            State::Text => self.text(byte, out),
            State::Escape => self.escape(byte, out),
            State::Intermediate => self.intermediate(byte, out),
            State::Csi => self.csi(byte, out),
            State::Overlong => match byte {
                0x1b => self.begin(),
                0x40..=0x7e | 0x18 | 0x1a => self.drop_held(),
                _ => {}
            },
            State::Osc | State::Sealed => match byte {
                0x07 if self.state == State::Osc => self.drop_held(),
                0x18 | 0x1a => self.drop_held(), // CAN and SUB abort any sequence
                0x1b => self.state = State::Closing { osc: self.state == State::Osc },
                _ => {}
            },
            // `ESC \` ends it; ESC and anything else starts a new sequence, as terminals do.
            State::Closing { .. } if byte == b'\\' => self.drop_held(),
            State::Closing { .. } => {
                self.begin();
                self.escape(byte, out);
            }
        }
    }

    fn begin(&mut self) {
        self.state = State::Escape;
        self.held.clear();
        self.held.push(0x1b);
    }

    fn drop_held(&mut self) {
        self.state = State::Text;
        self.held.clear();
    }

    fn pass(&mut self, byte: u8, out: &mut Vec<u8>) {
        out.append(&mut self.held);
        out.push(byte);
        self.state = State::Text;
    }

    /// Characters and the controls of a screen. A byte 0x80 to 0x9f that is not inside a UTF-8
    /// character is a C1 control, which some terminals take for `ESC` and a letter; U+0080 to
    /// U+009F in UTF-8 (C2 80 to C2 9F) is the same in more terminals.
    fn text(&mut self, byte: u8, out: &mut Vec<u8>) {
        if self.missing > 0 {
            self.missing -= 1;
            if (0x80..=0xbf).contains(&byte) {
                self.held.push(byte);
                if self.missing == 0 {
                    // Overlong forms, surrogates and C1 controls have no place in a text.
                    let text = std::str::from_utf8(&self.held).unwrap_or_default();
                    if !text.chars().any(char::is_control) {
                        out.extend_from_slice(text.as_bytes());
                    }
                    self.held.clear();
                }
                return;
            }
            // A broken character is dropped; this byte begins anew.
            self.missing = 0;
            self.held.clear();
        }
        match byte {
            0x1b => self.begin(),
            // BEL, BS, TAB, LF, VT, FF, CR, SO, SI; not ENQ, at which terminals answer.
            0x07..=0x0f | 0x20..=0x7e => out.push(byte),
            0xc2..=0xdf => self.expect(byte, 1),
            0xe0..=0xef => self.expect(byte, 2),
            0xf0..=0xf4 => self.expect(byte, 3),
            _ => {}
        }
    }

    fn expect(&mut self, byte: u8, missing: u8) {
        self.held.clear();
        self.held.push(byte);
        self.missing = missing;
    }

    fn escape(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            b'[' => self.hold(byte, State::Csi),
            b']' => self.hold(byte, State::Osc),
            // `ESC k` names a window in screen and tmux.
            b'P' | b'X' | b'^' | b'_' | b'k' => self.hold(byte, State::Sealed),
            b'(' | b')' | b'*' | b'+' | b'-' | b'.' | b'/' | b'#' => {
                self.hold(byte, State::Intermediate);
            }
            // Save and restore, index, next line, tab set, reverse index, keypad, full reset.
            b'7' | b'8' | b'D' | b'E' | b'H' | b'M' | b'=' | b'>' | b'c' => self.pass(byte, out),
            0x1b => self.begin(),
            // `ESC Z` asks who the terminal is; the rest is rare.
            0x20..=0x7e | 0x18 | 0x1a => self.drop_held(),
            _ => {
                self.drop_held();
                self.text(byte, out);
            }
        }
    }

    fn hold(&mut self, byte: u8, state: State) {
        self.held.push(byte);
        self.state = state;
    }

    fn intermediate(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            0x30..=0x7e => self.pass(byte, out),
            0x1b => self.begin(),
            0x20..=0x2f if self.held.len() < 4 => self.held.push(byte),
            _ => self.drop_held(),
        }
    }

    fn csi(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            0x1b => self.begin(),
            0x20..=0x3f if self.held.len() < MAX_HELD => self.held.push(byte),
            0x20..=0x3f => self.state = State::Overlong,
            0x40..=0x7e if may_pass(&self.held[2..], byte) => self.pass(byte, out),
            0x18 | 0x1a | 0x40..=0x7e => self.drop_held(),
            // Controls inside a sequence act at once in real terminals; here they break it off.
            _ => {
                self.drop_held();
                self.text(byte, out);
            }
        }
    }
}

/// Whether a CSI sequence moves, colours or edits, and nothing else. `parameters` stand between
/// `ESC [` and `end`. Everything that makes a terminal answer ends in c, n, p, q, t, u, x or y.
fn may_pass(parameters: &[u8], end: u8) -> bool {
    let plain = parameters.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b':'));
    let private = parameters.first() == Some(&b'?')
        && parameters[1..].iter().all(|byte| byte.is_ascii_digit() || *byte == b';');
    match end {
        // Insert, move, erase, scroll, tabulate, repeat, delete, colour, margins, save, restore.
        b'@'..=b'M'
        | b'P'
        | b'S'
        | b'T'
        | b'X'
        | b'Z'
        | b'`'..=b'b'
        | b'd'..=b'g'
        | b'm'
        | b'r'
        | b's'
            if plain =>
        {
            true
        }
        b'u' => parameters.is_empty(),
        b'J' | b'K' if private => true,
        // Modes: only those of a screen. Among the others are reports of mouse and focus to what
        // runs inside (harmless, the answer is the person's own act) which stay, and 1004, 2031
        // and the like, which answer by themselves.
        b'h' | b'l' => {
            plain || (private && parameters[1..].split(|b| *b == b';').all(is_screen_mode))
        }
        b'p' => parameters == b"!", // soft reset
        b'q' => parameters.ends_with(b" ") && parameters.len() <= 2, // cursor shape
        _ => false,
    }
}

/// DEC private modes: cursor keys, reverse video, origin, wrap, cursor blink and show, alternate
/// screen, mouse reports, bracketed paste, synchronised output.
fn is_screen_mode(mode: &[u8]) -> bool {
    matches!(
        mode,
        b"1" | b"3"
            | b"5"
            | b"6"
            | b"7"
            | b"12"
            | b"25"
            | b"45"
            | b"47"
            | b"66"
            | b"1000"
            | b"1002"
            | b"1003"
            | b"1006"
            | b"1015"
            | b"1047"
            | b"1048"
            | b"1049"
            | b"2004"
            | b"2026"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn filtered(bytes: &[u8]) -> Vec<u8> {
        let (mut filter, mut out) = (Filter::default(), Vec::new());
        filter.push(bytes, &mut out);
        out
    }

    #[test]
    fn what_a_screen_needs_passes_unchanged() {
        let good: [&[u8]; 12] = [
            b"plain text\r\n\ttab\x08\x07",
            "h\u{e9}l\u{e8}ne \u{20ac} \u{1f600}".as_bytes(),
            b"\x1b[1;31mred\x1b[0m",
            b"\x1b[38;2;10;20;30mtrue colour\x1b[38:5:200m",
            b"\x1b[2J\x1b[H\x1b[10;20H\x1b[K\x1b[5A\x1b[?25l\x1b[?1049h\x1b[?2004h",
            b"\x1b(B\x1b)0\x1b7\x1b8\x1bM\x1b=\x1b>",
            b"\x1b[4h\x1b[4l\x1b[1;24r\x1b[3P\x1b[2L\x1b[s\x1b[u",
            b"\x1b[2 q\x1b[!p",
            b"\x1b[?1000;1006h",
            b"\x1b[?2026h",
            b"\x1b[6@\x1b[3X\x1b[1d\x1b[8G",
            b"\x1bc",
        ];
        for bytes in good {
            assert_eq!(filtered(bytes), bytes, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_acts_outside_the_picture_is_dropped_whole() {
        let bad: [&[u8]; 30] = [
            b"\x1b]52;c;c2VjcmV0\x07",           // clipboard
            b"\x1b]52;c;c2VjcmV0\x1b\\",         // clipboard, other end
            b"\x1b]52;c;?\x07",                  // clipboard query
            b"\x1b]8;;http://x\x1b\\",           // link
            b"\x1b]0;title\x07",                 // title
            b"\x1b]2;title\x07",                 //
            b"\x1bktitle\x1b\\",                 // title of screen
            b"\x1b]4;1;?\x07",                   // colour query
            b"\x1b]10;?\x07",                    //
            b"\x1b]1337;File=inline=1:AAAA\x07", // file download
            b"\x1b]9;notify\x07",                // desktop notification
            b"\x1b]777;notify;a;b\x07",          //
            b"\x1bP+q544e\x1b\\",                // termcap query
            b"\x1bP$qm\x1b\\",                   // setting query
            b"\x1bPq#0;2;0;0;0\x1b\\",           // picture
            b"\x1b_Gi=1,a=q;AAAA\x1b\\",         // picture query
            b"\x1b^privacy\x1b\\",
            b"\x1bXstring\x1b\\",
            b"\x1b[c", // who are you
            b"\x1b[>c",
            b"\x1b[=c",
            b"\x1bZ",
            b"\x1b[6n", // where is the cursor
            b"\x1b[?6n",
            b"\x1b[21t",    // what is the title
            b"\x1b[>q",     // which version
            b"\x1b[?1$p",   // is the mode set
            b"\x1b[?u",     // keyboard query
            b"\x1b[?1004h", // focus reports
            b"\x05",        // answerback
        ];
        for bytes in bad {
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(filtered(bytes), b"", "{text:?}");
            let around = [b"a", bytes, b"b"].concat();
            assert_eq!(filtered(&around), b"ab", "{text:?}");
        }
    }

    #[test]
    fn eight_bit_controls_are_no_way_around() {
        for bytes in [&b"\x9d52;c;AAAA\x9c"[..], b"\xc2\x9d52;c;AAAA\xc2\x9c", b"\x9b6n"] {
            let out = filtered(bytes);
            assert!(out.iter().all(u8::is_ascii_graphic), "{out:?}");
        }
    }

    #[test]
    fn a_sequence_inside_a_sequence_is_judged_by_itself() {
        assert_eq!(filtered(b"\x1b]0;a\x1b[31mb"), b"\x1b[31mb");
        assert_eq!(filtered(b"\x1b[3\x1b]52;c;A\x07x"), b"x");
        assert_eq!(filtered(b"\x1b\x1b]52;c;A\x07x"), b"x");
    }

    #[test]
    fn a_broken_character_does_not_swallow_an_escape() {
        assert_eq!(filtered(b"\xe2\x82\x1b[31mx"), b"\x1b[31mx");
        assert_eq!(filtered(b"\xf0\x9f\x1b]52;c;A\x07x"), b"x");
    }

    #[test]
    fn an_endless_sequence_is_not_kept() {
        let mut filter = Filter::default();
        let mut out = Vec::new();
        filter.push(b"\x1b[", &mut out);
        for _ in 0..10_000 {
            filter.push(b"1;", &mut out);
        }
        assert!(filter.held.len() <= MAX_HELD);
        filter.push(b"\x1b]52;", &mut out);
        for _ in 0..10_000 {
            filter.push(b"AAAA", &mut out);
        }
        assert!(filter.held.len() <= MAX_HELD && out.is_empty());
    }

    /// Bytes in which sequences are frequent.
    fn noise() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"\x1b".to_vec()),
            Just(b"\x1b[".to_vec()),
            Just(b"\x1b]52;c;".to_vec()),
            Just(b"\x1bP".to_vec()),
            Just(b"\x1b\\".to_vec()),
            Just("\u{20ac}".as_bytes().to_vec()),
            vec(any::<u8>(), 1..4),
            "[0-9;?a-zA-Z]{1,4}".prop_map(String::into_bytes),
        ];
        vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn filtering_in_pieces_equals_filtering_whole(bytes in noise(), cut in 1..20usize) {
            let (mut filter, mut out) = (Filter::default(), Vec::new());
            bytes.chunks(cut).for_each(|piece| filter.push(piece, &mut out));
            prop_assert_eq!(out, filtered(&bytes));
        }

        #[test]
        fn what_passed_once_passes_again_and_is_utf8(bytes in noise()) {
            let out = filtered(&bytes);
            prop_assert_eq!(filtered(&out), out.clone());
            prop_assert!(std::str::from_utf8(&out).is_ok());
        }

        #[test]
        fn nothing_that_starts_a_string_or_a_query_passes(bytes in noise()) {
            let out = filtered(&bytes);
            for start in [&b"\x1b]"[..], b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX", b"\x1bZ", b"\x05"] {
                prop_assert!(!out.windows(start.len()).any(|window| window == start));
            }
        }
    }
}
