//! The handshake with the desktop (RFC 6143 7.1 to 7.3).

use super::super::bytes::{be16, be32};
use super::super::{Violation, messages};
use super::{Desktop, Phase};

impl Desktop {
    pub(super) fn version(&mut self) -> Result<Option<()>, Violation> {
        let Some(version) = self.intake.take(12) else { return Ok(None) };
        if version != messages::VERSION {
            return Err(Violation::Version);
        }
        self.out.extend_from_slice(messages::VERSION);
        self.phase = Phase::Security;
        Ok(Some(()))
    }

    pub(super) fn security(&mut self) -> Result<Option<()>, Violation> {
        let Some(&[count]) = self.intake.peek(1) else { return Ok(None) };
        let Some(kinds) = self.intake.take(1 + usize::from(count)) else { return Ok(None) };
        // No kinds: a reason would follow, which nobody needs.
        if !kinds[1..].contains(&messages::SECURITY_NONE) {
            return Err(Violation::Security);
        }
        self.out.push(messages::SECURITY_NONE);
        self.phase = Phase::SecurityResult;
        Ok(Some(()))
    }

    pub(super) fn security_result(&mut self) -> Result<Option<()>, Violation> {
        let Some(result) = self.intake.array::<4>() else { return Ok(None) };
        if result != [0; 4] {
            return Err(Violation::Security);
        }
        self.out.push(1); // shared: the bubble's own programs may look on
        self.phase = Phase::Init;
        Ok(Some(()))
    }

    pub(super) fn init(&mut self) -> Result<Option<()>, Violation> {
        let Some(init) = self.intake.array::<24>() else { return Ok(None) };
        let name = be32(&init, 20);
        if name > 4096 {
            return Err(Violation::TooLong { what: "the desktop's name", bytes: name.into() });
        }
        self.resize(be16(&init, 0), be16(&init, 2))?;
        messages::setup(self.link, &mut self.out);
        self.phase = Phase::Skip(name as usize);
        Ok(Some(()))
    }
}
