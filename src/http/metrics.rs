//! What is measured: counted as it happens, told by `GET /metrics`.

use std::fmt::{Error, Write};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use mfa_ledger_ledger::service::{Answer, Failure, receipt};
use mfa_ledger_schemas::Instant;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::arriving::Arriving;
use super::proxies::Untrusted;

/// Upper bounds of the latency buckets, in seconds: from a read in memory to a queue of password hashes.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The measured things of one server.
pub(crate) struct Metrics {
    pub registry: Registry,
    pub started: Instant,
    requests: Family<RequestLabels, Counter>,
    latencies: Family<RouteLabels, Histogram, fn() -> Histogram>,
    commands: Family<CommandLabels, Counter>,
    unrecorded: Family<CauseLabels, Counter>,
    reopenings: Counter,
    pub untrusted: Untrusted,
}

/// What is counted over the life of a process, however often its files are reopened.
#[derive(Clone, Default)]
pub struct Counted(Arc<OnceLock<Arc<Metrics>>>);

impl Counted {
    /// From the first time on.
    pub(super) fn begin(&self, now: Instant, arriving: &Arriving) -> Arc<Metrics> {
        Arc::clone(self.0.get_or_init(|| Arc::new(Metrics::new(now, arriving))))
    }

    /// The files were reopened once more.
    pub fn reopened(&self) {
        if let Some(metrics) = self.0.get() {
            metrics.reopenings.inc();
        }
    }
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Counted")
    }
}

/// A request being measured.
pub(super) struct Timing {
    route: RouteLabels,
    since: tokio::time::Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Route,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: Route,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CommandLabels {
    action: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabels {
    cause: &'static str,
}

/// The route as it was registered: a shared text, so that counting allocates nothing.
#[derive(Clone, Debug)]
struct Route(Option<MatchedPath>);

impl Metrics {
    pub fn new(started: Instant, arriving: &Arriving) -> Self {
        let buckets: fn() -> Histogram = || Histogram::new(SECONDS);
        let metrics = Self {
            registry: Registry::default(),
            started,
            requests: Family::default(),
            latencies: Family::new_with_constructor(buckets),
            commands: Family::default(),
            unrecorded: Family::default(),
            reopenings: Counter::default(),
            untrusted: Untrusted::default(),
        };
        metrics.registered(arriving)
    }

    fn registered(mut self, arriving: &Arriving) -> Self {
        let registry = &mut self.registry;
        for (name, help, counter) in [
            (
                "mfa_ledger_connections_closed",
                "Connections that were closed at once, since there were too many",
                &arriving.closed,
            ),
            (
                "mfa_ledger_bodies_refused",
                "Requests that were refused while their bodies were on their way, since too many were",
                &arriving.crowded,
            ),
            ("mfa_ledger_bodies_late", "Requests whose bodies did not arrive in time", &arriving.late),
        ] {
            registry.register(name, help, counter.clone());
        }
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time until the head of the answer",
            self.latencies.clone(),
        );
        registry.register("mfa_ledger_commands", "Commands with a record", self.commands.clone());
        registry.register(
            "mfa_ledger_unrecorded_commands",
            "Commands that could not be decided or recorded",
            self.unrecorded.clone(),
        );
        registry.register(
            "mfa_ledger_reopenings",
            "Times that log and vault were reopened after a failed write",
            self.reopenings.clone(),
        );
        registry.register(
            "mfa_ledger_untrusted_forwarded_requests",
            "Requests with X-Forwarded-For from a peer that is not a trusted proxy",
            self.untrusted.requests.clone(),
        );
        self
    }

    pub(super) fn begin(request: &Request) -> Timing {
        let route = Route(request.extensions().get::<MatchedPath>().cloned());
        Timing {
            route: RouteLabels { method: method(request.method()), route },
            since: tokio::time::Instant::now(),
        }
    }

    pub(super) fn end(&self, timing: Timing, status: StatusCode) {
        self.latencies.get_or_create(&timing.route).observe(timing.since.elapsed().as_secs_f64());
        let RouteLabels { method, route } = timing.route;
        self.requests.get_or_create(&RequestLabels { method, route, status: status.as_u16() }).inc();
    }

    /// Counts a command; a repeated answer is no new one.
    pub(super) fn count_command<E>(&self, answer: &Result<Answer<E>, Failure>) {
        match answer.as_ref().map(receipt) {
            Ok(receipt) if receipt.replayed => {}
            Ok(receipt) => {
                let labels = CommandLabels { action: receipt.action, outcome: receipt.outcome.name() };
                self.commands.get_or_create(&labels).inc();
            }
            Err(failure) => {
                self.unrecorded.get_or_create(&CauseLabels { cause: cause(failure) }).inc();
            }
        }
    }
}

fn cause(failure: &Failure) -> &'static str {
    match failure {
        Failure::Unauthenticated => "unauthenticated",
        Failure::KeyReused => "key_reused",
        Failure::TooLarge => "too_large",
        Failure::ReadOnly(_) => "read_only",
        Failure::Busy => "busy",
        Failure::Vault(_) => "vault_unavailable",
        Failure::Unavailable(_) => "unavailable",
        Failure::Unknown(_) => "unknown",
    }
}

/// Whatever a caller may invent as a method, there are only so many series.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

impl Route {
    fn as_str(&self) -> &str {
        self.0.as_ref().map_or("unmatched", MatchedPath::as_str)
    }
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Route {}

impl Hash for Route {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl EncodeLabelValue for Route {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), Error> {
        encoder.write_str(self.as_str())
    }
}
