//! `/v1/silences`: for a while, alerts of a rule are recorded, and passed on to nobody.

mod begin;
mod end;
mod list;

use mfa_ledger_api::silences::SilenceBody;
use mfa_ledger_projections::Silence;
use mfa_ledger_schemas::{AnnexId, Instant};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list::list, begin::begin)).routes(routes!(end::end))
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
