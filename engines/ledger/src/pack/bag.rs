//! Making a pack: the bag, its seal, and the log's proof beside it.

use sha2::{Digest as _, Sha256, Sha512};

use super::archive::{self, Stop};
use super::{PackError, SEAL};
use crate::checkpoint::sign_note;
use crate::hash::Hash;
use crate::key::{SignerKey, VerifierKey};

/// A file of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path, with `/` between folders; letters, digits, `-`, `_` and `.` only.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Member {
    fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}

/// What a pack is about.
#[derive(Clone, Debug)]
pub struct Payload {
    /// The name of the bag's folder.
    pub folder: String,
    /// What the bag is known by, e.g. a `urn:uuid:`.
    pub identifier: String,
    /// The day in `bag-info.txt`, `YYYY-MM-DD`.
    pub date: String,
    /// The files below `data/`, by their paths there.
    pub files: Vec<Member>,
}

/// A bag: payload and manifests, in the order of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bag {
    folder: String,
    members: Vec<Member>,
}

/// What the log says of a pack, once it has sealed it.
#[derive(Clone, Debug)]
pub struct LogProof {
    /// The text that the entry commits to; it names the pack as [`statement_of`] does.
    pub statement: String,
    /// The salt of the commitment, hexadecimal.
    pub salt: String,
    /// The entry of the log; its field `commitment` is SHA-256 of salt and statement.
    pub entry: Vec<u8>,
    /// Its place.
    pub index: u64,
    /// The size of the log that the proof is for.
    pub size: u64,
    /// The hashes that lead from the entry to the root.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
    /// The log's verifier key.
    pub verifier: VerifierKey,
}

/// The proof as it is written and read, in one form only.
#[derive(PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct ProofFile {
    pub(super) index: u64,
    pub(super) size: u64,
    pub(super) hashes: Vec<Hash>,
}

impl ProofFile {
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).expect("numbers and hashes are plain data") + "\n"
    }
}

/// What a statement of the kind [`super::PACK_EVENT`] must say of a pack in its field `payload.pack`.
pub fn statement_of(bag: &Bag, signer: &VerifierKey) -> serde_json::Value {
    serde_json::json!({
        "sha256": bag.root(), "signer": signer.to_string(), "folder": bag.folder,
    })
}

impl Bag {
    /// Makes the bag of a payload: `bagit.txt`, `bag-info.txt`, the payload, manifests by SHA-256
    /// and SHA-512 (5s-crate 0.4 asks for the latter), and the tag manifest.
    ///
    /// # Errors
    /// [`PackError::Member`] for a name that a bag cannot carry, or too much of it.
    pub fn new(payload: Payload) -> Result<Self, PackError> {
        let Payload { folder, identifier, date, files } = payload;
        let octets: usize = files.iter().map(|file| file.bytes.len()).sum();
        let info = format!(
            "Bagging-Date: {date}\nExternal-Identifier: {identifier}\nPayload-Oxum: {octets}.{}\n",
            files.len()
        );
        let line = |member: &Member, hash: String| format!("{hash}  {}\n", member.name);
        let (sha256, sha512) = (
            |member: &Member| line(member, hex::encode(Sha256::digest(&member.bytes))),
            |member: &Member| line(member, hex::encode(Sha512::digest(&member.bytes))),
        );
        let data: Vec<Member> = files
            .into_iter()
            .map(|file| Member::new(format!("data/{}", file.name), file.bytes))
            .collect();
        let bagit = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
        let tags = [
            Member::new("bagit.txt", bagit),
            Member::new("bag-info.txt", info),
            Member::new("manifest-sha256.txt", data.iter().map(sha256).collect::<String>()),
            Member::new("manifest-sha512.txt", data.iter().map(sha512).collect::<String>()),
        ];
        let tagged: String = tags.iter().map(sha512).collect();
        let [bagit, info, by_256, by_512] = tags;
        let mut members = vec![bagit, info];
        members.extend(data);
        members.extend([by_256, by_512, Member::new("tagmanifest-sha512.txt", tagged)]);
        let bag = Self { folder, members };
        bag.archive()?; // refuses now what could not be written later
        Ok(bag)
    }

    /// SHA-256 of the tag manifest, hexadecimal: it stands for every file of the bag.
    pub fn root(&self) -> String {
        let tags = self.members.iter().find(|member| member.name == "tagmanifest-sha512.txt");
        hex::encode(Sha256::digest(tags.map_or(&[][..], |tags| &tags.bytes)))
    }

    /// Adds `seal/signature`, a signed note (<https://c2sp.org/signed-note>) over [`Bag::root`].
    #[must_use]
    pub fn sign(mut self, key: &SignerKey, verifier: &VerifierKey) -> Self {
        let note = sign_note(&seal_text(&self.root()), key, verifier);
        self.members.retain(|member| member.name != "seal/signature");
        self.members.push(Member::new("seal/signature", note));
        self
    }

    /// The bag as a file to keep until the log has sealed it.
    ///
    /// # Errors
    /// [`PackError::Member`], as [`Bag::new`].
    pub fn archive(&self) -> Result<Vec<u8>, PackError> {
        let name = |member: &Member| format!("{}/{}", self.folder, member.name);
        let members: Vec<(String, &[u8])> =
            self.members.iter().map(|member| (name(member), &member.bytes[..])).collect();
        archive::write(&members)
    }

    /// Reads a bag that [`Bag::archive`] wrote.
    ///
    /// # Errors
    /// [`PackError`] where it is not as it was written.
    pub fn read(bytes: &[u8]) -> Result<Self, PackError> {
        let scanned =
            archive::scan(bytes, |_| true, archive::MAX_TOTAL).map_err(|stop| match stop {
                Stop::Io(error) => PackError::Read(error),
                Stop::Refused { member, what } => PackError::Member { member, what },
            })?;
        let (mut folder, mut members) = (String::new(), Vec::new());
        for member in scanned {
            let refused = |what| PackError::Member { member: member.name.clone(), what };
            let Some((top, name)) = member.name.split_once('/') else {
                return Err(refused("it is not in the bag's folder"));
            };
            if !member.crc_agrees {
                return Err(refused("it was altered"));
            }
            top.clone_into(&mut folder);
            members.push(Member::new(name, member.kept.unwrap_or_default()));
        }
        Ok(Self { folder, members })
    }

    /// The whole pack: the bag with the log's proof.
    ///
    /// # Errors
    /// [`PackError::Member`], as [`Bag::new`].
    pub fn with_proof(mut self, proof: &LogProof) -> Result<Vec<u8>, PackError> {
        let LogProof { index, size, hashes, .. } = proof;
        let file = ProofFile { index: *index, size: *size, hashes: hashes.clone() };
        self.members.retain(|member| !member.name.starts_with("log/"));
        self.members.extend([
            Member::new("log/statement.json", proof.statement.as_bytes()),
            Member::new("log/salt", proof.salt.as_bytes()),
            Member::new("log/entry.json", proof.entry.clone()),
            Member::new("log/proof.json", file.text()),
            Member::new("log/checkpoint", proof.checkpoint.as_bytes()),
            Member::new("log/verifier.key", format!("{}\n", proof.verifier)),
        ]);
        self.archive()
    }
}

/// What the pack's key signs.
pub(super) fn seal_text(root: &str) -> String {
    format!("{SEAL}\ntagmanifest-sha512.txt sha256 {root}\n")
}
