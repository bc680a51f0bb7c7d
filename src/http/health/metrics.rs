//! `GET /metrics`: counters and gauges in Prometheus' text format.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use mfa_ledger_api::log::AnchorState;
use mfa_ledger_projections::State as Fold;
use mfa_ledger_projections::notices::OWED_HOURS;
use mfa_ledger_schemas::{Instant, MfaStatus, Position};
use prometheus_client::encoding::text;

use super::anchors::anchors;
use super::storage::{is_writable, storage};
use crate::{App, Problem};

/// Counters and gauges in Prometheus' text format.
#[utoipa::path(
    get, path = "/metrics", tag = "health", security(()),
    responses((status = 200, description = "The numbers", body = String, content_type = "text/plain")),
)]
pub(crate) async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    let broken = |_| Problem::new("internal-error");
    let mut counted = String::new();
    text::encode_registry(&mut counted, &app.metrics.registry).map_err(broken)?;
    let mut page = prometheus(&counted).map_err(broken)?;
    let now = app.service.now();
    let people = app.service.peek(|state| People::of(state, now));
    // While the log cannot be read, the last folded record is the newest one that is known.
    let head = app.service.head().await.map_or(people.position, |head| head.0);
    gauges(&mut page, &app, head, &people).map_err(broken)?;
    published(&mut page, &app).await.map_err(broken)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page).into_response())
}

/// What is counted in the fold when somebody asks.
struct People {
    position: u64,
    sessions: usize,
    by_status: [(MfaStatus, usize); 3],
}

impl People {
    fn of(state: &Fold, now: Instant) -> Self {
        let mut by_status = [MfaStatus::NotEnabled, MfaStatus::Pending, MfaStatus::Enabled].map(|it| (it, 0));
        let mut sessions = 0;
        for administrator in state.directory.administrators() {
            let live = |id: &&_| state.directory.session(**id, now).is_some();
            sessions += administrator.sessions.iter().filter(live).count();
            let status = administrator.mfa.status(now);
            if let Some((_, count)) = by_status.iter_mut().find(|(known, _)| *known == status) {
                *count += usize::from(administrator.active);
            }
        }
        Self { position: state.position().0, sessions, by_status }
    }
}

fn gauges(page: &mut String, app: &App, head: u64, people: &People) -> std::fmt::Result {
    let mut gauge = |name: &str, help: &str, value: u64| {
        write!(page, "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n")
    };
    gauge("mfa_ledger_log_head", "Position of the newest record", head)?;
    gauge("mfa_ledger_projection_position", "Position up to which answers are true", people.position)?;
    let guard = app.service.guard();
    let read_only = guard.admit().is_err();
    let writable = is_writable(&app.service.log_health().writing) && !read_only;
    gauge("mfa_ledger_log_writable", "1 while records are taken", writable.into())?;
    gauge("mfa_ledger_read_only", "1 while nothing is recorded for want of room", read_only.into())?;
    gauge("mfa_ledger_disk_reserve_bytes", "Bytes to be kept free, 0 for no guard", guard.reserve())?;
    if let Some(free) = guard.free() {
        gauge("mfa_ledger_disk_free_bytes", "Bytes that are free on the disk of the data directory", free)?;
    }
    let (named, damaged) = (app.service.vault_entries() as u64, app.service.damaged_entries() as u64);
    gauge("mfa_ledger_vault_entries", "Vault entries that the log names", named)?;
    gauge("mfa_ledger_vault_damaged_entries", "Those of them that cannot be opened", damaged)?;
    gauge("mfa_ledger_sessions", "Sessions that stand", people.sessions as u64)?;
    let streams = app.options.sse_clients.saturating_sub(app.sse.available_permits());
    gauge("mfa_ledger_stream_clients", "Clients of the event stream", streams as u64)?;
    let started = u64::try_from(app.metrics.started.unix_seconds()).unwrap_or_default();
    gauge("process_start_time_seconds", "Start of the process, in seconds since 1970", started)?;
    if let Some(bytes) = resident_bytes() {
        gauge("process_resident_memory_bytes", "Memory of the process that is in RAM", bytes)?;
    }
    storage(page, app)?;
    let name = "mfa_ledger_administrators";
    write!(page, "# HELP {name} Active administrators by MFA status.\n# TYPE {name} gauge\n")?;
    for (status, count) in people.by_status {
        writeln!(page, "{name}{{mfa=\"{status}\"}} {count}")?;
    }
    owed(page, app)?;
    detection(page, app, head)?;
    sealed(page, app, head)?;
    notices(page, app)
}

