//! `/v1/alerts`: what detection has raised, and what people made of it.

mod acknowledge;
mod events;
pub(super) mod list;
mod resolve;
mod show;

use mfa_ledger_api::alerts::{AlertBody, Stage, StepBody};
use mfa_ledger_ledger::service::Right;
use mfa_ledger_projections::{Alert, AlertStage, Step};
use mfa_ledger_schemas::{AnnexId, Permission};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show))
        .routes(routes!(events::events))
        .routes(routes!(acknowledge::acknowledge))
        .routes(routes!(resolve::resolve))
}

/// Who sees alerts.
pub(super) const SEES_ALERTS: Right = Right::Permission(Permission::ManageAlerts);

fn stage(stage: AlertStage) -> Stage {
    match stage {
        AlertStage::Open => Stage::Open,
        AlertStage::Acknowledged => Stage::Acknowledged,
        AlertStage::Resolved => Stage::Resolved,
    }
}

/// An alert as the state has it; the sealed words are read without holding the state.
struct Raised {
    body: AlertBody,
    notes: [Option<AnnexId>; 2],
}

impl Raised {
    fn of(alert: &Alert, named: &impl Fn(&str) -> Option<String>) -> Self {
        let step = |step: &Option<Step>| {
            let shown = |it: &Step| StepBody {
                position: it.position,
                at: it.at,
                actor: it.actor.clone(),
                note: None,
                unreadable: false,
            };
            (step.as_ref().map(shown), step.as_ref().and_then(|it| it.note))
        };
        let ((acknowledged, first), (resolved, second)) = (step(&alert.acknowledged), step(&alert.resolved));
        let body = AlertBody {
            id: alert.id,
            position: alert.position,
            at: alert.at,
            rule: alert.rule.clone(),
            title: alert.title.clone(),
            severity: alert.severity,
            group: alert.group.clone(),
            user_name: named(&alert.group),
            positions: alert.positions.clone(),
            silenced: alert.silenced,
            stage: stage(alert.stage),
            acknowledged,
            resolved,
            false_positive: alert.false_positive,
        };
        Self { body, notes: [first, second] }
    }

    fn unseal(self, app: &App) -> AlertBody {
        let mut body = self.body;
        for (step, note) in [&mut body.acknowledged, &mut body.resolved].into_iter().zip(self.notes) {
            if let Some(step) = step {
                let note = app.service.words(note);
                step.unreadable = note.is_unreadable();
                step.note = note.known().and_then(|words| words.text);
            }
        }
        body
    }
}
