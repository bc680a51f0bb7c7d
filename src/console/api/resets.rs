//! `/v1/resets`, `/v1/explain/reset`, and resetting itself.

use mfa_ledger_schemas::{
    ActorKind, AdministratorId, Instant, NotificationChannel, Position, ResetReason, ResetRequestId,
    VerificationMethod,
};
use serde::Deserialize;

/// A reset at a glance.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Brief {
    pub position: Position,
    pub at: Instant,
    pub performer: Performer,
    pub administrator: AdministratorId,
    pub user_name: String,
    pub reason: Option<ResetReason>,
    pub verification: Option<VerificationMethod>,
    pub requested_at: Option<Instant>,
    pub ticket: Option<String>,
    pub must_enroll: bool,
    pub notified: bool,
    pub danger_window: DangerWindow,
    pub repudiated_at: Option<Instant>,
}

/// Who performed a reset.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Performer {
    #[serde(rename = "type")]
    pub kind: ActorKind,
    pub name: String,
    pub address: Option<String>,
}

/// From a reset to the next enrollment.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DangerWindow {
    pub open: bool,
}

/// A reset with everything before and after it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Story {
    #[serde(flatten)]
    pub brief: Brief,
    pub reason_text: Option<String>,
    pub requester_name: Option<String>,
    pub requester_contact: Option<String>,
    /// Whether the sealed value is damaged.
    #[serde(default)]
    pub unreadable: bool,
    pub removed_backup_codes: u8,
    pub sessions_ended: usize,
    pub follow_ups: Vec<FollowUp>,
    pub next_log_in: Option<Moment>,
    pub enrolled_again: Option<Moment>,
}

/// A record, and its time.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Moment {
    pub at: Instant,
}

/// What was done after a reset.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FollowUp {
    pub at: Instant,
    pub actor: String,
    pub notified: Option<NotificationChannel>,
    pub failed: bool,
    pub note: Option<String>,
    /// Whether the sealed value is damaged.
    #[serde(default)]
    pub unreadable: bool,
}

/// Whether somebody could reset somebody, by the very rules that decide.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Explanation {
    pub allowed: bool,
    pub code: Option<String>,
    pub retry_at: Option<Instant>,
    /// The moment of the answer.
    pub at: Instant,
    /// The approved request that a reset would use.
    pub reset_request: Option<ResetRequestId>,
}

/// Who reset whom.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Graph {
    /// The most frequent first.
    pub edges: Vec<Edge>,
    /// Resets by somebody who had been reset shortly before.
    pub chains: Vec<Vec<Link>>,
    /// Those who reset each other.
    pub pairs: Vec<Pair>,
    pub truncated: bool,
}

/// All resets of one person by another.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Edge {
    pub performer: String,
    pub target: String,
    pub resets: Vec<Position>,
}

/// A reset in a chain.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Link {
    pub position: Position,
    pub at: Instant,
    pub performer: String,
    pub target: String,
}

/// Two who reset each other.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Pair {
    pub first: String,
    pub second: String,
    pub resets: Vec<Position>,
}

#[cfg(test)]
impl Brief {
    pub fn sample() -> Self {
        let at = Instant::default();
        Self {
            position: Position(7),
            at,
            performer: Performer {
                kind: ActorKind::Administrator,
                name: "<b>hanna.desk</b>".to_owned(),
                address: Some("192.0.2.1".to_owned()),
            },
            administrator: AdministratorId::from_bytes([2; 16]),
            user_name: "dana.reyes".to_owned(),
            reason: Some(ResetReason::LostOrStolenDevice),
            verification: Some(VerificationMethod::VideoCall),
            requested_at: Some(at),
            ticket: Some("=cmd()".to_owned()),
            must_enroll: true,
            notified: false,
            danger_window: DangerWindow { open: true },
            repudiated_at: Some(at),
        }
    }
}
