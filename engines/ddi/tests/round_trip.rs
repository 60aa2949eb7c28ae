//! What an export writes, an import reads as the same code book.

use ddi::{
    Agent, Category, CodeBook, Coded, DataFile, Derivation, Event, Format, Id, Interval, Item,
    Link, Location, Nation, Note, Question, Range, Related, Series, Stat, Statement, Term, Text,
    ValueRange, Variable, VariableGroup, Version, export, import,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

/// A text as the model holds it: no white space around, single spaces inside, XML's own characters.
fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9é<>&\"'\\]äλ]{1,6}( [a-z&]{1,3})?"
}

fn id() -> impl Strategy<Value = String> {
    "[A-Z][0-9]{1,3}"
}

fn language() -> impl Strategy<Value = Option<String>> {
    of(prop::sample::select(vec!["fr", "en", "en-GB", "fi"]).prop_map(str::to_owned))
}

fn text() -> impl Strategy<Value = Text> {
    vec((language(), prop_oneof![word(), Just(String::new())]), 0..3).prop_map(Text)
}

prop_compose! {
    fn link()(uri in of(word()), title in of(word()), text in word(), language in language()) -> Link {
        Link { uri, title, text, language, ..Link::default() }
    }
}

prop_compose! {
    fn agent()(name in word(), language in of(Just("de".to_owned())), abbreviation in of(word()),
        role in of(word()), email in of(word())) -> Agent {
        Agent { name, language, abbreviation, role, email, ..Agent::default() }
    }
}

prop_compose! {
    fn term()(text in word(), vocabulary in of(word()), vocabulary_uri in of(word()), id in of(id()),
        language in language()) -> Term {
        Term { id, text, vocabulary, vocabulary_uri, language }
    }
}

prop_compose! {
    fn coded()(text in word(), clusion in of(Just("I".to_owned())),
        concepts in vec(term(), 0..2)) -> Coded {
        Coded { text, language: None, clusion, concepts }
    }
}

prop_compose! {
    fn event()(event in of(word()), date in of(word()), text in word(), language in language()) -> Event {
        Event { event, date, text, language, ..Event::default() }
    }
}

prop_compose! {
    fn stat()(kind in of(word()), weighted: bool, value in word()) -> Stat {
        Stat { kind, weighted, value }
    }
}

prop_compose! {
    fn category()(id in of(id()), value in of(word()), labels in text(), missing: bool,
        definitions in text(), stats in vec(stat(), 0..3)) -> Category {
        Category { id, value, labels, missing, definitions, stats }
    }
}

prop_compose! {
    fn values()(ranges in vec((of(word()), of(word())), 1..3), items in vec(of(word()), 0..3)) -> ValueRange {
        let range = |(min, max)| Range { min, max, ..Range::default() };
        ValueRange {
            ranges: ranges.into_iter().map(range).collect(),
            items: items.into_iter().map(|value| Item { units: None, value }).collect(),
        }
    }
}

prop_compose! {
    fn question()(id in id(), pre in text(), literal in text(), post in text(), text in word()) -> Question {
        Question { id: Some(id), pre, literal, post, text, ..Question::default() }
    }
}

prop_compose! {
    fn variable()(
        name in word(),
        files in vec(id(), 0..2),
        interval in of(prop::sample::select(vec![Interval::Continuous, Interval::Discrete])),
        (decimals, weight) in (of(any::<u32>()), any::<bool>()),
        (start, width) in (of(any::<u32>()), of(any::<u32>())),
        (labels, definitions) in (text(), text()),
        question in of(question()),
        (valid, invalid) in (of(values()), of(values())),
        (stats, categories) in (vec(stat(), 0..3), vec(category(), 0..3)),
        (universes, concepts) in (vec(coded(), 0..2), vec(term(), 0..2)),
        format in of((of(word()), word())),
        derivation in of((id(), text())),
        notes in vec((of(word()), word()), 0..2),
    ) -> Variable {
        Variable {
            name, files, interval, decimals, weight, labels, definitions, question, valid, invalid,
            stats, categories, universes, concepts,
            locations: vec![Location { start, width, ..Location::default() }],
            format: format.map(|(kind, text)| Format { kind, text, ..Format::default() }),
            derivation: derivation
                .map(|(id, commands)| Derivation { variables: vec![id], commands, ..Derivation::default() }),
            notes: notes.into_iter().map(|(kind, text)| Note { kind, text, ..Note::default() }).collect(),
            ..Variable::default()
        }
    }
}

prop_compose! {
    fn file()(id in of(id()), names in text(), cases in of(any::<u64>()), variables in of(any::<u64>()),
        kinds in word(), charset in of(word()), structure in of(word())) -> DataFile {
        let kinds = Text(vec![(None, kinds)]);
        DataFile { id, names, cases, variables, kinds, charset, structure, ..DataFile::default() }
    }
}

