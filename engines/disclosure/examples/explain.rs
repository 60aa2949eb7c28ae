//! Prints how the engine understands a file: its tables with the role of each column and row.
use disclosure::extract::text;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for name in std::env::args().skip(1) {
        let extract = text::read(&std::fs::read(&name)?)?;
        println!("{name}: {:?}, {} lines of prose", extract.kind, extract.prose.len());
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
    Ok(())
}
