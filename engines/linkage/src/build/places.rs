//! Places, towns and streets of records.

use super::{Building, each, fill, of};
use crate::dict::Dict;
use crate::normalise::place::{self, Place, Street};
use crate::read::Table;
use crate::read::column::Role;
use crate::records::{CITY, PLACE, POSTCODE, STREET, Side};

/// Which places of which kind.
struct Kind<'a> {
    role: Role,
    slot: usize,
    codes: &'a mut Dict,
    entries: &'a mut Vec<Place>,
    normal: fn(&[u8], &mut Dict) -> Place,
}

impl Kind<'_> {
    fn put(self, texts: &mut Dict, table: &Table, side: &mut Side) {
        if self.entries.is_empty() {
            self.entries.push(Place::default());
        }
        let Some(column) = of(table, self.role) else { return };
        let codes = each(column, |raw| {
            let found = (self.normal)(raw, texts);
            let code = self.codes.intern(&key([found.place, found.area]));
            if code as usize == self.entries.len() {
                self.entries.push(found);
            }
            code
        });
        fill(side, self.slot, column, &codes);
    }
}

impl Building {
    pub(super) fn places(&mut self, table: &Table, side: &mut Side) {
        let values = &mut self.values;
        let birth = Kind {
            role: Role::BirthPlace,
            slot: PLACE,
            codes: &mut self.places,
            entries: &mut values.places,
            normal: place::place,
        };
        birth.put(&mut values.texts, table, side);
        let postcode = Kind {
            role: Role::Postcode,
            slot: POSTCODE,
            codes: &mut self.postcodes,
            entries: &mut values.postcodes,
            normal: place::postcode,
        };
        postcode.put(&mut values.texts, table, side);
        let city = Kind {
            role: Role::City,
            slot: CITY,
            codes: &mut self.cities,
            entries: &mut values.cities,
            normal: place::place,
        };
        city.put(&mut values.texts, table, side);
        self.addresses(table, side);
    }

    fn addresses(&mut self, table: &Table, side: &mut Side) {
        let (values, streets) = (&mut self.values, &mut self.streets);
        if values.streets.is_empty() {
            values.streets.push(Street::default());
        }
        let Some(column) = of(table, Role::Street) else { return };
        let texts = &mut values.texts;
        let found = each(column, |raw| place::street(raw, texts));
        let house = of(table, Role::House).map(|house| {
            (house, each(house, |raw| place::street(raw, &mut Dict::default()).number))
        });
        for row in 0..side.len() {
            let mut street = found[column.codes[row] as usize];
            if let Some((house, numbers)) = &house
                && numbers[house.codes[row] as usize] != 0
            {
                street.number = numbers[house.codes[row] as usize];
            }
            let code = match street.name {
                0 => 0,
                name => streets.intern(&key([street.number, name])),
            };
            if code as usize == values.streets.len() {
                values.streets.push(street);
            }
            side.set(row, STREET, code);
        }
    }
}

fn key(parts: [u32; 2]) -> Vec<u8> {
    if parts == [0, 0] { Vec::new() } else { parts.map(u32::to_le_bytes).concat() }
}
