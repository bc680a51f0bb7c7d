//! What was once released decodes for ever: golden bytes and JSON Schemas of every event.
//!
//! A new event, or a new version, is written by `UPDATE=1`. No bytes that lie there are overwritten, and a schema is
//! only ever extended. `golden/1` has the records of the first format, which had no context, `golden/2` those of the second.

mod sampler;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use mfa_ledger_schemas::record::{Actor, Context, Idempotency, Origin, Read, Target};
use mfa_ledger_schemas::{
    ActorKind, AdministratorId, Event, EventId, Instant, LedgerId, Position, Record, SessionId, StreamName,
    codec, leaf,
};
use sampler::Sampler;
use serde_json::Value;

const LEDGER: LedgerId = LedgerId::from_bytes([9; 16]);

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A record of the newest version of a kind.
fn record(kind: u16, optional: bool) -> Record {
    let newest = Event::KINDS.iter().find(|(known, ..)| *known == kind).expect("a kind");
    record_of(kind, newest.1, optional)
}

fn record_of(kind: u16, version: u16, optional: bool) -> Record {
    let administrator = AdministratorId::from_bytes([1; 16]);
    Record {
        id: EventId::from_bytes([2; 16]),
        stream: StreamName::Administrator(administrator),
        reads: vec![
            Read { stream: StreamName::Administrator(administrator), position: Position(7) },
            Read { stream: StreamName::Settings, position: Position(0) },
        ],
        at: Instant::from_unix_ms(1_777_817_100_050),
        actor: Actor {
            kind: ActorKind::Administrator,
            administrator: Some(AdministratorId::from_bytes([3; 16])),
            service_account: None,
            name: "jane".to_owned(),
            role: Some("help-desk".parse().expect("a role id")),
            session: Some(SessionId::from_bytes([4; 16])),
        },
        target: optional.then(|| Target {
            administrator,
            user_name: "joe".to_owned(),
            role: "general-staff".parse().expect("a role id"),
            super_admin: false,
        }),
        origin: Origin { address: Some("192.0.2.7".to_owned()), user_agent: None },
        request: "req-1".to_owned(),
        idempotency: optional.then(|| Idempotency { key: "k".to_owned(), fingerprint: [5; 32] }),
        context: if optional { context() } else { Context::default() },
        event: Event::deserialize_body(kind, version, Sampler { optional })
            .expect("every stored type can be sampled"),
    }
}

fn context() -> Context {
    Context {
        causation: Some(Position(3)),
        correlation: Some("case-1".to_owned()),
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
    }
}

/// Compares a file with what is expected, or writes it when `UPDATE` is set and it is new, or may become this.
fn compare(path: &Path, expected: &str, may_become: fn(&str, &str) -> bool) {
    let update = std::env::var_os("UPDATE").is_some();
    match fs::read_to_string(path) {
        Ok(found) if found == expected => {}
        Ok(found) if !(update && may_become(&found, expected)) => {
            panic!("{} is not what the code makes", path.display())
        }
        Err(error) if !update => panic!("{}: {error}; run the tests with UPDATE=1", path.display()),
        _ => fs::write(path, expected).expect("the file can be written"),
    }
}

/// Whether a schema says all that it said, and at most more: new members, new values of a set, other words about them.
fn is_extended(before: &str, after: &str) -> bool {
    let parsed = |text| serde_json::from_str::<Value>(text).expect("a schema is JSON");
    extends(&parsed(before), &parsed(after))
}

fn extends(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            before.iter().all(|(name, old)| match after.get(name) {
                None => name == "description",
                Some(_) if name == "description" => true,
                Some(Value::Array(new)) if name == "enum" => {
                    old.as_array().is_some_and(|old| old.iter().all(|it| new.contains(it)))
                }
                Some(new) => extends(old, new),
            })
        }
        _ => before == after,
    }
}

#[test]
fn a_schema_may_be_extended_and_no_more() {
    let before = r#"{"required": ["a"], "properties": {"a": {"enum": ["x"]}}, "description": "old"}"#;
    let more =
        r#"{"required": ["a"], "properties": {"a": {"enum": ["x", "y"]}, "b": {}}, "description": "new"}"#;
    assert!(is_extended(before, more));
    for less in [
        r#"{"required": ["a"], "properties": {"b": {}}}"#,
        r#"{"required": ["a", "b"], "properties": {"a": {"enum": ["x"]}}}"#,
        r#"{"required": ["a"], "properties": {"a": {"enum": ["y"]}}}"#,
    ] {
        assert!(!is_extended(before, less), "{less}");
    }
}

