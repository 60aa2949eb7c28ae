//! Signed checkpoints: the promise that a log of this name has this size and this root.
//!
//! The text is a checkpoint (<https://c2sp.org/tlog-checkpoint>) in a signed note
//! (<https://c2sp.org/signed-note>). Lines of other keys are allowed and ignored, so that witnesses
//! may cosign.

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::hash::Hash;
use crate::key::{SignerKey, VerifierKey};

/// Longest note that is parsed, in bytes, and most signatures: far above any honest note, so that
/// a hostile one costs little.
const MAX_NOTE: usize = 1_000_000;
const MAX_SIGNATURES: usize = 100;

/// What a checkpoint promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, unique for its key.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
}

/// Why a checkpoint was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The text is no signed note, or its text no checkpoint.
    #[error("the checkpoint is malformed: {0}")]
    Malformed(&'static str),
    /// No signature line names the key that was asked for.
    #[error("the checkpoint is not signed by {name}+{id:08x}")]
    Unsigned {
        /// The name of the key.
        name: String,
        /// The id of the key.
        id: u32,
    },
    /// A line names the key, but its signature is not the key's: the text was forged.
    #[error("the signature of {0} is not of this checkpoint: it was forged")]
    Forged(String),
    /// A valid signature, for another log.
    #[error("the checkpoint is of the log {found:?}, not of {expected:?}")]
    OtherLog {
        /// The origin that was asked for.
        expected: String,
        /// The origin in the checkpoint.
        found: String,
    },
}

use CheckpointError::Malformed;

impl Checkpoint {
    /// The text to be signed.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64_STANDARD.encode(self.root.0))
    }

    /// The signed note. `verifier` must be the public half of `key`, named as the origin.
    pub(crate) fn sign(&self, key: &SignerKey, verifier: &VerifierKey) -> String {
        sign_note(&self.text(), key, verifier)
    }

    /// Reads the unsigned part of a note, whoever signed it.
    pub(crate) fn parse_unverified(note: &str) -> Result<Self, CheckpointError> {
        let (text, _) = parts(note)?;
        let mut lines = text.lines();
        let mut line = || lines.next().filter(|line| !line.is_empty());
        let origin = line().ok_or(Malformed("it has no origin"))?.to_owned();
        let digits = line().ok_or(Malformed("it has no size"))?;
        let size: u64 = digits.parse().map_err(|_| Malformed("its size is not a number"))?;
        if size.to_string() != digits {
            return Err(Malformed("its size is written in another way than the usual one"));
        }
        let root = line().ok_or(Malformed("it has no root"))?;
        let root = BASE64_STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        let root = Hash(root.ok_or(Malformed("its root is not a hash"))?);
        Ok(Self { origin, size, root })
    }
}

/// Splits a note into its text (with the last line feed) and its signature lines.
fn parts(note: &str) -> Result<(&str, &str), CheckpointError> {
    if note.len() > MAX_NOTE {
        return Err(Malformed("it is too long"));
    }
    if note.chars().any(|c| c < ' ' && c != '\n') {
        return Err(Malformed("it has control characters"));
    }
    let end = note.rfind("\n\n").ok_or(Malformed("it has no signature"))? + 1;
    let signatures = note[end + 1..].strip_suffix('\n');
    Ok((&note[..end], signatures.ok_or(Malformed("its last line is cut"))?))
}

/// Signs a text, which ends in a line feed. `verifier` must be the public half of `key`.
pub(crate) fn sign_note(text: &str, key: &SignerKey, verifier: &VerifierKey) -> String {
    let mut signature = verifier.key_id().to_be_bytes().to_vec();
    signature.extend(key.sign(text));
    format!("{text}\n\u{2014} {} {}\n", verifier.name(), BASE64_STANDARD.encode(signature))
}

/// The text of a note that `key` has signed. Signatures of other keys are neither needed nor
/// checked.
pub(crate) fn open_note<'n>(note: &'n str, key: &VerifierKey) -> Result<&'n str, CheckpointError> {
    let (text, lines) = parts(note)?;
    let mut signed = false;
    for (count, line) in lines.split('\n').enumerate() {
        let line = line.strip_prefix("\u{2014} ").ok_or(Malformed("a line is no signature"))?;
        let (name, signature) = line.split_once(' ').ok_or(Malformed("a signature is cut"))?;
        let signature = BASE64_STANDARD.decode(signature).unwrap_or_default();
        let Some((id, signature)) = signature.split_first_chunk::<4>() else {
            return Err(Malformed("a signature is not in base64"));
        };
        if count == MAX_SIGNATURES {
            return Err(Malformed("it has too many signatures"));
        }
        if name == key.name() && u32::from_be_bytes(*id) == key.key_id() {
            let valid = signature.try_into().is_ok_and(|signature| key.accepts(text, signature));
            if !valid {
                return Err(CheckpointError::Forged(key.name().into()));
            }
            signed = true;
        }
    }
    match signed {
        true => Ok(text),
        false => Err(CheckpointError::Unsigned { name: key.name().into(), id: key.key_id() }),
    }
}

