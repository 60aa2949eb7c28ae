//! The messages that we send, written anew each time.

#![expect(
    clippy::cast_possible_truncation,
    reason = "bytes are cut out of wider numbers, each within its bound"
)]

use super::bytes::be16;
use super::{Area, Link, encoding};

/// Both sides speak RFB 3.8 and nothing else.
pub(crate) const VERSION: &[u8; 12] = b"RFB 003.008\n";
/// No RFB password: the socket (towards the desktop) and the grant (towards the viewer) stand for it.
pub(crate) const SECURITY_NONE: u8 = 1;

/// The pixels of both sides until a viewer asks for others: 32 bits, 24 of them used, little
/// endian, red in bits 16 to 23.
pub(crate) const PIXELS: [u8; 16] = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];

/// What is asked of a desktop on this machine, the most wanted first.
const LOCAL: [i32; 6] = [
    encoding::COPY_RECT,
    encoding::RAW,
    encoding::CURSOR,
    encoding::DESKTOP_SIZE,
    encoding::EXTENDED_DESKTOP_SIZE,
    encoding::LAST_RECT,
];

/// `SetPixelFormat` and `SetEncodings` to the desktop.
pub(crate) fn setup(link: Link, out: &mut Vec<u8>) {
    out.extend_from_slice(&[0, 0, 0, 0]);
    out.extend_from_slice(&PIXELS);
    let remote = (link == Link::Remote).then_some(encoding::ZRLE);
    let count = LOCAL.len() as u8 + u8::from(remote.is_some());
    out.extend_from_slice(&[2, 0, 0, count]);
    for kind in remote.into_iter().chain(LOCAL) {
        out.extend_from_slice(&kind.to_be_bytes());
    }
}

/// `FramebufferUpdateRequest`.
pub(crate) fn request(incremental: bool, area: Area, out: &mut Vec<u8>) {
    out.extend_from_slice(&[3, u8::from(incremental)]);
    for field in [area.x, area.y, area.width, area.height] {
        out.extend_from_slice(&field.to_be_bytes());
    }
}

/// `ServerInit` towards a viewer.
pub(crate) fn server_init(size: (u16, u16), name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&size.0.to_be_bytes());
    out.extend_from_slice(&size.1.to_be_bytes());
    out.extend_from_slice(&PIXELS);
    let length = u32::try_from(name.len()).expect("a name of at most 64 characters");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(name.as_bytes());
}

/// The head of a rectangle.
pub(crate) fn rectangle(area: Area, kind: i32, out: &mut Vec<u8>) {
    for field in [area.x, area.y, area.width, area.height] {
        out.extend_from_slice(&field.to_be_bytes());
    }
    out.extend_from_slice(&kind.to_be_bytes());
}

/// Cut text, both ways (`kind` 3 to the viewer, 6 to the desktop).
pub(crate) fn cut_text(kind: u8, latin1: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(latin1.len()).expect("a text below a limit of 32 bits");
    out.extend_from_slice(&[kind, 0, 0, 0]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(latin1);
}

/// Where a component of a colour goes among the three bytes of a compact pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelFormat {
    /// For each of the three used bytes, in wire order, the shift that its component has in
    /// `0x00RRGGBB`.
    shifts: [u8; 3],
    /// Whether the unused byte comes first.
    big_endian: bool,
}

impl Default for PixelFormat {
    fn default() -> Self {
        Self { shifts: [0, 8, 16], big_endian: false }
    }
}

impl PixelFormat {
    /// Reads a `SetPixelFormat`; only 32 bits with 8 a colour in the lower three bytes.
    pub fn parse(format: &[u8; 16]) -> Option<Self> {
        let maxima = [be16(format, 4), be16(format, 6), be16(format, 8)];
        let plain = format[0] == 32 && format[1] == 24 && format[3] != 0 && maxima == [255; 3];
        let big_endian = format[2] != 0;
        let mut shifts = [None; 3];
        for (theirs, ours) in format[10..13].iter().zip([16, 8, 0]) {
            let byte = match theirs {
                0 => 0,
                8 => 1,
                16 => 2,
                _ => return None,
            };
            shifts[if big_endian { 2 - byte } else { byte }] = Some(ours);
        }
        let shifts = [shifts[0]?, shifts[1]?, shifts[2]?];
        plain.then_some(Self { shifts, big_endian })
    }

    /// The three bytes of a pixel: ZRLE's CPIXEL.
    pub fn compact(self, pixel: u32) -> [u8; 3] {
        self.shifts.map(|shift| (pixel >> shift) as u8)
    }

    /// The four bytes of a pixel.
    pub fn whole(self, pixel: u32) -> [u8; 4] {
        let [a, b, c] = self.compact(pixel);
        if self.big_endian { [0, a, b, c] } else { [a, b, c, 0] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_written_as_the_viewer_asked() {
        let with = |big_endian, shifts: [u8; 3]| {
            let mut format = PIXELS;
            format[2] = big_endian;
            format[10..13].copy_from_slice(&shifts);
            PixelFormat::parse(&format)
        };
        assert_eq!(PixelFormat::parse(&PIXELS), Some(PixelFormat::default()));
        assert_eq!(with(0, [16, 8, 0]).unwrap().whole(0x11_22_33), [0x33, 0x22, 0x11, 0]);
        assert_eq!(with(0, [0, 8, 16]).unwrap().whole(0x11_22_33), [0x11, 0x22, 0x33, 0]);
        assert_eq!(with(1, [16, 8, 0]).unwrap().whole(0x11_22_33), [0, 0x11, 0x22, 0x33]);
        assert_eq!(with(1, [0, 16, 8]).unwrap().compact(0x11_22_33), [0x22, 0x33, 0x11]);
        assert_eq!(with(0, [16, 16, 0]), None, "two colours in one byte");
        assert_eq!(with(0, [24, 8, 0]), None);
        assert_eq!(with(0, [7, 8, 0]), None);
    }

    #[test]
    fn fewer_bits_and_palettes_are_refused() {
        for (at, value) in [(0, 16), (0, 8), (1, 32), (3, 0), (5, 31), (9, 63)] {
            let mut format = PIXELS;
            format[at] = value;
            assert_eq!(PixelFormat::parse(&format), None, "byte {at} = {value}");
        }
    }
}
