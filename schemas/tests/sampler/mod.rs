//! A deserializer that invents one fixed value of any type: samples of every event without a list of
//! them to keep. Not human-readable, like postcard: closed sets come out as their first member.

use serde::de::{self, DeserializeSeed, IntoDeserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

/// Invents values; `optional` says whether `Option`s are filled.
#[derive(Clone, Copy)]
pub struct Sampler {
    pub optional: bool,
}

type Error = de::value::Error;

struct Elements {
    sampler: Sampler,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.sampler).map(Some)
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $value:expr,)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> { visitor.$visit($value) })+
    };
}

impl<'de> de::Deserializer<'de> for Sampler {
    type Error = Error;

    numbers! {
        deserialize_bool visit_bool true,
        deserialize_u8 visit_u8 1,
        deserialize_u16 visit_u16 516,
        deserialize_u32 visit_u32 70_000,
        deserialize_u64 visit_u64 5_000_000_000,
        deserialize_i32 visit_i32 -7,
        deserialize_i64 visit_i64 1_777_817_100_050_000,
        deserialize_str visit_str "sample-1",
        deserialize_string visit_str "sample-1",
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.optional { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Elements { sampler: self, left: 2 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Elements { sampler: self, left: len })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(fields.len(), visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("a stored type must say what it is"))
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple_struct map enum identifier
        ignored_any
    }
}

impl IntoDeserializer<'_> for Sampler {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}
