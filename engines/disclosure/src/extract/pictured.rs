//! What the letters of a picture say, and whether they explain all that it shows.

use std::collections::HashMap;

use super::{Part, Shapes, console};
use crate::content::Kind;
use crate::table::Table;

/// What was read of a picture, and whether that explains all that it shows. A cloud of points has
/// axes with letters: reading them says nothing of it, unless they are all that is drawn. Nor do the
/// letters of a table, unless each of its figures is in a cell that the rules judge.
pub fn read(text: &str, shapes: Option<Shapes>) -> (Part, bool) {
    let mut part = Part::new(Kind::Image);
    let tabular = shapes.is_some_and(|s| s.is_table_of(text));
    // Readers of pictures put a blank line below each line of a table with wide rows.
    let lines = text.lines().filter(|line| !(tabular && line.trim().is_empty()));
    if let Ok((tables, lines)) = console::read(&lines.collect::<Vec<_>>().join("\n")) {
        (part.tables, part.lines) = (tables, lines);
    }
    let explained =
        tabular && is_judged(text, &part) || shapes.is_some_and(|s| s.is_chart_of(text));
    part.loose = !(tabular && explained);
    (part, explained)
}

/// Whether each number of a text is in a cell of its tables that no label hides; years may stand
/// anywhere.
fn is_judged(text: &str, part: &Part) -> bool {
    let numbers = |text: &str| -> Vec<String> {
        let runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
        runs.map(ToOwned::to_owned).collect()
    };
    let mut judged: HashMap<String, u32> = HashMap::new();
    for raw in &part.tables {
        let Some(table) = Table::build(&raw.block, 1, raw.decimal) else { continue };
        let cells = table.figures().filter(|(.., cell)| cell.value.number().is_some());
        for number in cells.flat_map(|(.., cell)| numbers(&cell.text)) {
            *judged.entry(number).or_default() += 1;
        }
    }
    let year = |run: &String| run.parse().is_ok_and(|y: u32| (1900..2101).contains(&y));
    numbers(text).iter().all(|run| {
        let left = judged.get_mut(run).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some() || year(run)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_of_a_table_explain_a_picture_only_where_each_figure_is_judged() {
        let shapes = |text: &str| {
            let small = text.chars().filter(|c| !c.is_whitespace()).count();
            Some(Shapes { small: u32::try_from(small).expect("few"), ..Shapes::default() })
        };
        // Readers put blank lines between wide rows, and lose the places of the figures.
        let text = "Statut    Menages\n\nLocataire    2348\n\nAutre    7\n\nProprio    3605\n";
        let (part, explained) = read(text, shapes(text));
        assert!(explained && !part.loose && is_judged(text, &part));
        let cells = part.tables[0].block.rows.iter().flatten();
        assert!(cells.into_iter().any(|cell| cell.text == "7" && cell.column == 1));
        let prose = "On compte parmi les menages de la zone\n3 et 4 a Lyon\n";
        assert!(!read(prose, shapes(prose)).1);
    }
}
