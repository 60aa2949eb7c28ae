//! Properties of documents: persons and paths that should not travel with a result.

use super::archive::Package;
use super::reading::Reading;
use super::xml::{self, Xml};
use super::{Line, Part, Sight, Unread};
use crate::content::Kind;
use crate::report::Location;

/// Programs that write their own name where a person's would stand; the beginning is compared.
const TOOLS: &[&str] = &[
    "openpyxl",
    "python-docx",
    "python-pptx",
    "microsoft",
    "libreoffice",
    "xlsxwriter",
    "pandas",
    "apache poi",
    "r ",
    "r-",
    "rstudio",
    "knitr",
    "pandoc",
    "matplotlib",
    "reportlab",
    "latex",
    "pdftex",
    "xetex",
    "luatex",
    "tex",
    "cairo",
    "ghostscript",
    "anonymous",
    "user",
    "utilisateur",
    "windows user",
    "untitled",
    "unknown",
    "stata",
    "sas",
    "ods",
    "openoffice",
    "google",
    "quarto",
    "unspecified",
    "(unspecified)",
    "(anonymous)",
    "author",
    "auteur",
    "inconnu",
    "anonyme",
    "writexl",
    "openxlsx",
    "excelize",
    "plotly",
    "nbconvert",
    "jupyter",
    "ggplot",
    "office",
    "root",
    "admin",
    "insert your name",
    "steve canny",
    "generated",
    "bulle",
    "none",
    "exceljs",
    "calamine",
    "ibm",
    "qt ",
    "skia",
    "chromium",
    "wkhtmltopdf",
    "weasyprint",
    "inkscape",
    "officer",
    "flextable",
];

/// Notes `value` of the property `name` where it may name a person.
pub fn person(reading: &mut Reading, name: &str, value: &str) {
    let value = value.trim();
    let lower = value.to_lowercase();
    let tool = lower == "r" || TOOLS.iter().any(|tool| lower.starts_with(tool));
    if !value.is_empty() && !tool && value.chars().any(char::is_alphabetic) {
        let what = format!("{name}: {value}");
        reading.see(Sight::Person, Location::default(), what);
    }
    path(reading, name, value);
}

/// Notes `value` of the property `name` where it holds a path of a computer.
pub fn path(reading: &mut Reading, name: &str, value: &str) {
    if has_path(value) {
        reading.see(Sight::Path, Location::default(), format!("{name}: {}", value.trim()));
    }
}

/// Whether a text holds an absolute path: a drive's, a share's, or one below a home or data folder.
pub fn has_path(text: &str) -> bool {
    let drive = text.as_bytes().windows(3).enumerate().any(|(at, w)| {
        let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
        w[0].is_ascii_alphabetic()
            && w[1] == b':'
            && w[2] == b'\\'
            && before.is_none_or(|b| !b.is_ascii_alphanumeric())
    });
    let roots = [
        "/home/", "/Users/", "/data/", "/mnt/", "/project", "/srv/", "/media/", "\\\\", "file:///",
    ];
    drive
        || roots.iter().any(|root| {
            text.match_indices(root).any(|(at, _)| {
                let before = text.get(..at).and_then(|head| head.chars().next_back());
                before.is_none_or(|c| !c.is_alphanumeric() && c != '.' && c != '/')
            })
        })
}

/// Reads the properties of an Office Open XML document.
///
/// # Errors
/// What the package cannot give.
pub fn ooxml(reading: &mut Reading, package: &mut Package<'_>) -> Result<(), Unread> {
    for part in ["docProps/core.xml", "docProps/app.xml", "docProps/custom.xml"] {
        let Some(bytes) = package.bytes(part, &mut reading.budget)? else { continue };
        fields(reading, part, &bytes, "lpwstr")?;
    }
    for (start, what) in
        [("xl/vbaProject", "VBA"), ("word/vbaProject", "VBA"), ("ppt/vbaProject", "VBA")]
    {
        for name in package.named(start, ".bin") {
            reading.inside(
                |w| w.part = Some(name),
                |r| r.see(Sight::Macro, Location::default(), what),
            );
        }
    }
    Ok(())
}

/// Reads the properties of an `OpenDocument` file.
///
/// # Errors
/// What the package cannot give.
pub fn odf(reading: &mut Reading, package: &mut Package<'_>) -> Result<(), Unread> {
    if let Some(bytes) = package.bytes("meta.xml", &mut reading.budget)? {
        fields(reading, "meta.xml", &bytes, "user-defined")?;
    }
    for name in package.named("Basic/", ".xml").into_iter().chain(package.named("Scripts/", "")) {
        if !name.ends_with("script-lc.xml")
            && !name.ends_with("script-lb.xml")
            && !name.ends_with('/')
        {
            reading.inside(
                |w| w.part = Some(name),
                |r| r.see(Sight::Macro, Location::default(), "Basic"),
            );
        }
    }
    Ok(())
}

fn fields(reading: &mut Reading, part: &str, bytes: &[u8], custom: &str) -> Result<(), Unread> {
    let mut found = Vec::new();
    let mut open = String::new();
    xml::walk(bytes, |event| {
        match event {
            Xml::Open(name, _) => name.clone_into(&mut open),
            Xml::Text(text) if !text.trim().is_empty() => {
                found.push((open.clone(), text.to_owned()));
            }
            _ => {}
        }
        Ok(())
    })?;
    reading.inside(
        |within| within.part = Some(part.to_owned()),
        |reading| {
            let mut told = Part::new(Kind::Office);
            told.loose = true;
            for (name, text) in found {
                match name.as_str() {
                    "creator" | "lastModifiedBy" | "Manager" | "Company" | "initial-creator"
                    | "printed-by" => person(reading, &name, &text),
                    "HyperlinkBase" | "description" | "subject" | "title" | "keywords"
                    | "Template" | "keyword" | "category" | "contentStatus" => {
                        path(reading, &name, &text);
                        told.lines.push(Line { number: 0, text });
                    }
                    // Properties that somebody added hold whatever somebody wrote.
                    _ if name == custom || part == "docProps/custom.xml" => {
                        path(reading, &name, &text);
                        told.lines.push(Line { number: 0, text });
                    }
                    _ => {}
                }
            }
            if !told.lines.is_empty() {
                reading.part(told);
            }
        },
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_computers_are_told_from_addresses_and_dates() {
        assert!(has_path("C:\\Users\\dupont\\base.dta"));
        assert!(has_path("from /home/dupont/base.csv"));
        assert!(has_path("\\\\srv-fiscal\\projet"));
        assert!(!has_path("https://example.org/home/x"));
        assert!(!has_path("12/03/2024"));
        assert!(!has_path("rate: \\alpha"));
    }
}
