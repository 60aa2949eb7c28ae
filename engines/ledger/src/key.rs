//! The Ed25519 keys of a log, and the line that verifiers keep
//! (<https://c2sp.org/signed-note>, "Verifier keys").

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use ed25519_dalek::rand_core::CryptoRng;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// The signature type of plain Ed25519 in a verifier key and in a key id.
const ED25519: u8 = 1;

/// Why a key was refused. Never shows a part of a secret.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Names stand between spaces and plus signs, so they may hold neither, nor a line break.
    #[error("{0:?} cannot name a key: a name is not empty and has no space, `+` or control")]
    Name(String),
    /// A verifier key is `name+id+base64`.
    #[error("this is not a verifier key (name+id+base64 of an Ed25519 key)")]
    Malformed,
    /// The id in a verifier key is a hash of the rest: a part was mistyped or exchanged.
    #[error("the id of this verifier key does not belong to its name and key")]
    WrongId,
    /// The file holds no Ed25519 key in PKCS#8 PEM.
    #[error("{0} holds no Ed25519 secret key (PKCS#8 PEM)")]
    NotAKey(PathBuf),
    /// Others may read the secret, so it is none.
    #[error("{path} has mode {mode:o}: others than its owner may use it (make it 600)")]
    Exposed {
        /// The file of the key.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file could not be read or written. Saving never overwrites an existing file.
    #[error("cannot {action} the key {path}")]
    Io {
        /// What was tried: `read` or `save`.
        action: &'static str,
        /// The file of the key.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// The secret key that signs a log's checkpoints. `Debug` prints no secret; the memory is wiped
/// when it is dropped.
pub struct SignerKey(SigningKey);

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignerKey(secret)")
    }
}

impl SignerKey {
    /// A new key from a cryptographic generator.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        Self(SigningKey::generate(rng))
    }

    /// Reads a key that [`SignerKey::save`] wrote (PKCS#8 PEM, which other tools make too).
    ///
    /// # Errors
    /// [`KeyError::Exposed`] if anyone but the owner has any right on the file, else
    /// [`KeyError::Io`] or [`KeyError::NotAKey`].
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Io { action: "read", path: path.into(), source };
        let mut file = File::open(path).map_err(failed)?;
        // Asked of the open file: the name could stand for another one by the time it is read.
        let mode = file.metadata().map_err(failed)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Exposed { path: path.into(), mode });
        }
        let mut pem = String::new();
        file.read_to_string(&mut pem).map_err(failed)?;
        SigningKey::from_pkcs8_pem(&pem).map(Self).map_err(|_| KeyError::NotAKey(path.into()))
    }

    /// Writes the key to a new file of mode 0600, durably, whole or not at all.
    ///
    /// # Errors
    /// [`KeyError::Io`], also when the file exists: a log outlives each of its processes, and
    /// whoever overwrites its key can never extend it again.
    ///
    /// # Panics
    /// Never: each Ed25519 key has a PKCS#8 form.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        let failed = |source| KeyError::Io { action: "save", path: path.into(), source };
        let pem = self.0.to_pkcs8_pem(LineEnding::LF).expect("each key has a PKCS#8 form");
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".tmp");
        save_new(path, Path::new(&unfinished), pem.as_bytes()).map_err(failed)
    }

    /// The public half, under the name that verifiers know it by (a log's origin).
    ///
    /// # Errors
    /// [`KeyError::Name`] if a note cannot carry the name.
    pub fn verifier(&self, name: &str) -> Result<VerifierKey, KeyError> {
        VerifierKey::new(name, self.0.verifying_key())
    }

    pub(crate) fn sign(&self, text: &str) -> [u8; 64] {
        self.0.sign(text.as_bytes()).to_bytes()
    }
}

