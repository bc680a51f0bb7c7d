//! Mail to the people whose accounts are touched: one message a record, to all of their addresses.
//!
//! What is owed is folded from the log ([`mfa_ledger_projections::Notices`]), and what became of it is recorded
//! as a command of its own. So nothing is lost when this process or the mail host dies, and a message may come
//! twice, with the same `Message-ID`, when either of them dies between the handing over and the record.
//!
//! | the mail host | what follows |
//! |---|---|
//! | cannot be reached, does not let us in, hangs | everything waits, [`schedule::HOST_PAUSES`] |
//! | does not take one message now (4xx) | that message waits, [`schedule::MESSAGE_PAUSES`] |
//! | refuses an address (5xx) | the others of the person are tried; where none is left, it has failed |
//! | has not taken it within [`schedule::GIVE_UP_HOURS`] | it has failed |

mod copies;
mod job;
mod letter;
mod message;
mod metered;
mod run;
pub mod schedule;
mod smtp;
mod starttls;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mfa_ledger_ledger::service::{SecretText, Service};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use run::Run;
use smtp::Host;

/// How notices are sent.
pub struct Setup {
    /// Where commands go, and the state comes from.
    pub service: Arc<Service>,
    /// The host.
    pub mail: Mail,
    /// The address under which people reach the server; without it mails carry no link.
    pub public_url: Option<String>,
    /// Hours after a reset when whoever has not enrolled again is reminded; 0 for never.
    pub reminder_hours: u16,
    /// Hours after a reset when such an account is deactivated, which the reminder says; 0 for never.
    pub deactivate_hours: u16,
}

/// A mail host, and how it is spoken to.
#[derive(Debug)]
pub struct Mail {
    /// Its name, which its certificate must carry.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Protection,
    /// User name and password, where it wants them.
    pub credentials: Option<(String, SecretText)>,
    /// Whom mails come from: an address, or a name and an address in brackets.
    pub sender: String,
    /// Certificates in PEM that are believed besides those of the operating system.
    pub ca_file: Option<PathBuf>,
    /// How long the host has to let us in, and to take one message.
    pub timeout: Duration,
}

/// How the connection to a mail host is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    None,
    /// By STARTTLS where the host offers it. Protects against nobody who can change what is sent: they take the offer
    /// away.
    IfOffered,
    /// By STARTTLS, or there is no mail.
    Required,
    /// By TLS from the first byte.
    Implicit,
}

/// Why no mail can be sent as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender is no address.
    #[error("mail.sender is not a mail address")]
    Sender(#[source] lettre::address::AddressError),
    /// The file with certificates cannot be read.
    #[error("mail.ca_file {} cannot be read", .0.display())]
    CaFile(PathBuf, #[source] std::io::Error),
    /// TLS cannot be set up.
    #[error("mail cannot be protected by TLS")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The task that sends.
#[derive(Debug)]
pub struct Notifier {
    ending: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Notifier {
    /// Begins to send.
    pub fn start(setup: Setup) -> Result<Self, MailError> {
        let host = Host::new(&setup.mail)?;
        let sender = setup.mail.sender.parse().map_err(MailError::Sender)?;
        let ending = CancellationToken::new();
        let run = Run::new(setup, host, sender, ending.clone());
        Ok(Self { ending, task: Mutex::new(Some(tokio::spawn(run.until_told()))) })
    }

    /// Ends after the message that is being handed over, and its record; no later than `within` from now.
    pub async fn close(&self, within: Duration) {
        self.ending.cancel();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut task) = task else { return };
        if tokio::time::timeout(within, &mut task).await.is_err() {
            tracing::warn!("a mail that was being handed over may be sent again after the next start");
            task.abort();
        }
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        let task = self.task.get_mut().unwrap_or_else(PoisonError::into_inner);
        task.iter().for_each(JoinHandle::abort);
    }
}
