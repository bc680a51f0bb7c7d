//! Publishing: every record goes to NATS (`JetStream`), so that others can alert on it, keep it, and prove it.
//!
//! # What is there
//!
//! ```toml
//! [nats]
//! urls = ["tls://nats-1.example.org:4222", "tls://nats-2.example.org:4222"]
//! credentials_file = "/etc/mfa-ledger/nats.creds"
//! replicas = 3
//! ```
//!
//! | stream | subjects | what |
//! |---|---|---|
//! | `MFA_EVENTS` | `mfa.v1.<stream kind>.<id>.<event>` | every record; **its sequence is the position in the log** |
//! | `MFA_CHECKPOINTS` | `mfa-cp.v1.<ledger>` | the signed checkpoints, the newest last; each follows the events that it covers |
//!
//! A message is the leaf of the record, byte for byte: a CloudEvents 1.0 event in structured JSON, the same that
//! `GET /v1/activity/{position}/leaf` serves and that the tree of the log is made of. Its `Nats-Msg-Id` is
//! `<ledger>/<position>`. `mfa.v1.administrator.adm_….mfa_reset` is a reset, `mfa.v1.alert.alr_….raised` an alert;
//! streams of which there is only one have `_` for an id, as in `mfa.v1.settings._.changed`. Whoever reads ignores
//! fields that it does not know, and sets aside what begins otherwise than `mfa.v1`.
//!
//! # What is promised
//!
//! Each event is on the stream once and in order, however often either side is killed. No command waits for NATS:
//! the log is the outbox. While NATS is away, `/readyz` says degraded and `mfa_ledger_nats_lag_records` and
//! `mfa_ledger_nats_lag_seconds` rise; afterwards the stream is filled up. A stream that has lost messages at its end,
//! or altogether, is filled up as well, which the log output tells. Nothing is remembered beside log and stream, so
//! there is nothing to repair. Right after a start, until NATS was reached, everything counts as not published.
//!
//! Messages may be *delivered* more than once, as always with acknowledgements: drop those whose `Nats-Msg-Id` is
//! known.
//!
//! # What is compared
//!
//! The operator of NATS can delete a stream and fill it again with other events under the same ids. The server compares
//! the stream with the log:
//!
//! | what | when |
//! |---|---|
//! | every message from the first one on: bytes, `Nats-Msg-Id`, subject, headers | once after each start, in the background |
//! | the time at which the stream was created; missing messages; messages behind the end of the log | at most 0.1 s after a publication, and every ten seconds |
//! | the newest message, and the message that new ones were put behind | at the same times |
//!
//! The first comparison reads 256 messages at a time and rests in between. New events are published meanwhile.
//! `mfa_ledger_nats_verified_position` is the position up to which every message was compared. On two cores it
//! compares about 20,000 messages a second, so that ten million take less than ten minutes. It goes on where it was
//! when the connection to NATS is lost and made again; a restart begins it again.
//!
//! | found | what happens |
//! |---|---|
//! | a message differs from its record, is missing, or is not of this log | publishing stops until the next start; `mfa_ledger_nats_stream_differs` is 1, `/readyz` says degraded, the log output has an error with the position, and the alert `stream-differs` (critical) is raised |
//! | the stream was deleted and created again | it is filled and compared again; `mfa_ledger_nats_stream_recreated` is 1 and `/readyz` says degraded until the next start, and the alert `stream-recreated` (high) is raised: consumers of the old stream are gone and may have missed events |
//!
//! Each of these alerts is raised once for a stream, not again after a restart. Both rules are built in. What the server
//! cannot find: files of the NATS server that are altered after the comparison, without the stream being created again,
//! are found at the next start; a stream that was deleted while the server was down, and holds what the log holds, is
//! not reported. Readers need not rely on the server at all: `mfa-ledger events verify` compares the stream with the
//! signed checkpoints ([`verifying`](super::verifying)).
//!
//! # When publishing stops
//!
//! The log output says why, `/readyz` says degraded, `mfa_ledger_nats_stopped` is 1, and commands go on.
//!
//! | it says | what it means | what to do |
//! |---|---|---|
//! | the setting … of the stream … is …, and must be … | events could be lost that way; nothing was changed | put it right with `nats stream edit`; it is looked at again every ten seconds |
//! | … another one has some of its subjects | two streams would have the events | take the subjects away from the other one |
//! | … is not of this log: its Nats-Msg-Id is … | another ledger publishes there, or somebody wrote to the stream | give each ledger a stream (an account) of its own; for a stream with foreign messages see below |
//! | the log is behind its copy | the log was put back, or has lost its end | as for any log that was rolled back: `mfa-ledger log verify`, a backup; the copy has what is missing (`events replay`) |
//! | the log and its copy have parted | the same, and the log has gone on since | keep both; find out which was changed; see below |
//! | messages were removed from the stream | somebody did what the stream was set to refuse | the same |
//! | message … of the stream … is not what was published | somebody altered the stream, or deleted it and filled it again | the same; `mfa-ledger events verify` tells what readers see |
//!
//! A stream that is not the copy of the log any more is never mended, since it is evidence: name another one
//! (`nats.events_stream`), without these subjects on the old one, and the whole log is published there. Then restart.
//!
//! A server that does not let us in, certificates that do not fit, and permissions that are missing are told and
//! tried again, later and later up to ten seconds.
//!
//! # The streams
//!
//! They are made where they are not there (`nats.create_stream`), and held against what they must be at every
//! connection: file storage, limits retention without any limit, `discard: new`, `deny_delete`, `deny_purge`, at least
//! `nats.replicas` replicas. What does no harm (compression, placement, more replicas) is yours.
//!
//! Set `sync_interval: always` in the NATS server: otherwise an acknowledged message may be in the page cache only,
//! and a loss of power takes it. Here that costs nothing but time, since the stream is filled up again; whoever has
//! read a message meanwhile has read nothing but the log. In a cluster: three or five replicas in separate places.
//! `deny_delete` does not keep the stream itself from being deleted: nobody but the operator may call
//! `$JS.API.STREAM.DELETE`.
//!
//! What the service's own user must be allowed to publish to: `mfa.v1.>`, `mfa-cp.v1.>`, `$JS.API.STREAM.INFO.*`,
//! `$JS.API.STREAM.MSG.GET.*`, and `$JS.API.STREAM.CREATE.*` where it makes the streams; to subscribe to:
//! `_INBOX_mfa_ledger.>`. For `consumers` and `events` besides: `$JS.API.CONSUMER.>`, which is for operators only.
//!
//! # Those who read
//!
//! ```text
//! mfa-ledger consumers add siem --filter 'mfa.v1.*.*.mfa_reset'    a durable, and the permissions of its user
//! mfa-ledger consumers list                                        how far each of them is
//! mfa-ledger consumers remove siem
//! ```
//! A consumer is pulled from and acknowledges each message. Its user may read from it and nothing else: never grant
//! `$JS.API.CONSUMER.CREATE` to a reader, since whoever may make consumers can have messages delivered onto any
//! subject. Commands are never taken from NATS. The client sets the inbox prefix `_INBOX_<consumer>`.
//!
//! Operators read with `mfa-ledger events tail` and `events replay`, by `--from-sequence`, or by the time of the record
//! with `--since` and `--until`, and `--filter`: one JSON object a line, in which the event stands byte for byte. A
//! message that is no event, one that is missing, and one whose id, subject or headers are not what its place and its
//! event say, end them with exit code 10. A replay of the whole stream also compares the events with the checkpoints on
//! NATS. Other replays and `tail` only read, and say so: `mfa-ledger events verify` verifies the stream.
//!
//! # The past once more
//!
//! ```text
//! mfa-ledger replay --to-nats drill.mfa --speed 10x --from 1300 --to 1340
//! ```
//! sends the leaves of these positions again, byte for byte, to `drill.mfa.<kind>.<id>.<event>`, as far apart as they
//! were, divided by the speed (`--speed max` does not wait): so that alerting can be tried on what really happened.
//! The subjects of ledgers (`mfa.v1`, `mfa-cp.v1`, and those of later versions) are refused. Each message has the
//! headers `Mfa-Ledger-Replay: true`, `Mfa-Ledger-Position` and `Mfa-Ledger-Time`, and a `Nats-Msg-Id` that is
//! neither that of the live message nor that of another replay.
//!
//! These are messages of plain NATS: whoever does not listen misses them, unless a stream of yours takes them up. The
//! user needs to publish to the subjects of the replay and to subscribe to `_INBOX_mfa_ledger.>`. A subject that is not
//! allowed ends the replay with exit code 4, a connection that is lost with 3; some messages may then not have
//! arrived. The journal is read without a lock, beside a server up to its newest checkpoint, and, as with `log export`,
//! that is recorded nowhere: whoever can read the data directory needs nobody's leave.
//!
//! # For those who write a reader
//!
//! `GET /asyncapi.json` (in the repository `schemas/asyncapi.json`) is the AsyncAPI document of all that is published:
//! a channel for each shape of a subject, a message for each kind of event, whose payload refers to the JSON Schema at
//! `GET /schemas/<action>.v1.json` (`schemas/json/`). Both are open to everybody, as `/openapi.json` is. The types of
//! refusals end with `_refused`; all of them have the schema `command.refused.v1.json`.
//!
//! `schemas/examples/` has a reader in Python and one in TypeScript to begin with. They write a line for each event,
//! once and in order however often they, NATS or the ledger are killed, by three rules: an event is acknowledged once
//! its line is on the disk; what was delivered before is known by its position and dropped; what comes too early waits
//! for what was lost on the way. NATS delivers again what a reader that was killed had in hand after half a minute.
