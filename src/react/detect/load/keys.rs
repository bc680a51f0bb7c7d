//! The keys that a document may have. A misspelt one is an error: Sigma itself would pass over it in silence.

use yaml_serde::Mapping;

use super::file::{Doc, Fault};

const COMMON: &[&str] = &[
    "title",
    "id",
    "name",
    "status",
    "description",
    "references",
    "author",
    "date",
    "modified",
    "related",
    "license",
    "tags",
    "level",
    "falsepositives",
    "fields",
    "tests",
    "mfa-ledger",
];
const CORRELATION: &[&str] = &["type", "rules", "group-by", "timespan", "timeframe", "condition", "aliases"];
const CONDITION: &[&str] = &["gt", "gte", "lt", "lte", "eq", "neq", "field", "percentile"];
const LOGSOURCE: &[&str] = &["product", "service", "category", "definition"];
const ABSENCE: &[&str] = &["after", "without", "group-by", "within"];

/// What kind of document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Detection,
    Correlation,
    Filter,
    Absence,
}

/// The form of a document, if its keys are known.
pub(super) fn form(doc: &Doc<'_>, faults: &mut Vec<Fault>) -> Option<Form> {
    let before = faults.len();
    let ours = doc.map_of("mfa-ledger");
    let form = if ours.is_some_and(|ours| ours.contains_key("absence")) {
        Form::Absence
    } else if doc.map.contains_key("correlation") {
        Form::Correlation
    } else if doc.map.contains_key("filter") {
        Form::Filter
    } else {
        Form::Detection
    };
    // What stands at the top of each, and in the block of our own.
    let (special, own): (&[&str], &[&str]) = match form {
        Form::Detection => (&["logsource", "detection"], &["group-by", "suppress"]),
        Form::Correlation => (&["correlation", "generate"], &["suppress"]),
        Form::Filter => (&["logsource", "filter"], &[]),
        Form::Absence => (&[], &["absence"]),
    };
    known(doc, &doc.map, "", &[COMMON, special].concat(), faults);
    let absence = ours.and_then(|ours| ours.get("absence")?.as_mapping());
    let correlation = doc.map_of("correlation");
    let condition = correlation.and_then(|it| it.get("condition")?.as_mapping());
    let parts = [
        (ours, "mfa-ledger.", own),
        (absence, "mfa-ledger.absence.", ABSENCE),
        (correlation, "correlation.", CORRELATION),
        (condition, "correlation.condition.", CONDITION),
        (doc.map_of("logsource"), "logsource.", LOGSOURCE),
    ];
    for (map, prefix, keys) in parts {
        if let Some(map) = map {
            known(doc, map, prefix, keys, faults);
        }
    }
    (faults.len() == before).then_some(form)
}

fn known(doc: &Doc<'_>, map: &Mapping, prefix: &str, keys: &[&str], faults: &mut Vec<Fault>) {
    for key in map.keys() {
        match key.as_str() {
            Some(key) if keys.contains(&key) => {}
            Some(key) => faults.push(doc.fault(&format!("{key}:"), format!("unknown key '{prefix}{key}'"))),
            None => faults.push(doc.fault("", format!("a key of '{prefix}' is not a text"))),
        }
    }
}
