//! Every operation with parameters in its query or its path, with any of them: lists, filters, cursors.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::Value;

use super::super::choices::Choices;
use super::super::{Outcome, Target};
use super::document::{self, Operation};
use super::house::{PEER, Prey};
use super::judge::{Asked, Told, judged};
use super::shape::Shaper;
use super::{operations, with};

pub const TARGET: Target = Target { name: "queries", seeds, run };

const ACCEPTED: [&str; 3] = ["application/json", "text/csv", "application/x-ndjson"];
/// Most entries of a page when the query does not say.
const PAGE: usize = 100;

/// Every operation; what follows that byte decides the rest.
pub fn seeds() -> Vec<Vec<u8>> {
    let count = u8::try_from(with_parameters().len()).expect("fewer than 256 operations");
    (0..count).map(|operation| vec![operation]).collect()
}

pub fn run(data: &[u8]) -> Outcome {
    thread_local! {
        static DOCUMENT: (Value, Vec<Operation>) = (document::document(), with_parameters());
    }
    DOCUMENT.with(|(document, operations)| one(data, document, operations))
}

fn with_parameters() -> Vec<Operation> {
    operations(|it| it.method == "GET" && it.parameters.iter().any(|it| it.place != "header"))
}

fn one(data: &[u8], document: &Value, operations: &[Operation]) -> Outcome {
    let mut choices = Choices::new(data);
    let operation = choices.pick(operations);
    with(|prey| {
        let known = prey.known.clone();
        let accepted = *choices.pick(&ACCEPTED);
        let mut shaper = Shaper { document, known: &known, choices: &mut choices, full: false };
        let uri = format!("{}{}", path(operation, &mut shaper), query(operation, &mut shaper));
        let mut headers = HeaderMap::new();
        let token = format!("Bearer {}", known.token);
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&token).expect("a token is ASCII"));
        headers.insert(header::ACCEPT, HeaderValue::from_static(accepted));
        let stream = operation.is_stream();
        let asked =
            Asked { from: PEER, method: operation.method.clone(), uri, headers, body: Vec::new(), stream };
        let Some(told) = judged(prey, &asked) else { return "no such request".into() };
        if told.status.is_success() {
            next_page(prey, &asked, &told);
        }
        let became = if told.status.is_success() { "answered" } else { &*told.code };
        format!("{}: {became}", operation.name).into()
    })
}

/// The page is as long as was asked, and its cursor leads to the next one.
fn next_page(prey: &mut Prey, asked: &Asked, told: &Told) {
    let page = told.json();
    let Some(data) = page["data"].as_array().filter(|_| page["has_more"].is_boolean()) else { return };
    let limit = asked.uri.split(['?', '&']).find_map(|pair| pair.strip_prefix("limit="));
    let limit = limit.and_then(|limit| limit.parse().ok()).unwrap_or(PAGE);
    assert!(data.len() <= limit, "{} entries\n{asked}", data.len());
    assert_eq!(page["has_more"], page["next"].is_string(), "{page}\n{asked}");
    let link = told.header(header::LINK.as_str());
    if page["has_more"] == true {
        let next = link.strip_prefix('<').and_then(|link| link.split_once('>')).map(|(uri, _)| uri);
        let next = next.unwrap_or_else(|| panic!("{link:?} leads nowhere\n{asked}"));
        let next = Asked { uri: next.to_owned(), ..asked.clone() };
        let further = judged(prey, &next).unwrap_or_else(|| panic!("{link:?}\n{asked}"));
        assert!(further.status.is_success(), "{}\n{next}", String::from_utf8_lossy(&further.body));
        let further = further.json();
        let again = further["data"].as_array().into_iter().flatten().find(|entry| data.contains(entry));
        assert!(again.is_none(), "{again:?} is on two pages\n{next}");
    }
}

/// The path of an operation, its ids mostly those of something that is there.
pub fn path(operation: &Operation, shaper: &mut Shaper<'_, '_>) -> String {
    let mut path = operation.path.clone();
    for parameter in operation.parameters_in("path") {
        let position = parameter.schema.to_string().contains("Position") || parameter.name == "position";
        let text = if position && !shaper.choices.rarely(8) {
            shaper.choices.pick(&shaper.known.positions).clone()
        } else if operation.path.starts_with("/v1/rules/") && !shaper.choices.rarely(8) {
            "burst-of-resets".to_owned()
        } else {
            shaper.plain(&parameter.schema)
        };
        path = path.replace(&format!("{{{}}}", parameter.name), &encoded(&text, shaper.choices));
    }
    path
}

fn query(operation: &Operation, shaper: &mut Shaper<'_, '_>) -> String {
    let mut pairs = Vec::new();
    for parameter in operation.parameters_in("query") {
        let times = [usize::from(parameter.required), 1, 1, 2][shaper.choices.below(4)];
        let explains = operation.path.starts_with("/v1/explain/");
        let known = match parameter.name.as_str() {
            "actor" | "target" if explains => Some(&shaper.known.administrators),
            "reset_request" if explains => Some(&shaper.known.requests),
            _ => None,
        };
        for _ in 0..times {
            let text = match known {
                Some(known) if !shaper.choices.rarely(8) => shaper.choices.pick(known).clone(),
                _ => shaper.plain(&parameter.schema),
            };
            let value = encoded(&text, shaper.choices);
            pairs.push(format!("{}={value}", parameter.name));
        }
    }
    if shaper.choices.rarely(16) {
        let raw = String::from_utf8_lossy(shaper.choices.bytes()).into_owned();
        pairs.push(encoded(&raw, shaper.choices));
    }
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// Percent-encoded as it should be, or here and there not.
fn encoded(text: &str, choices: &mut Choices<'_>) -> String {
    let careless = choices.rarely(16);
    let mut encoded = String::new();
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let passes = careless && b"%+&=:/,;@!$'()*".contains(&byte);
        if plain || passes {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
