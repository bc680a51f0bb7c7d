//! The configuration: what a server is told from outside, in layers.
//!
//! Defaults < file < environment (`MFA_LEDGER__SECTION__KEY`) < flags. Every layer is checked by itself,
//! so that a mistake is told with the key, the value, and where it was found.

mod check;
mod keys;
mod layers;
mod mail;
mod nats;
pub mod network;
mod secret;
mod template;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::http::Options;

pub use check::{Fault, origin};
pub use layers::{ConfigError, DEFAULT_FILE, ENV_PREFIX, Flags, Loaded, Origin, Setting, Sources};
pub use mail::{Mail, MailTls, Watchdog};
pub use nats::Nats;
pub use secret::Secret;
pub use template::template;

/// Everything that can be configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the log and the vault lie.
    pub data_dir: PathBuf,
    /// The API.
    pub http: Http,
    /// The vault's key.
    pub vault: Vault,
    /// What one password hash costs.
    pub hashing: Hashing,
    /// The log.
    pub log: Log,
    /// Publishing to NATS.
    pub nats: Nats,
    /// The mail host.
    pub mail: Mail,
    /// What happens to people who were reset and have not enrolled again.
    pub watchdog: Watchdog,
    /// The rules that raise alerts.
    pub rules: Rules,
    /// Where events are delivered to.
    pub webhooks: Webhooks,
    /// What is told about the work.
    pub telemetry: Telemetry,
}

/// The API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address under which people reach the API, when a proxy stands before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Where to report a vulnerability, for `/.well-known/security.txt`: a `mailto:` or `https:` URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_contact: Option<String>,
    /// Proxies whose right-most `X-Forwarded-For` entry is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Callers that may follow the event stream at the same time.
    pub sse_clients: usize,
    /// Requests in flight at the same time; more are answered 503.
    pub in_flight: usize,
    /// Log-ins and second factors a second from one address, after a burst of ten times as many; 0 for
    /// no limit.
    pub attempts_per_second: u32,
    /// Minutes after which a session without a request is over; 0 for never.
    pub session_idle_minutes: u16,
}

/// The vault's key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vault {
    /// The file with the master key; without one, `<data_dir>.key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_key_file: Option<PathBuf>,
    /// The master key itself: from the environment only, so that no file beside the data holds it.
    #[serde(skip)]
    pub master_key: Option<Secret>,
}

/// What one password hash costs (argon2id).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hashing {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// The log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Commands that may wait for the writer; the next is answered 503.
    pub commands_waiting: usize,
    /// MiB of a journal file after which a new one is begun.
    pub segment_mib: u64,
    /// MiB of the newest journal files that every start reads before it serves, at least one file; 0 for all of them.
    /// Older ones, if the server that ran last looked them over, are so again while callers are served.
    pub reread_mib: u64,
    /// MiB that are kept free on the disk of the data directory: with less, the server only reads; 0 for
    /// no guard.
    pub reserve_mib: u64,
    /// Seconds after which a write to log or vault that does not return ends the process.
    pub hang_exit_seconds: u64,
    /// The file with the keys that sign checkpoints; without one, `<data_dir>.signing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_key_file: Option<PathBuf>,
    /// The file that remembers what the anchors and witnesses held; without one, `<signing_key_file>.anchors`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor_memory_file: Option<PathBuf>,
    /// Where checkpoints are put besides: directories, and `http://` addresses that take `PUT`.
    pub anchors: Vec<String>,
    /// Witnesses that cosign checkpoints: verifier key, a space, address.
    pub witnesses: Vec<String>,
    /// What anchors at addresses want to be shown: from the environment only.
    #[serde(skip)]
    pub anchor_token: Option<Secret>,
}

/// The rules that raise alerts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The directory with the site's own rules and filters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
    /// Rules that are not run, by name.
    pub off: Vec<String>,
}

/// Where events are delivered to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Whether `http://` is allowed besides `https://`: for tests on one machine.
    pub allow_http: bool,
    /// Networks that deliveries may go into although they are not of the open internet: `10.1.0.0/16`.
    pub allow_networks: Vec<String>,
    /// Certificates in PEM that are trusted besides those of the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorities_file: Option<PathBuf>,
}

/// What is told about the work, on standard error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// In which form.
    pub format: Format,
    /// What is told: `info`, or per part of the program, as in `warn,mfa_ledger=debug`.
    pub filter: String,
}

/// The form of what is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./mfa-ledger-data"),
            http: Http::default(),
            vault: Vault::default(),
            hashing: Hashing::default(),
            log: Log::default(),
            nats: Nats::default(),
            mail: Mail::default(),
            watchdog: Watchdog::default(),
            rules: Rules::default(),
            webhooks: Webhooks::default(),
            telemetry: Telemetry::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            security_contact: None,
            trusted_proxies: Vec::new(),
            sse_clients: Options::SSE_CLIENTS,
            in_flight: Options::IN_FLIGHT,
            attempts_per_second: Options::ATTEMPTS_PER_SECOND,
            session_idle_minutes: Options::SESSION_IDLE_MINUTES,
        }
    }
}

impl Default for Hashing {
    /// The least that OWASP recommends for argon2id.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            commands_waiting: 1_024,
            segment_mib: 64,
            reread_mib: 128,
            reserve_mib: 256,
            hang_exit_seconds: 30,
            signing_key_file: None,
            anchor_memory_file: None,
            anchors: Vec::new(),
            witnesses: Vec::new(),
            anchor_token: None,
        }
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { format: Format::Auto, filter: "info".to_owned() }
    }
}

impl Config {
    /// Where the master key is read from when it does not come through the environment: beside the data
    /// directory unless told otherwise, never in it.
    pub fn key_file(&self) -> PathBuf {
        self.vault.master_key_file.clone().unwrap_or_else(|| beside(&self.data_dir, "key"))
    }

    /// Where the keys are that sign checkpoints: beside the data directory too, never in it.
    pub fn signing_key_file(&self) -> PathBuf {
        self.log.signing_key_file.clone().unwrap_or_else(|| beside(&self.data_dir, "signing"))
    }

    /// Where it is remembered what the anchors held: beside the signing keys, so that a roll-back of the data directory
    /// does not take it along.
    pub fn anchor_memory_file(&self) -> PathBuf {
        self.log.anchor_memory_file.clone().unwrap_or_else(|| {
            let mut name = self.signing_key_file().into_os_string();
            name.push(".anchors");
            name.into()
        })
    }
}

fn beside(dir: &Path, extension: &str) -> PathBuf {
    let absolute = std::path::absolute(dir).unwrap_or_else(|_| dir.into());
    // A path that ends in `..` has no name of its own before it is resolved.
    let named =
        if absolute.file_name().is_some() { absolute } else { dir.canonicalize().unwrap_or(absolute) };
    let mut name = named.file_name().unwrap_or("mfa-ledger".as_ref()).to_owned();
    name.push(".");
    name.push(extension);
    named.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_files_lie_beside_the_data_directory() {
        for dir in ["/srv/ledger", "/srv/ledger/", "/srv/./ledger"] {
            let config = Config { data_dir: dir.into(), ..Config::default() };
            assert_eq!(config.key_file(), Path::new("/srv/ledger.key"), "{dir}");
            assert_eq!(config.signing_key_file(), Path::new("/srv/ledger.signing"), "{dir}");
        }
    }
}
