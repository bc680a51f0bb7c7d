//! What the streams must be like: made so where they are not there, and held against it where they are.

use std::fmt::Display;
use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, PersistenceMode, RetentionPolicy, StorageType};

use super::Streams;

/// A message that comes again within this time is known by its id alone. Behind it, the sequence that each
/// message names does the same.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(2);

/// A setting that is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// As NATS calls it.
    pub field: &'static str,
    /// What it must be.
    pub must_be: String,
    /// What it is.
    pub is: String,
}

/// The stream of the events.
pub(super) fn events(streams: &Streams) -> Config {
    kept_for_ever(&streams.events, mfa_ledger_schemas::subject::EVENTS, streams.replicas)
}

/// The stream of the checkpoints.
pub(super) fn checkpoints(streams: &Streams) -> Config {
    kept_for_ever(&streams.checkpoints, mfa_ledger_schemas::subject::CHECKPOINTS, streams.replicas)
}

fn kept_for_ever(name: &str, subjects: &str, replicas: usize) -> Config {
    Config {
        name: name.to_owned(),
        subjects: vec![format!("{subjects}.>")],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_bytes: -1,
        max_age: Duration::ZERO,
        max_message_size: -1,
        num_replicas: replicas,
        duplicate_window: DUPLICATE_WINDOW,
        deny_delete: true,
        deny_purge: true,
        ..Config::default()
    }
}

/// The first setting by which messages could be lost, altered, or numbered in another way. What does no harm
/// (compression, placement, a description, more replicas) is the operator's.
pub(super) fn difference(must: &Config, is: &Config) -> Option<Difference> {
    let limit = |field, is: i64| told(field, is <= 0, "no limit", &is);
    let no = |field, is: bool| told(field, !is, "false", &is);
    let yes = |field, is: bool| told(field, is, "true", &is);
    let absent = |field, there: bool| told(field, !there, "not set", &"set");
    told("subjects", must.subjects == is.subjects, &must.subjects.join(" "), &is.subjects.join(" "))
        .or_else(|| told("retention", must.retention == is.retention, "limits", &named(&is.retention)))
        .or_else(|| told("storage", must.storage == is.storage, "file", &named(&is.storage)))
        .or_else(|| told("discard", must.discard == is.discard, "new", &named(&is.discard)))
        .or_else(|| told("max_age", is.max_age.is_zero(), "no limit", &format!("{:?}", is.max_age)))
        .or_else(|| limit("max_msgs", is.max_messages))
        .or_else(|| limit("max_msgs_per_subject", is.max_messages_per_subject))
        .or_else(|| limit("max_bytes", is.max_bytes))
        .or_else(|| limit("max_msg_size", is.max_message_size.into()))
        .or_else(|| {
            let enough = is.num_replicas >= must.num_replicas;
            told("num_replicas", enough, &format!("{} or more", must.num_replicas), &is.num_replicas)
        })
        .or_else(|| yes("deny_delete", is.deny_delete))
        .or_else(|| yes("deny_purge", is.deny_purge))
        .or_else(|| no("allow_rollup_hdrs", is.allow_rollup))
        .or_else(|| no("allow_msg_ttl", is.allow_message_ttl))
        .or_else(|| no("no_ack", is.no_ack))
        .or_else(|| no("sealed", is.sealed))
        .or_else(|| absent("mirror", is.mirror.is_some()))
        .or_else(|| absent("sources", is.sources.as_ref().is_some_and(|sources| !sources.is_empty())))
        .or_else(|| absent("subject_transform", is.subject_transform.is_some()))
        .or_else(|| {
            let durable = !matches!(is.persist_mode, Some(PersistenceMode::Async));
            told("persist_mode", durable, "default", &"async")
        })
        .or_else(|| {
            let first = is.first_sequence.unwrap_or(1);
            told("first_seq", first <= 1, "1", &first)
        })
}

fn told(field: &'static str, right: bool, must_be: &str, is: &dyn Display) -> Option<Difference> {
    (!right).then(|| Difference { field, must_be: must_be.to_owned(), is: is.to_string() })
}

/// As it is written in the JSON of NATS.
fn named(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream::stream::Source;

    use super::*;

    fn must() -> Config {
        let (events, checkpoints) = ("E".to_owned(), "C".to_owned());
        super::events(&Streams { events, checkpoints, create: true, replicas: 3 })
    }

    #[test]
    fn what_is_made_is_what_it_must_be() {
        assert_eq!(difference(&must(), &must()), None);
        // A server leaves out what is at its default, and may have more of what is good.
        let is = Config { max_messages: 0, num_replicas: 5, description: Some("x".into()), ..must() };
        assert_eq!(difference(&must(), &is), None);
    }

    #[test]
    fn every_setting_that_could_lose_a_message_is_named() {
        type Change = fn(&mut Config);
        let changes: &[(&str, Change)] = &[
            ("subjects", |it| it.subjects.push("other.>".into())),
            ("retention", |it| it.retention = RetentionPolicy::WorkQueue),
            ("storage", |it| it.storage = StorageType::Memory),
            ("discard", |it| it.discard = DiscardPolicy::Old),
            ("max_age", |it| it.max_age = Duration::from_secs(1)),
            ("max_msgs", |it| it.max_messages = 1),
            ("max_msgs_per_subject", |it| it.max_messages_per_subject = 1),
            ("max_bytes", |it| it.max_bytes = 1),
            ("max_msg_size", |it| it.max_message_size = 1),
            ("num_replicas", |it| it.num_replicas = 2),
            ("deny_delete", |it| it.deny_delete = false),
            ("deny_purge", |it| it.deny_purge = false),
            ("allow_rollup_hdrs", |it| it.allow_rollup = true),
            ("allow_msg_ttl", |it| it.allow_message_ttl = true),
            ("no_ack", |it| it.no_ack = true),
            ("sealed", |it| it.sealed = true),
            ("mirror", |it| it.mirror = Some(Source::default())),
            ("sources", |it| it.sources = Some(vec![Source::default()])),
            ("persist_mode", |it| it.persist_mode = Some(PersistenceMode::Async)),
            ("first_seq", |it| it.first_sequence = Some(2)),
        ];
        for (field, change) in changes {
            let mut is = must();
            change(&mut is);
            assert_eq!(difference(&must(), &is).map(|found| found.field), Some(*field));
        }
    }
}
