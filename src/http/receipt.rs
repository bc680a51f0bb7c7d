//! What every answer of a command says about its record.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use mfa_ledger_ledger::service::Done;
use mfa_ledger_schemas::{Instant, Position};
use serde::Serialize;
use utoipa::ToSchema;

const POSITION: HeaderName = HeaderName::from_static("mfa-ledger-position");
const PROOF: HeaderName = HeaderName::from_static("mfa-ledger-proof");

/// The record of a command.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Receipt {
    /// Where it stands in the log.
    pub position: Position,
    /// The time of the record.
    pub at: Instant,
    /// What was recorded, such as `mfa.reset`.
    pub action: String,
    /// Where the record can be read.
    pub activity: String,
    /// Where the proof is that the record is in the log.
    pub proof: String,
}

impl Receipt {
    pub fn of(done: &Done) -> Self {
        Self {
            position: done.position,
            at: done.record.at,
            action: done.record.event.action().to_owned(),
            activity: format!("/v1/activity/{}", done.position),
            proof: proof_path(done.position),
        }
    }

    /// Headers for the answer: position, and whether it is a repeated one.
    pub fn headers(done: &Done) -> HeaderMap {
        let mut headers = HeaderMap::new();
        position_header(&mut headers, done.position);
        if done.replayed {
            headers.insert(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));
        }
        headers
    }
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
