//! An epoch: the time from one opening of the files to the next. A server mostly has one.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use super::later::LookingOver;
use super::on_demand::OnDemand;
use super::open::LAST_WITHIN;
use super::repair::Repair;
use super::signals::Signals;
use super::watchdog::Watchdog;
use super::{Opened, StartError};
use crate::config::Config;
use crate::follow::anchor::Anchors;
use crate::http::Counted;
use crate::react::detect::Rules;
use crate::{console, http};

/// Open files, what follows the log, and what callers are answered from.
pub(super) struct Epoch {
    pub opened: Opened,
    looking: LookingOver,
    on_demand: OnDemand,
    shutdown: CancellationToken,
}

/// Why an epoch ends.
pub(super) enum End {
    /// Serving failed.
    Served(Result<(), StartError>),
    /// A signal came.
    Told,
    /// The log is not what it should be.
    Refused(StartError),
    /// A write failed, and the disk is well again.
    Reopen,
}

/// What all epochs of a process share.
pub(super) struct Lasting<'c> {
    pub config: &'c Config,
    /// Read once: a rule that is broken later does not keep the files closed.
    pub rules: Arc<Rules>,
    pub counted: Counted,
    pub watchdog: Watchdog,
}

impl Epoch {
    /// Starts what follows the log.
    pub async fn begin(mut opened: Opened, lasting: &Lasting<'_>) -> Result<Self, StartError> {
        lasting.watchdog.watch(opened.vitals());
        match follow(&mut opened, lasting) {
            Ok(()) => {
                let (looking, on_demand) = (opened.look_over(), opened.on_demand());
                Ok(Self { opened, looking, on_demand, shutdown: CancellationToken::new() })
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
        let (opened, config) = (&self.opened, lasting.config);
        let options = http::Options {
            trusted_proxies: config.http.trusted_proxies.clone(),
            sse_clients: config.http.sse_clients,
            in_flight: config.http.in_flight,
            attempts_per_second: config.http.attempts_per_second,
            security_contact: config.http.security_contact.clone(),
            sealer: Some(Arc::clone(&opened.sealer)),
            anchors: opened.anchors.clone(),
            publisher: opened.publisher.clone(),
            mail: config.mail.host.is_some(),
            rules: opened.detector.as_ref().map(|detector| Arc::clone(detector.rules())),
            detector: opened.detector.clone(),
            deliveries: opened.deliveries.clone(),
            verified: Arc::clone(&opened.verified),
            counted: lasting.counted.clone(),
            shutdown: self.shutdown.clone(),
        };
        let api = http::router(Arc::clone(&opened.service), options);
        api.clone().merge(console::router(api, opened.clock()))
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
            tampered = self.on_demand.tampered() => {
                tracing::error!(why = %tampered, "ending: the log is not what was signed for");
                End::Refused(tampered)
            }
            tampered = self.looking.tampered() => {
                tracing::error!(why = %tampered, "ending: older records failed verification");
                End::Refused(tampered)
            }
            (anchor, why) = conflict(self.opened.anchors.as_deref()) => {
                tracing::error!(anchor, why, "ending: the log is not the one that is known elsewhere");
                End::Refused(StartError::Disowned { anchor, why })
            }
            () = repair.is_due(&self.opened, watchdog) => End::Reopen,
        }
    }

    /// Ends the streams: nobody else is kept waiting.
    pub fn end_streams(&self) {
        self.shutdown.cancel();
    }

    /// Ends what follows the log, and closes the files.
    pub async fn close(self) -> Result<(), StartError> {
        self.close_within(LAST_WITHIN).await
    }

    /// The same, where followers have so long for what they are at.
    pub async fn close_within(self, last: Duration) -> Result<(), StartError> {
        self.shutdown.cancel();
        self.opened.close_within(last).await
    }
}

fn follow(opened: &mut Opened, lasting: &Lasting<'_>) -> Result<(), StartError> {
    let config = lasting.config;
    opened.anchor(config)?;
    opened.react(config)?;
    opened.deliver(config)?;
    opened.detect(Arc::clone(&lasting.rules));
    opened.publish(config);
    Ok(())
}

/// Waits for an anchor that shows another log of ours; for ever where there is none.
async fn conflict(anchors: Option<&Anchors>) -> (String, String) {
    match anchors {
        Some(anchors) => anchors.conflict().await,
        None => std::future::pending().await,
    }
}

/// How serving went.
pub(super) fn outcome(ended: Result<io::Result<()>, JoinError>) -> Result<(), StartError> {
    ended.unwrap_or_else(|panic| Err(io::Error::other(panic))).map_err(StartError::Serve)
}
