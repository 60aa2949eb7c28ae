//! A population of families, and two files of it.

use super::Generated;
use super::errors::{Profile, Record};
use super::names::Names;
use super::random::Random;

#[derive(Debug, Clone)]
pub(super) struct Person {
    pub birth_name: String,
    pub usage_name: String,
    pub given: Vec<String>,
    pub sex: u32,
    pub birth: (u32, u32, u32),
    pub place: String,
    pub home: Home,
}

#[derive(Debug, Clone)]
pub(super) struct Home {
    pub number: u32,
    pub street: String,
    pub commune: usize,
}

const KINDS: [&str; 8] =
    ["rue", "avenue", "boulevard", "place", "chemin", "impasse", "allée", "route"];
const WAYS: [&str; 40] = [
    "de la République",
    "du Général de Gaulle",
    "Victor Hugo",
    "de l'Église",
    "des Écoles",
    "Pasteur",
    "Jean Jaurès",
    "du Château",
    "de la Gare",
    "de la Mairie",
    "du Moulin",
    "des Lilas",
    "Gambetta",
    "de Verdun",
    "du 8 Mai 1945",
    "du 11 Novembre",
    "Saint-Martin",
    "Sainte-Anne",
    "des Acacias",
    "de la Fontaine",
    "du Stade",
    "Molière",
    "Voltaire",
    "Émile Zola",
    "de Paris",
    "de Lyon",
    "des Vignes",
    "de la Paix",
    "du Docteur Roux",
    "Louis Blanc",
    "Jules Ferry",
    "de la Liberté",
    "du Port",
    "des Tilleuls",
    "du Lavoir",
    "Carnot",
    "Foch",
    "de Bretagne",
    "du Lac",
    "des Roses",
];
const COMMUNES: usize = 30_000;

/// A commune's INSEE code: departments 01 to 95.
pub(super) fn insee(commune: usize) -> String {
    let department = commune * 7919 % 95 + 1;
    format!("{department:02}{:03}", commune / 95 % 900 + 1)
}

/// A commune's postcode: several communes share one.
pub(super) fn postcode(commune: usize) -> String {
    let department = commune * 7919 % 95 + 1;
    format!("{department:02}{:02}0", commune / 95 % 100)
}

pub(super) fn town(commune: usize) -> String {
    let mut part = Random(0xC0DE ^ commune as u64);
    let head =
        ["Saint-", "Ville", "Mont", "Château", "La ", "Le ", "Beau", "Bois", "Roche", "Pont-"];
    let tail =
        ["martin", "neuve", "fort", "vert", "roche", "court", "lieu", "val", "pierre", "sur-Loire"];
    format!(
        "{}{}{}",
        part.pick(&head),
        part.pick(&tail),
        if part.chance(0.4) { "-les-Bains" } else { "" }
    )
}

pub(super) fn home(random: &mut Random, commune: usize) -> Home {
    let kind = *random.pick(&KINDS);
    let rank = random.zipf(4000, 8.0, 0.9);
    let way = match WAYS.get(rank) {
        Some(way) => (*way).to_owned(),
        None => {
            let mut part = Random(0xAB ^ rank as u64);
            format!("{}{}", part.pick(&["des ", "du ", "de ", ""]), town(part.below(9000)))
        }
    };
    Home { number: random.between(1, 150), street: format!("{kind} {way}"), commune }
}

fn commune(random: &mut Random) -> usize {
    random.zipf(COMMUNES, 10.0, 0.95)
}

fn date(random: &mut Random, from: u32, to: u32) -> (u32, u32, u32) {
    (random.between(from, to), random.between(1, 12), random.between(1, 28))
}

fn given_names(
    names: &Names,
    random: &mut Random,
    sex: u32,
    year: u32,
    parent: Option<&Person>,
) -> Vec<String> {
    let mut given = match parent {
        // Named after the parent.
        Some(parent) if random.chance(0.05) => vec![parent.given[0].clone()],
        _ => vec![names.given(random, sex, year)],
    };
    for share in [0.75, 0.6] {
        if random.chance(share) {
            let grand = match parent {
                Some(parent) if random.chance(0.3) => parent.given[0].clone(),
                _ => names.given(random, sex, year.saturating_sub(50)),
            };
            if !given.contains(&grand) {
                given.push(grand);
            }
        }
    }
    given
}

