//! Mail, and the watchdog over people who were reset.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Secret;

/// The mail host. Without one, nobody is told anything by mail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Its name, as its certificate has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Its port; without one, 587 or what goes with `tls`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// How the connection is protected.
    pub tls: MailTls,
    /// The user name, where the host wants one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Its password: from the environment only.
    #[serde(skip)]
    pub password: Option<Secret>,
    /// Whom mails come from: an address, or a name and an address in brackets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Certificates in PEM that are believed besides those of the operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// How long the host has to let us in, and to take one message, in seconds.
    pub timeout_seconds: u32,
}

/// How the connection to the mail host is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailTls {
    /// Not at all: for a host on this machine.
    None,
    /// By STARTTLS where the host offers it: for a host on this machine. Somebody who can change what is on the wire
    /// takes the offer away, and mail is sent in clear.
    StarttlsIfOffered,
    /// By STARTTLS, or there is no mail.
    #[default]
    Starttls,
    /// By TLS from the first byte.
    Implicit,
}

/// What happens to people who were reset and have not enrolled again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Watchdog {
    /// Hours after the reset when they are reminded by mail; 0 for never.
    pub reminder_hours: u16,
    /// Hours after the reset when their account is deactivated; 0 for never.
    pub deactivate_hours: u16,
}

impl Mail {
    /// The port, which goes with `tls` where it is not named.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            MailTls::Implicit => 465,
            MailTls::None => 25,
            MailTls::Starttls | MailTls::StarttlsIfOffered => 587,
        })
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: None,
            port: None,
            tls: MailTls::default(),
            user_name: None,
            password: None,
            sender: None,
            ca_file: None,
            timeout_seconds: 60,
        }
    }
}

impl Default for Watchdog {
    fn default() -> Self {
        Self { reminder_hours: 12, deactivate_hours: 0 }
    }
}
