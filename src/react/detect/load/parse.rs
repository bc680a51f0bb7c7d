//! One document: its keys, its fields, its numbers.

use rsigma_parser::value::Timespan;
use rsigma_parser::{
    CorrelationCondition, CorrelationRule, CorrelationType, FilterRule, SigmaCollection, SigmaRule,
    WindowMode, parse_sigma_yaml,
};
use yaml_serde::{Mapping, Value};

use super::file::{Doc, Fault};
use super::keys::{self, Form};
use super::{WINDOW_SECONDS, fields};
use crate::detect::engine::TICKS;

/// Hits that one group of a counting rule keeps, and so the highest count that can be asked for.
const COUNTED: u64 = 1_000;
/// Hits that one group of a temporal rule keeps for each of its steps.
const STEPS_KEPT: u64 = 100;
/// Most steps of a temporal rule: what follows what is tried out.
const STEPS: usize = 4;

/// What a document is, checked by itself.
pub(super) enum Parsed<'a> {
    Detection(&'a Doc<'a>, Box<SigmaRule>),
    Correlation(&'a Doc<'a>, Box<CorrelationRule>),
    Filter(&'a Doc<'a>, Box<FilterRule>),
    Absence(&'a Doc<'a>, Absence),
}

/// An absence rule.
pub(super) struct Absence {
    pub after: Vec<String>,
    pub without: Vec<String>,
    pub group_by: Vec<String>,
    pub within: u64,
}

impl<'a> Parsed<'a> {
    pub fn doc(&self) -> &'a Doc<'a> {
        match self {
            Self::Detection(doc, _)
            | Self::Correlation(doc, _)
            | Self::Filter(doc, _)
            | Self::Absence(doc, _) => doc,
        }
    }
}

/// Reads a document; what is wrong with it is added to the faults.
pub(super) fn parse<'a>(doc: &'a Doc<'a>, faults: &mut Vec<Fault>) -> Option<Parsed<'a>> {
    let before = faults.len();
    let form = keys::form(doc, faults)?;
    if !is_uuid(doc.id()) {
        faults.push(doc.fault(
            "id:",
            "a document needs an id, a UUID in small letters: without one, a correlation that refers to it by \
             name would never fire",
        ));
    }
    let parsed = match form {
        Form::Absence => absence(doc, faults).map(|it| Parsed::Absence(doc, it)),
        _ => sigma(doc, form, faults),
    };
    parsed.filter(|_| faults.len() == before)
}

fn sigma<'a>(doc: &'a Doc<'a>, form: Form, faults: &mut Vec<Fault>) -> Option<Parsed<'a>> {
    let mut collection = match parse_sigma_yaml(&doc.text) {
        Ok(collection) => collection,
        Err(error) => {
            faults.push(doc.fault("", error.to_string()));
            return None;
        }
    };
    let SigmaCollection { errors, .. } = &mut collection;
    for error in errors.drain(..) {
        let word = [("ondition", "condition:"), ("imespan", "timespan:"), ("imeframe", "timespan:")];
        let word = word.iter().find(|(part, _)| error.contains(part)).map_or("", |(_, word)| word);
        faults.push(doc.foreign(&error, word));
    }
    match form {
        Form::Detection => {
            let rule = collection.rules.pop()?;
            detection(doc, &rule, faults);
            Some(Parsed::Detection(doc, Box::new(rule)))
        }
        Form::Filter => {
            let filter = collection.filters.pop()?;
            filter_checked(doc, &filter, faults);
            Some(Parsed::Filter(doc, Box::new(filter)))
        }
        _ => {
            let rule = collection.correlations.pop()?;
            correlation(doc, rule, faults).map(|rule| Parsed::Correlation(doc, Box::new(rule)))
        }
    }
}

fn detection(doc: &Doc<'_>, rule: &SigmaRule, faults: &mut Vec<Fault>) {
    let source = (rule.logsource.product.as_deref(), rule.logsource.service.as_deref());
    if source != (Some("mfa-ledger"), Some("activity")) {
        faults.push(doc.fault("logsource", "logsource must be product: mfa-ledger, service: activity"));
    }
    for detection in rule.detection.named.values() {
        fields::check_detection(doc, detection, faults);
    }
    if rule.detection.timeframe.is_some() {
        faults.push(doc.fault("timeframe", "a timeframe belongs into a correlation, as its timespan"));
    }
    if let Err(error) = rsigma_eval::compile_rule(rule) {
        faults.push(doc.foreign(&error.to_string(), "detection:"));
    }
}

fn filter_checked(doc: &Doc<'_>, filter: &FilterRule, faults: &mut Vec<Fault>) {
    for detection in filter.detection.named.values() {
        fields::check_detection(doc, detection, faults);
    }
    let block = doc.map_of("filter");
    let rules = block.and_then(|it| it.get("rules"));
    // What is left out would be taken for all rules.
    if texts(rules).is_empty() {
        faults.push(doc.fault("filter:", "a filter needs rules: names, ids, or any"));
    }
    if filter.detection.conditions.len() != 1 {
        faults.push(doc.fault("condition:", "a filter has one condition, such as not selection"));
    }
    if let Some(source) = &filter.logsource
        && (source.product.as_deref() != Some("mfa-ledger") || source.service.as_deref() != Some("activity"))
    {
        faults.push(doc.fault("logsource", "logsource must be product: mfa-ledger, service: activity"));
    }
}