/// Reads a checkpoint that `key` has signed for the log that bears the key's name.
///
/// # Errors
/// See [`CheckpointError`]. Signatures of other keys are neither needed nor checked.
pub fn parse_checkpoint(note: &str, key: &VerifierKey) -> Result<Checkpoint, CheckpointError> {
    open_note(note, key)?;
    let checkpoint = Checkpoint::parse_unverified(note)?;
    // A key may sign notes of many kinds; only the origin says that this is a promise of this log.
    if checkpoint.origin != key.name() {
        let (expected, found) = (key.name().into(), checkpoint.origin);
        return Err(CheckpointError::OtherLog { expected, found });
    }
    Ok(checkpoint)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use signed_note::{Note, StandardVerifier, VerifierList};

    use super::*;
    use crate::hash::leaf_hash;

    fn signed() -> (Checkpoint, VerifierKey, String) {
        let key = SignerKey::generate(&mut StdRng::seed_from_u64(1));
        let verifier = key.verifier("log.example").unwrap();
        let root = leaf_hash(b"x");
        let checkpoint = Checkpoint { origin: "log.example".into(), size: 1, root };
        let note = checkpoint.sign(&key, &verifier);
        (checkpoint, verifier, note)
    }

    #[test]
    fn a_signed_checkpoint_reads_back_here_and_in_signed_note() {
        let (checkpoint, verifier, note) = signed();
        assert_eq!(parse_checkpoint(&note, &verifier), Ok(checkpoint.clone()));
        let theirs = Note::from_bytes(note.as_bytes()).unwrap();
        let known = StandardVerifier::new(&verifier.to_string()).unwrap();
        let (valid, _) = theirs.verify(&VerifierList::new(vec![Box::new(known)])).unwrap();
        assert_eq!(valid.len(), 1);
        let theirs = tlog_tiles::Checkpoint::from_bytes(theirs.text()).unwrap();
        assert_eq!((theirs.origin(), theirs.size()), ("log.example", 1));
        assert_eq!(theirs.hash().0, checkpoint.root.0);
    }

    #[test]
    fn a_witness_may_add_its_line() {
        let (checkpoint, verifier, note) = signed();
        let witness = SignerKey::generate(&mut StdRng::seed_from_u64(2));
        let line = checkpoint.sign(&witness, &witness.verifier("witness").unwrap());
        let note = format!("{note}{}\n", line.lines().last().unwrap());
        assert_eq!(parse_checkpoint(&note, &verifier), Ok(checkpoint));
    }

    #[test]
    fn any_flipped_byte_is_refused() {
        let (_, verifier, note) = signed();
        for place in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(altered) = String::from_utf8(bytes) else { continue };
            assert!(parse_checkpoint(&altered, &verifier).is_err(), "byte {place}");
        }
        for length in 0..note.len() {
            if let Some(cut) = note.get(..length) {
                assert!(parse_checkpoint(cut, &verifier).is_err(), "cut at {length}");
            }
        }
    }

    #[test]
    fn a_stranger_s_signature_does_not_count() {
        let (checkpoint, verifier, _) = signed();
        let stranger = SignerKey::generate(&mut StdRng::seed_from_u64(3));
        let note = checkpoint.sign(&stranger, &stranger.verifier("log.example").unwrap());
        let refused = parse_checkpoint(&note, &verifier);
        assert!(matches!(refused, Err(CheckpointError::Unsigned { .. })));
        // The stranger claims the log's key id: the signature itself is wrong then.
        let note = checkpoint.sign(&stranger, &verifier);
        let refused = parse_checkpoint(&note, &verifier);
        assert_eq!(refused, Err(CheckpointError::Forged("log.example".into())));
    }

    #[test]
    fn the_same_key_cannot_speak_for_another_log() {
        let key = SignerKey::generate(&mut StdRng::seed_from_u64(1));
        let verifier = key.verifier("log.example").unwrap();
        let other = Checkpoint { origin: "other".into(), size: 0, root: leaf_hash(b"") };
        let refused = parse_checkpoint(&other.sign(&key, &verifier), &verifier);
        assert!(matches!(refused, Err(CheckpointError::OtherLog { .. })));
    }

    #[test]
    fn a_size_has_one_spelling() {
        let (checkpoint, _, _) = signed();
        let note = format!("{}\n\u{2014} a AAAAAAA=\n", checkpoint.text());
        assert!(Checkpoint::parse_unverified(&note).is_ok());
        for size in ["01", "+1", "-1", "1 ", "", "18446744073709551616"] {
            let note = note.replacen("\n1\n", &format!("\n{size}\n"), 1);
            assert!(Checkpoint::parse_unverified(&note).is_err(), "{size:?}");
        }
    }
}
