//! What every answer must be, whatever was asked.

use std::fmt;
use std::net::IpAddr;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri, header};
use mfa_ledger::http::BODY_BYTES;
use mfa_ledger_schemas::{Event, codec};
use serde_json::Value;

use super::house::Prey;

/// Problems that leave no record: the request was no command, or the same one came before.
const UNRECORDED: &[&str] = &[
    "invalid-request",
    "unauthenticated",
    "cross-site-request",
    "not-found",
    "unknown-rule",
    "method-not-allowed",
    "idempotency-key-reused",
    "body-too-large",
    "unsupported-media-type",
    "record-too-large",
];
/// What looking leaves in the log.
const READING: [&str; 4] =
    ["activity.read", "activity.exported", "activity.read_refused", "activity.export_refused"];
/// Longest answer, in bytes: the house is small.
const ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// A request, to be sent and to be shown when its answer is wrong.
#[derive(Clone)]
pub struct Asked {
    pub from: IpAddr,
    pub method: String,
    pub uri: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub stream: bool,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} (from {})", self.method, self.uri, self.from)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", value.as_bytes().escape_ascii())?;
        }
        write!(f, "\n{}", self.body.escape_ascii())
    }
}

/// An answer.
pub struct Told {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The code of a problem; empty in a success.
    pub code: String,
}

impl Told {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Sends a request and judges its answer; `None` when no client could send such a request.
pub fn judged(prey: &mut Prey, asked: &Asked) -> Option<Told> {
    let method = Method::from_bytes(asked.method.as_bytes()).ok()?;
    let uri: Uri = asked.uri.parse().ok()?;
    let before = prey.records();
    let mut request = Request::new(Body::from(asked.body.clone()));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = asked.headers.clone();
    let told = told(prey, request, asked);
    well_formed(prey, asked, &told);
    recorded(prey, asked, &told, before);
    let stopped = prey.service.projection_stopped();
    assert!(stopped.is_none(), "{stopped:?} after\n{asked}");
    Some(told)
}

fn told(prey: &Prey, request: Request<Body>, asked: &Asked) -> Told {
    let (head, body) = prey.ask(asked.from, request).into_parts();
    // A stream that has begun goes on for ever: it is dropped here.
    let endless = asked.stream && head.status.is_success();
    let body = if endless {
        Ok(Vec::new())
    } else {
        prey.runtime.block_on(to_bytes(body, ANSWER_BYTES)).map(Vec::from)
    };
    let body = body.unwrap_or_else(|error| panic!("the answer breaks off: {error}\n{asked}"));
    let mut told = Told { status: head.status, headers: head.headers, body, code: String::new() };
    if !told.status.is_success() {
        told.json()["code"].as_str().unwrap_or_default().clone_into(&mut told.code);
    }
    told
}

/// A success is what its type says, a failure is a problem, and it is never ours.
fn well_formed(prey: &mut Prey, asked: &Asked, told: &Told) {
    let Told { status, code, .. } = told;
    let text = String::from_utf8_lossy(&told.body);
    assert!(!status.is_server_error(), "{status} {text}\n{asked}");
    let id = told.header("x-request-id");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    assert!((1..=64).contains(&id.len()) && id.bytes().all(plain), "its id is {id:?}\n{asked}");
    let kind = told.header(header::CONTENT_TYPE.as_str());
    if status.is_success() {
        let json = kind != "application/json" || serde_json::from_slice::<Value>(&told.body).is_ok();
        assert!(json, "this is no JSON: {text}\n{asked}");
        return;
    }
    assert!(status.is_client_error(), "{status} {text}\n{asked}");
    let problem = told.json();
    assert_eq!(kind, "application/problem+json", "{status} {text}\n{asked}");
    assert_eq!(problem["status"], status.as_u16(), "{text}\n{asked}");
    assert_eq!(problem["type"], format!("/problems/{code}"), "{text}\n{asked}");
    assert!(problem["title"].is_string() && !code.is_empty(), "{text}\n{asked}");
    if prey.pages.insert(code.clone()) {
        let page = Request::get(format!("/problems/{code}")).body(Body::empty()).expect("a request");
        let page = prey.ask(asked.from, page);
        assert_eq!(page.status(), StatusCode::OK, "{code} has no page\n{asked}");
    }
}

/// Nothing is recorded of what did not parse; a command that is answered has a record, which decodes.
fn recorded(prey: &Prey, asked: &Asked, told: &Told, before: u64) {
    let new: Vec<Event> = prey
        .since(before)
        .into_iter()
        .map(|entry| {
            codec::decode(&entry.record).unwrap_or_else(|error| panic!("{error}: {entry:?}\n{asked}"))
        })
        .map(|record| record.event)
        .collect();
    let (status, code) = (told.status, &*told.code);
    // A back-test asks, with a rule that is too long for an address.
    let reads = ["GET", "HEAD"].contains(&&*asked.method) || asked.uri.starts_with("/v1/rules/backtest");
    let looked = |event: &Event| READING.contains(&event.action());
    assert!(!reads || new.iter().all(looked), "{status} {code}, and this was done: {new:?}\n{asked}");
    if UNRECORDED.contains(&code) {
        // Whoever looks for what is not there has looked.
        let looked = reads && ["not-found", "unknown-rule"].contains(&code);
        assert!(looked || new.is_empty(), "{status} {code}, and records of it: {new:?}\n{asked}");
    } else if !reads {
        let earlier = told.json()["position"].as_u64().is_some_and(|position| position <= before);
        let repeated = told.headers.contains_key("idempotent-replayed") || earlier;
        assert!(repeated || !new.is_empty(), "{status} {code}, and no record\n{asked}");
    }
    let too_large = asked.body.len() > BODY_BYTES;
    assert!(!too_large || status.is_client_error(), "{status}: {} bytes were taken", asked.body.len());
    assert!(too_large || code != "body-too-large", "{} bytes were too many", asked.body.len());
}
