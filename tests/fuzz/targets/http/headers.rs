//! Any operation with any headers: who asks, from where, for which version, under which key.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use mfa_ledger_schemas::codec;
use mfa_ledger_schemas::limits::{IDEMPOTENCY_KEY_CHARS, USER_AGENT_CHARS};
use serde_json::Value;

use super::super::choices::Choices;
use super::super::{Outcome, Target};
use super::document::{self, Operation};
use super::house::{Known, PEER, PROXY, Prey};
use super::judge::{Asked, judged};
use super::shape::Shaper;
use super::{operations, with};

pub const TARGET: Target = Target { name: "headers", seeds, run };

const NAMES: [&str; 14] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "accept",
    "x-forwarded-for",
    "x-request-id",
    "user-agent",
    "cookie",
    "origin",
    "host",
    "sec-fetch-site",
    "last-event-id",
    "content-length",
];
const USUAL: [&str; 24] = [
    "application/json",
    "\"1\"",
    "*",
    "W/\"1\"",
    "\"18446744073709551616\"",
    "key-1",
    "k",
    "text/csv",
    "application/json;q=0, */*",
    "10.0.0.1",
    "::1, 127.0.0.1",
    "192.0.2.7,",
    "same-origin",
    "cross-site",
    "https://localhost",
    "localhost",
    "0",
    "9223372036854775808",
    "Bearer",
    "Bearer  x",
    "Basic eDp5",
    ",",
    "__Host-mfa_ledger_session=x; a",
    "application/json; charset=utf-7",
];
/// Most headers that are added to the two a request needs.
const MOST: usize = 6;

/// Every operation; what follows that byte decides the rest.
pub fn seeds() -> Vec<Vec<u8>> {
    let count = u8::try_from(operations(|_| true).len()).expect("fewer than 256 operations");
    (0..count).map(|operation| vec![operation]).collect()
}

pub fn run(data: &[u8]) -> Outcome {
    thread_local! {
        static DOCUMENT: (Value, Vec<Operation>) = (document::document(), operations(|_| true));
    }
    DOCUMENT.with(|(document, operations)| one(data, document, operations))
}

fn one(data: &[u8], document: &Value, operations: &[Operation]) -> Outcome {
    let mut choices = Choices::new(data);
    let operation = choices.pick(operations);
    with(|prey| {
        let known = prey.known.clone();
        let headers = headers(&mut choices, &known);
        let from = if choices.byte() % 2 == 1 { PROXY } else { PEER };
        let mut shaper = Shaper { document, known: &known, choices: &mut choices, full: false };
        let uri = super::queries::path(operation, &mut shaper);
        let mut body = Vec::new();
        if let Some((_, schema)) = &operation.body {
            shaper.json(schema, &mut body);
        }
        let stream = operation.is_stream();
        let asked = Asked { from, method: operation.method.clone(), uri, headers, body, stream };
        let before = prey.records();
        let Some(told) = judged(prey, &asked) else { return "no such request".into() };
        origins(prey, &asked, before);
        repeated(prey, &asked, &told.code);
        if told.status.is_success() { "done".into() } else { told.code.into() }
    })
}

/// The two headers that a good request has, changed or not, and some more.
fn headers(choices: &mut Choices<'_>, known: &Known) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let token = if choices.rarely(4) { &known.program } else { &known.token };
    let both =
        [("authorization", format!("Bearer {token}")), ("content-type", "application/json".to_owned())];
    for (name, value) in both {
        if !choices.rarely(8) {
            headers.insert(name, HeaderValue::from_str(&value).expect("ASCII"));
        }
    }
    for _ in 0..choices.below(MOST + 1) {
        let name = HeaderName::from_static(choices.pick::<&'static str>(&NAMES));
        let long = b"x".repeat(IDEMPOTENCY_KEY_CHARS + choices.below(2));
        let value = match choices.byte() % 4 {
            0 | 1 => choices.pick(&USUAL).as_bytes(),
            2 => choices.bytes(),
            _ => &long,
        };
        // No client can send what is no value at all.
        let Ok(value) = HeaderValue::from_bytes(value) else { continue };
        if choices.rarely(8) {
            headers.append(name, value);
        } else {
            headers.insert(name, value);
        }
    }
    headers
}

/// A record names the peer, or an address that a believed proxy gave; and no more of the rest than fits.
fn origins(prey: &Prey, asked: &Asked, before: u64) {
    let told: Vec<IpAddr> = asked
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|entry| entry.trim().parse::<IpAddr>().ok())
        .map(|address| address.to_canonical())
        .filter(|_| asked.from == PROXY)
        .collect();
    for entry in prey.since(before) {
        let record = codec::decode(&entry.record).expect("it was judged");
        let address = record.origin.address.expect("requests come from somewhere");
        let address: IpAddr = address.parse().expect("an address");
        assert!(address == asked.from || told.contains(&address), "{address} is made up\n{asked}");
        let agent = record.origin.user_agent.unwrap_or_default();
        assert!(agent.chars().count() <= USER_AGENT_CHARS);
        if let Some(key) = record.idempotency {
            let given = asked.headers.get("idempotency-key").expect("a key is given");
            assert_eq!(key.key.as_bytes(), given.as_bytes());
        }
    }
}

/// A command under a key, sent once more, is not carried out again.
fn repeated(prey: &mut Prey, asked: &Asked, code: &str) {
    let before = prey.records();
    let kept = prey
        .since(before.saturating_sub(1))
        .into_iter()
        .any(|entry| codec::decode(&entry.record).is_ok_and(|record| record.idempotency.is_some()));
    if !kept || asked.method == "GET" || prey.unchanged() {
        return;
    }
    let again = judged(prey, asked).expect("it was sent before");
    let ended = again.code == "unauthenticated";
    assert!(ended || again.code == code, "{} after {code}\n{asked}", again.code);
    assert_eq!(prey.records(), before, "it was carried out twice\n{asked}");
}
