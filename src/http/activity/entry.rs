//! An entry of the activity log as the API shows it: what stands in its leaf, byte for byte as it was signed for,
//! with its position and its words.

use std::sync::Arc;

use axum::response::sse;
use mfa_ledger_api::activity::EntryWords;
use mfa_ledger_ledger::service::{StoredRecord, Value};
use mfa_ledger_schemas::event::WORDED_ACTIONS;
use mfa_ledger_schemas::{AnnexId, Position, Words};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{App, Problem};

/// Columns of the CSV form.
pub(super) const COLUMNS: &[&str] = &[
    "position",
    "time",
    "action",
    "outcome",
    "code",
    "actor.type",
    "actor.name",
    "actor.role",
    "actor.administrator",
    "actor.service_account",
    "target.user_name",
    "target.role",
    "target.super_admin",
    "target.administrator",
    "origin.address",
    "origin.user_agent",
    "details.story.ticket",
    "details.story.reason",
    "details.story.verification",
    "details.story.requested_at",
    "words.requester_name",
    "words.requester_contact",
    "words.text",
    "void",
    "stream",
    "request",
    "id",
    "details",
];

/// An [`Entry`](mfa_ledger_api::activity::Entry) as it is written: what its leaf says is not read, and stays as it is.
#[derive(Serialize)]
struct Unread<'l> {
    position: Position,
    id: &'l RawValue,
    time: &'l RawValue,
    action: &'l str,
    outcome: &'l RawValue,
    code: &'l RawValue,
    actor: &'l RawValue,
    target: &'l RawValue,
    origin: &'l RawValue,
    request: &'l RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    causation: Option<&'l RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation: Option<&'l RawValue>,
    stream: &'l RawValue,
    void: bool,
    details: &'l RawValue,
    words: Option<EntryWords>,
}

/// What is taken over from a leaf.
#[derive(Deserialize)]
struct Leaf<'l> {
    #[serde(borrow)]
    id: &'l RawValue,
    #[serde(borrow)]
    subject: &'l RawValue,
    #[serde(borrow)]
    time: &'l RawValue,
    #[serde(borrow)]
    data: LeafData<'l>,
}

#[derive(Deserialize)]
struct LeafData<'l> {
    action: &'l str,
    #[serde(borrow)]
    outcome: &'l RawValue,
    #[serde(borrow)]
    code: &'l RawValue,
    #[serde(borrow)]
    actor: &'l RawValue,
    #[serde(borrow)]
    target: &'l RawValue,
    #[serde(borrow)]
    origin: &'l RawValue,
    #[serde(borrow)]
    request: &'l RawValue,
    #[serde(borrow)]
    causation: Option<&'l RawValue>,
    #[serde(borrow)]
    correlation: Option<&'l RawValue>,
    #[serde(borrow)]
    details: &'l RawValue,
}

/// The JSON of an entry as far as it never changes: all but its words, which can be erased.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub action: Box<str>,
    /// Ends where the value of `words` begins.
    json: Box<[u8]>,
    words: Option<AnnexId>,
}

impl Rendered {
    fn of(stored: &StoredRecord) -> Result<Self, Problem> {
        let mut json = Vec::with_capacity(stored.leaf()?.len());
        let (action, words) = write_unworded(stored, &mut json)?;
        Ok(Self { action: action.into(), json: json.into(), words })
    }

    /// The bytes that it takes in memory.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.action.len() + self.json.len()
    }

    /// Whether something was told about it in words, erased or not.
    pub fn has_words(&self) -> bool {
        self.words.is_some()
    }

    /// Writes the whole object.
    pub fn write(&self, app: &App, out: &mut Vec<u8>) -> Result<(), Problem> {
        out.extend_from_slice(&self.json);
        write_words(app, self.words, out)
    }

    /// As an event of the stream: the position is its id, the action its type.
    pub fn to_sse(&self, app: &App, position: Position) -> Result<sse::Event, Problem> {
        let mut json = Vec::with_capacity(self.json.len() + NO_WORDS.len());
        self.write(app, &mut json)?;
        let json = String::from_utf8(json).map_err(|_| Problem::new("internal-error"))?;
        Ok(sse::Event::default().id(position.to_string()).event(&*self.action).data(json))
    }
}

