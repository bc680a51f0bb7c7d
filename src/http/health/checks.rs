//! The checks behind `GET /readyz`: what commands need, and what follows the log.

use std::borrow::Cow;

use mfa_ledger_api::health::{Check, Status};
use mfa_ledger_base::vitals::{Since, Underway};
use mfa_ledger_ledger::follow::publish::{PublishState, Publisher};
use mfa_ledger_ledger::follow::verified::Occasion;
use mfa_ledger_projections::notices::OWED_HOURS;
use mfa_ledger_react::deliver::Deliveries;
use mfa_ledger_schemas::{Instant, Position};

use crate::App;

/// Records that the projection, or NATS, may be behind the log before that is told.
const LAG_RECORDS: u64 = 1_000;

/// Minutes that a notice may be owed before that is told.
const OWED_MINUTES: i64 = 5;

use Status::{Degraded, Ready, Unavailable};

/// What a server says of itself while it reopens its files.
pub(super) fn reopening() -> Check {
    Check::new("server", (Unavailable, "a write has failed; the files are being reopened"))
}

/// All of them.
pub(super) fn checks(app: &App, position: Position, head: Option<Position>) -> Vec<Check> {
    let mut checks = vec![
        log(app, head),
        vault(app),
        disk(app),
        projection(app, position, head),
        secrets(app),
        callers(app),
    ];
    checks.extend(reading_copy(app));
    checks.extend(checkpoints(app, head));
    checks.extend(anchors(app, head));
    checks.extend(nats(app, head));
    checks.extend(detection(app, head));
    checks.extend(mail(app));
    checks.extend(webhooks(app));
    checks.extend(vault_entries(app));
    checks
}

/// A moment of the monotonic clock by the clock of the service.
fn moment(app: &App, since: Since) -> Instant {
    let ago = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
    Instant::from_unix_ms(app.service.now().unix_ms().saturating_sub(ago))
}

fn hangs(underway: Underway) -> (Status, Cow<'static, str>) {
    let (what, seconds) = (underway.what, underway.since.elapsed().as_secs());
    (Unavailable, format!("{what} has not returned for {seconds} s: nothing is recorded").into())
}

fn behind(head: Option<Position>, position: u64) -> u64 {
    head.map_or(0, |head| head.0.saturating_sub(position))
}

/// When the record after a position was made, if there is one.
fn made(app: &App, position: u64) -> Option<Instant> {
    app.service.peek(|state| state.activity.at(Position(position.saturating_add(1))).map(|entry| entry.at))
}

fn log(app: &App, head: Option<Position>) -> Check {
    let writing = app.service.log_health().writing;
    let hanging = writing.hanging();
    let since = writing.broken.as_ref().map(|it| it.since).or(hanging.map(|it| it.since));
    let told = match (writing.broken, hanging, head) {
        (Some(_), ..) => (Unavailable, "takes no records until it is reopened".into()),
        (None, Some(underway), _) => hangs(underway),
        (None, None, None) => (Unavailable, "cannot be read".into()),
        (None, None, Some(_)) if is_looked_over(app) => (Ready, "takes records".into()),
        (None, None, Some(_)) => (Ready, "takes records; older records are being re-verified".into()),
    };
    Check::new("log", told).since(since.map(|since| moment(app, since)))
}

fn is_looked_over(app: &App) -> bool {
    let running = app.options.verified.known().running;
    running.is_none_or(|running| running.occasion != Occasion::LookedOver)
}

fn vault(app: &App) -> Check {
    let writing = app.service.vault_condition();
    let hanging = writing.hanging();
    let since = writing.broken.as_ref().map(|it| it.since).or(hanging.map(|it| it.since));
    let told = match (writing.broken, hanging) {
        (Some(_), _) => (Unavailable, "cannot be written until it is reopened: nothing is recorded".into()),
        (None, Some(underway)) => hangs(underway),
        (None, None) => (Ready, "can be written".into()),
    };
    Check::new("vault", told).since(since.map(|since| moment(app, since)))
}

