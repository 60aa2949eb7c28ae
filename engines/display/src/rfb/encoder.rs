//! Pixels of ours as rectangles for one viewer.

#![expect(
    clippy::cast_possible_truncation,
    reason = "bytes are cut out of wider numbers, each within its bound"
)]

use flate2::{Compress, Compression, FlushCompress};

use super::messages::{self, PixelFormat};
use super::palette::Palette;
use super::{Area, Screen, encoding, tight, zrle};

/// How rectangles are coded for a viewer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Coding {
    #[default]
    Raw,
    Zrle,
    Tight,
}

/// Deflate's level: text compresses as well at 3 as at 6, at half the work.
const LEVEL: u32 = 3;

/// The streams of one viewer; they last for its session, so the coding may change at any time.
pub(crate) struct Encoder {
    zrle: Compress,
    tight: [Compress; 3],
    palette: Palette,
    plain: Vec<u8>,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Encoder")
    }
}

impl Encoder {
    pub fn new() -> Self {
        let stream = || Compress::new(Compression::new(LEVEL), true);
        Self {
            zrle: stream(),
            tight: [stream(), stream(), stream()],
            palette: Palette::new(),
            plain: Vec::new(),
        }
    }

    /// Appends the area as rectangles and gives their number.
    pub fn draw(
        &mut self,
        coding: Coding,
        format: PixelFormat,
        screen: &Screen,
        area: Area,
        out: &mut Vec<u8>,
    ) -> u16 {
        match coding {
            Coding::Raw => {
                messages::rectangle(area, encoding::RAW, out);
                for y in area.y..area.y + area.height {
                    let line = screen.line(area.x, y, area.width);
                    out.extend(line.iter().flat_map(|&pixel| format.whole(pixel)));
                }
                1
            }
            Coding::Zrle => {
                messages::rectangle(area, encoding::ZRLE, out);
                self.plain.clear();
                zrle::encode(format, screen, area, &mut self.palette, &mut self.plain);
                let head = out.len();
                out.extend_from_slice(&[0; 4]);
                deflate(&mut self.zrle, &self.plain, out);
                self.plain.shrink_to(1 << 20);
                let length = u32::try_from(out.len() - head - 4).expect("less than a screen");
                out[head..head + 4].copy_from_slice(&length.to_be_bytes());
                1
            }
            Coding::Tight => {
                let mut count = 0;
                for piece in tight::pieces(area) {
                    messages::rectangle(piece, encoding::TIGHT, out);
                    tight::encode(&mut self.tight, screen, piece, &mut self.palette, out);
                    count += 1;
                }
                count
            }
        }
    }
}

/// Appends `plain`, deflated and flushed to a byte.
pub(crate) fn deflate(stream: &mut Compress, plain: &[u8], out: &mut Vec<u8>) {
    let start = stream.total_in();
    loop {
        let used = (stream.total_in() - start) as usize;
        out.reserve((plain.len() - used) / 4 + 256);
        stream
            .compress_vec(&plain[used..], out, FlushCompress::Sync)
            .expect("deflate fails only where its state is misused");
        let all = (stream.total_in() - start) as usize == plain.len();
        // Room left over: the flush is whole.
        if all && out.len() < out.capacity() {
            return;
        }
    }
}
