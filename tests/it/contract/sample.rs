//! A value that a schema of the document allows: the least that there is.

use serde_json::{Map, Value, json};

use crate::support::house::Person;

/// Ids of things that are not there; administrators are the person given.
const IDS: &[(&str, &str)] = &[
    ("^rrq_", "rrq_01h455vb4pex5vsknk084sn02q"),
    ("^sva_", "sva_01h455vb4pex5vsknk084sn02q"),
    ("^alr_", "alr_01h455vb4pex5vsknk084sn02q"),
    ("^sil_", "sil_01h455vb4pex5vsknk084sn02q"),
    ("^whk_", "whk_01h455vb4pex5vsknk084sn02q"),
    ("^https", "https://hooks.example.org/mfa"),
    ("^ses_", "ses_01h455vb4pex5vsknk084sn02q"),
];

pub(super) fn of(document: &Value, schema: &Value, person: &Person) -> Value {
    let schema = resolve(document, schema);
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    if let Some(any) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        let some = any.iter().find(|it| it["type"] != "null").expect("something but null");
        return of(document, some, person);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").cloned().unwrap_or_default(),
        other => other.clone(),
    };
    match kind.as_str() {
        Some("object") => object(document, schema, person),
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(0);
            (0..least).map(|_| of(document, &schema["items"], person)).collect()
        }
        Some("integer") => json!(schema["minimum"].as_i64().unwrap_or(1)),
        Some("boolean") => json!(false),
        Some("string") => json!(text(schema, person)),
        other => panic!("no sample of {other:?}: {schema}"),
    }
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let target = document.pointer(reference.trim_start_matches('#'));
            resolve(document, target.unwrap_or_else(|| panic!("{reference} leads nowhere")))
        }
        None => schema,
    }
}

fn object(document: &Value, schema: &Value, person: &Person) -> Value {
    let mut made = Map::new();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let least = schema["minProperties"].as_u64().unwrap_or(0);
    let needed = properties.iter().filter(|(name, _)| required.iter().any(|it| it == *name));
    let more = properties.iter().filter(|(name, _)| !required.iter().any(|it| it == *name));
    for (index, (name, property)) in needed.chain(more).enumerate() {
        if index < required.len() || (index as u64) < least {
            made.insert(name.clone(), of(document, property, person));
        }
    }
    Value::Object(made)
}

fn text(schema: &Value, person: &Person) -> String {
    let pattern = schema["pattern"].as_str().unwrap_or_default();
    if pattern.starts_with("^adm_") {
        return person.id.clone();
    }
    if let Some((_, id)) = IDS.iter().find(|(begin, _)| pattern.starts_with(begin)) {
        return (*id).to_owned();
    }
    if schema["format"] == "date-time" {
        return "2026-05-04T08:00:00.000Z".to_owned();
    }
    if pattern.contains("}@(") {
        return "a@example.org".to_owned();
    }
    let least = schema["minLength"].as_u64().unwrap_or(1).max(1);
    "x".repeat(usize::try_from(least).expect("a short text"))
}
