//! The leaf: the public half of a record, a CloudEvents 1.0 structured event in JSON.
//!
//! Rendered once at append, then stored, served, published and hashed byte for byte. It carries
//! `record_sha256`, so that it binds the private half too.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::{Serialize, Serializer};

use crate::v1::Commitment;
use crate::{Actor, Event, EventId, Instant, LedgerId, Origin, Outcome, Record, StreamName, Target};

/// Room for most leaves, so that few grow while they are rendered.
const USUAL_BYTES: usize = 2_048;

#[derive(Serialize, JsonSchema)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: EventId,
    source: String,
    r#type: String,
    subject: &'a StreamName,
    time: Instant,
    datacontenttype: &'static str,
    data: Data<'a>,
}

#[derive(Serialize, JsonSchema)]
struct Data<'a> {
    action: &'static str,
    outcome: Outcome,
    code: Option<&'static str>,
    actor: &'a Actor,
    target: Option<&'a Target>,
    origin: &'a Origin,
    request: &'a str,
    #[serde(serialize_with = "details")]
    #[schemars(with = "serde_json::Value")]
    details: &'a Event,
    record_sha256: Commitment,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
fn details<S: Serializer>(event: &&Event, serializer: S) -> Result<S::Ok, S::Error> {
    event.serialize_body(serializer)
}

/// The CloudEvents `type` of an action.
pub fn event_type(action: &str) -> String {
    format!("mfa-ledger.{action}.v1")
}

/// The CloudEvents `source` of a log.
pub fn source(ledger: LedgerId) -> String {
    format!("urn:mfa-ledger:{ledger}")
}

/// Renders the leaf.
pub fn render(
    ledger: LedgerId,
    record: &Record,
    record_sha256: &[u8; 32],
) -> Result<String, serde_json::Error> {
    let action = record.event.action();
    let leaf = CloudEvent {
        specversion: "1.0",
        id: record.id,
        source: source(ledger),
        r#type: event_type(action),
        subject: &record.stream,
        time: record.at,
        datacontenttype: "application/json",
        data: Data {
            action,
            outcome: record.event.outcome(),
            code: record.event.code(),
            actor: &record.actor,
            target: record.target.as_ref(),
            origin: &record.origin,
            request: &record.request,
            details: &record.event,
            record_sha256: Commitment(*record_sha256),
        },
    };
    let mut json = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut json, &leaf)?;
    String::from_utf8(json).map_err(serde::ser::Error::custom)
}

/// JSON Schema (draft 2020-12) of the leaf of one kind of event.
pub fn schema(kind: u16) -> Option<Schema> {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let details = Event::body_schema(kind, &mut generator)?;
    let mut root = generator.into_root_schema_for::<CloudEvent<'static>>();
    let title = Event::REGISTRY.iter().find(|(known, ..)| *known == kind)?.2;
    let object = root.ensure_object();
    object.insert("title".to_owned(), title.into());
    let data = object.get_mut("$defs")?.get_mut("Data")?.get_mut("properties")?;
    *data.get_mut("details")? = details.to_value();
    Some(root)
}
