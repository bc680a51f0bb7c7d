//! The API of a running server, for commands whose data directory it holds.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use reqwest::{Client, RequestBuilder, Response, header};
use serde_json::Value;

use super::exit::{Exit, Failed};
use super::globals::{Globals, chance, clock};
use super::reach::no_such;
use crate::service::SecretText;

/// The variable that holds the caller's token.
const TOKEN: &str = "MFA_LEDGER_TOKEN";
/// Longest wait for an answer; streams have no end.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// A server, and who asks it.
pub(super) struct Remote {
    base: String,
    token: SecretText,
    client: Client,
}

impl Remote {
    pub fn new(base: &str, globals: &Globals) -> Result<Self, Failed> {
        Ok(Self { base: base.to_owned(), token: token(globals, base)?, client: client()? })
    }

    pub async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Failed> {
        json(self.ask(self.request(path, query).timeout(ANSWER_WITHIN)).await?).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failed> {
        let key = chance().uuid_at(clock().unix_ms()).to_string();
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .bearer_auth(self.token.expose())
            .header("idempotency-key", key)
            .timeout(ANSWER_WITHIN)
            .json(body);
        json(self.ask(request).await?).await
    }

    /// One page, one JSON object a line, and the cursor of the next page.
    pub async fn lines(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<(Vec<Value>, Option<String>), Failed> {
        let request = self.request(path, query).header(header::ACCEPT, "application/x-ndjson");
        let response = self.ask(request.timeout(ANSWER_WITHIN)).await?;
        let next = response.headers().get(header::LINK).and_then(|link| cursor(link.to_str().ok()?));
        let text = response.text().await.map_err(|error| unreachable(&self.base).because(&error))?;
        let rows: Result<Vec<_>, _> = text.lines().map(serde_json::from_str).collect();
        Ok((rows.map_err(|error| strange().because(&error))?, next))
    }

    /// The data of server-sent events, from behind an event on.
    pub async fn events(
        &self,
        path: &str,
        query: &[(&str, String)],
        after: Option<&str>,
    ) -> Result<impl Stream<Item = Result<Value, Failed>> + use<>, Failed> {
        let mut request = self.request(path, query).header(header::ACCEPT, "text/event-stream");
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let response = self.ask(request).await?;
        let mut kept = Vec::new();
        Ok(response.bytes_stream().flat_map(move |chunk| {
            let events = match chunk {
                Ok(chunk) => take_events(&mut kept, &chunk),
                Err(error) => vec![Err(Failed::with(Exit::Remote, "the stream broke off").because(&error))],
            };
            futures_util::stream::iter(events)
        }))
    }

    /// The id of the administrator with a user name.
    pub async fn administrator_id(&self, user_name: &str) -> Result<String, Failed> {
        let mut query = vec![("q", user_name.to_owned()), ("limit", "1000".to_owned())];
        loop {
            let page = self.get("/v1/administrators", &query).await?;
            let found =
                page["data"].as_array().into_iter().flatten().find(|it| {
                    it["user_name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(user_name))
                });
            if let Some(id) = found.and_then(|it| it["id"].as_str()) {
                return Ok(id.to_owned());
            }
            let Some(next) = page["next"].as_str() else { return Err(no_such(user_name)) };
            query.truncate(2);
            query.push(("after", next.to_owned()));
        }
    }

    fn request(&self, path: &str, query: &[(&str, String)]) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base)).bearer_auth(self.token.expose()).query(query)
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Response, Failed> {
        let response = request.send().await.map_err(|error| unreachable(&self.base).because(&error))?;
        if response.status().is_success() { Ok(response) } else { Err(problem(response).await) }
    }
}

/// A client that talks to the address it is given, and to no proxy in between: tokens are sent.
pub(super) fn client() -> Result<Client, Failed> {
    let agent = concat!("mfa-ledger/", env!("CARGO_PKG_VERSION"));
    let built =
        Client::builder().no_proxy().user_agent(agent).connect_timeout(Duration::from_secs(5)).build();
    built.map_err(|error| Failed::new("no HTTP client can be made").because(&error))
}

/// The server does not answer.
pub(super) fn unreachable(base: &str) -> Failed {
    Failed::with(Exit::Remote, format!("{base} cannot be reached"))
}

fn strange() -> Failed {
    Failed::with(Exit::Remote, "the server answered what this program does not understand")
}

fn token(globals: &Globals, base: &str) -> Result<SecretText, Failed> {
    let text = match &globals.token_file {
        Some(file) => Some(std::fs::read_to_string(file).map_err(|error| {
            Failed::new(format!("the token file {} cannot be read", file.display())).because(&error)
        })?),
        None => std::env::var(TOKEN).ok(),
    };
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    text.map(SecretText::new).ok_or_else(|| {
        Failed::with(
            Exit::NotAllowed,
            format!("a server at {base} holds the data directory, and wants to know who asks"),
        )
        .advise(format!(
            "put the token of your session into {TOKEN} or a file for --token-file, or stop the server"
        ))
    })
}

async fn json(response: Response) -> Result<Value, Failed> {
    let bytes = response.bytes().await.map_err(|error| strange().because(&error))?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes).map_err(|error| strange().because(&error))
}

