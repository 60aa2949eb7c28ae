//! ZRLE (RFC 6143 7.7.6): tiles of 64 x 64 pixels as palettes and runs, deflated in one stream.

#![expect(
    clippy::cast_possible_truncation,
    reason = "bytes are cut out of wider numbers, each within its bound"
)]

use flate2::{Decompress, FlushDecompress, Status};

use super::messages::PixelFormat;
use super::palette::Palette;
use super::{Area, Screen, Violation};

/// The side of a tile.
const SIDE: u16 = 64;

/// The tiles of an area, line after line.
fn tiles(area: Area) -> impl Iterator<Item = Area> {
    let (right, bottom) = (area.x + area.width, area.y + area.height);
    (area.y..bottom).step_by(SIDE.into()).flat_map(move |y| {
        (area.x..right).step_by(SIDE.into()).map(move |x| Area {
            x,
            y,
            width: SIDE.min(right - x),
            height: SIDE.min(bottom - y),
        })
    })
}

/// Bits of an index into a packed palette of so many colours.
fn bits(colours: usize) -> usize {
    match colours {
        0..=2 => 1,
        3..=4 => 2,
        _ => 4,
    }
}

/// Appends the tiles of the area, not yet deflated, each in its shortest coding.
pub(crate) fn encode(
    format: PixelFormat,
    screen: &Screen,
    area: Area,
    palette: &mut Palette,
    out: &mut Vec<u8>,
) {
    let mut pixels = Vec::with_capacity(usize::from(SIDE) * usize::from(SIDE));
    for tile in tiles(area) {
        pixels.clear();
        for y in tile.y..tile.y + tile.height {
            pixels.extend_from_slice(screen.line(tile.x, y, tile.width));
        }
        encode_tile(format, &pixels, tile.width.into(), palette, out);
    }
}

/// The runs of a tile: colour and length.
fn runs(pixels: &[u32]) -> impl Iterator<Item = (u32, usize)> {
    pixels.chunk_by(|a, b| a == b).map(|run| (run[0], run.len()))
}

fn encode_tile(
    format: PixelFormat,
    pixels: &[u32],
    width: usize,
    palette: &mut Palette,
    out: &mut Vec<u8>,
) {
    let few = palette.fill(pixels.iter().copied(), 127);
    let colours = palette.colours().len();
    if few && colours == 1 {
        out.push(1);
        return out.extend_from_slice(&format.compact(pixels[0]));
    }
    let (mut plain, mut indexed) = (0, 3 * colours);
    for (_, length) in runs(pixels) {
        let lengths = (length - 1) / 255 + 1;
        plain += 3 + lengths;
        indexed += if length == 1 { 1 } else { 1 + lengths };
    }
    let packed = 3 * colours + (width * bits(colours)).div_ceil(8) * (pixels.len() / width);
    let raw = 3 * pixels.len();
    let best_rle = if few { plain.min(indexed) } else { plain };
    if few && colours <= 16 && packed <= best_rle.min(raw) {
        out.push(colours as u8);
        put_colours(format, palette, out);
        pack(pixels, width, palette, out);
    } else if raw <= best_rle {
        out.push(0);
        out.extend(pixels.iter().flat_map(|&pixel| format.compact(pixel)));
    } else if few && indexed <= plain {
        out.push(128 + colours as u8);
        put_colours(format, palette, out);
        put_indexed_runs(pixels, palette, out);
    } else {
        out.push(128);
        for (pixel, length) in runs(pixels) {
            out.extend_from_slice(&format.compact(pixel));
            put_length(length, out);
        }
    }
}

fn put_indexed_runs(pixels: &[u32], palette: &Palette, out: &mut Vec<u8>) {
    for (pixel, length) in runs(pixels) {
        let index = palette.index(pixel);
        out.push(if length == 1 { index } else { index | 0x80 });
        if length > 1 {
            put_length(length, out);
        }
    }
}

fn put_colours(format: PixelFormat, palette: &Palette, out: &mut Vec<u8>) {
    out.extend(palette.colours().iter().flat_map(|&colour| format.compact(colour)));
}

fn put_length(length: usize, out: &mut Vec<u8>) {
    let rest = length - 1;
    out.extend(std::iter::repeat_n(255, rest / 255));
    out.push((rest % 255) as u8);
}

/// Indices of 1, 2 or 4 bits, highest first, each line in whole bytes.
fn pack(pixels: &[u32], width: usize, palette: &Palette, out: &mut Vec<u8>) {
    let bits = bits(palette.colours().len());
    for line in pixels.chunks(width) {
        for group in line.chunks(8 / bits) {
            let mut byte = 0;
            for (at, &pixel) in group.iter().enumerate() {
                byte |= palette.index(pixel) << (8 - bits * (at + 1));
            }
            out.push(byte);
        }
    }
}

