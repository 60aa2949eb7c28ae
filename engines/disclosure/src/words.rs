//! The words by which French and English tables name what they show.

pub use crate::word_lists::{COUNT_STRONG, UNITS};
use crate::word_lists::{MONEY, is_described, is_magnitude};

/// What a column, a row or a title says its numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing known.
    Unknown,
    /// Names the rows.
    Label,
    /// Numbers of units.
    Count {
        /// After weighting.
        weighted: bool,
    },
    /// Percentages.
    Percent,
    /// Rates per so many units.
    Rate(u32),
    /// Means.
    Mean,
    /// Sums of a magnitude.
    Sum,
    /// Standard deviations, variances.
    Spread,
    /// Quantiles, in per mille.
    Quantile(u16),
    /// Minima, maxima, ranges.
    Extreme,
    /// The largest contribution to a total.
    Largest,
    /// The second largest contribution.
    Second,
    /// The share of the so many largest contributors.
    LeadingShare(u8),
    /// Herfindahl index.
    Herfindahl,
    /// Residual degrees of freedom.
    Dof,
    /// Known to be no count: codes, years, ages, coefficients...
    Other,
}

/// `text` in lower case without French accents.
pub fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'à' | 'â' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'î' | 'ï' => 'i',
            'ô' | 'ö' => 'o',
            'ù' | 'û' | 'ü' => 'u',
            'ç' => 'c',
            '’' => '\'',
            '\u{a0}' | '\u{202f}' => ' ',
            c => c,
        })
        .collect()
}

/// `ColPctN` as `Col Pct N`, `eff2019` as `eff 2019`: words that programs write in one.
fn parted(text: &str) -> std::borrow::Cow<'_, str> {
    let chars = || text.chars().zip(text.chars().skip(1));
    let year = text.len() >= 7
        && text.is_char_boundary(text.len() - 4)
        && text[text.len() - 4..].bytes().all(|b| b.is_ascii_digit())
        && text[..text.len() - 4].ends_with(|c: char| c.is_ascii_lowercase());
    let joined = |(a, b): (char, char)| a.is_lowercase() && b.is_uppercase();
    if !year && !chars().any(joined) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if joined((before, c)) || year && at == text.len() - 4 {
            out.push(' ');
        }
        out.push(c);
        before = c;
    }
    out.into()
}

/// The words of a folded text.
pub fn tokens(folded: &str) -> Vec<&str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

fn any(tokens: &[&str], words: &[&str]) -> bool {
    tokens.iter().any(|token| words.contains(token))
}

/// What a header, a row's label or a title says of its numbers; the first match decides, from the
/// most particular to the most general.
pub fn role_of(text: &str) -> Role {
    let folded = fold(&parted(text));
    // `Effectifs par âge` counts; what follows says by which classes.
    let head = [" par ", " selon ", " by "].iter().filter_map(|join| folded.find(join)).min();
    match head.map(|at| role_of_folded(&folded[..at])) {
        Some(role @ Role::Count { .. }) => role,
        _ => role_of_folded(&folded),
    }
}

fn role_of_folded(folded: &str) -> Role {
    let words = tokens(folded);
    if words.is_empty() {
        return if folded.contains('%') { Role::Percent } else { Role::Unknown };
    }
    if counts_values(&words) {
        return Role::Other;
    }
    let strong = is_strong(&words);
    leading(folded, &words)
        .or_else(|| quantile(folded, &words))
        .or_else(|| share(folded, &words, strong))
        .or_else(|| statistic(folded, &words, strong))
        .unwrap_or_else(|| unit(folded, &words, strong))
}

/// Whether words say how many values or variables there are: numbers of no unit.
fn counts_values(words: &[&str]) -> bool {
    let counted =
        ["modalites", "modalities", "levels", "niveaux", "variables", "colonnes", "columns"];
    any(words, &counted) && !any(words, UNITS) && words.len() <= 4
}

/// Whether a folded name is that of a setting of a program: `graine 7`, `seed: 42`, `df_model: 3`.
pub fn is_setting(name: &str) -> bool {
    crate::word_lists::SETTINGS.contains(&name.trim())
}

/// Whether a label numbers a part of a document, or tells how many values or variables there are.
pub fn is_no_unit(label: &str) -> bool {
    let folded = fold(label);
    is_numbering(label) || counts_values(&tokens(&folded)) || is_setting(&folded)
}

/// Whether words name counts; `num` and `numero` number things unless they say what they count.
fn is_strong(words: &[&str]) -> bool {
    words.iter().any(|word| {
        COUNT_STRONG.contains(word)
            && (*word != "num"
                || words.iter().any(|w| UNITS.contains(w) || ["obs", "of", "cases"].contains(w)))
    })
}

