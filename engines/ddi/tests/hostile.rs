//! What an import does with documents that are broken, hostile or not what they say.

use ddi::{Code, DdiError, Kept, Limits, Place, Version, export, import, import_within};

fn codebook(inside: &str) -> String {
    format!("<codeBook xmlns=\"ddi:codebook:2_5\" version=\"2.5\">{inside}</codeBook>")
}

fn title(inside: &str) -> String {
    codebook(&format!(
        "<stdyDscr><citation><titlStmt><titl>{inside}</titl></titlStmt></citation></stdyDscr>"
    ))
}

/// The first title, in no language.
fn read_title(bytes: &[u8]) -> String {
    import(bytes).unwrap().codebooks[0].titles.0[0].1.clone()
}

#[test]
fn an_xml_bomb_is_refused_before_anything_is_expanded() {
    let mut bomb =
        String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE codeBook [\n<!ENTITY a0 \"ha\">");
    for level in 1..30 {
        let before = format!("&a{};", level - 1).repeat(10);
        bomb.extend(["<!ENTITY a", &level.to_string(), " \"", &before, "\">"]);
    }
    bomb.push_str("]>");
    bomb.push_str(&title("&a29;"));
    let place = Place { line: 2, column: 1 };
    assert_eq!(import(bomb.as_bytes()).unwrap_err(), DdiError::EntityDeclaration(place));
}

#[test]
fn an_entity_that_names_a_file_is_refused() {
    let document =
        format!("<!DOCTYPE codeBook [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{}", title("&x;"));
    assert!(matches!(import(document.as_bytes()), Err(DdiError::EntityDeclaration(_))));
}

#[test]
fn an_external_document_type_is_never_fetched_and_does_no_harm() {
    let document = format!("<!DOCTYPE codeBook SYSTEM \"Version1-2-2.dtd\">{}", title("Age"));
    assert_eq!(read_title(document.as_bytes()), "Age");
}

#[test]
fn an_undefined_entity_is_named_with_its_place() {
    let error = import(title("a&nbsp;b").as_bytes()).unwrap_err();
    assert!(matches!(error, DdiError::UnknownEntity { ref name, .. } if name == "nbsp"), "{error}");
}

#[test]
fn the_five_entities_and_characters_by_number_are_read() {
    assert_eq!(
        read_title(title("&lt;a&gt; &amp; &#233;&#xE9; <![CDATA[<b>]]>").as_bytes()),
        "<a> & éé <b>"
    );
}

#[test]
fn nesting_beyond_the_limit_is_refused_and_does_not_overflow_the_stack() {
    let deep = codebook(&("<txt>".repeat(200_000) + &"</txt>".repeat(200_000)));
    let error = import(deep.as_bytes()).unwrap_err();
    assert!(matches!(error, DdiError::TooDeep { limit: 64, .. }), "{error}");
}

#[test]
fn nesting_at_the_limit_is_read_and_given_back() {
    let deep = codebook(&("<txt>".repeat(63) + &"</txt>".repeat(63)));
    let book = import(deep.as_bytes()).unwrap().codebooks.remove(0);
    assert!(export(&book, Version::V2_5).contains("<txt></txt>") || book.residue.len() == 1);
}

#[test]
fn too_many_elements_attributes_or_bytes_are_refused() {
    let limits = Limits { elements: 10, attributes: 3, bytes: 1000, ..Limits::default() };
    let refused = |document: String| import_within(document.as_bytes(), &limits).unwrap_err();
    let error = refused(codebook(&"<a/>".repeat(10)));
    assert!(matches!(error, DdiError::TooMany { what: "elements", limit: 10, .. }), "{error}");
    let error = refused(codebook("<a b='' c='' d='' e=''/>"));
    assert!(matches!(error, DdiError::TooMany { limit: 3, .. }), "{error}");
    let error = refused(codebook(&" ".repeat(1000)));
    assert!(matches!(error, DdiError::TooLarge { limit: 1000, .. }), "{error}");
}

#[test]
fn a_document_cut_anywhere_is_refused_with_a_place_inside_it() {
    let whole = format!("<?xml version=\"1.0\"?>\n{}", title("Été &amp; <emph>hiver</emph>"));
    for length in (0..whole.len()).filter(|&length| whole.is_char_boundary(length)) {
        match import(&whole.as_bytes()[..length]) {
            Err(DdiError::NotXml) => assert_eq!(length, 0),
            Err(DdiError::Malformed { place, .. }) => assert!(place.line <= 2, "at {length}"),
            other => panic!("at {length}: {other:?}"),
        }
    }
    assert!(import(whole.as_bytes()).is_ok());
}

#[test]
fn a_truncated_document_names_the_open_element_line_and_column() {
    let error = import(b"<codeBook>\n  <stdyDscr>\n").unwrap_err();
    assert_eq!(error.to_string(), "line 3, column 1: the document ends inside `<stdyDscr>`");
}

#[test]
fn crossed_tags_and_two_roots_are_refused() {
    for document in ["<codeBook><a></b></codeBook>", "<codeBook/><codeBook/>", "<codeBook/>x"] {
        let error = import(document.as_bytes()).unwrap_err();
        assert!(matches!(error, DdiError::Malformed { .. }), "{document}: {error}");
    }
}

