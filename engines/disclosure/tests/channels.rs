//! Ways in which data leave in files that look harmless: each was passed over in silence once.

use disclosure::{Decision, FileReport, Input, RuleSet, check};
use lopdf::{Document, Object, Stream, dictionary};

fn report(name: &str, bytes: &[u8]) -> FileReport {
    let rules = RuleSet::built_in("health_11").expect("built in");
    check(&[Input { name, bytes }], &rules).remove(0)
}

fn fired(name: &str, bytes: &[u8]) -> Vec<&'static str> {
    let mut rules: Vec<_> = report(name, bytes).findings.iter().map(|f| f.rule).collect();
    rules.dedup();
    rules
}

/// A PDF of one page with these operations; `fill` may add to the document.
fn pdf(operations: &str, fill: impl FnOnce(&mut Document)) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier",
    });
    let fonts = dictionary! { "F1" => font };
    let content =
        document.add_object(Stream::new(lopdf::Dictionary::new(), operations.as_bytes().to_vec()));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "Resources" => dictionary! { "Font" => fonts },
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    let kids = dictionary! { "Type" => "Pages", "Kids" => vec![Object::from(page)], "Count" => 1 };
    document.objects.insert(pages, Object::Dictionary(kids));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    fill(&mut document);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("memory");
    bytes
}

const PROSE: &str = "BT /F1 12 Tf 72 700 Td (Les effectifs sont grands partout.) Tj ET\n";

#[test]
fn a_number_alone_on_a_line_of_a_page_is_a_figure_and_its_own_number_is_not() {
    let page =
        |alone: &str| pdf(&format!("{PROSE}BT /F1 12 Tf 300 40 Td ({alone}) Tj ET\n"), |_| {});
    assert_eq!(
        report("a.pdf", &page("1")).decision,
        Decision::Safe,
        "{:?}",
        fired("a.pdf", &page("1"))
    );
    assert_eq!(report("a.pdf", &page("4")).decision, Decision::Review);
}

#[test]
fn a_page_that_goes_on_behind_what_cannot_be_read_goes_to_a_person() {
    let broken = format!("{PROSE}]] >> )\nBT /F1 12 Tf 72 600 Td (Durand Anne 4) Tj ET\n");
    let told = report("a.pdf", &pdf(&broken, |_| {}));
    assert!(!told.checked, "{:?}", told.findings);
}

#[test]
fn what_was_filled_into_a_form_is_read() {
    let filled = pdf(PROSE, |document| {
        let value = Object::string_literal("NIR 2 69 05 49 588 157 80");
        document.add_object(dictionary! {
            "FT" => "Tx", "T" => Object::string_literal("field"), "V" => value,
        });
    });
    assert!(fired("a.pdf", &filled).contains(&"ID_DIRECT"), "{:?}", fired("a.pdf", &filled));
}

#[test]
fn an_attached_file_that_cannot_be_unpacked_is_told() {
    let attached = pdf(PROSE, |document| {
        document.add_object(dictionary! {
            "Type" => "Filespec", "F" => Object::string_literal("a.csv"),
            "EF" => dictionary! { "F" => Object::Reference((999, 0)) },
        });
    });
    assert_eq!(report("a.pdf", &attached).decision, Decision::Review);
}

#[test]
fn raw_bytes_of_a_document_are_told() {
    let data = "nom;nir\nDurand;269054958815780\n";
    let rtf = |length: usize| format!("{{\\rtf1 Texte sans chiffre.{{\\bin{length} {data}}}}}");
    let told = fired("a.rtf", rtf(data.len()).as_bytes());
    assert!(told.contains(&"EMBEDDED_OBJECT"), "{told:?}");
    assert!(!report("a.rtf", rtf(9_999).as_bytes()).checked, "longer than the file");
    assert_eq!(report("a.rtf", b"{\\rtf1 Texte sans chiffre.}").decision, Decision::Safe);
}

fn page(body: &str) -> Vec<u8> {
    format!("<!DOCTYPE html><html><body><p>Texte sans chiffre.</p>{body}</body></html>")
        .into_bytes()
}

