//! Columns of numbers as plain little-endian bytes: a varint for each would make a snapshot slow to read.

use std::fmt;

use serde::de::{Error, Visitor};

/// Bytes of chunks of equal size; a rest is refused.
struct Chunks<const N: usize>;

impl<const N: usize> Visitor<'_> for Chunks<N> {
    type Value = Vec<[u8; N]>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "bytes, {N} for each number")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        match bytes.as_chunks() {
            (chunks, []) => Ok(chunks.to_vec()),
            _ => Err(E::invalid_length(bytes.len(), &self)),
        }
    }
}

macro_rules! column {
    ($(#[$doc:meta])* $name:ident, $number:ty) => {
        $(#[$doc])*
        pub(super) mod $name {
            use serde::{Deserializer, Serializer};

            pub fn serialize<S: Serializer>(numbers: &[$number], serializer: S) -> Result<S::Ok, S::Error> {
                let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
                serializer.serialize_bytes(&bytes)
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<$number>, D::Error> {
                let chunks = deserializer.deserialize_bytes(super::Chunks)?;
                Ok(chunks.into_iter().map(<$number>::from_le_bytes).collect())
            }
        }
    };
}

column!(
    /// Numbers of values, numbers of rows.
    u16s, u16
);
column!(
    /// Times.
    i64s, i64
);
