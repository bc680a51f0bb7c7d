//! What an event holds, as people read it.

use std::collections::BTreeMap;

use mfa_ledger_api::activity::Entry;
use serde_json::Value;

/// Every fact of an event by its path, such as `story.ticket`; what is not there is left out.
pub(super) fn facts(entry: &Entry) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    flat(String::new(), &entry.details, &mut facts);
    facts
}

fn flat(path: String, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flat(path, value, into);
            }
        }
        Value::Null => {}
        other => {
            into.insert(path, plain(other));
        }
    }
}

/// A value as people read it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "\u{2013}".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => plain(&Value::Null),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_of_an_event_have_paths_and_no_nulls() {
        let facts: Vec<_> = facts(&crate::samples::entry(2)).into_iter().collect();
        let expected = [("left", "1, 2"), ("story.ticket", "<i>HD-1</i>")];
        assert_eq!(facts, expected.map(|(path, value)| (path.to_owned(), value.to_owned())));
    }
}
