//! The little SQL that conditions of Splink are made of.

use crate::block::Part;
use crate::model::given::RulePart;
use crate::read::column::{Role, recognise};

/// How a condition says whose column it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// `l.name` and `r.name`, in blocking rules.
    Prefix,
    /// `name_l` and `name_r`, in comparisons.
    Suffix,
}

/// The conditions that `AND` joins outside brackets.
pub(super) fn conditions(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0_i32, 0, Vec::new());
    let bytes = text.as_bytes();
    for at in 0..bytes.len() {
        match bytes[at] {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        let is_and = bytes[at..].len() > 4 && bytes[at..at + 5].eq_ignore_ascii_case(b" and ");
        if depth == 0 && is_and {
            found.push(&text[from..at]);
            from = at + 5;
        }
    }
    found.push(&text[from..]);
    found
}

/// Names in a text: in quotes, or of letters, digits and underscores.
fn names(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, piece) in text.split('"').enumerate() {
        if at % 2 == 1 {
            found.push(piece.to_owned());
            continue;
        }
        let words = piece.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        found.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
    }
    found
}

/// The columns that a comparison's condition reads, each once.
pub(super) fn columns(condition: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names(condition) {
        let column = name.strip_suffix("_l").or_else(|| name.strip_suffix("_r"));
        if let Some(column) = column.filter(|column| !column.is_empty())
            && !found.iter().any(|known| known == column)
        {
            found.push(column.to_owned());
        }
    }
    found
}

/// The column that a condition asks to be equal on both sides, where it asks for nothing else.
pub(super) fn equal_column(condition: &str) -> Option<String> {
    let (left, right) = bare(condition).split_once('=')?;
    let column = sided(left, 'l', Side::Suffix)?;
    (sided(right, 'r', Side::Suffix)? == column).then_some(column)
}

/// What a condition of a blocking rule asks two records to share.
pub(super) fn shared(condition: &str, side: Side) -> Option<RulePart> {
    let (left, right) = bare(condition).split_once('=')?;
    let ((left, left_cut), (right, right_cut)) = (cut_of(left), cut_of(right));
    let column = sided(left, 'l', side)?;
    if sided(right, 'r', side)? != column || left_cut != right_cut {
        return None;
    }
    let role = recognise(&column);
    let part = match (role, left_cut) {
        (Some(Role::BirthName | Role::UsageName), None) => Part::Name,
        (Some(Role::BirthName | Role::UsageName), Some((1, 3))) => Part::NameStart,
        (Some(Role::Given), None) => Part::Given,
        (Some(Role::Given), Some((1, 1))) => Part::Initial,
        (Some(Role::BirthDate), None) => Part::Birth,
        (Some(Role::BirthDate), Some((1, 4))) => Part::Year,
        (Some(Role::BirthDate), Some((1, 7))) => Part::YearMonth,
        (Some(Role::BirthDate), Some((6, 5))) => Part::MonthDay,
        (Some(Role::BirthPlace), None) => Part::Place,
        (Some(Role::Sex), None) => Part::Sex,
        (Some(Role::Nir), None) => Part::Nir,
        (Some(Role::Email), None) => Part::Email,
        (Some(Role::Phone), None) => Part::Phone,
        (Some(Role::Siren), None) => Part::Siren,
        (_, None) => return Some(RulePart::Column(column)),
        _ => return None,
    };
    Some(RulePart::Part(part))
}

/// A condition without the brackets around it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) if !inner.contains('(') || inner.trim_end().ends_with(')') => bare(inner),
        _ => text,
    }
}

/// An expression and, for `substr(expression, from, length)`, what is cut out of it.
fn cut_of(text: &str) -> (&str, Option<(u32, u32)>) {
    let text = text.trim();
    let Some((function, inside)) = text.split_once('(') else { return (text, None) };
    let is_cut =
        ["substr", "substring"].iter().any(|name| function.trim().eq_ignore_ascii_case(name));
    let parts: Vec<&str> =
        inside.trim_end().trim_end_matches(')').split(',').map(str::trim).collect();
    match parts.as_slice() {
        [column, from, length] if is_cut => match (from.parse(), length.parse()) {
            (Ok(from), Ok(length)) => (*column, Some((from, length))),
            _ => (text, None),
        },
        _ => (text, None),
    }
}

/// The column that an expression names on one side (`l` or `r`); none where it is more than that.
fn sided(text: &str, of: char, side: Side) -> Option<String> {
    let text = text.trim();
    let name = match side {
        Side::Prefix => {
            let (prefix, name) = text.split_once('.')?;
            if prefix.trim().trim_matches('"') != of.to_string() {
                return None;
            }
            name.trim()
        }
        Side::Suffix => text,
    };
    let name = match name.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"').filter(|name| !name.contains('"'))?,
        None => Some(name).filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'))?,
    };
    let name = match side {
        Side::Prefix => name,
        Side::Suffix => name.strip_suffix(of)?.strip_suffix('_')?,
    };
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_told_from_likeness() {
        assert_eq!(
            equal_column("\"first_name_l\" = \"first_name_r\"").as_deref(),
            Some("first_name")
        );
        assert_eq!(equal_column("(sex_l=sex_r)").as_deref(), Some("sex"));
        for other in
            ["a_l = b_r", "lower(a_l) = lower(a_r)", "a_l = a_r AND b_l = b_r", "a_l >= a_r"]
        {
            assert_eq!(equal_column(other), None, "{other}");
        }
        assert_eq!(
            columns("jaro_winkler_similarity(\"nom usuel_l\", \"nom usuel_r\") > 0.9"),
            ["nom usuel"]
        );
    }

    #[test]
    fn conditions_of_rules_are_parts_or_nothing() {
        let part = |text| shared(text, Side::Prefix);
        assert_eq!(part("l.dob = r.dob"), Some(RulePart::Part(Part::Birth)));
        assert_eq!(
            part("SUBSTRING(l.\"surname\", 1, 3)=substring(r.\"surname\",1,3)"),
            Some(RulePart::Part(Part::NameStart))
        );
        assert_eq!(
            part(" l.\"ville natale\" = r.\"ville natale\" "),
            Some(RulePart::Column("ville natale".into()))
        );
        for other in [
            "l.a = r.b",
            "substr(l.dob,1,4) = substr(r.dob,1,5)",
            "l.dob = l.dob",
            "l.a <> r.a",
            "dmetaphone(l.surname) = dmetaphone(r.surname)",
        ] {
            assert_eq!(part(other), None, "{other}");
        }
        assert_eq!(conditions("(l.a = r.a) AND (l.b = r.b and l.c = r.c)").len(), 2);
    }
}
