//! Several columns of one meaning: the first serves, the next ones fill its blanks.

use super::{Column, Table};
use crate::read::column::Role;

impl Table {
    /// Leaves one column of each role, but for those of which several serve. Columns that give
    /// nothing go to [`Table::unused`]; those that fill blanks are told in a note.
    pub(super) fn settle_roles(&mut self) {
        let mut kept: Vec<(Role, Column)> = Vec::new();
        for (role, column) in std::mem::take(&mut self.columns) {
            let has_several = matches!(role, Role::Other | Role::MoreGiven);
            let first = kept.iter_mut().find(|(known, _)| *known == role && !has_several);
            let Some((_, first)) = first else {
                kept.push((role, column));
                continue;
            };
            match first.fill_blanks(&column) {
                0 => self.unused.push(column.name),
                filled => self.notes.push(format!(
                    "{}: {} is taken from {}, and where that is empty from {} ({filled} records)",
                    self.name,
                    role.name(),
                    first.name,
                    column.name
                )),
            }
        }
        let idle = idle(&kept);
        for (role, column) in kept {
            match idle.contains(&role) {
                true => self.unused.push(column.name),
                false => self.columns.push((role, column)),
            }
        }
    }
}

/// Roles whose columns say nothing beside, or without, the others.
fn idle(columns: &[(Role, Column)]) -> Vec<Role> {
    let has = |role: Role| columns.iter().any(|(known, _)| *known == role);
    let mut idle = Vec::new();
    if has(Role::FullName) && has(Role::BirthName) && has(Role::Given) {
        idle.push(Role::FullName);
    } else if has(Role::FullName) {
        idle.extend([Role::BirthName, Role::UsageName, Role::Given, Role::MoreGiven]);
    } else if !has(Role::Given) {
        idle.push(Role::MoreGiven);
    }
    if !has(Role::BirthYear) {
        idle.extend([Role::BirthMonth, Role::BirthDay]);
    }
    if !has(Role::Street) {
        idle.push(Role::House);
    }
    idle
}

impl Column {
    /// Takes another column's values where this one has none; says how many it took.
    fn fill_blanks(&mut self, other: &Self) -> usize {
        let mut filled = 0;
        for (row, code) in self.codes.iter_mut().enumerate() {
            if *code == 0 && other.codes[row] != 0 {
                *code = self.values.intern(other.values.get(other.codes[row]));
                filled += 1;
            }
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, values: &[&str]) -> Column {
        let mut column = Column { name: name.to_owned(), ..Column::default() };
        for value in values {
            column.push(value.as_bytes());
        }
        column
    }

    fn settled(columns: Vec<(Role, Column)>) -> Table {
        let mut table = Table { columns, ..Table::default() };
        table.settle_roles();
        table
    }

    #[test]
    fn the_next_column_of_a_role_fills_blanks_and_is_told() {
        let table = settled(vec![
            (Role::Phone, column("fixe", &["01", "", ""])),
            (Role::Phone, column("mobile", &["06", "07", ""])),
            (Role::Phone, column("bureau", &["08", "09", ""])),
        ]);
        assert_eq!(table.columns.len(), 1);
        let column = &table.columns[0].1;
        let text = |row: usize| column.values.text(column.codes[row]).into_owned();
        assert_eq!([text(0), text(1), text(2)], ["01", "07", ""]);
        assert_eq!(table.unused, ["bureau"]);
        assert!(table.notes[0].contains("from mobile (1 records)"), "{:?}", table.notes);
    }

    #[test]
    fn columns_that_say_nothing_beside_others_are_unused() {
        let names = |table: &Table| -> Vec<String> {
            table.columns.iter().map(|(_, column)| column.name.clone()).collect()
        };
        let of = |role, name| (role, column(name, &["x"]));
        let parts =
            [of(Role::BirthName, "nom"), of(Role::Given, "prenom"), of(Role::FullName, "tout")];
        let table = settled(parts.to_vec());
        assert_eq!((names(&table).len(), &table.unused[..]), (2, &["tout".to_owned()][..]));
        let table = settled(vec![
            of(Role::FullName, "tout"),
            of(Role::UsageName, "usage"),
            of(Role::House, "no"),
        ]);
        assert_eq!(names(&table), ["tout"]);
        assert_eq!(table.unused, ["usage", "no"]);
    }
}
