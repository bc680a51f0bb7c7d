//! The AsyncAPI document of what is published on NATS, made from the registry of events.
//!
//! The payloads are references to the JSON Schemas, which lie beside the document wherever it is.

mod channels;

use serde_json::{Map, Value, json};

use crate::subject::CHECKPOINTS;
use crate::{Event, StreamName, leaf, subject};

pub use channels::Channel;

/// The version of AsyncAPI.
const ASYNCAPI: &str = "3.1.0";

/// What every body is, but those of checkpoints.
const CLOUD_EVENT: &str = "application/cloudevents+json";

/// A log, for examples.
const LEDGER: &str = "led_01h455vb4pex5vsknk084sn02q";

const ABOUT: &str = "\
Every event of the log, once and in order, on a JetStream stream whose sequence is the position in the log. \
A body is a CloudEvents 1.0 event in structured mode, byte for byte as it is stored, served and hashed. Read it \
with a durable consumer that `mfa-ledger consumers add` makes, acknowledge explicitly, drop what you have had by \
`Nats-Msg-Id`, ignore fields that you do not know, and set aside types whose last part is a version that you do not \
know: each version has a message of its own here. Nothing is \
ever taken from NATS. Whoever runs NATS can alter the stream: the bodies are the leaves of an RFC 6962 tree whose root \
is signed in the checkpoints, and `mfa-ledger events verify` compares the stream with them.";

/// The document, for the JSON Schemas that lie at this address, such as `./json`.
pub fn document(version: &str, schemas: &str) -> Value {
    let (mut channels, mut messages, mut operations) = (Map::new(), Map::new(), Map::new());
    for &(kind, version, action) in Event::REGISTRY {
        messages.insert(message_name(action, version), message(kind, version, action, schemas));
    }
    for &(_, _, action) in Event::KINDS {
        let versions = message_names(action);
        for channel in Channel::of(action) {
            let name = channel.name();
            operations.insert(format!("publish.{name}"), operation(&name, &versions));
            channels.insert(name, event_channel(&channel, &versions));
        }
    }
    let checkpoints = ["checkpoint".to_owned()];
    messages.insert("checkpoint".to_owned(), checkpoint());
    operations.insert("publish.checkpoint".to_owned(), operation("checkpoint", &checkpoints));
    channels.insert("checkpoint".to_owned(), checkpoint_channel(&checkpoints));
    json!({
        "asyncapi": ASYNCAPI,
        "id": "urn:mfa-ledger:events",
        "info": {
            "title": "mfa-ledger: events",
            "version": version,
            "description": ABOUT,
            "tags": [{ "name": "events" }, { "name": "checkpoints" }],
        },
        "defaultContentType": CLOUD_EVENT,
        "servers": { "nats": server() },
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": {
                "EventHeaders": headers(
                    "The log and the position in it, which is the stream's sequence: what comes again has it again.",
                    "[1-9][0-9]*$",
                    "4711",
                ),
                "CheckpointHeaders": headers(
                    "The log and the SHA-256 of the body.",
                    "checkpoint/[0-9a-f]{64}$",
                    "checkpoint/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                ),
            },
            "securitySchemes": security(),
        },
    })
}

/// The names of the JSON Schema files that the document refers to, each with the kind and version of the event.
pub fn schema_files() -> impl Iterator<Item = (u16, u16, String)> {
    Event::REGISTRY.iter().map(|(kind, version, action)| (*kind, *version, schema_file(action, *version)))
}

/// The messages of an action, the newest version last.
fn message_names(action: &str) -> Vec<String> {
    let versions = Event::REGISTRY.iter().filter(|(.., it)| *it == action);
    versions.map(|(_, version, _)| message_name(action, *version)).collect()
}

/// The first version has the action's own name.
fn message_name(action: &str, version: u16) -> String {
    if version == 1 { action.to_owned() } else { format!("{action}.v{version}") }
}

/// Whether an event with this action may be in this stream, as the document has it.
pub fn is_documented(stream: &StreamName, action: &str) -> bool {
    let event = subject::event(stream.kind(), action);
    let registered = Event::KINDS.iter().map(|(.., action)| *action).find(|it| *it == action);
    let channels = Channel::of(registered.unwrap_or(channels::REFUSED));
    channels.iter().any(|it| it.kinds.contains(&stream.kind()) && it.events.contains(&event))
}

fn schema_file(action: &str, version: u16) -> String {
    format!("{action}.v{version}.json")
}

fn server() -> Value {
    json!({
        "host": "{host}:{port}",
        "protocol": "nats",
        "description": "The servers of `nats.urls` in the configuration. The events are on the JetStream stream \
                        `MFA_EVENTS`, the checkpoints on `MFA_CHECKPOINTS`, if they are not named otherwise there.",
        "variables": {
            "host": { "default": "localhost", "description": "A NATS server" },
            "port": { "default": "4222", "description": "Its port" },
        },
        "security": [
            { "$ref": "#/components/securitySchemes/nkey" },
            { "$ref": "#/components/securitySchemes/password" },
            { "$ref": "#/components/securitySchemes/certificate" },
        ],
        "bindings": { "nats": {} },
    })
}

