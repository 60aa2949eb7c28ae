//! A bubble whose project has no granted vintage left: the centre suspends it, and a new grant opens
//! it again. No person's command does either.

use jiff::Timestamp;

use super::{Bubble, BubbleState, CentrePermit};
use crate::WrongState;

/// The reason of a suspension by the centre: no vintage is granted to the project any more.
pub const NO_VINTAGE_GRANTED: &str = "no_vintage_granted";

impl Bubble {
    /// Whether the centre has suspended it because no vintage is granted.
    pub fn is_dry(&self) -> bool {
        matches!(&self.state, BubbleState::Suspended { by: None, reason, .. }
            if reason == NO_VINTAGE_GRANTED)
    }
}

impl CentrePermit<'_> {
    /// No vintage is granted any more: sessions are cut, data kept, until one is granted again.
    pub fn run_dry(self) -> Result<Bubble, WrongState> {
        match self.bubble.state {
            BubbleState::Ready | BubbleState::Active { .. } => {
                Ok(self.bubble.to_suspended(None, NO_VINTAGE_GRANTED.to_owned()))
            }
            _ => Err(self.bubble.wrong("suspend")),
        }
    }

    /// A vintage is granted again. Only what [`CentrePermit::run_dry`] suspended comes back so: a
    /// person's suspension needs two persons.
    pub fn refill(self, at: Timestamp) -> Result<Bubble, WrongState> {
        match &self.bubble.state {
            BubbleState::Suspended { by: None, reason, was_active, .. }
                if reason == NO_VINTAGE_GRANTED =>
            {
                Ok(self.bubble.to_restored(*was_active, at))
            }
            _ => Err(self.bubble.wrong("restore")),
        }
    }
}
