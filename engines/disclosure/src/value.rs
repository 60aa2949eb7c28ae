//! What a cell holds: numbers in French and English writing, suppression marks, words.

/// How the file writes its decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Decimal {
    /// Nothing in the file tells.
    #[default]
    Unknown,
    /// `1 234,5` or `1.234,5`.
    Comma,
    /// `1,234.5`.
    Point,
}

/// How a number is dressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dress {
    /// As it is.
    Plain,
    /// With a percent sign.
    Percent,
    /// With a per mille sign.
    PerMille,
    /// In brackets or with stars, as standard errors and coefficients are.
    Model,
}

/// A number of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// Finite.
    pub value: f64,
    /// Digits after the decimal sign.
    pub decimals: u8,
    /// Its dress.
    pub dress: Dress,
    /// The percentage of a cell like `12 (34,5 %)`, with its decimals.
    pub share: Option<(f64, u8)>,
}

impl Number {
    /// Whether it is a whole number that is not below zero and not dressed otherwise.
    pub fn is_count(&self) -> bool {
        self.dress == Dress::Plain && self.value >= 0.0 && self.value.fract() == 0.0
    }
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// A number.
    Number(Number),
    /// A suppression mark (`s`, `c`, `<11`...): the number exists, and is not shown.
    Mask,
    /// `NaN`, `NA`, `inf`: no number that a rule could compare.
    NotFinite,
    /// Anything else.
    Text,
}

impl Value {
    /// The number, if it is one.
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// Longest text that can be a number; a longer one is text, whatever it holds.
const MAX_LEN: usize = 64;

/// Reads a cell.
pub fn read(text: &str, decimal: Decimal) -> Value {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return Value::Empty;
    }
    if text.len() > MAX_LEN {
        return Value::Text;
    }
    // Neither starts with a digit, and most cells do.
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        if is_mask(text) {
            return Value::Mask;
        }
        if is_not_finite(text) {
            return Value::NotFinite;
        }
    }
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return Value::Text;
    }
    dressed(text, decimal).map_or(Value::Text, Value::Number)
}

fn is_not_finite(text: &str) -> bool {
    const NAMES: [&str; 10] =
        ["nan", "na", "<na>", "n/a", "inf", "-inf", "+inf", "infinity", "null", "none"];
    text.len() <= 8 && NAMES.iter().any(|name| text.eq_ignore_ascii_case(name))
}

/// Marks that stand for a number: those of INSEE, Eurostat and the ACRO family, `<11`.
fn is_mask(text: &str) -> bool {
    if text.len() > 24 {
        return false;
    }
    let lower = text.to_lowercase();
    // `(s)` and `[c]` are masks as `s` and `c`.
    let inner = |open: char, close: char| lower.strip_prefix(open)?.strip_suffix(close);
    let lower = inner('(', ')').or_else(|| inner('[', ']')).unwrap_or(&lower).trim();
    let said = ["moins de ", "fewer than ", "less than ", "inf. à ", "inférieur à ", "under "];
    if let Some(rest) = said.iter().find_map(|said| lower.strip_prefix(said)) {
        return !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit());
    }
    let below = lower.strip_prefix(['<', '≤']).map(|rest| rest.strip_prefix('=').unwrap_or(rest));
    if let Some(rest) = below {
        let rest = rest.trim();
        return !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit());
    }
    matches!(
        lower,
        "s" | "c"
            | "."
            | ".."
            | "..."
            | "…"
            | "x"
            | "xx"
            | "-"
            | "–"
            | "—"
            | "*"
            | "**"
            | "***"
            | "#"
            | "nd"
            | "nc"
            | "n.c."
            | "n.d."
            | "n.d"
            | "ss"
            | "secret"
            | "s.s."
            | "[c]"
            | "[x]"
            | "(c)"
            | "suppressed"
            | "masked"
            | "redacted"
            | "[redacted]"
            | "///"
    )
}

