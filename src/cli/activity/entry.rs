//! An entry of the activity log as the command line shows it, and how it is read.

use mfa_ledger_projections::Order;
use mfa_ledger_schemas::{Position, Words};
use serde_json::{Value, json};

use super::filter::Filter;
use crate::cli::{Column, Failed, Here};
use crate::service::{self, ActivityRecord, READ, Reading};

pub(super) const COLUMNS: &[Column] = &[
    ("Position", "position"),
    ("Time", "time"),
    ("Action", "action"),
    ("Outcome", "outcome"),
    ("Code", "code"),
    ("Actor", "actor.name"),
    ("Target", "target.user_name"),
    ("Address", "origin.address"),
    ("Ticket", "details.story.ticket"),
    ("Reason", "details.story.reason"),
    ("Verification", "details.story.verification"),
    ("Void", "void"),
];

/// Entries read at once.
pub(in crate::cli) const PAGE: usize = 500;

/// Puts the reading on record, which may be refused.
pub(in crate::cli) async fn note(here: &Here, reading: impl Reading) -> Result<(), Failed> {
    match here.service().note_reading(here.call(), reading).await? {
        Some(Err(rejected)) => Err(Failed::rejected(&rejected)),
        Some(Ok(_)) | None => Ok(()),
    }
}

/// The entries that fit, from behind a cursor on, and whether more follow.
pub(in crate::cli) async fn page(
    here: &Here,
    filter: &Filter,
    order: Order,
    after: Option<Position>,
    limit: usize,
) -> Result<(Vec<Value>, Option<Position>), Failed> {
    let (caller, filter) = (here.call().caller, filter.projected());
    let found = here.service().search((&caller, READ), &filter, order, after, limit).await?;
    let records = here.service().activity_records(&found.positions).await?;
    Ok((records.iter().map(shown).collect::<Result<_, _>>()?, found.next()))
}

fn shown(record: &ActivityRecord) -> Result<Value, Failed> {
    of_leaf(record.position.0, &record.leaf, record.void, &words_of(record.words.clone()))
}

/// The words of a record as the API has them.
pub(in crate::cli) fn words_of(words: service::Value<Words>) -> Value {
    let unreadable = words.is_unreadable();
    let known = match words {
        service::Value::None => return Value::Null,
        service::Value::Known(words) => words,
        service::Value::Unreadable => Words::default(),
    };
    let mut shown = json!(known);
    if unreadable {
        shown["unreadable"] = true.into();
    }
    shown
}

/// The entry of a record, made of its public half.
pub(in crate::cli) fn of_leaf(position: u64, leaf: &str, void: bool, words: &Value) -> Result<Value, Failed> {
    let leaf: Value = serde_json::from_str(leaf).map_err(|error| {
        Failed::new(format!("the public half of position {position} is not JSON")).because(&error)
    })?;
    let mut entry = json!({
        "position": position,
        "id": leaf["id"],
        "time": leaf["time"],
        "stream": leaf["subject"],
        "void": void,
        "words": words,
    });
    let fields = entry.as_object_mut().expect("it is written as an object above");
    let data = leaf["data"].as_object().into_iter().flatten();
    fields.extend(data.map(|(name, value)| (name.clone(), value.clone())));
    // The API shows the event, and serves the leaf, which this binds, by itself.
    fields.remove("record_sha256");
    Ok(entry)
}
