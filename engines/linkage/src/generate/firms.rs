//! Firms, with and without their SIREN.

use super::Generated;
use super::errors::{Profile, digit, typo};
use super::names::Names;
use super::persons::{home, postcode, town};
use super::random::Random;
use crate::normalise::firm::{is_siren, is_siret};

/// Two files of `count` firms each, of which seven in ten are in both; three in ten of the right
/// file have no SIRET.
pub fn firms(count: usize, profile: &Profile, seed: u64) -> Generated {
    const HEADER: &str = "id,siret,raison_sociale,adresse,code_postal,commune\n";
    let (mut random, names) = (Random(seed ^ 0xF1), Names::new());
    let mut made = Generated {
        left: HEADER.to_owned(),
        right: HEADER.to_owned(),
        truth: "id_a,id_b\n".to_owned(),
    };
    let shared = count * 7 / 10;
    for at in 0..2 * count - shared {
        let name = name(&names, &mut random);
        let place = random.zipf(30_000, 10.0, 0.95);
        let home = home(&mut random, place);
        let siret = siret(&mut random);
        let address = format!("{} {}", home.number, home.street);
        let (code, town) = (postcode(place), town(place));
        if at < count {
            made.left.push_str(&format!("A{at},{siret},{name},{address},{code},{town}\n"));
        }
        if at < shared || at >= count {
            let (name, siret) = again(name, siret, profile, &mut random);
            made.right.push_str(&format!(
                "B{at},{siret},{},{address},{code},{town}\n",
                name.to_lowercase()
            ));
        }
        if at < shared {
            made.truth.push_str(&format!("A{at},B{at}\n"));
        }
    }
    made
}

/// A SIRET with the check digits of INSEE.
fn siret(random: &mut Random) -> String {
    let with_check = |start: String, is_right: fn(&[u8]) -> bool| {
        let all = (0..10).map(|digit| format!("{start}{digit}"));
        let right = all.into_iter().find(|number| is_right(number.as_bytes()));
        right.expect("one of ten digits makes Luhn's sum a multiple of ten")
    };
    let siren = with_check(format!("{:08}", 1 + random.below(99_999_999)), is_siren);
    with_check(format!("{siren}{:04}", random.between(1, 99)), is_siret)
}

/// A firm's name and number as the other file has them.
fn again(
    mut name: String,
    mut siret: String,
    profile: &Profile,
    random: &mut Random,
) -> (String, String) {
    if random.chance(0.15 * profile.errors) {
        name = typo(&name, random);
    }
    if random.chance(0.3) {
        name = name.split(' ').skip(1).collect::<Vec<_>>().join(" ");
    }
    if random.chance(0.3) {
        siret.clear();
    } else if random.chance(0.02 * profile.errors) {
        siret = digit(&siret, random);
    }
    (name, siret)
}

fn name(names: &Names, random: &mut Random) -> String {
    const FORMS: [&str; 6] = ["SARL", "SAS", "EURL", "SA", "SCI", "ETS"];
    const TRADES: [&str; 12] = [
        "BOULANGERIE",
        "GARAGE",
        "PLOMBERIE",
        "TRANSPORTS",
        "PHARMACIE",
        "COIFFURE",
        "MENUISERIE",
        "RESTAURANT",
        "CONSEIL",
        "INFORMATIQUE",
        "AGRICOLE",
        "IMMOBILIERE",
    ];
    let surname = names.surname(random);
    format!("{} {} {surname}", random.pick(&FORMS), random.pick(&TRADES))
}
