//! `/v1/alerts`: what detection has raised, and what people made of it.

mod acknowledge;
mod list;
mod resolve;
mod show;

use mfa_ledger_ledger::service::Right;
use mfa_ledger_projections::{Alert, AlertStage, Step};
use mfa_ledger_schemas::{AlertId, AnnexId, Instant, Permission, Position, RoleId, Severity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::receipt::Receipt;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show))
        .routes(routes!(acknowledge::acknowledge))
        .routes(routes!(resolve::resolve))
}

/// Who sees alerts.
pub(super) const SEES_ALERTS: Right = Right::Permission(Permission::ManageAlerts);

/// How far an alert got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AlertStage)]
pub(crate) enum Stage {
    /// Nobody has looked into it.
    Open,
    /// Somebody looks into it.
    Acknowledged,
    /// It is settled.
    Resolved,
}

impl From<AlertStage> for Stage {
    fn from(stage: AlertStage) -> Self {
        match stage {
            AlertStage::Open => Self::Open,
            AlertStage::Acknowledged => Self::Acknowledged,
            AlertStage::Resolved => Self::Resolved,
        }
    }
}

/// What somebody did with an alert.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertStep)]
pub(crate) struct StepBody {
    position: Position,
    at: Instant,
    /// By whom.
    actor: String,
    /// `null` when not given, or erased.
    note: Option<String>,
    /// Whether what is sealed beside it cannot be read: its vault entry is damaged. Left out where it can.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    unreadable: bool,
}

/// An alert.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertBody {
    id: AlertId,
    /// The record that raised it.
    position: Position,
    at: Instant,
    /// The rule that matched.
    rule: RoleId,
    title: String,
    severity: Severity,
    /// What the rule grouped by.
    group: String,
    /// The records that made it match, at most the newest fifty.
    positions: Vec<Position>,
    /// Whether a silence was in force: it was passed on to nobody.
    silenced: bool,
    stage: Stage,
    /// Who looks into it.
    acknowledged: Option<StepBody>,
    /// Who settled it.
    resolved: Option<StepBody>,
    /// Whether it was settled as one that should not have been raised.
    false_positive: bool,
}

/// An alert as the state has it; the sealed words are read without holding the state.
struct Raised {
    body: AlertBody,
    notes: [Option<AnnexId>; 2],
}

impl Raised {
    fn of(alert: &Alert) -> Self {
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
            positions: alert.positions.clone(),
            silenced: alert.silenced,
            stage: alert.stage.into(),
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

/// What became of an alert.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlertDecided {
    alert: AlertId,
    stage: Stage,
    #[serde(flatten)]
    receipt: Receipt,
}