prop_compose! {
    fn book()(
        (id, language) in (of(id()), language()),
        (titles, abstracts, parallel_titles) in (text(), text(), text()),
        ids in vec((of(word()), word()), 0..3),
        (authors, contacts) in (vec(agent(), 0..3), vec(agent(), 0..2)),
        (keywords, topics) in (vec(term(), 0..3), vec(term(), 0..3)),
        (time_periods, collection_dates) in (vec(event(), 0..3), vec(event(), 0..3)),
        nation in of((word(), word())),
        (universes, analysis_units) in (vec(coded(), 0..2), vec(coded(), 0..2)),
        (required, restrictions) in (of(word()), text()),
        (links, holdings) in (vec(link(), 0..2), vec(link(), 0..2)),
        (files, variables) in (vec(file(), 0..3), vec(variable(), 0..4)),
        groups in vec((id(), text()), 0..3),
    ) -> CodeBook {
        let mut book = CodeBook {
            version: Some("2.5".into()),
            id, language, titles, abstracts, parallel_titles, authors, contacts, keywords, topics,
            time_periods, collection_dates, universes, analysis_units, holdings, files, variables,
            ..CodeBook::default()
        };
        book.ids = ids.into_iter().map(|(agency, value)| Id { agency, value, language: None }).collect();
        book.nations = nation.into_iter().map(|(name, abbreviation)| Nation {
            abbreviation: Some(abbreviation),
            names: Text(vec![(None, name.clone()), (Some("fi".into()), name)]),
            concepts: Vec::new(),
        }).collect();
        book.series = vec![Series { names: book.titles.clone(), ..Series::default() }];
        book.access.confidentiality = vec![Statement { required, text: "x".into(), ..Statement::default() }];
        book.access.restrictions = restrictions;
        book.related_publications =
            vec![Related { text: "a book".into(), links, citations: book.titles.clone(), ..Related::default() }];
        book.groups = groups.into_iter().map(|(id, labels)| VariableGroup {
            variables: vec![id.clone()], id: Some(id), labels, ..VariableGroup::default()
        }).collect();
        book
    }
}

/// Forgets the lines, which a code book that was never read has not.
fn without_lines(mut book: CodeBook) -> CodeBook {
    book.variables.iter_mut().for_each(|variable| variable.line = 0);
    book
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        rng_seed: proptest::test_runner::RngSeed::Fixed(5),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn an_export_is_read_as_the_code_book_that_was_written(book in book()) {
        let xml = export(&book, Version::V2_5);
        let imported = import(xml.as_bytes()).unwrap();
        prop_assert_eq!(imported.codebooks.len(), 1);
        let again = without_lines(imported.codebooks.into_iter().next().unwrap());
        prop_assert_eq!(&again.variables, &book.variables, "{}", xml);
        prop_assert_eq!(&again, &book, "{}", xml);
        prop_assert_eq!(export(&again, Version::V2_5), xml);
    }

    /// Whatever bytes come, an import answers; it never panics.
    #[test]
    fn no_bytes_make_an_import_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = import(&bytes);
    }

    /// Pieces of XML in any order: what is accepted comes back from its export unchanged.
    #[test]
    fn whatever_is_accepted_comes_back(pieces in vec(prop::sample::select(PIECES.to_vec()), 0..25)) {
        let document = format!("<codeBook>{}</codeBook>", close(&pieces));
        let book = import(document.as_bytes()).unwrap().codebooks.remove(0);
        let xml = export(&book, Version::V2_5);
        let mut again = import(xml.as_bytes()).unwrap().codebooks.remove(0);
        again.version = book.version.clone();
        prop_assert_eq!(without_lines(again), without_lines(book), "{}\n{}", document, xml);
    }
}

const PIECES: [&str; 26] = [
    "<stdyDscr>",
    "<citation>",
    "<titlStmt>",
    "<titl>",
    "<titl xml:lang='fr'>",
    "<AuthEnty>",
    "<rspStmt>",
    "<dataDscr>",
    "<var name='a'>",
    "<var ID='b' wgt='wgt'>",
    "<labl>",
    "<qstn>",
    "<qstnLit>",
    "<catgry missing='Y'>",
    "<catValu>",
    "<fileDscr>",
    "<fileTxt>",
    "<emph>",
    "<p>",
    "<concept vocab='v'>",
    "<nope x='1'>",
    "text",
    " a &amp; b ",
    "/",
    "/",
    "//",
];

/// Closes what the pieces open, at each `/` or at the end.
fn close(pieces: &[&str]) -> String {
    let mut open: Vec<&str> = Vec::new();
    let mut xml = String::new();
    for piece in pieces {
        if let Some(tag) = piece.strip_prefix('<') {
            open.push(tag.split([' ', '>']).next().unwrap());
            xml.push_str(piece);
        } else if piece.starts_with('/') {
            for name in (0..piece.len()).filter_map(|_| open.pop()) {
                xml.extend(["</", name, ">"]);
            }
        } else {
            xml.push_str(piece);
        }
    }
    open.iter().rev().for_each(|name| xml.extend(["</", name, ">"]));
    xml
}
