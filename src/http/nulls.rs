//! No `null` inside a body: what is not meant is left out, as the OpenAPI document says of every member.

use std::fmt;

use mfa_ledger_base::wiped::has_null;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::body::step;

/// A pointer to the first `null` in JSON that is valid (RFC 6901, as a URI fragment); `None` where there is none.
pub(super) fn first(json: &[u8]) -> Option<String> {
    // Bodies without any, which is nearly all of them, are only scanned.
    if !has_null(json) {
        return None;
    }
    let mut pointer = String::from("#");
    let json = std::str::from_utf8(json).ok()?;
    find(json, &mut pointer).then_some(pointer)
}

/// Steps down to the first `null`. Values are lent as they stand in the text: none is copied.
fn find(json: &str, pointer: &mut String) -> bool {
    let json = json.trim_ascii();
    let members: Vec<(String, &RawValue)> = match json.as_bytes().first() {
        Some(b'n') => return true,
        Some(b'{') => serde_json::from_str::<Members>(json).map(|members| members.0).unwrap_or_default(),
        Some(b'[') => {
            let items = serde_json::from_str::<Vec<&RawValue>>(json).unwrap_or_default();
            items.into_iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => return false,
    };
    let end = pointer.len();
    for (key, value) in members {
        step(pointer, &key);
        if find(value.get(), pointer) {
            return true;
        }
        pointer.truncate(end);
    }
    false
}

/// The members of an object in their order, also those that stand there twice.
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'de: 'j, 'j> Deserialize<'de> for Members<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder).map(Self)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(member) = members.next_entry()? {
            found.push(member);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_null_is_pointed_at_wherever_it_stands() {
        for (json, pointer) in [
            (r#"{"a":null}"#, "#/a"),
            (r#"{"a":1,"b":{"c":[true,{"d/e":null}]}}"#, "#/b/c/1/d~1e"),
            (r#"{"a":null,"a":1}"#, "#/a"),
            (r#"{"a":1,"a":null}"#, "#/a"),
            (" [ 1 , null ] ", "#/1"),
            ("null", "#"),
        ] {
            assert_eq!(first(json.as_bytes()).as_deref(), Some(pointer), "{json}");
        }
        for json in ["{}", r#"{"null":"null"}"#, r#"{"a":[1,"null \" null"]}"#] {
            assert_eq!(first(json.as_bytes()), None, "{json}");
        }
    }
}