#[test]
fn golden_bytes_of_every_event_are_what_they_were() {
    for &(kind, version, action) in Event::KINDS {
        for optional in [true, false] {
            let bytes = codec::encode(LEDGER, &record(kind, optional)).expect("encodes");
            let name = format!("{kind:03}-{version}-{action}-{}.hex", if optional { "full" } else { "bare" });
            compare(&folder("golden/2").join(name), &(HEXLOWER.encode(&bytes) + "\n"), |_, _| false);
        }
    }
}

#[test]
fn golden_bytes_decode_and_nothing_lies_there_that_does_not() {
    let mut seen = BTreeSet::new();
    for format in ["1", "2"] {
        for entry in fs::read_dir(folder("golden").join(format)).expect("the folder is there") {
            let path = entry.expect("readable").path();
            let text = fs::read_to_string(&path).expect("readable");
            let bytes = HEXLOWER.decode(text.trim().as_bytes()).expect("hex");
            let decoded = codec::decode_with_leaf(LEDGER, &bytes);
            let (decoded, leaf) = decoded.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(leaf, codec::halves(&bytes).expect("splits").leaf, "{}", path.display());
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            let mut parts = name.split('-').map(str::parse::<u16>);
            let (Some(Ok(kind)), Some(Ok(version))) = (parts.next(), parts.next()) else { panic!("{name}") };
            let mut expected = record_of(kind, version, name.contains("full"));
            if format == "1" {
                expected.context = Context::default();
            }
            assert_eq!(decoded, expected, "{name}");
            seen.insert((kind, version));
        }
    }
    let released: BTreeSet<_> = Event::REGISTRY.iter().map(|(kind, version, _)| (*kind, *version)).collect();
    assert_eq!(seen, released);
}

#[test]
fn json_schemas_are_what_the_code_makes() {
    for &(kind, version, action) in Event::REGISTRY {
        let schema = leaf::schema(kind, version).expect("registered");
        let schema = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
        compare(&folder("json").join(format!("{action}.v{version}.json")), &schema, is_extended);
    }
}

#[test]
fn numbers_and_actions_are_used_once() {
    let mut kinds: Vec<_> = Event::REGISTRY.iter().map(|(kind, version, _)| (kind, version)).collect();
    let mut actions: Vec<_> = Event::KINDS.iter().map(|(.., action)| action).collect();
    kinds.sort_unstable();
    kinds.dedup();
    actions.sort_unstable();
    actions.dedup();
    assert_eq!((kinds.len(), actions.len()), (Event::REGISTRY.len(), Event::KINDS.len()));
}

#[test]
fn the_leaf_says_what_the_record_says() {
    for &(kind, version, action) in Event::KINDS {
        let record = record(kind, true);
        let stored = codec::split(&codec::encode(LEDGER, &record).expect("encodes")).expect("splits");
        let json: serde_json::Value = serde_json::from_str(&stored.leaf).expect("the leaf is JSON");
        let expected = [
            ("/specversion", "1.0".to_owned()),
            ("/id", record.id.to_string()),
            ("/subject", record.stream.to_string()),
            ("/time", record.at.to_string()),
            ("/data/action", record.event.action().to_owned()),
            ("/data/outcome", record.event.outcome().to_string()),
            ("/data/actor/name", record.actor.name.clone()),
            ("/data/request", record.request.clone()),
            ("/type", format!("mfa-ledger.{}.v{version}", record.event.action())),
            ("/dataschema", format!("urn:mfa-ledger:schema:{action}.v{version}")),
            ("/traceparent", context().traceparent.expect("a trace")),
            ("/data/correlation", "case-1".to_owned()),
            ("/data/record_sha256", HEXLOWER.encode(&codec::sha256(&stored.record))),
        ];
        for (pointer, value) in expected {
            assert_eq!(
                json.pointer(pointer).and_then(serde_json::Value::as_str),
                Some(&*value),
                "{kind} {pointer}"
            );
        }
        let body: serde_json::Value =
            record.event.serialize_body(serde_json::value::Serializer).expect("JSON");
        assert_eq!(json.pointer("/data/details"), Some(&body));
        assert_eq!(json.pointer("/data/causation"), Some(&3.into()));
    }
}

