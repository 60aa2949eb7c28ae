//! Every link of every page, as every person of the demonstration: each leads to a page, and each
//! page is reached by a link from the first one.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::Path,
};

use centre_tests::{Client, TestCentre};
use domain::{
    Session, SessionId,
    settings::session::{Recording, SessionState},
};
use regex::Regex;
use reqwest::Method;

use crate::{
    data,
    outputs::{
        self,
        kit::{Lab, SAFE, insert},
    },
    projects,
};

const EVERYBODY: [&str; 19] = [
    "ada", "ben", "zoe", "chloe", "dario", "emma", "farid", "paul", "grace", "hugo", "iris",
    "karim", "lea", "omar", "rose", "ines", "jules", "marc", "nora",
];

/// Pages that no link leads to, and why. A page that is missing here or reached after all fails
/// the test.
const WITHOUT_A_LINK: [(&str, &str); 10] = [
    ("/bubbles/{id}/exports/new", "leads on to the form of a new export, with the bubble chosen"),
    ("/demo/step-in", "left out: it leads to everybody else"),
    ("/health", "for the operator's monitoring"),
    ("/invitations/{secret}", "by a mail or on the console"),
    ("/log/tile/{*name}", "for programs that verify the log"),
    ("/receipts.key", "the key, for programs that verify receipts"),
    ("/recovery/{secret}", "handed over by an enrolment agent"),
    ("/security/replays/{id}", "made by a form, with a reason"),
    ("/security/replays/{id}/cast", "the recording itself, for the player"),
    ("/bubbles/{id}/terminal/socket", "the terminal itself"),
];

/// A centre where each column has something to show.
async fn lived_in() -> Lab {
    let lab = Lab::start().await;
    let centre = &lab.centre;
    let csv = b"commune;revenu;statut\n01400;1234,5;1\n";
    let (_, deposit) = data::deposited(centre, "dsm.csv", csv).await;
    let karim = centre.person("karim").await;
    let decision = format!("/deposits/{}/decision", deposit.id);
    assert_eq!(karim.post(&decision, &[("decision", "accept")]).await.status, 303);
    let source = centre.centre.store.source_by_slug("dsm").await.unwrap().unwrap();
    assert_eq!(data::go(&karim, &source.id.to_string(), "publish").await.status, 303);
    projects::kit::authorised(centre).await;
    lab.write("safe.csv", SAFE);
    lab.release(&["safe.csv"]).await;
    let queued = lab.seal(&["safe.csv"]).await;
    let grace = centre.person("grace").await;
    assert_eq!(grace.post(&format!("/checks/{queued}/take"), &[]).await.status, 303);
    let ada = centre.person("ada").await;
    lab.draft(&ada).await;
    let credits = format!("/applications/{}/credits", lab.application.id);
    let order = [("action", "order"), ("packs", "1"), ("reason", "PO 4711")];
    assert_eq!(ada.post(&credits, &order).await.status, 303);
    let sent = outputs::import::send(&lab, &ada, "fit.py", b"import pandas\n".to_vec()).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let draft = ada.post("/applications", &[]).await.id();
    let plan = format!("/api/v1/applications/{draft}/attachments?title=Plan&kind=other&name=a.txt");
    let attached = ada.send(Method::POST, &plan, |request| request.body("a plan")).await;
    assert_eq!(attached.status, 201, "{}", attached.text);
    let recording = Recording { sha256: "0".repeat(64), bytes: 1, duration_ms: 1 };
    let session = Session {
        id: centre.centre.id::<SessionId>(),
        version: 0,
        bubble: lab.bubble.id,
        application: lab.application.id,
        person: centre.who("ada").await.id,
        opened_at: centre.centre.now(),
        login: None,
        mounts: vec![],
        state: SessionState::Ended { at: centre.centre.now(), recording },
    };
    insert(centre, &session).await;
    lab
}

/// The links of a page: where a browser that follows every one goes.
fn links(page: &str) -> BTreeSet<String> {
    let link = Regex::new(r#"<a [^>]*?href="([^"]*)""#).expect("a pattern");
    let found = link.captures_iter(page).map(|link| link[1].replace("&amp;", "&"));
    found
        .filter_map(|href| href.split('#').next().map(ToOwned::to_owned))
        .filter(|href| href.starts_with('/') && !href.starts_with("/demo/"))
        .collect()
}

/// What is visited once: the path with the names of its parameters. The same filter with another
/// value is the same page.
fn kind(href: &str) -> String {
    let (path, query) = href.split_once('?').unwrap_or((href, ""));
    let names: BTreeSet<&str> =
        query.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).collect();
    format!("{path}?{names:?}")
}

/// Pages of one shape that are visited: a log has a page an event, and all are made alike.
const ALIKE: usize = 40;

/// A path with its ids and numbers taken out.
fn shape(href: &str) -> String {
    let path = href.split('?').next().unwrap_or_default();
    let of = |piece: &str| {
        if piece.contains(|c: char| c.is_ascii_digit()) { "*" } else { piece }.to_owned()
    };
    path.split('/').map(of).collect::<Vec<_>>().join("/")
}

