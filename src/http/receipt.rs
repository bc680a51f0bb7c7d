//! What every answer of a command says about its record.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use mfa_ledger_api::header::{IDEMPOTENT_REPLAYED, POSITION, PROOF};
use mfa_ledger_api::receipt::Receipt;
use mfa_ledger_ledger::service;
use mfa_ledger_schemas::Position;

/// The record of a command.
pub(crate) fn of(receipt: &service::Receipt) -> Receipt {
    Receipt {
        position: receipt.position,
        at: receipt.at,
        action: receipt.action.to_owned(),
        activity: format!("/v1/activity/{}", receipt.position),
        proof: proof_path(receipt.position),
    }
}

/// Headers for the answer: position, and whether it is a repeated one.
pub(crate) fn headers(receipt: &service::Receipt) -> HeaderMap {
    let mut headers = HeaderMap::new();
    position_header(&mut headers, receipt.position);
    if receipt.replayed {
        headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    headers
}

/// The same for something that was created, with where it is.
pub(crate) fn created(receipt: &service::Receipt, location: &str) -> HeaderMap {
    let mut headers = headers(receipt);
    headers.insert(header::LOCATION, HeaderValue::from_str(location).expect("paths are ASCII"));
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
