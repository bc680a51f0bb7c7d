//! The leaf: the public half of a record, a CloudEvents 1.0 structured event in JSON.
//!
//! Rendered once at append, then stored, served, published and hashed byte for byte. It carries
//! `record_sha256`, so that it binds the private half too.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::v1::Commitment;
use crate::{
    Actor, Event, EventId, Instant, LedgerId, Origin, Outcome, Position, Record, StreamName, Target,
};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
    datacontenttype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataschema: Option<String>,
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
    /// The position of the record that led here.
    #[serde(skip_serializing_if = "Option::is_none")]
    causation: Option<Position>,
    /// What the caller calls all that belongs together.
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation: Option<&'a str>,
    #[serde(serialize_with = "details")]
    #[schemars(with = "serde_json::Value")]
    details: Details<'a>,
    record_sha256: Commitment,
}

/// How a leaf was rendered when its record was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'a> {
    /// The version of the body.
    pub version: u16,
    /// Whether it names its schema; those of the first format do not.
    pub has_schema: bool,
    /// The body of an old version, in JSON.
    pub details: Option<&'a RawValue>,
}

#[derive(Clone, Copy)]
enum Details<'a> {
    Newest(&'a Event),
    Old(&'a RawValue),
}

fn details<S: Serializer>(details: &Details<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    match details {
        Details::Newest(event) => event.serialize_body(serializer),
        Details::Old(json) => json.serialize(serializer),
    }
}

/// The CloudEvents `type` of an action, with the version of its body.
pub fn event_type(action: &str, version: u16) -> String {
    format!("mfa-ledger.{action}.v{version}")
}

/// The CloudEvents `dataschema` of an action: the name of its file among the JSON Schemas.
pub fn schema_name(registered: &str, version: u16) -> String {
    format!("urn:mfa-ledger:schema:{registered}.v{version}")
}

/// The CloudEvents `source` of a log.
pub fn source(ledger: LedgerId) -> String {
    format!("urn:mfa-ledger:{ledger}")
}

/// Renders the leaf of a record that is written now.
pub fn render(
    ledger: LedgerId,
    record: &Record,
    record_sha256: &[u8; 32],
) -> Result<String, serde_json::Error> {
    let form = Form { version: record.event.version(), has_schema: true, details: None };
    render_as(ledger, record, &form, record_sha256)
}

/// Renders a leaf as it was rendered when its record was written.
pub(crate) fn render_as(
    ledger: LedgerId,
    record: &Record,
    form: &Form<'_>,
    record_sha256: &[u8; 32],
) -> Result<String, serde_json::Error> {
    let action = record.event.action();
    let leaf = CloudEvent {
        specversion: "1.0",
        id: record.id,
        source: source(ledger),
        r#type: event_type(action, form.version),
        subject: &record.stream,
        time: record.at,
        traceparent: record.context.traceparent.as_deref(),
        datacontenttype: "application/json",
        dataschema: form.has_schema.then(|| schema_name(record.event.registered_action(), form.version)),
        data: Data {
            action,
            outcome: record.event.outcome(),
            code: record.event.code(),
            actor: &record.actor,
            target: record.target.as_ref(),
            origin: &record.origin,
            request: &record.request,
            causation: record.context.causation,
            correlation: record.context.correlation.as_deref(),
            details: form.details.map_or(Details::Newest(&record.event), Details::Old),
            record_sha256: Commitment(*record_sha256),
        },
    };
    let mut json = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut json, &leaf)?;
    String::from_utf8(json).map_err(serde::ser::Error::custom)
}

/// JSON Schema (draft 2020-12) of the leaf of one kind and version of event.
pub fn schema(kind: u16, version: u16) -> Option<Schema> {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let details = Event::body_schema(kind, version, &mut generator)?;
    let mut root = generator.into_root_schema_for::<CloudEvent<'static>>();
    let title = Event::REGISTRY.iter().find(|(known, ..)| *known == kind)?.2;
    let object = root.ensure_object();
    object.insert("title".to_owned(), title.into());
    let data = object.get_mut("$defs")?.get_mut("Data")?.get_mut("properties")?;
    *data.get_mut("details")? = details.to_value();
    Some(root)
}
