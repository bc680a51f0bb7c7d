//! Publishing to NATS, as the configuration says.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::config::{Config, Secret};
use crate::data_dir::Opened;
use crate::follow::publish::{Access, Publisher, Setup, SignIn, Streams};
use crate::react::stream;
use crate::service::Service;

/// The server of the configuration, and how it is spoken to; none where it names no server.
pub fn nats_access(config: &Config) -> Option<Access> {
    let nats = &config.nats;
    if nats.urls.is_empty() {
        return None;
    }
    let word = |secret: &Secret| Zeroizing::new(secret.expose().to_owned());
    let sign_in = match (&nats.credentials_file, &nats.nkey_file, &nats.user, &nats.password) {
        (Some(file), ..) => SignIn::Credentials(file.clone()),
        (_, Some(file), ..) => SignIn::NKey(file.clone()),
        (.., Some(user), Some(password)) => SignIn::Password { user: word(user), password: word(password) },
        _ => SignIn::Open,
    };
    let certificate = nats.client_certificate_file.clone().zip(nats.client_key_file.clone());
    Some(Access { urls: nats.urls.clone(), sign_in, ca_file: nats.ca_file.clone(), certificate })
}

/// Begins to publish, where a server is named.
pub(super) fn start(config: &Config, opened: &Opened) -> Option<Publisher> {
    let (nats, means) = (&config.nats, opened.means());
    let streams = Streams {
        events: nats.events_stream.clone(),
        checkpoints: nats.checkpoints_stream.clone(),
        create: nats.create_stream,
        replicas: nats.replicas,
    };
    Some(Publisher::start(Setup {
        access: nats_access(config)?,
        streams,
        window: nats.window,
        ledger: opened.ledger(),
        log: opened.log(),
        sealed: opened.sealer.watch(),
        clock: means.clock,
        chance: means.chance,
    }))
}

/// What raises alerts about the stream.
pub(super) struct Watching {
    ending: CancellationToken,
    task: JoinHandle<()>,
}

impl Watching {
    /// Begins.
    pub fn start(service: &Arc<Service>, publisher: &Publisher) -> Self {
        let ending = CancellationToken::new();
        let task = tokio::spawn(stream::watch(Arc::clone(service), publisher.watch(), ending.clone()));
        Self { ending, task }
    }

    /// Ends with what is being recorded.
    pub async fn close(self) {
        self.ending.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the watch on the stream did not end well");
        }
    }
}
