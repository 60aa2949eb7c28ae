//! Small counts in sentences: `deux ménages`, `3 patients`, `n = 4`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{ID, whole};
use crate::extract::Line;
use crate::report::{Finding, Findings, Location, Severity};
use crate::rule_set::RuleSet;
use crate::words::{UNITS, fold, tokens};

/// More units of sentences: as headers of columns they name classes.
const MORE_UNITS: &str = "femmes|hommes|cas|cases|dossiers|victimes|observations|femme|homme|cadres|ouvriers|employes|artisans|medecins|infirmiers|enseignants|chomeurs|locataires|proprietaires|children|families|familles|couples";

/// Units that hold others: named beside how many these are, they say where, not how many.
const HOLDERS: [&str; 6] =
    ["etablissement", "entreprise", "firm", "hopita", "employeur", "organisation"];

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let units = UNITS.join("|");
    let pattern = format!(
        r"(?:^|[^\w.,-])(?:(un|une|one|deux|two|trois|three|quatre|four|cinq|five|six|sept|seven|huit|eight|neuf|nine|dix|ten)|(\d{{1,3}}(?: \d{{3}})*)) (?:(seule?s?|autres?|grande?s?|petite?s?|only|single|other|large|small|more|nouve(?:aux|lles)) )?({units}|{MORE_UNITS})\b"
    );
    Regex::new(&pattern).expect("the pattern is a constant")
});

/// Few units without their noun: `quatre seulement ont recu`, `trois d'entre elles`, `four of whom`.
static FEW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:^|[^\w.,-])(?:(deux|two|trois|three|quatre|four|cinq|five|six|sept|seven|huit|eight|neuf|nine|dix|ten)|(\d{1,3})) (?:seulement,? (?:ont|sont|etaient|avaient|en|l'ont|furent)\b|d'entre (?:eux|elles)\b|of (?:them|whom|those|these)\b|only (?:had|were|received|died)\b)",
    )
    .expect("the pattern is a constant")
});

/// A noun of units with its number behind it: `deces : 3; blesses : 4.`
static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    let units = UNITS.join("|");
    Regex::new(&format!(
        r"(?:^|[^\w'-])(?:{units}) ?[:=] ?(\d{{1,3}})(?:$|[;)]|[.,](?: |$)| (?:;|et|and)\b)"
    ))
    .expect("the pattern is a constant")
});

/// A part of units that were counted: `4 120 patients, dont 3`.
static OF_WHICH: LazyLock<Regex> = LazyLock::new(|| {
    let units = UNITS.join("|");
    Regex::new(&format!(
        r"(?:^|[^\w'-])(?:{units})(?: \w+)?,? \(?(?:dont|of whom|including) (?:(deux|two|trois|three|quatre|four|cinq|five|six|sept|seven|huit|eight|neuf|nine|dix|ten)|(\d{{1,3}}))(?:$|[.,;)]| (?:dece|mort|hospitalis|gueri|exclu|femme|homme|died|dead|women|men)\w*)"
    ))
    .expect("the pattern is a constant")
});

/// What follows a proportion: `9 eleves sur 10 sont`, `one household in four.` Behind another noun
/// the second number counts things of its own: `3 patients in 10 hospitals`.
static OUT_OF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^ (?:sur|in|out of|of every) (?:10|100|1000|deux|two|trois|three|quatre|four|cinq|five|dix|ten|cent|mille)(?:$|[.,;:)]| (?:sont|est|ont|a|ne|n'|etaient|avaient|vivent|travaillent|declarent|disent|are|is|have|has|were|was|had|live|work|say|do|did)\b)",
    )
    .expect("the pattern is a constant")
});

/// A share of a few units of which a sentence says that it is a mean: `en moyenne, 3 menages sur 5`.
static ABOUT_OF: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ (?:sur|in|out of) [2-9]\b(?: (?:sont|est|ont|are|is|have|has|own)\b|$|[.,;:)])")
        .expect("the pattern is a constant")
});

static SIZES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^a-z0-9_])(?:n|nobs|obs|number of obs|no\. observations|effectif|observations) ?[=:] ?(\d[\d .,]*)")
        .expect("the pattern is a constant")
});

