//! One delivery over HTTP: to the very address that was looked at, never somewhere else, with an end to it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use mfa_ledger_base::error_chain::error_chain;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, ClientBuilder, StatusCode, Url, header};

use super::network;

/// A receiver must take the connection within this.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// It must have answered within this.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// Bytes that are read of an answer; what it says is in its status.
pub const ANSWER_BYTES: usize = 4 * 1024;
/// Bytes of it that are kept for whoever looks.
pub const KEPT_BYTES: usize = 512;

/// Where deliveries may go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Whether `http://` is allowed besides `https://`.
    pub allow_http: bool,
    /// Networks that are allowed although they are not of the open internet.
    pub networks: Vec<IpNet>,
    /// Certificates in PEM that are trusted besides those of the system.
    pub authorities: Option<Vec<u8>>,
}

/// The sender cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The certificates are none.
    #[error("the certificates that are trusted besides cannot be read")]
    Authorities(#[source] reqwest::Error),
    /// TLS cannot be set up.
    #[error("the client for deliveries cannot be made")]
    Client(#[source] reqwest::Error),
}

/// What a receiver is sent.
pub struct Message<'m> {
    pub url: &'m str,
    pub id: &'m str,
    pub unix_seconds: i64,
    pub signatures: &'m str,
    pub content_type: &'static str,
    pub body: String,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its status, if it answered.
    pub status: Option<u16>,
    /// Why it did not.
    pub failure: Option<String>,
    /// The first bytes of what it said.
    pub said: String,
    /// `Retry-After`, where it asks for patience.
    pub retry_after: Option<String>,
}

impl Answer {
    fn failed(why: impl Into<String>) -> Self {
        Self { failure: Some(why.into()), ..Self::default() }
    }

    /// Whether the receiver has it.
    pub fn is_delivered(&self) -> bool {
        self.failure.is_none() && self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether it wants nothing any more.
    pub fn is_gone(&self) -> bool {
        self.status == Some(StatusCode::GONE.as_u16())
    }
}

/// Sends; cheap to clone.
#[derive(Clone, Debug)]
pub struct Sender {
    client: Client,
    reach: Arc<Reach>,
}

impl Sender {
    /// Makes the client.
    pub fn new(reach: Reach) -> Result<Self, SendError> {
        mfa_ledger_base::tls::install();
        let authorities = match &reach.authorities {
            Some(pem) => Certificate::from_pem_bundle(pem).map_err(SendError::Authorities)?,
            None => Vec::new(),
        };
        let reach = Arc::new(reach);
        let base = || client(&reach);
        let client = match base().tls_certs_merge(authorities.clone()).build() {
            Ok(client) => client,
            Err(error) => {
                let error = error_chain(&error);
                tracing::warn!(error, "no certificates of this system are trusted by deliveries");
                base().tls_certs_only(authorities).build().map_err(SendError::Client)?
            }
        };
        Ok(Self { client, reach })
    }

    /// Whether deliveries could go there, as far as the text tells: names are looked at when they are resolved.
    pub fn check(&self, url: &str) -> Result<Url, String> {
        check(url, &self.reach)
    }

    /// Sends it, and reads the beginning of the answer.
    pub async fn send(&self, message: Message<'_>) -> Answer {
        let url = match self.check(message.url) {
            Ok(url) => url,
            Err(why) => return Answer::failed(why),
        };
        let request = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, message.content_type)
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.unix_seconds)
            .header("webhook-signature", message.signatures)
            .body(message.body);
        match tokio::time::timeout(ANSWER_WITHIN, ask(request)).await {
            Ok(answer) => answer,
            Err(_) => Answer::failed("it did not answer in time"),
        }
    }
}

fn client(reach: &Arc<Reach>) -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("mfa-ledger/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .https_only(!reach.allow_http)
        .pool_max_idle_per_host(1)
        .dns_resolver(Guarded(Arc::clone(reach)))
}

/// Whether a text is an address that deliveries may go to.
pub fn check(url: &str, reach: &Reach) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|error| format!("not an address: {error}"))?;
    match url.scheme() {
        "https" => {}
        "http" if reach.allow_http => {}
        _ => return Err("it must begin with https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not carry a user name or password: it stands in the log in clear".to_owned());
    }
    if url.fragment().is_some() {
        return Err("it must not carry a fragment".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    // An address in a URL is connected to without any resolver.
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>()
        && let Some(why) = network::refusal(address, &reach.networks)
    {
        return Err(refused(address, why));
    }
    Ok(url)
}

fn refused(address: IpAddr, why: &str) -> String {
    format!("refused: {address} is {why}, and no network of [webhooks] allow_networks")
}

async fn ask(request: reqwest::RequestBuilder) -> Answer {
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Answer::failed(error_chain(&error.without_url())),
    };
    let status = response.status();
    let patience = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
    let retry_after = response.headers().get(header::RETRY_AFTER).filter(|_| patience);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut bytes = Vec::new();
    // The status has been said: what follows, or does not, changes nothing about it.
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES - bytes.len())]);
        if bytes.len() >= ANSWER_BYTES {
            break;
        }
    }
    let failure =
        status.is_redirection().then(|| "it answered with another place, which is not followed".into());
    Answer { status: Some(status.as_u16()), failure, said: kept(&bytes), retry_after }
}

/// The first bytes as text for a page or a terminal.
fn kept(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(KEPT_BYTES)]);
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Resolves names, and gives out no address that nothing may be sent to.
struct Guarded(Arc<Reach>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            // One that is refused spoils the name: whoever answers for it is not to be trusted with the others.
            for address in &found {
                if let Some(why) = network::refusal(address.ip(), &reach.networks) {
                    return Err(refused(address.ip(), why).into());
                }
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_url_is_looked_at_whatever_it_is_written_like() {
        let reach = Reach::default();
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://0/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1.:443/",
            "https://0177.0.0.1/",
        ] {
            let refused = check(url, &reach).expect_err(url);
            assert!(refused.starts_with("refused: "), "{url}: {refused}");
        }
        assert!(check("https://93.184.216.34/hook?x=1", &reach).is_ok());
    }

    #[test]
    fn only_https_without_credentials_is_taken() {
        let reach = Reach::default();
        for url in [
            "http://example.org/",
            "ftp://example.org/",
            "https://",
            "example.org",
            "https://u@example.org/",
            "https://u:p@example.org/",
            "https://example.org/#x",
            "file:///etc/passwd",
        ] {
            assert!(check(url, &reach).is_err(), "{url}");
        }
        assert!(check("https://example.org/hook", &reach).is_ok());
        assert!(check("http://example.org/", &Reach { allow_http: true, ..reach }).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_into_this_machine_leads_nowhere() {
        let reach = Reach { allow_http: true, ..Reach::default() };
        let sender = Sender::new(reach).expect("a client");
        let message = Message {
            url: "http://localhost:1/",
            id: "msg",
            unix_seconds: 1,
            signatures: "v1,x",
            content_type: "text/plain",
            body: String::new(),
        };
        let answer = sender.send(message).await;
        assert!(answer.failure.as_deref().unwrap_or_default().contains("is loopback"), "{answer:?}");
    }

    #[test]
    fn what_is_kept_of_an_answer_is_one_short_line() {
        assert_eq!(kept(b"a\nb\x1b[0m\xff"), "a b [0m\u{fffd}");
        assert_eq!(kept(&[b'x'; KEPT_BYTES + 1]).len(), KEPT_BYTES);
    }
}
