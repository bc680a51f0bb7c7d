//! The API of a running server, for commands whose data directory it holds.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use mfa_ledger_api::nulls::without_nulls;
use reqwest::{Client, RequestBuilder, Response, header};
use serde::Serialize;
use serde_json::Value;

use super::exit::{Exit, Failed};
use super::globals::{Globals, chance, clock};
use super::reach::no_such;
use crate::service::SecretText;
use crate::text_file::without_mark;

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

    /// Sends a body, without what is not there.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Value, Failed> {
        let body = serde_json::to_value(body).expect("bodies are JSON");
        let key = chance().uuid_at(clock().unix_ms()).to_string();
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .bearer_auth(self.token.expose())
            .header("idempotency-key", key)
            .timeout(ANSWER_WITHIN)
            .json(&without_nulls(body));
        json(self.ask(request).await?).await
    }

    /// An answer of one JSON object a line, in a media type of that kind, as it comes.
    pub async fn lines(
        &self,
        media_type: &'static str,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<impl Stream<Item = Result<Vec<Value>, Failed>> + use<>, Failed> {
        let request = self.request(path, query).header(header::ACCEPT, media_type);
        let response = self.ask(request).await?;
        let mut kept = Vec::new();
        Ok(response.bytes_stream().map(move |chunk| {
            let chunk = chunk.map_err(|error| broken_off().because(&error))?;
            take(&mut kept, &chunk, b"\n").iter().map(|line| parse(line)).collect()
        }))
    }

    /// The data of server-sent events, from behind an event on.
    pub async fn events(
        &self,
        path: &str,
        query: &[(&str, String)],
        after: &str,
    ) -> Result<impl Stream<Item = Result<Value, Failed>> + use<>, Failed> {
        let request = self.request(path, query).header(header::ACCEPT, "text/event-stream");
        let response = self.ask(request.header("last-event-id", after)).await?;
        let mut kept = Vec::new();
        Ok(response.bytes_stream().flat_map(move |chunk| {
            let events = match chunk {
                Ok(chunk) => {
                    take(&mut kept, &chunk, b"\n\n").iter().filter_map(|event| data(event)).collect()
                }
                Err(error) => vec![Err(broken_off().because(&error))],
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
    let builder = || Client::builder().no_proxy().user_agent(agent).connect_timeout(Duration::from_secs(5));
    // A machine without certificates can still ask a server on it.
    let built = builder().build().or_else(|_| builder().tls_certs_only([]).build());
    built.map_err(|error| Failed::new("no HTTP client can be made").because(&error))
}

/// The server does not answer.
pub(super) fn unreachable(base: &str) -> Failed {
    Failed::with(Exit::Remote, format!("{base} cannot be reached"))
}

fn strange() -> Failed {
    Failed::with(Exit::Remote, "the server answered what this program does not understand")
}

fn broken_off() -> Failed {
    Failed::with(Exit::Remote, "the answer broke off before its end")
}

/// The token that the caller gave along, if any.
pub(super) fn own_token(globals: &Globals) -> Result<Option<SecretText>, Failed> {
    let text = match &globals.token_file {
        Some(file) => Some(std::fs::read_to_string(file).map_err(|error| {
            Failed::new(format!("the token file {} cannot be read", file.display())).because(&error)
        })?),
        None => std::env::var(TOKEN).ok(),
    };
    let text = text.map(SecretText::new);
    let token = text.map(|text| SecretText::new(without_mark(text.expose()).trim().to_owned()));
    Ok(token.filter(|token| !token.expose().is_empty()))
}

fn token(globals: &Globals, base: &str) -> Result<SecretText, Failed> {
    own_token(globals)?.ok_or_else(|| {
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
    parse(&bytes)
}

/// An RFC 9457 problem as it is told here.
async fn problem(response: Response) -> Failed {
    let status = response.status();
    let exit = Exit::of_status(status);
    let body: Value = response.json().await.unwrap_or_default();
    let told = |name: &str| body[name].as_str().map(str::to_owned);
    let code = told("code").unwrap_or_else(|| status.as_str().to_owned());
    let mut message = format!("{code}: {}", told("title").unwrap_or_default());
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

fn parse(json: &[u8]) -> Result<Value, Failed> {
    serde_json::from_slice(json).map_err(|error| strange().because(&error))
}

/// Takes whole pieces off the bytes that have come; what is left of the last one is kept.
fn take(kept: &mut Vec<u8>, chunk: &[u8], separator: &[u8]) -> Vec<Vec<u8>> {
    kept.extend_from_slice(chunk);
    let mut pieces = Vec::new();
    while let Some(end) = kept.windows(separator.len()).position(|bytes| bytes == separator) {
        let mut piece: Vec<u8> = kept.drain(..end + separator.len()).collect();
        piece.truncate(end);
        pieces.push(piece);
    }
    pieces
}

/// The data of one server-sent event, if it has any.
fn data(event: &[u8]) -> Option<Result<Value, Failed>> {
    let lines = event.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"data:"));
    let data: Vec<_> = lines.collect();
    (!data.is_empty()).then(|| parse(&data.join(&b'\n')))
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
            let events = take(&mut kept, &[*byte], b"\n\n");
            taken.extend(events.iter().filter_map(|event| data(event)).map(Result::unwrap));
        }
        assert_eq!(taken, [json!({"a": 1}), json!({"a": 2})]);
        assert!(kept.is_empty());
    }
}
