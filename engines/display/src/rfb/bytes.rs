//! What has arrived and is not parsed yet.

/// A queue of bytes. Parsers take what they need or nothing, so that input may come in any pieces.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    bytes: Vec<u8>,
    at: usize,
}

impl Intake {
    pub fn push(&mut self, bytes: &[u8]) {
        if self.at > 0 {
            self.bytes.drain(..self.at);
            self.at = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// All that is there.
    pub fn ready(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// The next `n` bytes, which stay.
    pub fn peek(&self, n: usize) -> Option<&[u8]> {
        self.ready().get(..n)
    }

    /// Takes `n` bytes, or none if there are fewer.
    pub fn take(&mut self, n: usize) -> Option<&[u8]> {
        let bytes = self.bytes.get(self.at..self.at.checked_add(n)?)?;
        self.at += n;
        Some(bytes)
    }

    /// Takes an array, or nothing if there are fewer bytes.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// Throws away up to `n` bytes and says how many.
    pub fn skip(&mut self, n: usize) -> usize {
        let n = n.min(self.ready().len());
        self.at += n;
        n
    }

    /// Gives the memory back of what was parsed.
    pub fn settle(&mut self) {
        self.bytes.drain(..self.at);
        self.at = 0;
        if self.bytes.is_empty() && self.bytes.capacity() > 1 << 16 {
            self.bytes.shrink_to(1 << 16);
        }
    }
}

pub(crate) fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

pub(crate) fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