/// An RFC 9457 problem as it is told here.
async fn problem(response: Response) -> Failed {
    let status = response.status().as_u16();
    let exit = match status {
        401 | 403 => Exit::NotAllowed,
        404 => Exit::NotFound,
        409 | 412 => Exit::Conflict,
        400 | 422 | 429 => Exit::Failed,
        _ => Exit::Remote,
    };
    let body: Value = response.json().await.unwrap_or_default();
    let told = |name: &str| body[name].as_str().map(str::to_owned);
    let mut message =
        format!("{}: {}", told("code").unwrap_or(status.to_string()), told("title").unwrap_or_default());
    let faults = body["errors"].as_array().into_iter().flatten();
    let faults = faults.map(|it| {
        format!("{} {}", it["pointer"].as_str().unwrap_or("?"), it["detail"].as_str().unwrap_or("?"))
    });
    for more in
        told("detail").into_iter().chain(faults).chain(told("retry_at").map(|at| format!("again at {at}")))
    {
        message = format!("{message}; {more}");
    }
    if let Some(position) = body["position"].as_u64() {
        message = format!("{message} (recorded at position {position})");
    }
    Failed::with(exit, message)
}

/// The cursor in a `Link` to the next page.
fn cursor(link: &str) -> Option<String> {
    let (address, relation) = link.split_once('>')?;
    let (_, query) = address.split_once('?')?;
    let after = query.split('&').find_map(|pair| pair.strip_prefix("after="))?;
    relation.contains("next").then(|| after.to_owned())
}

/// Takes whole events off the bytes that have come; what is left of the last one is kept.
fn take_events(kept: &mut Vec<u8>, chunk: &[u8]) -> Vec<Result<Value, Failed>> {
    kept.extend_from_slice(chunk);
    let mut events = Vec::new();
    while let Some(end) = kept.windows(2).position(|pair| pair == b"\n\n") {
        let event: Vec<u8> = kept.drain(..end + 2).collect();
        let text = String::from_utf8_lossy(&event);
        let data: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("data:")).collect();
        if !data.is_empty() {
            events.push(serde_json::from_str(&data.join("\n")).map_err(|error| strange().because(&error)));
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_taken_whole_however_they_come() {
        let bytes = b": hello\n\nid: 1\ndata: {\"a\":1}\n\nid: 2\ndata: {\"a\":2}\n\n";
        let (mut kept, mut taken) = (Vec::new(), Vec::new());
        for byte in bytes {
            taken.extend(take_events(&mut kept, &[*byte]).into_iter().map(Result::unwrap));
        }
        assert_eq!(taken, [json!({"a": 1}), json!({"a": 2})]);
        assert!(kept.is_empty());
    }

    #[test]
    fn the_cursor_stands_in_the_link() {
        let link = "</v1/activity?limit=2&after=17>; rel=\"next\"";
        assert_eq!(cursor(link).as_deref(), Some("17"));
        assert_eq!(cursor("</v1/activity>; rel=\"next\""), None);
    }
}
