//! Anchors and witnesses: places out of the reach of whoever runs the machine, which remember how far the log had
//! come. Without one, somebody who can write to the disk can put the whole data directory back as it was yesterday,
//! checkpoint and all, and nothing in it contradicts them.
//!
//! # What there is
//!
//! ```toml
//! [log]
//! anchors = ["/mnt/other-host/anchor", "http://127.0.0.1:9000/checkpoints"]
//! witnesses = ["witness.example/w1+3b2d…+BA… http://10.0.0.7:8090"]
//! ```
//!
//! | kind | what is done there |
//! |---|---|
//! | a directory | `<dir>/<hex SHA-256 of the origin>/checkpoint`; it must be there, so that a share which is not mounted is noticed |
//! | an `http://` address | `GET`, then `PUT <address>/<hex SHA-256 of the origin>/checkpoint`, with `MFA_LEDGER__LOG__ANCHOR_TOKEN` as a bearer token |
//! | a witness | `POST <address>/add-checkpoint` (c2sp.org/tlog-witness); the checkpoints that are served carry its cosignature |
//!
//! Each new checkpoint, at most one a second, is put to each of them; the last one when the server ends. What
//! cannot be reached is tried again after half a second, then later and later up to a minute, with the newest checkpoint
//! only. No command waits for any of this.
//!
//! # When one of them knows another log
//!
//! | what it has | at the start | while it is served |
//! |---|---|---|
//! | a checkpoint signed by one of our keys that the log does not go on from | exit code 10 | the server ends with exit code 10 |
//! | a checkpoint that none of our keys has signed | exit code 10 | told, tried again |
//! | a mere claim, such as `409`, with nothing signed to show | | told, `/readyz` degraded, tried again |
//! | nothing, and it has never held anything | told | gets the newest checkpoint |
//! | nothing, or less than it held | exit code 10 | told, `/readyz` degraded, tried again; nothing is put there |
//! | an error, or no answer within ten seconds | told; the server starts | told, tried again; degraded after five minutes |
//!
//! A server whose anchor is away starts all the same, since a network that is down must not lock everybody out; the
//! moment the anchor answers, what it remembers counts. Nothing is ever put over a checkpoint that ours does not go
//! on from. A backup that is put back is older than what the anchors remember: the start names the records that are
//! missing, and `serve --accept-loss "why"` goes on without them, on record and under another origin.
//!
//! # An anchor that was emptied
//!
//! The server remembers what each anchor and witness held when it was last seen: size, root and time, as the signed
//! checkpoint itself. Two files hold this, replaced whole and durable after each checkpoint that was put somewhere:
//! `<signing key file>.anchors` beside the signing keys (`log.anchor_memory_file` names another place), and `anchors` in
//! the data directory. The larger size counts, so a data directory that was rolled back does not forget. The file beside
//! the signing keys is the one that a roll-back of the data directory leaves alone. If it is damaged, or if it
//! lacks an anchor that the other file remembers, the start ends with exit code 10. If the file in the data directory is damaged or
//! missing, the server reports it and writes it again.
//!
//! The log is held against everything that is remembered, so taking an anchor out of the configuration does not hide a
//! roll-back. An anchor that is remembered and not configured does not stop a start; the start, `doctor` and `anchors
//! list` report it until `anchors forget` says that it is no longer used. Another path of the same directory (a link, `/.`
//! at the end) and another spelling of the same address are the same anchor.
//!
//! An anchor that answers "nothing there" (an empty directory, `404`, `410`, a witness that does not know the log), or
//! holds a smaller size than it held, does not get a clean start. The start ends with exit code 10 and names the anchor,
//! what it held, and when that was last seen. The log is also held against what is remembered of an anchor that cannot
//! be asked: a data directory that was rolled back does not start then, either.
//!
//! | what happened | what to do |
//! |---|---|
//! | the start names records that are missing | the data directory was rolled back: restore a newer backup, or `serve --accept-loss "why"` |
//! | the share is not mounted, the host was restored from a backup | mount it, bring back what the anchor kept |
//! | the anchor was emptied on purpose | `mfa-ledger anchors forget "anchor /mnt/x" --reason "why"`, with the server stopped |
//! | the anchor is no longer used | take it out of the configuration, then `mfa-ledger anchors forget "anchor /mnt/x" --reason "why"`, with the server stopped |
//! | the file beside the signing keys is damaged or missing | put it back from a backup. Without one, compare the log with a checkpoint that somebody kept (`log verify --checkpoint FILE`), the stream on NATS (`events verify`) or a backup, then `mfa-ledger anchors forget --all --reason "why"` |
//!
//! `anchors forget` first checks that the log has all that the anchor held, and with `--all` also all that the configured
//! anchors hold now: it is no way around a loss. It cannot check what a damaged or missing file held, and says so. Who
//! forgot what, when and why stays in both files: `mfa-ledger anchors list --forgotten`. `anchors list` shows what is
//! remembered, also from the file that is left.
//!
//! `log verify` checks the log although an anchor disputes it: it prints its verdict, with the dispute under `anchors`, and
//! ends with exit code 10. Commands that open the log offline, `mfa reset` and `administrator reset-password` among them,
//! are refused as a start is. While the server runs, an anchor is asked only when there is a new checkpoint: while the
//! log is quiet, an anchor that was emptied is found by `doctor` and at the next start.
//!
//! What nothing on the machine can find: a data directory, the directory of the signing keys and all anchors that are
//! rolled back together. Keep at least one anchor or witness under other hands. An installation of an earlier version
//! remembers nothing yet, and begins with the first checkpoint after its start.
//!
//! `/metrics` has position, lag, failures and disputes of each, numbered as in the configuration; `doctor` asks all of
//! them.
//!
//! # Running a witness
//!
//! On another host, under other hands:
//!
//! ```text
//! mfa-ledger witness init --dir /var/lib/witness --name witness.example/w1    prints its verifier key, for log.witnesses
//! mfa-ledger witness serve --dir /var/lib/witness --listen 10.0.0.7:8090 --log "$(cat log.key)"
//! ```
//! `log.key` holds what `mfa-ledger log keys` prints at the ledger; keys may also stand in the file `logs` of the
//! directory, one a line. A witness signs a checkpoint only if it goes on from the one before, and remembers it,
//! durably, before it answers. After `keys rotate` it is given the new key beside the old one; after an accepted loss
//! the key of the new origin. Its directory must not be lost: without it, it would sign any history once more.
//! `deploy/mfa-ledger-witness.service` runs it under systemd.
//!
//! Neither side speaks TLS. Checkpoints are public and signed, so nobody on the way can forge one; somebody on the way
//! can keep them from arriving, which is told. The bearer token of an anchor is worth protecting: put a proxy that
//! speaks TLS on the same machine.
