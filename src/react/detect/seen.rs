//! A leaf as rules see it: its texts stay where they are in the leaf, and nothing is sorted.

use std::borrow::Cow;

use mfa_ledger_schemas::Position;
use rsigma_eval::{Event, EventValue};
use serde_json::{Value, json};

static NULL: EventValue<'static> = EventValue::Null;

/// A field of an object; null where there is none.
pub(super) fn field<'e, 'a>(of: &'e EventValue<'a>, name: &str) -> &'e EventValue<'a> {
    match of {
        EventValue::Map(fields) => {
            fields.iter().find(|(it, _)| it == name).map_or(&NULL as &EventValue<'a>, |(_, value)| value)
        }
        _ => &NULL,
    }
}

/// A text, if it is one.
pub(super) fn text<'e, 'a>(value: &'e EventValue<'a>) -> Option<&'e Cow<'a, str>> {
    if let EventValue::Str(text) = value { Some(text) } else { None }
}

/// A leaf with its computed fields, whose memory in windows is its position.
pub(super) struct Seen<'a> {
    pub leaf: EventValue<'a>,
    pub position: Position,
}

impl Event for Seen<'_> {
    /// Of a path through arrays, what is found in any item. No field of a leaf has a point in its name.
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        let mut found = Vec::new();
        match along(&self.leaf, path, &mut found) {
            Some(value) => Some(lent(value)),
            None if found.len() > 1 => Some(EventValue::Array(found)),
            None => found.pop(),
        }
    }

    fn any_string_value(&self, pred: &dyn Fn(&str) -> bool) -> bool {
        any_text(&self.leaf, &mut |text| pred(text))
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        let mut all = Vec::new();
        any_text(&self.leaf, &mut |text| {
            all.push(Cow::Borrowed(text));
            false
        });
        all
    }

    fn to_json(&self) -> Value {
        json!({"id": self.position.0})
    }

    fn top_level_keys(&self) -> Option<Vec<Cow<'_, str>>> {
        let EventValue::Map(fields) = &self.leaf else { return None };
        Some(fields.iter().map(|(name, _)| Cow::Borrowed(&**name)).collect())
    }

    fn visit_top_level_keys(&self, visit: &mut dyn FnMut(&str)) -> bool {
        let EventValue::Map(fields) = &self.leaf else { return false };
        for (name, _) in fields {
            visit(name);
        }
        true
    }
}

/// The value at the end of a path; where it leads through an array, what is found is added to `found` instead.
fn along<'e>(
    from: &'e EventValue<'_>,
    path: &str,
    found: &mut Vec<EventValue<'e>>,
) -> Option<&'e EventValue<'e>> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    match from {
        EventValue::Map(fields) => {
            let (_, value) = fields.iter().find(|(it, _)| it == name)?;
            rest.map_or(Some(value), |rest| along(value, rest, found))
        }
        EventValue::Array(items) => {
            for item in items {
                if let Some(value) = along(item, path, found) {
                    found.push(lent(value));
                }
            }
            None
        }
        _ => None,
    }
}

/// The same value, without its texts being copied.
fn lent<'e>(value: &'e EventValue<'_>) -> EventValue<'e> {
    match value {
        EventValue::Str(text) => EventValue::Str(Cow::Borrowed(text)),
        EventValue::Int(number) => EventValue::Int(*number),
        EventValue::Float(number) => EventValue::Float(*number),
        EventValue::Bool(it) => EventValue::Bool(*it),
        EventValue::Null => EventValue::Null,
        EventValue::Array(items) => EventValue::Array(items.iter().map(lent).collect()),
        EventValue::Map(fields) => EventValue::Map(
            fields.iter().map(|(name, value)| (Cow::Borrowed(&**name), lent(value))).collect(),
        ),
    }
}

/// Whether a text anywhere is one that is looked for.
fn any_text<'e>(value: &'e EventValue<'_>, is: &mut impl FnMut(&'e str) -> bool) -> bool {
    match value {
        EventValue::Str(text) => is(text),
        EventValue::Array(items) => items.iter().any(|item| any_text(item, is)),
        EventValue::Map(fields) => fields.iter().any(|(_, value)| any_text(value, is)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rsigma_eval::JsonEvent;

    use super::*;
    use crate::detect::load::fields::known;
    use crate::detect::wanted::Wanted;

    const LEAF: &str = r#"{"time":"T","data":{"action":"a","target":null,"code":"a \"quoted\" one",
        "details":{"step":7,"share":0.5,"device_known":true,"big":18446744073709551615,
            "settings":{"roles":[{"role":"x","permissions":["p","q"]},{"role":"y","permissions":[]}]},
            "positions":[3,4],"none":[]}}}"#;

    /// Beside those that rules may name.
    const PATHS: &[&str] = &[
        "",
        ".",
        "data.",
        "data..action",
        "data.target.x",
        "data.details",
        "data.details.big",
        "data.details.share",
        "data.details.none.x",
        "data.details.settings.roles.role",
        "data.details.settings.roles.role.x",
        "data.details.settings.roles.permissions",
    ];

    fn seen(leaf: &str) -> Seen<'_> {
        Seen { leaf: Wanted::all().read(leaf).unwrap(), position: Position(5) }
    }

    /// The library's own reading of JSON is the judge.
    #[test]
    fn fields_and_texts_are_those_of_the_json() {
        let seen = seen(LEAF);
        let value: Value = serde_json::from_str(LEAF).unwrap();
        let judge = JsonEvent::borrow(&value);
        for path in PATHS.iter().copied().chain(known().iter().map(String::as_str)) {
            let json = |it: Option<EventValue<'_>>| it.map(|it| it.to_json());
            assert_eq!(json(seen.get_field(path)), json(judge.get_field(path)), "{path}");
        }
        let sorted = |event: &dyn Event| {
            let mut texts: Vec<_> = event.all_string_values().into_iter().map(Cow::into_owned).collect();
            texts.sort();
            texts
        };
        assert_eq!(sorted(&seen), sorted(&judge));
        assert!(seen.any_string_value(&|text| text == "a \"quoted\" one"));
        assert!(!seen.any_string_value(&|text| text == "role"), "names are no texts");
        assert_eq!(seen.top_level_keys().unwrap(), ["time", "data"]);
        let mut keys = Vec::new();
        assert!(seen.visit_top_level_keys(&mut |key| keys.push(key.to_owned())));
        assert_eq!(keys, ["time", "data"]);
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        for leaf in ["7", "null", "[]"] {
            let seen = seen(leaf);
            assert_eq!(seen.get_field("data"), None);
            assert_eq!(seen.top_level_keys(), None);
            assert!(!seen.visit_top_level_keys(&mut |_| {}));
        }
    }
}
