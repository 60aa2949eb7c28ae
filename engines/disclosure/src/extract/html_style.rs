//! What the styles of a page keep from being seen.

use super::markup::{Piece, Pieces};
use super::xlsx_styles::near_white;

/// Classes and ids that the page's own styles do not show.
pub fn hiding_classes(page: &str) -> Vec<String> {
    let mut out = Vec::new();
    let styles = Pieces::new(page).scan(false, |open, (_, piece)| {
        let raw = match piece {
            Piece::Open(ref name, ..) => {
                *open = name == "style";
                None
            }
            Piece::Raw(raw) if *open => Some(raw),
            _ => None,
        };
        Some(raw)
    });
    for rule in styles.flatten().flat_map(|style| style.split('}')).take(20_000) {
        let Some((names, body)) = rule.rsplit_once('{') else { continue };
        if hides(body) {
            // `.a, #b` and not `.a .b` or `.a:hover`: what they choose depends on the rest.
            let simple = |n: &&str| {
                n.starts_with(['.', '#'])
                    && !n.contains(|c: char| " :>[+~".contains(c))
                    && n.len() > 1
            };
            out.extend(names.split(',').map(str::trim).filter(simple).map(ToOwned::to_owned));
        }
    }
    out.truncate(500);
    out
}

/// Whether declarations keep something from being seen.
pub fn hides(style: &str) -> bool {
    let style: String = style.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let zero_font = style.split(';').any(|d| {
        d.strip_prefix("font-size:").is_some_and(|v| {
            let digits = v.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
            digits.parse::<f64>().is_ok_and(|size| size <= 1.0 && !v.contains("em"))
        })
    });
    let white = style.split(';').any(|d| {
        d.strip_prefix("color:")
            .is_some_and(|c| c == "white" || c == "transparent" || c == "#fff" || near_white(c))
    });
    style.contains("display:none")
        || style.contains("visibility:hidden")
        || style
            .split(';')
            .any(|d| matches!(d, "opacity:0" | "opacity:0.0" | "visibility:collapse"))
        || zero_font
        || white && !style.contains("background")
}
