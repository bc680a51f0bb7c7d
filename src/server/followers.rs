//! What follows the log while it is served.

use std::sync::Arc;
use std::time::Duration;

use super::notices::{self, Reacting};
use super::publishing::{self, Watching};
use super::{ServeError, anchoring, webhooks};
use crate::config::Config;
use crate::data_dir::Opened;
use crate::follow::anchor::Anchors;
use crate::follow::publish::Publisher;
use crate::react::deliver::Deliveries;
use crate::react::detect::{Detector, Rules};

/// How long each of them may take to finish, when the server ends.
pub(super) const LAST_WITHIN: Duration = Duration::from_secs(5);

/// All of them.
pub(super) struct Followers {
    /// Puts checkpoints to anchors and witnesses.
    pub anchors: Arc<Anchors>,
    /// Publishes to NATS, where a server is named.
    pub publisher: Option<Arc<Publisher>>,
    /// Raises alerts by the rules.
    pub detector: Arc<Detector>,
    /// Delivers to webhooks.
    pub deliveries: Arc<Deliveries>,
    reacting: Reacting,
    watching: Option<Watching>,
}

impl Followers {
    /// Starts them.
    pub async fn start(config: &Config, opened: &Opened, rules: &Arc<Rules>) -> Result<Self, ServeError> {
        let anchors = anchoring::start(config, opened)?;
        let told = notices::start(config, &opened.service)
            .and_then(|reacting| Ok((reacting, webhooks::start(config, opened)?)));
        let (reacting, deliveries) = match told {
            Ok(told) => told,
            Err(error) => {
                anchors.close(LAST_WITHIN).await;
                return Err(error);
            }
        };
        let detector = Detector::start(Arc::clone(&opened.service), Arc::clone(rules));
        let publisher = publishing::start(config, opened);
        let watching = publisher.as_ref().map(|it| Watching::start(&opened.service, it));
        Ok(Self {
            anchors: Arc::new(anchors),
            publisher: publisher.map(Arc::new),
            detector: Arc::new(detector),
            deliveries: Arc::new(deliveries),
            reacting,
            watching,
        })
    }

    /// Ends those that may have something to record, and closes the files. The anchors and NATS get what was signed last.
    pub async fn close(self, opened: Opened, within: Duration) -> Result<(), ServeError> {
        if let Some(watching) = self.watching {
            watching.close().await;
        }
        self.detector.close().await;
        self.deliveries.close(within).await;
        self.reacting.close(within).await;
        let (anchors, publisher) = (&self.anchors, self.publisher.as_deref());
        let passed_on = async {
            let nats = async {
                if let Some(publisher) = publisher {
                    publisher.close(within).await;
                }
            };
            tokio::join!(anchors.close(within), nats);
        };
        Ok(opened.close_after(passed_on).await?)
    }
}
