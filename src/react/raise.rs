//! Records an alert, and tries again until the log takes it.

use std::sync::Arc;
use std::time::Duration;

use mfa_ledger_base::back_off::BackOff;
use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_ledger::service::{Call, Caller, Failure, Service, command, receipt};
use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::AlertRaised;

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
        let answer = match alert.positions.last() {
            Some(cause) => service.reaction(by, *cause).await,
            None => Ok(Call::by(Caller::System(by), service.fresh_request_id())),
        };
        let answer = match answer {
            Ok(call) => service.execute(call, command::RaiseAlert(alert.clone())).await,
            Err(failure) => Err(failure),
        };
        match answer {
            Ok(answer) => {
                let AlertRaised { rule, group, title, .. } = &alert;
                let position = receipt(&answer).position;
                tracing::info!(%rule, group, title, %position, "an alert was raised");
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
