//! Cross-tabulates raw columns with dominance, for `benches/disclosure_acro.py`: a folder with `a`
//! and `b` (little-endian u32 categories) and `v` (little-endian f64). Prints CPU seconds, cells,
//! and how many of them are too small or dominated.

use std::path::PathBuf;

use disclosure::kernel::cross_tab;

/// CPU nanoseconds of this thread: the first figure of the kernel's scheduler statistics.
fn cpu() -> Result<u64, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split_whitespace().next().ok_or("no figure")?.parse()?)
}

fn column<const N: usize, T>(place: PathBuf, of: fn([u8; N]) -> T) -> std::io::Result<Vec<T>> {
    let bytes = std::fs::read(place)?;
    let chunk = |chunk: &[u8]| chunk.try_into().map_or_else(|_| of([0; N]), of);
    Ok(bytes.chunks_exact(N).map(chunk).collect())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("a folder is needed")?);
    let a = column(folder.join("a"), u32::from_le_bytes)?;
    let b = column(folder.join("b"), u32::from_le_bytes)?;
    let values = column(folder.join("v"), f64::from_le_bytes)?;
    // The kernel counts in ticks of some milliseconds: many runs make them small.
    let runs = 10;
    let (mut flagged, mut filled) = (0, 0);
    let start = cpu()?;
    for _ in 0..runs {
        (filled, flagged) = judged(&a, &b, &values)?;
    }
    let nanoseconds = (cpu()? - start) / runs;
    println!("{} {filled} {flagged}", std::time::Duration::from_nanos(nanoseconds).as_secs_f64());
    Ok(())
}

/// Cells that hold rows, and those of them that are too small or dominated.
fn judged(
    a: &[u32],
    b: &[u32],
    values: &[f64],
) -> Result<(usize, usize), Box<dyn std::error::Error>> {
    let width = b.iter().max().map_or(0, |most| most + 1);
    let height = a.iter().max().map_or(0, |most| most + 1);
    let codes: Vec<u32> = a.iter().zip(b).map(|(a, b)| a * width + b).collect();
    let cells = usize::try_from(width)? * usize::try_from(height)?;
    let table = cross_tab(values, &codes, cells)?;
    let filled = table.iter().filter(|cell| cell.units > 0);
    let flagged = filled.clone().filter(|cell| cell.units < 10 || cell.is_dominated(2, 90.0));
    Ok((filled.clone().count(), flagged.count()))
}
