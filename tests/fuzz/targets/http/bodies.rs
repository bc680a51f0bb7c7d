//! Every operation that takes a body, with any body: after its schema and bent, any JSON, any bytes, and
//! as long as a body may be, or longer.

use axum::http::{HeaderMap, HeaderValue, header};
use mfa_ledger::http::BODY_BYTES;
use serde_json::Value;

use super::super::choices::Choices;
use super::super::{Outcome, Target};
use super::document::{self, Operation};
use super::house::PEER;
use super::judge::{Asked, judged};
use super::shape::Shaper;
use super::{operations, with};

pub const TARGET: Target = Target { name: "bodies", seeds, run };

/// How a body is made.
const WAYS: [&str; 5] = ["shaped", "full", "bytes", "json", "long"];

/// Every operation in every way; what follows those two bytes decides the rest.
pub fn seeds() -> Vec<Vec<u8>> {
    let count = u8::try_from(with_body().len()).expect("fewer than 256 operations take a body");
    (0..count)
        .flat_map(|operation| {
            (0..WAYS.len()).map(move |way| vec![operation, u8::try_from(way).expect("five ways")])
        })
        .collect()
}

pub fn run(data: &[u8]) -> Outcome {
    thread_local! {
        static DOCUMENT: (Value, Vec<Operation>) = (document::document(), with_body());
    }
    DOCUMENT.with(|(document, operations)| one(data, document, operations))
}

fn with_body() -> Vec<Operation> {
    operations(|operation| operation.body.is_some())
}

fn one(data: &[u8], document: &Value, operations: &[Operation]) -> Outcome {
    let mut choices = Choices::new(data);
    let operation = choices.pick(operations);
    let way = *choices.pick(&WAYS);
    let (kind, schema) = operation.body.as_ref().expect("they all take one");
    with(|prey| {
        let known = prey.known.clone();
        let mut shaper = Shaper { document, known: &known, choices: &mut choices, full: way == "full" };
        let uri = super::queries::path(operation, &mut shaper);
        let mut body = Vec::new();
        match way {
            "bytes" => body.extend(shaper.choices.rest()),
            "json" => shaper.any(0, &mut body),
            _ => shaper.json(schema, &mut body),
        }
        if way == "long" {
            let length = BODY_BYTES + 4 - shaper.choices.below(8);
            body.resize(length.max(body.len()), b' ');
        }
        let mut headers = HeaderMap::new();
        let token = format!("Bearer {}", if way == "bytes" { &known.program } else { &known.token });
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&token).expect("a token is ASCII"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(kind).expect("a media type"));
        let too_long = body.len() > BODY_BYTES;
        let asked = Asked { from: PEER, method: operation.method.clone(), uri, headers, body, stream: false };
        let Some(told) = judged(prey, &asked) else { return "no such request".into() };
        let became = match (&*told.code, told.status.as_u16()) {
            ("body-too-large", _) => "too long",
            ("invalid-request" | "not-found" | "unsupported-media-type", _) => "did not parse",
            (_, 200..300) => "done",
            _ => "refused",
        };
        assert!(!too_long || told.status.is_client_error());
        format!("{} {way}: {became}", operation.name).into()
    })
}
