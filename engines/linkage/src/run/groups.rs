//! How full the files are, and whose records were linked.

use super::Link;
use crate::model::Cut;
use crate::normalise::date;
use crate::records::{BIRTH, PLACE, Records, SEX, Side};
use crate::report::{Filled, Group};
use std::collections::BTreeMap;

/// How full the columns are.
pub(super) fn filled(records: &Records) -> Vec<Filled> {
    const NAMES: [&str; 13] = [
        "family name",
        "given name",
        "sex",
        "date of birth",
        "place of birth",
        "postcode",
        "town",
        "street",
        "national number",
        "e-mail",
        "telephone",
        "SIREN",
        "firm",
    ];
    let share = |side: &Side, slot: usize| {
        side.column(slot).filter(|code| *code != 0).count() as f64 / side.len().max(1) as f64
    };
    let others = records.other_names.iter().map(String::as_str);
    let names = NAMES.into_iter().chain(others).enumerate();
    let used = names.filter(|(slot, _)| records.filled[*slot]);
    used.map(|(slot, name)| Filled {
        name: name.to_owned(),
        left: share(&records.left, slot),
        right: share(records.right(), slot),
    })
    .collect()
}

/// The left file's records, or the new ones, by sex, time of birth and birth abroad, and how many were linked.
pub(super) fn linked(records: &Records, links: &[Link], cut: &Cut) -> Vec<Group> {
    let mut linked = vec![false; records.left.len()];
    for link in links.iter().filter(|link| link.probability >= cut.probability) {
        linked[link.left as usize] = true;
        if records.is_dedupe() {
            linked[link.right as usize] = true;
        }
    }
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (row, linked) in linked.iter().enumerate().skip(records.first_new) {
        let codes = records.left.row(row);
        let year = date::parts(codes[BIRTH]).0;
        let sex = ["", "sex: male", "sex: female"][codes[SEX].min(2) as usize];
        let born = if year == 0 {
            String::new()
        } else {
            format!("born {} to {}", year / 20 * 20, year / 20 * 20 + 19)
        };
        let area = records.values.places.get(codes[PLACE] as usize).map_or(0, |place| place.area);
        let place = match (area, records.values.texts.get(area)) {
            (0, _) => "",
            (_, b"#99") => "born abroad",
            _ => "born in France",
        };
        for name in [sex, &born, place].into_iter().filter(|name| !name.is_empty()) {
            let sums = match groups.get_mut(name) {
                Some(sums) => sums,
                None => groups.entry(name.to_owned()).or_default(),
            };
            sums.0 += 1;
            sums.1 += usize::from(*linked);
        }
    }
    // A group of a few persons could tell who they are.
    let large = groups.into_iter().filter(|(_, (records, _))| *records >= 20);
    large.map(|(name, (records, linked))| Group { name, records, linked }).collect()
}