fn adult(
    names: &Names,
    random: &mut Random,
    sex: u32,
    birth: (u32, u32, u32),
    home: &Home,
) -> Person {
    let abroad = random.chance(0.12);
    let birth_name = names.surname(random);
    let place = match abroad {
        true => format!("99{}", 100 + random.zipf(250, 3.0, 1.1)),
        false if random.chance(0.5) => insee(home.commune),
        false => insee(commune(random)),
    };
    let birth = if abroad && random.chance(0.2) { (birth.0, 1, 1) } else { birth };
    let given = given_names(names, random, sex, birth.0, None);
    Person {
        usage_name: birth_name.clone(),
        birth_name,
        given,
        sex,
        birth,
        place,
        home: home.clone(),
    }
}

/// A couple, its children and where they live.
fn family(names: &Names, random: &mut Random, people: &mut Vec<Person>) {
    let here = commune(random);
    let house = home(random, here);
    let year = random.between(1925, 1990);
    let born = date(random, year, year);
    let father = adult(names, random, 1, born, &house);
    let born = date(random, year.saturating_sub(5), year + 8);
    let mut mother = adult(names, random, 2, born, &house);
    if random.chance(0.65) {
        mother.usage_name = match random.chance(0.15) {
            true => format!("{}-{}", mother.birth_name, father.birth_name),
            false => father.birth_name.clone(),
        };
    }
    let alone = random.chance(0.3);
    let hospital = if random.chance(0.6) { insee(random.zipf(400, 5.0, 0.9)) } else { insee(here) };
    let children = if alone { 0 } else { random.below(4) };
    let mut year = year.max(mother.birth.0) + random.between(20, 28);
    for _ in 0..children {
        let together = if random.chance(0.02) { 2 } else { 1 };
        let born = date(random, year, year);
        for _ in 0..together {
            people.push(child(names, random, (&father, &mother), born, &hospital));
        }
        year += random.between(1, 5);
    }
    if !(alone && random.chance(0.5)) {
        people.push(mother);
    }
    people.push(father);
}

fn child(
    names: &Names,
    random: &mut Random,
    parents: (&Person, &Person),
    born: (u32, u32, u32),
    hospital: &str,
) -> Person {
    let (father, mother) = parents;
    let sex = random.between(1, 2);
    let birth_name = match random.share() {
        share if share < 0.84 => father.birth_name.clone(),
        share if share < 0.92 => format!("{}-{}", father.birth_name, mother.birth_name),
        _ => mother.birth_name.clone(),
    };
    let model = if sex == 1 { father } else { mother };
    let given = given_names(names, random, sex, born.0, Some(model));
    let mut usage_name = birth_name.clone();
    let mut home_of = father.home.clone();
    if born.0 < 2000 {
        if random.chance(0.7) {
            let near = if random.chance(0.5) { father.home.commune } else { commune(random) };
            home_of = home(random, near);
        }
        if sex == 2 && random.chance(0.45) {
            usage_name = names.surname(random);
        }
    }
    Person {
        birth_name,
        usage_name,
        given,
        sex,
        birth: born,
        place: hospital.to_owned(),
        home: home_of,
    }
}

/// Two files of `count` persons each, of whom seven in ten are in both.
pub fn persons(count: usize, profile: &Profile, seed: u64) -> Generated {
    let mut random = Random(seed);
    let names = Names::new();
    let mut people = Vec::new();
    let needed = count + count * 3 / 10;
    while people.len() < needed {
        family(&names, &mut random, &mut people);
    }
    random.shuffle(&mut people);
    people.truncate(needed);
    let shared = needed - 2 * (needed - count);
    let (mut left, mut right): (Vec<usize>, Vec<usize>) =
        ((0..count).collect(), (0..shared).chain(count..needed).collect());
    random.shuffle(&mut left);
    random.shuffle(&mut right);
    let mut made = Generated { truth: "id_a,id_b\n".to_owned(), ..Generated::default() };
    let mut ids = vec![None; needed];
    made.left.push_str(Record::HEADER);
    for (row, person) in left.iter().enumerate() {
        ids[*person] = Some(row);
        let record = Record::of(&people[*person], profile, &names, &mut random, false);
        made.left.push_str(&record.line(&format!("A{row}"), false));
    }
    made.right.push_str(Record::HEADER);
    for (row, person) in right.iter().enumerate() {
        if let Some(other) = ids[*person] {
            made.truth.push_str(&format!("A{other},B{row}\n"));
        }
        let record = Record::of(&people[*person], profile, &names, &mut random, true);
        made.right.push_str(&record.line(&format!("B{row}"), true));
    }
    made
}