fn dressed(text: &str, decimal: Decimal) -> Option<Number> {
    let plain = |(value, decimals), dress| Number { value, decimals, dress, share: None };
    if let Some(body) = text.strip_suffix('%') {
        return bare(body, decimal).map(|n| plain(n, Dress::Percent));
    }
    if let Some(body) = text.strip_suffix('‰') {
        return bare(body, decimal).map(|n| plain(n, Dress::PerMille));
    }
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some(body) = text.strip_prefix(open).and_then(|t| t.strip_suffix(close)) {
            return bare(body, decimal).map(|n| plain(n, Dress::Model));
        }
    }
    let unstarred = text.trim_end_matches('*');
    if unstarred.len() < text.len() {
        return bare(unstarred, decimal).map(|n| plain(n, Dress::Model));
    }
    if let Some((count, share)) = text.strip_suffix(')').and_then(|t| t.split_once('(')) {
        let (value, decimals) = bare(count, decimal)?;
        let sign = share.trim_end().ends_with('%');
        let share = bare(share.trim_end().trim_end_matches('%'), decimal)?;
        // `0.52 (0.03)` is an estimate and its error; `12 (34.5)` a count and its percentage.
        if decimals > 0 || (!sign && share.0 > 100.0) {
            return Some(plain((value, decimals), Dress::Model));
        }
        return Some(Number { value, decimals, dress: Dress::Plain, share: Some(share) });
    }
    let body = text.strip_prefix("n=").or_else(|| text.strip_prefix("N=")).unwrap_or(text);
    let body = body.trim_end_matches(['€', '$', '£']);
    bare(body, decimal).map(|n| plain(n, Dress::Plain))
}

