//! Writes seeded tables to protect: `protect_shapes FOLDER [SEED [NAME...]]` makes
//! `FOLDER/NAME/cells.csv` and `relations.json` for each shape.

#[path = "../tests/protect_shapes/mod.rs"]
mod protect_shapes;

use std::{error::Error, fmt::Write as _, fs, path::Path};

use disclosure::protect::{Instance, Status};
use protect_shapes::{SHAPES, Shape};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder to write to")?;
    let seed = arguments.next().map_or(Ok(7), |seed| seed.parse())?;
    let names: Vec<String> = arguments.collect();
    let named = |name: &String| Shape::named(name).ok_or(format!("no shape is called {name}"));
    let named: Vec<Shape> = names.iter().map(named).collect::<Result<_, _>>()?;
    for shape in if named.is_empty() { SHAPES } else { named.as_slice() } {
        write(&Path::new(&folder).join(shape.name), &shape.instance(seed))?;
    }
    Ok(())
}

fn write(folder: &Path, instance: &Instance) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let mut cells = String::from("id,value,n,status,lb,ub,lpl,upl,cost_value,cost_count\n");
    for cell in &instance.cells {
        let status = match cell.status {
            Status::Safe => "s",
            Status::Unsafe => "u",
            Status::Published => "z",
        };
        writeln!(
            cells,
            "{},{},{},{status},{},{},{},{},{},1",
            cell.id,
            cell.value,
            cell.units.unwrap_or_default(),
            cell.low,
            cell.high,
            cell.lower_level,
            cell.upper_level,
            cell.cost,
        )?;
    }
    fs::write(folder.join("cells.csv"), cells)?;
    let id = |cell: &usize| instance.cells[*cell].id.as_str();
    let constraints: Vec<serde_json::Value> = instance
        .sums
        .iter()
        .map(|sum| {
            let children: Vec<&str> = sum.children.iter().map(id).collect();
            serde_json::json!({"total": id(&sum.total), "children": children})
        })
        .collect();
    let relations = serde_json::json!({ "constraints": constraints });
    fs::write(folder.join("relations.json"), relations.to_string())?;
    Ok(())
}
