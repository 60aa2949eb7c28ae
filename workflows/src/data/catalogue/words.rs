//! How words are compared: without case and accents, and, in one of the two fields, without the
//! marks of the plural. The usual French stemmer is too eager for titles and labels (`foyer`
//! becomes `foi`, and `foyers` does not): this one takes off what plurals add and nothing else.

use unicode_normalization::UnicodeNormalization as _;

/// Words that say nothing about what is looked for, folded.
const SILENT: [&str; 34] = [
    "de", "du", "des", "la", "le", "les", "l", "d", "un", "une", "et", "ou", "a", "au", "aux",
    "en", "dans", "par", "pour", "sur", "the", "of", "and", "or", "in", "on", "for", "to", "by",
    "an", "with", "from", "is", "est",
];

/// The longest word that is indexed, in bytes: longer ones are not words.
const WORD_MAX: usize = 60;

/// A text without case and accents: `Œuvre d’État` becomes `oeuvre d’etat`.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd() {
        match c {
            '\u{300}'..='\u{36f}' => {} // the accents that the decomposition set apart
            'œ' | 'Œ' => folded.push_str("oe"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            c => folded.extend(c.to_lowercase()),
        }
    }
    folded
}

/// The words of a folded text.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && word.len() <= WORD_MAX)
}

/// A folded word without the mark of its plural, in French or English.
pub(crate) fn stem(word: &str) -> String {
    if word.len() < 4 || word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    if let Some(root) = word.strip_suffix("aux").filter(|root| !root.ends_with('e')) {
        return format!("{root}al");
    }
    match word.strip_suffix(['s', 'x']) {
        Some(root) if !root.ends_with('s') => root.to_owned(),
        _ => word.to_owned(),
    }
}

/// The words to look for: at most twelve, without silent ones unless there are no others.
pub(crate) fn wanted(query: &str) -> Vec<String> {
    let folded = fold(query);
    let all: Vec<&str> = words(&folded).collect();
    let telling: Vec<&str> = all.iter().copied().filter(|word| !SILENT.contains(word)).collect();
    let kept = if telling.is_empty() { all } else { telling };
    kept.into_iter().take(12).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_meet_and_roots_stay_whole() {
        let pairs = [
            ("revenus", "revenu"),
            ("foyers", "foyer"),
            ("fiscaux", "fiscal"),
            ("hopitaux", "hopital"),
            ("reseaux", "reseau"),
            ("prix", "pri"), // and `prix` is looked for as `pri` too
            ("visits", "visit"),
            ("class", "class"),
            ("bus", "bus"),
            ("2000s", "2000s"),
        ];
        for (word, root) in pairs {
            assert_eq!(stem(word), root, "{word}");
        }
    }

    #[test]
    fn case_accents_and_ligatures_do_not_count() {
        assert_eq!(fold("ŒUVRE d’État, Ménages"), "oeuvre d’etat, menages");
        assert_eq!(wanted("Les dépenses de santé"), ["depenses", "sante"]);
        assert_eq!(wanted("de la"), ["de", "la"]);
    }
}
