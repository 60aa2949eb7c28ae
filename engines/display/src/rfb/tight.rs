//! Tight without JPEG and without the gradient filter: lossless (the registered encoding 7 of the
//! community's protocol description). Fills, palettes and plain pixels, in three streams.

#![expect(
    clippy::cast_possible_truncation,
    reason = "bytes are cut out of wider numbers, each within its bound"
)]

use flate2::Compress;

use super::encoder::deflate;
use super::palette::Palette;
use super::{Area, Screen};

/// Shorter data are sent as they are, without a length.
const MIN_TO_COMPRESS: usize = 12;
/// Rectangles above 2048 pixels of width are not allowed; small ones have few colours.
const SIDE: u16 = 256;

/// The rectangles in which an area is sent.
pub(crate) fn pieces(area: Area) -> impl Iterator<Item = Area> {
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

/// Appends one piece. A pixel is red, green, blue whatever the viewer's format (TPIXEL).
pub(crate) fn encode(
    streams: &mut [Compress; 3],
    screen: &Screen,
    piece: Area,
    palette: &mut Palette,
    out: &mut Vec<u8>,
) {
    let rows = piece.y..piece.y + piece.height;
    let lines = rows.map(|y| screen.line(piece.x, y, piece.width));
    let few = palette.fill(lines.clone().flatten().copied(), 256);
    let colours = palette.colours();
    if few && colours.len() == 1 {
        out.push(0x80);
        return out.extend_from_slice(&rgb(colours[0]));
    }
    let mut plain = Vec::with_capacity(piece.pixels());
    if !few {
        out.push(0);
        lines.flatten().for_each(|&pixel| plain.extend_from_slice(&rgb(pixel)));
        return compressed(&mut streams[0], &plain, out);
    }
    let stream = if colours.len() == 2 { 1 } else { 2 };
    out.extend_from_slice(&[0x40 | stream << 4, 1, (colours.len() - 1) as u8]);
    out.extend(colours.iter().flat_map(|&colour| rgb(colour)));
    for line in lines {
        match stream {
            1 => plain.extend(line.chunks(8).map(|group| {
                let bits = group.iter().enumerate();
                bits.fold(0, |byte, (at, &pixel)| byte | palette.index(pixel) << (7 - at))
            })),
            _ => plain.extend(line.iter().map(|&pixel| palette.index(pixel))),
        }
    }
    compressed(&mut streams[usize::from(stream)], &plain, out);
}

fn rgb(pixel: u32) -> [u8; 3] {
    let [_, r, g, b] = pixel.to_be_bytes();
    [r, g, b]
}

fn compressed(stream: &mut Compress, plain: &[u8], out: &mut Vec<u8>) {
    if plain.len() < MIN_TO_COMPRESS {
        return out.extend_from_slice(plain);
    }
    let mut data = Vec::with_capacity(plain.len() / 4 + 64);
    deflate(stream, plain, &mut data);
    // Seven bits a byte, the lowest first, and eight in the third.
    let length = data.len();
    match length {
        0..=0x7f => out.push(length as u8),
        0x80..=0x3fff => {
            out.extend_from_slice(&[(length & 0x7f | 0x80) as u8, (length >> 7) as u8]);
        }
        _ => out.extend_from_slice(&[
            (length & 0x7f | 0x80) as u8,
            (length >> 7 & 0x7f | 0x80) as u8,
            (length >> 14) as u8,
        ]),
    }
    out.append(&mut data);
}
