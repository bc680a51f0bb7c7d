//! `/v1/silences`: for a while, alerts of a rule are recorded, and passed on to nobody.

mod begin;
mod end;
mod list;

use mfa_ledger_projections::Silence;
use mfa_ledger_schemas::{AnnexId, Instant, Position, RoleId, SilenceId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list, begin::begin)).routes(routes!(end::end))
}

/// A silence.
#[derive(Serialize, ToSchema)]
#[schema(as = Silence)]
pub(crate) struct SilenceBody {
    id: SilenceId,
    /// The record that began it.
    position: Position,
    at: Instant,
    /// Who began it.
    author: String,
    /// Over which rule.
    rule: RoleId,
    /// Over which of its groups; all of them where it is `null`.
    group: Option<String>,
    until: Instant,
    /// When it was ended before that.
    ended_at: Option<Instant>,
    in_force: bool,
    /// `null` when not given, or erased.
    note: Option<String>,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    unreadable: bool,
}

/// A silence as the state has it; the sealed words are read without holding the state.
struct Begun {
    body: SilenceBody,
    note: Option<AnnexId>,
}

impl Begun {
    fn of(silence: &Silence, now: Instant) -> Self {
        let body = SilenceBody {
            id: silence.id,
            position: silence.position,
            at: silence.at,
            author: silence.author.clone(),
            rule: silence.rule.clone(),
            group: silence.group.clone(),
            until: silence.until,
            ended_at: silence.ended,
            in_force: silence.is_in_force(now),
            note: None,
            unreadable: false,
        };
        Self { body, note: silence.note }
    }

    fn unseal(self, app: &App) -> SilenceBody {
        let mut body = self.body;
        let note = app.service.words(self.note);
        body.unreadable = note.is_unreadable();
        body.note = note.known().and_then(|words| words.text);
        body
    }
}