fn save_new(path: &Path, unfinished: &Path, pem: &[u8]) -> io::Result<()> {
    match fs::remove_file(unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {} // a crash during an earlier save left it, or it was not there
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(unfinished)?;
    file.write_all(pem)?;
    file.sync_all()?;
    // A link, not a rename: a rename would replace an existing key.
    let linked = fs::hard_link(unfinished, path);
    fs::remove_file(unfinished)?;
    linked?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// What a verifier must know of a log: its name (the origin) and its public key. Prints as
/// `name+id+base64`, one line that may be published, printed on paper, and given to
/// `bulle log verify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, key: VerifyingKey) -> Result<Self, KeyError> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.contains(bad) {
            return Err(KeyError::Name(name.into()));
        }
        Ok(Self { name: name.into(), key })
    }

    /// The name of the key: the log's origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id that a signature line begins with: the first four bytes of
    /// SHA-256(name, line feed, type, key), big-endian.
    pub fn key_id(&self) -> u32 {
        let hash = Sha256::new().chain_update(&self.name).chain_update(*b"\n");
        let hash = hash.chain_update([ED25519]).chain_update(self.key.as_bytes()).finalize();
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
    }

    pub(crate) fn accepts(&self, text: &str, signature: &[u8; 64]) -> bool {
        // Strict: weak keys and signatures that other Ed25519 libraries judge differently are
        // refused, so that no two verifiers can disagree about a checkpoint.
        self.key.verify_strict(text.as_bytes(), &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519], &self.key.as_bytes()[..]].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.key_id(), BASE64_STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.trim_end().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Malformed);
        };
        let key = BASE64_STANDARD.decode(key).map_err(|_| KeyError::Malformed)?;
        let Some((&ED25519, key)) = key.split_first() else { return Err(KeyError::Malformed) };
        let key = key.try_into().map_err(|_| KeyError::Malformed)?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| KeyError::Malformed)?;
        let key = Self::new(name, key)?;
        if format!("{:08x}", key.key_id()) == id { Ok(key) } else { Err(KeyError::WrongId) }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use signed_note::{StandardVerifier, Verifier as _};

    use super::*;

    fn key() -> SignerKey {
        SignerKey::generate(&mut StdRng::seed_from_u64(1))
    }

    #[test]
    fn a_verifier_key_reads_back_and_is_the_one_of_signed_note() {
        let verifier = key().verifier("log.example/2026").unwrap();
        let line = verifier.to_string();
        assert_eq!(line.parse::<VerifierKey>().unwrap(), verifier);
        let theirs = StandardVerifier::new(&line).unwrap();
        assert_eq!((theirs.name(), theirs.key_id()), (verifier.name(), verifier.key_id()));
        assert!(theirs.verify(b"text\n", &key().sign("text\n")));
        // The example key of the specification's Go implementation.
        let known = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(known.parse::<VerifierKey>().unwrap().to_string(), known);
    }

    #[test]
    fn a_mistyped_verifier_key_is_refused() {
        let line = key().verifier("log").unwrap().to_string();
        let renamed = line.replacen("log", "lag", 1).parse::<VerifierKey>();
        assert!(matches!(renamed, Err(KeyError::WrongId)));
        for text in ["", "log", "log+00000000", "log+00000000+AQ==", &line[..line.len() - 4]] {
            assert!(text.parse::<VerifierKey>().is_err(), "{text}");
        }
        for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{7}b"] {
            assert!(matches!(key().verifier(name), Err(KeyError::Name(_))), "{name:?}");
        }
    }

    #[test]
    fn a_saved_key_is_private_and_signs_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.key");
        key().save(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(SignerKey::load(&path).unwrap().sign("x"), key().sign("x"));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no second copy of the secret");
    }

    #[test]
    fn saving_never_replaces_a_key_but_replaces_what_a_crash_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.key");
        fs::write(folder.path().join("log.key.tmp"), "-----BEGIN PRI").unwrap();
        key().save(&path).unwrap();
        let other = SignerKey::generate(&mut StdRng::seed_from_u64(2));
        assert!(matches!(other.save(&path), Err(KeyError::Io { action: "save", .. })));
        assert_eq!(SignerKey::load(&path).unwrap().sign("x"), key().sign("x"));
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.key");
        key().save(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(SignerKey::load(&path), Err(KeyError::Exposed { mode: 0o640, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "not a key").unwrap();
        assert!(matches!(SignerKey::load(&path), Err(KeyError::NotAKey(_))));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", key()), "SignerKey(secret)");
    }
}
