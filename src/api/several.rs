//! A list of at least one thing and at most so many.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::text::Email;

/// 1 to `MOST` things. Its schema is that of a `Vec`; an endpoint writes the bounds beside the field.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Several<T, const MOST: usize>(pub Vec<T>);

impl<const MOST: usize> Several<Email, MOST> {
    /// As they were entered. The same address twice is one, whatever its case.
    pub fn distinct(self) -> Vec<String> {
        let mut distinct: Vec<String> = Vec::with_capacity(self.0.len());
        for email in self.0.into_iter().map(Email::into_inner) {
            if !distinct.iter().any(|known| known.eq_ignore_ascii_case(&email)) {
                distinct.push(email);
            }
        }
        distinct
    }
}

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
