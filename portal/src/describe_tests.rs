use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::*;

fn described() -> Value {
    let (_, api) = routes().split_for_parts();
    describe(&api, ("bulle", "bulle-device"))
}

/// Every operation: path, method and what is said of it.
fn operations(whole: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = whole["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("a path");
        methods.iter().map(move |(method, one)| (path.as_str(), method.as_str(), one))
    });
    all.filter(|(_, method, _)| ["get", "put", "post", "delete"].contains(method)).collect()
}

/// The sources of this crate with their text.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            found.push((path.display().to_string(), text));
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

#[test]
fn the_description_is_bulle_s_own() {
    let whole = described();
    assert_eq!(whole["info"]["title"], "Bulle");
    assert_eq!(whole["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(whole["info"]["license"]["identifier"], "Apache-2.0");
    assert!(whole["info"]["contact"].is_null(), "nobody of a library is to be written to");
    assert_eq!(whole["servers"][0]["url"], "/");
    let schemes = &whole["components"]["securitySchemes"];
    assert_eq!(
        (&schemes["token"]["scheme"], &schemes["login"]["in"]),
        (&json!("bearer"), &json!("cookie"))
    );
    assert_eq!(whole["security"][0], json!({ "token": [] }));
    let open = operations(&whole).into_iter().filter(|(_, _, one)| one["security"] == json!([]));
    assert_eq!(open.map(|(path, ..)| path).collect::<Vec<_>>(), PUBLIC);
}

/// Two types of one name are one schema, and the last one stands for both.
#[test]
fn every_schema_has_a_name_of_its_own() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (place, text) in all_sources() {
        for piece in text.split("#[derive(").skip(1) {
            let Some((derived, rest)) = piece.split_once(")]") else { continue };
            let mut words = rest.split_whitespace().skip_while(|w| *w != "struct" && *w != "enum");
            if let (true, Some(name)) = (derived.contains("ToSchema"), words.nth(1)) {
                let name = name.trim_matches(|c: char| !c.is_alphanumeric());
                places.entry(name.to_owned()).or_default().push(place.clone());
            }
        }
    }
    assert!(places.len() > 100, "only {} schemas were found", places.len());
    places.retain(|_, found| found.len() > 1);
    assert!(places.is_empty(), "rename one of each: {places:?}");
}

/// Every reference leads somewhere.
#[test]
fn every_reference_is_there() {
    fn walk<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| walk(value, found));
            }
            Value::Array(all) => all.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let whole = described();
    let mut found = BTreeSet::new();
    walk(&whole, &mut found);
    let missing = |place: &&&str| whole.pointer(place.trim_start_matches('#')).is_none();
    let lost: Vec<_> = found.iter().filter(missing).collect();
    assert!(found.len() > 80 && lost.is_empty(), "{lost:?} of {}", found.len());
}

/// No operation hears or answers JSON of which nothing is said.
#[test]
fn bodies_and_answers_have_schemas() {
    let whole = described();
    let said = |content: &Value| {
        let mut kinds = content.as_object().into_iter().flatten();
        kinds.all(|(_, media)| media["schema"].as_object().is_some_and(|it| !it.is_empty()))
    };
    let mut silent = Vec::new();
    for (path, method, one) in operations(&whole) {
        if !one["requestBody"].is_null() && !said(&one["requestBody"]["content"]) {
            silent.push(format!("{method} {path}: the body"));
        }
        let answers = one["responses"].as_object().expect("responses");
        for (status, answer) in answers.iter().filter(|(status, _)| status.starts_with('2')) {
            let empty = status == "204" || status == "202";
            if !empty && (answer["content"].is_null() || !said(&answer["content"])) {
                silent.push(format!("{method} {path}: {status}"));
            }
        }
        if one["responses"]["429"].is_null() || one["tags"].is_null() {
            silent.push(format!("{method} {path}: tag or 429"));
        }
    }
    // What is downloaded is bytes.
    silent.retain(|line| !BYTES.contains(&line.as_str()));
    assert!(silent.is_empty(), "{silent:#?}");
}

/// Answers that are a file of any kind.
const BYTES: [&str; 1] = ["get /api/v1/exports/{id}/files/{number}: 200"];

