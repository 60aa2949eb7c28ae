//! Whether a script holds data: long lists, records, rows, tables in texts.

/// The most numbers, or quoted numbers, between two brackets of a text.
pub fn longest_array(text: &str) -> usize {
    let (mut most, mut open, mut count, mut fresh) = (0, false, 0, true);
    for b in text.bytes() {
        match b {
            b'[' => (open, count, fresh) = (true, 0, true),
            b']' => {
                if open {
                    most = most.max(count);
                }
                open = false;
            }
            b',' => fresh = true,
            b' ' | b'\n' | b'\r' | b'\t' | b'"' | b'\'' | b'-' | b'.' => {}
            b'0'..=b'9' if fresh => {
                count += 1;
                fresh = false;
            }
            b'{' | b'(' => open = false,
            _ => fresh = false,
        }
    }
    most
}

/// The most objects one after the other that hold no other and give a number: `{n: 3}, {n: 4}`.
pub fn most_records(text: &str) -> usize {
    let (mut most, mut run, mut figure, mut open) = (0, 0, false, false);
    let mut before = b' ';
    for b in text.bytes() {
        match b {
            b'{' => {
                // A record inside another is none; one behind another goes on with the run.
                run = if before == b',' && !open { run } else { 0 };
                (open, figure) = (true, false);
            }
            b'}' => {
                run = if open && figure { run + 1 } else { 0 };
                most = most.max(run);
                open = false;
            }
            b',' if !open && before != b'}' => run = 0,
            b'(' | b';' => (open, run) = (false, 0),
            b'0'..=b'9' if open && matches!(before, b':' | b'"' | b'\'' | b'-' | b'.') => {
                figure = true;
            }
            _ => {}
        }
        if !b.is_ascii_whitespace() {
            before = b;
        }
    }
    most
}

/// Whether JSON holds data and not only settings.
pub fn is_rich(text: &str) -> bool {
    longest_array(text) >= 3 || most_records(text) >= 2 || text.contains("\"bdata\"")
}

/// Whether a script holds data. Libraries have tables of their own (colours, keys, breakpoints),
/// shorter than those of data; a licence or a size does not make a script one.
pub fn holds_data(script: &str) -> bool {
    let functions = script.matches("function").count() + script.matches("=>").count();
    let (numbers, records) =
        if functions > (script.len() / 4_000).max(4) { (1_000, 200) } else { (20, 3) };
    longest_array(script) >= numbers
        || most_records(script) >= records
        || most_rows(script) >= records.max(ROWS)
        || most_lines(script) >= records.max(ROWS)
}

/// Rows of numbers, or lines of a table in a text, from which on a script holds data.
const ROWS: usize = 5;

/// The most lists of as many values, with a number among them, that follow each other:
/// `[[74, 3], [79, 2]]`.
fn most_rows(text: &str) -> usize {
    let (mut most, mut run, mut width) = (0, 0, 0);
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        rest = &rest[at + 1..];
        let Some(end) = rest.find(['[', ']']) else { break };
        let inner = &rest[..end];
        let values = inner.split(',').count();
        let figures = inner.split(',').filter(|v| is_figure(v)).count();
        if rest[end..].starts_with('[') || values < 2 || figures == 0 {
            (run, width) = (0, 0);
            continue;
        }
        run = if values == width { run + 1 } else { 1 };
        (most, width) = (most.max(run), values);
        rest = &rest[end + 1..];
        // Only a comma parts the rows of one list.
        let next = rest.trim_start().strip_prefix(',').map(str::trim_start);
        if !next.is_some_and(|next| next.starts_with('[')) {
            width = 0;
        }
    }
    most
}

fn is_figure(text: &str) -> bool {
    text.trim().trim_matches(['"', '\'']).parse::<f64>().is_ok()
}

/// The most lines that follow each other in a text between backticks and have as many commas,
/// semicolons or tabs, with a figure: a table as text.
fn most_lines(script: &str) -> usize {
    let mut most = 0;
    for text in script.split('`').skip(1).step_by(2) {
        for delimiter in [',', ';', '\t'] {
            let (mut run, mut width) = (0, 0);
            for line in text.lines() {
                let cells = line.matches(delimiter).count() + 1;
                let figure = line.split(delimiter).any(is_figure);
                run = match cells >= 2 && figure {
                    true if cells == width => run + 1,
                    told => usize::from(told),
                };
                width = if run > 0 { cells } else { 0 };
                most = most.max(run);
            }
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_literals_are_counted() {
        assert_eq!(longest_array("f([1, -2.5, \"3\"]) [1]"), 3);
        assert_eq!(longest_array("[\"a\", {x: 1}]"), 0);
        assert_eq!(most_records("[{a:\"x\",n:3}, {a:\"y\", n: 4},{a:\"z\",n:5}]"), 3);
        assert_eq!(most_records("f({a:1});f({a:2});f({a:3})"), 1);
        assert_eq!(most_records("{a:{b:1},c:2}"), 1);
        assert_eq!(most_rows("x = {\"data_json\": \"[[74, 3, 0], [79, 3, 1], [44, 2, 0]]\"}"), 3);
        assert_eq!(most_rows("[[0, 'asc']], [1, 2], f([3, 4]); a[1]"), 1);
        let table = "const csv = `age,sexe\n74,F\n31,H\n58,F\n44,H\n60,F\n`; f(`a`);";
        assert_eq!(most_lines(table), 5);
        assert_eq!(most_lines("f(`${a}, ${b}\n, c`)"), 0);
        assert!(holds_data(table) && !holds_data("f([1, 2], [3, 4])"));
    }
}
