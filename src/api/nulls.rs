//! No body has a `null`: what is not there is left out.

use serde_json::Value;

/// The same with what is not there left out.
pub fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let there = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(there.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        other => other,
    }
}
