use std::io::{Cursor, Read as _, Write as _};

use rand::{SeedableRng as _, rngs::StdRng};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::{Log, SignerKey, VerifierKey};

/// A pack, and the verifier key of the log that sealed it.
fn pack(seed: u64, size: usize) -> (Vec<u8>, VerifierKey) {
    pack_sealed_by(seed, size, |pack| serde_json::json!({ "kind": PACK_EVENT, "pack": pack }))
}

/// The same, sealed by an event with this kind and this `payload.pack`.
fn pack_sealed_by(
    seed: u64,
    size: usize,
    told: impl Fn(serde_json::Value) -> serde_json::Value,
) -> (Vec<u8>, VerifierKey) {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(seed);
    let (own, log_key) = (SignerKey::generate(&mut rng), SignerKey::generate(&mut rng));
    let signer = own.verifier("centre.example/packs").unwrap();
    let files = [("ro-crate-metadata.json", "{}\n"), ("request.txt", "One table\n")];
    let files = files.map(|(name, text)| Member { name: name.into(), bytes: text.into() }).into();
    let bag = Bag::new(Payload {
        folder: "release-1".into(),
        identifier: "urn:uuid:0".into(),
        date: "2026-11-02".into(),
        files,
    });
    let bag = bag.unwrap().sign(&own, &signer);
    let read = Bag::read(&bag.archive().unwrap()).unwrap();
    assert_eq!(read, bag);
    let told = told(statement_of(&bag, &signer));
    let payload = serde_json::json!({ "pack": told["pack"] });
    let statement = serde_json::json!({ "id": 1, "kind": told["kind"], "payload": payload });
    let statement = statement.to_string();
    let salt = "5a17".repeat(16);
    let hash = hex::encode(Sha256::digest(format!("{salt}{statement}")));
    let entry = serde_json::json!({ "kind": "release", "commitment": hash }).to_string();
    let mut log = Log::open(folder.path(), "centre.example/log", log_key).unwrap();
    let mut entries: Vec<Vec<u8>> = (0..size).map(|n| format!("entry {n}").into_bytes()).collect();
    entries[size / 2] = entry.clone().into_bytes();
    log.append(&entries).unwrap();
    let index = (size / 2) as u64;
    let proof = LogProof {
        statement,
        salt,
        entry: entry.into_bytes(),
        index,
        size: log.size(),
        hashes: log.inclusion_proof(index, log.size()).unwrap(),
        checkpoint: log.checkpoint().to_owned(),
        verifier: log.verifier().clone(),
    };
    (bag.with_proof(&proof).unwrap(), log.verifier().clone())
}

/// The members of a pack, to make an altered one of them in the same form.
fn members(pack: &[u8]) -> Vec<(String, Vec<u8>)> {
    let scanned = archive::scan(pack, |_| true, u64::MAX).unwrap();
    scanned.into_iter().map(|member| (member.name, member.kept.unwrap())).collect()
}

fn written(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let borrowed: Vec<(String, &[u8])> =
        members.iter().map(|(name, bytes)| (name.clone(), &bytes[..])).collect();
    archive::write(&borrowed).unwrap()
}

fn first(pack: &[u8], key: Option<&VerifierKey>) -> String {
    let report = verify_pack(pack, key).unwrap();
    report.problems.first().map_or(String::new(), |problem| problem.member.clone())
}

#[test]
fn a_pack_verifies_and_any_zip_tool_opens_it() {
    for size in [1, 2, 7, 300] {
        let (pack, key) = pack(1, size);
        for key in [None, Some(&key)] {
            let report = verify_pack(&pack[..], key).unwrap();
            assert!(report.is_intact(), "{report}");
            assert_eq!((report.files, report.index), (2, Some(size as u64 / 2)));
        }
        let mut zip = zip::ZipArchive::new(Cursor::new(&pack)).unwrap();
        let mut text = String::new();
        let mut file = zip.by_name("release-1/data/request.txt").unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "One table\n");
    }
}

