//! Numbers in records: seven bits a byte, lowest first.

#![expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]

use super::FilmError;

const SHORT: FilmError = FilmError::Broken("it ends within a record");

pub(super) fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

pub(super) fn number(rest: &mut &[u8]) -> Result<u64, FilmError> {
    let mut n = 0;
    for shift in (0..63).step_by(7) {
        let &byte = rest.split_off_first().ok_or(SHORT)?;
        n |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(n);
        }
    }
    Err(FilmError::Broken("a number of more than nine bytes"))
}

/// A number that fits what it is read into.
pub(super) fn small<T: TryFrom<u64>>(rest: &mut &[u8]) -> Result<T, FilmError> {
    T::try_from(number(rest)?).map_err(|_| FilmError::Broken("a number too large"))
}

pub(super) fn take<'a>(rest: &mut &'a [u8], n: usize) -> Result<&'a [u8], FilmError> {
    rest.split_off(..n).ok_or(SHORT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(n in 0..1_u64 << 62) {
            let mut bytes = Vec::new();
            put(&mut bytes, n);
            let mut rest = &bytes[..];
            prop_assert_eq!(number(&mut rest), Ok(n));
            prop_assert!(rest.is_empty());
            prop_assert!(number(&mut &bytes[..bytes.len() - 1]).is_err());
        }
    }

    #[test]
    fn an_endless_number_is_refused() {
        assert!(number(&mut &[0xff; 30][..]).is_err());
        assert!(small::<u16>(&mut &[0xff, 0xff, 0x7f][..]).is_err());
    }
}
