//! Alerts about the stream of the events on NATS: that it differs from the log, or was deleted and created again.
//!
//! These are not matches of a rule over records, since no record says so: the publisher finds it. The rules are built
//! in. An alert is raised once for a stream: its id comes from the rule, the name of the stream and the time at which
//! it was created, so that a restart, which finds the same again, raises no other.

use std::sync::Arc;

use mfa_ledger_ledger::follow::publish::{Finding, PublishState};
use mfa_ledger_ledger::service::Service;
use mfa_ledger_projections::State;
use mfa_ledger_schemas::bodies::{AlertRaised, Commitment};
use mfa_ledger_schemas::{Position, RuleId, Severity};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::detect::engine::alert_id;
use super::raise::raise;

/// Who raises them.
const RAISER: &str = "publish";

/// A rule that is built in.
struct Rule {
    id: &'static str,
    title: &'static str,
    severity: Severity,
}

/// The stream is not the copy of the log.
const DIFFERS: Rule = Rule {
    id: "stream-differs",
    title: "The events on NATS are not those of the log",
    severity: Severity::Critical,
};

/// The stream was deleted, and is there again.
const RECREATED: Rule = Rule {
    id: "stream-recreated",
    title: "The stream of events on NATS was deleted and created again",
    severity: Severity::High,
};

/// Raises what is found, until it is told to end or nothing is published any more. What could not be recorded by then is
/// found again by the next start.
pub async fn watch(service: Arc<Service>, state: watch::Receiver<PublishState>, ending: CancellationToken) {
    tokio::select! {
        () = raise_all(&service, state) => {}
        () = ending.cancelled() => {}
    }
}

async fn raise_all(service: &Arc<Service>, mut state: watch::Receiver<PublishState>) {
    let mut known = [None, None];
    loop {
        let found = {
            let news = state.wait_for(|now| findings(now) != known.each_ref().map(Option::as_ref)).await;
            let Ok(state) = news else { return };
            findings(&state).map(Option::<&Finding>::cloned)
        };
        for (rule, (finding, known)) in [DIFFERS, RECREATED].iter().zip(found.iter().zip(&known)) {
            if let Some(finding) = finding
                && Some(finding) != known.as_ref()
                && let Some(alert) = alert(rule, finding, service.peek(State::position))
            {
                raise(service, RAISER, alert, |_| {}).await;
            }
        }
        known = found;
    }
}

/// In the order of the rules.
fn findings(state: &PublishState) -> [Option<&Finding>; 2] {
    [state.differs.as_ref(), state.recreated.as_ref()]
}

/// The alert of a finding; the record at its position goes along, where there is one.
fn alert(rule: &Rule, finding: &Finding, head: Position) -> Option<AlertRaised> {
    let id: RuleId = rule.id.parse().ok()?;
    let group = match finding.created {
        Some(created) => format!("{}, created {created}", finding.stream),
        None => finding.stream.clone(),
    };
    let at = finding.position.map(Position).filter(|position| *position <= head);
    Some(AlertRaised {
        alert: alert_id(&id, &group, Position::default()),
        rule: id,
        rule_sha256: Commitment(Sha256::digest(rule.title).into()),
        title: rule.title.to_owned(),
        severity: rule.severity,
        group,
        positions: at.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use mfa_ledger_schemas::Instant;

    use super::*;

    fn finding(position: Option<u64>, created: i64) -> Finding {
        let created = Some(Instant::from_unix_seconds(created));
        Finding { stream: "MFA_EVENTS".to_owned(), created, position, why: String::new() }
    }

    #[test]
    fn a_stream_has_one_alert_wherever_it_differs_and_another_stream_has_another() {
        let of = |rule, position, created| alert(rule, &finding(position, created), Position(63)).unwrap();
        let first = of(&DIFFERS, Some(28), 1);
        assert_eq!((first.rule.as_str(), &*first.positions), ("stream-differs", &[Position(28)][..]));
        assert_eq!(of(&DIFFERS, Some(63), 1).alert, first.alert);
        assert_ne!(of(&DIFFERS, Some(28), 2).alert, first.alert);
        assert_ne!(of(&RECREATED, Some(28), 1).alert, first.alert);
    }

    #[test]
    fn an_alert_names_only_records_that_there_are() {
        for (position, wanted) in [(None, 0), (Some(63), 1), (Some(64), 0)] {
            let alert = alert(&DIFFERS, &finding(position, 1), Position(63)).unwrap();
            assert_eq!(alert.positions.len(), wanted, "{position:?}");
        }
    }
}