/// What records owe the vault.
fn owed(page: &mut String, app: &App) -> std::fmt::Result {
    let owed = app.service.owed();
    let age_ms = owed.since.map_or(0, |since| app.service.now().unix_ms() - since.unix_ms());
    let numbers = [
        (
            "mfa_ledger_destructions_owed",
            "Vault entries that are to be destroyed and are still there",
            owed.entries as u64,
        ),
        (
            "mfa_ledger_destructions_owed_seconds",
            "How long the oldest of them is owed, in seconds",
            u64::try_from(age_ms / 1_000).unwrap_or_default(),
        ),
    ];
    for (name, help, value) in numbers {
        write!(page, "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n")?;
    }
    Ok(())
}

/// How far detection has come.
fn detection(page: &mut String, app: &App, head: u64) -> std::fmt::Result {
    let Some(detector) = &app.options.detector else { return Ok(()) };
    let position = detector.position().0;
    let numbers = [
        ("mfa_ledger_detection_position", "Position up to which rules were run", position),
        (
            "mfa_ledger_detection_lag_records",
            "Records that rules were not run on",
            head.saturating_sub(position),
        ),
        (
            "mfa_ledger_detection_stopped",
            "1 when no more alerts are raised",
            detector.stopped().is_some().into(),
        ),
        ("mfa_ledger_detection_windows", "Windows of rules that are kept in memory", detector.windows()),
        ("mfa_ledger_detection_rules", "Rules in force", detector.rules().all().len() as u64),
    ];
    for (name, help, value) in numbers {
        write!(page, "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n")?;
    }
    let (name, raised) = ("mfa_ledger_alerts_raised_total", detector.raised());
    write!(
        page,
        "# HELP {name} Alerts raised by rules over records since the start.\n# TYPE {name} counter\n{name} {raised}\n"
    )
}

/// Name, help, and the value of an anchor.
type Column = (&'static str, &'static str, fn(&AnchorState) -> u64);

/// How far the log is signed for, and how far others know it.
fn sealed(page: &mut String, app: &App, head: u64) -> std::fmt::Result {
    if let Some(sealer) = &app.options.sealer {
        let name = "mfa_ledger_checkpoint_position";
        let size = sealer.newest().signed.checkpoint.size;
        write!(
            page,
            "# HELP {name} Records that the newest checkpoint covers.\n# TYPE {name} gauge\n{name} {size}\n"
        )?;
    }
    let anchors = anchors(app, Position(head));
    let columns: [Column; 4] = [
        ("mfa_ledger_anchor_position", "Records that an anchor knows of", |it| it.position.0),
        ("mfa_ledger_anchor_lag_records", "Records that an anchor does not know of", |it| it.lag),
        ("mfa_ledger_anchor_failures", "Failures since the last success", |it| it.failures),
        (
            "mfa_ledger_anchor_disputed",
            "1 while an anchor disputes the log, or holds less than it held; found when the next checkpoint is put there",
            |it| it.disputed.into(),
        ),
    ];
    for (name, help, value) in columns.into_iter().filter(|_| !anchors.is_empty()) {
        write!(page, "# HELP {name} {help}.\n# TYPE {name} gauge\n")?;
        for anchor in &anchors {
            writeln!(page, "{name}{{anchor=\"{}\"}} {}", anchor.name, value(anchor))?;
        }
    }
    delivered(page, app, head)
}

/// How deliveries fare, all endpoints together.
fn delivered(page: &mut String, app: &App, head: u64) -> std::fmt::Result {
    let Some(deliveries) = &app.options.deliveries else { return Ok(()) };
    let endpoints = deliveries.states();
    let most = endpoints.iter().map(|it| head.saturating_sub(it.cursor.0)).max().unwrap_or(0);
    let failing = endpoints.iter().filter(|it| it.failing_since.is_some()).count();
    let waiting: usize = endpoints.iter().map(|it| it.waiting).sum();
    let gauges = [
        ("mfa_ledger_webhooks", "Endpoints that events are delivered to", endpoints.len() as u64),
        ("mfa_ledger_webhooks_failing", "Those that have taken nothing since a failure", failing as u64),
        ("mfa_ledger_webhook_waiting_records", "Records that wait to be delivered", waiting as u64),
        ("mfa_ledger_webhook_lag_records", "Records of the log not looked through for some endpoint", most),
    ];
    for (name, help, value) in gauges {
        write!(page, "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n")?;
    }
    let (delivered, failed) = deliveries.attempts_made();
    let name = "mfa_ledger_webhook_attempts_total";
    write!(page, "# HELP {name} Attempts to deliver a record.\n# TYPE {name} counter\n")?;
    writeln!(page, "{name}{{outcome=\"delivered\"}} {delivered}")?;
    writeln!(page, "{name}{{outcome=\"failed\"}} {failed}")
}