fn leading(folded: &str, words: &[&str]) -> Option<Role> {
    if any(words, &["herfindahl", "hhi"]) {
        return Some(Role::Herfindahl);
    }
    let share = folded.contains('%') || any(words, &["part", "share", "pct"]);
    let big = ["plus gros", "plus important", "largest", "premier", "top", "biggest", "dominant"];
    // `CA de la première` is a contribution; `salaire du premier décile` is a quantile.
    let ranked = any(
        words,
        &["decile", "quartile", "quintile", "centile", "trimestre", "semestre", "tranche", "jour"],
    );
    let contributes = !ranked
        && (words.iter().any(|w| w.starts_with("contrib"))
            || any(words, &["unite", "firm"])
            || any(words, MONEY) && words.len() > 1 && !any(words, &["max", "maximum"]));
    let top2 = ["top2", "top 2", "deux premier", "2 premier", "two largest", "deux plus gros"];
    if share && top2.iter().any(|mark| folded.contains(mark)) {
        return Some(Role::LeadingShare(2));
    }
    let top1 = big.iter().any(|mark| folded.contains(mark));
    if share && (top1 || any(words, &["max"])) {
        return Some(Role::LeadingShare(1));
    }
    if contributes && any(words, &["second", "seconde", "deuxieme", "2nd"]) {
        return Some(Role::Second);
    }
    (contributes && (top1 || any(words, &["max", "maximum"]))).then_some(Role::Largest)
}

fn quantile(folded: &str, words: &[&str]) -> Option<Role> {
    let ranks = ["percentiles", "centiles", "quantiles"];
    if any(words, &["median", "mediane", "p50", "q2", "d5"]) || any(words, &ranks) {
        return Some(Role::Quantile(500));
    }
    let bare = folded.trim();
    if let Some(number) = bare.strip_suffix('%')
        && let Ok(percent) = number.trim().replace(',', ".").parse::<f64>()
        && (1.0..=99.0).contains(&percent)
    {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 99")]
        return Some(Role::Quantile((percent * 10.0).round() as u16));
    }
    if bare.starts_with("1st") && bare.contains("qu") {
        return Some(Role::Quantile(250));
    }
    if bare.starts_with("3rd") && bare.contains("qu") {
        return Some(Role::Quantile(750));
    }
    words.iter().find_map(|word| {
        let (kind, rank) = word.split_at_checked(1)?;
        // `P0012` is a patient, no quantile.
        let rank: u16 = rank.parse().ok().filter(|_| rank.len() <= 2 && !rank.starts_with('0'))?;
        match (kind, rank) {
            ("q", 1 | 3) => Some(Role::Quantile(rank * 250)),
            ("d", 1..=9) => Some(Role::Quantile(rank * 100)),
            ("p", 1..=99) => Some(Role::Quantile(rank * 10)),
            _ => None,
        }
    })
}

fn share(folded: &str, words: &[&str], strong: bool) -> Option<Role> {
    for (per, marks) in [
        (100_000, ["100 000", "100000", "100,000"]),
        (10_000, ["10 000", "10000", "10,000"]),
        (1_000, ["1 000", "1000", "1,000"]),
    ] {
        let named = marks.iter().any(|mark| folded.contains(mark)) && any(words, &["pour", "per"]);
        if named || (per == 1_000 && folded.contains('‰')) {
            return Some(Role::Rate(per));
        }
    }
    // `n (%)` announces cells like `12 (34.5)`: counts first.
    let both = strong && folded.contains("(%)") && !folded.trim_start().starts_with('%');
    let percent = folded.contains('%')
        || any(
            words,
            &[
                "pct",
                "percent",
                "pourcentage",
                "pourcentages",
                "proportion",
                "taux",
                "proportions",
                "part",
                "parts",
                "share",
                "rate",
                "cum",
                "cumul",
                "prevalence",
                "frequence",
                "frequences",
            ],
        );
    (percent && !both).then_some(Role::Percent)
}

fn statistic(folded: &str, words: &[&str], strong: bool) -> Option<Role> {
    if any(words, &["ddl", "df", "dof"]) {
        return Some(Role::Dof);
    }
    // Analysis of variance: `Sum Sq`, `Mean Sq`, `somme des carrés` are no sums of units' values.
    if any(words, &["sq", "squares", "carre", "carres"]) {
        return Some(Role::Other);
    }
    let single = words.len() == 1;
    // The weather is of no unit, and neither are the bounds of an interval.
    let weather = ["temp", "temperature", "temperatures", "tmin", "tmax"];
    let bound = |word: &&str| word.ends_with("lcl") || word.ends_with("ucl");
    if any(words, &weather) && !any(words, UNITS) || words.iter().any(bound) {
        return Some(Role::Other);
    }
    if any(
        words,
        &[
            "min", "max", "minimum", "maximum", "mini", "maxi", "etendue", "smallest", "largest",
            "highest", "lowest",
        ],
    ) || folded.contains("plus petit")
        || folded.contains("plus grand")
        || folded.contains("la plus longue")
        || folded.contains("la plus haute")
        || folded.contains("le plus age")
        || folded.contains("le plus haut")
        || (single && any(words, &["range"]))
    {
        return Some(Role::Extreme);
    }
    if any(
        words,
        &[
            "dms", "moyen", "moyenne", "moyens", "moyennes", "moy", "mean", "means", "average",
            "avg",
        ],
    ) {
        return Some(Role::Mean);
    }
    if any(words, &["std", "sd", "ecart", "variance", "var", "stddev"]) {
        return Some(Role::Spread);
    }
    // `z value`, `Pr(>|t|)`, `p-value`: a test's figures.
    if any(words, &["t", "z", "f", "p", "pr"])
        && any(words, &["value", "stat", "ratio", "t", "z", "chisq"])
        && words.len() > 1
    {
        return Some(Role::Other);
    }
    let unit = any(words, UNITS);
    if is_magnitude(words) && !(strong && unit)
        || (single && any(words, &["t", "z", "p", "f", "id"]))
    {
        return (!(single && any(words, &["f"]))).then_some(Role::Other);
    }
    (any(words, MONEY) && !strong && !is_described(words)).then_some(Role::Sum)
}