#[test]
fn what_is_not_xml_at_all_is_said_to_be_so() {
    for bytes in [&b""[..], b"   ", b"name;age\nada;36\n", b"PAR1\0\0\0", b"{\"a\":1}"] {
        assert_eq!(import(bytes).unwrap_err(), DdiError::NotXml, "{bytes:?}");
    }
}

#[test]
fn another_root_is_refused_in_words() {
    let hint = |document: &str| match import(document.as_bytes()).unwrap_err() {
        DdiError::NotCodebook { hint, .. } => hint,
        error => panic!("{error}"),
    };
    let lifecycle = hint("<DDIInstance xmlns='ddi:instance:3_2'/>");
    assert_eq!(lifecycle, "this is DDI-Lifecycle 3.2; export it as DDI-Codebook first");
    assert!(hint("<html><body/></html>").contains("web page"));
    assert!(hint("<OAI-PMH/>").contains("no DDI-Codebook record"));
    assert!(hint("<dataDscr xmlns='ddi:codebook:2_5'/>").contains("part of a code book"));
    assert!(hint("<rdf/>").contains("`codeBook`"));
}

#[test]
fn a_wrong_namespace_is_reported_and_read_all_the_same() {
    let document = title("Age").replace("ddi:codebook:2_5", "http://example.org/my-ddi");
    let imported = import(document.as_bytes()).unwrap();
    assert_eq!(imported.codebooks[0].titles.get("fr"), Some("Age"));
    let problem = &imported.problems[0];
    assert_eq!((problem.code, problem.path.as_str()), (Code::WrongNamespace, "/codeBook"));
    assert!(problem.message.contains("http://example.org/my-ddi") && problem.kept);
}

#[test]
fn a_prefix_an_envelope_and_several_code_books_are_read() {
    let one = |title: &str| {
        format!(
            "<record><metadata><d:codeBook xmlns:d='ddi:codebook:2_5'><d:stdyDscr><d:citation>\
             <d:titlStmt><d:titl>{title}</d:titl></d:titlStmt></d:citation></d:stdyDscr>\
             </d:codeBook></metadata></record>"
        )
    };
    let document = format!(
        "<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>{}{}</ListRecords></OAI-PMH>",
        one("First"),
        one("Second")
    );
    let imported = import(document.as_bytes()).unwrap();
    let titles: Vec<_> =
        imported.codebooks.iter().filter_map(|book| book.titles.get("en")).collect();
    assert_eq!(titles, ["First", "Second"]);
    assert_eq!(imported.problems, []);
}

#[test]
fn latin_1_and_utf_16_give_the_same_title_as_utf_8() {
    let latin = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{}", title("Enquête"));
    let latin: Vec<u8> = latin.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(read_title(&latin), "Enquête");
    let wide = format!("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?>{}", title("Enquête"));
    let little: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = wide.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(read_title(&little), "Enquête");
    assert_eq!(read_title(&big), "Enquête");
    assert_eq!(read_title(format!("\u{feff}{}", title("Enquête")).as_bytes()), "Enquête");
}

#[test]
fn latin_1_bytes_in_a_document_that_says_utf_8_are_refused_not_guessed() {
    let mut bytes = title("Enqu#te").into_bytes();
    let at = bytes.iter().position(|&byte| byte == b'#').unwrap();
    bytes[at] = 0xEA;
    assert!(matches!(import(&bytes), Err(DdiError::WrongEncoding { .. })));
}

#[test]
fn languages_are_normalised_reported_and_never_taken_from_xml_lang() {
    let titles = "<titl xml:lang='EN_gb'>a</titl><titl xml:lang='yy'>b</titl>\
                  <titl xml:lang='should ignore this'>c</titl><titl xml-lang='fr'>d</titl>";
    let document = title("").replace("<titl></titl>", titles);
    let imported = import(document.as_bytes()).unwrap();
    let languages: Vec<_> =
        imported.codebooks[0].titles.0.iter().map(|(language, _)| language.as_deref()).collect();
    assert_eq!(languages, [Some("en-GB"), Some("yy"), None, None]);
    let codes: Vec<Code> = imported.problems.iter().map(|problem| problem.code).collect();
    let wanted = [
        Code::LanguageNormalised,
        Code::UnknownLanguage,
        Code::BadLanguage,
        Code::XmlLangAttribute,
    ];
    assert_eq!(codes, wanted);
    let again = export(&imported.codebooks[0], Version::V2_5);
    assert!(again.contains("xml:lang=\"should ignore this\"") && again.contains("xml-lang=\"fr\""));
}

#[test]
fn a_language_is_inherited_from_the_container() {
    let document = title("Age").replace("<citation>", "<citation xml:lang='fi'>");
    let book = import(document.as_bytes()).unwrap().codebooks.remove(0);
    assert_eq!(book.titles.0[0].0.as_deref(), Some("fi"));
}

