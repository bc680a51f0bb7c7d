//! Reading JSON as far as it is wanted.

use std::borrow::Cow;
use std::fmt;

use rsigma_eval::EventValue;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Wanted;

impl Wanted {
    /// A leaf as far as it is wanted. Its texts stay where they are, unless they are written with escapes.
    pub fn read<'l>(&self, leaf: &'l str) -> serde_json::Result<EventValue<'l>> {
        let mut deserializer = serde_json::Deserializer::from_str(leaf);
        let value = self.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for &Wanted {
    type Value = EventValue<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Wanted {
    type Value = EventValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(EventValue::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(EventValue::Int(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "Sigma has no larger whole numbers")]
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(EventValue::Float(value as f64), EventValue::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(EventValue::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(EventValue::Str(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(EventValue::Str(Cow::Owned(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(EventValue::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            array.push(item);
        }
        Ok(EventValue::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut object = Vec::with_capacity(self.below.len());
        while let Some(field) = fields.next_key_seed(Name(self))? {
            if let Some((name, wanted)) = field {
                object.push((name, fields.next_value_seed(wanted)?));
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(EventValue::Map(object))
    }
}

/// The name of a field, if that is wanted, and what of it.
struct Name<'w>(&'w Wanted);

impl<'de, 'w> DeserializeSeed<'de> for Name<'w> {
    type Value = Option<(Cow<'de, str>, &'w Wanted)>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'de, 'w> Visitor<'de> for Name<'w> {
    type Value = Option<(Cow<'de, str>, &'w Wanted)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(self.0.below(name).map(|wanted| (Cow::Borrowed(name), wanted)))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.below(name).map(|wanted| (Cow::Owned(name.to_owned()), wanted)))
    }
}
