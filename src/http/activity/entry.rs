//! An entry of the activity log as the API shows it.

use axum::response::sse;
use mfa_ledger_schemas::record::{Actor, Origin, Target};
use mfa_ledger_schemas::{EventId, Instant, Outcome, Position, StreamName};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::problem::Problem;
use crate::service::{ActivityRecord, Words};

/// Columns of the CSV form.
pub(super) const COLUMNS: &[&str] = &[
    "position",
    "time",
    "action",
    "outcome",
    "code",
    "actor.type",
    "actor.name",
    "actor.role",
    "actor.administrator",
    "actor.service_account",
    "target.user_name",
    "target.role",
    "target.super_admin",
    "target.administrator",
    "origin.address",
    "origin.user_agent",
    "details.story.ticket",
    "details.story.reason",
    "details.story.verification",
    "details.story.requested_at",
    "words.requester_name",
    "words.requester_contact",
    "words.text",
    "void",
    "stream",
    "request",
    "id",
    "details",
];

/// One record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActivityEntry)]
pub(crate) struct Entry {
    /// Where it stands in the log.
    pub position: Position,
    /// The id of the record, and of the CloudEvent made of it.
    id: EventId,
    time: Instant,
    /// What happened, such as `mfa.reset`.
    pub action: &'static str,
    /// What became of it.
    outcome: Outcome,
    /// The code of a refusal or failure.
    code: Option<&'static str>,
    /// Who acted.
    actor: Actor,
    /// The administrator acted upon, as they were at that time.
    target: Option<Target>,
    /// Where the request came from.
    origin: Origin,
    /// The id of the request.
    request: String,
    /// The stream that it moved.
    #[schema(value_type = String)]
    stream: StreamName,
    /// Whether it changed nothing, since what it rested on had moved.
    void: bool,
    /// The event itself; its form depends on the action.
    #[schema(value_type = Object)]
    details: Box<RawValue>,
    /// What was told about it in words, while that is not erased.
    words: Option<EntryWords>,
}

/// What was told in words.
#[derive(Debug, Serialize, ToSchema)]
struct EntryWords {
    requester_name: Option<String>,
    requester_contact: Option<String>,
    /// Reason, note or description.
    text: Option<String>,
}

impl Entry {
    fn of(found: ActivityRecord) -> Result<Self, Problem> {
        let ActivityRecord { position, record, void, words, .. } = found;
        let event = &record.event;
        Ok(Self {
            position,
            id: record.id,
            time: record.at,
            action: event.action(),
            outcome: event.outcome(),
            code: event.code(),
            details: event.body_json().map_err(|_| Problem::new("internal-error"))?,
            actor: record.actor,
            target: record.target,
            origin: record.origin,
            request: record.request,
            stream: record.stream,
            void,
            words: words.map(EntryWords::of),
        })
    }

    /// The entries at these positions.
    pub async fn at(app: &App, positions: &[Position]) -> Result<Vec<Self>, Problem> {
        let found = app.service.activity_records(positions).await?;
        found.into_iter().map(Self::of).collect()
    }

    /// As an event of the stream: the position is its id, the action its type.
    pub fn to_sse(&self) -> Result<sse::Event, Problem> {
        let data = serde_json::to_string(self).map_err(|_| Problem::new("internal-error"))?;
        Ok(sse::Event::default().id(self.position.to_string()).event(self.action).data(data))
    }
}

impl EntryWords {
    fn of(words: Words) -> Self {
        let Words { requester_name, requester_contact, text } = words;
        Self { requester_name, requester_contact, text }
    }
}