#[test]
fn only_the_event_of_a_release_vouches_for_a_pack() {
    for kind in ["export.sealed", "release.revoked", ""] {
        let (pack, key) =
            pack_sealed_by(8, 3, |pack| serde_json::json!({ "kind": kind, "pack": pack }));
        let report = verify_pack(&pack[..], Some(&key)).unwrap();
        assert_eq!(report.problems[0].member, "log/statement.json", "{kind}: {report}");
        assert_eq!(report.folder, "", "nothing vouches for it");
    }
}

#[test]
fn a_folder_that_was_renamed_is_found() {
    let (pack, key) = pack(9, 3);
    assert_eq!(verify_pack(&pack[..], Some(&key)).unwrap().folder, "release-1");
    let mut renamed = members(&pack);
    for (name, _) in &mut renamed {
        *name = name.replacen("release-1/", "release-2/", 1);
    }
    let report = verify_pack(&written(&renamed)[..], Some(&key)).unwrap();
    assert_eq!(report.problems[0].what, "its folder has another name than the log says");
    assert!(!report.is_intact() && report.folder.is_empty());
    // A pack of before: its statement does not name the folder, so neither does the report.
    let (older, key) = pack_sealed_by(10, 3, |mut pack| {
        pack.as_object_mut().unwrap().remove("folder");
        serde_json::json!({ "kind": PACK_EVENT, "pack": pack })
    });
    let report = verify_pack(&older[..], Some(&key)).unwrap();
    assert!(report.is_intact() && report.folder.is_empty(), "{report}");
}

#[test]
fn any_altered_byte_is_found() {
    let (pack, key) = pack(2, 3);
    for at in 0..pack.len() {
        let mut altered = pack.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(!verify_pack(&altered[..], Some(&key)).unwrap().is_intact(), "byte {at}");
    }
    for cut in 0..pack.len() {
        assert!(!verify_pack(&pack[..cut], Some(&key)).unwrap().is_intact(), "cut at {cut}");
    }
    let more = [&pack[..], b"x"].concat();
    assert!(!verify_pack(&more[..], Some(&key)).unwrap().is_intact());
}

#[test]
fn each_altered_member_is_named() {
    let (pack, key) = pack(3, 5);
    let all = members(&pack);
    for at in 0..all.len() {
        let mut altered = all.clone();
        let middle = altered[at].1.len() / 2;
        altered[at].1[middle] ^= 1;
        let name = all[at].0.split_once('/').unwrap().1;
        // Salt and statement are held together against one hash.
        let expected = if name == "log/salt" { "log/statement.json" } else { name };
        let found = first(&written(&altered), Some(&key));
        let entry = name == "log/proof.json" && found == "log/entry.json";
        assert!(found == expected || entry, "{name}: {found}");
        let mut without = all.clone();
        without.remove(at);
        assert_eq!(first(&written(&without), Some(&key)), name, "without {name}");
    }
    let mut more = all;
    more.push(("release-1/data/more.txt".into(), b"x".to_vec()));
    assert_eq!(first(&written(&more), Some(&key)), "data/more.txt");
    more.pop();
    more.push(("release-1/log/note".into(), b"x".to_vec()));
    assert_eq!(first(&written(&more), Some(&key)), "log/note");
}

#[test]
fn a_file_altered_with_every_manifest_above_it_is_found_at_the_top() {
    let (original, key) = pack(4, 5);
    let all = members(&original);
    let data: Vec<Member> = all
        .iter()
        .filter_map(|(name, bytes)| {
            let name = name.strip_prefix("release-1/data/")?;
            Some(Member { name: name.into(), bytes: [bytes, &b"!"[..]].concat() })
        })
        .collect();
    let forged = Bag::new(Payload {
        folder: "release-1".into(),
        identifier: "urn:uuid:0".into(),
        date: "2026-11-02".into(),
        files: data,
    });
    // Signed anew by another key, with the proof of the true one.
    let other = SignerKey::generate(&mut StdRng::seed_from_u64(9));
    let signer = other.verifier("centre.example/packs").unwrap();
    let forged = forged.unwrap().sign(&other, &signer).archive().unwrap();
    let mut mixed = members(&forged);
    mixed.extend(all.into_iter().filter(|(name, _)| name.starts_with("release-1/log/")));
    let report = verify_pack(&written(&mixed)[..], Some(&key)).unwrap();
    let named: Vec<&str> = report.problems.iter().map(|problem| &*problem.member).collect();
    assert_eq!(named, ["seal/signature", "tagmanifest-sha512.txt"]);
}

