//! Opens every entry of the vault, slowly and again and again, so that damage is found before somebody needs the value; and
//! raises an alert for each entry that cannot be opened, once.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger_ledger::service::{Service, Unreadable, entry_name};
use mfa_ledger_schemas::bodies::{AlertRaised, Commitment};
use mfa_ledger_schemas::{AlertId, Severity};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::detect::engine::id_of;
use super::raise::raise;
use super::undestroyed;

/// The rule that alerts of damaged entries carry. It is built in: no file describes it.
pub const RULE: &str = "vault-entry-damaged";

/// Pause between two entries of a pass: 20 entries per second.
const PAUSE: Duration = Duration::from_millis(50);

/// Pause between the end of a pass and the next one.
const AGAIN_AFTER: Duration = Duration::from_hours(24);

/// Damaged entries are counted this often, and whenever somebody asks for one.
const COUNT_EVERY: Duration = Duration::from_secs(30);

/// Entries with an alert of their own; more than these are one alert.
pub const ALERTS: usize = 50;

/// Works until it is told to end.
pub async fn run(service: Arc<Service>, ending: CancellationToken) {
    tokio::select! {
        () = open_all(&service) => {}
        () = raise_all(&service) => {}
        () = undestroyed::raise_all(&service) => {}
        () = ending.cancelled() => {}
    }
}

async fn open_all(service: &Arc<Service>) {
    loop {
        let mut last = None;
        loop {
            let on = Arc::clone(service);
            // It reads from the disk, which may be slow.
            let opened = tokio::task::spawn_blocking(move || on.open_entry_after(last)).await;
            match opened {
                Ok(Some(entry)) => last = Some(entry),
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(%error, "the pass over the vault was interrupted; it begins again tomorrow");
                    break;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn raise_all(service: &Arc<Service>) {
    loop {
        let damaged = service.unreadable();
        for alert in alerts(service, &damaged) {
            let (entry, title) = (alert.group.clone(), alert.title.clone());
            if raise(service, "vault", alert, |_| {}).await {
                tracing::warn!(entry, title, "a vault entry is damaged");
            }
        }
        tokio::select! {
            () = service.damage_met() => {}
            () = tokio::time::sleep(COUNT_EVERY) => {}
        }
    }
}

/// An alert for each of the first entries, and one for all others.
fn alerts(service: &Service, damaged: &[Unreadable]) -> Vec<AlertRaised> {
    let mut alerts: Vec<_> = damaged.iter().take(ALERTS).map(|it| of_entry(service, it)).collect();
    if damaged.len() > ALERTS {
        let id = alert_id(&service.vault_id());
        let title = format!("More than {ALERTS} entries of the vault cannot be opened: run doctor");
        alerts.push(raised(id, title, "vault".to_owned()));
    }
    alerts
}

fn of_entry(service: &Service, it: &Unreadable) -> AlertRaised {
    let kind = it.secret.name().replace('_', " ");
    let whose = it.administrator.and_then(|id| {
        service.peek(|state| state.directory.administrator(id).map(|it| it.user_name.clone()))
    });
    let whose = whose.map_or(String::new(), |name| format!(" of {name}"));
    let title = format!("The {kind}{whose} in the vault cannot be opened ({})", it.flaw.text());
    raised(alert_id(&it.id), title, entry_name(it.id, it.secret))
}

fn raised(alert: AlertId, title: String, group: String) -> AlertRaised {
    AlertRaised {
        alert,
        rule: RULE.parse().expect("the rule's name is an id"),
        rule_sha256: Commitment(Sha256::digest(RULE).into()),
        title,
        severity: Severity::High,
        group,
        positions: Vec::new(),
    }
}

/// Each entry has one alert.
fn alert_id(entry: &[u8]) -> AlertId {
    id_of(Sha256::new_with_prefix(b"mfa-ledger vault alert\0").chain_update(entry))
}