/// What stands before the number of a rule or of a part, which is no published count.
const BOUNDS: &[&str] = &[
    "table ",
    "tableau ",
    "figure ",
    "annexe ",
    "partie ",
    "graphique ",
    "moins de ",
    "fewer than ",
    "less than ",
    "minimum de ",
    "minimum of ",
    "inferieur a ",
    "inferieurs a ",
    "inferieure a ",
    "inferieures a ",
    "superieur a ",
    "superieurs a ",
    "superieure a ",
    "superieures a ",
    "ou egal a ",
    "ou egale a ",
    "under ",
    "below ",
    "seuil de ",
    "threshold of ",
    "rule of ",
    "regle de ",
    "regle des ",
    "tous les ",
];

/// Bounds that tell a count as well (`au plus 3 patients sont decedes`): none where a class or a rule
/// is meant.
const ABOUT: &[&str] = &[
    "au moins ",
    "at least ",
    "au plus ",
    "at most ",
    "plus de ",
    "more than ",
    "above ",
    "over ",
    "jusqu'a ",
    "up to ",
    "sous ",
    "minimum ",
    "egal a ",
];

/// What stands before the bound of a class: `entreprises d'au moins 10 salaries`.
const CLASSES: &[&str] = &[
    "de ",
    "d'",
    "des ",
    "with ",
    "of ",
    "ayant ",
    "having ",
    "comptant ",
    "contenant ",
    "containing ",
    "avec ",
    "sur ",
    "on ",
    "par ",
    "per ",
    "from ",
    "et ",
    "and ",
    "ou ",
    "or ",
];

/// Words of lines that tell of a rule.
const RULES: &[&str] = &[
    "cellule",
    "cellules",
    "case",
    "cases",
    "cell",
    "cells",
    "seuil",
    "seuils",
    "threshold",
    "regle",
    "regles",
    "rule",
    "rules",
    "secret",
    "masque",
    "masquee",
    "masques",
    "masquees",
    "supprime",
    "supprimee",
    "supprimes",
    "supprimees",
    "diffuse",
    "diffusee",
    "diffuses",
    "diffusees",
    "publie",
    "publies",
    "publiee",
    "publiees",
    "suppressed",
    "masked",
    "hidden",
    "released",
    "published",
    "shown",
    "minimum",
    "regroupe",
    "regroupes",
    "regroupees",
    "repose",
    "reposent",
    "contient",
    "contiennent",
    "contains",
    "contain",
    "requires",
    "doit",
    "doivent",
    "must",
    "chaque",
    "each",
    "every",
    "least",
    "confidentialite",
    "disclosure",
    "calcule",
    "calcules",
    "calculee",
    "calculees",
    "based",
    "groupe",
    "groupes",
    "groups",
    "group",
];

/// Whether the number behind `before` is that of a rule, a part or a class.
fn is_bound(before: &str, folded: &str) -> bool {
    if BOUNDS.iter().any(|word| before.ends_with(word)) {
        return true;
    }
    let Some(bound) = ABOUT.iter().find(|word| before.ends_with(**word)) else { return false };
    let class = &before[..before.len() - bound.len()];
    CLASSES.iter().any(|word| class.ends_with(word))
        || tokens(folded).iter().any(|word| RULES.contains(word) && !bound.contains(word))
}

/// What tells that `un patient` is a certain one: something happened to it, once.
static HAPPENED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[^.;:]{0,80}? (?:a ete|ete|est (?:decede|mort|ne|parti|sorti|entre|venu)e?|avait|died|was|had|has been|a (?:eu|subi|quitte|perdu|recu|declare|developpe))\b")
        .expect("the pattern is a constant")
});

/// Words by which a sentence is about any unit.
const ANY: &[&str] = &[
    "peut",
    "pouvait",
    "doit",
    "devait",
    "si",
    "lorsqu",
    "lorsque",
    "quand",
    "when",
    "if",
    "can",
    "may",
    "must",
    "could",
    "considere",
    "consideree",
    "defini",
    "definie",
    "defined",
    "compte",
    "comptee",
    "counted",
    "considered",
    "chaque",
    "each",
    "tout",
    "toute",
    "any",
    "every",
    "dit",
    "dite",
    "par",
];

