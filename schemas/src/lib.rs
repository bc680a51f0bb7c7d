//! What crosses time or the wire: ids, records, events, refusals, the public leaf, and their codec.
//!
//! Everything here is frozen once released. An event is a struct per (kind, version) in [`v1`] and
//! [`v2`], the newest ones in [`bodies`]; its number stands in the append-only registry of [`event`], and golden bytes in `schemas/golden/`
//! decode for ever. No clock, no chance, no I/O.
//!
//! # How to change an event
//!
//! A struct that was released never changes: its bytes lie in logs. What is to be said otherwise is said in a new version.
//!
//! 1. `src/v2/<area>.rs` (or the module of the version that comes next): the new struct, its `Body`, and `From` the old
//!    one, which says what the old one meant.
//! 2. `src/bodies.rs`: the new name comes before that of the first version.
//! 3. `src/event.rs`: `22 MfaReset "mfa.reset" v2 from v1,` in place of `v1,`.
//! 4. The use case in the crate of the rules, which writes it.
//! 5. The fold in the crate of the projections, where it keeps what is new; `SNAPSHOT_VERSION` goes up with it.
//! 6. What shows it: a body of the API, a page.
//!
//! `UPDATE=1 cargo test` then writes the golden bytes and the JSON Schema of the new version, and overwrites nothing of the
//! old one. Its leaves have the `type` and `dataschema` of the new version; those that lie in logs stay as they are.
//!
//! What belongs to a record and is no event goes into its [`Context`], or behind it: see [`codec`].

pub mod asyncapi;
pub mod bodies;
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
pub mod v2;

pub use event::{CommandName, Event, OtherEvent};
pub use id::{
    AdministratorId, AlertId, AnnexId, CredentialId, EventId, LedgerId, ResetRequestId, RoleId, RuleId,
    ServiceAccountId, SessionId, SilenceId, WebhookId,
};
pub use instant::Instant;
pub use record::{Actor, Context, Idempotency, Origin, Read, Record, Target};
pub use sealed::{FormerAddress, Personal, Words};
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
