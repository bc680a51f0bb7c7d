//! The OpenAPI document: a snapshot that `UPDATE=1` writes, and what every operation must say.

use std::path::Path;

use serde_json::Value;

const SNAPSHOT: &str = "schemas/openapi.json";

#[test]
fn the_document_is_the_snapshot() {
    let document = mfa_ledger::http::document().to_pretty_json().expect("the document is JSON") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOT);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &document).expect("the snapshot can be written");
    }
    let snapshot = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(snapshot == document, "{SNAPSHOT} is another: run with UPDATE=1, and look at the difference");
}

#[test]
fn every_operation_says_what_it_does_and_answers() {
    for (name, operation) in operations(&document()) {
        let text = |key: &str| operation[key].as_str().unwrap_or_default().len();
        assert!(text("summary") + text("description") > 0, "{name} has no description");
        assert!(text("operationId") > 0, "{name} has no id");
        assert_eq!(operation["tags"].as_array().map_or(0, Vec::len), 1, "{name} has no tag");
        let responses = operation["responses"].as_object().expect("responses");
        let mut good = responses.iter().filter(|(status, _)| status.starts_with('2')).peekable();
        assert!(good.peek().is_some(), "{name} never succeeds");
        for (status, response) in good {
            let told = response["description"].as_str().unwrap_or_default();
            assert!(!told.is_empty(), "{name} does not describe its {status}");
            let content = response["content"].as_object().map_or(0, serde_json::Map::len);
            assert!(content > 0, "{name} does not say what its {status} looks like");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let told = parameter["description"].as_str().unwrap_or_default();
            assert!(!told.is_empty(), "{name} does not describe {}", parameter["name"]);
        }
    }
}

/// Commands that the path alone tells.
const WITHOUT_BODY: &[&str] = &[
    "POST /v1/log/verification",
    "POST /v1/service-accounts/{id}/resume",
    "POST /v1/webhooks/{id}/deliveries/{delivery}/resend",
    "POST /v1/webhooks/{id}/rotate-secret",
    "POST /v1/webhooks/{id}/test",
];

#[test]
fn every_command_documents_its_body() {
    for (name, operation) in operations(&document()) {
        let takes = ["POST", "PUT", "PATCH"].iter().any(|method| name.starts_with(method));
        if takes && !WITHOUT_BODY.contains(&name.as_str()) {
            assert!(operation["requestBody"]["content"].is_object(), "{name} does not say what it takes");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_no_operation_id_is_used_twice() {
    let document = document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let mut ids: Vec<_> =
        operations(&document).into_iter().map(|(_, operation)| operation["operationId"].clone()).collect();
    ids.sort_by_key(ToString::to_string);
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "an operation id is used twice: {ids:?}");
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                references.push(reference.clone());
            }
            map.values().for_each(|value| collect(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

/// The document as everybody else reads it.
pub fn document() -> Value {
    let text = mfa_ledger::http::document().to_json().expect("the document is JSON");
    serde_json::from_str(&text).expect("it reads back")
}

/// Every operation, by method and path.
pub fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Value)| {
        let methods = item.as_object().cloned().unwrap_or_default();
        let path = path.clone();
        methods
            .into_iter()
            .map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    };
    paths.iter().flat_map(of).collect()
}
