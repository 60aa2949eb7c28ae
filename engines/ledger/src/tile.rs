//! The files of a log, after <https://c2sp.org/tlog-tiles>: which file holds which hashes or
//! entries, how it is named, and how entries are packed into a bundle.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Hashes in a full tile, entries in a full bundle.
pub(crate) const WIDTH: u64 = 256;
/// The longest entry, in bytes: a bundle writes each length as an unsigned 16-bit number.
pub const MAX_ENTRY: usize = u16::MAX as usize;

/// What a file holds: entries, or the hashes of one level (level `l` has the roots of complete
/// subtrees of 256^`l` leaves).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Entries,
    Level(u32),
}

impl Kind {
    /// Leaves below one slot of such a file, as a power of two.
    pub(crate) fn height(self) -> u32 {
        match self {
            Self::Entries => 0,
            Self::Level(level) => 8 * level,
        }
    }
}

/// One file: the `index`-th of its kind, with the first `width` of its 256 slots filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Tile {
    pub kind: Kind,
    pub index: u64,
    pub width: u64,
}

impl Tile {
    /// The file of this kind and index as a tree of `size` leaves has it; `None` if it has none.
    pub(crate) fn in_tree(kind: Kind, index: u64, size: u64) -> Option<Self> {
        let slots = size.checked_shr(kind.height()).unwrap_or(0);
        let width = slots.saturating_sub(index.checked_mul(WIDTH)?).min(WIDTH);
        (width > 0).then_some(Self { kind, index, width })
    }

    pub(crate) fn is_full(self) -> bool {
        self.width == WIDTH
    }

    /// The full file that this one grows into.
    pub(crate) fn full(self) -> Self {
        Self { width: WIDTH, ..self }
    }

    /// The first leaf below this file.
    pub(crate) fn first_leaf(self) -> u64 {
        (self.index * WIDTH) << self.kind.height()
    }

    /// Whether every slot of this file belongs to a tree of `size` leaves.
    pub(crate) fn is_within(self, size: u64) -> bool {
        Self::in_tree(self.kind, self.index, size).is_some_and(|tile| tile.width >= self.width)
    }

    /// The path below the log's folder: `tile/0/x001/x234/067`, or `tile/entries/000.p/12`.
    pub(crate) fn path(self) -> PathBuf {
        let mut path = String::from("tile/");
        match self.kind {
            Kind::Entries => path.push_str("entries/"),
            Kind::Level(level) => write!(path, "{level}/").expect("a String takes any text"),
        }
        let groups = self.index.checked_ilog(1000).unwrap_or(0);
        for group in (0..=groups).rev() {
            let digits = self.index / 1000_u64.pow(group) % 1000;
            let (mark, end) = if group > 0 { ("x", "/") } else { ("", "") };
            write!(path, "{mark}{digits:03}{end}").expect("a String takes any text");
        }
        if !self.is_full() {
            write!(path, ".p/{}", self.width).expect("a String takes any text");
        }
        PathBuf::from(path)
    }

    /// Reads back what [`Tile::path`] writes; `None` for any other name.
    pub(crate) fn from_path(path: &Path) -> Option<Self> {
        let mut parts = path.to_str()?.strip_prefix("tile/")?.split('/');
        let kind = match parts.next()? {
            "entries" => Kind::Entries,
            level => Kind::Level(level.parse().ok().filter(|level| *level < 8)?),
        };
        let (mut index, mut width) = (0_u64, WIDTH);
        while let Some(part) = parts.next() {
            let digits = part.strip_suffix(".p").unwrap_or(part);
            if digits.len() != part.len() {
                width = parts.next()?.parse().ok().filter(|width| (1..WIDTH).contains(width))?;
            }
            let digits: u64 = digits.strip_prefix('x').unwrap_or(digits).parse().ok()?;
            index = index.checked_mul(1000)?.checked_add(digits)?;
        }
        let tile = Self { kind, index, width };
        // One name for one file: whatever would be written otherwise (`5`, `+05`) is another file.
        let fits = index.checked_mul(WIDTH)?.leading_zeros() >= kind.height();
        (fits && tile.path() == path).then_some(tile)
    }
}

/// Appends one entry to a bundle: its length as a big-endian 16-bit number, then its bytes.
/// `false`, and nothing appended, if the entry is longer than [`MAX_ENTRY`].
pub(crate) fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> bool {
    let Ok(length) = u16::try_from(entry.len()) else { return false };
    bundle.extend(length.to_be_bytes());
    bundle.extend(entry);
    true
}

/// The entries of a bundle, and whether the bundle ended cleanly after the last of them.
pub(crate) fn entries(bundle: &[u8]) -> (Vec<&[u8]>, bool) {
    let (mut entries, mut rest) = (Vec::new(), bundle);
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let Some((entry, after)) = after.split_at_checked(u16::from_be_bytes(*length).into())
        else {
            break;
        };
        entries.push(entry);
        rest = after;
    }
    (entries, rest.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let tile = Tile { kind: Kind::Level(0), index: 1_234_067, width: 256 };
        assert_eq!(tile.path(), Path::new("tile/0/x001/x234/067"));
        let tile = Tile { kind: Kind::Entries, index: 0, width: 12 };
        assert_eq!(tile.path(), Path::new("tile/entries/000.p/12"));
    }

    #[test]
    fn other_names_are_no_tiles() {
        let names = [
            "tile/0/5",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/00/000",
            "tile/0/x000/001",
            "tile/0/000.p",
            "tile/0/000.tmp",
            "tile/0/000.p/3.tmp",
            "tile/8/000",
            "checkpoint",
            "tile/0/001/000",
            "tile/7/x001/000",
            "tile/0",
        ];
        for name in names {
            assert_eq!(Tile::from_path(Path::new(name)), None, "{name}");
        }
    }

    #[test]
    fn a_cut_bundle_gives_its_whole_entries_and_says_that_it_is_cut() {
        let mut bundle = Vec::new();
        assert!(push_entry(&mut bundle, b"one") && push_entry(&mut bundle, b""));
        assert!(push_entry(&mut bundle, b"two"));
        assert_eq!(entries(&bundle), (vec![&b"one"[..], b"", b"two"], true));
        assert_eq!(entries(&bundle[..bundle.len() - 1]), (vec![&b"one"[..], b""], false));
        assert!(!push_entry(&mut bundle, &vec![0; MAX_ENTRY + 1]));
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(256) })]
        #[test]
        fn paths_read_back_and_agree_with_tlog_tiles(
            level in 0..5u32, index in 0..3_000_000u64, width in 1..=256u64,
        ) {
            let tile = Tile { kind: Kind::Level(level), index, width };
            prop_assert_eq!(Tile::from_path(&tile.path()), Some(tile));
            let (l, w) = (u8::try_from(level).unwrap(), u32::try_from(width).unwrap());
            // The older layout of the oracle writes the tile's height (8) into the path.
            let theirs = tlog_tiles::Tile::new(8, l, index, w, false).path().replacen("/8/", "/", 1);
            prop_assert_eq!(tile.path(), PathBuf::from(theirs));
            let tile = Tile { kind: Kind::Entries, ..tile };
            prop_assert_eq!(Tile::from_path(&tile.path()), Some(tile));
        }
    }
}
