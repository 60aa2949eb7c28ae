//! Every real code book in the shared data imports as an independent reader says that it should.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use ddi::{Code, CodeBook, DdiError, Event, Interval, Text, Version, export, import};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// `shared/data/ddi`, beside the repository or one of the folders above it.
fn folder() -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|dir| dir.join("shared/data/ddi"))
        .find(|dir| dir.is_dir());
    if found.is_none() {
        println!("SKIPPED: the folder shared/data/ddi is missing, so no real file was read");
    }
    found
}

fn expected(folder: &Path) -> Vec<(String, Value)> {
    let text = std::fs::read(folder.join("EXPECTED.json")).unwrap();
    let Value::Object(files) = serde_json::from_slice(&text).unwrap() else { panic!("no object") };
    files.into_iter().collect()
}

fn texts(text: &Text) -> Value {
    text.0.iter().map(|(language, text)| json!({"lang": language, "text": text})).collect()
}

fn events(events: &[Event]) -> Value {
    events.iter().map(|event| json!({"date": event.date, "event": event.event})).collect()
}

fn names(agents: &[ddi::Agent]) -> Value {
    let name = |agent: &ddi::Agent| {
        let links = agent.links.iter().map(|link| link.text.as_str());
        let words: Vec<&str> = std::iter::once(agent.name.as_str()).chain(links).collect();
        words.join(" ").trim().to_owned()
    };
    agents.iter().map(name).collect()
}

/// What was imported, in the words of EXPECTED.json.
fn measured(book: &CodeBook, codebooks: usize) -> Value {
    let nations = book.nations.iter().flat_map(|nation| {
        let abbr = &nation.abbreviation;
        let one = move |(lang, text): &(Option<String>, String)| {
            json!({"abbr": abbr, "lang": lang, "text": text})
        };
        nation.names.0.iter().map(one)
    });
    let abstracts = book.abstracts.0.iter();
    let mut measured = json!({
        "codebooks": codebooks,
        "codebook_version": book.version,
        "title": texts(&book.titles),
        "par_titles": texts(&book.parallel_titles),
        "idno": book.ids.iter().map(|id| json!({"agency": id.agency, "text": id.value})).collect::<Value>(),
        "authors": names(&book.authors),
        "producers": names(&book.producers),
        "distributors": names(&book.distributors),
        "keywords": book.keywords.len(),
        "topics": book.topics.len(),
        "abstracts": abstracts.map(|(lang, text)| json!({"chars": text.chars().count(), "lang": lang})).collect::<Value>(),
        "time_periods": events(&book.time_periods),
        "coll_dates": events(&book.collection_dates),
        "nations": nations.collect::<Value>(),
        "files": book.files.len(),
        "variables": book.variables.len(),
        "var_groups": book.groups.len(),
    });
    let Value::Object(map) = &mut measured else { unreachable!() };
    let Value::Object(variables) = variables(book) else { unreachable!() };
    map.extend(variables);
    measured
}

fn variables(book: &CodeBook) -> Value {
    let variables = &book.variables;
    let all: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
    let lines = all.join("\n");
    let categories = || variables.iter().flat_map(|variable| &variable.categories);
    let count = |which: &dyn Fn(&ddi::Variable) -> bool| {
        variables.iter().filter(|variable| which(variable)).count()
    };
    let sum = |of: &dyn Fn(&ddi::Variable) -> usize| variables.iter().map(of).sum::<usize>();
    let mut interval = serde_json::Map::new();
    for (name, value) in [("contin", Interval::Continuous), ("discrete", Interval::Discrete)] {
        let number = count(&|variable| variable.interval == Some(value));
        if number > 0 {
            interval.insert(name.into(), number.into());
        }
    }
    let labels: Vec<&String> = variables
        .first()
        .map(|v| v.labels.0.iter().map(|(_, text)| text).collect())
        .unwrap_or_default();
    json!({
        "variable_names_first5": all[..all.len().min(5)],
        "variable_names_last": all.last(),
        "variables_sha256_of_names_lines": hex::encode(Sha256::digest(lines.as_bytes())),
        "var_label_first": labels,
        "variables_with_categories": count(&|v| !v.categories.is_empty()),
        "categories": categories().count(),
        "categories_missing": categories().filter(|category| category.missing).count(),
        "catstats": categories().map(|category| category.stats.len()).sum::<usize>(),
        "sumstats": sum(&|v| v.stats.len()),
        "questions": count(&|v| v.question.is_some()),
        "concepts": sum(&|v| v.concepts.len()),
        "universes_var": sum(&|v| v.universes.len()),
        "valrng": count(&|v| v.valid.is_some()),
        "invalrng": count(&|v| v.invalid.is_some()),
        "weights": count(&|v| v.weight),
        "fixed_width_locations": sum(&|v| v.locations.iter().filter(|l| l.start.is_some()).count()),
        "interval_attr": interval,
    })
}

