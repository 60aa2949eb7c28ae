//! Prints how the engine understands a file: its parts, its tables with the role of each column
//! and row, and what it noticed beside them. `--rules NAME` adds what the check finds.
use disclosure::extract::Extract;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let mut rules = None;
    if names.first().is_some_and(|first| first == "--rules") && names.len() > 1 {
        rules = Some(disclosure::RuleSet::built_in(&names[1])?);
        names.drain(..2);
    }
    for name in names {
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
        if let Some(rules) = &rules {
            judge(&name, rules)?;
        }
    }
    Ok(())
}

fn judge(name: &str, rules: &disclosure::RuleSet) -> std::io::Result<()> {
    let bytes = std::fs::read(name)?;
    for report in disclosure::check(&[disclosure::Input { name, bytes: &bytes }], rules) {
        println!("  {:?}", report.decision);
        for finding in report.findings {
            let (rule, severity, line) = (finding.rule, finding.severity, finding.location.at.line);
            println!("    {rule} {severity:?} {line:?} {}", finding.message);
        }
    }
    Ok(())
}
