//! A record: one command's outcome, with all that the folds need to know about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ActorKind, AdministratorId, Event, EventId, Instant, Position, RoleId, ServiceAccountId, SessionId,
    StreamName,
};

/// One entry of the log, before its position is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Names this record, and the CloudEvent made of it.
    pub id: EventId,
    /// The stream that it moves.
    pub stream: StreamName,
    /// What the decision rested on; a fold that finds one of these moved ignores the record.
    pub reads: Vec<Read>,
    /// The server's clock, never earlier than the record before.
    pub at: Instant,
    /// Who acted.
    pub actor: Actor,
    /// The administrator acted upon, where there is one.
    pub target: Option<Target>,
    /// Where the request came from.
    pub origin: Origin,
    /// The request's id, as in the answer's `X-Request-Id`.
    pub request: String,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
    /// What it belongs to.
    pub context: Context,
    /// What happened.
    pub event: Event,
}

/// What a record belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// The record that led here: what a part of this system reacted to.
    pub causation: Option<Position>,
    /// What the caller calls all that belongs together, in `X-Correlation-Id`; a reaction takes it over.
    pub correlation: Option<String>,
    /// The trace that the request was part of, as W3C Trace Context has it.
    pub traceparent: Option<String>,
}

/// A stream, and the position of the last record of it that the decision saw (0 for none).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Read {
    /// The stream.
    pub stream: StreamName,
    /// Its last record.
    pub position: Position,
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Actor {
    /// What kind of actor.
    #[serde(rename = "type")]
    pub kind: ActorKind,
    /// The administrator, when it is one.
    pub administrator: Option<AdministratorId>,
    /// The service account, when it is one.
    pub service_account: Option<ServiceAccountId>,
    /// User name, service account's name, name of the operating system's user, or part of the system.
    pub name: String,
    /// The actor's role at that time.
    pub role: Option<RoleId>,
    /// The session acted in.
    pub session: Option<SessionId>,
}

impl Actor {
    /// The id of the administrator or service account that acted.
    pub fn id(&self) -> Option<[u8; 16]> {
        self.administrator.map(AdministratorId::bytes).or(self.service_account.map(ServiceAccountId::bytes))
    }

    /// Nobody known yet.
    pub fn anonymous() -> Self {
        Self {
            kind: ActorKind::Anonymous,
            administrator: None,
            service_account: None,
            name: String::new(),
            role: None,
            session: None,
        }
    }
}

/// The administrator acted upon, as they were at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Target {
    /// Who.
    pub administrator: AdministratorId,
    /// The user name.
    pub user_name: String,
    /// The role.
    pub role: RoleId,
    /// Whether a super administrator.
    pub super_admin: bool,
}

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
pub struct Origin {
    /// The address of the caller, as text; none for the command line and for parts of the system.
    pub address: Option<String>,
    /// What the caller called itself, cut to the limit.
    pub user_agent: Option<String>,
}

/// A caller's key for repeating a request safely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idempotency {
    /// The key, unique per actor.
    pub key: String,
    /// HMAC-SHA256 of the request under a key of the server: bodies hold passwords and codes, which a
    /// plain hash would give away.
    pub fingerprint: [u8; 32],
}