#[test]
fn a_pack_of_another_centre_fails_the_key_that_the_reader_brought() {
    let ((theirs, _), (_, key)) = (pack(5, 4), pack(6, 4));
    assert!(verify_pack(&theirs[..], None).unwrap().is_intact());
    assert_eq!(first(&theirs, Some(&key)), "log/verifier.key");
    let told = verify_pack(&theirs[..], None).unwrap().to_string();
    assert!(told.contains("agrees with itself"), "{told}");
}

#[test]
fn a_proof_of_another_entry_is_refused() {
    let (one, key) = pack(7, 6);
    // The same log sealed it, at another place: the index is turned.
    let mut all = members(&one);
    let proof = all.iter_mut().find(|(name, _)| name.ends_with("log/proof.json")).unwrap();
    let text = String::from_utf8(proof.1.clone()).unwrap().replace("\"index\":3", "\"index\":2");
    proof.1 = text.into_bytes();
    assert_eq!(first(&written(&all), Some(&key)), "log/entry.json");
}

/// A ZIP as another tool writes it.
fn foreign(names: &[&str], compress: bool, bytes: &[u8]) -> Vec<u8> {
    let method = match compress {
        true => zip::CompressionMethod::Deflated,
        false => zip::CompressionMethod::Stored,
    };
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn bombs_traversal_doubled_names_and_lying_sizes_are_refused() {
    let refused = |bytes: &[u8]| {
        let report = verify_pack(bytes, None).unwrap();
        assert!(!report.is_intact());
        report.problems[0].what.clone()
    };
    let bomb = foreign(&["bag/data/zeros"], true, &vec![0; 8 << 20]);
    assert!(bomb.len() < 20_000 && refused(&bomb).contains("not stored as a pack"));
    for name in ["bag/../../etc/passwd", "/etc/passwd", "bag/a\\b", "bag//x", "bag/\u{1b}[2J"] {
        let write = archive::write(&[(name.to_owned(), b"x")]);
        assert!(matches!(write, Err(PackError::Member { .. })), "{name}");
        let hostile = plain(name, 1, b"x");
        assert!(refused(&hostile).contains("name"), "{name}");
    }
    let twice = [plain("bag/x", 1, b"x"), plain("bag/x", 1, b"y")].concat();
    assert!(refused(&twice).contains("twice"));
    // Claims 4 GiB, has one byte: nothing is allocated for the claim.
    let huge = plain("bag/data/huge", u32::MAX, b"x");
    assert!(refused(&huge).contains("larger than any pack"));
    let long = plain("bag/data/long", 100 << 20, b"x");
    assert!(refused(&long).contains("cut short"));
    // Control files that would have to be kept in memory are bounded together.
    let much = plain("bag/log/salt", 9 << 20, b"x");
    assert!(refused(&much).contains("longer than any such file"));
    for noise in [&b""[..], b"PK", b"PK\x03\x04", b"not a zip at all", &[0xff; 64]] {
        refused(noise);
    }
}

/// One stored member that claims `size` bytes.
fn plain(name: &str, size: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = 0x0403_4b50_u32.to_le_bytes().to_vec();
    for word in [20_u16, 0, 0, 0, 0x21] {
        out.extend(word.to_le_bytes());
    }
    for word in [0, size, size] {
        out.extend(word.to_le_bytes());
    }
    out.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    out.extend([0, 0]);
    out.extend(name.as_bytes());
    out.extend(bytes);
    out
}
