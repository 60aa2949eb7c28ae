//! Keys: one for each chunk, made forwards only, the first of which is sealed to the review key.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hkdf::Hkdf;
use hpke::kem::XWing;
use hpke::rand_core::CryptoRng;
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::FilmError;

/// X25519 and ML-KEM-768 together (X-Wing): a recording kept for three years must not be opened by
/// who has a quantum computer later.
type Kem = XWing;
type Seal = hpke::aead::ChaCha20Poly1305;
type Kdf = hpke::kdf::HkdfSha256;
type Secret = Zeroizing<[u8; 32]>;

const INFO: &[u8] = b"bulle desktop recording, key 0";
const MAGIC: &[u8; 10] = b"BULLEFLM\x01H";
const HEAD: usize = 10 + 16 + 8 + 8;

/// The public half of the review key: what a gateway needs to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewKey(<Kem as hpke::Kem>::PublicKey);

impl ReviewKey {
    /// Reads a public key (1,216 bytes).
    ///
    /// # Errors
    /// [`FilmError::WrongKey`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FilmError> {
        <Kem as hpke::Kem>::PublicKey::from_bytes(bytes).map(Self).map_err(|_| FilmError::WrongKey)
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes().to_vec()
    }

    /// Names the key in headers: the first bytes of its SHA-256.
    pub fn id(&self) -> [u8; 8] {
        let hash: [u8; 32] = Sha256::digest(self.to_bytes()).into();
        hash[..8].try_into().expect("8 of 32 bytes")
    }
}

/// The private half; it lives behind the two-person service and never on a gateway.
pub struct ReviewSecret(<Kem as hpke::Kem>::PrivateKey);

impl std::fmt::Debug for ReviewSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReviewSecret")
    }
}

impl ReviewSecret {
    /// Draws a new key.
    pub fn generate(random: &mut impl CryptoRng) -> Self {
        Self(Kem::gen_keypair_with_rng(random).0)
    }

    /// Reads a private key (32 bytes).
    ///
    /// # Errors
    /// [`FilmError::WrongKey`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FilmError> {
        <Kem as hpke::Kem>::PrivateKey::from_bytes(bytes).map(Self).map_err(|_| FilmError::WrongKey)
    }

    /// Its bytes, wiped when they are dropped.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.to_bytes().to_vec())
    }

    /// The public half.
    pub fn public(&self) -> ReviewKey {
        ReviewKey(Kem::sk_to_pk(&self.0))
    }
}

/// The head file of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Random: names no person and no bubble.
    pub recording: [u8; 16],
    /// The start, in microseconds since 1970.
    pub started: i64,
    /// The review key that opens it.
    pub review_key: [u8; 8],
    encapsulated: Vec<u8>,
    sealed: Vec<u8>,
}

impl Head {
    /// Draws a recording's name and first key and seals the key.
    pub(super) fn start(
        random: &mut impl CryptoRng,
        review: &ReviewKey,
        started: i64,
    ) -> (Self, RecordingKey) {
        let (mut recording, mut first) = ([0; 16], Secret::default());
        random.fill_bytes(&mut recording);
        random.fill_bytes(&mut *first);
        let mut head = Self {
            recording,
            started,
            review_key: review.id(),
            encapsulated: Vec::new(),
            sealed: Vec::new(),
        };
        let (encapsulated, sealed) = hpke::single_shot_seal_with_rng::<Seal, Kdf, Kem>(
            &OpModeS::Base,
            &review.0,
            INFO,
            &*first,
            &head.clear(),
            random,
        )
        .expect("sealing 32 bytes to a valid key does not fail");
        (head.encapsulated, head.sealed) = (encapsulated.to_bytes().to_vec(), sealed);
        (head, RecordingKey { recording, number: 0, secret: first })
    }

    fn clear(&self) -> Vec<u8> {
        let started = self.started.to_be_bytes();
        [&MAGIC[..], &self.recording, &started, &self.review_key].concat()
    }