/// A number without dress: its value, and its digits after the decimal sign.
fn bare(text: &str, decimal: Decimal) -> Option<(f64, u8)> {
    let mut digits = String::with_capacity(text.len());
    let text = text.trim();
    let (sign, text) = match text.strip_prefix(['-', '−', '–']) {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    digits.push_str(sign);
    let point = decimal_sign(text, decimal);
    let (mut decimals, mut after, mut group) = (0_u8, false, None::<usize>);
    let mut exponent = false;
    for (at, c) in text.char_indices() {
        match c {
            '0'..='9' => {
                decimals = decimals.saturating_add(u8::from(after && !exponent));
                group = group.map(|n| n + 1);
                digits.push(c);
            }
            'e' | 'E' if !exponent && at > 0 => {
                exponent = true;
                group = check_group(group)?;
                digits.push('e');
            }
            '-' | '+' if exponent && digits.ends_with('e') => digits.push(c),
            _ if Some(at) == point => {
                group = check_group(group)?;
                after = true;
                digits.push('.');
            }
            ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’' | ',' | '.'
                if !after && !exponent && at > 0 =>
            {
                check_group(group)?;
                group = Some(0);
            }
            _ => return None,
        }
    }
    check_group(group)?;
    let value: f64 = digits.parse().ok()?;
    value.is_finite().then_some((value, if exponent { decimals.max(1) } else { decimals }))
}

/// Groups after a thousands sign have three digits; `12 5` is not a number.
#[expect(clippy::option_option, reason = "outer: refused; inner: what follows, which is no group")]
fn check_group(group: Option<usize>) -> Option<Option<usize>> {
    matches!(group, None | Some(3)).then_some(None)
}

/// Where the decimal sign is, if there is one.
fn decimal_sign(text: &str, decimal: Decimal) -> Option<usize> {
    let (comma, point) = (text.rfind(','), text.rfind('.'));
    let single = |at: usize, c| {
        text.matches(c).count() == 1 && {
            let tail = &text[at + 1..];
            let lead = text[..at].chars().filter(char::is_ascii_digit).count();
            tail.len() != 3 || !(1..=3).contains(&lead) || text.starts_with('0')
        }
    };
    match (comma, point) {
        (Some(c), Some(p)) => Some(c.max(p)),
        (Some(c), None) => match decimal {
            Decimal::Comma => Some(c),
            Decimal::Point => (single(c, ',') && text[c + 1..].len() != 3).then_some(c),
            Decimal::Unknown => single(c, ',').then_some(c),
        },
        (None, Some(p)) => match decimal {
            Decimal::Comma => single(p, '.').then_some(p),
            _ => (text.matches('.').count() == 1).then_some(p),
        },
        (None, None) => None,
    }
}

/// How the file writes decimals, from cells that can be read in one way only.
pub fn decimal_of<'a>(cells: impl Iterator<Item = &'a str>) -> Decimal {
    let (mut comma, mut point) = (0_usize, 0_usize);
    for text in cells.filter(|text| text.len() <= MAX_LEN) {
        let text = text.trim().trim_end_matches(['%', '*', ' ', ')', '\u{a0}', '\u{202f}']);
        let Some(at) = text.rfind([',', '.']) else { continue };
        let tail = &text[at + 1..];
        let sure = (tail.len() != 3 || text[..at].trim_start_matches(['-', '(']) == "0")
            && !tail.is_empty();
        if sure && tail.bytes().all(|b| b.is_ascii_digit()) {
            let sign = text.as_bytes().get(at);
            comma += usize::from(sign == Some(&b','));
            point += usize::from(sign == Some(&b'.'));
        }
    }
    match comma.cmp(&point) {
        std::cmp::Ordering::Greater => Decimal::Comma,
        std::cmp::Ordering::Less => Decimal::Point,
        std::cmp::Ordering::Equal => Decimal::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str, decimal: Decimal) -> Option<f64> {
        read(text, decimal).number().map(|n| n.value)
    }

    #[test]
    fn french_and_english_numbers_are_read() {
        for (text, value) in [
            ("12", 12.0),
            ("1 234", 1234.0),
            ("1\u{202f}234\u{202f}567", 1_234_567.0),
            ("1\u{a0}234,5", 1234.5),
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("1,234,567", 1_234_567.0),
            ("1'234.50", 1234.5),
            ("-3,2", -3.2),
            ("−3", -3.0),
            ("12,5 %", 12.5),
            ("0,123", 0.123),
            ("1e-3", 0.001),
            ("12 €", 12.0),
            ("0.52***", 0.52),
            ("(0.03)", 0.03),
            ("n=8", 8.0),
            ("12.", 12.0),
            (".5", 0.5),
        ] {
            assert_eq!(number(text, Decimal::Unknown), Some(value), "{text}");
        }
    }

    #[test]
    fn a_lone_comma_group_follows_the_rest_of_the_file() {
        assert_eq!(number("1,234", Decimal::Comma), Some(1.234));
        assert_eq!(number("1,234", Decimal::Point), Some(1234.0));
        assert_eq!(number("1,234", Decimal::Unknown), Some(1234.0));
        assert_eq!(number("1.234", Decimal::Comma), Some(1234.0));
        assert_eq!(number("1.234", Decimal::Point), Some(1.234));
        assert_eq!(decimal_of(["1,5", "1.234,2", "x"].into_iter()), Decimal::Comma);
        assert_eq!(decimal_of(["1,234", "2.5"].into_iter()), Decimal::Point);
    }

    #[test]
    fn ranges_dates_and_broken_groups_are_no_numbers() {
        for text in ["18-24", "2020-01-02", "12 5", "1 23", "1 2345", "12/5", "a1", "1e", "--1"] {
            assert_eq!(number(text, Decimal::Unknown), None, "{text}");
        }
    }

    #[test]
    fn masks_are_not_text_and_not_numbers() {
        for text in [
            "s",
            "c",
            ".",
            "-",
            "x",
            "<11",
            "< 5",
            "<=10",
            "n.d.",
            "SECRET",
            "(s)",
            "[c]",
            "moins de 11",
        ] {
            assert_eq!(read(text, Decimal::Unknown), Value::Mask, "{text}");
        }
        assert_eq!(read("NaN", Decimal::Unknown), Value::NotFinite);
    }

    #[test]
    fn a_count_with_its_percentage_gives_both() {
        let n = read("12 (34,5 %)", Decimal::Comma).number().expect("a number");
        assert_eq!((n.value, n.share), (12.0, Some((34.5, 1))));
        let n = read("0.52 (0.03)", Decimal::Point).number().expect("a number");
        assert_eq!(n.dress, Dress::Model);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            for decimal in [Decimal::Unknown, Decimal::Comma, Decimal::Point] {
                let _ = read(&text, decimal);
            }
        }

        #[test]
        fn written_integers_come_back(value in 0u64..10_000_000_000) {
            let digits = value.to_string();
            let mut grouped = String::new();
            for (i, c) in digits.chars().enumerate() {
                if i > 0 && (digits.len() - i).is_multiple_of(3) { grouped.push('\u{202f}'); }
                grouped.push(c);
            }
            prop_assert_eq!(number(&grouped, Decimal::Unknown).map(|v| v.to_string()), Some(digits));
        }
    }
}
