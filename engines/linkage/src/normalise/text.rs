//! Texts without accents, case and signs.

use unicode_normalization::UnicodeNormalization;

/// Appends `text` to `out` in upper-case ASCII letters, digits and single blanks; other signs
/// become blanks, apostrophes and what has no Latin base vanish.
///
/// Ligatures are written out (`Œ` = `OE`, `ß` = `SS`). Bytes that are no UTF-8 vanish.
pub fn fold(text: &[u8], out: &mut Vec<u8>) {
    if text.is_ascii() {
        for byte in text {
            push(*byte, out);
        }
    } else {
        for letter in String::from_utf8_lossy(text).nfd() {
            match letter {
                'œ' | 'Œ' => out.extend(b"OE"),
                'æ' | 'Æ' => out.extend(b"AE"),
                'ß' => out.extend(b"SS"),
                'ø' | 'Ø' => out.push(b'O'),
                'đ' | 'Đ' | 'ð' | 'Ð' => out.push(b'D'),
                'ł' | 'Ł' => out.push(b'L'),
                'ı' => out.push(b'I'),
                'þ' | 'Þ' => out.extend(b"TH"),
                '’' | 'ʼ' | '‘' => {}
                '\u{a0}' | '–' | '—' | '‐' | '‑' => push(b' ', out),
                other => {
                    if let Ok(byte) = u8::try_from(other).map(|byte| byte & 0x7F)
                        && other.is_ascii()
                    {
                        push(byte, out);
                    }
                }
            }
        }
    }
    while out.last() == Some(&b' ') {
        out.pop();
    }
}

#[inline]
fn push(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'a'..=b'z' => out.push(byte - 32),
        b'A'..=b'Z' | b'0'..=b'9' => out.push(byte),
        b'\'' => {}
        _ if !out.is_empty() && out.last() != Some(&b' ') => out.push(b' '),
        _ => {}
    }
}

/// Texts that programs write for "no value".
pub fn is_missing(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 14] = [
        b"NA",
        b"N/A",
        b"NULL",
        b"NONE",
        b"NAN",
        b"<NA>",
        b"-",
        b".",
        b"?",
        b"INCONNU",
        b"INCONNUE",
        b"UNKNOWN",
        b"NR",
        b"NAT",
    ];
    let text = text.trim_ascii();
    text.is_empty() || (text.len() < 9 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = Vec::new();
        fold(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn accents_case_and_signs_are_gone() {
        assert_eq!(folded("  Éléonore-Marie  d’Œuvre "), "ELEONORE MARIE DOEUVRE");
        assert_eq!(folded("L'HÔPITAL"), "LHOPITAL");
        assert_eq!(folded("Nuñez, Strauß; Łódź"), "NUNEZ STRAUSS LODZ");
        assert_eq!(folded("王"), "");
    }

    #[test]
    fn words_for_no_value_are_known() {
        assert!(is_missing(b" nan ") && is_missing(b"") && is_missing(b"inconnu"));
        assert!(!is_missing(b"NANA") && !is_missing(b"Noel"));
    }
}
