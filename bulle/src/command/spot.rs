//! Where in a file a finding is, in words: what a line and a column alone do not say of a workbook, a
//! notebook or an archive.

use disclosure::Spot;

/// The parts of the file that lead to the place, from the outside in: `member a.xlsx`, `sheet Ventes`.
pub fn inside(spot: &Spot) -> Vec<String> {
    let within = &spot.within;
    let text = |name: &str, at: &Option<String>| at.as_ref().map(|at| format!("{name} {at}"));
    let number = |name: &str, at: Option<u32>| at.map(|at| format!("{name} {at}"));
    let parts = [
        text("member", &within.member),
        text("part", &within.part),
        number("page", within.page),
        number("notebook cell", within.cell_index),
        text("sheet", &within.sheet),
        text("cell", &within.cell),
        number("table", spot.table),
    ];
    parts.into_iter().flatten().collect()
}
