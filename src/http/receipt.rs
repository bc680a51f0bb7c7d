//! What every answer of a command says about its record.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use mfa_ledger_api::header::{IDEMPOTENT_REPLAYED, POSITION, PROOF};
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_ledger::service::Done;
use mfa_ledger_schemas::Position;

/// The record of a command.
pub(crate) fn of(done: &Done) -> Receipt {
    Receipt {
        position: done.position,
        at: done.record.at,
        action: done.record.event.action().to_owned(),
        activity: format!("/v1/activity/{}", done.position),
        proof: proof_path(done.position),
    }
}

/// Headers for the answer: position, and whether it is a repeated one.
pub(crate) fn headers(done: &Done) -> HeaderMap {
    let mut headers = HeaderMap::new();
    position_header(&mut headers, done.position);
    if done.replayed {
        headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    headers
}

pub(super) fn position_header(headers: &mut HeaderMap, position: Position) {
    headers.insert(POSITION, HeaderValue::from(position.0));
    let proof = HeaderValue::from_str(&proof_path(position)).expect("digits and ASCII");
    headers.insert(PROOF, proof);
}

fn proof_path(position: Position) -> String {
    format!("/v1/activity/{position}/proof")
}

/// A strong `ETag` of a version.
pub(crate) fn etag(version: Position) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::from_str(&format!("\"{version}\"")).expect("digits in quotes");
    (header::ETAG, value)
}
