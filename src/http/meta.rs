//! A request's circumstances: where it came from, its id, its idempotency key, the version it saw, what it belongs to.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use mfa_ledger_api::header::{CORRELATION_ID, IDEMPOTENCY_KEY, REQUEST_ID, TRACEPARENT};
use mfa_ledger_api::text::beginning;
use mfa_ledger_ledger::service::{Answer, Call, Caller, Done, UseCase};
use mfa_ledger_schemas::record::{Context, Origin};
use mfa_ledger_schemas::{Position, limits};

use super::App;
use super::problem::Problem;
use super::proxies::caller_address;

/// What every command is accompanied by. Most readings need nothing of it: texts are made when they are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Meta {
    pub address: IpAddr,
    agent: Option<HeaderValue>,
    request: Option<HeaderValue>,
    repeatable: Option<Repeatable>,
    if_match: Option<Position>,
    context: Context,
}

/// What may come again with the same key.
#[derive(Clone, Debug)]
struct Repeatable {
    key: String,
    /// Method and address.
    asked: String,
}

impl FromRequestParts<App> for Meta {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let address = caller_address(parts, app);
        let asked = || format!("{} {}", parts.method, parts.uri);
        let repeatable = idempotency_key(&parts.headers)?.map(|key| Repeatable { key, asked: asked() });
        Ok(Self {
            address,
            agent: parts.headers.get(header::USER_AGENT).cloned(),
            request: parts.headers.get(&REQUEST_ID).cloned(),
            repeatable,
            if_match: if_match(&parts.headers)?,
            context: Context {
                causation: None,
                correlation: correlation(&parts.headers)?,
                traceparent: traceparent(&parts.headers),
            },
        })
    }
}

impl Meta {
    pub fn call(&self, app: &App, caller: Caller, body: &[u8], takes_keys: bool) -> Call {
        let idempotency = self.repeatable.clone().filter(|_| takes_keys).map(|Repeatable { key, asked }| {
            let fingerprint = app.service.fingerprint(&[asked.as_bytes(), b"\n", body]);
            (key, fingerprint)
        });
        let request = self.request.as_ref().and_then(|id| id.to_str().ok());
        Call {
            caller,
            origin: self.origin(),
            request: request.unwrap_or_default().to_owned(),
            idempotency,
            if_match: self.if_match,
            context: self.context.clone(),
        }
    }

    fn origin(&self) -> Origin {
        Origin { address: Some(self.address.to_string()), user_agent: self.agent.as_ref().map(printable) }
    }

    /// Executes a command; a rejection is a problem.
    pub async fn execute<C: UseCase>(
        self,
        app: &App,
        caller: Caller,
        body: &[u8],
        command: C,
    ) -> Result<Done<C::Ending>, Problem> {
        let answer = self.ask(app, caller, body, command).await?;
        answer.map_err(|rejected| Problem::rejected(rejected, app.service.now()))
    }

    /// Executes a command; a rejection is an answer.
    pub async fn ask<C: UseCase>(
        self,
        app: &App,
        caller: Caller,
        body: &[u8],
        command: C,
    ) -> Result<Answer<C::Ending>, Problem> {
        let call = self.call(app, caller, body, command.is_repeatable());
        let answer = app.service.execute(call, command).await;
        app.metrics.count_command(&answer);
        Ok(answer?)
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(&IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = value.to_str().ok();
    match text {
        Some(text)
            if (1..=limits::IDEMPOTENCY_KEY_CHARS).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            Ok(Some(text.to_owned()))
        }
        _ => Err(Problem::parameter("Idempotency-Key", "1 to 128 visible ASCII characters")),
    }
}

fn correlation(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(&CORRELATION_ID) else { return Ok(None) };
    let fits = |text: &&str| {
        (1..=limits::CORRELATION_CHARS).contains(&text.len())
            && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"._:-".contains(&it))
    };
    let text = value.to_str().ok().filter(fits);
    let text = text.ok_or_else(|| {
        Problem::parameter(
            "X-Correlation-Id",
            "1 to 48 letters, digits, dots, underscores, colons and hyphens",
        )
    })?;
    Ok(Some(text.to_owned()))
}

/// W3C Trace Context, version 00. What is none is not taken over, as the standard has it.
fn traceparent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(&TRACEPARENT)?.to_str().ok()?;
    let parts: Vec<_> = text.split('-').collect();
    let [version, trace, parent, flags] = parts.as_slice() else { return None };
    let is_hex = |text: &str| text.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it));
    let is_id =
        |text: &str, length: usize| text.len() == length && is_hex(text) && text.bytes().any(|it| it != b'0');
    let fits = *version == "00" && is_id(trace, 32) && is_id(parent, 16) && flags.len() == 2 && is_hex(flags);
    fits.then(|| text.to_owned())
}

fn if_match(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version =
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    version.map(|version| Some(Position(version))).ok_or_else(|| {
        Problem::parameter("If-Match", "one ETag as an earlier answer gave it, such as \"17\"")
    })
}

/// Evidence is kept, whatever bytes it is made of.
fn printable(agent: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(agent.as_bytes());
    beginning(&text, limits::USER_AGENT_CHARS).chars().filter(|sign| !sign.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_that_is_no_ascii_is_kept_as_far_as_it_can_be_shown() {
        let agent = |bytes: &[u8]| printable(&HeaderValue::from_bytes(bytes).expect("a header may hold it"));
        assert_eq!(agent(b"Mozilla/5.0 (X11)"), "Mozilla/5.0 (X11)");
        assert_eq!(agent("Prohlížeč 1\t2".as_bytes()), "Prohlížeč 12");
        assert_eq!(agent(b"old\xe9 browser"), "old\u{fffd} browser");
        assert_eq!(agent(&[b'a'; limits::USER_AGENT_CHARS + 1]).len(), limits::USER_AGENT_CHARS);
    }
}