/// Checks a correlation, and sets what the engine is to do with it.
fn correlation(doc: &Doc<'_>, mut rule: CorrelationRule, faults: &mut Vec<Fault>) -> Option<CorrelationRule> {
    let temporal =
        matches!(rule.correlation_type, CorrelationType::Temporal | CorrelationType::TemporalOrdered);
    if rule.rules.is_empty() || (temporal && !(2..=STEPS).contains(&rule.rules.len())) {
        faults.push(doc.fault(
            "rules:",
            format!("a temporal rule refers to 2 to {STEPS} others, any other to 1 or more"),
        ));
    }
    let different: std::collections::BTreeSet<_> = rule.rules.iter().collect();
    if different.len() < rule.rules.len() {
        faults.push(doc.fault("rules:", "the same rule twice would be two steps in one event"));
    }
    let aliases: Vec<&str> = rule.aliases.iter().map(|alias| alias.alias.as_str()).collect();
    let mapped = rule.aliases.iter().flat_map(|alias| alias.mapping.values());
    let grouped = rule.group_by.iter().filter(|field| !aliases.contains(&field.as_str()));
    mapped.chain(grouped).for_each(|field| fields::check(doc, field, faults));
    for alias in &rule.aliases {
        for step in alias.mapping.keys().filter(|step| !rule.rules.contains(step)) {
            faults.push(doc.fault(
                step,
                format!("the alias '{}' maps '{step}', which is not one of the rules", alias.alias),
            ));
        }
    }
    let seconds = rule.timespan.seconds;
    if !(1..=WINDOW_SECONDS).contains(&seconds) {
        faults.push(doc.fault("timespan", "a timespan is from 1s to 90d"));
        return None;
    }
    let kept = if temporal { STEPS_KEPT } else { COUNTED };
    condition(doc, &mut rule, temporal, faults);
    debug_assert_eq!(rule.window, WindowMode::Sliding, "no key of ours sets another");
    let suppress = seconds_of(doc, doc.map_of("mfa-ledger"), "suppress", faults).unwrap_or(seconds);
    let attribute = |value: u64, unit: &str| Value::String(format!("{value}{unit}"));
    rule.timespan.seconds = seconds * TICKS;
    rule.custom_attributes = [
        ("rsigma.suppress".to_owned(), attribute(suppress * TICKS, "s")),
        ("rsigma.max_group_entries".to_owned(), attribute(kept, "")),
    ]
    .into();
    Some(rule)
}

fn condition(doc: &Doc<'_>, rule: &mut CorrelationRule, temporal: bool, faults: &mut Vec<Fault>) {
    // The specification wants all of the rules where a temporal correlation has no condition; the engine would
    // take any of them.
    let given = doc.map_of("correlation").is_some_and(|it| it.contains_key("condition"));
    let steps = rule.rules.len() as u64;
    match &mut rule.condition {
        CorrelationCondition::Threshold { predicates, .. } if temporal && !given => {
            for (_, count) in predicates {
                *count = steps;
            }
        }
        CorrelationCondition::Threshold { predicates, field, .. } => {
            if predicates.iter().any(|(_, count)| *count > COUNTED) {
                faults.push(doc.fault("condition:", format!("a count is {COUNTED} at most")));
            }
            let counts_events = temporal || rule.correlation_type == CorrelationType::EventCount;
            match field {
                Some(names) => names.iter().for_each(|name| fields::check(doc, name, faults)),
                None if counts_events => {}
                None => faults.push(doc.fault("condition:", "the condition needs a field")),
            }
        }
        CorrelationCondition::Extended(expression) => {
            let mut named = Vec::new();
            names(expression, &mut named);
            for name in named.iter().filter(|name| !rule.rules.contains(name)) {
                faults.push(doc.fault(
                    "condition:",
                    format!("the condition names '{name}', which is not one of the rules"),
                ));
            }
        }
    }
}

fn names(expression: &rsigma_parser::ConditionExpr, found: &mut Vec<String>) {
    use rsigma_parser::ConditionExpr as E;
    match expression {
        E::Identifier(name) => found.push(name.clone()),
        E::And(parts) | E::Or(parts) => parts.iter().for_each(|part| names(part, found)),
        E::Not(part) => names(part, found),
        E::Selector { .. } => found.push(expression.to_string()),
    }
}

fn absence(doc: &Doc<'_>, faults: &mut Vec<Fault>) -> Option<Absence> {
    let block = doc.map_of("mfa-ledger")?.get("absence")?.as_mapping();
    let Some(block) = block else {
        faults.push(doc.fault("absence", "absence must be a mapping of after, without, group-by and within"));
        return None;
    };
    let mut list = |key: &str| {
        let texts = texts(block.get(key));
        if texts.is_empty() {
            faults.push(doc.fault("absence", format!("absence needs '{key}', a list of one or more")));
        }
        texts
    };
    let (after, without, group_by) = (list("after"), list("without"), list("group-by"));
    for field in &group_by {
        fields::check(doc, field, faults);
    }
    let within = seconds_of(doc, Some(block), "within", faults);
    let Some(within) = within.filter(|within| (1..=WINDOW_SECONDS).contains(within)) else {
        faults.push(doc.fault("within", "within is from 1s to 90d"));
        return None;
    };
    Some(Absence { after, without, group_by, within })
}

/// A list of texts, or one.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Sequence(list)) => list.iter().filter_map(|it| Some(it.as_str()?.to_owned())).collect(),
        _ => Vec::new(),
    }
}

/// A duration such as `12h`, in seconds.
pub(super) fn seconds_of(
    doc: &Doc<'_>,
    block: Option<&Mapping>,
    key: &str,
    faults: &mut Vec<Fault>,
) -> Option<u64> {
    let value = block?.get(key)?;
    let parsed = value.as_str().and_then(|text| Timespan::parse(text).ok());
    let fits = parsed.map(|it| it.seconds).filter(|seconds| *seconds <= WINDOW_SECONDS);
    if fits.is_none() {
        faults.push(doc.fault(key, format!("{key} must be a duration such as 12h, 90d at most")));
    }
    fits
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}
