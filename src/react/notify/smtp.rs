//! The mail host: one connection, kept while there is something to send.

use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, AsyncSmtpTransportBuilder, Error, PoolConfig};
use lettre::{AsyncTransport, Tokio1Executor};

use super::{Mail, MailError, Protection};

/// A connection that nothing was sent over for so long is closed.
const IDLE: Duration = Duration::from_secs(30);

/// "Authentication required" and its kin (RFC 4954, section 6): about us, and not about any message.
const ABOUT_US: [u16; 4] = [530, 534, 535, 538];

/// What became of a message. None of this names an address: it goes into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Handed {
    /// The host has it.
    Over,
    /// It will never take it.
    Refused(u16),
    /// It does not take it now.
    NotNow(u16),
    /// It cannot be spoken to.
    Away(String),
}

pub(super) struct Host {
    builder: AsyncSmtpTransportBuilder,
    /// For a call, and for a message: lettre itself gives up only on a call that nobody takes.
    within: Duration,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Host {
    pub fn new(mail: &Mail) -> Result<Self, MailError> {
        let tls = match mail.tls {
            Protection::None => Tls::None,
            Protection::IfOffered => Tls::Opportunistic(parameters(mail)?),
            Protection::Required => Tls::Required(parameters(mail)?),
            Protection::Implicit => Tls::Wrapper(parameters(mail)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(mail.host.clone())
            .port(mail.port)
            .tls(tls)
            .timeout(Some(mail.timeout))
            .pool_config(PoolConfig::new().max_size(1).idle_timeout(IDLE));
        if let Some((user_name, password)) = &mail.credentials {
            builder = builder.credentials(Credentials::new(user_name.clone(), password.expose().to_owned()));
        }
        let transport = builder.clone().build();
        Ok(Self { builder, within: mail.timeout, transport })
    }

    /// Whether it lets us in, before any message depends on it.
    pub async fn reach(&mut self) -> Result<(), String> {
        let answer = tokio::time::timeout(self.within, self.transport.test_connection()).await;
        match answer {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("it does not answer".to_owned()),
            Ok(Err(error)) => Err(told(&error)),
            Err(_) => Err(self.late()),
        }
    }

    /// Hands a message over.
    pub async fn hand_over(&mut self, envelope: &Envelope, message: &[u8]) -> Handed {
        let sending = self.transport.send_raw(envelope, message);
        let error = match tokio::time::timeout(self.within, sending).await {
            Ok(Ok(_)) => return Handed::Over,
            Ok(Err(error)) => error,
            Err(_) => return Handed::Away(self.late()),
        };
        match error.status().map(u16::from) {
            Some(code) if error.is_permanent() && !ABOUT_US.contains(&code) => Handed::Refused(code),
            // "Service not available, closing transmission channel" (RFC 5321, section 4.2.3).
            Some(code) if error.is_transient() && code != 421 => Handed::NotNow(code),
            _ => Handed::Away(told(&error)),
        }
    }

    /// A conversation that was broken off is not gone on with.
    fn late(&mut self) -> String {
        self.transport = self.builder.clone().build();
        "it does not answer in time".to_owned()
    }
}

fn parameters(mail: &Mail) -> Result<TlsParameters, MailError> {
    let mut parameters = TlsParameters::builder(mail.host.clone());
    if let Some(file) = &mail.ca_file {
        let pem = std::fs::read(file).map_err(|error| MailError::CaFile(file.clone(), error))?;
        let authority = Certificate::from_pem(&pem).map_err(MailError::Tls)?;
        parameters = parameters.add_root_certificate(authority);
    }
    parameters.build_rustls().map_err(MailError::Tls)
}

/// What is wrong, without what the host says: hosts like to repeat addresses.
fn told(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("it answers {}", u16::from(code)),
        None if error.is_timeout() => "it does not answer in time".to_owned(),
        None => error.to_string(),
    }
}
