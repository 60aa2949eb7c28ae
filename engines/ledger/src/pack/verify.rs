//! Verifying a pack with nothing at hand but the pack and a key.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::PACK_EVENT;
use super::archive::{self, Scanned, Stop};
use super::bag::{ProofFile, seal_text};
use crate::checkpoint::{open_note, parse_checkpoint};
use crate::hash::leaf_hash;
use crate::key::VerifierKey;
use crate::proof::verify_inclusion;

/// The members that every pack has, in the order of what vouches for what.
const NEEDED: [&str; 12] = [
    "log/verifier.key",
    "log/checkpoint",
    "log/proof.json",
    "log/entry.json",
    "log/salt",
    "log/statement.json",
    "seal/signature",
    "tagmanifest-sha512.txt",
    "bagit.txt",
    "bag-info.txt",
    "manifest-sha256.txt",
    "manifest-sha512.txt",
];
/// Bytes of these that are kept in memory together: the manifests of the largest pack have less.
const KEPT: u64 = 8 << 20;
/// The members that the tag manifest lists.
const TAGGED: [&str; 4] =
    ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt"];

/// Something of a pack that is not as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PackProblem {
    /// The member, by its path in the bag; empty for the ZIP file itself.
    pub member: String,
    /// What is wrong with it.
    pub what: String,
}

/// What verifying a pack found.
#[derive(Clone, Debug, serde::Serialize)]
pub struct PackReport {
    /// The name of the bag's folder, where the log vouches for it; of an older pack nothing.
    pub folder: String,
    /// How many files the bag's payload has.
    pub files: usize,
    /// The log that sealed it.
    pub origin: String,
    /// The place of the entry that sealed it.
    pub index: Option<u64>,
    /// The size of the log that the proof is for.
    pub size: Option<u64>,
    /// The id of the key that was trusted.
    pub key_id: String,
    /// Whether the reader brought that key. Otherwise it is the pack's own, and a pack that
    /// somebody made whole with another key goes unnoticed.
    pub key_given: bool,
    /// What is wrong; what vouches for the others comes first.
    pub problems: Vec<PackProblem>,
}

impl PackReport {
    /// Whether everything is as it was sealed.
    pub fn is_intact(&self) -> bool {
        self.problems.is_empty()
    }

    fn note(&mut self, member: &str, what: impl Into<String>) {
        // The first thing that is said of a member is the nearest to the cause.
        if self.problems.iter().all(|problem| problem.member != member) {
            self.problems.push(PackProblem { member: member.to_owned(), what: what.into() });
        }
    }
}

impl fmt::Display for PackReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = match self.key_given {
            true => "the key that you gave",
            false => "the pack's own key: that proves only that the pack agrees with itself",
        };
        match self.problems.split_first() {
            None => {
                let (index, size) = (self.index.unwrap_or(0), self.size.unwrap_or(0));
                writeln!(f, "intact: {} files, sealed in {}", self.files, self.origin)?;
                writeln!(f, "  entry {index} of a log of {size}, by key {}", self.key_id)?;
            }
            Some((first, others)) => {
                let name = |problem: &PackProblem| match problem.member.as_str() {
                    "" => "the ZIP file".to_owned(),
                    member => member.escape_debug().to_string(),
                };
                writeln!(f, "ALTERED: {}: {}", name(first), first.what)?;
                for problem in others {
                    writeln!(f, "  also {}: {}", name(problem), problem.what)?;
                }
            }
        }
        write!(f, "  judged by {whose}")
    }
}

/// Verifies a pack: the log's proof of it, its seal, and the hash of each of its files. Without
/// `key`, the pack's own is used.
///
/// Reads once from the beginning to the end. What it keeps in memory is bounded, whatever the file
/// claims of itself.
///
/// # Errors
/// Where the file cannot be read; all that can be told of what was read is in the report.
pub fn verify_pack(source: impl Read, key: Option<&VerifierKey>) -> io::Result<PackReport> {
    let mut report = PackReport {
        folder: String::new(),
        files: 0,
        origin: key.map(|key| key.name().to_owned()).unwrap_or_default(),
        index: None,
        size: None,
        key_id: key.map(|key| format!("{:08x}", key.key_id())).unwrap_or_default(),
        key_given: key.is_some(),
        problems: Vec::new(),
    };
    // Below the bag's folder; the folder's own name is not known yet.
    let keep = |name: &str| name.split_once('/').is_some_and(|(_, rest)| NEEDED.contains(&rest));
    match archive::scan(io::BufReader::new(source), keep, KEPT) {
        Err(Stop::Io(error)) => return Err(error),
        Err(Stop::Refused { member, what }) => {
            let member = member.split_once('/').map_or(&*member, |(_, rest)| rest);
            report.note(member, what);
        }
        Ok(scanned) => judge(scanned, key, &mut report),
    }
    Ok(report)
}

