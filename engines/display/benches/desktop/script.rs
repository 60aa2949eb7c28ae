//! A minute at a desk of 1920 x 1080 as its server would send it: typing, tables that scroll,
//! windows that move, a plot that grows. Raw rectangles and copies, seeded.
#![expect(clippy::cast_possible_truncation, reason = "places on a screen")]

use std::time::Duration;

use super::Stream;

const WIDTH: u16 = 1920;
const HEIGHT: u16 = 1080;
const CELL: (u16, u16) = (9, 18);

struct Desk {
    pixels: Vec<u32>,
    out: Vec<u8>,
    rectangles: u16,
    noise: u32,
}

pub(super) fn minute() -> Stream {
    let mut desk = Desk {
        pixels: vec![0x30_4050; usize::from(WIDTH) * usize::from(HEIGHT)],
        out: Vec::new(),
        rectangles: 0,
        noise: 1,
    };
    let mut hello = b"RFB 003.008\n\x01\x01\0\0\0\0".to_vec();
    hello.extend([WIDTH.to_be_bytes(), HEIGHT.to_be_bytes()].concat());
    hello.extend([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0, 0, 0, 0, 1, b'a']);
    let mut stream = vec![(Duration::ZERO, hello)];
    desk.fill(20, 40, 1000, 830, 0xff_ffff);
    desk.fill(1050, 300, 760, 560, 0xf4_f4f0);
    desk.raw(0, 0, WIDTH, HEIGHT);
    stream.push((Duration::from_millis(50), desk.update()));
    let (mut column, mut row) = (0, 0);
    for tick in 1..600_u32 {
        // Ten letters a second, a new line now and then.
        column += 1;
        if column == 100 || tick % 40 == 0 {
            (column, row) = (0, (row + 1) % 44);
        }
        desk.text(22 + column * CELL.0, 42 + row * CELL.1, 1, tick);
        // A table of 40 lines each 7 s, its window scrolled line by line.
        if tick % 70 < 40 {
            desk.copy(1052, 302 + CELL.1, 1052, 302, 750, CELL.1 * 29);
            desk.text(1052, 302 + CELL.1 * 29, 80, tick * 31);
        }
        // A plot: points on curves.
        if tick % 5 == 0 {
            let x = 1100 + (tick / 2) as u16;
            let y = 40 + (tick * tick / 97 % 200) as u16;
            desk.fill(x, y, 3, 3, 0xc0_2030);
            desk.raw(x, y, 3, 3);
        }
        // A window moved for a second in every ten.
        if tick % 100 > 90 {
            let step = (tick % 100 - 90) as u16;
            desk.copy(1050 + 8 * step, 880, 1050 + 8 * step + 8, 880, 400, 180);
        }
        stream.push((Duration::from_millis(u64::from(tick) * 100), desk.update()));
    }
    stream
}

impl Desk {
    fn update(&mut self) -> Vec<u8> {
        let head = [[0, 0], self.rectangles.to_be_bytes()].concat();
        self.rectangles = 0;
        [head, std::mem::take(&mut self.out)].concat()
    }

    fn fill(&mut self, x: u16, y: u16, width: u16, height: u16, colour: u32) {
        for line in y..y + height {
            self.line(x, line, width).fill(colour);
        }
    }

    fn line(&mut self, x: u16, y: u16, width: u16) -> &mut [u32] {
        let start = usize::from(y) * usize::from(WIDTH) + usize::from(x);
        &mut self.pixels[start..start + usize::from(width)]
    }

    /// Letters with smooth edges: 90 shapes, each the same wherever it stands.
    fn text(&mut self, x: u16, y: u16, letters: u16, seed: u32) {
        for letter in 0..letters {
            self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(seed | 1);
            let shape = self.noise >> 16 & 0xff;
            // One in four is a space, as in tables.
            let shape = if shape < 64 { 0 } else { shape % 90 + 1 };
            for dy in 0..CELL.1 {
                for (dx, pixel) in (0..).zip(self.line(x + letter * CELL.0, y + dy, CELL.0)) {
                    *pixel = ink(shape, dx, dy.into());
                }
            }
        }
        self.raw(x, y, letters * CELL.0, CELL.1);
    }

    fn raw(&mut self, x: u16, y: u16, width: u16, height: u16) {
        self.head([x, y, width, height], 0);
        for line in y..y + height {
            let bytes: Vec<u8> =
                self.line(x, line, width).iter().flat_map(|p| p.to_le_bytes()).collect();
            self.out.extend(bytes);
        }
    }

    fn copy(&mut self, from_x: u16, from_y: u16, x: u16, y: u16, width: u16, height: u16) {
        let lines: Vec<Vec<u32>> =
            (0..height).map(|line| self.line(from_x, from_y + line, width).to_vec()).collect();
        for (line, pixels) in (y..).zip(&lines) {
            self.line(x, line, width).copy_from_slice(pixels);
        }
        self.head([x, y, width, height], 1);
        self.out.extend([from_x.to_be_bytes(), from_y.to_be_bytes()].concat());
    }

    fn head(&mut self, place: [u16; 4], encoding: u8) {
        self.rectangles += 1;
        self.out.extend(place.map(u16::to_be_bytes).concat());
        self.out.extend([0, 0, 0, encoding]);
    }
}

/// Two strokes, chosen by the shape, with grey at their sides.
fn ink(shape: u32, x: u32, y: u32) -> u32 {
    if shape == 0 || !(3..15).contains(&y) {
        return 0xff_ffff;
    }
    let upright = 1 + shape % 6;
    let across = 3 + shape / 6 % 12;
    let slant = (shape / 3 % 9 + y) % 9;
    match (x.abs_diff(upright), y.abs_diff(across), x.abs_diff(slant)) {
        (0, ..) | (_, 0, _) => 0x10_1010,
        (.., 0) if shape.is_multiple_of(2) => 0x20_2020,
        (1, ..) => 0x90_9088 + shape % 4 * 0x10_1010,
        (_, _, 1) if shape.is_multiple_of(2) => 0xc0_c0c4,
        _ => 0xff_ffff,
    }
}
