//! Numbers and names of firms.

use super::{Building, each, fill, of, small};
use crate::normalise::firm::{self, Written};
use crate::normalise::place;
use crate::read::Table;
use crate::read::column::Role;
use crate::records::{FIRM, Number, SIREN, Side};

/// One number of a record, as it was read; where it is none, the text without blanks.
#[derive(Clone, Copy, Default)]
struct Read {
    written: Option<Written>,
    text: u32,
}

impl Building {
    pub(super) fn firms(&mut self, table: &Table, side: &mut Side) {
        if self.values.numbers.is_empty() {
            self.values.numbers.push(Number::default());
        }
        let texts = &mut self.values.texts;
        let mut read = |role| {
            let column = of(table, role)?;
            let codes = each(column, |raw| {
                let written = firm::number(raw);
                let text = if written.is_none() { place::number(raw, texts) } else { 0 };
                Read { written, text }
            });
            Some((column, codes))
        };
        let columns = [read(Role::Siret), read(Role::Siren)];
        let at = |which: usize, row: usize| match &columns[which] {
            Some((column, codes)) => codes[column.codes[row] as usize],
            None => Read::default(),
        };
        let (mut wrong, mut apart) = (0_usize, 0_usize);
        for row in 0..side.len() {
            let (siret, siren) = (at(0, row), at(1, row));
            let (written, is_apart) = joined(siret.written, siren.written);
            apart += usize::from(is_apart);
            wrong += usize::from(written.is_some_and(|number| !number.is_valid));
            let number = match written {
                Some(written) => self.known(&written),
                None => Number { siren: siret.text.max(siren.text), ..Number::default() },
            };
            let code = self.number(number);
            side.set(row, SIREN, code);
        }
        self.told(table, wrong, apart);
        if let Some(column) = of(table, Role::Firm) {
            let texts = &mut self.values.texts;
            let codes = each(column, |raw| texts.intern(&firm::name(raw)));
            fill(side, FIRM, column, &codes);
        }
    }

    fn known(&mut self, written: &Written) -> Number {
        let nic = written.nic.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        let siren = self.values.texts.intern(&written.siren);
        Number { siren, nic, is_valid: written.is_valid }
    }

    /// The code of a number; 0 of none.
    fn number(&mut self, number: Number) -> u32 {
        if number.siren == 0 {
            return 0;
        }
        let key = [number.siren, number.nic, u32::from(number.is_valid)];
        let code = self.numbers.intern(&key.map(u32::to_le_bytes).concat());
        if code as usize == self.values.numbers.len() {
            self.values.numbers.push(number);
        }
        small(code as usize)
    }

    fn told(&mut self, table: &Table, wrong: usize, apart: usize) {
        if wrong > 0 {
            self.notes.push(format!(
                "{}: {wrong} numbers of firms have a wrong check digit: they are compared, and prove \
                 nothing",
                table.name
            ));
        }
        if apart > 0 {
            self.notes.push(format!(
                "{}: in {apart} records the SIRET is not one of the SIREN",
                table.name
            ));
        }
    }
}

/// One number from SIRET and SIREN of a record, and whether they are of two firms: the valid one of
/// them, and of two valid ones the SIREN.
fn joined(siret: Option<Written>, siren: Option<Written>) -> (Option<Written>, bool) {
    match (siret, siren) {
        (Some(siret), Some(siren)) if siret.siren == siren.siren => (Some(siret), false),
        (Some(siret), Some(siren)) => {
            (Some(if siret.is_valid && !siren.is_valid { siret } else { siren }), true)
        }
        (siret, siren) => (siret.or(siren), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_valid_one_of_two_numbers_serves_and_their_difference_is_told() {
        let of = |text: &[u8]| firm::number(text);
        let (siret, siren) = (of(b"44306184100047"), of(b"443061841"));
        assert_eq!(joined(siret, siren), (siret, false));
        assert_eq!(joined(siret, None), (siret, false));
        assert_eq!(joined(siret, of(b"443061842")), (siret, true));
        let other = of(b"552100554");
        assert!(other.unwrap().is_valid);
        assert_eq!(joined(siret, other), (other, true));
    }
}
