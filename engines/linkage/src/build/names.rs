//! Names of records.

use super::{Building, each, of};
use crate::normalise::name::{self, Surname};
use crate::read::column::Role;
use crate::read::{Column, Table};
use crate::records::{FAMILY, Family, GIVEN, GivenEntry, Side};

impl Building {
    pub(super) fn names(&mut self, table: &Table, side: &mut Side) {
        if let Some(full) = of(table, Role::FullName) {
            return self.full_names(full, side);
        }
        self.families(table, side);
        self.given_names(table, side);
    }

    fn families(&mut self, table: &Table, side: &mut Side) {
        let tokens = &mut self.values.tokens;
        let mut surnames = |role| {
            let column = of(table, role)?;
            Some((column, each(column, |raw| name::surname(raw, tokens))))
        };
        let (births, usages) = (surnames(Role::BirthName), surnames(Role::UsageName));
        let at = |names: &Option<(&Column, Vec<Surname>)>, row: usize| match names {
            Some((column, names)) => names[column.codes[row] as usize],
            None => Surname::default(),
        };
        for row in 0..side.len() {
            let code = self.family(at(&births, row), at(&usages, row));
            side.set(row, FAMILY, code);
        }
    }

    fn given_names(&mut self, table: &Table, side: &mut Side) {
        let tokens = &mut self.values.tokens;
        let mut codes = |column: &Column| each(column, |raw| name::given(raw, tokens));
        let Some(column) = of(table, Role::Given) else { return };
        let names = codes(column);
        let more = table.columns.iter().filter(|(role, _)| *role == Role::MoreGiven);
        let more: Vec<_> = more.map(|(_, column)| (column, codes(column))).collect();
        for row in 0..side.len() {
            let mut entry = names[column.codes[row] as usize];
            for (column, names) in &more {
                let further = names[column.codes[row] as usize];
                for word in further.words.into_iter().filter(|word| *word != 0) {
                    add(&mut entry.words, word);
                    add(&mut entry.more, word);
                }
            }
            let code = self.given(entry);
            side.set(row, GIVEN, code);
        }
    }

    fn full_names(&mut self, column: &Column, side: &mut Side) {
        let tokens = &mut self.values.tokens;
        let pairs = each(column, |raw| {
            let (family, given) = name::split_full(&String::from_utf8_lossy(raw));
            (name::surname(family.as_bytes(), tokens), name::given(given.as_bytes(), tokens))
        });
        for row in 0..side.len() {
            let (family, given) = pairs[column.codes[row] as usize];
            let (family, given) = (self.family(family, Surname::default()), self.given(given));
            side.set(row, FAMILY, family);
            side.set(row, GIVEN, given);
        }
    }

    fn family(&mut self, birth: Surname, usage: Surname) -> u32 {
        let mut family = Family::from(if birth.whole == 0 { usage } else { birth });
        if birth.whole != 0 && usage.whole != 0 && usage.whole != birth.whole {
            family.usage = usage.whole;
            usage.parts.into_iter().for_each(|part| family.add_part(part));
        }
        if family.birth == 0 {
            return 0;
        }
        let key = [family.birth, family.usage].map(u32::to_le_bytes).concat();
        let code = self.families.intern(&key);
        if code as usize == self.values.families.len() {
            self.values.families.push(family);
        }
        code
    }

    fn given(&mut self, names: name::Given) -> u32 {
        if names.first == 0 {
            return 0;
        }
        let head = [names.first, names.glued];
        let all = head.into_iter().chain(names.words).chain(names.more);
        let key: Vec<u8> = all.flat_map(u32::to_le_bytes).collect();
        let code = self.givens.intern(&key);
        if code as usize == self.values.givens.len() {
            self.values.givens.push(GivenEntry { names, bin: 0 });
        }
        code
    }
}

/// Adds a word to the first free place, unless it is there.
fn add<const N: usize>(words: &mut [u32; N], word: u32) {
    if !words.contains(&word)
        && let Some(free) = words.iter_mut().find(|known| **known == 0)
    {
        *free = word;
    }
}