/// Whether secrets that records ended are destroyed.
fn secrets(app: &App) -> Check {
    let owed = app.service.owed();
    let told = if owed.is_late(app.service.now()) {
        (Degraded, "some that were to be destroyed are still there")
    } else {
        (Ready, "are destroyed when their time has come")
    };
    Check::new("secrets", told).since(owed.since).behind(owed.entries as u64)
}

/// Whether somebody who asks now is answered.
fn callers(app: &App) -> Check {
    let told = if app.in_flight.available_permits() == 0 {
        (Degraded, "as many requests as may be are in flight: more are answered 503")
    } else if app.options.arriving.bodies.are_gone() {
        (Degraded, "as many bodies as may be are on their way: more are answered 503")
    } else {
        (Ready, "are answered")
    };
    Check::new("callers", told)
}

/// `None` where the log has none.
fn reading_copy(app: &App) -> Option<Check> {
    let copy = app.service.log_health().copy?;
    let told = match copy.damaged {
        Some(_) => (Degraded, "is damaged: the journal is read in its place, and the next start rebuilds it"),
        None => (Ready, "can be read"),
    };
    let since = copy.damaged.map(|since| moment(app, since));
    Some(Check::new("reading_copy", told).since(since).behind(copy.behind))
}

fn disk(app: &App) -> Check {
    let guard = app.service.guard();
    let told = match guard.admit() {
        Err(_) => (Unavailable, "has too little room: nothing is recorded"),
        Ok(()) if guard.reserve() == 0 => (Ready, "is not watched"),
        Ok(()) => (Ready, "has room"),
    };
    Check::new("disk", told).since(guard.closed_since().map(|since| moment(app, since)))
}

/// `None` without a sealer.
fn checkpoints(app: &App, head: Option<Position>) -> Option<Check> {
    let sealer = app.options.sealer.as_deref()?;
    let size = sealer.newest().signed.checkpoint.size;
    let told = match sealer.failing() {
        Some(_) => (Degraded, "cannot be made; records are taken all the same"),
        None => (Ready, "follow the log"),
    };
    Some(Check::new("checkpoints", told).since(made(app, size)).behind(behind(head, size)))
}

fn projection(app: &App, position: Position, head: Option<Position>) -> Check {
    let behind = behind(head, position.0);
    let told = if app.service.projection_stopped().is_some() {
        (Unavailable, "has stopped")
    } else if behind > LAG_RECORDS {
        (Degraded, "is behind the log")
    } else {
        (Ready, "keeps up with the log")
    };
    let stopped = app.service.projection_stopped_at().map(|since| moment(app, since));
    Check::new("projection", told).since(stopped).behind(behind)
}

/// `None` where there are none.
fn anchors(app: &App, head: Option<Position>) -> Option<Check> {
    let anchors = app.options.anchors.as_deref()?;
    let targets = Some(anchors.states()).filter(|it| !it.is_empty())?;
    let now = app.service.now().unix_ms();
    let told = if targets.iter().any(|state| state.holds_less) {
        (Degraded, "one of them was emptied, or put back to an earlier state")
    } else if targets.iter().any(|state| state.disputed || state.conflict.is_some()) {
        (Degraded, "one of them says that this is not the log that it knows")
    } else if targets.iter().any(|state| state.is_degraded(now)) {
        (Degraded, "one of them does not take checkpoints")
    } else if anchors.unremembered().is_some() {
        (Degraded, "what they hold cannot be remembered")
    } else {
        (Ready, "take checkpoints")
    };
    let since = targets.iter().filter_map(|state| state.failing_since).min().map(Instant::from_unix_ms);
    let head = head.unwrap_or_default().0;
    let behind = targets.iter().map(|state| state.lag(head)).max().unwrap_or(0);
    Some(Check::new("anchors", told).since(since).behind(behind))
}