/// Draws ZRLE rectangles; its stream lasts for the session.
#[derive(Debug)]
pub(crate) struct Decoder {
    stream: Decompress,
    plain: Vec<u8>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { stream: Decompress::new(true), plain: Vec::new() }
    }
}

impl Decoder {
    /// Inflates `data` (bounded by what the area can need) and draws the area, which is inside the
    /// screen. Pixels are those of [`PixelFormat::default`].
    pub fn draw(&mut self, data: &[u8], area: Area, screen: &mut Screen) -> Result<(), Violation> {
        self.inflate(data, area)?;
        let mut rest = self.plain.as_slice();
        let mut pixels = Vec::with_capacity(usize::from(SIDE) * usize::from(SIDE));
        for tile in tiles(area) {
            pixels.clear();
            decode_tile(&mut rest, tile, &mut pixels).ok_or(Violation::Compressed)?;
            for (y, line) in (tile.y..).zip(pixels.chunks_exact(tile.width.into())) {
                screen.line_mut(tile.x, y, tile.width).copy_from_slice(line);
            }
        }
        if rest.is_empty() { Ok(()) } else { Err(Violation::Compressed) }
    }

    fn inflate(&mut self, data: &[u8], area: Area) -> Result<(), Violation> {
        // A zlib bomb ends here: no coding of a tile is longer than a byte, a palette of 127
        // colours and 4 bytes a pixel.
        let most = tiles(area).count() * (1 + 3 * 127) + area.pixels() * 4;
        self.plain = Vec::new();
        let mut used = 0;
        loop {
            let room = (most + 1 - self.plain.len()).min(1 << 16);
            self.plain.reserve_exact(room);
            let (before_in, before_out) = (self.stream.total_in(), self.plain.len());
            let status = self
                .stream
                .decompress_vec(&data[used..], &mut self.plain, FlushDecompress::Sync)
                .map_err(|_| Violation::Compressed)?;
            let taken = (self.stream.total_in() - before_in) as usize;
            used += taken;
            let stuck = taken == 0 && self.plain.len() == before_out;
            // The stream lasts for the session: an end of it is none of RFB's.
            if status == Status::StreamEnd || self.plain.len() > most {
                return Err(Violation::Compressed);
            }
            if used == data.len() && (stuck || self.plain.len() < self.plain.capacity()) {
                return Ok(());
            }
            if stuck {
                return Err(Violation::Compressed);
            }
        }
    }
}

fn take<'a>(rest: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    rest.split_off(..n)
}

fn colour(rest: &mut &[u8]) -> Option<u32> {
    let bytes = take(rest, 3)?;
    Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]))
}

fn length(rest: &mut &[u8]) -> Option<usize> {
    let mut length = 1;
    loop {
        let &byte = rest.split_off_first()?;
        length += usize::from(byte);
        if byte != 255 {
            return Some(length);
        }
    }
}

fn decode_tile(rest: &mut &[u8], tile: Area, pixels: &mut Vec<u32>) -> Option<()> {
    let &kind = rest.split_off_first()?;
    let colours = usize::from(match kind {
        17..=127 | 129 => return None,
        0 | 128 => 0,
        1..=16 => kind,
        130.. => kind - 128,
    });
    let palette = (0..colours).map(|_| colour(rest)).collect::<Option<Vec<u32>>>()?;
    let wanted = tile.pixels();
    match kind {
        0 => pixels.extend((0..wanted).map_while(|_| colour(rest))),
        1 => pixels.resize(wanted, palette[0]),
        2..=16 => unpack(rest, tile, &palette, pixels)?,
        _ => {
            while pixels.len() < wanted {
                let (pixel, length) = run(rest, &palette)?;
                // A run longer than the tile would be drawn elsewhere.
                if length > wanted - pixels.len() {
                    return None;
                }
                pixels.extend(std::iter::repeat_n(pixel, length));
            }
        }
    }
    (pixels.len() == wanted).then_some(())
}

/// One run, plain where there is no palette.
fn run(rest: &mut &[u8], palette: &[u32]) -> Option<(u32, usize)> {
    if palette.is_empty() {
        return Some((colour(rest)?, length(rest)?));
    }
    let &index = rest.split_off_first()?;
    let pixel = *palette.get(usize::from(index & 0x7f))?;
    Some((pixel, if index & 0x80 == 0 { 1 } else { length(rest)? }))
}

fn unpack(rest: &mut &[u8], tile: Area, palette: &[u32], pixels: &mut Vec<u32>) -> Option<()> {
    let bits = bits(palette.len());
    let width = usize::from(tile.width);
    for _ in 0..tile.height {
        let line = take(rest, (width * bits).div_ceil(8))?;
        for x in 0..width {
            let byte = usize::from(line[x * bits / 8]);
            let index = byte >> (8 - bits - x * bits % 8) & ((1 << bits) - 1);
            pixels.push(*palette.get(index)?);
        }
    }
    Some(())
}
