//! The frames between the gateway and the init of a terminal bubble: kind (u8), length of the
//! payload (u32, big-endian), payload. `engines/sandbox/init/main.rs` is the other side.

/// Bytes of the terminal, both ways.
pub const DATA: u8 = 0;
/// To the bubble: columns and rows, u16 each, big-endian.
pub const RESIZE: u8 = 1;
/// From the bubble: the shell's exit code, i32, big-endian.
pub const EXIT: u8 = 2;
/// The longest payload that either side accepts, in bytes.
pub const MAX_PAYLOAD: usize = 1 << 16;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// Bytes of the terminal.
    Data(Vec<u8>),
    /// A new size.
    Resize {
        /// Characters in a line.
        columns: u16,
        /// Lines.
        rows: u16,
    },
    /// The shell has ended.
    Exit {
        /// Its code; 128 + n for signal n.
        code: i32,
    },
}

/// Why a stream is not one of frames. The only answer to it is to close the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`MAX_PAYLOAD`].
    #[error("a frame announces {0} bytes, more than {MAX_PAYLOAD}")]
    TooLong(u32),
    /// Neither data, resize nor exit.
    #[error("a frame has the unknown kind {0}")]
    UnknownKind(u8),
    /// A resize or exit whose payload is not 4 bytes.
    #[error("a frame of kind {kind} has {length} bytes of payload, not 4")]
    WrongLength {
        /// The kind.
        kind: u8,
        /// The length.
        length: usize,
    },
}

impl Frame {
    /// Appends the frame to `bytes`; data above [`MAX_PAYLOAD`] becomes several frames.
    ///
    /// # Panics
    /// Never: no payload is longer than [`MAX_PAYLOAD`].
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        let mut put = |kind, payload: &[u8]| {
            let length = u32::try_from(payload.len()).expect("at most MAX_PAYLOAD");
            bytes.push(kind);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(payload);
        };
        match self {
            Self::Data(data) => data.chunks(MAX_PAYLOAD).for_each(|chunk| put(DATA, chunk)),
            Self::Resize { columns, rows } => {
                let ([a, b], [c, d]) = (columns.to_be_bytes(), rows.to_be_bytes());
                put(RESIZE, &[a, b, c, d]);
            }
            Self::Exit { code } => put(EXIT, &code.to_be_bytes()),
        }
    }
}

/// Cuts a stream into frames, whatever the pieces in which it arrives. Holds at most one frame.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
}

impl Decoder {
    /// Takes what arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, `None` when more bytes are needed. Call it until it gives `None`
    /// before the next `push`, so that the buffer stays small.
    ///
    /// # Errors
    /// The same error at every further call: there is no way to find the next frame.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let &[kind, a, b, c, d, ..] = self.buffer.as_slice() else { return Ok(None) };
        let announced = u32::from_be_bytes([a, b, c, d]);
        let length = usize::try_from(announced).unwrap_or(usize::MAX);
        if length > MAX_PAYLOAD {
            return Err(FrameError::TooLong(announced));
        }
        if self.buffer.len() < 5 + length {
            return Ok(None);
        }
        let payload = &self.buffer[5..5 + length];
        let frame = match (kind, payload) {
            (DATA, data) => Frame::Data(data.to_vec()),
            (RESIZE, &[a, b, c, d]) => Frame::Resize {
                columns: u16::from_be_bytes([a, b]),
                rows: u16::from_be_bytes([c, d]),
            },
            (EXIT, &[a, b, c, d]) => Frame::Exit { code: i32::from_be_bytes([a, b, c, d]) },
            (RESIZE | EXIT, _) => return Err(FrameError::WrongLength { kind, length }),
            _ => return Err(FrameError::UnknownKind(kind)),
        };
        self.buffer.drain(..5 + length);
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn frames() -> impl Strategy<Value = Vec<Frame>> {
        let one = prop_oneof![
            vec(any::<u8>(), 1..200).prop_map(Frame::Data),
            any::<(u16, u16)>().prop_map(|(columns, rows)| Frame::Resize { columns, rows }),
            any::<i32>().prop_map(|code| Frame::Exit { code }),
        ];
        vec(one, 0..20)
    }

    proptest! {
        #[test]
        fn frames_survive_any_cutting(frames in frames(), cut in 1..50usize) {
            let mut bytes = Vec::new();
            for frame in &frames {
                frame.encode(&mut bytes);
            }
            let (mut decoder, mut found) = (Decoder::default(), Vec::new());
            for piece in bytes.chunks(cut) {
                decoder.push(piece);
                while let Some(frame) = decoder.next_frame().unwrap() {
                    found.push(frame);
                }
            }
            prop_assert_eq!(found, frames);
        }

        #[test]
        fn no_bytes_make_the_decoder_panic_or_hold_more_than_a_frame(bytes in vec(any::<u8>(), 0..500)) {
            let mut decoder = Decoder::default();
            decoder.push(&bytes);
            while let Ok(Some(_)) = decoder.next_frame() {}
            prop_assert!(decoder.buffer.len() <= bytes.len());
        }
    }

    #[test]
    fn a_frame_of_four_gigabytes_is_refused_before_it_is_read() {
        let mut decoder = Decoder::default();
        decoder.push(&[DATA, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(decoder.next_frame(), Err(FrameError::TooLong(u32::MAX)));
        assert_eq!(decoder.next_frame(), Err(FrameError::TooLong(u32::MAX)));
    }

    #[test]
    fn long_data_is_sent_in_several_frames() {
        let mut bytes = Vec::new();
        Frame::Data(vec![7; MAX_PAYLOAD + 1]).encode(&mut bytes);
        assert_eq!(bytes.len(), MAX_PAYLOAD + 1 + 2 * 5);
    }

    /// The init is built without this crate, so its numbers are copies.
    #[test]
    fn the_init_in_the_bubble_has_the_same_numbers() {
        let init = include_str!("../../sandbox/init/main.rs");
        for line in [
            format!("const DATA: u8 = {DATA};"),
            format!("const RESIZE: u8 = {RESIZE};"),
            format!("const EXIT: u8 = {EXIT};"),
            format!("const MAX_PAYLOAD: usize = 1 << {};", MAX_PAYLOAD.trailing_zeros()),
        ] {
            assert!(init.contains(&line), "{line}");
        }
        assert!(MAX_PAYLOAD.is_power_of_two());
    }
}