#[test]
fn what_has_no_field_is_reported_with_its_path_and_given_back_in_place() {
    let document = codebook(
        "<dataDscr><var name='a'/><var name='b' nature='ordinal'><labl>B</labl>\
         <security date='2020'>secret</security><made-up x='1'>y<z/></made-up></var></dataDscr>",
    );
    let imported = import(document.as_bytes()).unwrap();
    let found: Vec<(Code, &str)> =
        imported.problems.iter().map(|problem| (problem.code, problem.path.as_str())).collect();
    let wanted = [
        (Code::MissingTitle, "/codeBook"),
        (Code::AttributeNotInModel, "/codeBook/dataDscr/var[2]"),
        (Code::ElementNotInModel, "/codeBook/dataDscr/var[2]/security"),
        (Code::UnknownElement, "/codeBook/dataDscr/var[2]/made-up"),
    ];
    assert_eq!(found, wanted);
    assert!(imported.problems.iter().all(|problem| problem.kept));
    let mut book = imported.codebooks.into_iter().next().unwrap();
    book.variables.remove(0); // the residue follows its variable, not its number
    let xml = export(&book, Version::V2_5);
    assert!(xml.contains("<var name=\"b\" nature=\"ordinal\">"), "{xml}");
    assert!(xml.contains("<security date=\"2020\">secret</security>"), "{xml}");
    assert!(xml.contains("<made-up x=\"1\">y<z/></made-up>"), "{xml}");
}

#[test]
fn markup_comes_back_unless_its_text_was_edited() {
    let document = title("A <emph>great</emph> study");
    let mut book = import(document.as_bytes()).unwrap().codebooks.remove(0);
    assert_eq!(book.titles.0[0].1, "A great study");
    assert!(export(&book, Version::V2_5).contains("A <emph>great</emph> study"));
    book.titles.0[0].1 = "A small study".into();
    let xml = export(&book, Version::V2_5);
    assert!(xml.contains("<titl>A small study</titl>") && !xml.contains("emph"), "{xml}");
}

#[test]
fn elements_of_another_vocabulary_keep_their_namespace() {
    let document = codebook("<x:note xmlns:x='urn:x' x:a='1'><titl>t</titl></x:note>");
    let book = import(document.as_bytes()).unwrap().codebooks.remove(0);
    let [residue] = book.residue.as_slice() else { panic!("{:?}", book.residue) };
    let Kept::Element { xml } = &residue.kept else { panic!("{residue:?}") };
    assert_eq!(
        xml,
        "<note xmlns=\"urn:x\" xmlns:x=\"urn:x\" x:a=\"1\"><titl xmlns=\"ddi:codebook:2_5\">t</titl></note>"
    );
    let again = import(export(&book, Version::V2_5).as_bytes()).unwrap().codebooks.remove(0);
    assert_eq!(again.residue.len(), 1);
}

#[test]
fn references_to_nothing_and_doubled_names_are_reported() {
    let document = codebook(
        "<fileDscr ID='F1'/><dataDscr><varGrp var='V1 V9'/><var ID='V1' name='a' files='F1'/>\
         <var name='a' files='F1'/><var name='a' files='F2' wgt-var='W' dcml='two'/><var/></dataDscr>",
    );
    let imported = import(document.as_bytes()).unwrap();
    let mut codes: Vec<(Code, u32)> =
        imported.problems.iter().map(|problem| (problem.code, problem.line)).collect();
    codes.sort();
    let count = |code: Code| codes.iter().filter(|found| found.0 == code).count();
    assert_eq!(count(Code::DuplicateName), 1);
    assert_eq!(count(Code::DanglingReference), 3);
    assert_eq!(count(Code::MissingName), 1);
    assert_eq!(count(Code::BadValue), 1);
    assert!(export(&imported.codebooks[0], Version::V2_5).contains("dcml=\"two\""));
}

#[test]
fn twenty_thousand_unknown_elements_of_as_many_names_come_back() {
    let one = |number| format!("<n{number} a='1'/><keyword x='2'/>");
    let many = (0..20_000).map(one).collect::<Vec<String>>().concat();
    let document =
        codebook(&format!("<stdyDscr><stdyInfo><subject>{many}</subject></stdyInfo></stdyDscr>"));
    let book = import(document.as_bytes()).unwrap().codebooks.remove(0);
    assert_eq!(book.residue.len(), 40_000);
    let again = import(export(&book, Version::V2_5).as_bytes()).unwrap().codebooks.remove(0);
    assert_eq!(again.residue.len(), 40_000);
    assert!(again.residue == book.residue && again.keywords == book.keywords);
}

#[test]
fn titles_in_several_languages_are_written_as_one_citation_each() {
    let document = title("")
        .replace("<titl></titl>", "<titl xml:lang='fr'>Âge</titl><titl xml:lang='en'>Age</titl>");
    let book = import(document.as_bytes()).unwrap().codebooks.remove(0);
    let xml = export(&book, Version::V2_5);
    assert_eq!(xml.matches("<citation>").count(), 2, "{xml}");
    assert_eq!(import(xml.as_bytes()).unwrap().codebooks[0], book);
}