/// `None` where no server is named.
fn nats(app: &App, head: Option<Position>) -> Option<Check> {
    let state = app.options.publisher.as_deref().map(Publisher::state)?;
    let PublishState { position, failing, .. } = state;
    let behind = behind(head, position);
    let told = match state {
        state if state.differs.is_some() => {
            (Degraded, "publishing has stopped: the stream differs from the log")
        }
        state if state.stopped.is_some() => {
            (Degraded, "publishing has stopped: the stream is not what it must be")
        }
        state if !state.connected => (Degraded, "is not reached: what is recorded is published later"),
        state if state.failure.is_some() => {
            (Degraded, "does not take what is published: it is published later")
        }
        _ if behind > LAG_RECORDS => (Degraded, "is behind the log"),
        state if state.checkpoint_failure.is_some() => {
            (Degraded, "has the events, but does not take checkpoints")
        }
        state if state.recreated.is_some() => {
            (Degraded, "keeps up with the log; its stream was deleted and created again since the start")
        }
        _ => (Ready, "keeps up with the log"),
    };
    let since = failing.map(|since| moment(app, since)).or_else(|| made(app, position));
    Some(Check::new("nats", told).since(since).behind(behind))
}

/// `None` where there is no mail.
fn mail(app: &App) -> Option<Check> {
    if !app.options.mail {
        return None;
    }
    let now = app.service.now();
    let (late, oldest) = (now.plus_minutes(-OWED_MINUTES), now.plus_hours(-OWED_HOURS));
    let (first, owed) = app.service.peek(|state| {
        let mut owed = state.notices.owed_after(Position::default()).filter(|owed| owed.at >= oldest);
        let first = owed.next().map(|owed| owed.at);
        (first, u64::from(first.is_some()) + owed.count() as u64)
    });
    let is_late = first.is_some_and(|at| at < late);
    let told = if is_late { (Degraded, "does not go out") } else { (Ready, "goes out") };
    Some(Check::new("mail", told).since(first).behind(owed))
}

/// `None` where no alerts are raised.
fn detection(app: &App, head: Option<Position>) -> Option<Check> {
    let detector = app.options.detector.as_deref()?;
    let position = detector.position().0;
    let behind = behind(head, position);
    let stopped = detector.stopped().map(|(_, since)| since);
    let stuck = detector.stuck();
    let told = if stopped.is_some() {
        (Degraded, "has stopped: no alerts until the next start")
    } else if stuck.is_some() {
        (Degraded, "cannot record an alert")
    } else if behind > LAG_RECORDS {
        (Degraded, "is behind the log")
    } else {
        (Ready, "keeps up with the log")
    };
    let since = stopped.or(stuck).map(|since| moment(app, since)).or_else(|| made(app, position));
    Some(Check::new("detection", told).since(since).behind(behind))
}

/// `None` where there are none.
fn webhooks(app: &App) -> Option<Check> {
    let endpoints = app.options.deliveries.as_deref().map(Deliveries::states).filter(|it| !it.is_empty())?;
    let now = app.service.now().unix_ms();
    let told = if endpoints.iter().any(|state| state.unsaved.is_some()) {
        (Degraded, "what was delivered cannot be put on the disk: some of it would go out again")
    } else if endpoints.iter().any(|state| state.is_degraded(now)) {
        (Degraded, "one of them takes nothing")
    } else {
        (Ready, "take what is delivered")
    };
    let since = endpoints.iter().filter_map(|state| state.failing_since).min().map(Instant::from_unix_ms);
    let waiting: usize = endpoints.iter().map(|state| state.waiting).sum();
    Some(Check::new("webhooks", told).since(since).behind(waiting as u64))
}

/// `None` while every entry that the log names can be opened, as far as is known.
fn vault_entries(app: &App) -> Option<Check> {
    let damaged = app.service.damaged_entries();
    let told =
        (Degraded, "some of its entries cannot be opened: see doctor and mfa_ledger_vault_damaged_entries");
    (damaged > 0).then(|| Check::new("vault_entries", told).behind(damaged as u64))
}
