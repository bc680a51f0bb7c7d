//! Records an alert, and tries again until the log takes it.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger_base::back_off::BackOff;
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_ledger::service::{Call, Caller, Failure, Intent, Service};
use mfa_ledger_projections::State;
use mfa_ledger_schemas::record::Origin;
use mfa_ledger_schemas::v1::AlertRaised;

/// The wait before an alert that could not be recorded is tried again.
const BACK_OFF: BackOff = BackOff::new(Duration::from_millis(200), Duration::from_secs(30));

/// Puts an alert on record in the name of a part of ours, and returns whether it was not there yet. What cannot be recorded
/// now is tried again until it is; `failed` hears of it.
pub async fn raise(
    service: &Arc<Service>,
    by: &'static str,
    alert: AlertRaised,
    mut failed: impl FnMut(&Failure),
) -> bool {
    for failures in 1.. {
        // After a failure it may be there all the same: the record can come to be without its answer.
        if is_raised(service, &alert) {
            break;
        }
        let call = Call {
            caller: Caller::System(by),
            origin: Origin::default(),
            request: service.fresh_request_id(),
            idempotency: None,
            if_match: None,
        };
        match service.execute(call, Intent::RaiseAlert(Box::new(alert.clone()))).await {
            Ok(done) => {
                let AlertRaised { rule, group, title, .. } = &alert;
                tracing::info!(%rule, group, title, position = %done.position, "an alert was raised");
                return true;
            }
            Err(failure) => {
                tracing::warn!(rule = %alert.rule, error = error_chain(&failure), "an alert cannot be recorded yet");
                failed(&failure);
            }
        }
        tokio::time::sleep(BACK_OFF.after(failures)).await;
    }
    false
}

fn is_raised(service: &Service, alert: &AlertRaised) -> bool {
    service.peek(|state: &State| state.alerts.get(alert.alert).is_some())
}
