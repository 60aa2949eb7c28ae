//! Names that stand twice in one object of JSON.
//!
//! Threat: of two values under one name most readers keep the last, so that the first leaves without
//! anybody having seen it.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Whether some object of `bytes` (one value, or one a line) has a name twice.
pub fn twice(bytes: &[u8]) -> bool {
    let found = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    while Walk(&found).deserialize(&mut reader).is_ok() && !found.get() {}
    found.get()
}

/// Walks through a value and keeps nothing of it.
#[derive(Clone, Copy)]
struct Walk<'a>(&'a Cell<bool>);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut names: HashSet<String> = HashSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            if !names.insert(name) {
                self.0.set(true);
            }
            fields.next_value_seed(self)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_twice_is_found_at_any_depth_and_in_any_line() {
        assert!(twice(br#"{"a":1,"a":2}"#));
        assert!(twice(br#"[{"a":{"b":[{"n":3,"m":1,"n":4}]}}]"#));
        assert!(twice(b"{\"a\":1}\n{\"a\":1,\"\\u0061\":2}\n"));
        assert!(!twice(br#"[{"a":1},{"a":2,"b":{"a":3}}]"#));
        assert!(!twice(b"{\"a\":1}\n{\"a\":2}\n"));
        assert!(!twice(b""));
    }
}