#[test]
fn bytes_that_are_not_ours_are_typed_errors() {
    let good = codec::encode(LEDGER, &record(22, true)).expect("encodes");
    let mut longer = good.clone();
    longer.push(0);
    assert!(matches!(codec::decode(&longer), Err(codec::CodecError::TrailingBytes(1))));
    let mut foreign = good.clone();
    foreign[0] = 3;
    assert!(matches!(codec::decode(&foreign), Err(codec::CodecError::UnknownFormat(3))));
    for cut in 0..good.len() {
        assert!(codec::decode(&good[..cut]).is_err(), "cut at {cut}");
    }
    assert!(matches!(
        Event::decode_body(999, 1, &[]),
        Err(codec::CodecError::UnknownEvent { kind: 999, version: 1 })
    ));
}

#[test]
fn a_number_spelt_longer_than_it_need_be_is_a_typed_error() {
    let record = record(22, true);
    let good = codec::split(&codec::encode(LEDGER, &record).expect("encodes")).expect("splits");
    let whole = |record: Vec<u8>| {
        let stored = codec::Stored { record, leaf: good.leaf.clone() };
        [vec![codec::FORMAT], postcard::to_stdvec(&stored).expect("encodes")].concat()
    };
    let stretched =
        |bytes: &[u8], at: usize| [&bytes[..at], &[bytes[at] | 0x80, 0], &bytes[at + 1..]].concat();
    let is_overlong = |bytes: &[u8]| matches!(codec::decode(bytes), Err(codec::CodecError::Overlong(1)));
    // In an id or a text the byte is no number: then it is another record, or none.
    let mut overlong = 0;
    for at in 0..good.record.len() {
        let bytes = whole(stretched(&good.record, at));
        overlong += usize::from(is_overlong(&bytes));
        assert_ne!(codec::decode(&bytes).ok().as_ref(), Some(&record), "byte {at}");
    }
    assert!(overlong > 20, "numbers in header and body: {overlong}");
    assert!(is_overlong(&stretched(&whole(vec![7; 100]), 1)), "the length of the private half");
}

#[test]
fn a_record_at_the_limit_is_stored_and_one_byte_more_is_refused() {
    let limit = mfa_ledger_schemas::limits::STORED_BYTES;
    let size = |length: usize| {
        let mut record = record(36, false);
        record.request = "x".repeat(length);
        codec::encode(LEDGER, &record).map(|bytes| bytes.len())
    };
    // The request stands in both halves, so one character more is two bytes.
    let fitting = (1..limit).rev().find(|length| size(*length).is_ok()).expect("some length fits");
    assert!(size(fitting).expect("fits") > limit - 2);
    assert!(matches!(size(fitting + 1), Err(codec::CodecError::TooLarge(_))));
}

proptest::proptest! {
    #[test]
    fn decoding_never_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400), at in 0_usize..400) {
        let _outcome = codec::decode(&bytes);
        let mut damaged = codec::encode(LEDGER, &record(22, true)).expect("encodes");
        let length = damaged.len();
        for (offset, byte) in bytes.iter().take(4).enumerate() {
            damaged[(at + offset) % length] ^= byte;
        }
        let _outcome = codec::decode(&damaged);
    }
}

/// What has an annex, but for names and addresses of administrators, is searched for words.
#[test]
fn every_action_with_words_is_among_those_that_are_searched() {
    use mfa_ledger_schemas::event::{REFUSED_ACTIONS, WORDED_ACTIONS};
    let personal = ["administrator.registered", "administrator.changed"];
    let mut expected: Vec<_> = Event::KINDS
        .iter()
        .map(|(kind, ..)| record(*kind, true).event)
        .filter(|event| event.annex().is_some() && !matches!(event, Event::CommandRefused(_)))
        .map(|event| event.action())
        .filter(|action| !personal.contains(action))
        .collect();
    // Commands with a story, refused.
    expected.extend(["mfa.reset_refused", "reset.request_refused"]);
    expected.sort_unstable();
    let mut searched = WORDED_ACTIONS.to_vec();
    searched.sort_unstable();
    assert_eq!(searched, expected);
    assert!(searched.iter().filter(|it| it.ends_with("_refused")).all(|it| REFUSED_ACTIONS.contains(it)));
}