type Members = BTreeMap<String, Scanned>;

fn judge(scanned: Vec<Scanned>, key: Option<&VerifierKey>, report: &mut PackReport) {
    let mut members = Members::new();
    for member in scanned {
        let Some((folder, name)) = member.name.split_once('/') else {
            return report.note(&member.name, "it is not in the bag's folder");
        };
        if report.folder.is_empty() {
            folder.clone_into(&mut report.folder);
        }
        if folder != report.folder {
            return report.note(&member.name, "it is not in the bag's folder");
        }
        members.insert(name.to_owned(), member);
    }
    if let Some(missing) = NEEDED.iter().find(|name| !members.contains_key(**name)) {
        return report.note(missing, "it is missing");
    }
    report.files = members.keys().filter(|name| name.starts_with("data/")).count();
    for name in members.keys() {
        if !name.starts_with("data/") && !NEEDED.contains(&name.as_str()) {
            report.note(name, "no pack has such a file");
        }
    }
    match check_log(&members, key, report) {
        Some(sealed) => check_seal(&members, &sealed, report),
        None => report.folder.clear(),
    }
    check_bag(&members, report);
    for (name, member) in &members {
        if !member.crc_agrees {
            report.note(name, "its bytes are not those of its checksum in the ZIP file");
        }
    }
}

/// What the log vouches for.
struct Sealed {
    root: String,
    signer: String,
}

/// From the key to the statement. `None` where it proves nothing about the bag.
fn check_log(
    members: &Members,
    key: Option<&VerifierKey>,
    report: &mut PackReport,
) -> Option<Sealed> {
    let own = text(members, "log/verifier.key").parse::<VerifierKey>();
    let canonical =
        own.as_ref().is_ok_and(|own| format!("{own}\n") == text(members, "log/verifier.key"));
    if !canonical {
        report.note("log/verifier.key", "it is no verifier key");
    }
    let trusted = match (key, own) {
        (Some(key), Ok(own)) if own != *key => {
            report.note("log/verifier.key", "it is another key than the one that you gave");
            key.clone()
        }
        (Some(key), _) => key.clone(),
        (None, Ok(own)) => own,
        (None, Err(_)) => return None,
    };
    trusted.name().clone_into(&mut report.origin);
    report.key_id = format!("{:08x}", trusted.key_id());
    let checkpoint = match parse_checkpoint(&text(members, "log/checkpoint"), &trusted) {
        Ok(checkpoint) => checkpoint,
        Err(refused) => {
            report.note("log/checkpoint", refused.to_string());
            return None;
        }
    };
    let written = text(members, "log/proof.json");
    let proof = serde_json::from_str::<ProofFile>(&written).ok();
    let Some(proof) = proof.filter(|proof| proof.text() == written) else {
        report.note("log/proof.json", "it is no proof in the form of a pack");
        return None;
    };
    if proof.size != checkpoint.size {
        report.note("log/proof.json", "it is for another size of the log than the checkpoint's");
        return None;
    }
    let entry = bytes(members, "log/entry.json");
    let leaf = leaf_hash(entry);
    let led = verify_inclusion(leaf, proof.index, proof.size, &proof.hashes, checkpoint.root);
    if let Err(refused) = led {
        report.note("log/entry.json", format!("it is not proved to be in the log: {refused}"));
        return None;
    }
    (report.index, report.size) = (Some(proof.index), Some(proof.size));
    check_statement(members, entry, report)
}

