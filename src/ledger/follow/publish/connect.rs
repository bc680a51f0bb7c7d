//! One connection to NATS: made, watched, and made anew by whoever needs it after it has gone.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_nats::rustls;
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerAddr, jetstream};
use mfa_ledger_base::text_file::without_mark;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::ANSWER_WITHIN;

/// Answers come to subjects that begin so: what this program must be allowed to subscribe to.
pub const INBOX_PREFIX: &str = "_INBOX_mfa_ledger";

/// A silent server is asked whether it is there this often; two questions without an answer, and it is gone.
const PING_EVERY: Duration = Duration::from_secs(5);

/// Complaints of a server that are kept: many more may come, and say the same of other subjects.
const COMPLAINTS: usize = 4;

/// Where the server is, and how it is spoken to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// One address or more of one server or cluster.
    pub urls: Vec<String>,
    /// Who asks.
    pub sign_in: SignIn,
    /// The authorities that the server's certificate may come from; without a file, those of the system.
    pub ca_file: Option<PathBuf>,
    /// Our own certificate with its key.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

/// Who asks.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum SignIn {
    /// Nobody in particular.
    #[default]
    Open,
    /// A credentials file, as `nsc` makes it: a JWT and a seed.
    Credentials(PathBuf),
    /// A file with the seed of an `NKey`.
    NKey(PathBuf),
    /// A user with a password.
    Password {
        /// The user.
        user: Zeroizing<String>,
        /// The password.
        password: Zeroizing<String>,
    },
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Credentials(_) => "Credentials",
            Self::NKey(_) => "NKey",
            Self::Password { .. } => "Password",
        })
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectFailed {
    /// An address is none.
    #[error("{url} is no address of a NATS server")]
    Address {
        /// What it says.
        url: String,
        /// What is wrong with it.
        #[source]
        source: io::Error,
    },
    /// A file with a secret cannot be used.
    #[error("{} cannot be used to log in to NATS", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        #[source]
        source: io::Error,
    },
    /// The server does not let us in.
    #[error("the NATS server does not accept who we are: check user, password, NKey or credentials")]
    Refused(#[source] async_nats::ConnectError),
    /// There is no TLS between us.
    #[error("TLS with the NATS server failed: check the authorities (nats.ca_file) and certificates")]
    Tls(#[source] async_nats::ConnectError),
    /// It cannot be reached.
    #[error("the NATS server cannot be reached")]
    Unreachable(#[source] async_nats::ConnectError),
}

/// A connection.
pub struct Connection {
    pub(super) client: Client,
    seen: watch::Receiver<Seen>,
}

#[derive(Default)]
struct Seen {
    gone: bool,
    said: Vec<String>,
}

/// Connects, once: what goes wrong is the caller's to try again.
pub async fn connect(access: &Access) -> Result<Connection, ConnectFailed> {
    let urls: Vec<ServerAddr> = access.urls.iter().map(|url| address(url)).collect::<Result<_, _>>()?;
    let (tell, seen) = watch::channel(Seen::default());
    let tell = Arc::new(tell);
    let options = signed_in(&access.sign_in).await?;
    let options = encrypted(options, access)
        .name(concat!("mfa-ledger ", env!("CARGO_PKG_VERSION")))
        .custom_inbox_prefix(INBOX_PREFIX)
        .connection_timeout(ANSWER_WITHIN)
        .request_timeout(Some(ANSWER_WITHIN))
        .ping_interval(PING_EVERY)
        // Each address once: what goes on after that is decided, and told, by whoever called.
        .max_reconnects(urls.len())
        .event_callback(move |event| {
            let tell = Arc::clone(&tell);
            async move { note(&tell, &event) }
        });
    let client = options.connect(urls).await.map_err(failed)?;
    Ok(Connection { client, seen })
}

impl Connection {
    /// `JetStream` on it. A fresh one for every attempt, so that no message which was given up still holds a
    /// place among those in flight.
    pub fn jetstream(&self, in_flight: usize) -> jetstream::Context {
        jetstream::ContextBuilder::new()
            .timeout(ANSWER_WITHIN)
            .ack_timeout(ANSWER_WITHIN)
            .max_ack_inflight(in_flight)
            .build(self.client.clone())
    }

    /// Waits until it is no more.
    pub async fn gone(&self) {
        let mut seen = self.seen.clone();
        // Whoever would tell is gone as well.
        let _or_ended = seen.wait_for(|seen| seen.gone).await;
    }

    /// What the server complained of first, such as permissions that are missing.
    pub fn said(&self) -> Option<String> {
        let said = self.seen.borrow().said.join(", ");
        (!said.is_empty()).then_some(said)
    }

    /// The first complaint that is not about one of our own inboxes.
    pub(super) fn complaint(&self) -> Option<String> {
        let seen = self.seen.borrow();
        seen.said.iter().find(|said| !is_about(said, &format!("{INBOX_PREFIX}."))).cloned()
    }

    /// Waits until the server complains about a subject; `false` when it never will.
    pub(super) async fn says(&self, subject: &str) -> bool {
        let mut seen = self.seen.clone();
        let complained = |seen: &Seen| {
            seen.said.len() == COMPLAINTS || seen.said.iter().any(|said| is_about(said, subject))
        };
        seen.wait_for(complained).await.is_ok()
    }
}

/// Subjects may come back in small letters.
fn is_about(said: &str, subject: &str) -> bool {
    said.to_lowercase().contains(&subject.to_lowercase())
}

fn note(tell: &watch::Sender<Seen>, event: &Event) {
    tell.send_modify(|seen| match event {
        Event::Disconnected | Event::Closed => seen.gone = true,
        Event::ServerError(error) if seen.said.len() < COMPLAINTS => seen.said.push(error.to_string()),
        _ => {}
    });
}

fn address(url: &str) -> Result<ServerAddr, ConnectFailed> {
    url.parse().map_err(|source| ConnectFailed::Address { url: url.to_owned(), source })
}

async fn signed_in(sign_in: &SignIn) -> Result<ConnectOptions, ConnectFailed> {
    let options = ConnectOptions::new();
    match sign_in {
        SignIn::Open => Ok(options),
        SignIn::Password { user, password } => {
            Ok(options.user_and_password(user.to_string(), password.to_string()))
        }
        SignIn::Credentials(file) => {
            let unusable = |source| ConnectFailed::File { file: file.clone(), source };
            options.credentials_file(file).await.map_err(unusable)
        }
        SignIn::NKey(file) => {
            let unusable = |source| ConnectFailed::File { file: file.clone(), source };
            let text = tokio::fs::read_to_string(file).await.map(Zeroizing::new).map_err(unusable)?;
            Ok(options.nkey(seed(&text).map_err(unusable)?.to_owned()))
        }
    }
}

/// The line with the seed: `nk -gen user` prints it alone, other tools put comments around it.
fn seed(text: &str) -> Result<&str, io::Error> {
    let mut lines = without_mark(text).lines().map(str::trim);
    let like_a_seed =
        |line: &&str| line.starts_with("SU") && line.bytes().all(|it| it.is_ascii_alphanumeric());
    lines.find(like_a_seed).ok_or_else(|| io::Error::other("it holds no seed of a user (SU…)"))
}

fn encrypted(mut options: ConnectOptions, access: &Access) -> ConnectOptions {
    if let Some(file) = &access.ca_file {
        options = options.add_root_certificates(file.clone());
    }
    if let Some((certificate, key)) = &access.certificate {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    // Whoever names certificates must not end up without encryption because a server does not ask for it.
    let named = access.ca_file.is_some() || access.certificate.is_some();
    options.require_tls(named || access.urls.iter().any(|url| url.starts_with("tls://")))
}

fn failed(error: async_nats::ConnectError) -> ConnectFailed {
    match error.kind() {
        ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
            ConnectFailed::Refused(error)
        }
        ConnectErrorKind::Tls => ConnectFailed::Tls(error),
        // A handshake that fails is told as any other error of input and output.
        _ if is_tls(&error) => ConnectFailed::Tls(error),
        _ => ConnectFailed::Unreachable(error),
    }
}

fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if error.is::<rustls::Error>()
            || inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
        {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_complaints_are_kept_and_more_change_nothing() {
        let (tell, seen) = watch::channel(Seen::default());
        for number in 1..=COMPLAINTS + 1 {
            note(
                &tell,
                &Event::ServerError(async_nats::ServerError::Other(format!("no right to {number}."))),
            );
            assert_eq!(seen.borrow().said.len(), number.min(COMPLAINTS));
        }
        assert!(seen.borrow().said[COMPLAINTS - 1].contains(&COMPLAINTS.to_string()), "the first ones");
        assert!(!seen.borrow().gone);
    }

    #[test]
    fn a_seed_is_found_among_comments() {
        assert_eq!(seed("# mine\n SUAB2C \n").ok(), Some("SUAB2C"));
        assert!(seed("SAAB2C\nUAB2C\n").is_err(), "neither an account's seed nor a public key");
    }

    #[test]
    fn a_password_is_not_shown() {
        let word = |text: &str| Zeroizing::new(text.to_owned());
        let sign_in = SignIn::Password { user: word("hunter"), password: word("hunter2") };
        assert_eq!(format!("{sign_in:?}"), "Password");
    }
}
