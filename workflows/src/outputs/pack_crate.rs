//! The description of a pack: `ro-crate-metadata.json` after the profile Five Safes RO-Crate 0.4
//! (<https://w3id.org/5s-crate/0.4>) on RO-Crate 1.2.
//!
//! Its phases and ours: *check* is the comparison of the frozen copies with what was sealed,
//! *validation* the scan by the rules, *sign-off* the authorisation of the project, *execution* the
//! work in the bubble up to the sealing, *disclosure* the votes, *publishing* this pack. One thing
//! differs: a bubble is no workflow engine, so `mainEntity` is the request and no workflow crate,
//! and there is no retrieval. Released files are described and not held: they leave by the portal,
//! for some days, and the pack stays.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Application, Export, Person, Timestamp,
    outputs::export::{ExportFile, ExportState, Vote},
    projects::application::ApplicationState,
};
use ledger::Member;
use serde_json::{Value, json};

const PROFILE: &str = "https://w3id.org/5s-crate/0.4";
const CRATE: &str = "https://w3id.org/ro/crate/1.2";
const SHA512: &str = "https://www.iana.org/assignments/named-information#sha-512";
const SHA256: &str = "https://www.iana.org/assignments/named-information#sha-256";
const DONE: &str = "http://schema.org/CompletedActionStatus";

/// A rule set that the request was sealed under.
pub(super) struct Rules {
    pub(super) place: String,
    pub(super) name: String,
    pub(super) toml: String,
}

/// What a pack is made of.
pub(super) struct Facts {
    pub(super) address: String,
    pub(super) project_number: String,
    pub(super) title: String,
    pub(super) application: Application,
    pub(super) author: Person,
    pub(super) export: Export,
    pub(super) rules: Vec<Rules>,
    pub(super) events: Vec<(String, Timestamp)>,
    pub(super) now: Timestamp,
}

impl Facts {
    fn first(&self, kind: &str) -> Option<Timestamp> {
        self.events.iter().find(|(is, _)| is == kind).map(|(_, at)| *at)
    }

    fn last(&self, kinds: &[&str]) -> Option<Timestamp> {
        let mut of = self.events.iter().rev().filter(|(is, _)| kinds.contains(&is.as_str()));
        of.next().map(|(_, at)| *at)
    }

    /// The files that leave, each with what it is called in the crate: its hash as an RFC 6920 name,
    /// and its number, since two files may have the same bytes.
    fn outputs(&self) -> Vec<(String, &ExportFile)> {
        let ExportState::Releasing { files, .. } = &self.export.state else { return Vec::new() };
        let all = self.export.files().enumerate();
        let leaving = all.filter(|(_, file)| files.contains(&file.path));
        let named = leaving.map(|(number, file)| {
            let hash = URL_SAFE_NO_PAD.encode(hex::decode(&file.sha256).unwrap_or_default());
            (format!("ni:///sha-256;{hash}?n={number}"), file)
        });
        named.collect()
    }

    fn votes(&self) -> &[Vote] {
        match &self.export.state {
            ExportState::Releasing { votes, .. } => votes,
            _ => &[],
        }
    }
}

/// The request as its author wrote it, to read without any tool. A small table can be guessed from its
/// hash, so that only what leaves has one here.
pub(super) fn request(export: &Export) -> String {
    let leaves = |path: &String| match &export.state {
        ExportState::Releasing { files, .. } => files.contains(path),
        _ => false,
    };
    let mut text = format!("{}\n", export.title);
    for group in &export.groups {
        text += &format!("\n# {}\n{}\n\n{}\n", group.name, group.context, group.controls);
        for file in &group.files {
            text += &match leaves(&file.path) {
                true => format!(
                    "{}  {}  {} bytes  {}\n",
                    file.sha256,
                    file.kind.name(),
                    file.bytes,
                    file.path
                ),
                false => format!("stays  {}  {}\n", file.kind.name(), file.path),
            };
        }
    }
    text
}