/// From the entry to what it says of the pack.
fn check_statement(members: &Members, entry: &[u8], report: &mut PackReport) -> Option<Sealed> {
    let entry: serde_json::Value = serde_json::from_slice(entry).unwrap_or_default();
    let statement = text(members, "log/statement.json");
    let mut hash = Sha256::new();
    hash.update(bytes(members, "log/salt"));
    hash.update(statement.as_bytes());
    if entry["commitment"].as_str() != Some(&hex::encode(hash.finalize())) {
        report.note("log/statement.json", "it is not what the log's entry commits to");
        return None;
    }
    let statement: serde_json::Value = serde_json::from_str(&statement).unwrap_or_default();
    if statement["kind"].as_str() != Some(PACK_EVENT) {
        report.note("log/statement.json", "it is the statement of another event than a release");
        return None;
    }
    let said = |name: &str| Some(statement["payload"]["pack"][name].as_str()?.to_owned());
    let (Some(root), Some(signer)) = (said("sha256"), said("signer")) else {
        report.note("log/statement.json", "it says nothing of a pack");
        return None;
    };
    match said("folder") {
        // The folder's name stands in no manifest.
        Some(folder) if folder != report.folder => {
            report.note("", "its folder has another name than the log says");
            report.folder.clear();
        }
        Some(_) => {}
        None => report.folder.clear(),
    }
    Some(Sealed { root, signer })
}

/// The seal, by the key that the log names, and the tag manifest that it stands for.
fn check_seal(members: &Members, sealed: &Sealed, report: &mut PackReport) {
    let note = text(members, "seal/signature");
    let signed = match sealed.signer.parse::<VerifierKey>() {
        Ok(signer) => open_note(&note, &signer).map_err(|refused| refused.to_string()),
        Err(refused) => Err(refused.to_string()),
    };
    match signed {
        Err(why) => report.note("seal/signature", why),
        Ok(text) if text != seal_text(&sealed.root) || note.matches("\u{2014} ").count() != 1 => {
            report.note("seal/signature", "it is the seal of something else");
        }
        Ok(_) => {}
    }
    if members["tagmanifest-sha512.txt"].sha256 != sealed.root {
        report.note("tagmanifest-sha512.txt", "it is not the one that the log sealed");
    }
}

/// The manifests against the files.
fn check_bag(members: &Members, report: &mut PackReport) {
    let tagged = text(members, "tagmanifest-sha512.txt");
    let of_512 = |member: &Scanned| member.sha512.clone();
    let tags = TAGGED.iter().map(|name| (*name).to_owned());
    compare(members, ("tagmanifest-sha512.txt", &tagged), tags, of_512, report);
    let data = || members.keys().filter(|name| name.starts_with("data/")).cloned();
    let by_256 = text(members, "manifest-sha256.txt");
    let of_256 = |member: &Scanned| member.sha256.clone();
    compare(members, ("manifest-sha256.txt", &by_256), data(), of_256, report);
    let by_512 = text(members, "manifest-sha512.txt");
    compare(members, ("manifest-sha512.txt", &by_512), data(), of_512, report);
}

fn compare(
    members: &Members,
    (manifest, listed): (&str, &str),
    names: impl Iterator<Item = String>,
    hash: impl Fn(&Scanned) -> String,
    report: &mut PackReport,
) {
    let mut open: BTreeMap<&str, &str> = BTreeMap::new();
    for line in listed.lines() {
        match line.split_once("  ") {
            Some((hash, name)) if !open.contains_key(name) => drop(open.insert(name, hash)),
            _ => return report.note(manifest, "it is no manifest"),
        }
    }
    for name in names {
        match (open.remove(name.as_str()), members.get(&name)) {
            (None, _) => report.note(&name, format!("{manifest} does not list it")),
            (Some(listed), Some(member)) if listed != hash(member) => {
                report.note(&name, format!("its hash is not the one in {manifest}"));
            }
            _ => {}
        }
    }
    for name in open.keys() {
        report.note(name, format!("it is missing: {manifest} lists it"));
    }
}

fn bytes<'m>(members: &'m Members, name: &str) -> &'m [u8] {
    members.get(name).and_then(|member| member.kept.as_deref()).unwrap_or_default()
}

fn text(members: &Members, name: &str) -> String {
    String::from_utf8_lossy(bytes(members, name)).into_owned()
}
