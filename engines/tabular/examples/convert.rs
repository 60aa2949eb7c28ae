//! `convert FILE OUT`: converts a CSV file and prints the report as JSON.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, input, output] = arguments.as_slice() else {
        return Err("usage: convert FILE OUT".into());
    };
    let mut file = std::fs::File::open(input)?;
    let options = tabular::csv::CsvOptions::default();
    let report = tabular::csv::convert(&mut file, Path::new(output), &options, &mut |_| {})?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
