//! The words of the pages in French and English.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use axum::http::{HeaderMap, header};
use domain::Lang;
use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, static_loader};
use rust_embed::RustEmbed;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

fn identifier(lang: Lang) -> LanguageIdentifier {
    lang.tag().parse().expect("`fr` and `en` are language tags")
}

/// The message `key` in `lang`, with arguments. A missing message shows its key in brackets; a test
/// finds every key that a page uses.
pub(crate) fn translate(lang: Lang, key: &str, args: &[(&'static str, String)]) -> String {
    let values: HashMap<Cow<'static, str>, FluentValue<'static>> = args
        .iter()
        .map(|(name, value)| {
            let number = value.parse::<f64>().ok().filter(|_| value.len() < 16);
            let value = match number {
                Some(number) => FluentValue::from(number),
                None => FluentValue::from(value.clone()),
            };
            (Cow::Borrowed(*name), value)
        })
        .collect();
    let found = LOCALES.try_lookup_with_args(&identifier(lang), key, &values);
    found.unwrap_or_else(|| format!("[{key}]"))
}

/// Where a label stands in an alphabetical list of French or English: accents and capitals do not
/// count, `œ` and `æ` are two letters. Labels that differ in nothing else keep their own order.
pub(crate) fn alphabetical(label: &str) -> (String, String) {
    let mut folded = String::with_capacity(label.len());
    for c in label.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            other => folded.push(other),
        }
    }
    (folded, label.to_owned())
}

#[derive(RustEmbed)]
#[folder = "locales/en/"]
struct English;

/// Whether there is a message with this key.
pub(crate) fn has(key: &str) -> bool {
    static KEYS: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let files = English::iter().filter_map(|name| English::get(&name));
        let texts = files.map(|file| String::from_utf8_lossy(&file.data).into_owned());
        texts
            .flat_map(|text| {
                let keys = text
                    .lines()
                    .filter_map(|line| line.split_once(" ="))
                    .map(|pair| pair.0.to_owned());
                keys.filter(|key| !key.contains(' ')).collect::<Vec<_>>()
            })
            .collect()
    });
    KEYS.contains(key)
}

/// The language that the browser prefers among ours.
pub(crate) fn preferred(headers: &HeaderMap) -> Lang {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let mut weighed: Vec<(f32, Lang)> = accepted
        .unwrap_or_default()
        .split(',')
        .filter_map(|part| {
            let mut pieces = part.trim().split(";q=");
            let lang = Lang::parse(pieces.next()?)?;
            let weight = pieces.next().and_then(|q| q.trim().parse().ok()).unwrap_or(1.0);
            Some((weight, lang))
        })
        .collect();
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
    weighed.first().map_or(Lang::En, |(_, lang)| *lang)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn a_list_of_labels_does_not_mind_accents_in_either_language() {
        for lang in [Lang::Fr, Lang::En] {
            let label = |word: &&str| translate(lang, &format!("theme-{word}"), &[]);
            let mut labels: Vec<String> = crate::data::THEMES.iter().map(label).collect();
            labels.sort_by_cached_key(|label| alphabetical(label));
            let plain = |label: &String| label.replace(['É', 'é'], "e").to_lowercase();
            assert!(labels.is_sorted_by_key(plain), "{labels:?}");
        }
        let mut odd = ["zone", "Œuvre", "ogive", "État", "etat", "œil", "Été", "oasis"];
        odd.sort_by_cached_key(|label| alphabetical(label));
        assert_eq!(odd, ["etat", "État", "Été", "oasis", "œil", "Œuvre", "ogive", "zone"]);
    }

    /// The keys of a language's files, each with the variables that its message uses.
    fn keys(lang: &str) -> BTreeSet<(String, BTreeSet<String>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(lang);
        let mut found: Vec<(String, String)> = Vec::new();
        for file in fs::read_dir(folder).unwrap() {
            for line in fs::read_to_string(file.unwrap().path()).unwrap().lines() {
                match line.split_once('=') {
                    Some((key, text)) if line.starts_with(|c: char| c.is_ascii_lowercase()) => {
                        found.push((key.trim().to_owned(), text.to_owned()));
                    }
                    _ => found.last_mut().into_iter().for_each(|last| last.1.push_str(line)),
                }
            }
        }
        let count = found.len();
        let unique: BTreeSet<&String> = found.iter().map(|(key, _)| key).collect();
        assert_eq!(unique.len(), count, "a key stands twice in {lang}");
        let variables = |text: &str| {
            let after = text.split('$').skip(1);
            let word = |rest: &str| {
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
            };
            after.map(word).collect::<BTreeSet<_>>()
        };
        found.into_iter().map(|(key, text)| (key, variables(&text))).collect()
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_variables() {
        let (en, fr) = (keys("en"), keys("fr"));
        let only: Vec<_> = en.symmetric_difference(&fr).collect();
        assert!(only.is_empty(), "not the same in both languages: {only:?}");
    }

    #[test]
    fn every_message_that_a_template_names_exists() {
        let mut missing = Vec::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("templates"), root.join("src")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                for call in ["ui.t(\"", "ui.t1(\"", "ui.t2(\""] {
                    for rest in text.split(call).skip(1) {
                        let key = rest.split('"').next().unwrap();
                        if !key.is_empty() && !has(key) {
                            missing.push(format!("{key} in {}", path.display()));
                        }
                    }
                }
            }
        }
        assert!(missing.is_empty(), "messages that do not exist: {missing:#?}");
    }

    #[test]
    fn the_browser_s_weights_decide_the_language() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, "de, en;q=0.5, fr;q=0.8".parse().unwrap());
        assert_eq!(preferred(&headers), Lang::Fr);
    }
}
