//! Publishing to NATS.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Secret;
use super::check::{Fault, fault, range};

/// Most addresses of one cluster.
const MAX_URLS: usize = 16;

/// Most servers that a stream can be on, as NATS has it.
const MAX_REPLICAS: usize = 5;

/// Most messages in flight.
const MAX_WINDOW: usize = 4_096;

/// Publishing to NATS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nats {
    /// Addresses of one server or cluster; without any, nothing is published.
    pub urls: Vec<String>,
    /// The stream of the events.
    pub events_stream: String,
    /// The stream of the signed checkpoints.
    pub checkpoints_stream: String,
    /// Whether the streams are made where they are not there.
    pub create_stream: bool,
    /// Servers that each stream must be on, at least.
    pub replicas: usize,
    /// Messages in flight at the most.
    pub window: usize,
    /// A credentials file: a JWT and a seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials_file: Option<PathBuf>,
    /// A file with the seed of an `NKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nkey_file: Option<PathBuf>,
    /// The authorities that the server's certificate may come from; without a file, those of the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Our own certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate_file: Option<PathBuf>,
    /// The key of our own certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key_file: Option<PathBuf>,
    /// The user: from the environment only.
    #[serde(skip)]
    pub user: Option<Secret>,
    /// The user's password: from the environment only.
    #[serde(skip)]
    pub password: Option<Secret>,
}

impl Default for Nats {
    fn default() -> Self {
        Self {
            urls: Vec::new(),
            events_stream: "MFA_EVENTS".to_owned(),
            checkpoints_stream: "MFA_CHECKPOINTS".to_owned(),
            create_stream: true,
            replicas: 1,
            window: 256,
            credentials_file: None,
            nkey_file: None,
            ca_file: None,
            client_certificate_file: None,
            client_key_file: None,
            user: None,
            password: None,
        }
    }
}

/// The first fault of this part, if there is one.
pub(super) fn check(nats: &Nats) -> Result<(), Fault> {
    range("nats.urls", nats.urls.len(), 0..=MAX_URLS)?;
    nats.urls.iter().try_for_each(|url| address(url))?;
    range("nats.replicas", nats.replicas, 1..=MAX_REPLICAS)?;
    range("nats.window", nats.window, 1..=MAX_WINDOW)?;
    stream("nats.events_stream", &nats.events_stream)?;
    stream("nats.checkpoints_stream", &nats.checkpoints_stream)?;
    if nats.events_stream == nats.checkpoints_stream {
        let why = "it must be another stream than that of the events, where it would take sequences away";
        return fault("nats.checkpoints_stream", &nats.checkpoints_stream, why);
    }
    if nats.urls.is_empty() {
        return Ok(());
    }
    let path = |file: &Option<PathBuf>| file.as_ref().map(|file| file.display().to_string());
    if let (Some(_), Some(file)) = (&nats.credentials_file, path(&nats.nkey_file)) {
        return fault("nats.nkey_file", &file, "nats.credentials_file is given too: give one of them");
    }
    let by_file = nats.credentials_file.is_some() || nats.nkey_file.is_some();
    if by_file && nats.user.is_some() {
        return fault("nats.user", "***", "a file to log in with is given too: give one of them");
    }
    if nats.user.is_some() != nats.password.is_some() {
        return fault("nats.password", "***", "user and password are given together, or not at all");
    }
    match (path(&nats.client_certificate_file), path(&nats.client_key_file)) {
        (Some(file), None) => fault("nats.client_certificate_file", &file, "its key is missing"),
        (None, Some(file)) => fault("nats.client_key_file", &file, "its certificate is missing"),
        _ => Ok(()),
    }
}

fn address(url: &str) -> Result<(), Fault> {
    let host = ["nats://", "tls://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    if url.contains('@') {
        // Not shown: what stands before it may be a password.
        let why = "user and password do not belong into the address: use MFA_LEDGER__NATS__USER and \
                   MFA_LEDGER__NATS__PASSWORD";
        return fault("nats.urls", "***", why);
    }
    match host {
        Some(host) if !host.is_empty() && host.chars().all(|it| it.is_ascii_graphic() && it != '/') => Ok(()),
        _ => fault("nats.urls", url, "it must be an address such as nats://host:4222 or tls://host:4222"),
    }
}

fn stream(key: &'static str, name: &str) -> Result<(), Fault> {
    let good = |it: char| it.is_ascii_alphanumeric() || ['-', '_'].contains(&it);
    if (1..=64).contains(&name.len()) && name.chars().all(good) {
        return Ok(());
    }
    fault(key, name, "it must have 1 to 64 letters, digits, - and _")
}