#[test]
fn data_in_the_scripts_of_a_page_are_told_whatever_stands_beside_them() {
    let quiet = |body: &str| report("a.html", &page(body)).decision == Decision::Safe;
    assert!(quiet(""));
    assert!(quiet("<script>/*! licence MIT */ function f(a){return a+1}</script>"));
    let records = "var d=[{nom:\"x\",n:3},{nom:\"y\",n:4},{nom:\"z\",n:5}];";
    assert!(!quiet(&format!("<script>{records}</script>")));
    let numbers: Vec<String> = (0..300).map(|at| at.to_string()).collect();
    let numbers = format!("var d=[{}];", numbers.join(","));
    assert!(!quiet(&format!("<script>/*! @license MIT */{numbers}</script>")));
    assert!(!quiet(&format!("<script>{}{numbers}</script>", "x=y;".repeat(600_000))));
    let encoded = numbers.replace('[', "%5B").replace(']', "%5D");
    assert!(!quiet(&format!("<script src=\"data:text/plain,{encoded}\"></script>")));
}

#[test]
fn frames_and_pictures_of_a_page_are_read_or_told() {
    let table = "&lt;table&gt;&lt;tr&gt;&lt;th&gt;region&lt;/th&gt;&lt;th&gt;effectif&lt;/th&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;Nord&lt;/td&gt;&lt;td&gt;4&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;Sud&lt;/td&gt;&lt;td&gt;40&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;";
    let told = fired("a.html", &page(&format!("<iframe srcdoc=\"{table}\"></iframe>")));
    assert!(told.contains(&"FREQ_MIN"), "{told:?}");
    let told = report("a.html", &page("<img src=\"data:image/png;base64,@@@@\">"));
    assert!(!told.checked, "{:?}", told.findings);
    let mut seed = 7_u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed >> 22
    };
    let dots: String =
        (0..60).map(|_| format!("<circle cx='{}' cy='{}' r='2'/>", next(), next())).collect();
    let told = fired("a.html", &page(&format!("<svg width='900' height='900'>{dots}</svg>")));
    assert!(told.contains(&"PLOT_POINTS"), "{told:?}");
}

#[test]
fn each_channel_of_a_notebook_is_read() {
    let notebook = |cell: &str| {
        format!("{{\"nbformat\":4,\"nbformat_minor\":5,\"metadata\":{{}},\"cells\":[{cell}]}}")
    };
    let decide = |cell: &str| report("a.ipynb", notebook(cell).as_bytes()).decision;
    let output = |data: &str| {
        format!(
            "{{\"cell_type\":\"code\",\"source\":\"f()\",\"metadata\":{{}},\"outputs\":[{{\"output_type\":\"execute_result\",\"metadata\":{{}},\"data\":{{{data}}}}}]}}"
        )
    };
    let html = "\"text/html\":\"<table><tr><th></th><th>effectif</th></tr><tr><td>Nord</td><td>412</td></tr><tr><td>Sud</td><td>340</td></tr></table>\"";
    let twin = |plain: &str| output(&format!("{html},\"text/plain\":\"{plain}\""));
    assert_eq!(decide(&twin("      effectif\\nNord  412\\nSud   340")), Decision::Safe);
    // `4` is a part of what the page shows, and another figure.
    assert_ne!(decide(&twin("      effectif\\nNord  4\\nSud   340")), Decision::Safe);
    assert_ne!(
        decide(&output("\"text/plain\":\"<region effectif\\nNord 4\\nSud 340\\n>\"")),
        Decision::Safe
    );
    let code = |source: &str| {
        format!(
            "{{\"cell_type\":\"code\",\"source\":\"{source}\",\"metadata\":{{}},\"outputs\":[]}}"
        )
    };
    assert_eq!(decide(&code("import pandas\\nprint(1)")), Decision::Safe);
    assert_ne!(decide(&code("x = 'Durand, 2 69 05 49 588 157 80'")), Decision::Safe);
    let aside = "{\"cell_type\":\"markdown\",\"source\":\"Texte\",\"metadata\":{\"rows\":[{\"n\":3},{\"n\":4}]}}";
    assert_ne!(decide(aside), Decision::Safe);
}

#[test]
fn a_name_twice_in_an_object_goes_to_a_person() {
    let once = b"[{\"region\":\"Nord\",\"effectif\":120},{\"region\":\"Sud\",\"effectif\":130}]";
    assert_eq!(report("a.json", once).decision, Decision::Safe);
    let twice =
        b"[{\"region\":\"Nord\",\"effectif\":4,\"effectif\":120},{\"region\":\"Sud\",\"effectif\":130}]";
    assert!(!report("a.json", twice).checked);
}
