//! A desktop that writes RFB, from RFC 6143.
#![expect(clippy::cast_possible_truncation, reason = "wire fields")]

use display::rfb::Area;
use flate2::{Compress, Compression, FlushCompress};

use crate::naive::{Picture, area};

/// What a desktop says.
pub struct Server {
    pub picture: Picture,
    pub bytes: Vec<u8>,
    zlib: Compress,
}

impl Server {
    /// A desktop whose handshake is in `bytes`.
    pub fn new(width: u16, height: u16) -> Self {
        let mut bytes = b"RFB 003.008\n\x01\x01\0\0\0\0".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
        bytes.extend(*b"\0\0\0\x04name");
        let zlib = Compress::new(Compression::new(1), true);
        Self { picture: Picture::new(width, height), bytes, zlib }
    }

    pub fn update(&mut self, rectangles: u16) {
        self.bytes.extend([0, 0]);
        self.bytes.extend(rectangles.to_be_bytes());
    }

    pub fn head(&mut self, at: Area, encoding: i32) {
        for field in [at.x, at.y, at.width, at.height] {
            self.bytes.extend(field.to_be_bytes());
        }
        self.bytes.extend(encoding.to_be_bytes());
    }

    pub fn raw(&mut self, at: Area, pixels: &[u32]) {
        self.picture.put(at, pixels);
        self.head(at, 0);
        // The unused byte may hold anything.
        self.bytes.extend(pixels.iter().flat_map(|pixel| (pixel | 0x5a00_0000).to_le_bytes()));
    }

    pub fn copy(&mut self, x: u16, y: u16, to: Area) {
        let pixels = self.picture.get(Area { x, y, ..to });
        self.picture.put(to, &pixels);
        self.head(to, 1);
        self.bytes.extend(x.to_be_bytes());
        self.bytes.extend(y.to_be_bytes());
    }

    /// ZRLE with each tile as plain runs, or raw where `runs` is false.
    pub fn zrle(&mut self, at: Area, pixels: &[u32], runs: bool) {
        self.picture.put(at, pixels);
        let mut plain = Vec::new();
        for y in (at.y..at.y + at.height).step_by(64) {
            for x in (at.x..at.x + at.width).step_by(64) {
                let tile = area(x, y, 64.min(at.x + at.width - x), 64.min(at.y + at.height - y));
                let pixels = self.picture.get(tile);
                plain.push(if runs { 128 } else { 0 });
                for pixel in pixels {
                    plain.extend(&pixel.to_le_bytes()[..3]);
                    plain.extend(runs.then_some(0));
                }
            }
        }
        let data = self.deflate(&plain);
        self.head(at, 16);
        self.bytes.extend((data.len() as u32).to_be_bytes());
        self.bytes.extend(data);
    }

    pub fn deflate(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(plain.len() * 2 + 1000);
        self.zlib.compress_vec(plain, &mut out, FlushCompress::Sync).unwrap();
        out
    }

    pub fn resize(&mut self, width: u16, height: u16, extended: bool) {
        self.picture = Picture::new(width, height);
        self.head(area(0, 0, width, height), if extended { -308 } else { -223 });
        if extended {
            self.bytes.extend([1, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0]);
            self.bytes.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
            self.bytes.extend([0, 0, 0, 9]);
        }
    }
}
