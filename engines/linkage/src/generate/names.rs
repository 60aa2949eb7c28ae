//! Names with frequencies like those of a country: few common ones, very many rare ones.

use super::random::Random;

pub(super) struct Names {
    surnames: Vec<String>,
    female: Vec<String>,
    male: Vec<String>,
}

fn list(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(|name| name.replace('~', " ")).collect()
}

const STARTS: [&str; 40] = [
    "Ba", "Be", "Bo", "Bra", "Ca", "Cha", "Che", "Co", "Cou", "Da", "De", "Du", "Fa", "Fe", "Fo",
    "Fra", "Ga", "Gau", "Gi", "Gra", "Ha", "Jo", "La", "Le", "Lo", "Ma", "Me", "Mo", "Na", "Pa",
    "Pe", "Pi", "Po", "Ra", "Ro", "Sa", "Se", "Ta", "Tho", "Va",
];
const MIDDLES: [&str; 30] = [
    "bi", "bo", "cha", "che", "da", "di", "fo", "ga", "gne", "la", "li", "lo", "ma", "mi", "mo",
    "na", "ni", "pi", "ra", "ri", "ro", "sa", "si", "ta", "ti", "tou", "va", "vi", "za", "ze",
];
const ENDS: [&str; 30] = [
    "rd", "ult", "ron", "lier", "net", "not", "sson", "teau", "din", "gnon", "llet", "mont",
    "nier", "quet", "ret", "rier", "ssier", "tier", "vert", "zet", "bert", "champ", "court",
    "land", "lin", "main", "ny", "ric", "sse", "ville",
];

impl Names {
    pub fn new() -> Self {
        let [surnames, female, male] = [
            include_str!("../../data/surnames.txt"),
            include_str!("../../data/given_female.txt"),
            include_str!("../../data/given_male.txt"),
        ]
        .map(list);
        Self { surnames, female, male }
    }

    /// A family name by its rank.
    fn surname_of(&self, rank: usize) -> String {
        if let Some(name) = self.surnames.get(rank) {
            return name.clone();
        }
        let mut part = Random(0xFACE ^ rank as u64);
        let mut name = String::from(*part.pick(&STARTS));
        for _ in 0..=part.below(2) + usize::from(rank > 20_000) {
            name.push_str(MIDDLES[part.below(MIDDLES.len())]);
        }
        name.push_str(ENDS[part.below(ENDS.len())]);
        name.to_uppercase()
    }

    pub fn surname(&self, random: &mut Random) -> String {
        let rank = random.zipf(400_000, 12.0, 0.98);
        self.surname_of(rank)
    }

    /// A given name of a sex (1 male) as in fashion in a year.
    pub fn given(&self, random: &mut Random, sex: u32, year: u32) -> String {
        let names = if sex == 1 { &self.male } else { &self.female };
        if random.chance(0.06) {
            let rank = random.zipf(12_000, 5.0, 0.9);
            let mut part = Random(0xBEEF ^ (rank * 2) as u64 ^ u64::from(sex));
            let end = if sex == 1 {
                *part.pick(&["o", "an", "el", "is", "ien"])
            } else {
                *part.pick(&["a", "ine", "elle", "ie", "éa"])
            };
            return format!("{}{}{end}", part.pick(&STARTS), part.pick(&MIDDLES)).to_uppercase();
        }
        let fashion = (year.saturating_sub(1920) / 10) as usize * 9;
        let rank = random.zipf(names.len(), 3.0, 1.1);
        names[(rank + fashion) % names.len()].clone()
    }
}
