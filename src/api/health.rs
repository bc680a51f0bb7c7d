//! How the server fares.

use std::borrow::Cow;

use mfa_ledger_schemas::{Instant, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One check.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = HealthCheck)]
pub struct Check {
    pub name: Cow<'static, str>,
    pub status: Status,
    /// What the status means here.
    #[schema(value_type = String)]
    pub detail: Cow<'static, str>,
    /// When it became so, where it is not ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub since: Option<Instant>,
    /// What waits: records that it has not taken yet, where it follows the log; notices, deliveries, secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub behind: Option<u64>,
}

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HealthStatus)]
pub enum Status {
    /// All is well.
    Ready,
    /// It works, with a part that does not keep up.
    Degraded,
    /// Commands are answered 503.
    Unavailable,
}

/// Whether commands can be carried out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Readiness {
    pub status: Status,
    /// The record up to which answers are true.
    pub position: Position,
    /// The newest record of the log.
    pub head: Option<Position>,
    /// Each check by itself, when asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub checks: Vec<Check>,
}

impl Check {
    /// A check and what came of it.
    pub fn new(name: &'static str, (status, detail): (Status, impl Into<Cow<'static, str>>)) -> Self {
        Self { name: name.into(), status, detail: detail.into(), since: None, behind: None }
    }

    /// Since when, unless all is well.
    #[must_use]
    pub fn since(mut self, since: Option<Instant>) -> Self {
        self.since = since.filter(|_| self.status != Status::Ready);
        self
    }

    /// What waits.
    #[must_use]
    pub fn behind(mut self, records: u64) -> Self {
        self.behind = Some(records);
        self
    }
}
