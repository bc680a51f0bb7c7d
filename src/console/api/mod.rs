//! Asking the API, as its viewer: the only source of what pages show, and the only way to change anything.

mod command;
mod trouble;

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use mfa_ledger_api::header::{FORWARDED_FOR, REQUEST_ID};
use mfa_ledger_api::page::Page;
use mfa_ledger_api::problem::Problem;
use mfa_ledger_base::wiped::Buffer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use tower::ServiceExt as _;

use super::form::Wrong;
pub(super) use command::Command;
pub(super) use trouble::Trouble;
use trouble::is_about_sight;

/// The longest answer that a page reads, in bytes.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Entries of the longest page of a list.
const LONGEST_PAGE: usize = 1_000;

/// What a caller's browser or proxy says, and the API records or judges.
const HANDED_ON: [HeaderName; 5] =
    [FORWARDED_FOR, REQUEST_ID, header::USER_AGENT, header::ACCEPT_LANGUAGE, header::IF_MATCH];

/// What a query or a segment of a path may not hold as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The API.
#[derive(Clone)]
pub(crate) struct Api(Router);

/// The API, asked by one viewer within one request.
#[derive(Clone)]
pub(super) struct Asking {
    router: Router,
    headers: HeaderMap,
    peer: Option<ConnectInfo<SocketAddr>>,
    /// What opens the viewer's session, as a header. Its bytes are wiped with the last copy of it.
    token: Option<HeaderValue>,
}

/// A success.
#[derive(Debug)]
pub(super) struct Answer<T> {
    pub body: T,
    pub headers: HeaderMap,
}

impl<T> Answer<T> {
    /// Hands on what the API wants the browser to keep.
    pub fn with_cookies(&self, mut response: Response) -> Response {
        for cookie in self.headers.get_all(header::SET_COOKIE) {
            response.headers_mut().append(header::SET_COOKIE, cookie.clone());
        }
        response
    }

    /// The version of what it shows.
    pub fn version(&self) -> String {
        self.headers.get(header::ETAG).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// An id that the API made for this one request, and that nothing else has.
    pub fn request_id(&self) -> String {
        self.headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned()
    }
}

impl Api {
    pub fn new(router: Router) -> Self {
        Self(router)
    }

    /// For whoever sent a request, with the session that their cookie opens.
    pub(super) fn asked_by(&self, parts: &Parts, token: Option<&str>) -> Asking {
        let mut headers = HeaderMap::new();
        for name in HANDED_ON {
            for value in parts.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        let (peer, token) = (parts.extensions.get().copied(), token.and_then(bearer));
        Asking { router: self.0.clone(), headers, peer, token }
    }
}

impl Asking {
    /// The same without what the caller said of the request: its id is the API's own then.
    pub fn plainly(&self) -> Self {
        let mut plain = self.clone();
        plain.headers.remove(REQUEST_ID);
        plain
    }

    /// What a path shows.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        self.look(path).await.map(|answer| answer.body)
    }

    /// What a path shows, as text.
    pub async fn text(&self, path: &str) -> Result<String, Trouble> {
        let bytes = bytes(self.stream(path, "text/plain").await?).await?;
        String::from_utf8(bytes.into()).map_err(Trouble::broken)
    }

    /// What a path shows in some form, handed on as it comes.
    pub async fn stream(&self, path: &str, form: &str) -> Result<Response, Trouble> {
        let request = Request::get(path).header(header::ACCEPT, form).body(Body::empty());
        self.send(request.map_err(Trouble::broken)?).await
    }

