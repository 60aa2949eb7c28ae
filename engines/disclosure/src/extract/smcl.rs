//! Stata's SMCL logs: directives in braces, laid out as Stata prints them.

use super::{Part, Unread, console};
use crate::content::Kind;

/// Whether text is a SMCL log.
pub fn is(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').starts_with("{smcl}")
}

/// Reads a log.
///
/// # Errors
/// More cells than are read.
pub fn read(text: &str) -> Result<Part, Unread> {
    let printed: Vec<String> = text.lines().map(line).collect();
    let printed = printed.join("\n");
    let mut part = Part::new(Kind::ConsoleText);
    (part.tables, part.lines) = console::read(&printed)?;
    part.text = printed;
    Ok(part)
}

/// A line as Stata prints it.
pub fn line(source: &str) -> String {
    let mut out = String::new();
    render(source, &mut out, 0);
    out.trim_end().to_owned()
}

/// Directives inside directives that are rendered at most.
const MAX_DEPTH: usize = 20;

/// The widest line that is laid out: Stata's own limit.
const WIDTH: usize = 255;

fn render(source: &str, out: &mut String, depth: usize) {
    let mut rest = source;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let Some(end) = close(&rest[at..]) else {
            out.push_str(&rest[at..]);
            return;
        };
        let inner = &rest[at + 1..at + end];
        if depth < MAX_DEPTH {
            directive(inner, out, depth);
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
}

/// Where the brace that is first closes.
fn close(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, b) in text.bytes().enumerate() {
        match b {
            b'{' => open += 1,
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn directive(inner: &str, out: &mut String, depth: usize) {
    let (head, text) = match inner.split_once(':') {
        Some((head, text)) => (head, Some(text)),
        None => (inner, None),
    };
    let (name, argument) = head.split_once(' ').unwrap_or((head, ""));
    let number = argument.split_whitespace().next().and_then(|n| n.parse::<usize>().ok());
    let shown = || {
        let mut inside = String::new();
        render(text.unwrap_or_default(), &mut inside, depth + 1);
        inside
    };
    let pad = |out: &mut String, to: usize| {
        while out.chars().count() < to.min(WIDTH) {
            out.push(' ');
        }
    };
    match name {
        "c" | "char" => out.push(match argument.trim() {
            "|" => '|',
            "-" => '-',
            "S|" => '$',
            "-(" => '{',
            ")-" => '}',
            _ => '+',
        }),
        "hline" => out.push_str(&"-".repeat(number.unwrap_or(78).min(WIDTH))),
        "space" => out.push_str(&" ".repeat(number.unwrap_or(1).min(WIDTH))),
        "col" => pad(out, number.unwrap_or(1).saturating_sub(1)),
        "dup" => out.push_str(
            &shown().repeat(number.unwrap_or(1).min(WIDTH)).chars().take(WIDTH).collect::<String>(),
        ),
        "ralign" | "rcenter" => {
            let text = shown();
            let width = number.unwrap_or(0).min(WIDTH);
            out.push_str(&" ".repeat(width.saturating_sub(text.chars().count())));
            out.push_str(&text);
        }
        "lalign" | "center" | "centre" => {
            let text = shown();
            let width = number.unwrap_or(0).min(WIDTH);
            out.push_str(&text);
            out.push_str(&" ".repeat(width.saturating_sub(text.chars().count())));
        }
        "smcl" | "p_end" | "p" | "pstd" | "phang" | "pin" => {}
        _ => out.push_str(&shown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_tabulation_is_laid_out() {
        let source = "{txt}{ralign 12:femme}{space 2}{c |}{res}{space 9}12{space 6}   40.00";
        assert_eq!(line(source), "       femme  |         12         40.00");
        assert_eq!(line("{hline 5}{c +}{hline 3}"), "-----+---");
        assert_eq!(line("{txt}a{col 6}{res}b {it:c {bf:d}} {c -(}"), "a    b c d {");
    }
}
