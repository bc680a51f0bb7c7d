//! Columns of numbers as plain little-endian bytes: a varint for each would make a snapshot slow to read.

macro_rules! column {
    ($(#[$doc:meta])* $name:ident, $number:ty) => {
        $(#[$doc])*
        pub(super) mod $name {
            use std::fmt;

            use serde::de::{Error, Visitor};
            use serde::{Deserializer, Serializer};

            const BYTES: usize = size_of::<$number>();

            /// So many bytes for each number; a rest is refused.
            struct Numbers;

            impl Visitor<'_> for Numbers {
                type Value = Vec<$number>;

                fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(formatter, "bytes, {BYTES} for each number")
                }

                fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                    match bytes.as_chunks() {
                        (chunks, []) => Ok(chunks.iter().copied().map(<$number>::from_le_bytes).collect()),
                        _ => Err(E::invalid_length(bytes.len(), &self)),
                    }
                }
            }

            pub fn serialize<S: Serializer>(numbers: &[$number], serializer: S) -> Result<S::Ok, S::Error> {
                let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
                serializer.serialize_bytes(&bytes)
            }

            pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<$number>, D::Error> {
                deserializer.deserialize_bytes(Numbers)
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
