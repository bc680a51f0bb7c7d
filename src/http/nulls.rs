//! No `null` inside a body: what is not meant is left out, as the OpenAPI document says of every member.

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Any JSON without a `null` in it; nothing of it is kept.
pub(super) struct NoNulls;

impl<'de> Deserialize<'de> for NoNulls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Look)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = NoNulls;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON without null")
    }

    fn visit_unit<E: de::Error>(self) -> Result<NoNulls, E> {
        Err(E::custom("null is no value here: leave it out"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<NoNulls, E> {
        Ok(NoNulls)
    }

    fn visit_i64<E>(self, _: i64) -> Result<NoNulls, E> {
        Ok(NoNulls)
    }

    fn visit_u64<E>(self, _: u64) -> Result<NoNulls, E> {
        Ok(NoNulls)
    }

    fn visit_f64<E>(self, _: f64) -> Result<NoNulls, E> {
        Ok(NoNulls)
    }

    fn visit_str<E>(self, _: &str) -> Result<NoNulls, E> {
        Ok(NoNulls)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<NoNulls, A::Error> {
        while items.next_element::<NoNulls>()?.is_some() {}
        Ok(NoNulls)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<NoNulls, A::Error> {
        while members.next_entry::<String, NoNulls>()?.is_some() {}
        Ok(NoNulls)
    }
}
