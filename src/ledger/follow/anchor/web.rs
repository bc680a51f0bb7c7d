//! Another host as an anchor: anything that keeps what is put there and gives it back.

use mfa_ledger_base::error_chain::error_chain;
use mfa_ledger_base::tiles::TileStore;
use mfa_ledger_base::tlog::note::MAX_NOTE;
use mfa_ledger_base::tlog::{SignedCheckpoint, VerifierKey};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header};

use super::{ATTEMPT_WITHIN, AnchorError, Held, Kin, compare, origin_hash};

/// A client that talks to the address it is given, and to no proxy or other place in between: the token
/// would be sent there.
pub(super) fn client() -> Result<Client, AnchorError> {
    let agent = concat!("mfa-ledger/", env!("CARGO_PKG_VERSION"));
    let none = reqwest::redirect::Policy::none();
    mfa_ledger_base::tls::install();
    // There is no TLS on these ways: no certificates are read, and none need be there.
    let built = Client::builder()
        .tls_certs_only([])
        .no_proxy()
        .redirect(none)
        .user_agent(agent)
        .timeout(ATTEMPT_WITHIN)
        .build();
    built.map_err(|error| AnchorError::Failed(error_chain(&error)))
}

/// One such host.
pub(super) struct Web<'t> {
    pub client: &'t Client,
    pub url: &'t str,
    pub token: Option<&'t str>,
}

impl Web<'_> {
    /// Puts a checkpoint there, unless what is there is not a beginning of it, or less than what it held.
    pub async fn publish(
        &self,
        signed: &SignedCheckpoint,
        tiles: &TileStore,
        verifiers: &[VerifierKey],
        held: Option<&Held>,
    ) -> Result<(), AnchorError> {
        let origin = &signed.checkpoint.origin;
        let theirs = self.read(origin, verifiers).await?;
        let size = theirs.as_ref().map(|theirs| theirs.checkpoint.size);
        let mut is_there = false;
        if let Some(theirs) = theirs {
            let (tiles, ours) = (tiles.clone(), signed.checkpoint.clone());
            is_there = blocking(move || compare(&theirs.checkpoint, &ours, &tiles)).await? == Kin::Same;
        }
        held.map_or(Ok(()), |held| held.check(size))?;
        if is_there {
            return Ok(());
        }
        let put = self.request(Method::PUT, origin).body(signed.note.to_string());
        let put = put.header(header::CONTENT_TYPE, "text/plain; charset=utf-8").send();
        let status = put.await.map_err(|error| AnchorError::Failed(error_chain(&error)))?.status();
        match status {
            StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => {
                Err(AnchorError::Disputed(format!("it does not take the checkpoint: {status}")))
            }
            _ if status.is_success() => Ok(()),
            _ => Err(AnchorError::Failed(format!("it answered {status}"))),
        }
    }

    /// What is there for an origin, signed by a key that is known.
    pub async fn read(
        &self,
        origin: &str,
        verifiers: &[VerifierKey],
    ) -> Result<Option<SignedCheckpoint>, AnchorError> {
        let failed = |error: reqwest::Error| AnchorError::Failed(error_chain(&error));
        let response = self.request(Method::GET, origin).send().await.map_err(failed)?;
        match response.status() {
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
            StatusCode::OK => {}
            status => return Err(AnchorError::Failed(format!("it answered {status}"))),
        }
        let bytes = take(response).await?;
        SignedCheckpoint::open(&bytes, verifiers).map(Some).map_err(AnchorError::Unknown)
    }

    fn request(&self, method: Method, origin: &str) -> RequestBuilder {
        let url = format!("{}/{}/checkpoint", self.url, origin_hash(origin));
        let request = self.client.request(method, url);
        match self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

/// A body, no longer than a note can be.
pub(super) async fn take(mut response: reqwest::Response) -> Result<Vec<u8>, AnchorError> {
    let mut bytes = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| AnchorError::Failed(error_chain(&error)))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_NOTE {
            return Err(AnchorError::Failed("its answer is larger than any that is read".to_owned()));
        }
    }
    Ok(bytes)
}

/// Runs what reads or writes files.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AnchorError> + Send + 'static,
) -> Result<T, AnchorError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(AnchorError::Failed(format!("the work was broken off: {error}"))))
}
