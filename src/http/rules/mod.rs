//! `/v1/rules`: what raises alerts, and what it would have raised in the past.

mod backtest;
mod list;
mod show;

use mfa_ledger_react::detect::{Origin, Rule};
use mfa_ledger_schemas::v1::Commitment;
use mfa_ledger_schemas::{RoleId, Severity};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show))
        .routes(routes!(backtest::backtest))
}

/// A rule in force.
#[derive(Serialize, ToSchema)]
#[schema(as = Rule)]
pub(crate) struct RuleBody {
    /// Its name, as alerts and silences have it.
    #[schema(value_type = String)]
    id: RoleId,
    /// The id of its Sigma document.
    sigma_id: String,
    title: String,
    description: String,
    severity: Severity,
    /// What makes it match: one event, an event that is missing, or one of Sigma's correlations.
    kind: &'static str,
    /// How far back it looks; 0 for a single event.
    window_seconds: u64,
    tags: Vec<String>,
    false_positives: Vec<String>,
    /// Where it comes from: `pack` or `site`.
    origin: &'static str,
    /// SHA-256 of its file, in hexadecimal digits, as alerts have it.
    sha256: Commitment,
}

impl RuleBody {
    fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id.clone(),
            sigma_id: rule.sigma_id.clone(),
            title: rule.title.clone(),
            description: rule.description.clone(),
            severity: rule.severity,
            kind: rule.kind.name(),
            window_seconds: rule.kind.window(),
            tags: rule.tags.clone(),
            false_positives: rule.false_positives.clone(),
            origin: if rule.origin == Origin::Pack { "pack" } else { "site" },
            sha256: Commitment(rule.sha256),
        }
    }
}
