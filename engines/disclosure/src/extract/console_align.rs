//! Data frames as R and pandas print them: words and figures in turns, each column flush at one end.

/// Rows from which on the blanks that they share are columns.
const LEAST: usize = 3;

/// A piece of a line: its first and last place in characters, and its text.
pub type Piece = (usize, usize, String);

/// The cells of a header and its lines, where figures and words stand in turns and every column of
/// the header has its place; `None` for other tables.
pub fn columns(lines: &[&str]) -> Option<Vec<Vec<Piece>>> {
    lines.iter().skip(1).any(|line| is_mixed(line)).then(|| aligned(lines))?
}

/// The same of lines that are known for those of a table, whatever stands in them.
pub fn aligned(lines: &[&str]) -> Option<Vec<Vec<Piece>>> {
    let (header, body) = lines.split_first()?;
    if body.len() < LEAST || lines.len() > 100_000 {
        return None;
    }
    let names = words(header);
    if names.len() < 2 || body.iter().any(|line| words(line).len() < names.len()) {
        return None;
    }
    let segments = segments(&names, &shared(lines))?;
    let cut = |line: &&str| -> Vec<Piece> {
        let chars: Vec<char> = line.chars().collect();
        let piece = |(from, to): &(usize, usize)| {
            let text: String =
                chars.get(*from..=(*to).min(chars.len().checked_sub(1)?))?.iter().collect();
            let text = text.trim();
            (!text.is_empty()).then(|| (*from, *to, text.to_owned()))
        };
        segments.iter().filter_map(piece).collect()
    };
    let rows: Vec<Vec<Piece>> = lines.iter().map(cut).collect();
    // Every line fills every column, but for the header above the row names.
    let whole = rows.iter().skip(1).all(|row| row.len() == segments.len());
    whole.then_some(rows)
}

/// Whether a figure stands before a word: no label with figures behind it.
fn is_mixed(line: &str) -> bool {
    let figure = |w: &str| w.parse::<f64>().is_ok();
    let words: Vec<&str> = line.split_whitespace().collect();
    let first = words.iter().position(|w| figure(w));
    // `20-50` is the name of a class.
    let class = |w: &str| w.trim_start_matches('-').contains('-');
    let last =
        words.iter().rposition(|w| !figure(w) && (w.contains(char::is_alphabetic) || class(w)));
    matches!((first, last), (Some(first), Some(last)) if first < last)
}

fn words(line: &str) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    let mut open = false;
    for (at, c) in line.chars().enumerate() {
        match (c == ' ', open) {
            (true, _) => open = false,
            (false, false) => {
                open = true;
                out.push((at, at));
            }
            (false, true) => out.last_mut().into_iter().for_each(|word| word.1 = at),
        }
    }
    out
}

/// The runs of places at which some line has a letter.
fn shared(lines: &[&str]) -> Vec<(usize, usize)> {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0).min(2000);
    let mut used = vec![false; width];
    for line in lines {
        for (at, _) in line.chars().take(width).enumerate().filter(|(_, c)| *c != ' ') {
            used[at] = true;
        }
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for at in (0..width).filter(|at| used[*at]) {
        match runs.last_mut() {
            Some(run) if run.1 + 1 == at => run.1 = at,
            _ => runs.push((at, at)),
        }
    }
    runs
}

/// The columns: runs that bear a name of the header, with what is left of them up to the last such
/// run; the first may bear none, where it holds the names of the rows. `None` where two names share
/// a run.
fn segments(names: &[(usize, usize)], runs: &[(usize, usize)]) -> Option<Vec<(usize, usize)>> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    let mut from = None;
    for (at, run) in runs.iter().enumerate() {
        let own = names.iter().filter(|n| n.0 >= run.0 && n.1 <= run.1).count();
        match own {
            0 if at == 0 => out.push(*run),
            0 => from = from.or(Some(run.0)),
            1 => out.push((from.take().unwrap_or(run.0), run.1)),
            _ => return None,
        }
    }
    if let (Some(_), Some(last), Some(run)) = (from, out.last_mut(), runs.last()) {
        last.1 = run.1;
    }
    (out.len() == names.len() || out.len() == names.len() + 1).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_figures_in_turns_are_cut_where_all_lines_have_a_blank() {
        let lines = [
            "          classe   ghm duree   sortie age",
            "7297   45-64 ans 08C48     1 domicile  59",
            "7841   18-44 ans 05M09     1    décès  34",
            "8453 80 ans et + 08C48     1 domicile  91",
        ];
        let rows = columns(&lines).expect("a data frame");
        let texts = |row: usize| rows[row].iter().map(|p| p.2.as_str()).collect::<Vec<_>>();
        assert_eq!(texts(0), ["classe", "ghm", "duree", "sortie", "age"]);
        assert_eq!(texts(3), ["8453", "80 ans et +", "08C48", "1", "domicile", "91"]);
        assert_eq!(columns(&["a b", "x 1", "y 2", "z 3"]), None);
    }
}
