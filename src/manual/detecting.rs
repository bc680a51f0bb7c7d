//! Detection: rules over the log, what they raise, and how they are tried on the past.
//!
//! # The rules
//!
//! A pack of rules ships in the binary: `mfa-ledger rules list` and `GET /v1/rules` show them, each with what it
//! finds, how bad that is, and what may match without being an attack. They are **Sigma** (specification 2.1):
//! detections, and correlations over them (`event_count`, `value_count`, `temporal`, `temporal_ordered`), with
//! the time that stands in the record. A match is an `alert.raised` record, on record and passed on like everything
//! else. One attack makes one alert: after a match, the same rule and group are held back for the length of the
//! window. Records of alerts are not looked at by rules.
//!
//! Rules are run by a follower of the log: no command waits for it. What it knows is kept in `snapshots/detection` of
//! the data directory, sealed, at the end of a run and after every 131,072 records, so that a start in the middle of a
//! window changes nothing. Where that is missing or does not fit, and whenever the rules are others, the log is read
//! again from its beginning, beside everything else. An alert's id comes from rule, group and position, and what was
//! raised is not raised again. What was completed longer ago than the longest
//! window, counted from the newest record, is history: a rule that is new does not raise alerts of last year.
//! `/readyz` says `detection: degraded` when it is behind or has stopped, `/metrics` has position and lag.
//!
//! # Rules and filters of a site
//!
//! ```toml
//! [rules]
//! dir = "/etc/mfa-ledger/rules"
//! off = ["burst-of-resets"]
//! ```
//!
//! Files that end in `.yml` or `.yaml`, up to 500 of 32 KiB. They are checked before anything is served, the whole
//! of them: a broken rule keeps the server from starting, and `mfa-ledger rules check` says the same beforehand, by
//! file and line. Unknown keys, unknown fields and actions that do not exist are faults, since Sigma itself would
//! pass over them in silence. So is a document without an `id`: a correlation that names it would never fire.
//!
//! ```yaml
//! title: A reset
//! id: 4c5e1a70-0b3f-4a57-9b52-0f6f5f1d2c01
//! name: small-burst/reset
//! logsource: {product: mfa-ledger, service: activity}
//! detection:
//!   selection:
//!     data.action: mfa.reset
//!   condition: selection
//! ---
//! title: A small burst of resets
//! id: 4c5e1a70-0b3f-4a57-9b52-0f6f5f1d2c02
//! name: small-burst
//! description: Five resets within an hour are many for us.
//! level: high
//! correlation:
//!   type: event_count
//!   rules: [small-burst/reset]
//!   timespan: 1h
//!   condition: {gte: 5}
//! tests:
//!   - name: five in 25 minutes
//!     events:
//!       - {action: mfa.reset, actor: bob, target: alice, times: 5, after: 5m}
//!   - name: four
//!     alerts: 0
//!     events:
//!       - {action: mfa.reset, actor: bob, target: alice, times: 4, after: 5m}
//! ```
//!
//! The fields are those of the leaves (`GET /v1/activity/{position}` shows one), with dots, and these:
//!
//! | field | what it says |
//! |---|---|
//! | `actor.id` | the administrator or service account that acted, else kind and name, such as `operator:root` |
//! | `target.id`, `target.super_admin` | the administrator acted upon, and whether a super administrator |
//! | `off_hours`, `weekend` | by business hours and time zone of the settings |
//! | `first_reset_by_actor` | for a reset: the performer has never reset anybody before |
//! | `role_age_days` | whole days since the actor got the role that they have |
//! | `device.known` | for log-ins and second factors: whether the address is known of this administrator |
//! | `hours_since_reset` | whole hours since the last reset of the administrator acted upon |
//! | `pair.id`, `pair.ascending` | for a reset: performer and target, the same whoever reset whom; and which was which |
//!
//! They are computed from the records before the event, so that live and back-test agree. What is not Sigma stands in
//! a block of its own, `mfa-ledger`:
//!
//! | key | for | what it does |
//! |---|---|---|
//! | `group-by` | single events | the fields that name the group; `target.id` otherwise |
//! | `suppress` | single events, correlations | for how long the same group raises nothing more |
//! | `absence` | a rule of its own kind | `after` a detection, `without` another one of the same `group-by`, `within` a time |
//!
//! A **filter** takes events out of rules without editing them. It names rules by `name` or `id`, those of the pack too:
//!
//! ```yaml
//! title: Carol is on call
//! id: 4c5e1a70-0b3f-4a57-9b52-0f6f5f1d2c03
//! logsource: {product: mfa-ledger, service: activity}
//! filter:
//!   rules: [reset-after-hours]
//!   selection:
//!     data.actor.name: carol
//!   condition: not selection
//! ```
//!
//! # Built-in rules
//!
//! Four alerts come from no rule over records, since no record says what they are about: `stream-differs` (critical)
//! and `stream-recreated` (high) from the publisher ([`publishing`](super::publishing)), `vault-entry-damaged` (high) from
//! the check of the vault ([`operating`](super::operating)), and `secret-not-destroyed` (critical) where a secret that was to
//! be destroyed was still there more than 60 seconds later, because the vault could not be written
//! ([`recording`](super::recording)). They are acknowledged and resolved as others, and are not in
//! `rules list`.
//!
//! # The past
//!
//! `mfa-ledger rules backtest --rule FILE --since 2026-01-01T00:00:00Z` reads the journal, beside a running server or
//! without one, and prints what the rule would have raised, with the records behind each, how many there would have
//! been in each week, and the share of resets that stand behind one. `POST /v1/rules/backtest` does the same over HTTP,
//! for those who may read the activity log and manage alerts; it is on record as a reading. Neither changes anything.
//! `mfa-ledger rules test` runs the fixtures in the files.
//!
//! # Limits
//!
//! Windows up to 90 days; counts up to 1,000, temporal rules of 2 to 4 steps; 50,000 windows and 20,000 waits at the
//! same time, after which those that moved longest ago are forgotten; an alert names the newest 50 records. An absence
//! is raised live five seconds after its time, since a record from before may still be on its way to the disk.
