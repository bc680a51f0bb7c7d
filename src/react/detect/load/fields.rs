//! The fields that rules may name: those of the leaves, and the computed ones.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use mfa_ledger_schemas::{Event, event, leaf};
use rsigma_parser::value::SigmaValue;
use rsigma_parser::{Detection, DetectionItem, Modifier};
use serde_json::Value;

use super::file::{Doc, Fault};
use crate::detect::facts::COMPUTED;

/// Deeper than any event is.
const DEPTH: usize = 12;

static KNOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut known: BTreeSet<String> = COMPUTED.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (kind, version, _) in Event::REGISTRY {
        if let Some(schema) = leaf::schema(*kind, *version) {
            let schema = schema.to_value();
            walk(&schema, &schema, "", DEPTH, &mut known);
        }
    }
    known
});

/// All fields, by name.
pub fn known() -> &'static BTreeSet<String> {
    &KNOWN
}

fn walk(root: &Value, schema: &Value, path: &str, depth: usize, known: &mut BTreeSet<String>) {
    if depth == 0 {
        return;
    }
    if let Some(target) = schema["$ref"].as_str().and_then(|it| root.pointer(it.strip_prefix('#')?)) {
        walk(root, target, path, depth - 1, known);
    }
    for any in ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|key| schema[key].as_array()) {
        for part in any {
            walk(root, part, path, depth - 1, known);
        }
    }
    if schema["items"].is_object() {
        walk(root, &schema["items"], path, depth - 1, known);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        known.insert(path.clone());
        walk(root, property, &path, depth - 1, known);
    }
}

/// Adds a fault where a field is unknown.
pub(super) fn check(doc: &Doc<'_>, field: &str, faults: &mut Vec<Fault>) {
    if KNOWN.contains(field) {
        return;
    }
    let last = field.rsplit('.').next().unwrap_or(field);
    let meant = KNOWN.iter().find(|it| it.rsplit('.').next() == Some(last));
    let meant = meant.map(|it| format!("; there is '{it}'")).unwrap_or_default();
    faults.push(doc.fault(field, format!("unknown field '{field}'{meant}")));
}

/// Adds a fault for every unknown field, and every action that does not exist, of a selection.
pub(super) fn check_detection(doc: &Doc<'_>, detection: &Detection, faults: &mut Vec<Fault>) {
    match detection {
        Detection::AllOf(items) => items.iter().for_each(|item| check_item(doc, item, faults)),
        Detection::AnyOf(parts) | Detection::And(parts) => {
            for part in parts {
                check_detection(doc, part, faults);
            }
        }
        Detection::Keywords(_) => {}
        Detection::ArrayMatch { field, .. } => check(doc, field, faults),
        Detection::Conditional { named, .. } => {
            for part in named.values() {
                check_detection(doc, part, faults);
            }
        }
    }
}

fn check_item(doc: &Doc<'_>, item: &DetectionItem, faults: &mut Vec<Fault>) {
    let Some(field) = &item.field.name else { return };
    check(doc, field, faults);
    let texts = item.values.iter().filter_map(|value| match value {
        SigmaValue::String(text) if text.is_plain() => Some(text.original.as_str()),
        _ => None,
    });
    if item.field.has_modifier(Modifier::FieldRef) {
        texts.for_each(|other| check(doc, other, faults));
    } else if field == "data.action" && item.field.modifiers.is_empty() {
        for action in texts.filter(|action| !is_action(action)) {
            faults.push(doc.fault(action, format!("there is no action '{action}'")));
        }
    }
}

fn is_action(action: &str) -> bool {
    Event::KINDS.iter().any(|(.., known)| *known == action) || event::REFUSED_ACTIONS.contains(&action)
}
