//! The HTTP API: parse, call the service, answer.
//!
//! The folder of an endpoint is the beginning of its path without ids: `administrators/mfa/` for
//! `/v1/administrators/{id}/mfa/reset`. Its file is named after the last word of the path, or after what it does (`create`,
//! `revoke_sessions`), and begins with method and path. A few lie with what they are about: `/v1/permissions` in `roles`,
//! `/readyz` in `health`, `/checkpoint` in `log`.
//!
//! Nothing is decided here: rights and rules are the service's. 401 comes before 400, problems are
//! RFC 9457, every answer of a command names its record.

mod activity;
mod administrators;
mod alerts;
mod arriving;
mod asyncapi;
mod body;
mod cursor;
mod diff;
mod docs;
mod explain;
mod health;
pub mod idle;
mod layers;
mod limit;
mod list;
mod list_query;
mod listen;
mod log;
mod me;
mod meta;
mod metrics;
mod no_query;
mod nulls;
mod openapi;
mod overview;
mod past;
mod path;
mod problem;
mod problems;
mod proxies;
mod query;
mod receipt;
mod reopening;
mod reset_requests;
mod resets;
mod roles;
mod rules;
mod security_txt;
mod service_accounts;
mod session;
mod settings;
mod shares;
mod shown;
mod signed;
mod silences;
mod this_was_not_me;
mod verify;
mod webhooks;

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use mfa_ledger_ledger::follow::anchor::Anchors;
use mfa_ledger_ledger::follow::publish::Publisher;
use mfa_ledger_ledger::follow::seal::Sealer;
use mfa_ledger_ledger::follow::verified::Verified;
use mfa_ledger_ledger::service::Service;
use mfa_ledger_react::deliver::Deliveries;
use mfa_ledger_react::detect::{Detector, Rules};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

use idle::Idle;

pub use arriving::{Arriving, BODIES, BODIES_PER_ADDRESS, BODY_WITHIN, CONNECTIONS, CONNECTIONS_PER_ADDRESS};
pub use asyncapi::events_document;
pub(crate) use body::{Body, Nothing, OptionalBody};
pub(crate) use list_query::ListQuery;
pub use listen::{Front, listen};
pub(crate) use meta::Meta;
pub use metrics::Counted;
pub use openapi::document;
pub(crate) use path::PathId;
pub(crate) use problem::Problem;
pub(crate) use query::Params;
pub use reopening::reopening;
pub(crate) use shown::Shown;
pub(crate) use signed::Signed;

/// The commands that the command line makes from the same bodies.
pub mod commands {
    pub use crate::administrators::create::into_command as register;
    pub use crate::administrators::mfa::reset::into_command as reset;
}

/// Longest request body, in bytes.
pub const BODY_BYTES: usize = 64 * 1024;

/// Back-tests at the same time; more are answered 503.
const BACKTESTS: usize = 1;

/// How the API is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Proxies whose `X-Forwarded-For` is believed, as far as its last entry goes.
    pub trusted_proxies: Vec<IpAddr>,
    /// Most clients of the event stream at once.
    pub sse_clients: usize,
    /// Most requests in flight at once; more are answered 503.
    pub in_flight: usize,
    /// Where browsers find the console, such as `https://mfa.example.org`, when a proxy says another host.
    pub public_origin: Option<String>,
    /// Bodies on their way to the listening socket.
    pub arriving: Arc<Arriving>,
    /// Log-ins and second factors a second from one address, after a burst of ten times as many;
    /// 0 for no limit.
    pub attempts_per_second: u32,
    /// Where to report a vulnerability: a `mailto:` or `https:` URI for `/.well-known/security.txt`,
    /// which is not there without one.
    pub security_contact: Option<String>,
    /// Where checkpoints and proofs come from; without it there are none.
    pub sealer: Option<Arc<Sealer>>,
    /// Where checkpoints are put besides, and how that goes.
    pub anchors: Option<Arc<Anchors>>,
    /// What publishes to NATS, and how that goes.
    pub publisher: Option<Arc<Publisher>>,
    /// Whether people are told by mail.
    pub mail: bool,
    /// The rules in force; without them there are none to show or to try.
    pub rules: Option<Arc<Rules>>,
    /// What raises alerts by them, and how that goes.
    pub detector: Option<Arc<Detector>>,
    /// What is delivered to webhooks; without it, nothing is.
    pub deliveries: Option<Arc<Deliveries>>,
    /// What of the log was verified, and where more of that is asked for.
    pub verified: Arc<Verified>,
    /// When sessions were last used, also before the files were reopened.
    pub idle: Arc<Idle>,
    /// What is counted, also before the files were reopened.
    pub counted: Counted,
    /// Ends streams when the server shuts down.
    pub shutdown: CancellationToken,
}

