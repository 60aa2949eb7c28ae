//! Stata's SMCL logs, as the text that Stata shows.

/// Whether a text is SMCL.
pub fn is_smcl(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').starts_with("{smcl}")
}

/// The text of each line without directives; lines stay where they are.
pub fn plain(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn line(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    render(source, &mut out, 0);
    out
}

/// Directives within directives that are followed at most.
const DEPTH: usize = 8;
/// Characters of a line at most that a directive may add.
const WIDTH: usize = 400;

fn render(source: &str, out: &mut String, depth: usize) {
    let mut rest = source;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let Some(end) = closing(&rest[at..]) else {
            out.push_str(&rest[at..]);
            return;
        };
        directive(&rest[at + 1..at + end], out, depth);
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
}

/// The place of the brace that closes the one at the start.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn directive(body: &str, out: &mut String, depth: usize) {
    let (head, text) = match body.split_once(':') {
        Some((head, text)) => (head, Some(text)),
        None => (body, None),
    };
    let mut words = head.split_whitespace();
    let name = words.next().unwrap_or("");
    let number = words.next().and_then(|n| n.parse::<usize>().ok()).unwrap_or(0).min(WIDTH);
    let width = |out: &String| out.chars().count();
    match (name, text) {
        ("hline", None) => out.push_str(&"-".repeat(if number == 0 { 13 } else { number })),
        ("space" | "dup", None) => out.push_str(&" ".repeat(number)),
        ("col", None) => {
            let missing = number.saturating_sub(width(out) + 1);
            out.push_str(&" ".repeat(missing));
        }
        ("c", None) => out.push(match head.trim_start_matches("c ").trim() {
            "|" => '|',
            "-" => '-',
            "-(" => '{',
            ")-" => '}',
            "S|" => '$',
            _ => '+',
        }),
        ("char", None) => {}
        (_, Some(text)) if depth < DEPTH => {
            let mut inner = String::new();
            render(text, &mut inner, depth + 1);
            let blanks = " ".repeat(number.saturating_sub(inner.chars().count()));
            match name {
                "ralign" => out.push_str(&format!("{blanks}{inner}")),
                "lalign" => out.push_str(&format!("{inner}{blanks}")),
                _ => out.push_str(&inner),
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_become_what_stata_shows() {
        let source = "{smcl}\n{com}. tab sexe\n{txt}       sexe {c |}      Freq.\n{hline 12}{c +}{hline 11}\n{ralign 11:Homme} {c |}{res}{col 15}        120\n";
        let text = plain(source);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2], "       sexe |      Freq.");
        assert_eq!(lines[3], "------------+-----------");
        assert!(lines[4].starts_with("      Homme |") && lines[4].ends_with("120"));
    }

    #[test]
    fn broken_directives_are_shown_as_they_are() {
        assert_eq!(plain("a {res b\n{"), "a {res b\n{");
        let deep = format!("{}x{}", "{b:".repeat(50), "}".repeat(50));
        let _ = plain(&deep);
    }
}
