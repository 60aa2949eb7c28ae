//! The oracles: a frame buffer without cleverness, a desktop that writes RFB and a viewer that
//! reads it, written from RFC 6143 and not from the engine.
#![expect(clippy::cast_possible_truncation, reason = "wire fields")]

use display::rfb::{Area, Screen};
use flate2::{Decompress, FlushDecompress};

pub use crate::server::Server;

pub const ENCODINGS: [i32; 9] = [1, 16, 7, 0, -239, -223, -308, -224, -313];

pub fn area(x: u16, y: u16, width: u16, height: u16) -> Area {
    Area { x, y, width, height }
}

/// Pixels as a list of lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture(pub Vec<Vec<u32>>);

impl Picture {
    pub fn new(width: u16, height: u16) -> Self {
        Self(vec![vec![0; width.into()]; height.into()])
    }

    pub fn of(screen: &Screen) -> Self {
        Self((0..screen.height()).map(|y| screen.line(0, y, screen.width()).to_vec()).collect())
    }

    pub fn width(&self) -> u16 {
        self.0.first().map_or(0, Vec::len) as u16
    }

    pub fn height(&self) -> u16 {
        self.0.len() as u16
    }

    pub fn put(&mut self, to: Area, pixels: &[u32]) {
        for (i, &pixel) in pixels.iter().enumerate() {
            let (x, y) = (i % usize::from(to.width), i / usize::from(to.width));
            self.0[usize::from(to.y) + y][usize::from(to.x) + x] = pixel;
        }
    }

    pub fn get(&self, from: Area) -> Vec<u32> {
        let lines = &self.0[from.y.into()..(from.y + from.height).into()];
        lines
            .iter()
            .flat_map(|line| line[from.x.into()..(from.x + from.width).into()].to_vec())
            .collect()
    }
}

/// What a viewer says first: handshake, pixel format, encodings, a whole update.
pub fn greeting(format: Option<[u8; 16]>, encodings: &[i32]) -> Vec<u8> {
    let mut bytes = b"RFB 003.008\n\x01\x01".to_vec();
    if let Some(format) = format {
        bytes.extend([0, 0, 0, 0]);
        bytes.extend(format);
    }
    bytes.extend([2, 0, 0, encodings.len() as u8]);
    bytes.extend(encodings.iter().flat_map(|kind| kind.to_be_bytes()));
    bytes.extend(request(false));
    bytes
}

pub fn request(incremental: bool) -> [u8; 10] {
    [3, u8::from(incremental), 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]
}

/// A viewer's memory: reads whole updates, trusts nothing.
pub struct Client {
    pub picture: Picture,
    pub cursor: Option<(Area, Vec<u8>)>,
    pub bells: usize,
    pub texts: Vec<Vec<u8>>,
    pub sizes: Vec<(u16, u16)>,
    /// The place of red, green and blue among the bytes of a pixel, and of the pixel among four.
    pub places: [usize; 3],
    pub offset: usize,
    pub zrle: Decompress,
    pub tight: [Decompress; 4],
}

impl Default for Client {
    fn default() -> Self {
        let stream = || Decompress::new(true);
        Self {
            picture: Picture::new(0, 0),
            cursor: None,
            bells: 0,
            texts: Vec::new(),
            sizes: Vec::new(),
            places: [2, 1, 0],
            offset: 0,
            zrle: stream(),
            tight: [stream(), stream(), stream(), stream()],
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        self.0.split_off(..n).expect("a whole message")
    }
    fn u8(&mut self) -> usize {
        self.take(1)[0].into()
    }
    fn u16(&mut self) -> u16 {
        u16::from_be_bytes(self.take(2).try_into().unwrap())
    }
    fn u32(&mut self) -> u32 {
        u32::from_be_bytes(self.take(4).try_into().unwrap())
    }
}

fn inflate(stream: &mut Decompress, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 << 22);
    stream.decompress_vec(data, &mut out, FlushDecompress::Sync).unwrap();
    out
}

impl Client {
    /// Reads what the server side of the relay wrote, handshake included.
    pub fn read(&mut self, bytes: &[u8]) {
        let mut reader = Reader(bytes);
        if bytes.starts_with(b"RFB 003.008\n") {
            reader.take(12);
        }
        if reader.0.starts_with(&[1, 1, 0, 0, 0, 0]) {
            reader.take(6);
            let (width, height) = (reader.u16(), reader.u16());
            reader.take(16);
            let name = reader.u32() as usize;
            reader.take(name);
            self.picture = Picture::new(width, height);
        }
        while !reader.0.is_empty() {
            match reader.u8() {
                0 => self.update(&mut reader),
                2 => self.bells += 1,
                3 => {
                    reader.take(3);
                    let length = reader.u32() as usize;
                    self.texts.push(reader.take(length).to_vec());
                }
                150 => {}
                248 => {
                    reader.take(7);
                    let length = reader.u8();
                    reader.take(length);
                }
                other => panic!("message {other}"),
            }
        }
    }

