//! The desktop of a bubble, relayed: RFB 3.8 (RFC 6143) is ended on both sides.
//!
//! ```text
//! desktop ──bytes──▶ Desktop ──Change──▶ Viewer ──bytes──▶ browser
//!    ▲                  │ Screen           │ Input
//!    └──────bytes───────┴──────────────────┘
//! ```
//!
//! Threat: the desktop is the researcher's, so what comes out of it may be anything, and the
//! browser may be anybody's. Guaranteed: nothing of the desktop reaches the browser but pixels
//! that we have encoded, a bell, and text where the policy says so; nothing of the browser reaches
//! the desktop but the messages that [`Input`] can make. What is not on the allow-list ends the
//! session or is dropped. Not guaranteed: that what is shown is harmless to read or photograph.
//!
//! No clock and no socket: every call takes the time since the session's start, which never steps
//! back. Start reading at
//! [`Desktop`], then [`Viewer`].

mod bytes;
mod clipboard;
mod cursor;
mod damage;
mod desktop;
mod encoder;
mod input;
mod keys;
mod messages;
mod palette;
mod rate;
mod screen;
mod tight;
mod viewer;
mod wire;
mod zrle;

pub use clipboard::{Clip, Direction, Text, TextLimit, Verdict};
pub use cursor::Cursor;
pub(crate) use cursor::MAX_CURSOR;
pub use damage::{Copy, Damage};
pub use desktop::{Desktop, DesktopPolicy, Link};
pub use input::{Input, InputPolicy};
pub use screen::{Area, Change, Screen, TILE};
pub use viewer::{Report, Viewer, Watcher};

/// Largest screen in pixels, both ways.
pub const MAX_SIZE: (u16, u16) = (3840, 2160);
/// Smallest screen that a viewer may ask for.
pub const MIN_SIZE: (u16, u16) = (640, 480);

/// Encodings and pseudo-encodings that have a meaning here (RFC 6143 7.7 and 7.8; the registered
/// extensions below -300 are those of the community's protocol description).
pub(crate) mod encoding {
    pub const RAW: i32 = 0;
    pub const COPY_RECT: i32 = 1;
    pub const TIGHT: i32 = 7;
    pub const ZRLE: i32 = 16;
    pub const DESKTOP_SIZE: i32 = -223;
    pub const LAST_RECT: i32 = -224;
    pub const CURSOR: i32 = -239;
    pub const EXTENDED_DESKTOP_SIZE: i32 = -308;
    pub const CONTINUOUS_UPDATES: i32 = -313;
}

/// Why one side is not let speak on. The only answer is to end the session; the event is
/// `gateway.protocol_violation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Another version than 3.8.
    #[error("it does not speak RFB 3.8")]
    Version,
    /// It does not offer, choose or grant a session without an RFB password.
    #[error("it does not agree on security type None")]
    Security,
    /// A screen or cursor of a size that is not allowed.
    #[error("a size of {0} x {1} pixels is not allowed")]
    Size(u16, u16),
    /// Other pixels than 32 bits with 8 bits a colour.
    #[error("a pixel format other than 32-bit true colour")]
    PixelFormat,
    /// A message that is not on the allow-list.
    #[error("the message {0} is not allowed")]
    Message(u8),
    /// A message of an extension (QEMU's) that is not on the allow-list.
    #[error("the message {0}/{1} is not allowed")]
    Extension(u8, u8),
    /// A rectangle in an encoding that was not asked for.
    #[error("the encoding {0} was not asked for")]
    Encoding(i32),
    /// A rectangle that is not inside the screen.
    #[error("a rectangle outside the screen")]
    Outside,
    /// A length above what is read.
    #[error("{what} of {bytes} bytes")]
    TooLong {
        /// Of what.
        what: &'static str,
        /// The length announced.
        bytes: u64,
    },
    /// More than the rate allows.
    #[error("too many: {0}")]
    Flood(&'static str),
    /// Compressed data that do not hold what their rectangle needs.
    #[error("broken compressed data")]
    Compressed,
    /// The handshake took longer than [`HANDSHAKE`].
    #[error("the handshake did not end in time")]
    Slow,
}

/// How long a handshake may take.
pub const HANDSHAKE: std::time::Duration = std::time::Duration::from_secs(10);