    /// The head file.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.clear(), self.encapsulated.clone(), self.sealed.clone()].concat()
    }

    /// Reads a head file.
    ///
    /// # Errors
    /// [`FilmError::NotAFilm`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FilmError> {
        let encapsulated = HEAD + <Kem as hpke::Kem>::EncappedKey::size();
        if bytes.len() != encapsulated + 48 || !bytes.starts_with(MAGIC) {
            return Err(FilmError::NotAFilm("head"));
        }
        Ok(Self {
            recording: bytes[10..26].try_into().expect("16 bytes"),
            started: i64::from_be_bytes(bytes[26..34].try_into().expect("8 bytes")),
            review_key: bytes[34..HEAD].try_into().expect("8 bytes"),
            encapsulated: bytes[HEAD..encapsulated].to_vec(),
            sealed: bytes[encapsulated..].to_vec(),
        })
    }

    /// Opens the recording's first key: from it come all others.
    ///
    /// # Errors
    /// [`FilmError::WrongKey`], for another review key and for a changed head.
    pub fn open(&self, review: &ReviewSecret) -> Result<RecordingKey, FilmError> {
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(&self.encapsulated)
            .map_err(|_| FilmError::WrongKey)?;
        let opened = hpke::single_shot_open::<Seal, Kdf, Kem>(
            &OpModeR::Base,
            &review.0,
            &encapsulated,
            INFO,
            &self.sealed,
            &self.clear(),
        );
        let opened = Zeroizing::new(opened.map_err(|_| FilmError::WrongKey)?);
        let secret = opened.as_slice().try_into().map_err(|_| FilmError::WrongKey)?;
        Ok(RecordingKey { recording: self.recording, number: 0, secret: Zeroizing::new(secret) })
    }
}

/// The key from which the next chunk's is made, and those after it; never those before.
pub struct RecordingKey {
    recording: [u8; 16],
    number: u32,
    secret: Secret,
}

impl std::fmt::Debug for RecordingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecordingKey {{ number: {} }}", self.number)
    }
}

impl RecordingKey {
    /// The key of the next chunk; the one it came from is wiped.
    pub fn next_chunk(&mut self) -> (u32, ChunkKey) {
        let number = self.number;
        let chunk = self.expand(b"chunk");
        self.secret = self.expand(b"next");
        self.number = number.checked_add(1).expect("a recording of 8,000 years");
        (number, ChunkKey(chunk))
    }

    /// The keys of a range of chunks and of no others: what a reviewer's grant is worth.
    pub fn range(mut self, chunks: std::ops::RangeInclusive<u32>) -> Vec<(u32, ChunkKey)> {
        let mut keys = Vec::new();
        while self.number <= *chunks.end() {
            let (number, key) = self.next_chunk();
            if chunks.contains(&number) {
                keys.push((number, key));
            }
        }
        keys
    }

    fn expand(&self, purpose: &[u8]) -> Secret {
        let mut made = Secret::default();
        let info =
            [b"bulle desktop recording, ", purpose, &self.recording, &self.number.to_be_bytes()];
        Hkdf::<Sha256>::from_prk(&*self.secret)
            .expect("32 bytes are a key")
            .expand_multi_info(&info, &mut *made)
            .expect("32 bytes can be expanded");
        made
    }
}

/// The key of one chunk.
pub struct ChunkKey(Secret);

impl std::fmt::Debug for ChunkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChunkKey")
    }
}

impl ChunkKey {
    /// The key from its bytes, as the key service hands it to a reviewer's session.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, wiped when they are dropped.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    pub(super) fn seal(&self, segment: u32, last: bool, header: &[u8], plain: &[u8]) -> Vec<u8> {
        self.cipher()
            .encrypt(&nonce(segment, last), Payload { msg: plain, aad: header })
            .expect("a segment is far below the cipher's limit")
    }

    pub(super) fn open(
        &self,
        segment: u32,
        last: bool,
        header: &[u8],
        sealed: &[u8],
    ) -> Option<Vec<u8>> {
        self.cipher().decrypt(&nonce(segment, last), Payload { msg: sealed, aad: header }).ok()
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&Key::from(*self.0))
    }
}

/// The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): a counter, and whether the
/// segment is the last, so that none can be moved, dropped or declared the end. No key has two
/// messages under one nonce: it is one chunk's, and the counter goes up.
fn nonce(segment: u32, last: bool) -> Nonce {
    let [a, b, c, d] = segment.to_be_bytes();
    Nonce::from([0, 0, 0, 0, 0, 0, 0, a, b, c, d, u8::from(last)])
}