fn security() -> Value {
    json!({
        "nkey": { "type": "asymmetricEncryption", "description": "An NKey, alone or with a JWT" },
        "password": { "type": "userPassword", "description": "User and password" },
        "certificate": { "type": "X509", "description": "A client's certificate" },
    })
}

fn event_channel(channel: &Channel, messages: &[String]) -> Value {
    let mut parameters = Map::new();
    if channel.kinds.len() > 1 {
        let told = json!({ "description": "Kind of the stream", "enum": channel.kinds });
        parameters.insert("kind".to_owned(), told);
    }
    if channel.has_ids() {
        let mut ids = channel.ids();
        ids.dedup();
        let mut told: Vec<_> = ids.iter().map(|(what, _)| *what).collect();
        if ids.len() < channel.kinds.len() {
            told.push("`_` where there is only one stream of the kind");
        }
        let examples: Vec<_> = ids.iter().map(|(_, example)| example).collect();
        parameters.insert("id".to_owned(), json!({ "description": told.join("; "), "examples": examples }));
    }
    if channel.events.len() > 1 {
        let told = json!({ "description": "The command that was refused", "enum": channel.events });
        parameters.insert("event".to_owned(), told);
    }
    channel_of(&channel.address(), messages, parameters, "events")
}

fn checkpoint_channel(messages: &[String]) -> Value {
    let ledger = json!({ "description": "Id of the log", "examples": [LEDGER] });
    let parameters = Map::from_iter([("ledger".to_owned(), ledger)]);
    channel_of(&format!("{CHECKPOINTS}.{{ledger}}"), messages, parameters, "checkpoints")
}

fn channel_of(address: &str, messages: &[String], parameters: Map<String, Value>, tag: &str) -> Value {
    let known = |name: &String| (name.clone(), json!({ "$ref": format!("#/components/messages/{name}") }));
    let mut channel = json!({
        "address": address,
        "servers": [{ "$ref": "#/servers/nats" }],
        "messages": messages.iter().map(known).collect::<Map<_, _>>(),
        "tags": [{ "name": tag }],
        "bindings": { "nats": {} },
    });
    if !parameters.is_empty() {
        channel["parameters"] = Value::Object(parameters);
    }
    channel
}

fn operation(channel: &str, messages: &[String]) -> Value {
    let sent = |name: &String| json!({ "$ref": format!("#/channels/{channel}/messages/{name}") });
    json!({
        "action": "send",
        "channel": { "$ref": format!("#/channels/{channel}") },
        "messages": messages.iter().map(sent).collect::<Vec<_>>(),
        "bindings": { "nats": { "bindingVersion": "0.1.0" } },
    })
}

fn message(kind: u16, version: u16, action: &str, schemas: &str) -> Value {
    json!({
        "name": leaf::event_type(action, version),
        "title": message_name(action, version),
        "summary": summary(kind, version),
        "contentType": CLOUD_EVENT,
        "headers": { "$ref": "#/components/schemas/EventHeaders" },
        "payload": { "$ref": format!("{schemas}/{}", schema_file(action, version)) },
        "bindings": { "nats": { "bindingVersion": "0.1.0" } },
    })
}

/// What the struct of the event says of itself.
fn summary(kind: u16, version: u16) -> Option<String> {
    let schema = leaf::schema(kind, version)?.to_value();
    let details = schema.pointer("/$defs/Data/properties/details/$ref")?.as_str()?;
    let told = schema.pointer(details.strip_prefix('#')?)?.get("description")?.as_str()?;
    Some(told.replace('\n', " "))
}

fn headers(about: &str, pattern: &str, example: &str) -> Value {
    json!({
        "type": "object",
        "required": ["Nats-Msg-Id"],
        "properties": {
            "Nats-Msg-Id": {
                "type": "string",
                "description": about,
                "pattern": format!("^led_[0-7][0-9a-hjkmnp-tv-z]{{25}}/{pattern}"),
                "examples": [format!("{LEDGER}/{example}")],
            },
        },
    })
}

fn checkpoint() -> Value {
    json!({
        "name": "checkpoint",
        "title": "checkpoint",
        "summary": "The signed state of the log's tree: a C2SP checkpoint (tlog-checkpoint) as a signed note, published \
                    whenever the log has moved, at most once a second, after all events that it covers.",
        "contentType": "text/plain; charset=utf-8",
        "headers": { "$ref": "#/components/schemas/CheckpointHeaders" },
        "payload": {
            "type": "string",
            "description": "Origin, size of the tree, and root hash in base64, a line each; an empty line; signatures, a \
                            line each.",
            "pattern": "^[^\\n]+\\n[0-9]+\\n[A-Za-z0-9+/=]+\\n",
        },
        "bindings": { "nats": { "bindingVersion": "0.1.0" } },
    })
}
