//! Bytes of a ZIP that no reader of it shows: between its entries, in their extra fields and
//! comments, around its directory.

/// Where an entry stands: its local header, its content, and how long that is packed.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Where its local header starts.
    pub header: u64,
    /// Where its content starts.
    pub content: u64,
    /// The length of its packed content.
    pub packed: u64,
}

/// Filled bytes of an extra field that say nothing: times, owners, sizes of large entries.
const EXTRA: usize = 64;

/// How many filled bytes belong to nothing that `spans` name, nor to the directory at `directory`.
///
/// Padding with zeros, as aligning programs write it, is not counted.
pub fn strays(bytes: &[u8], mut spans: Vec<Span>, directory: u64) -> usize {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    spans.sort_by_key(|span| span.header);
    let (mut at, mut found) = (0, 0);
    for span in &spans {
        let (header, content) = (place(span.header), place(span.content));
        found += filled(bytes, at, header);
        let name = short(bytes, header.saturating_add(26)).unwrap_or(0);
        found += extra(bytes, header.saturating_add(30 + name), content);
        let end = content.saturating_add(place(span.packed));
        at = end.saturating_add(descriptor(bytes, header, end, span.packed));
    }
    let directory = place(directory);
    found += filled(bytes, at, directory);
    let (end, inside) = headers(bytes, directory);
    found + inside + filled(bytes, end, tail(bytes, end))
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let two: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(two)))
}

fn filled(bytes: &[u8], from: usize, to: usize) -> usize {
    bytes.get(from..to.min(bytes.len())).unwrap_or_default().iter().filter(|b| **b != 0).count()
}

fn extra(bytes: &[u8], from: usize, to: usize) -> usize {
    Some(filled(bytes, from, to)).filter(|count| *count > EXTRA).unwrap_or(0)
}

/// The length of the sizes that follow a content whose header did not know them (bit 3), with or
/// without their mark, of 32 or 64 bits: the one in which the packed size stands.
fn descriptor(bytes: &[u8], header: usize, end: usize, packed: u64) -> usize {
    if short(bytes, header.saturating_add(6)).is_none_or(|flags| flags & 8 == 0) {
        return 0;
    }
    let marked = bytes.get(end..end.saturating_add(4)) == Some(b"PK\x07\x08");
    let mark = if marked { 4 } else { 0 };
    let size = |wide: usize| {
        let from = end.saturating_add(mark + 4);
        let field = bytes.get(from..from.saturating_add(wide))?;
        Some(field.iter().rev().fold(0_u64, |all, b| all << 8 | u64::from(*b)))
    };
    // Sixty-four bits first: the low half of a small size is the same in both.
    match (size(8), size(4)) {
        (Some(long), _) if long == packed => mark + 20,
        (_, Some(narrow)) if narrow == packed => mark + 12,
        _ => 0,
    }
}

/// Where the headers of the directory end, and what their comments and extra fields hold.
fn headers(bytes: &[u8], from: usize) -> (usize, usize) {
    let (mut at, mut found) = (from, 0);
    while bytes.get(at..at.saturating_add(4)) == Some(b"PK\x01\x02") {
        let field = |offset: usize| short(bytes, at + offset).unwrap_or(0);
        let (name, more, comment) = (at + 46 + field(28), field(30), field(32));
        found += extra(bytes, name, name + more) + comment;
        at = name + more + comment;
    }
    (at, found)
}

/// Where the end of the directory starts, past that of large archives where it stands at `at`.
fn tail(bytes: &[u8], at: usize) -> usize {
    let end = memchr::memmem::rfind(bytes, b"PK\x05\x06").unwrap_or(bytes.len());
    let large = bytes.get(at..at.saturating_add(4)) == Some(b"PK\x06\x06");
    // 56 bytes and a locator of 20; anything longer holds what nobody reads.
    if large && end == at + 76 { at } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_entries_is_counted_and_padding_is_not() {
        // Two entries of one byte with empty names, a gap of five bytes between them.
        let entry = [&b"PK\x03\x04"[..], &[0; 26], b"x"].concat();
        let zip = |gap: &[u8]| {
            let bytes = [&entry[..], gap, &entry, b"PK\x05\x06", &[0; 18]].concat();
            let second = u64::try_from(31 + gap.len()).expect("small");
            let span = |header: u64| Span { header, content: header + 30, packed: 1 };
            strays(&bytes, vec![span(second), span(0)], second + 31)
        };
        assert_eq!(zip(b"id;n\n"), 5);
        assert_eq!(zip(&[0; 12]), 0);
        assert_eq!(zip(b""), 0);
    }
}