/// How far NATS has the log; nothing where no server is named.
async fn published(page: &mut String, app: &App) -> std::fmt::Result {
    let Some(publisher) = &app.options.publisher else { return Ok(()) };
    let state = publisher.state();
    let lag = publisher.lag().await;
    let mut gauge = |name: &str, help: &str, value: String| {
        write!(page, "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n")
    };
    let flag = |it: bool| u8::from(it).to_string();
    gauge(
        "mfa_ledger_nats_position",
        "Newest record that is known to be on the stream",
        state.position.to_string(),
    )?;
    gauge(
        "mfa_ledger_nats_verified_position",
        "Position up to which every message of the stream was compared with the log",
        state.verified.to_string(),
    )?;
    gauge(
        "mfa_ledger_nats_stream_differs",
        "1 while publishing has stopped because the stream differs from the log",
        flag(state.differs.is_some()),
    )?;
    gauge(
        "mfa_ledger_nats_stream_recreated",
        "1 when the stream was deleted and created again since the start",
        flag(state.recreated.is_some()),
    )?;
    gauge(
        "mfa_ledger_nats_checkpoint",
        "Records of the newest published checkpoint",
        state.checkpoint.to_string(),
    )?;
    // Nothing is better than a number where the log does not tell.
    if let Some(lag) = lag {
        let seconds = format!("{}.{:03}", lag.age_ms / 1_000, lag.age_ms % 1_000);
        gauge("mfa_ledger_nats_lag_records", "Records that are not on the stream", lag.records.to_string())?;
        gauge("mfa_ledger_nats_lag_seconds", "Age of the oldest record that is not on the stream", seconds)?;
    }
    gauge(
        "mfa_ledger_nats_connected",
        "1 while there is a connection, and its streams are what they must be",
        flag(state.connected),
    )?;
    gauge(
        "mfa_ledger_nats_stopped",
        "1 while the stream is not what it must be",
        flag(state.stopped.is_some()),
    )
}

/// What people are told by mail; nothing where there is no mail.
fn notices(page: &mut String, app: &App) -> std::fmt::Result {
    if !app.options.mail {
        return Ok(());
    }
    let oldest = app.service.now().plus_hours(-OWED_HOURS);
    let (owed, counts) = app.service.peek(|state| {
        let it = &state.notices;
        let owed = it.owed_after(Position::default()).filter(|owed| owed.at >= oldest).count();
        (owed, [("sent", it.sent()), ("failed", it.failed())])
    });
    let name = "mfa_ledger_notices_owed";
    write!(page, "# HELP {name} Notices that wait to be sent.\n# TYPE {name} gauge\n{name} {owed}\n")?;
    for (what, count) in counts {
        let name = format!("mfa_ledger_notices_{what}_total");
        write!(
            page,
            "# HELP {name} Notices {what}, over the whole log.\n# TYPE {name} counter\n{name} {count}\n"
        )?;
    }
    Ok(())
}

/// `OpenMetrics` to Prometheus' older text format, which every scraper and checker reads: there the family
/// of a counter carries its samples' `_total`.
fn prometheus(openmetrics: &str) -> Result<String, std::fmt::Error> {
    let counters: Vec<&str> = openmetrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter"))
        .collect();
    let mut page = String::with_capacity(openmetrics.len() + 1_024);
    for line in openmetrics.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some(kind), Some(name), Some(rest)) if counters.contains(&name) => {
                writeln!(page, "# {kind} {name}_total {rest}")?;
            }
            _ => writeln!(page, "{line}")?,
        }
    }
    Ok(page)
}

/// `VmRSS` as Linux tells it; none elsewhere.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    kib.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_of_counters_are_named_like_their_samples() {
        let text =
            "# HELP a Help me.\n# TYPE a counter\na_total{x=\"1\"} 5\n# HELP b B.\n# TYPE b histogram\n";
        let wanted = "# HELP a_total Help me.\n# TYPE a_total counter\na_total{x=\"1\"} 5\n# HELP b B.\n# TYPE b histogram\n";
        assert_eq!(prometheus(text).as_deref(), Ok(wanted));
    }
}
