//! An alert where a secret that was to be destroyed was still there a minute later: the vault could not be written.
//!
//! Mostly nothing can be recorded either at that time. The alert is then raised once the files are reopened, which is
//! also when the secret is destroyed.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger_ledger::service::Service;
use mfa_ledger_schemas::bodies::{AlertRaised, Commitment};
use mfa_ledger_schemas::{Instant, Position, Severity};
use sha2::{Digest, Sha256};

use super::detect::engine::alert_id;
use super::raise::raise;

/// The rule of these alerts. It is built in: no file describes it.
pub const RULE: &str = "secret-not-destroyed";

const TITLE: &str = "A secret that was to be destroyed was still there a minute later";

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Raises an alert for each time that it happens, for ever.
pub(super) async fn raise_all(service: &Arc<Service>) {
    loop {
        if let Some(since) = service.destroyed_late() {
            if raise(service, "vault", alert(since), |_| {}).await {
                tracing::warn!(%since, "a secret was not destroyed within a minute");
            }
            service.lateness_told(since);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// One alert for each time since which something was owed.
fn alert(since: Instant) -> AlertRaised {
    let rule = RULE.parse().expect("the rule's name is an id");
    let group = format!("since {since}");
    AlertRaised {
        alert: alert_id(&rule, &group, Position::default()),
        rule,
        rule_sha256: Commitment(Sha256::digest(TITLE).into()),
        title: TITLE.to_owned(),
        severity: Severity::Critical,
        group,
        positions: Vec::new(),
    }
}
