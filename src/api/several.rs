//! A list of at least one thing and at most so many.

use serde::{Deserialize, Deserializer, Serialize, de};

/// 1 to `MOST` things. Its schema is that of a `Vec`; an endpoint writes the bounds beside the field.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Several<T, const MOST: usize>(pub Vec<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Several<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let things = Vec::deserialize(deserializer)?;
        if (1..=MOST).contains(&things.len()) {
            Ok(Self(things))
        } else {
            Err(de::Error::custom(format!("a list of 1 to {MOST}")))
        }
    }
}
