//! Prints how the engine understands a file: its parts, its tables with the role of each column
//! and row, and what it noticed beside them.
use disclosure::extract::Extract;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for name in std::env::args().skip(1) {
        let document = disclosure::read(&name, &std::fs::read(&name)?);
        println!("{name}: {:?}, {} pictures", document.kind, document.pictures.len());
        for seen in &document.seen {
            println!("  seen {seen:?}");
        }
        let mut before = 0;
        for part in document.parts {
            let extract = Extract::of(part, before);
            before += extract.tables.len();
            println!("  part {:?}: {} lines of prose", extract.within, extract.prose.len());
            for line in &extract.prose {
                println!("    {}: {}", line.number, line.text);
            }
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
