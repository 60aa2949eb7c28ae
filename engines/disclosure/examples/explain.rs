//! Prints how the engine understands files: their tables with the role of each column and row.

use disclosure::extract::{self, Extract};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for name in std::env::args().skip(1) {
        let document = extract::read(&name, &std::fs::read(&name)?);
        println!("{name}: {:?}", document.kind);
        let mut tables = 0;
        for part in document.parts {
            let extract = Extract::of(part, tables);
            tables += extract.tables.len();
            for table in &extract.tables {
                println!("  title: {}", table.title);
                for column in &table.columns {
                    println!("  column {:?}: {:?}", column.title, column.role);
                }
                for row in &table.rows {
                    let cells: Vec<&str> = row.cells.iter().map(|c| c.text.trim()).collect();
                    println!("    {:?} {:?}: {cells:?}", row.label, row.role);
                }
            }
        }
    }
    Ok(())
}