fn id(id: impl Into<String>) -> Value {
    json!({ "@id": id.into() })
}

/// The crate's description of `files`, which are its other members.
pub(super) fn describe(facts: &Facts, files: &[Member]) -> Value {
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": id("./"),
            "conformsTo": id(CRATE),
        }),
        root(facts, files),
        json!({ "@id": PROFILE, "@type": ["CreativeWork", "Profile"], "name": "Five Safes RO-Crate profile" }),
    ];
    graph.extend(files.iter().map(|file| {
        let kind = match file.name.rsplit('.').next() {
            Some("json") => "application/json",
            Some("toml") => "application/toml",
            _ => "text/plain",
        };
        let rules = facts.rules.iter().find(|rules| rules.place == file.name);
        let name = match file.name.as_str() {
            "README.txt" => "How to read and verify this pack".to_owned(),
            "evidence.json" => {
                "Files, findings, votes, comments and events of the release".to_owned()
            }
            "request/request.txt" => "The request as its author wrote it".to_owned(),
            other => rules.map_or_else(|| other.to_owned(), |rules| rules.name.clone()),
        };
        json!({
            "@id": file.name, "@type": "File", "name": name, "encodingFormat": kind,
            "contentSize": file.bytes.len().to_string(),
        })
    }));
    graph.extend(outputs(facts));
    graph.extend(people(facts));
    graph.extend(phases(facts));
    json!({ "@context": [format!("{CRATE}/context"), { "sha256": "https://schema.org/sha256" }], "@graph": graph })
}

fn root(facts: &Facts, files: &[Member]) -> Value {
    let export = &facts.export;
    let own = files.iter().map(|file| file.name.clone()).chain(["request/".to_owned()]);
    let parts: Vec<Value> =
        own.chain(facts.outputs().into_iter().map(|(name, _)| name)).map(id).collect();
    let mut mentions = vec![id("#execution"), id("#check"), id("#validation"), id("#sign-off")];
    mentions.extend((0..facts.votes().len()).map(|at| id(format!("#disclosure-{}", at + 1))));
    mentions.extend([id("#disclosure"), id("#publishing")]);
    json!({
        "@id": "./", "@type": "Dataset", "conformsTo": id(PROFILE),
        "identifier": format!("urn:uuid:{}", export.id),
        "name": format!("Evidence of release {} of project {}", export.number, facts.project_number),
        "description": "What was asked, found, voted and released, without the released files",
        "datePublished": facts.now, "license": id("#terms"), "publisher": id(&facts.address),
        "mainEntity": id("request/"), "hasPart": parts, "mentions": mentions,
        "sourceOrganization": id("#project"),
    })
}

fn outputs(facts: &Facts) -> Vec<Value> {
    let mut all = vec![
        json!({
            "@id": "request/", "@type": "Dataset", "name": facts.export.title,
            "description": "The request to let results of the project's bubble out",
            "hasPart": [id("request/request.txt")],
        }),
        json!({
            "@id": "#permission", "@type": "DigitalDocumentPermission",
            "permissionType": "http://schema.org/ReadPermission", "grantee": id("#project"),
        }),
    ];
    all.extend(facts.outputs().into_iter().map(|(name, file)| {
        json!({
            "@id": name, "@type": "DigitalDocument", "name": file.path, "sha256": file.sha256,
            "contentSize": file.bytes.to_string(), "hasDigitalDocumentPermission": id("#permission"),
        })
    }));
    all
}

