//! Mail to people, and the watchdog, as the configuration wants them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::ServeError;
use crate::config::{Config, MailTls};
use crate::react::notify::{Mail, Notifier, Protection, Setup};
use crate::react::{vault_check, watchdog};
use crate::service::{SecretText, Service};

/// What acts after records, while the log is served.
pub(super) struct Reacting {
    notifier: Option<Notifier>,
    watchdog: CancellationToken,
    /// What opens every entry of the vault.
    vault: Mutex<Option<JoinHandle<()>>>,
}

/// Starts what is configured, and says what is not.
pub(super) fn start(config: &Config, service: &Arc<Service>) -> Result<Reacting, ServeError> {
    let watchdog = CancellationToken::new();
    let hours = config.watchdog.deactivate_hours;
    let notifier = if let Some(host) = &config.mail.host {
        let notifier = Notifier::start(setup(config, host, service)).map_err(ServeError::Mail)?;
        tracing::info!(host, port = config.mail.port(), "notices go out by mail");
        if config.http.public_url.is_none() {
            tracing::warn!("http.public_url is not set: notices of a reset carry no link to deny it");
        }
        Some(notifier)
    } else {
        tracing::info!("mail.host is not set: nobody is told anything by mail");
        None
    };
    if hours > 0 {
        tokio::spawn(watchdog::watch(Arc::clone(service), hours, watchdog.clone()));
    }
    let vault = tokio::spawn(vault_check::run(Arc::clone(service), watchdog.clone()));
    Ok(Reacting { notifier, watchdog, vault: Mutex::new(Some(vault)) })
}

fn setup(config: &Config, host: &str, service: &Arc<Service>) -> Setup {
    let mail = &config.mail;
    let password = mail.password.as_ref().map(|secret| SecretText::new(secret.expose().to_owned()));
    Setup {
        service: Arc::clone(service),
        mail: Mail {
            host: host.to_owned(),
            port: mail.port(),
            tls: match mail.tls {
                MailTls::None => Protection::None,
                MailTls::StarttlsIfOffered => Protection::IfOffered,
                MailTls::Starttls => Protection::Required,
                MailTls::Implicit => Protection::Implicit,
            },
            credentials: mail.user_name.clone().zip(password),
            sender: mail.sender.clone().unwrap_or_default(),
            ca_file: mail.ca_file.clone(),
            timeout: Duration::from_secs(mail.timeout_seconds.into()),
        },
        public_url: config.http.public_url.clone(),
        reminder_hours: config.watchdog.reminder_hours,
        deactivate_hours: config.watchdog.deactivate_hours,
    }
}

impl Drop for Reacting {
    /// What was not closed ends all the same, and lets go of the service.
    fn drop(&mut self) {
        self.watchdog.cancel();
    }
}

impl Reacting {
    /// Ends with what is being handed over.
    pub async fn close(&self, within: Duration) {
        self.watchdog.cancel();
        if let Some(vault) = self.vault.lock().await.take()
            && let Err(error) = vault.await
        {
            tracing::error!(%error, "the check of the vault did not end well");
        }
        if let Some(notifier) = &self.notifier {
            notifier.close(within).await;
        }
    }
}
