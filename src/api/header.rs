//! Names of headers that are ours, or that no library of ours names.

use http::HeaderName;

/// The caller's key for repeating a request safely.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Whether an answer is the first one again.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Where the record of a command stands.
pub const POSITION: HeaderName = HeaderName::from_static("mfa-ledger-position");

/// Where the proof is that the record is in the log.
pub const PROOF: HeaderName = HeaderName::from_static("mfa-ledger-proof");

/// The id of a request, the caller's own or a fresh one.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the caller calls all that belongs together.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// The trace that a request is part of (W3C Trace Context).
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What a proxy says of its own peer.
pub const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
