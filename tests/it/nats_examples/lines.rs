//! What an example has written, and what the AsyncAPI document says of subjects.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::example::Running;

/// What was delivered to an example that was killed comes again after half a minute, NATS's own patience.
const PATIENCE: Duration = Duration::from_secs(100);

/// Waits until an example has written the line of this position.
pub async fn reach(out: &Path, position: u64, running: &Running) {
    let begun = Instant::now();
    loop {
        let lines = all(out);
        let last = lines.last().map_or(0, |line| line["position"].as_u64().expect("a position"));
        if last >= position {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "it is at {last} and not at {position}: {}", running.told());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Every whole line.
pub fn all(out: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(out).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

/// The channels of the AsyncAPI document: the parts of each subject, with what each can be.
pub struct Subjects(Vec<Vec<Part>>);

enum Part {
    Is(String),
    OneOf(Vec<String>),
    Anything,
}

impl Subjects {
    pub fn documented() -> Self {
        let text = mfa_ledger::http::events_document("./json");
        let document: Value = serde_json::from_str(&text).expect("it is JSON");
        let channels = document["channels"].as_object().expect("channels");
        Self(channels.values().map(parts).collect())
    }

    /// Whether it is one of exactly one channel.
    pub fn has(&self, subject: &str) -> bool {
        let parts: Vec<_> = subject.split('.').collect();
        let fits = |channel: &&Vec<Part>| {
            channel.len() == parts.len()
                && channel.iter().zip(&parts).all(|(part, it)| match part {
                    Part::Is(text) => text == it,
                    Part::OneOf(texts) => texts.iter().any(|text| text == it),
                    Part::Anything => true,
                })
        };
        self.0.iter().filter(fits).count() == 1
    }
}

fn parts(channel: &Value) -> Vec<Part> {
    let address = channel["address"].as_str().expect("an address");
    let part = |text: &str| {
        let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            return Part::Is(text.to_owned());
        };
        let parameter = &channel["parameters"][name];
        assert!(parameter.is_object(), "{name} of {address} is not described");
        match parameter["enum"].as_array() {
            Some(texts) => {
                Part::OneOf(texts.iter().map(|text| text.as_str().expect("a text").to_owned()).collect())
            }
            None => Part::Anything,
        }
    };
    address.split('.').map(part).collect()
}