/// How an entry without words ends.
const NO_WORDS: &[u8] = b"null}";

/// Writes the whole object of a record, which does not stay in memory.
pub(super) fn write(app: &App, stored: &StoredRecord, out: &mut Vec<u8>) -> Result<(), Problem> {
    let (_, words) = write_unworded(stored, out)?;
    write_words(app, words, out)
}

/// Writes an entry up to where the value of `words` begins; its action, and where its words are.
fn write_unworded<'s>(
    stored: &'s StoredRecord,
    out: &mut Vec<u8>,
) -> Result<(&'s str, Option<AnnexId>), Problem> {
    let broken = |_| Problem::new("internal-error");
    let Leaf { id, subject, time, data } = serde_json::from_str(stored.leaf()?).map_err(broken)?;
    let LeafData { action, outcome, code, actor, target, origin, request, causation, correlation, details } =
        data;
    let entry = Unread {
        position: stored.position,
        id,
        time,
        action,
        outcome,
        code,
        actor,
        target,
        origin,
        request,
        causation,
        correlation,
        stream: subject,
        void: stored.void,
        details,
        words: None,
    };
    serde_json::to_writer(&mut *out, &entry).map_err(broken)?;
    out.truncate(out.len() - NO_WORDS.len());
    // Most have none, and need not be decoded to tell.
    let words = if WORDED_ACTIONS.contains(&action) { stored.words()? } else { None };
    Ok((action, words))
}

/// Writes the words that there still are, and the end of the entry.
fn write_words(app: &App, words: Option<AnnexId>, out: &mut Vec<u8>) -> Result<(), Problem> {
    let words = match app.service.words(words) {
        Value::None => {
            out.extend_from_slice(NO_WORDS);
            return Ok(());
        }
        Value::Known(words) => EntryWords { words, unreadable: false },
        Value::Unreadable => EntryWords { words: Words::default(), unreadable: true },
    };
    serde_json::to_writer(&mut *out, &words).map_err(|_| Problem::new("internal-error"))?;
    out.push(b'}');
    Ok(())
}

/// The entries at these positions; none of them stays in memory.
pub(super) async fn rendered(app: &App, positions: &[Position]) -> Result<Vec<Rendered>, Problem> {
    let stored = app.service.stored_at(positions).await?;
    stored.iter().map(Rendered::of).collect()
}

/// The same, from memory as far as they are there: the same pages are asked for again and again.
pub(super) async fn kept(app: &App, positions: &[Position]) -> Result<Vec<Arc<Rendered>>, Problem> {
    let mut found: Vec<_> = positions.iter().map(|position| app.entries.get(position)).collect();
    let lacking = positions.iter().zip(&found).filter(|(_, it)| it.is_none());
    let lacking: Vec<_> = lacking.map(|(position, _)| *position).collect();
    let mut made = rendered(app, &lacking).await?.into_iter().zip(lacking);
    for place in found.iter_mut().filter(|it| it.is_none()) {
        let Some((entry, position)) = made.next() else { break };
        let entry = Arc::new(entry);
        app.entries.insert(position, Arc::clone(&entry));
        *place = Some(entry);
    }
    Ok(found.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::kept::{KEPT_BYTES, none};

    #[test]
    fn so_many_bytes_of_entries_stay_and_no_more() {
        let entries = none();
        let entry = |bytes: usize| {
            Arc::new(Rendered { action: "a".into(), json: vec![b'x'; bytes].into(), words: None })
        };
        for position in 1..=20_000 {
            entries.insert(Position(position), entry(2_000));
            assert!(entries.weight() <= KEPT_BYTES);
        }
        assert!(entries.weight() > KEPT_BYTES / 2 && entries.len() < 20_000, "{}", entries.weight());
        assert_eq!(entry(2_000).bytes(), size_of::<Rendered>() + 1 + 2_000);
    }
}