fn differ(file: &str, key: &str, found: impl Debug, wanted: impl Debug) -> String {
    format!("{file}: {key}\n    found  {found:?}\n    wanted {wanted:?}")
}

#[test]
fn every_real_code_book_imports_as_expected() {
    let Some(folder) = folder() else { return };
    let mut differences = Vec::new();
    let mut compared = 0;
    for (file, wanted) in expected(&folder) {
        let Some(Value::Number(_)) = wanted.get("codebooks") else { continue };
        let bytes = std::fs::read(folder.join(&file)).unwrap();
        let imported = match import(&bytes) {
            Ok(imported) => imported,
            Err(error) => {
                differences.push(format!("{file}: {error}"));
                continue;
            }
        };
        let found = measured(&imported.codebooks[0], imported.codebooks.len());
        for (key, found) in found.as_object().unwrap() {
            let Some(wanted) = wanted.get(key) else { continue };
            compared += 1;
            if found != wanted {
                differences.push(differ(&file, key, found, wanted));
            }
        }
    }
    println!("{compared} facts compared");
    assert!(compared > 400, "only {compared} facts compared");
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn every_lifecycle_file_is_refused_in_words() {
    let Some(folder) = folder() else { return };
    let mut refused = 0;
    for (file, wanted) in expected(&folder) {
        if wanted.get("lifecycle").is_none() {
            continue;
        }
        let error = import(&std::fs::read(folder.join(&file)).unwrap()).unwrap_err();
        let DdiError::NotCodebook { root, hint, .. } = &error else { panic!("{file}: {error}") };
        assert_eq!(root, wanted["root"].as_str().unwrap(), "{file}");
        assert!(hint.contains("DDI-Lifecycle 3."), "{file}: {hint}");
        refused += 1;
    }
    assert_eq!(refused, 9);
}

/// Forgets what an export changes on purpose: the version, and the lines of the document.
fn bare(mut book: CodeBook) -> CodeBook {
    book.version = None;
    book.variables.iter_mut().for_each(|variable| variable.line = 0);
    book
}

#[test]
fn every_real_code_book_comes_back_from_its_export() {
    let Some(folder) = folder() else { return };
    for (file, wanted) in expected(&folder) {
        let Some(Value::Number(_)) = wanted.get("codebooks") else { continue };
        let book = import(&std::fs::read(folder.join(&file)).unwrap()).unwrap().codebooks.remove(0);
        let xml = export(&book, Version::V2_5);
        let again = import(xml.as_bytes()).unwrap().codebooks.remove(0);
        assert_eq!(export(&again, Version::V2_5), xml, "{file}");
        let (book, again) = (bare(book), bare(again));
        for (first, second) in book.variables.iter().zip(&again.variables) {
            assert_eq!(first, second, "{file}");
        }
        assert_eq!(book.residue, again.residue, "{file}");
        assert!(book == again, "{file}: the code book changed");
    }
}

#[test]
fn xml_lang_without_a_colon_is_reported_and_is_never_the_language() {
    let Some(folder) = folder() else { return };
    let bytes = std::fs::read(folder.join("fr-elipss-ea2019-nesstar122.xml")).unwrap();
    let imported = import(&bytes).unwrap();
    assert_eq!(imported.codebooks[0].language, None);
    assert!(imported.problems.iter().any(|problem| problem.code == Code::XmlLangAttribute));
}

/// Each element as parent, name, attributes and text; sorted. Its language is the one in force, so
/// that one which was inherited and one which is spelt out are the same.
fn nodes(xml: &str) -> Vec<String> {
    use quick_xml::XmlVersion;
    use quick_xml::events::Event;
    let local = |name: &str| name.rsplit(':').next().unwrap().to_owned();
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let (mut open, mut found) = (Vec::<(String, String)>::new(), Vec::new());
    let (mut depth, mut languages) = (None, Vec::<String>::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let name = local(start.name().0);
                let mut attributes: Vec<String> = start
                    .attributes()
                    .map(|attribute| attribute.unwrap())
                    .map(|a| {
                        (
                            a.key.0.to_owned(),
                            a.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned(),
                        )
                    })
                    .filter(|(key, _)| {
                        !key.starts_with("xmlns") && !key.ends_with("schemaLocation")
                    })
                    .filter(|(key, _)| name != "codeBook" || key != "version")
                    // What the schema says by default may go without saying.
                    .filter(|(key, value)| {
                        (key != "missing" || value != "N") && value != "not-wgtd"
                    })
                    .map(|(key, value)| {
                        let words: Vec<&str> = value.split_ascii_whitespace().collect();
                        format!("{key}={}", words.join(" "))
                    })
                    .collect();
                let own = attributes.iter().find(|attribute| attribute.starts_with("xml:lang="));
                let language = own.or(languages.last()).cloned().unwrap_or_default();
                attributes.retain(|attribute| !attribute.starts_with("xml:lang="));
                attributes.sort();
                attributes.push(language.clone());
                languages.push(language);
                if name == "codeBook" {
                    depth = Some(open.len());
                }
                open.push((format!("{name} {attributes:?}"), String::new()));
            }
            Event::End(_) => {
                let (name, text) = open.pop().unwrap();
                languages.pop();
                let parent = open.last().map(|(name, _)| name.split(' ').next().unwrap());
                let text: Vec<&str> = text.split_ascii_whitespace().collect();
                if depth.is_some() {
                    found.push(format!("{}/{name} {}", parent.unwrap_or(""), text.join(" ")));
                }
                if depth == Some(open.len()) {
                    depth = None;
                    let last = found.last_mut().unwrap();
                    *last = last.trim_start_matches(|c| c != '/').to_owned();
                }
            }
            Event::Text(text) => {
                if let Some((_, all)) = open.last_mut() {
                    all.push_str(&text.xml10_content());
                }
            }
            Event::CData(text) => open.last_mut().unwrap().1.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let all = &mut open.last_mut().unwrap().1;
                match reference.resolve_char_ref().unwrap() {
                    Some(character) => all.push(character),
                    None => all.push_str(
                        &quick_xml::escape::unescape(&format!("&{};", &reference.into_inner()))
                            .unwrap(),
                    ),
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    found.sort();
    found
}

/// What is in the first multiset and not in the second; both are sorted.
fn missing(first: &[String], second: &[String]) -> Vec<String> {
    let mut second = second.iter().peekable();
    let mut lost = Vec::new();
    for node in first {
        while second.next_if(|other| *other < node).is_some() {}
        if second.next_if(|other| *other == node).is_none() {
            lost.push(node.clone());
        }
    }
    lost
}

/// Files in which a container that may stand once is repeated: joining them loses the repetition,
/// and the import says so.
fn is_joined(problems: &[ddi::Problem]) -> bool {
    problems.iter().any(|problem| problem.code == Code::Joined)
}

#[test]
fn no_node_of_a_real_code_book_is_lost_on_the_way_through() {
    let Some(folder) = folder() else { return };
    let mut differences = Vec::new();
    let (mut total, mut files) = (0, 0);
    for (file, wanted) in expected(&folder) {
        let Some(Value::Number(_)) = wanted.get("codebooks") else { continue };
        let bytes = std::fs::read(folder.join(&file)).unwrap();
        let imported = import(&bytes).unwrap();
        let text = std::str::from_utf8(&bytes).unwrap().trim_start_matches('\u{feff}');
        let before = nodes(text);
        let after = nodes(&export(&imported.codebooks[0], Version::V2_5));
        (total, files) = (total + before.len(), files + 1);
        let (mut lost, mut gained) = (missing(&before, &after), missing(&after, &before));
        // A title in another language is written in a citation of its own.
        let is_citation = |node: &str| {
            node.starts_with("stdyDscr/citation ") || node.starts_with("citation/titlStmt ")
        };
        gained.retain(|node| !is_citation(node));
        if is_joined(&imported.problems) {
            println!("{file}: joined containers; {} lost {lost:?}", lost.len());
            // Only the containers themselves may differ; whatever has a text may not.
            lost.retain(|node| !node.ends_with(' '));
            gained.retain(|node| !node.ends_with(' '));
        }
        for (what, nodes) in [("lost", lost), ("gained", gained)] {
            differences.extend(nodes.iter().map(|node| format!("{file}: {what} {node}")));
        }
    }
    println!("{total} nodes of {files} files compared");
    assert!(total > 50_000);
    assert!(differences.is_empty(), "{} differ\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn exports_are_valid_by_the_official_schema_where_their_originals_were() {
    let Some(folder) = folder() else { return };
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ddi-exports");
    std::fs::create_dir_all(&out).unwrap();
    let schema = folder.join("schema-2.6/codebook.xsd");
    let (mut invalid, mut validated) = (Vec::new(), true);
    for (file, wanted) in expected(&folder) {
        let Some(Value::Number(_)) = wanted.get("codebooks") else { continue };
        let book = import(&std::fs::read(folder.join(&file)).unwrap()).unwrap().codebooks.remove(0);
        // Only the 2.6 schema is here; it adds to 2.5 and takes nothing away.
        let xml = export(&book, Version::V2_5)
            .replace("ddi:codebook:2_5", "ddi:codebook:2_6")
            .replacen("version=\"2.5\"", "version=\"2.6\"", 1);
        std::fs::write(out.join(&file), xml).unwrap();
        if wanted["xsd_valid"] != json!(true) {
            continue;
        }
        let answer = std::process::Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .args([&schema, &out.join(&file)])
            .output();
        match answer {
            Ok(answer) if answer.status.success() => {}
            Ok(answer) => invalid.push(String::from_utf8_lossy(&answer.stderr).into_owned()),
            Err(_) => validated = false,
        }
    }
    if !validated {
        println!("SKIPPED: xmllint is not installed, so no export was validated");
    }
    assert!(invalid.is_empty(), "{}", invalid.join("\n"));
}