impl Options {
    /// Clients of the event stream, unless something else is configured.
    pub const SSE_CLIENTS: usize = 256;
    /// Requests in flight, likewise.
    pub const IN_FLIGHT: usize = 1_024;
    /// Attempts a second from one address, likewise.
    pub const ATTEMPTS_PER_SECOND: u32 = 20;
    /// Minutes without a request that end a session, likewise.
    pub const SESSION_IDLE_MINUTES: u16 = 60;
}

impl Default for Options {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            sse_clients: Self::SSE_CLIENTS,
            in_flight: Self::IN_FLIGHT,
            public_origin: None,
            arriving: Arc::default(),
            attempts_per_second: Self::ATTEMPTS_PER_SECOND,
            security_contact: None,
            sealer: None,
            anchors: None,
            publisher: None,
            mail: false,
            rules: None,
            detector: None,
            deliveries: None,
            verified: Arc::default(),
            idle: Arc::default(),
            counted: Counted::default(),
            shutdown: CancellationToken::new(),
        }
    }
}

/// What every endpoint is given. One pointer: it is cloned several times for each request.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub service: Arc<Service>,
    pub options: Options,
    pub limiter: limit::Limiter,
    /// Places for requests in flight.
    pub in_flight: Semaphore,
    /// Places for clients of the event stream.
    pub sse: Arc<Semaphore>,
    /// Places for back-tests: they take a processor for a while.
    pub backtests: Arc<Semaphore>,
    pub metrics: Arc<metrics::Metrics>,
    /// Entries of the activity log that were asked for.
    pub entries: activity::kept::KeptEntries,
    /// Pages of the activity log that were asked for.
    pub pages: activity::again::KeptPages,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The whole API.
pub fn router(service: Arc<Service>, options: Options) -> Router {
    let app = App(Arc::new(Parts {
        limiter: limit::Limiter::new(options.attempts_per_second),
        in_flight: Semaphore::new(options.in_flight),
        sse: Arc::new(Semaphore::new(options.sse_clients)),
        backtests: Arc::new(Semaphore::new(BACKTESTS)),
        metrics: options.counted.begin(service.now(), &options.arriving),
        entries: activity::kept::none(),
        pages: activity::again::none(),
        options,
        service,
    }));
    let (router, document) = routes().split_for_parts();
    let router = router
        .merge(problems::router())
        .merge(log::tiles())
        .merge(this_was_not_me::router())
        .merge(openapi::router(document))
        .merge(asyncapi::router())
        .merge(docs::router());
    layers::around(router, &app).with_state(app)
}

/// The routes that the OpenAPI document describes. Pages, tiles and the documents themselves are merged in [`router`].
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(session::routes())
        .merge(me::routes())
        .merge(overview::routes())
        .merge(administrators::routes())
        .merge(reset_requests::routes())
        .merge(alerts::routes())
        .merge(silences::routes())
        .merge(rules::routes())
        .merge(resets::routes())
        .merge(activity::routes())
        .merge(diff::routes())
        .merge(explain::routes())
        .merge(log::routes())
        .merge(roles::routes())
        .merge(settings::routes())
        .merge(service_accounts::routes())
        .merge(webhooks::routes())
        .merge(verify::routes())
        .merge(health::routes())
        .merge(security_txt::routes())
}