    /// The same, or nothing where there is nothing that the viewer may see.
    pub async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Trouble> {
        match self.get(path).await {
            Ok(found) => Ok(Some(found)),
            Err(Trouble::Refused(problem))
                if matches!(problem.status, 403 | 404) && is_about_sight(&problem) =>
            {
                Ok(None)
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// A list, page after page, until it has ended or `most` entries are there.
    pub async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
        most: usize,
    ) -> Result<Page<T>, Trouble> {
        let limit = most.min(LONGEST_PAGE).to_string();
        let mut found = Page { data: Vec::new(), has_more: false, next: Some(String::new()) };
        while let Some(after) = found.next.take_if(|_| found.data.len() < most) {
            let query = [parameters, &[("limit", &limit), ("after", &after)]].concat();
            let page = self.get::<Page<T>>(&with_query(path, &query)).await?;
            found.data.extend(page.data);
            (found.has_more, found.next) = (page.has_more, page.next);
        }
        Ok(found)
    }

    /// What a path shows, with the headers.
    pub async fn look<T: DeserializeOwned>(&self, path: &str) -> Result<Answer<T>, Trouble> {
        answer(self.stream(path, "application/json").await?).await
    }

    /// Carries out a command.
    pub async fn command<T: DeserializeOwned>(&self, command: Command) -> Result<Answer<T>, Trouble> {
        answer(self.send(command.request()?).await?).await
    }

    /// The same for a form, which shows what is wrong beside its fields.
    pub async fn send_form<T: DeserializeOwned>(
        &self,
        command: Command,
    ) -> Result<Result<Answer<T>, Wrong>, Trouble> {
        match self.command(command).await {
            Ok(answer) => Ok(Ok(answer)),
            Err(trouble) => trouble.for_form().map(|problem| Err(Wrong(Some(problem)))),
        }
    }

    /// The answer where it is a success.
    async fn send(&self, mut request: Request<Body>) -> Result<Response, Trouble> {
        let headers = request.headers_mut();
        let own = std::mem::replace(headers, self.headers.clone());
        headers.extend(own);
        if let Some(token) = &self.token {
            headers.insert(header::AUTHORIZATION, token.clone());
        }
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(refusal(status, &bytes(response).await?))
    }
}

async fn bytes(response: Response) -> Result<Bytes, Trouble> {
    to_bytes(response.into_body(), ANSWER_BYTES).await.map_err(Trouble::broken)
}

async fn answer<T: DeserializeOwned>(response: Response) -> Result<Answer<T>, Trouble> {
    let headers = response.headers().clone();
    let body = serde_json::from_slice(&bytes(response).await?).map_err(Trouble::broken)?;
    Ok(Answer { body, headers })
}

/// The header that a token is sent in.
fn bearer(token: &str) -> Option<HeaderValue> {
    let mut bearer = Buffer::with_capacity("Bearer ".len() + token.len());
    bearer.push(b"Bearer ");
    bearer.push(token.as_bytes());
    let mut bearer = HeaderValue::from_maybe_shared(bearer.into_bytes()).ok()?;
    bearer.set_sensitive(true);
    Some(bearer)
}

fn refusal(status: StatusCode, bytes: &[u8]) -> Trouble {
    match serde_json::from_slice::<Problem>(bytes) {
        Ok(problem) => Trouble::Refused(Box::new(problem)),
        Err(error) => Trouble::Broken(format!("the API answers {status} without a problem: {error}")),
    }
}

/// A text as a part of an address.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// The same, written into memory that is wiped.
pub(super) fn encode_into(buffer: &mut Buffer, text: &str) {
    for part in utf8_percent_encode(text, ENCODED) {
        buffer.push(part.as_bytes());
    }
}

/// Parameters as [`with_query`] takes them.
pub(super) fn pairs<'a>(parameters: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    parameters.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// A path with those parameters that have a value.
pub(super) fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let given = parameters.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<_> = given.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_holds_what_has_a_value_and_nothing_leaves_it() {
        assert_eq!(with_query("/v1/a", &[("q", ""), ("b", "")]), "/v1/a");
        assert_eq!(with_query("/v1/a", &[("q", "x&y=/ü"), ("b", "1")]), "/v1/a?q=x%26y%3D%2F%C3%BC&b=1");
    }
}