/// Acts of pages that stand in the API under another address, by another method, or as several acts.
const ELSEWHERE: [(&str, &[&str]); 31] = [
    (
        "/data/sources/{id}/codebook/decision",
        &["put /sources/{id}/codebook", "delete /sources/{id}/codebook/waiting"],
    ),
    (
        "/applications/{id}/attachments/{attachment}/remove",
        &["delete /applications/{id}/attachments/{attachment}"],
    ),
    (
        "/applications/{id}/credits",
        &[
            "post /applications/{id}/credits/orders",
            "post /applications/{id}/credits/refunds",
            "post /credits/orders/{id}/accept",
            "post /credits/orders/{id}/refuse",
        ],
    ),
    ("/applications/{id}/edit/{page}", &["put /applications/{id}/fields"]),
    ("/applications/{id}/fields", &["put /applications/{id}/fields"]),
    ("/basket/remove", &["delete /basket/{vintage}"]),
    ("/data/sources/from-codebook", &["post /sources/from-codebook"]),
    ("/data/sources/new", &["post /sources"]),
    ("/data/sources/{id}/codebook", &["put /sources/{id}/codebook"]),
    ("/data/sources/{id}/edit", &["put /sources/{id}"]),
    ("/data/sources/{id}/state", &["post /sources/{id}/state"]),
    ("/data/sources/{id}/vintages", &["post /sources/{id}/vintages"]),
    ("/data/vintages/{id}/deposits", &["post /deposits"]),
    ("/data/vintages/{id}/withdraw", &["post /vintages/{id}/withdraw"]),
    ("/deposits/{id}", &["post /deposits/{id}/state"]),
    ("/deposits/{id}/decision", &["post /deposits/{id}/state"]),
    (
        "/exports/{id}/edit",
        &["put /exports/{id}", "post /exports/{id}/self-check", "post /exports/{id}/seal"],
    ),
    ("/me/institution", &["put /people/{id}/institution"]),
    ("/me/language", &["put /me/language"]),
    ("/notices/{notice}/read", &["post /notices/{id}/read"]),
    ("/people/invite", &["post /people"]),
    ("/people/{id}/institution", &["put /people/{id}/institution"]),
    ("/producer/rules", &["post /rule-sets"]),
    ("/producers/{id}", &["put /producers/{id}"]),
    ("/producers/{id}/people", &["post /people/{id}/roles", "delete /people/{id}/roles"]),
    ("/risk/train", &["post /risk/models"]),
    ("/secretary/{id}/{act}", &["post /secretary/applications/{id}/{act}"]),
    ("/security/sessions/{id}/cut", &["post /sessions/{id}/cut"]),
    ("/security/sessions/{id}/replays", &["post /sessions/{id}/replays"]),
    (
        "/undertakings/{id}/check",
        &["post /undertakings/{id}/accept", "post /undertakings/{id}/return"],
    ),
    ("/checks/{id}/findings", &["post /checks/{id}/findings"]),
];

/// Acts of pages that are no acts of the API, each with why.
const NOT_IN_THE_API: [(&str, &str); 17] = [
    ("/demo/step-in", "the demonstration's door for browsers"),
    ("/deposits/{id}/files", "answers scripts as it is: the upload that POST /deposits describes"),
    ("/invitations/{secret}", "an invitation is accepted with a passkey, in a browser"),
    ("/invitations/{secret}/options", "the same, its first step"),
    ("/language", "the language of this browser's pages; Accept-Language says it for the API"),
    (
        "/me/logins/close-others",
        "a browser's logins are closed by one of them: a stolen token must not",
    ),
    ("/me/logins/{id}/close", "the same"),
    ("/me/passkeys", "a passkey is made in a browser that has just signed in"),
    ("/me/passkeys/options", "the same, its first step"),
    (
        "/me/passkeys/{id}/name",
        "passkeys are looked after where they are made: a stolen token must not",
    ),
    ("/me/passkeys/{id}/revoke", "the same, after a fresh sign-in"),
    ("/recovery/{secret}", "an account is recovered with a passkey, in a browser"),
    ("/recovery/{secret}/options", "the same, its first step"),
    ("/sign-in", "a passkey signs in a browser; scripts have tokens"),
    ("/sign-in/options", "the same, its first step"),
    ("/sign-out", "ends a browser's login"),
    ("/uploads/{id}/finish", "answers scripts as it is: the upload that POST /deposits describes"),
];

/// The addresses that pages post to, as the routers of this crate say.
fn posted() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, text) in all_sources() {
        for piece in text.split(".route(").skip(1) {
            let route = piece.split(".route(").next().unwrap_or_default();
            let Some((_, rest)) = route.split_once('"') else { continue };
            let Some((path, handlers)) = rest.split_once('"') else { continue };
            // A handler that was put together before stands in the same function.
            let named = handlers.trim_start_matches(',').trim();
            let named =
                named.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
            let made = format!("let {named} = ");
            let before = text.split_once(&made).and_then(|pair| pair.1.split(';').next());
            let own = handlers.split([';', '}']).next().unwrap_or_default();
            let posts = |text: &str| text.contains("post(");
            if path.starts_with('/') && (posts(own) || before.is_some_and(posts)) {
                found.insert(path.to_owned());
            }
        }
    }
    found
}

#[test]
fn what_pages_do_the_api_does_too() {
    let whole = described();
    let known: BTreeSet<String> = operations(&whole)
        .into_iter()
        .map(|(path, method, _)| format!("{method} {}", path.trim_start_matches("/api/v1")))
        .collect();
    let mut missing = Vec::new();
    let posted = posted();
    for path in &posted {
        let same = known.contains(&format!("post {path}"));
        let elsewhere = ELSEWHERE.iter().any(|(page, _)| page == path);
        let excused = NOT_IN_THE_API.iter().any(|(page, _)| page == path);
        if !same && !elsewhere && !excused {
            missing.push(path);
        }
    }
    assert!(posted.len() > 90, "only {} posts were found", posted.len());
    assert!(missing.is_empty(), "acts of pages that the API does not have: {missing:#?}");
    for (page, operations) in ELSEWHERE {
        let lost: Vec<_> = operations.iter().filter(|one| !known.contains(**one)).collect();
        assert!(lost.is_empty(), "the API has no {lost:?} for {page}");
        assert!(posted.contains(page), "no page posts to {page}");
    }
    for (page, _) in NOT_IN_THE_API {
        assert!(posted.contains(page), "no page posts to {page}");
    }
}
