//! What is recorded, and how to read it.
//!
//! One command, one record, one event, one position. Stored bytes are a format byte and two halves: the *record*
//! that the folds read, and the *leaf*, a CloudEvents 1.0 event in JSON that the world reads, rendered once and
//! never again. The leaf carries the SHA-256 of the record. JSON Schemas of every event lie in `schemas/json/`.
//!
//! # Reads, and void records
//!
//! A record names every stream that its decision rested on, with the position of that stream's last record. A fold
//! that finds one of them moved ignores the record; the activity log shows it as void. With the embedded log this
//! cannot happen, since the log itself refuses such a record.
//!
//! # What is in clear, what is sealed
//!
//! In clear: ids, user names, roles, addresses and user agents of callers, tickets, codes for reasons and
//! verification. Sealed in the vault, with only a salted commitment in the record: display names, e-mail addresses,
//! requester names and contacts, all free text. Never anywhere: passwords, codes, seeds, tokens. An unknown user
//! name is recorded as a keyed hash, since people type passwords into the wrong field.
//!
//! Erasing personal data (`POST /v1/administrators/{id}/personal-data/erase`, for accounts that are no longer
//! active) destroys the sealed values; the records stay whole.
//!
//! # Reading is recorded
//!
//! Who reads or exports the activity log is on record, once per caller and minute, with the filters of the first
//! reading in that minute. When that record cannot be written, the activity log is not shown; everything else can
//! still be read.
//!
//! `mfa-ledger replay --administrator ada` tells one administrator's story, everything that they did and that was done
//! to them, in order and in plain words, and is recorded as reading. By id it is the same person whatever they
//! were called; a name is that of whoever has it now.
//!
//! # What a record owes
//!
//! A caller may hang up at any moment. Until a command is decided, that takes the command back. From then on, the rest
//! runs in a task of its own, and a caller who goes away does not end it. After a record is durable, these things happen:
//!
//! | what | where | if the process dies first |
//! |---|---|---|
//! | the fold takes the record | the projector, which follows the log | the next start folds it |
//! | vault entries that the record ends are destroyed | the command's task, before the answer | the next start destroys them before it is ready |
//! | vault entries that were put and that the record does not name are destroyed | the command's task, before the answer | the same |
//! | the answer is read from the fold | the command's task | the caller asks again with the same key |
//! | publishing, checkpoints, snapshots, anchors, alerts, mail, webhooks | followers, each with its own position | each resumes at its position |
//!
//! A sweep at every start and every minute destroys the entries that no event names. Which those are, one fold tells:
//! an entry is live from the event that names it to the event that ends it. Entries of commands that are being carried
//! out are left alone. `mfa_ledger_destructions_owed` counts the entries that are to be destroyed and are still there,
//! `mfa_ledger_destructions_owed_seconds` is the age of the oldest. Both are 0 unless the vault cannot be written.
//! After 60 seconds `/readyz` says so (`secrets`, degraded), and the alert `secret-not-destroyed` is raised as soon as the log
//! can be written. A server that was killed meanwhile does not know since when its secrets were owed: the next start destroys
//! them, and raises none.
//!
//! # What is destroyed, and what that does not cover
//!
//! Destroying overwrites the wrapped data key in place and syncs it. It does not reach file systems that copy on
//! write, the spare blocks of flash media, or older backups of the vault.
