//! The server loop in this process, on a disk that the test chooses.

use std::time::Duration;

use mfa_ledger::config::Config;
use mfa_ledger::data_dir::{Means, open_with};
use mfa_ledger::disk::Disk;
use mfa_ledger::server::serve;
use serde_json::Value;

use crate::support::client::Client;

/// Nothing that a server does by itself takes longer.
const WITHIN: Duration = Duration::from_mins(1);

/// A server that runs; what it holds open is let go when this is dropped.
pub struct Served {
    pub client: Client,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    pub async fn start(config: &Config, disk: Disk) -> Self {
        Self::start_with(config, &Means { disk, ..Means::default() }).await
    }

    pub async fn start_with(config: &Config, means: &Means) -> Self {
        let (config, means) = (config.clone(), means.clone());
        let (told, ready) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            let opened = open_with(&config, &means).await.unwrap_or_else(|error| panic!("{error}"));
            let on_ready = |url: &str| told.send(url.to_owned()).unwrap();
            Box::pin(serve(opened, &config, on_ready)).await.unwrap_or_else(|error| panic!("{error}"));
        });
        Self { client: Client::new(&ready.await.unwrap()), task }
    }

    /// Waits until `/readyz` has this status; its checks.
    pub async fn until_ready_is(&self, status: u16) -> Vec<Value> {
        let waiting = async {
            loop {
                let ready = self.client.get("/readyz?verbose").await;
                if ready.status == status {
                    return ready.json["checks"].as_array().unwrap().clone();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = tokio::time::timeout(WITHIN, waiting).await;
        waited.unwrap_or_else(|_| panic!("/readyz is not {status}"))
    }

    /// Ends it as the end of the process would: nothing is asked, nothing is waited for but the files.
    pub async fn end(self) {
        self.task.abort();
        assert!(self.task.await.is_err_and(|error| error.is_cancelled()), "it has run until now");
    }
}
