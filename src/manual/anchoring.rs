//! Anchors and witnesses: places out of reach.
//!
//! Signed checkpoints show that a log was altered, but not that the whole directory was put back to
//! yesterday: yesterday's checkpoint fits yesterday's log. Somebody else must remember how far it had come.
//!
//! # Anchors
//!
//! `log.anchors` names up to 16 places; each new checkpoint, one a second at most, is put into all of them.
//!
//! * A **directory** (an absolute path, there already): a share of another host, a disk that is written once.
//!   The file is `<dir>/<hex SHA-256 of the origin>/checkpoint`, with `origin` beside it.
//! * An **`http://` address**: `PUT <address>/<hex SHA-256 of the origin>/checkpoint`, `text/plain`, and `GET`
//!   of the same, 404 when there is none. With `MFA_LEDGER__LOG__ANCHOR_TOKEN` set, a bearer token goes with
//!   both. Redirects are not followed. This program speaks no TLS: name a proxy on this machine that does.
//!
//! What is there already is read first. Checkpoints are put over a beginning of the same log only.
//!
//! # Witnesses
//!
//! `log.witnesses` names up to 16, each `VERIFIER-KEY http://ADDRESS`. A witness signs a checkpoint when it
//! goes on from the last one that it signed (`c2sp.org/tlog-witness`), so that readers of the log need not
//! trust it alone. Any witness of that kind will do that has an Ed25519 cosignature key; this program is one:
//!
//! ```text
//! mfa-ledger witness init  --dir /var/lib/witness --name witness.example/w1       prints its verifier key
//! mfa-ledger witness serve --dir /var/lib/witness --listen 10.0.0.2:8090 --log VERIFIER-KEY-OF-THE-LOG
//! ```
//!
//! It belongs on another host, with other people who may log in there. `--log` may be given several times, for
//! several logs, or for one while its key changes; the file `logs` in the directory takes them too, one a line.
//! What it remembers is one file a log, durable before each answer; a damaged one ends the start with exit
//! code 10. It answers `POST /add-checkpoint`, `GET /<hex SHA-256 of the origin>/checkpoint`, and `/livez`.
//! Back its directory up for nothing: an old copy makes it forget, which is what it must not do.
//!
//! # What can happen
//!
//! | | what it means | what follows |
//! |---|---|---|
//! | failing | not reachable, refused, disk full | tried again after 0.5 s, doubled up to a minute, the newest only; degraded after 5 minutes |
//! | unknown | what lies there was signed by no key of this log | the same; nothing is put over it: look who wrote there |
//! | conflict | more records than we have, or others | for a person to look at: the log was rolled back or rewritten, or two servers have its key |
//!
//! A new origin, after a loss that an operator has accepted, has a place of its own in every anchor; a witness
//! must be told its key.
