//! Values as small numbers: each distinct text is kept, and later normalised and compared, once.

use crate::hash;

/// Texts and their codes. Code 0 is the empty text: no value.
#[derive(Debug, Clone)]
pub struct Dict {
    bytes: Vec<u8>,
    /// Where each text ends in `bytes`.
    ends: Vec<u64>,
    /// Open addressing: the high half of a slot is the text's hash, the low half its code; 0 is
    /// free.
    slots: Vec<u64>,
}

impl Default for Dict {
    fn default() -> Self {
        Self { bytes: Vec::new(), ends: vec![0], slots: vec![0; 64] }
    }
}

impl Dict {
    /// The code of a text, new if it was never seen.
    ///
    /// # Panics
    /// With more than four billion different texts.
    #[inline]
    pub fn intern(&mut self, text: &[u8]) -> u32 {
        if text.is_empty() {
            return 0;
        }
        if self.ends.len() * 2 > self.slots.len() {
            self.grow();
        }
        let hash = hash::bytes(text);
        let (mask, high) = (self.slots.len() - 1, hash >> 32 << 32);
        let mut at = low(hash) & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                break;
            }
            if slot >> 32 << 32 == high && self.get(code(slot)) == text {
                return code(slot);
            }
            at = (at + 1) & mask;
        }
        let new = u32::try_from(self.ends.len()).expect("fewer than four billion texts");
        self.slots[at] = high | u64::from(new);
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u64);
        new
    }

    /// The code of a text that was interned.
    pub fn find(&self, text: &[u8]) -> Option<u32> {
        if text.is_empty() {
            return Some(0);
        }
        let hash = hash::bytes(text);
        let (mask, high) = (self.slots.len() - 1, hash >> 32 << 32);
        let mut at = low(hash) & mask;
        while self.slots[at] != 0 {
            let slot = self.slots[at];
            if slot >> 32 << 32 == high && self.get(code(slot)) == text {
                return Some(code(slot));
            }
            at = (at + 1) & mask;
        }
        None
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.slots = vec![0; old.len() * 2];
        let mask = self.slots.len() - 1;
        for slot in old.into_iter().filter(|slot| *slot != 0) {
            let mut at = low(hash::bytes(self.get(code(slot)))) & mask;
            while self.slots[at] != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = slot;
        }
    }

    /// The text of a code.
    #[inline]
    pub fn get(&self, code: u32) -> &[u8] {
        let code = code as usize;
        let start = if code == 0 { 0 } else { self.ends[code - 1] };
        &self.bytes[start as usize..self.ends[code] as usize]
    }

    /// The text of a code; only texts that were interned as UTF-8 are whole.
    pub fn text(&self, code: u32) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.get(code))
    }

    /// Codes, 0 included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether no text but the empty one is known.
    pub fn is_empty(&self) -> bool {
        self.ends.len() == 1
    }
}

#[inline]
fn low(hash: u64) -> usize {
    (hash & 0xFFFF_FFFF) as usize
}

#[inline]
fn code(slot: u64) -> u32 {
    (slot & 0xFFFF_FFFF) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn codes_agree_with_a_hash_map(texts in prop::collection::vec("[a-c]{0,4}", 0..400)) {
            let (mut dict, mut naive) = (Dict::default(), HashMap::from([(String::new(), 0)]));
            for text in &texts {
                let next = u32::try_from(naive.len()).unwrap();
                let expected = *naive.entry(text.clone()).or_insert(next);
                prop_assert_eq!(dict.intern(text.as_bytes()), expected);
            }
            for (text, code) in &naive {
                prop_assert_eq!(dict.text(*code), text.as_str());
                prop_assert_eq!(dict.find(text.as_bytes()), Some(*code));
            }
            prop_assert_eq!(dict.find(b"zz"), None);
        }
    }
}