/// Looks for small counts in sentences: `deux ménages`, `3 patients`, `n = 4`.
pub fn prose(lines: &[Line], rules: &RuleSet, out: &mut Findings) {
    for line in lines {
        let folded = fold(&line.text);
        let holders = rules.dominance.is_empty() && names_many(&folded, rules);
        for found in WORDS.captures_iter(&folded) {
            if let Some((count, severity)) = told(&found, &folded, holders) {
                push(Some(count), line, rules, severity, out);
            }
        }
        for found in COUNTED.captures_iter(&folded) {
            let text = found.get(1).map_or("", |m| m.as_str());
            push(whole(text), line, rules, Severity::Error, out);
        }
        for found in FEW.captures_iter(&folded).chain(OF_WHICH.captures_iter(&folded)) {
            let before = &folded[..found.get(1).or(found.get(2)).map_or(0, |m| m.start())];
            if !is_bound(before, &folded) {
                push(number(&found), line, rules, Severity::Error, out);
            }
        }
        for found in SIZES.captures_iter(&folded) {
            let text = found.get(1).map_or("", |m| m.as_str());
            push(whole(text), line, rules, Severity::Error, out);
        }
    }
}

/// The number in words or in figures that a hit begins with.
fn number(found: &Captures<'_>) -> Option<u32> {
    let digits = found.get(2).and_then(|m| m.as_str().replace(' ', "").parse().ok());
    digits.or_else(|| found.get(1).and_then(|m| spelt(m.as_str())))
}

/// The number of units that a hit of [`WORDS`] tells of, and how sure that is.
fn told(found: &Captures<'_>, folded: &str, holders: bool) -> Option<(u32, Severity)> {
    let own = found.get(1).or(found.get(2));
    let before = &folded[..own.map_or(0, |m| m.start())];
    let after = &folded[found.get(0).map_or(0, |m| m.end())..];
    let only = found.get(3).is_some_and(|m| !m.as_str().starts_with("autre"));
    let alone = ["seul ", "seule ", "only ", "seulement ", "just ", "que "];
    let article = found.get(1).is_some_and(|m| matches!(m.as_str(), "un" | "une" | "one"))
        && !only
        && !alone.iter().any(|word| before.ends_with(word));
    let unit = found.get(4).map_or("", |m| m.as_str());
    let holder = holders && HOLDERS.iter().any(|stem| unit.starts_with(stem));
    let mean = ["moyenne", "environ", "about", "average", "nearly", "lecture", "reading"];
    let share = OUT_OF.is_match(after)
        || ABOUT_OF.is_match(after) && mean.iter().any(|word| before.contains(word));
    if is_bound(before, folded) || holder && !only || share {
        return None;
    }
    if article {
        let any = tokens(folded).iter().any(|word| ANY.contains(word));
        return (HAPPENED.is_match(after) && !any).then_some((1, Severity::Warning));
    }
    Some((number(found)?, Severity::Error))
}

/// Whether a line also counts many units that are no holders of others.
fn names_many(folded: &str, rules: &RuleSet) -> bool {
    WORDS.captures_iter(folded).any(|found| {
        let unit = found.get(4).map_or("", |m| m.as_str());
        let count = found.get(2).and_then(|m| m.as_str().replace(' ', "").parse::<u32>().ok());
        count.is_some_and(|c| c >= rules.min_count)
            && !HOLDERS.iter().any(|stem| unit.starts_with(stem))
    })
}

fn push(count: Option<u32>, line: &Line, rules: &RuleSet, severity: Severity, out: &mut Findings) {
    let Some(count) = count.filter(|c| *c > 0 && *c < rules.min_count) else { return };
    let text = format!("the text names {count} units, fewer than {}", rules.min_count);
    out.push(
        Finding::new(ID, severity, "freq_min_words", text)
            .at(Location::line(line.number))
            .value(f64::from(count))
            .threshold(f64::from(rules.min_count)),
    );
}

fn spelt(word: &str) -> Option<u32> {
    Some(match word {
        "un" | "une" | "one" => 1,
        "deux" | "two" => 2,
        "trois" | "three" => 3,
        "quatre" | "four" => 4,
        "cinq" | "five" => 5,
        "six" => 6,
        "sept" | "seven" => 7,
        "huit" | "eight" => 8,
        "neuf" | "nine" => 9,
        "dix" | "ten" => 10,
        _ => return None,
    })
}
