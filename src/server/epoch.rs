//! An epoch: the time from one opening of the files to the next. A server mostly has one.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use super::ServeError;
use super::followers::{Followers, LAST_WITHIN};
use super::reopen::Repair;
use super::signals::Signals;
use super::watchdog::Watchdog;
use crate::config::{Config, origin};
use crate::data_dir::{Background, OnDemand, Opened, StartError};
use crate::http::idle::Idle;
use crate::http::{Arriving, Counted};
use crate::react::detect::Rules;
use crate::{console, http};

/// Open files, what follows the log, and what callers are answered from.
pub(super) struct Epoch {
    pub opened: Opened,
    followers: Followers,
    background: Background,
    on_demand: OnDemand,
    shutdown: CancellationToken,
}

/// Why an epoch ends.
pub(super) enum End {
    /// Serving failed.
    Served(Result<(), ServeError>),
    /// A signal came.
    Told,
    /// The log is not what it should be.
    Refused(ServeError),
    /// A write failed, and the disk is well again.
    Reopen,
}

/// What all epochs of a process share.
pub(super) struct Lasting<'c> {
    pub config: &'c Config,
    /// Read once: a rule that is broken later does not keep the files closed.
    pub rules: Arc<Rules>,
    pub counted: Counted,
    pub idle: Arc<Idle>,
    pub arriving: Arc<Arriving>,
    pub watchdog: Watchdog,
}

impl Epoch {
    /// Starts what follows the log.
    pub async fn begin(mut opened: Opened, lasting: &Lasting<'_>) -> Result<Self, ServeError> {
        lasting.watchdog.watch(opened.vitals());
        match Followers::start(lasting.config, &opened, &lasting.rules).await {
            Ok(followers) => {
                let (background, on_demand) = (opened.look_over(), opened.on_demand());
                Ok(Self { opened, followers, background, on_demand, shutdown: CancellationToken::new() })
            }
            Err(error) => {
                // Why nothing starts matters more than how the log closed.
                let _unheard = opened.close().await;
                Err(error)
            }
        }
    }

    /// API and console on these files.
    pub fn app(&self, lasting: &Lasting<'_>) -> Router {
        let (opened, followers, config) = (&self.opened, &self.followers, lasting.config);
        let public_origin = config.http.public_url.as_deref().and_then(origin);
        let options = http::Options {
            trusted_proxies: config.http.trusted_proxies.clone(),
            sse_clients: config.http.sse_clients,
            in_flight: config.http.in_flight,
            public_origin: public_origin.clone(),
            arriving: Arc::clone(&lasting.arriving),
            attempts_per_second: config.http.attempts_per_second,
            security_contact: config.http.security_contact.clone(),
            sealer: Some(Arc::clone(&opened.sealer)),
            anchors: Some(Arc::clone(&followers.anchors)),
            publisher: followers.publisher.clone(),
            mail: config.mail.host.is_some(),
            rules: Some(Arc::clone(followers.detector.rules())),
            detector: Some(Arc::clone(&followers.detector)),
            deliveries: Some(Arc::clone(&followers.deliveries)),
            verified: Arc::clone(&opened.verified),
            counted: lasting.counted.clone(),
            idle: Arc::clone(&lasting.idle),
            shutdown: self.shutdown.clone(),
        };
        let api = http::router(Arc::clone(&opened.service), options);
        api.clone().merge(console::router(api, opened.clock(), public_origin.as_deref()))
    }

    /// Waits until it has to end.
    pub async fn until_ended(
        &mut self,
        signals: &mut Signals,
        server: &mut JoinHandle<io::Result<()>>,
        repair: &Repair,
        watchdog: &Watchdog,
    ) -> End {
        tokio::select! {
            ended = server => End::Served(outcome(ended)),
            name = signals.next() => {
                tracing::info!(signal = name, "ending: no new callers");
                End::Told
            }
            found = self.on_demand.tampered() => {
                let tampered = refusal(found);
                tracing::error!(why = %tampered, "ending: the log is not what was signed for");
                End::Refused(tampered)
            }
            found = self.background.tampered() => {
                let tampered = refusal(found);
                tracing::error!(why = %tampered, "ending: older records failed verification");
                End::Refused(tampered)
            }
            (anchor, why) = self.followers.anchors.conflict() => {
                tracing::error!(anchor, why, "ending: the log is not the one that is known elsewhere");
                End::Refused(StartError::Disowned { anchor, why }.into())
            }
            () = repair.is_due(&self.opened, watchdog) => End::Reopen,
        }
    }

    /// Ends the streams: nobody else is kept waiting.
    pub fn end_streams(&self) {
        self.shutdown.cancel();
    }

    /// Ends what follows the log, and closes the files.
    pub async fn close(self) -> Result<(), ServeError> {
        self.close_within(LAST_WITHIN).await
    }

    /// The same, where followers have so long for what they are at.
    pub async fn close_within(self, last: Duration) -> Result<(), ServeError> {
        self.shutdown.cancel();
        // The process does not wait for what is not at its end.
        self.opened.verified.end();
        self.followers.close(self.opened, last).await
    }
}

/// What a verification has found, or why it did not end well.
fn refusal(found: Result<StartError, JoinError>) -> ServeError {
    found.map_or_else(|panic| ServeError::Serve(io::Error::other(panic)), ServeError::DataDir)
}

/// How serving went.
pub(super) fn outcome(ended: Result<io::Result<()>, JoinError>) -> Result<(), ServeError> {
    ended.unwrap_or_else(|panic| Err(io::Error::other(panic))).map_err(ServeError::Serve)
}
