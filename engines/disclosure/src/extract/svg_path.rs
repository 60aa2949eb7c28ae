//! Whether a path of a graphic is a marker: a small closed shape.

/// The widest and highest marker, in units of the graphic.
const LARGEST: f64 = 12.0;

/// The middle of a closed path of at most 12 units in width and height.
pub fn marker(d: &str) -> Option<(f64, f64)> {
    round(d).or_else(|| small_closed(d))
}

/// The middle of a polygon of that size.
pub fn corners(points: &str) -> Option<(f64, f64)> {
    let numbers = numbers(points)?;
    let pairs: Vec<(f64, f64)> = numbers.chunks_exact(2).map(|p| (p[0], p[1])).collect();
    if pairs.len() < 3 || pairs.len() > 40 {
        return None;
    }
    middle(&pairs)
}

fn numbers(text: &str) -> Option<Vec<f64>> {
    let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|w| !w.is_empty());
    words.map(|word| word.parse().ok()).collect()
}

fn middle(pairs: &[(f64, f64)]) -> Option<(f64, f64)> {
    let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
    for (x, y) in pairs {
        low = (low.0.min(*x), low.1.min(*y));
        high = (high.0.max(*x), high.1.max(*y));
    }
    let (wide, tall) = (high.0 - low.0, high.1 - low.1);
    let marker = wide <= LARGEST && tall <= LARGEST && wide > 0.0 && tall > 0.0;
    marker.then_some((f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1)))
}

/// The middle of a circle that is drawn with arcs alone (`M3,0A3,3,0,1,1,-3,0A...`), whether it is
/// closed by a letter or ends where it began; arcs may be written from where the last one ended.
fn round(d: &str) -> Option<(f64, f64)> {
    let (pairs, radius) = arcs(d.trim())?;
    let (first, last) = (pairs.first()?, pairs.last()?);
    let near =
        |p: &(f64, f64), far: f64| (p.0 - first.0).abs() < far && (p.1 - first.1).abs() < far;
    let small = radius > 0.0 && radius <= LARGEST && pairs.iter().all(|p| near(p, 2.0 * LARGEST));
    if !small || !near(last, 0.01) || pairs.len() < 2 {
        return None;
    }
    // The last place is the first one again.
    let count = f64::from(u32::try_from(pairs.len() - 1).ok()?);
    let sum = pairs[1..].iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
    Some((sum.0 / count, sum.1 / count))
}

/// The places that a path of arcs alone goes through, and its largest radius.
fn arcs(d: &str) -> Option<(Vec<(f64, f64)>, f64)> {
    if d.len() > 400 || !d.contains(['A', 'a']) {
        return None;
    }
    let commands = d.char_indices().filter(|(_, c)| c.is_ascii_alphabetic() && *c != 'e');
    let starts: Vec<(usize, char)> = commands.collect();
    let (mut at, mut radius) = ((0.0, 0.0), 0.0_f64);
    let mut pairs: Vec<(f64, f64)> = Vec::new();
    for (nth, (from, command)) in starts.iter().enumerate() {
        let to = starts.get(nth + 1).map_or(d.len(), |next| next.0);
        let own = numbers(&d[from + 1..to])?;
        match (command, own.as_slice()) {
            ('M' | 'm', [x, y]) if pairs.is_empty() => at = (*x, *y),
            ('A' | 'a', arcs) if !arcs.is_empty() && arcs.len() % 7 == 0 => {
                for arc in arcs.chunks_exact(7) {
                    let from = if *command == 'a' { at } else { (0.0, 0.0) };
                    at = (from.0 + arc[5], from.1 + arc[6]);
                    radius = radius.max(arc[0]).max(arc[1]);
                    pairs.push(at);
                }
                continue;
            }
            ('Z' | 'z', []) => at = *pairs.first()?,
            _ => return None,
        }
        pairs.push(at);
    }
    Some((pairs, radius))
}

/// The same of a path of lines and curves.
fn small_closed(d: &str) -> Option<(f64, f64)> {
    // cairo moves back to the start of what it closed.
    let d = d.trim();
    let d = d.rsplit_once(['Z', 'z']).map_or(d, |(path, rest)| {
        let back = rest.trim().strip_prefix('M').is_some_and(|r| !r.contains(char::is_alphabetic));
        if back { &d[..=path.len()] } else { d }
    });
    // R's graphic device on cairo draws a disc that ends where it began, without closing it.
    let ends = |words: Vec<&str>| {
        words.len() >= 9 && words[1..3] == words[words.len() - 2..] && d.contains('C')
    };
    let round = !d.contains(['L', 'Z', 'z']) && ends(d.split_whitespace().collect());
    if d.len() > 1200
        || !(round || d.ends_with(['z', 'Z']))
        || !d.starts_with('M')
        || d.contains(|c: char| "mlhvcsqta".contains(c))
    {
        return None;
    }
    let numbers: Vec<f64> = d
        .split(|c: char| c.is_ascii_alphabetic() || c == ',' || c.is_whitespace())
        .filter(|n| !n.is_empty())
        .filter_map(|n| n.parse().ok())
        .collect();
    let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
    for pair in numbers.chunks_exact(2) {
        low = (low.0.min(pair[0]), low.1.min(pair[1]));
        high = (high.0.max(pair[0]), high.1.max(pair[1]));
    }
    let (wide, tall) = (high.0 - low.0, high.1 - low.1);
    let marker = numbers.len() >= 6 && wide <= 12.0 && tall <= 12.0 && wide > 0.0 && tall > 0.0;
    marker.then_some((f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_of_arcs_are_markers_however_they_are_written() {
        for (d, middle) in [
            ("M3.5,0A3.5,3.5,0,1,1,-3.5,0A3.5,3.5,0,1,1,3.5,0", (0.0, 0.0)),
            ("M103,200A3,3,0,1,1,97,200A3,3,0,1,1,103,200Z", (100.0, 200.0)),
            ("M 97 200 a 3 3 0 1 0 6 0 a 3 3 0 1 0 -6 0", (100.0, 200.0)),
            ("M96 196L104 196L104 204L96 204Z", (100.0, 200.0)),
        ] {
            let (x, y) = marker(d).unwrap_or_else(|| panic!("{d}"));
            assert!((x - middle.0).abs() < 2.1 && (y - middle.1).abs() < 2.1, "{d}: {x}, {y}");
        }
        for d in ["M0,0A300,300,0,1,1,-3,0", "M0,0L300,0", "M3,0A3,3,0,1,1,-3,0", "A", ""] {
            assert_eq!(marker(d), None, "{d}");
        }
        assert_eq!(corners("10,10 14,10 12,14"), Some((12.0, 12.0)));
        assert_eq!(corners("10,10 140,10 12,14"), None);
    }
}
