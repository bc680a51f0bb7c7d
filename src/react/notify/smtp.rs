//! The mail host: one connection, kept while there is something to send.

use std::sync::Arc;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::metered::Metered;
use super::starttls::{self, Begun};
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
    /// No host would: it cannot be said in SMTP.
    Never,
    /// It does not take it now.
    NotNow(u16),
    /// It cannot be spoken to.
    Away(String),
}

pub(super) struct Host {
    address: (String, u16),
    security: Security,
    credentials: Option<Credentials>,
    /// For letting us in, and for one message: lettre itself waits for ever.
    within: Duration,
    connection: Option<AsyncSmtpConnection>,
    used: Instant,
}

enum Security {
    None,
    IfOffered(TlsConnector),
    Required(TlsConnector),
    Implicit(TlsConnector),
}

impl Host {
    pub fn new(mail: &Mail) -> Result<Self, MailError> {
        let security = match mail.tls {
            Protection::None => Security::None,
            Protection::IfOffered => Security::IfOffered(connector(mail)?),
            Protection::Required => Security::Required(connector(mail)?),
            Protection::Implicit => Security::Implicit(connector(mail)?),
        };
        let credentials = mail
            .credentials
            .as_ref()
            .map(|(user_name, password)| Credentials::new(user_name.clone(), password.expose().to_owned()));
        let address = (mail.host.clone(), mail.port);
        Ok(Self {
            address,
            security,
            credentials,
            within: mail.timeout,
            connection: None,
            used: Instant::now(),
        })
    }

    /// Whether it lets us in, before any message depends on it.
    pub async fn reach(&mut self) -> Result<(), String> {
        if let Some(connection) = &mut self.connection
            && !matches!(timeout(self.within, connection.test_connected()).await, Ok(true))
        {
            // It may have hung up for want of something to do.
            self.connection = None;
        }
        if self.connection.is_none() {
            let connected = timeout(self.within, self.connect()).await;
            self.connection = Some(connected.map_err(|_| LATE.to_owned())??);
        }
        self.used = Instant::now();
        Ok(())
    }

    /// Hands a message over.
    pub async fn hand_over(&mut self, envelope: &Envelope, message: &[u8]) -> Handed {
        if self.connection.is_none()
            && let Err(why) = self.reach().await
        {
            return Handed::Away(why);
        }
        let Some(mut connection) = self.connection.take() else { return Handed::Away(LATE.to_owned()) };
        self.used = Instant::now();
        // A conversation that was broken off is not gone on with.
        let error = match timeout(self.within, connection.send(envelope, message)).await {
            Ok(Ok(_)) => {
                self.connection = Some(connection);
                return Handed::Over;
            }
            Ok(Err(error)) => error,
            Err(_) => return Handed::Away(LATE.to_owned()),
        };
        match error.status().map(u16::from) {
            Some(code) if error.is_permanent() && !ABOUT_US.contains(&code) => Handed::Refused(code),
            // "Service not available, closing transmission channel" (RFC 5321, section 4.2.3).
            Some(code) if error.is_transient() && code != 421 => Handed::NotNow(code),
            _ if error.is_client() => Handed::Never,
            _ => Handed::Away(told(&error)),
        }
    }

    /// Hangs up when there has been nothing to send for a while.
    pub async fn rest(&mut self) {
        if self.used.elapsed() >= IDLE
            && let Some(mut connection) = self.connection.take()
        {
            // Whatever it says to that, it is over.
            let _gone = timeout(self.within, connection.quit()).await;
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let stream = TcpStream::connect(self.address.clone()).await;
        let stream = stream.map_err(|error| format!("it cannot be reached: {error}"))?;
        let hello = ClientId::default();
        let stream = self.secure(stream, &hello).await?;
        let connection = AsyncSmtpConnection::connect_with_transport(stream, &hello).await;
        let mut connection = connection.map_err(|error| told(&error))?;
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(|error| told(&error))?;
        }
        Ok(connection)
    }

    /// The connection as the mail library gets it. TLS is begun before: nothing that came in clear reaches it then.
    async fn secure(&self, stream: TcpStream, hello: &ClientId) -> Result<Box<dyn AsyncTokioStream>, String> {
        let name = || ServerName::try_from(self.address.0.clone()).map_err(|error| error.to_string());
        let begun = match &self.security {
            Security::None => return Ok(Box::new(Metered::new(stream))),
            Security::Implicit(connector) => {
                let secured = connector.connect(name()?, stream).await.map_err(|error| error.to_string())?;
                return Ok(Box::new(Metered::new(secured)));
            }
            Security::IfOffered(connector) => starttls::begin(stream, hello, name()?, connector, false).await,
            Security::Required(connector) => starttls::begin(stream, hello, name()?, connector, true).await,
        };
        Ok(match begun.map_err(|error| error.to_string())? {
            Begun::Secured(secured) => Box::new(Metered::greeted(*secured)),
            Begun::Clear(stream) => Box::new(Metered::greeted(stream)),
        })
    }
}

const LATE: &str = "it does not answer in time";

fn authority(mail: &Mail) -> Result<Option<Vec<u8>>, MailError> {
    let read = |file| {
        std::fs::read(file)
            .map_err(|error| MailError::CaFile(mail.ca_file.clone().unwrap_or_default(), error))
    };
    mail.ca_file.as_ref().map(read).transpose()
}

fn connector(mail: &Mail) -> Result<TlsConnector, MailError> {
    let pem = authority(mail)?.unwrap_or_default();
    let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let roots = roots.map_err(|error| MailError::Tls(error.into()))?;
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider));
    let verifier = verifier.map_err(|error| MailError::Tls(error.into()))?;
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config
        .map_err(|error| MailError::Tls(error.into()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// What is wrong, without what the host says: hosts like to repeat addresses.
fn told(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("it answers {}", u16::from(code)),
        None if error.is_response() => "what it answers is no SMTP".to_owned(),
        None => error.to_string(),
    }
}
