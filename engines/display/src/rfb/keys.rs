//! Which keys there are. X11 keysyms: the X.Org protocol manual, appendix A (`keysymdef.h`).
//!
//! Threat: keys that speak to the machine instead of to a program: `SysRq`, switching of virtual
//! terminals, ending the X server, the multimedia and vendor keys. A hardened bubble is a virtual
//! machine in which they work.

/// Whether a key of this symbol may be pressed, whatever else is held.
pub(crate) fn may_press(keysym: u32) -> bool {
    matches!(keysym,
        // Latin-1; the other legacy alphabets and signs (0x20ac is the euro).
        0x20..=0x7e | 0xa0..=0xff | 0x1a1..=0x20ff
        // Any character by its code, without controls and surrogates.
        | 0x0100_0100..=0x0100_d7ff | 0x0100_e000..=0x0110_ffff
        // Level 3 shift, latch and lock (AltGr), left tab, dead keys.
        | 0xfe03..=0xfe05 | 0xfe11..=0xfe13 | 0xfe20 | 0xfe50..=0xfe93
        // Backspace to return, pause and scroll lock (without Sys_Req, 0xff15), escape, compose.
        | 0xff08..=0xff0b | 0xff0d | 0xff13 | 0xff14 | 0xff1b | 0xff20
        // Moving, select, print, insert, undo, redo, menu, find, cancel, help, break.
        | 0xff50..=0xff58 | 0xff60..=0xff63 | 0xff65..=0xff6b
        // Mode switch, number pad, F1 to F24, modifiers, delete.
        | 0xff7e..=0xff80 | 0xff89..=0xffb9 | 0xffbd..=0xffd5 | 0xffe1..=0xffee | 0xffff)
}

/// Whether this key, with those held, would speak to the machine.
pub(crate) fn is_for_the_machine(keysym: u32, held: &[u32]) -> bool {
    let any = |keys: &[u32]| held.iter().any(|key| keys.contains(key));
    let control = any(&[0xffe3, 0xffe4]);
    let alt = any(&[0xffe7, 0xffe8, 0xffe9, 0xffea]);
    match keysym {
        // Alt and Print is SysRq, Alt and Pause too on some boards.
        0xff61 | 0xff6b => alt,
        // Ctrl, Alt and a function key switch the virtual terminal; with Backspace they end an X
        // server, with Delete a machine.
        0xffbe..=0xffd5 | 0xff08 | 0xffff | 0xff9f => control && alt,
        _ => false,
    }
}

/// Whether the key writes something: what is counted as typing.
pub(crate) fn is_printable(keysym: u32) -> bool {
    matches!(keysym, 0x20..=0x20ff | 0x0100_0100..=0x0110_ffff | 0xff80 | 0xffaa..=0xffb9 | 0xff0d)
}

/// Whether a PC's key of this XT code may be pressed (the registered QEMU extension: 0xe0 before
/// extended ones). 0x54 is `SysRq`, 0xe037 Print, whose symbol decides.
pub(crate) fn may_press_code(code: u32) -> bool {
    matches!(code, 0x01..=0x53 | 0x56..=0x58 | 0x5b..=0x7f | 0xe001..=0xe07f) && code != 0x54
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_keyboards_can_say_all_they_have() {
        for c in "azertyéèçàùâêîôûëïüÿæÆ²&\"'(-)=~#{[|`\\^@]}$£¤*%µ!§:/;.,?<>1234567890".chars()
        {
            assert!(may_press(u32::from(c)), "{c}");
        }
        // oe, OE, Ydiaeresis, euro; dead circumflex and diaeresis; AltGr; oe and euro as Unicode.
        for keysym in
            [0x13bd, 0x13bc, 0x13be, 0x20ac, 0xfe52, 0xfe57, 0xfe03, 0x0100_0153, 0x0100_20ac]
        {
            assert!(may_press(keysym), "{keysym:x}");
        }
    }

    #[test]
    fn keys_of_the_machine_are_not_pressed() {
        // Sys_Req, Switch_VT_1, Terminate_Server, power off, pointer keys, controls as Unicode.
        for keysym in [0xff15, 0x1008_fe01, 0xfed5, 0x1008_ff2a, 0xfee9, 0x0100_0008, 0, 0x1b] {
            assert!(!may_press(keysym), "{keysym:x}");
        }
        assert!(!may_press_code(0x54) && !may_press_code(0) && !may_press_code(0xffff_ffff));
        assert!(may_press_code(0x10) && may_press_code(0xe01d));
        assert!(
            is_for_the_machine(0xffbe, &[0xffe3, 0xffe9]) && !is_for_the_machine(0xffbe, &[0xffe9])
        );
        assert!(is_for_the_machine(0xff61, &[0xffe9]) && !is_for_the_machine(0xff61, &[]));
    }
}