fn people(facts: &Facts) -> Vec<Value> {
    let author = format!("urn:uuid:{}", facts.author.id);
    let mut all = vec![
        json!({ "@id": facts.address, "@type": "Organization", "name": facts.address }),
        json!({
            "@id": "#bulle", "@type": "SoftwareApplication", "name": "Bulle, the centre's server",
            "version": env!("CARGO_PKG_VERSION"), "provider": id(&facts.address),
        }),
        json!({
            "@id": "#project", "@type": "Project", "name": facts.title,
            "identifier": format!("urn:uuid:{}", facts.application.id),
        }),
        json!({
            "@id": author, "@type": "Person", "name": facts.author.name,
            "affiliation": id("#institution"), "memberOf": [id("#project")],
        }),
        json!({ "@id": "#institution", "@type": "Organization", "name": facts.author.institution }),
        json!({
            "@id": "#terms", "@type": "CreativeWork",
            "name": "Terms of the project's authorisation and of its producers",
        }),
        json!({
            "@id": "#authorisation", "@type": "CreativeWork",
            "name": format!("Authorisation of project {}", facts.project_number),
        }),
        json!({ "@id": SHA256, "@type": "DefinedTerm", "name": "sha-256 algorithm" }),
        json!({ "@id": SHA512, "@type": "DefinedTerm", "name": "sha-512 algorithm" }),
    ];
    // Reviewers are numbered, not named: the author reads this.
    all.extend((1..=facts.votes().len()).map(|number| {
        json!({
            "@id": format!("#reviewer-{number}"), "@type": "Person",
            "name": format!("Reviewer {number}"), "affiliation": id(&facts.address),
        })
    }));
    all
}

fn assess(name: &str, kind: &str, what: String, end: Option<Timestamp>, agent: &str) -> Value {
    let mut action = json!({
        "@id": name, "@type": "AssessAction", "additionalType": id(format!("https://w3id.org/shp#{kind}")),
        "name": what, "object": [id("./")], "agent": id(agent), "actionStatus": DONE,
    });
    timed(&mut action, "endTime", end);
    action
}

/// Tells a time that the record has; what it does not have is left out, never made up.
fn timed(action: &mut Value, name: &str, at: Option<Timestamp>) {
    if let Some(at) = at {
        action[name] = json!(at);
    }
}

fn phases(facts: &Facts) -> Vec<Value> {
    let results: Vec<Value> = facts.outputs().into_iter().map(|(name, _)| id(name)).collect();
    let mut execution = json!({
        "@id": "#execution", "@type": "CreateAction", "name": "Work in the project's bubble",
        "agent": id(format!("urn:uuid:{}", facts.author.id)), "instrument": id("request/"),
        "actionStatus": DONE, "object": [id("request/request.txt")],
    });
    execution["result"] = json!(results);
    timed(&mut execution, "startTime", facts.first("export.created"));
    timed(&mut execution, "endTime", facts.last(&["export.sealed", "export.resealed"]));
    let what = "Frozen copies compared with what was sealed: the same";
    let mut check = assess("#check", "CheckValue", what.to_owned(), Some(facts.now), "#bulle");
    check["instrument"] = id(SHA256);
    let what = "Scan of every file by the producers' rules: done".to_owned();
    let scanned = facts.last(&["score.done"]);
    let mut validation = assess("#validation", "ValidationCheck", what, scanned, "#bulle");
    let rules = facts.rules.iter().map(|rules| id(&rules.place));
    validation["instrument"] = std::iter::once(id(PROFILE)).chain(rules).collect();
    timed(&mut validation, "startTime", facts.last(&["scan.started", "export.resealed"]));
    let since = match facts.application.state {
        ApplicationState::Authorised { since, .. } => Some(since),
        _ => facts.first("export.created"),
    };
    let what = "Authorisation of the project: in force when it was asked".to_owned();
    let mut signed = assess("#sign-off", "SignOff", what, since, &facts.address);
    signed["instrument"] = id("#authorisation");
    signed["object"] = json!([id("./"), id("request/"), id("#project")]);
    let mut all = vec![execution, check, validation, signed];
    all.extend(disclosure(facts));
    all.push(json!({
        "@id": "#publishing", "@type": "UpdateAction",
        "additionalType": id("https://w3id.org/shp#GenerateCheckValue"),
        "name": "Manifests of the bag written", "startTime": facts.now, "endTime": facts.now,
        "object": id("./"), "instrument": id(SHA512), "agent": id("#bulle"), "actionStatus": DONE,
    }));
    all
}

