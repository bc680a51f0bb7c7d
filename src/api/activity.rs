//! Entries of the activity log.

use mfa_ledger_schemas::record::{Actor, Origin, Target};
use mfa_ledger_schemas::{EventId, Instant, Outcome, Position, Words};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::log::SealedLog;

/// One record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ActivityEntry)]
pub struct Entry {
    /// Where it stands in the log.
    pub position: Position,
    /// The id of the record, and of the CloudEvent made of it.
    pub id: EventId,
    pub time: Instant,
    /// What happened, such as `mfa.reset`.
    pub action: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The code of a refusal or failure.
    pub code: Option<String>,
    /// Who acted.
    pub actor: Actor,
    /// The administrator acted upon, as they were at that time.
    pub target: Option<Target>,
    /// Where the request came from.
    pub origin: Origin,
    /// The id of the request.
    pub request: String,
    /// The position of the record that led here, where a part of this system reacted to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation: Option<Position>,
    /// What the caller called all that belongs together, in `X-Correlation-Id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// The stream that it moved.
    pub stream: String,
    /// Whether it changed nothing, since what it rested on had moved.
    pub void: bool,
    /// The event itself; its form depends on the action.
    #[schema(value_type = Object)]
    pub details: Value,
    /// What was told about it in words, while that is not erased.
    pub words: Option<EntryWords>,
}

/// A record, and what it takes to check it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WithProof<E> {
    pub entry: E,
    /// The leaf that the proof is about, byte for byte; the entry shows what stands in it.
    pub leaf: String,
    /// `null` where no checkpoints are made.
    pub sealed: Option<SealedLog>,
    /// The proof (c2sp.org/tlog-proof); `null` where the checkpoint does not cover the record yet, or the server cannot
    /// prove that it does.
    pub proof: Option<String>,
}

/// A page of the activity log.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ActivityPage {
    pub data: Vec<Entry>,
    /// Whether more follow, or may.
    pub has_more: bool,
    /// The cursor of the next page, for `after`; also in `Link`.
    pub next: Option<String>,
    /// How far a search for words has looked, where it stopped before the page was full; `next` goes on from there.
    pub looked_to: Option<Position>,
}

/// What was told in words.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct EntryWords {
    #[serde(flatten)]
    pub words: Words,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub unreadable: bool,
}
