use domain::Lang;
use lopdf::Document;

use super::*;

fn paper(blocks: Vec<Block>) -> Paper {
    Paper {
        title: "Évaluation d’une réforme".to_owned(),
        lang: Lang::Fr,
        at: "2026-11-02T10:00:00Z".parse().unwrap(),
        running: vec!["Centre d’accès sécurisé · 2026-0007".to_owned()],
        blocks: [vec![Block::Title("Évaluation".to_owned())], blocks].concat(),
    }
}

fn file(blocks: Vec<Block>) -> Vec<u8> {
    render(&paper(blocks), |page, pages| format!("page {page} sur {pages}")).unwrap()
}

/// The text of each page, without its line breaks.
fn pages(file: &[u8]) -> Vec<String> {
    let read = Document::load_mem(file).unwrap();
    let page = |number: u32| read.extract_text(&[number]).unwrap().replace('\n', "");
    read.get_pages().into_keys().map(page).collect()
}

#[test]
fn accents_and_french_blanks_can_be_copied_from_the_file() {
    let said = "Œuvre : « l’été dernier », coût de 1\u{202f}250\u{a0}€ – naïveté.";
    let pages = pages(&file(vec![Block::Pair("Résumé".to_owned(), said.to_owned())]));
    assert_eq!(pages.len(), 1);
    for word in [said, "Résumé", "Centre d’accès sécurisé · 2026-0007", "page 1 sur 1"] {
        assert!(pages[0].contains(word), "{word}: {}", pages[0]);
    }
}

#[test]
fn the_same_paper_gives_the_same_bytes() {
    let blocks = || vec![Block::Heading("But".to_owned()), Block::Text("Un texte".to_owned())];
    assert_eq!(file(blocks()), file(blocks()));
}

#[test]
fn long_texts_and_tables_go_on_over_pages_and_lose_nothing() {
    let words: Vec<String> = (0..3_000).map(|n| format!("mot{n}.")).collect();
    let long = words.join(" ");
    let row = vec!["Source".to_owned(), long.clone()];
    let heads = vec!["Nom".to_owned(), "Pourquoi".to_owned()];
    let table = Table { heads, shares: vec![1.0, 2.0], rows: vec![row] };
    let pages = pages(&file(vec![Block::Text(long.clone()), Block::Table(table)]));
    assert!(pages.len() > 8, "{}", pages.len());
    let all = pages.concat();
    for word in &words {
        assert_eq!(all.matches(word.as_str()).count(), 2, "{word}");
    }
    let last = pages.last().unwrap();
    assert!(last.contains("Pourquoi"), "the heads stand on each page: {last}");
    assert!(last.contains(&format!("page {0} sur {0}", pages.len())));
}

#[test]
fn what_the_font_does_not_have_is_marked_and_breaks_nothing() {
    let pages =
        pages(&file(vec![Block::Text("a漢b \u{0}\u{7}c\u{feff}\u{fffe} e\u{301}\td".to_owned())]));
    assert!(pages[0].contains("a\u{fffd}b c é d"), "{}", pages[0]);
}

#[test]
fn an_empty_cell_a_wide_word_and_no_rows_are_laid_out() {
    let wide = "x".repeat(400);
    let table = |rows| {
        let heads = vec!["A".to_owned(), "B".to_owned()];
        Block::Table(Table { heads, shares: vec![1.0, 1.0], rows })
    };
    let rows = vec![vec![String::new(), wide.clone()], vec![wide.clone(), String::new()]];
    let pages = pages(&file(vec![table(rows), table(vec![]), Block::Text(String::new())]));
    assert_eq!(pages.concat().matches('x').count(), 800);
}

#[test]
fn the_structure_is_tagged_for_screen_readers() {
    let heads = vec!["Nom".to_owned()];
    let table = Table { heads, shares: vec![1.0], rows: vec![vec!["Enquête".to_owned()]] };
    let bytes = file(vec![Block::Heading("Sources".to_owned()), Block::Table(table)]);
    let read = Document::load_mem(&bytes).unwrap();
    let kinds: Vec<String> = read
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok()?.get(b"S").ok()?.as_name().ok())
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    for kind in ["H1", "H2", "Table", "TR", "TH"] {
        assert!(kinds.iter().any(|found| found == kind), "{kind} in {kinds:?}");
    }
    let catalog = read.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"fr");
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("pdfuaid:part"), "the file says that it is PDF/UA");
}