/// Whether a text speaks of money or of another magnitude that is added up.
pub fn is_money(folded: &str) -> bool {
    any(&tokens(folded), MONEY)
}

fn unit(folded: &str, words: &[&str], strong: bool) -> Role {
    if !strong && !any(words, UNITS) {
        return Role::Unknown;
    }
    let unweighted = folded.contains("non pond") || any(words, &["unweighted", "brut", "bruts"]);
    let weighted = any(words, &["pondere", "ponderes", "pond", "weighted", "extrapole"]);
    Role::Count { weighted: weighted && !unweighted }
}

/// Whether a label is one word that numbers a part of a document, such as `Page` or `Tableau`.
pub fn is_numbering(label: &str) -> bool {
    let folded = fold(label);
    let words = tokens(&folded);
    let parts = [
        "page", "pages", "table", "tables", "tableau", "tableaux", "figure", "figures", "version",
        "section", "sections", "annexe", "annexes", "chapitre", "feuille", "feuilles", "sheets",
        "onglets",
    ];
    matches!(words.as_slice(), [one] if parts.contains(one))
}

/// Words that name a total.
pub(crate) const TOTALS: &[&str] =
    &["total", "totaux", "ensemble", "tous", "all", "overall", "toutes"];

/// Whether a header or a row's label names a total.
pub fn is_total(text: &str) -> bool {
    let folded = fold(text);
    any(&tokens(&folded), TOTALS)
}

/// Whether a header or a row's label names the base of percentages.
pub fn is_base(text: &str) -> bool {
    let folded = fold(text);
    any(&tokens(&folded), &["base", "champ", "population"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_what_their_numbers_are() {
        const COUNT: Role = Role::Count { weighted: false };
        for (text, role) in [
            ("Effectif", COUNT),
            ("Nb de séjours", COUNT),
            ("N", COUNT),
            ("n (%)", COUNT),
            ("Nombre d'entreprises", COUNT),
            ("patients", COUNT),
            ("Freq.", COUNT),
            ("n_obs", COUNT),
            ("Effectif pondéré", Role::Count { weighted: true }),
            ("Effectif non pondéré", COUNT),
            ("% des patients", Role::Percent),
            ("Part des ménages", Role::Percent),
            ("Taux pour 100 000", Role::Rate(100_000)),
            ("Nombre moyen d'enfants", Role::Mean),
            ("Âge", Role::Other),
            ("Année", Role::Other),
            ("Code commune", Role::Other),
            ("coef", Role::Other),
            ("z value", Role::Other),
            ("Effectifs par âge", COUNT),
            ("Chiffre d'affaires (k€), somme", Role::Sum),
            ("Salaire médian", Role::Quantile(500)),
            ("25%", Role::Quantile(250)),
            ("P90", Role::Quantile(900)),
            ("3rd Qu.", Role::Quantile(750)),
            ("Max.", Role::Extreme),
            ("ColPctN", Role::Percent),
            ("NbPatients", COUNT),
            ("eff2019", COUNT),
            ("Décès avant 48 heures", COUNT),
            ("Patients vus en 24 heures", COUNT),
            ("Effectif, position cadre", COUNT),
            ("Salariés travaillant 35 heures", COUNT),
            ("Nombre d'heures", Role::Other),
            ("patient_age", Role::Other),
            ("Âge des patients", Role::Other),
            ("Durée de séjour", Role::Other),
            ("NUM_ENQ", Role::Unknown),
            ("Num.Obs.", COUNT),
            ("2.5%", Role::Quantile(25)),
            ("Part du premier contributeur", Role::LeadingShare(1)),
            ("Plus grosse contribution", Role::Largest),
            ("Part de l'unité la plus importante", Role::LeadingShare(1)),
            ("Page", Role::Other),
            ("CA de la première", Role::Largest),
            ("Ventes du deuxième", Role::Second),
            ("Salaire du premier décile", Role::Sum),
            ("Mean Sq", Role::Other),
            ("Somme des carrés", Role::Other),
            ("ddl", Role::Dof),
            ("Hommes", Role::Unknown),
            ("", Role::Unknown),
        ] {
            assert_eq!(role_of(text), role, "{text}");
        }
    }

    #[test]
    fn totals_are_named_in_both_languages() {
        assert!(is_total("Ensemble") && is_total("Total général") && is_total("All"));
        assert!(!is_total("Totalement"));
    }
}
