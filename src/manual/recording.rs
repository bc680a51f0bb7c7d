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
//! # What is destroyed, and what that does not cover
//!
//! Destroying overwrites the wrapped data key in place and syncs it. It does not reach file systems that copy on
//! write, the spare blocks of flash media, or older backups of the vault.
