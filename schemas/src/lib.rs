//! What crosses time or the wire: ids, records, events, refusals, the public leaf, and their codec.
//!
//! Everything here is frozen once released. An event is a struct per (kind, version) in [`v1`], its
//! number stands in the append-only registry of [`event`], and golden bytes in `schemas/golden/`
//! decode for ever. No clock, no chance, no I/O.

pub mod asyncapi;
mod body;
pub mod codec;
pub mod event;
pub mod id;
pub mod instant;
pub mod leaf;
pub mod limits;
pub mod ocsf;
pub mod record;
pub mod sealed;
pub mod secret;
mod set;
pub mod sets;
pub mod stream;
pub mod subject;
pub mod v1;

pub use event::{CommandName, Event, OtherEvent};
pub use id::{
    AdministratorId, AlertId, AnnexId, CredentialId, EventId, LedgerId, ResetRequestId, RoleId, RuleId,
    ServiceAccountId, SessionId, SilenceId, WebhookId,
};
pub use instant::Instant;
pub use record::{Actor, Idempotency, Origin, Read, Record, Target};
pub use sealed::{Personal, Words};
pub use secret::Secret;
pub use sets::*;
pub use stream::StreamName;

/// A place in the log: 1 for the first record, 0 for "before the first".
///
/// The same number names the activity entry, the NATS sequence, and (minus one) the Merkle leaf.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Position {
    type Err = id::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.parse().ok().filter(|number| i64::try_from(*number).is_ok());
        number.map(Self).ok_or(id::ParseError { expected: "a position in the log, such as 17" })
    }
}