    fn update(&mut self, reader: &mut Reader) {
        reader.take(1);
        for _ in 0..reader.u16() {
            let at = area(reader.u16(), reader.u16(), reader.u16(), reader.u16());
            match reader.u32().cast_signed() {
                0 => {
                    let pixels = reader.take(at.pixels() * 4);
                    let pixels: Vec<u32> =
                        pixels.chunks(4).map(|p| self.pixel(&p[self.offset..])).collect();
                    self.picture.put(at, &pixels);
                }
                1 => {
                    let from = area(reader.u16(), reader.u16(), at.width, at.height);
                    let pixels = self.picture.get(from);
                    self.picture.put(at, &pixels);
                }
                7 => self.tight(at, reader),
                16 => {
                    let length = reader.u32() as usize;
                    let plain = inflate(&mut self.zrle, reader.take(length));
                    self.zrle(at, &mut Reader(&plain));
                }
                -239 => {
                    let mask = usize::from(at.width).div_ceil(8) * usize::from(at.height);
                    self.cursor = Some((at, reader.take(at.pixels() * 4 + mask).to_vec()));
                }
                -223 => self.picture = Picture::new(at.width, at.height),
                -308 => {
                    let screens = reader.u8();
                    reader.take(3 + 16 * screens);
                    self.sizes.push((at.x, at.y));
                    if at.y == 0
                        && (at.width, at.height) != (self.picture.width(), self.picture.height())
                    {
                        self.picture = Picture::new(at.width, at.height);
                    }
                }
                other => panic!("encoding {other}"),
            }
        }
    }

    fn pixel(&self, bytes: &[u8]) -> u32 {
        let [r, g, b] = self.places.map(|place| u32::from(bytes[place]));
        r << 16 | g << 8 | b
    }

    fn zrle(&mut self, at: Area, reader: &mut Reader) {
        for y in (at.y..at.y + at.height).step_by(64) {
            for x in (at.x..at.x + at.width).step_by(64) {
                let tile = area(x, y, 64.min(at.x + at.width - x), 64.min(at.y + at.height - y));
                let pixels = self.tile(tile, reader);
                assert_eq!(pixels.len(), tile.pixels());
                self.picture.put(tile, &pixels);
            }
        }
        assert!(reader.0.is_empty());
    }

    fn tile(&self, tile: Area, reader: &mut Reader) -> Vec<u32> {
        let kind = reader.u8();
        let colours = match kind {
            0 | 128 => 0,
            1..=16 => kind,
            130..=255 => kind - 128,
            _ => panic!("subencoding {kind}"),
        };
        let palette: Vec<u32> = (0..colours).map(|_| self.pixel(reader.take(3))).collect();
        let count = tile.pixels();
        let mut pixels = Vec::new();
        match kind {
            0 => pixels.extend((0..count).map(|_| self.pixel(reader.take(3)))),
            1 => pixels.resize(count, palette[0]),
            2..=16 => {
                let bits = if colours == 2 {
                    1
                } else if colours <= 4 {
                    2
                } else {
                    4
                };
                for _ in 0..tile.height {
                    let line = reader.take((usize::from(tile.width) * bits).div_ceil(8));
                    let all = line.iter().flat_map(|byte| {
                        (0..8 / bits).map(move |i| {
                            usize::from(*byte) >> (8 - bits * (i + 1)) & ((1 << bits) - 1)
                        })
                    });
                    pixels.extend(all.take(tile.width.into()).map(|index| palette[index]));
                }
            }
            _ => {
                while pixels.len() < count {
                    let (pixel, single) = match kind {
                        128 => (self.pixel(reader.take(3)), false),
                        _ => {
                            let index = reader.u8();
                            (palette[index & 0x7f], index & 0x80 == 0)
                        }
                    };
                    let mut length = 1;
                    loop {
                        if single {
                            break;
                        }
                        let more = reader.u8();
                        length += more;
                        if more < 255 {
                            break;
                        }
                    }
                    pixels.extend(vec![pixel; length]);
                }
            }
        }
        pixels
    }

    fn tight(&mut self, at: Area, reader: &mut Reader) {
        assert!(at.width <= 2048);
        let control = reader.u8();
        let rgb = |bytes: &[u8]| u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        if control == 0x80 {
            let pixel = rgb(reader.take(3));
            return self.picture.put(at, &vec![pixel; at.pixels()]);
        }
        assert!(control & 0x8f == 0, "no JPEG, no reset");
        let mut palette = Vec::new();
        if control & 0x40 != 0 {
            assert_eq!(reader.u8(), 1, "the palette filter");
            for _ in 0..=reader.u8() {
                palette.push(rgb(reader.take(3)));
            }
        }
        let line = match palette.len() {
            0 => usize::from(at.width) * 3,
            2 => usize::from(at.width).div_ceil(8),
            _ => usize::from(at.width),
        };
        let wanted = line * usize::from(at.height);
        let data = match wanted < 12 {
            true => reader.take(wanted).to_vec(),
            false => {
                let mut length = 0;
                for shift in [0, 7, 14] {
                    let byte = reader.u8();
                    length |= if shift == 14 { byte << 14 } else { (byte & 0x7f) << shift };
                    if byte & 0x80 == 0 {
                        break;
                    }
                }
                inflate(&mut self.tight[control >> 4 & 3], reader.take(length))
            }
        };
        assert_eq!(data.len(), wanted);
        let pixels: Vec<u32> = match palette.len() {
            0 => data.chunks(3).map(rgb).collect(),
            2 => data
                .chunks(line)
                .flat_map(|line| {
                    (0..usize::from(at.width))
                        .map(|x| palette[usize::from(line[x / 8] >> (7 - x % 8) & 1)])
                })
                .collect(),
            _ => data.iter().map(|&index| palette[usize::from(index)]).collect(),
        };
        self.picture.put(at, &pixels);
    }
}
