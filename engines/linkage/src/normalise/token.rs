//! Words of names: their text, sound, letters and pet forms.

use crate::dict::Dict;

/// Words and what is known of each.
#[derive(Debug, Clone)]
pub struct Tokens {
    words: Dict,
    /// Where the consonants of each word stand in `sounds`.
    sound: Vec<u32>,
    /// One bit for each letter that a word has.
    letters: Vec<u32>,
    sounds: Dict,
    /// For the words of the table of diminutives, the groups that they are in.
    groups: Vec<(u32, u16)>,
}

const DIMINUTIVES: &str = include_str!("../../data/diminutives.txt");

impl Default for Tokens {
    fn default() -> Self {
        let (words, sounds) = (Dict::default(), Dict::default());
        let (sound, letters) = (vec![0], vec![0]);
        let mut tokens = Self { words, sound, letters, sounds, groups: Vec::new() };
        let lines = DIMINUTIVES.lines().filter(|line| !line.starts_with('#'));
        for (line, group) in lines.zip(0_u16..) {
            for word in line.split_ascii_whitespace() {
                let word = tokens.intern(word.as_bytes());
                tokens.groups.push((word, group));
            }
        }
        tokens.groups.sort_unstable();
        tokens
    }
}

impl Tokens {
    /// The code of a folded word; 0 of the empty one.
    pub fn intern(&mut self, word: &[u8]) -> u32 {
        let code = self.words.intern(word);
        if code as usize == self.sound.len() {
            let sound = sound_of(word);
            self.sound.push(self.sounds.intern(&sound));
            self.letters.push(letters_of(word));
        }
        code
    }

    /// A word's text.
    #[inline]
    pub fn get(&self, word: u32) -> &[u8] {
        self.words.get(word)
    }

    /// A number that words share which sound alike.
    #[inline]
    pub fn sound(&self, word: u32) -> u32 {
        self.sound[word as usize]
    }

    /// One bit for each letter that a word has.
    #[inline]
    pub fn letters(&self, word: u32) -> u32 {
        self.letters[word as usize]
    }

    /// Words, the empty one included.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether no word is known.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The smallest group of diminutives that a word is in, by which pet forms meet in a block.
    pub fn group(&self, word: u32) -> Option<u16> {
        self.groups_of(word).next()
    }

    fn groups_of(&self, word: u32) -> impl Iterator<Item = u16> + '_ {
        let from = self.groups.partition_point(|(known, _)| *known < word);
        self.groups[from..].iter().take_while(move |(known, _)| *known == word).map(|(_, g)| *g)
    }

    /// Whether two words are forms of one given name (`MANU`, `EMMANUEL`).
    pub fn same_group(&self, a: u32, b: u32) -> bool {
        self.groups_of(a).any(|group| self.groups_of(b).any(|other| other == group))
    }
}

fn letters_of(word: &[u8]) -> u32 {
    word.iter().fold(0, |set, byte| match byte {
        b'A'..=b'Z' => set | 1 << (byte - b'A'),
        b'0'..=b'9' => set | 1 << 26,
        _ => set,
    })
}

/// The consonants that are heard, as a French reader says them: `PH` as `F`, `C` before `E I Y` as
/// `S`, `Z` as `S`, `M` as `N`; mute final letters, doubled letters and vowels after the first are
/// dropped. Coarse on purpose: it makes blocks, it does not decide.
pub fn sound_of(word: &[u8]) -> Vec<u8> {
    let mut sound: Vec<u8> = Vec::with_capacity(8);
    let mut at = 0;
    while at < word.len() && sound.len() < 8 {
        let next = word.get(at + 1).copied().unwrap_or(0);
        let heard = match word[at] {
            b'P' if next == b'H' => b'F',
            b'C' if matches!(next, b'E' | b'I' | b'Y') => b'S',
            b'C' if next == b'H' => b'C',
            b'C' | b'K' | b'Q' => b'K',
            b'G' if matches!(next, b'E' | b'I' | b'Y') => b'J',
            b'Z' | b'S' | b'X' => b'S',
            b'M' | b'N' => b'N',
            b'W' | b'V' => b'V',
            b'D' | b'T' if at + 1 == word.len() => 0,
            b'H' => 0,
            b'A' | b'E' | b'I' | b'O' | b'U' | b'Y' => {
                if at == 0 {
                    b'A'
                } else {
                    0
                }
            }
            other => other,
        };
        let is_final = at + 1 == word.len() && heard == b'S';
        if heard != 0 && sound.last() != Some(&heard) && !is_final {
            sound.push(heard);
        }
        at += 1;
    }
    if sound.is_empty() { word.to_vec() } else { sound }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_sound_alike_share_a_sound() {
        for (a, b) in [
            ("PHILIPPE", "FILIPE"),
            ("DUPONT", "DUPOND"),
            ("LEFEBVRE", "LEFEBVRES"),
            ("MATHIEU", "MATTIEU"),
            ("LEGALL", "LEGAL"),
        ] {
            assert_eq!(sound_of(a.as_bytes()), sound_of(b.as_bytes()), "{a} {b}");
        }
        assert_ne!(sound_of(b"MARTIN"), sound_of(b"DURAND"));
    }

    #[test]
    fn pet_forms_meet_their_names() {
        let mut tokens = Tokens::default();
        let mut word = |text: &str| tokens.intern(text.as_bytes());
        let (manu, emmanuel, paul) = (word("MANU"), word("EMMANUEL"), word("PAUL"));
        assert!(tokens.same_group(manu, emmanuel));
        assert!(!tokens.same_group(manu, paul));
        assert_eq!(tokens.letters(paul), 1 | 1 << 15 | 1 << 20 | 1 << 11);
    }
}