/// Follows every link from the first page; gives the paths that were reached, each with the page
/// that leads there, and what did not answer 200.
async fn crawl(who: &str, client: &Client) -> (BTreeSet<String>, Vec<String>) {
    let mut seen = BTreeSet::new();
    let mut alike = BTreeMap::<String, usize>::new();
    let (mut reached, mut broken) = (BTreeSet::new(), Vec::new());
    let mut waiting = VecDeque::from([("/".to_owned(), String::new())]);
    while let Some((href, from)) = waiting.pop_front() {
        let visits = alike.entry(shape(&href)).or_default();
        if *visits >= ALIKE || !seen.insert(kind(&href)) {
            continue;
        }
        *visits += 1;
        let answer = client.get(&href).await;
        if answer.status != 200 {
            broken.push(format!("{who}: {href} answers {} (linked from {from})", answer.status));
            continue;
        }
        reached.insert(href.split('?').next().unwrap_or_default().to_owned());
        // A mail's links are for the one to whom it was sent.
        let is_page = answer.headers.get("content-type").is_some_and(|it| it.contains("html"))
            && !href.starts_with("/outbox/");
        for next in links(&answer.text).into_iter().filter(|_| is_page) {
            waiting.push_back((next, href.clone()));
        }
    }
    (reached, broken)
}

/// The routes of pages, as the portal's sources name them.
fn routes() -> BTreeSet<String> {
    let route = Regex::new(r#"(?s)\.route\(\s*"([^"]+)",\s*get\("#).expect("a pattern");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../portal/src");
    let mut found = BTreeSet::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the portal's sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.extend(route.captures_iter(&text).map(|route| route[1].to_owned()));
            }
        }
    }
    found.retain(|route| !route.starts_with("/assets") && !route.starts_with("/api"));
    assert!(found.len() > 40, "the pattern finds the routes: {found:?}");
    found
}

/// Whether a path is one of a route's: a piece in braces is any, and a fixed one goes before.
fn is_of(path: &str, route: &str) -> bool {
    let (path, route): (Vec<_>, Vec<_>) = (path.split('/').collect(), route.split('/').collect());
    path.len() == route.len()
        && path.iter().zip(&route).all(|(piece, of)| of.starts_with('{') || piece == of)
}

#[tokio::test]
async fn every_link_of_every_page_leads_to_a_page_for_everybody() {
    let lab = lived_in().await;
    let (mut reached, mut broken) = (BTreeMap::<String, BTreeSet<&str>>::new(), Vec::new());
    for who in EVERYBODY.into_iter().chain(["visitor"]) {
        let client = match who {
            "visitor" => lab.centre.visitor(),
            name => lab.centre.person(name).await,
        };
        let (paths, faults) = crawl(who, &client).await;
        broken.extend(faults);
        for path in paths {
            reached.entry(path).or_default().insert(who);
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
    let fixed = |path: &str, route: &str| is_of(path, route) && !route.contains('{');
    let all = routes();
    let unreached: BTreeSet<&str> = all
        .iter()
        .filter(|route| {
            // `/exports/new` is not an export: a path that is a fixed route counts for that alone.
            !reached.keys().any(|path| {
                fixed(path, route)
                    || is_of(path, route) && !all.iter().any(|other| fixed(path, other))
            })
        })
        .map(String::as_str)
        .collect();
    let expected: BTreeSet<&str> = WITHOUT_A_LINK.iter().map(|(route, _)| *route).collect();
    assert_eq!(unreached, expected, "pages without a link");
}

#[tokio::test]
async fn the_navigation_shows_each_role_what_it_can_use() {
    let centre = TestCentre::start().await;
    for (who, entries) in [
        ("ada", vec!["/undertakings"]),
        ("chloe", vec!["/producer", "/producer/rules", "/producers", "/data"]),
        ("farid", vec!["/secretary", "/people", "/producers", "/undertakings"]),
        ("karim", vec!["/data", "/producers"]),
        ("nora", vec!["/data", "/people", "/producers", "/security", "/log"]),
        ("omar", vec!["/people", "/producers", "/credits"]),
        ("rose", vec!["/credits"]),
    ] {
        let page = centre.person(who).await.get("/").await.text;
        let nav = page.split("</nav>").next().expect("a navigation");
        for entry in entries {
            assert!(nav.contains(&format!("href=\"{entry}\"")), "{who} has no {entry}");
        }
    }
    let rules = centre.person("chloe").await.get("/producer/rules").await.text;
    assert_eq!(rules.matches("href=\"/producer\" aria-current").count(), 0);
    assert_eq!(rules.matches("href=\"/producer/rules\" aria-current").count(), 1);
    // Pages whose address begins otherwise stand below the entry that leads to them.
    let (_, deposit) = data::deposited(&centre, "a.csv", b"commune;revenu;statut\n1;2;3\n").await;
    let deposit = format!("/deposits/{}", deposit.id);
    for (who, path, entry) in [
        ("ada", "/imports", "/bubbles"),
        ("grace", "/imports", "/checks"),
        ("chloe", deposit.as_str(), "/data"),
    ] {
        let page = centre.person(who).await.get(path).await;
        assert_eq!(page.status, 200, "{who} {path}");
        let nav = page.text.split("</nav>").next().expect("a navigation");
        assert_eq!(nav.matches("aria-current").count(), 1, "{who} {path}");
        assert!(nav.contains(&format!("href=\"{entry}\" aria-current")), "{who} {path}: {nav}");
    }
}
