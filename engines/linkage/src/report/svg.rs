//! Drawings in SVG, made on the server.

use super::escaped;
use std::fmt::Write as _;

/// One horizontal bar: its label, its length as a share of the widest, and what stands behind it.
pub(super) struct Bar {
    pub label: String,
    /// From -1 to 1; negative bars go to the left of the axis.
    pub length: f64,
    pub value: String,
}

/// Horizontal bars, one a line.
pub(super) fn bars(title: &str, bars: &[Bar]) -> String {
    let signed = bars.iter().any(|bar| bar.length < 0.0);
    let (labels, width) = (330.0, 420.0);
    let (axis, scale) = if signed { (labels + width / 2.0, width / 2.0) } else { (labels, width) };
    let height = 20 * bars.len() + 8;
    let mut svg = open(title, 900, height);
    for (at, bar) in bars.iter().enumerate() {
        let y = 20 * at + 4;
        let length = (bar.length.abs().min(1.0) * scale).max(0.5);
        let (x, class) = if bar.length < 0.0 { (axis - length, "b") } else { (axis, "a") };
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{}\" text-anchor=\"end\">{}</text><rect class=\"{class}\" \
             x=\"{x:.1}\" y=\"{y}\" width=\"{length:.1}\" height=\"14\"/><text x=\"{:.0}\" y=\"{}\">{}\
             </text>",
            labels - 8.0,
            y + 11,
            escaped(&bar.label),
            labels + width + 8.0,
            y + 11,
            escaped(&bar.value),
        );
    }
    let _ = writeln!(
        svg,
        "<line class=\"x\" x1=\"{axis}\" y1=\"0\" x2=\"{axis}\" y2=\"{height}\"/></svg>"
    );
    svg
}

/// Two curves over the same axis; points are shares of width and height.
pub(super) fn curves(
    title: &str,
    names: [&str; 2],
    curves: [&[(f64, f64)]; 2],
    ends: [String; 2],
    mark: f64,
) -> String {
    let (left, width, height) = (60.0, 760.0, 240.0);
    let mut svg = open(title, 900, 300);
    for (curve, class) in curves.iter().zip(["l", "m"]) {
        let points: Vec<String> = curve
            .iter()
            .map(|(x, y)| format!("{:.1},{:.1}", left + x * width, 10.0 + (1.0 - y) * height))
            .collect();
        let _ = writeln!(svg, "<polyline class=\"{class}\" points=\"{}\"/>", points.join(" "));
    }
    let cut = left + mark.clamp(0.0, 1.0) * width;
    let bottom = 10.0 + height;
    let _ = writeln!(
        svg,
        "<line class=\"x\" x1=\"{left}\" y1=\"{bottom}\" x2=\"{}\" y2=\"{bottom}\"/><line class=\"x\" \
         x1=\"{cut:.1}\" y1=\"10\" x2=\"{cut:.1}\" y2=\"{bottom}\"/><text x=\"{cut:.1}\" y=\"{}\" \
         text-anchor=\"middle\">cut</text><text x=\"{left}\" y=\"{}\">{}</text><text x=\"{}\" y=\"{}\" \
         text-anchor=\"end\">{}</text><text x=\"10\" y=\"20\">1</text><text x=\"10\" y=\"{bottom}\">0\
         </text><text x=\"300\" y=\"295\">— {}   - - {}</text></svg>",
        left + width,
        bottom + 16.0,
        bottom + 32.0,
        ends[0],
        left + width,
        bottom + 32.0,
        ends[1],
        names[0],
        names[1],
    );
    svg
}

fn open(title: &str, width: usize, height: usize) -> String {
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"{0}\"><title>{0}</title>\n",
        escaped(title)
    )
}
