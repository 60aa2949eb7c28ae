//! Where a PNG has ink: 8 bits, not interlaced, as plotting programs write them.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::image::png_chunks;

/// Pixels of a picture that is looked at, at most.
const MAX_PIXELS: usize = 4_000_000;
/// A picture as bits, row by row: where its ink is.
pub struct Ink {
    /// Its width in pixels.
    pub wide: usize,
    /// Its height in pixels.
    pub high: usize,
    /// One a pixel.
    pub bits: Vec<bool>,
}

/// Four bytes as a number.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

/// Where a PNG has ink at each of two depths, from the darker on; `None` for another picture, and for
/// one that is damaged or too large.
pub fn read(bytes: &[u8], dark: u8, pale: u8) -> Option<(Ink, Ink)> {
    if !bytes.starts_with(&[0x89, b'P', b'N', b'G']) {
        return None;
    }
    let chunks = png_chunks(bytes).0;
    let named = |name: [u8; 4]| chunks.iter().filter(move |c| c.0 == name).map(|c| c.1);
    let head = named(*b"IHDR").next()?;
    let (wide, high) = (number(head, 0)?, number(head, 4)?);
    let (depth, kind, laced) = (*head.get(8)?, *head.get(9)?, *head.get(12)?);
    let channels = match kind {
        0 | 3 => 1,
        2 => 3,
        4 => 2,
        6 => 4,
        _ => return None,
    };
    let pixels = wide.checked_mul(high).filter(|p| (1..=MAX_PIXELS).contains(p))?;
    if depth != 8 || laced != 0 {
        return None;
    }
    let packed: Vec<u8> = named(*b"IDAT").flatten().copied().collect();
    let line = wide * channels;
    let mut raw = Vec::new();
    let limit = u64::try_from((line + 1) * high).ok()?;
    ZlibDecoder::new(packed.as_slice()).take(limit).read_to_end(&mut raw).ok()?;
    if raw.len() != (line + 1) * high {
        return None;
    }
    unfilter(&mut raw, line, channels)?;
    let palette = named(*b"PLTE").next().unwrap_or_default();
    let mut colours = Vec::with_capacity(pixels);
    for row in raw.chunks_exact(line + 1) {
        colours.extend(row[1..].chunks_exact(channels).map(|p| colour(p, kind, palette)));
    }
    let ground = most(&colours);
    let drawn = |least: u8| {
        let far = |c: &[u8; 3]| c.iter().zip(ground).any(|(a, b)| a.abs_diff(b) > least);
        Ink { wide, high, bits: colours.iter().map(far).collect() }
    };
    Some((drawn(dark), drawn(pale)))
}

/// A pixel as red, green and blue on white.
fn colour(pixel: &[u8], kind: u8, palette: &[u8]) -> [u8; 3] {
    let on_white = |value: u8, alpha: u8| {
        let mixed = (u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255;
        u8::try_from(mixed).unwrap_or(255)
    };
    match (kind, pixel) {
        (3, [at]) => {
            let at = usize::from(*at) * 3;
            palette.get(at..at + 3).and_then(|p| p.try_into().ok()).unwrap_or([255; 3])
        }
        (2, [r, g, b]) => [*r, *g, *b],
        (6, [r, g, b, a]) => [on_white(*r, *a), on_white(*g, *a), on_white(*b, *a)],
        (4, [v, a]) => [on_white(*v, *a); 3],
        (_, [v, ..]) => [*v; 3],
        _ => [255; 3],
    }
}

/// The colour of the ground: the one of most pixels.
fn most(colours: &[[u8; 3]]) -> [u8; 3] {
    let mut sorted = colours.to_vec();
    sorted.sort_unstable();
    let longest = sorted.chunk_by(|a, b| a == b).max_by_key(|run| run.len());
    longest.and_then(|run| run.first().copied()).unwrap_or([255; 3])
}

/// Undoes the filters of a PNG's lines (ISO/IEC 15948, 9).
fn unfilter(raw: &mut [u8], line: usize, channels: usize) -> Option<()> {
    let mut before = vec![0_u8; line];
    for row in raw.chunks_exact_mut(line + 1) {
        let (filter, row) = row.split_first_mut()?;
        for at in 0..line {
            let left = if at >= channels { row[at - channels] } else { 0 };
            let corner = if at >= channels { before[at - channels] } else { 0 };
            let above = before[at];
            let guess = match *filter {
                0 => 0,
                1 => left,
                2 => above,
                3 => u8::midpoint(left, above),
                4 => paeth(left, above, corner),
                _ => return None,
            };
            row[at] = row[at].wrapping_add(guess);
        }
        before.copy_from_slice(row);
    }
    Some(())
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(corner));
    let (pa, pb, pc) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if pa <= pb && pa <= pc {
        left
    } else if pb <= pc {
        above
    } else {
        corner
    }
}