/// Each vote and what they decided together; of what left without a checker, by which route.
fn disclosure(facts: &Facts) -> Vec<Value> {
    let mut all = Vec::new();
    for (at, vote) in facts.votes().iter().enumerate() {
        let (name, by) = (format!("#disclosure-{}", at + 1), format!("#reviewer-{}", at + 1));
        let what = format!("Disclosure check by reviewer {}: voted", at + 1);
        all.push(assess(&name, "DisclosureCheck", what, Some(vote.at), &by));
    }
    let decisions = ["export.approved", "export.partly_approved"];
    let (what, at, by) = if facts.export.is_automatic() {
        let what = "Disclosure check of the request: it left without a checker, by the rules";
        (what, facts.last(&["route.automatic"]), "#bulle")
    } else {
        let last = facts.events.iter().rev().find(|(kind, _)| decisions.contains(&kind.as_str()));
        let what = match last.map(|(kind, _)| kind.as_str()) {
            Some("export.partly_approved") => "Disclosure check of the request: partly approved",
            _ => "Disclosure check of the request: approved",
        };
        (what, facts.last(&decisions), facts.address.as_str())
    };
    all.push(assess("#disclosure", "DisclosureCheck", what.to_owned(), at, by));
    all
}

/// Whether a description holds together: each entity once, each reference leads to one, each file
/// described and part of the whole. A pack that does not is not sealed.
pub(super) fn check(described: &Value, files: &[Member]) -> Result<(), String> {
    let graph = described["@graph"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut known = std::collections::BTreeSet::new();
    for entity in graph {
        let name = entity["@id"].as_str().unwrap_or_default();
        if name.is_empty() || !known.insert(name) {
            return Err(format!("the entity {name:?} is there twice or has no name"));
        }
    }
    let terms = |name: &str| name == CRATE || name.starts_with("https://w3id.org/shp#");
    let references = graph.iter().flat_map(|entity| entity.as_object().into_iter().flatten());
    for (_, value) in references {
        let one = std::slice::from_ref(value);
        for part in value.as_array().map_or(one, Vec::as_slice) {
            if let Some(name) = part["@id"].as_str().filter(|name| !terms(name))
                && !known.contains(name)
            {
                return Err(format!("{name:?} is referred to and not described"));
            }
        }
    }
    let root = graph.iter().find(|entity| entity["@id"] == "./");
    let parts = root.map(|root| root["hasPart"].to_string()).unwrap_or_default();
    match files.iter().find(|file| !parts.contains(&format!("\"{}\"", file.name))) {
        None => Ok(()),
        Some(file) => Err(format!("{:?} is not part of the whole", file.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_with_a_loose_end_is_refused() {
        let file = Member { name: "a.txt".to_owned(), bytes: vec![] };
        let whole = |root: Value| json!({ "@graph": [root, { "@id": "a.txt", "@type": "File" }] });
        let files = std::slice::from_ref(&file);
        let good = json!({ "@id": "./", "hasPart": [id("a.txt")], "conformsTo": id(CRATE) });
        assert_eq!(check(&whole(good.clone()), files), Ok(()));
        let mut loose = good.clone();
        loose["author"] = id("#nobody");
        assert!(check(&whole(loose), files).unwrap_err().contains("#nobody"));
        let mut without = good;
        without["hasPart"] = json!([]);
        assert!(check(&whole(without), files).unwrap_err().contains("a.txt"));
        let twice = whole(json!({ "@id": "a.txt", "hasPart": [id("a.txt")] }));
        assert!(check(&twice, files).unwrap_err().contains("twice"));
    }
}
