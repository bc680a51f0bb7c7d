//! What was once released decodes for ever: golden bytes and JSON Schemas of every event.
//!
//! A new event, or a new version, is written by `UPDATE=1`; nothing that lies there is overwritten.

mod sampler;

use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use mfa_ledger_schemas::record::{Actor, Idempotency, Origin, Read, Target};
use mfa_ledger_schemas::{
    ActorKind, AdministratorId, Event, EventId, Instant, LedgerId, Position, Record, SessionId, StreamName,
    codec, leaf,
};
use sampler::Sampler;

const LEDGER: LedgerId = LedgerId::from_bytes([9; 16]);

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn record(kind: u16, optional: bool) -> Record {
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
        event: Event::deserialize_body(kind, Sampler { optional }).expect("every stored type can be sampled"),
    }
}

/// Compares a file with what is expected, or writes it when it is new and `UPDATE` is set.
fn compare(path: &Path, expected: &str, may_change: bool) {
    let update = std::env::var_os("UPDATE").is_some();
    match fs::read_to_string(path) {
        Ok(found) if found == expected => {}
        Ok(_) if !(update && may_change) => panic!("{} is not what the code makes", path.display()),
        Err(error) if !update => panic!("{}: {error}; run the tests with UPDATE=1", path.display()),
        _ => fs::write(path, expected).expect("the file can be written"),
    }
}

#[test]
fn golden_bytes_of_every_event_are_what_they_were() {
    for &(kind, version, action) in Event::REGISTRY {
        for optional in [true, false] {
            let bytes = codec::encode(LEDGER, &record(kind, optional)).expect("encodes");
            let name = format!("{kind:03}-{version}-{action}-{}.hex", if optional { "full" } else { "bare" });
            compare(&folder("golden").join(name), &(HEXLOWER.encode(&bytes) + "\n"), false);
        }
    }
}

#[test]
fn golden_bytes_decode_and_nothing_lies_there_that_does_not() {
    let mut seen = 0;
    for entry in fs::read_dir(folder("golden")).expect("the folder is there") {
        let path = entry.expect("readable").path();
        let text = fs::read_to_string(&path).expect("readable");
        let bytes = HEXLOWER.decode(text.trim().as_bytes()).expect("hex");
        let decoded = codec::decode(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let kind: u16 = name[..3].parse().expect("the name begins with the kind");
        assert_eq!(decoded, record(kind, name.contains("full")), "{name}");
        seen += 1;
    }
    assert_eq!(seen, Event::REGISTRY.len() * 2);
}

#[test]
fn json_schemas_are_what_the_code_makes() {
    for &(kind, _, action) in Event::REGISTRY {
        let schema = serde_json::to_string_pretty(&leaf::schema(kind).expect("registered")).expect("JSON");
        compare(&folder("json").join(format!("{action}.v1.json")), &(schema + "\n"), true);
    }
}

#[test]
fn numbers_and_actions_are_used_once() {
    let mut kinds: Vec<_> = Event::REGISTRY.iter().map(|(kind, version, _)| (kind, version)).collect();
    let mut actions: Vec<_> = Event::REGISTRY.iter().map(|(.., action)| action).collect();
    kinds.sort_unstable();
    kinds.dedup();
    actions.sort_unstable();
    actions.dedup();
    assert_eq!((kinds.len(), actions.len()), (Event::REGISTRY.len(), Event::REGISTRY.len()));
}

#[test]
fn the_leaf_says_what_the_record_says() {
    for &(kind, ..) in Event::REGISTRY {
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
    }
}

#[test]
fn bytes_that_are_not_ours_are_typed_errors() {
    let good = codec::encode(LEDGER, &record(22, true)).expect("encodes");
    let mut longer = good.clone();
    longer.push(0);
    assert!(matches!(codec::decode(&longer), Err(codec::CodecError::TrailingBytes(1))));
    let mut foreign = good.clone();
    foreign[0] = 2;
    assert!(matches!(codec::decode(&foreign), Err(codec::CodecError::UnknownFormat(2))));
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
    let mut expected: Vec<_> = Event::REGISTRY
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
