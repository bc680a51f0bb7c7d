//! `/v1/rules`: what raises alerts, and what it would have raised in the past.

mod backtest;
mod list;
mod show;

use mfa_ledger_api::rules::RuleBody;
use mfa_ledger_react::detect::{Origin, Rule};
use mfa_ledger_schemas::RuleId;
use mfa_ledger_schemas::bodies::Commitment;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show))
        .routes(routes!(backtest::backtest))
}

/// The rule of this name, while it is in force.
pub(super) fn in_force<'a>(app: &'a App, id: &RuleId) -> Option<&'a Rule> {
    app.options.rules.as_ref()?.find(id.as_str()).map(AsRef::as_ref)
}

pub(super) fn rule_body(rule: &Rule) -> RuleBody {
    RuleBody {
        id: rule.id.clone(),
        sigma_id: rule.sigma_id.clone(),
        title: rule.title.clone(),
        description: rule.description.clone(),
        severity: rule.severity,
        kind: rule.kind.name().into(),
        window_seconds: rule.kind.window(),
        tags: rule.tags.clone(),
        false_positives: rule.false_positives.clone(),
        origin: if rule.origin == Origin::Pack { "pack".into() } else { "site".into() },
        sha256: Commitment(rule.sha256),
    }
}
