//! One message on the stream of the events, judged by itself: what its place and the event in it say about its id,
//! its subject and its headers. Whether the event is the one that was recorded is for others to judge.

use async_nats::header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_EXPECTED_STREAM, NATS_MESSAGE_ID};
use async_nats::{HeaderMap, HeaderName};
use mfa_ledger_schemas::{LedgerId, StreamName, leaf, subject};
use serde::Deserialize;

use super::message_id;

/// Where a message lies, and what surrounds the event in it.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'m> {
    /// Its sequence on the stream.
    pub sequence: u64,
    /// Its subject.
    pub subject: &'m str,
    /// Its headers, where it has any.
    pub headers: Option<&'m HeaderMap>,
}

/// What is read of a leaf to judge its message.
#[derive(Deserialize)]
struct Event<'a> {
    specversion: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    source: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    subject: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    data: super::LeafData<'a>,
}

impl Envelope<'_> {
    /// Why this message is not the one that a ledger publishes at this place with this leaf; `None` where it is.
    pub fn fault(&self, ledger: LedgerId, leaf: &[u8]) -> Option<String> {
        self.wrong_id(ledger).or_else(|| self.wrong_header()).or_else(|| self.wrong_subject(ledger, leaf))
    }

    /// The ledger that its id names, if it is one of a ledger at this place.
    pub fn ledger(&self) -> Option<LedgerId> {
        let id = self.headers?.get(NATS_MESSAGE_ID)?.as_str();
        let ledger = id.split_once('/')?.0.parse().ok()?;
        (id == message_id(ledger, self.sequence)).then_some(ledger)
    }

    fn wrong_id(&self, ledger: LedgerId) -> Option<String> {
        let ours = message_id(ledger, self.sequence);
        let ids: Vec<_> = self.headers.iter().flat_map(|it| it.get_all(NATS_MESSAGE_ID)).collect();
        match ids.as_slice() {
            [id] if id.as_str() == ours => None,
            [] => Some(format!("it has no Nats-Msg-Id; {ours:?} is expected")),
            [id, ..] => Some(format!("its Nats-Msg-Id is {:?}; {ours:?} is expected", id.as_str())),
        }
    }

    /// Another header could make a reader drop the message: as a replay, for example.
    fn wrong_header(&self) -> Option<String> {
        let before = (self.sequence.saturating_sub(1)).to_string();
        let headers = self.headers.iter().flat_map(|it| it.iter());
        let mut wrong: Vec<_> = headers
            .filter_map(|(name, values)| {
                let name: &str = name.as_ref();
                let is = |known: HeaderName| {
                    let known: &str = known.as_ref();
                    name == known
                };
                let sent = is(NATS_MESSAGE_ID)
                    || is(NATS_EXPECTED_STREAM)
                    || is(NATS_EXPECTED_LAST_SEQUENCE) && values.iter().all(|value| value.as_str() == before);
                (!sent).then(|| format!("its header {name:?} is not one that the ledger sends"))
            })
            .collect();
        wrong.sort();
        wrong.into_iter().next()
    }

    fn wrong_subject(&self, ledger: LedgerId, leaf: &[u8]) -> Option<String> {
        let Ok(event) = serde_json::from_slice::<Event<'_>>(leaf) else {
            return Some("it is not an event of a ledger".to_owned());
        };
        let stream = event.subject.parse::<StreamName>().ok().filter(|_| event.specversion == "1.0");
        let Some(stream) = stream else { return Some("it is not an event of a ledger".to_owned()) };
        if event.source != leaf::source(ledger) {
            return Some(format!("its event is from {:?}", event.source));
        }
        let due = subject::of_event(&stream, &event.data.action);
        (due != self.subject).then(|| format!("its subject is {:?}; {due:?} is expected", self.subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECT: &str = "mfa.v1.strangers._.session_failed";

    fn ledger() -> LedgerId {
        LedgerId::from_bytes([7; 16])
    }

    fn event(ledger: LedgerId) -> String {
        let source = leaf::source(ledger);
        format!(
            r#"{{"specversion":"1.0","source":"{source}","subject":"strangers","data":{{"action":"session.failed"}}}}"#
        )
    }

    fn headers(id: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id);
        headers.insert(NATS_EXPECTED_STREAM, "MFA_EVENTS");
        headers.insert(NATS_EXPECTED_LAST_SEQUENCE, "27");
        headers
    }

    #[track_caller]
    fn judged(subject: &str, headers: &HeaderMap, leaf: &str, wanted: Option<&str>) {
        let envelope = Envelope { sequence: 28, subject, headers: Some(headers) };
        let fault = envelope.fault(ledger(), leaf.as_bytes());
        match wanted {
            None => assert_eq!(fault, None),
            Some(words) => assert!(fault.as_ref().is_some_and(|it| it.contains(words)), "{words}: {fault:?}"),
        }
    }

    #[test]
    fn what_the_ledger_sends_is_accepted_and_nothing_beside_it() {
        let (ours, leaf) = (message_id(ledger(), 28), event(ledger()));
        judged(SUBJECT, &headers(&ours), &leaf, None);
        let alone = || {
            let mut alone = HeaderMap::new();
            alone.insert(NATS_MESSAGE_ID, ours.as_str());
            alone
        };
        judged(SUBJECT, &alone(), &leaf, None);
        judged(SUBJECT, &headers(&message_id(ledger(), 27)), &leaf, Some("its Nats-Msg-Id is"));
        judged(SUBJECT, &HeaderMap::new(), &leaf, Some("it has no Nats-Msg-Id"));
        let mut twice = alone();
        twice.append(NATS_MESSAGE_ID, "other");
        judged(SUBJECT, &twice, &leaf, Some("its Nats-Msg-Id is"));
        let mut replay = alone();
        replay.insert("Mfa-Ledger-Replay", "true");
        judged(SUBJECT, &replay, &leaf, Some("\"Mfa-Ledger-Replay\" is not one that the ledger sends"));
        let mut elsewhere = alone();
        elsewhere.insert(NATS_EXPECTED_LAST_SEQUENCE, "26");
        judged(SUBJECT, &elsewhere, &leaf, Some("\"Nats-Expected-Last-Sequence\" is not one"));
        judged("mfa.v1.settings._.changed", &alone(), &leaf, Some("its subject is"));
        let theirs = event(LedgerId::from_bytes([8; 16]));
        judged(SUBJECT, &alone(), &theirs, Some("its event is from"));
        for none in ["", "{}", "[]", &leaf.replace("1.0", "2.0"), &leaf.replace("strangers", "no/such")] {
            judged(SUBJECT, &alone(), none, Some("it is not an event of a ledger"));
        }
    }

    #[test]
    fn a_message_names_its_ledger_only_at_its_own_place() {
        let named = |id: &str| {
            let headers = headers(id);
            Envelope { sequence: 28, subject: SUBJECT, headers: Some(&headers) }.ledger()
        };
        assert_eq!(named(&message_id(ledger(), 28)), Some(ledger()));
        assert_eq!(named(&message_id(ledger(), 29)), None);
        assert_eq!(named("28"), None);
    }
}
