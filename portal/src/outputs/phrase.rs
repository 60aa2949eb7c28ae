//! The library of phrases for returns, in both languages.

/// Phrases for a return, each with the rule that it is about (DISCLOSURE.md 3).
pub(super) const PHRASES: [(&str, &str); 10] = [
    ("freq-min", "FREQ_MIN"),
    ("dominance", "DOMINANCE"),
    ("secondary", "SECONDARY_RECOVERABLE"),
    ("differencing", "DIFFERENCING"),
    ("rows-individual", "ROWS_INDIVIDUAL"),
    ("id-direct", "ID_DIRECT"),
    ("extreme-value", "EXTREME_VALUE"),
    ("formula", "FORMULA"),
    ("description", "DESCRIPTION_MISSING"),
    ("type", "UNREADABLE"),
];

/// A phrase of the library.
pub(super) struct Phrase {
    pub key: &'static str,
    pub rule: &'static str,
    pub text: String,
    pub fired: bool,
    pub chosen: bool,
}
