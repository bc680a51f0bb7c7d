//! Running it.
//!
//! # Begin, serve, stop
//!
//! `mfa-ledger init` makes the data directory, the master key beside it, the recommended roles, the preset
//! settings, and the first super administrator, whose generated password it prints once. `mfa-ledger serve`
//! opens the directory, folds the log, and prints one JSON line when it listens. SIGTERM ends it: streams end,
//! requests in flight are answered, the log is synced and closed. `kill -9` loses nothing that was answered.
//!
//! Configuration comes in layers, each over the one before: defaults, file, environment, flags.
//! `config template` prints all of it, `config show` what is in force, `config check` what is wrong.
//!
//! # Files
//!
//! | file | what |
//! |---|---|
//! | `<data>.key` | the master key, unless told otherwise; mode 0600, refused when others can read it |
//! | `<data>.signing` | the keys that sign the log, unless told otherwise; mode 0600 |
//! | `<data>.signing.anchors` | what the anchors held, remembered outside the data directory as well |
//! | `<data>/ledger.json` | the id of the ledger, and the form of the directory; must be kept |
//! | `<data>/journal/` | the log: append-only segments, linked by hashes; this is what must be kept |
//! | `<data>/checkpoint` | the newest signed checkpoint; must be kept |
//! | `<data>/tile/` | the hashes of the log's tree, as C2SP tiles |
//! | `<data>/snapshots/` | the fold at some positions, as a whole and by administrator, and what detection knew, so that a start is short: can be deleted at any time |
//! | `<data>/sled/` | the same records for fast reading; rebuilt from the journal when it is behind, damaged or gone |
//! | `<data>/vault/` | sealed seeds, hashes, names and words; useless without the master key |
//! | `<data>/vault.json` | which vault belongs to this log; written again by the next start when it is missing |
//! | `<data>/anchors` | what the anchors held |
//! | `<data>/webhooks/` | how far each webhook is, and what waits to be delivered; there once one was made |
//! | `<data>/closed`, `<data>/vault/closed` | the two marks of an orderly stop; never delete one |
//! | `<data>/lock`, `<data>/listening.json` | an empty file that a server or command locks while it holds the directory; the address of the server |
//! | `<data>/accepting-loss.json` | an accepted loss that is not on record yet |
//! | `<data>/lost/` | what accepted losses set aside; delete it when the case is closed |
//!
//! A start reads the newest 128 MiB of the journal (`log.reread_mib`) and holds them against the newest checkpoint.
//! What is older was checked by the server that ran last, if all since then ended in good order, and is checked again
//! while callers are served; `/readyz?verbose` tells whether that goes on. What is found then ends the server as it would
//! have ended the start, with exit code 10. After a crash, or when the last server ended before it had checked everything,
//! all of the journal is read first. A command on the data directory checks nothing older and leaves that as it was.
//! `reread_mib = 0` always reads everything first.
//!
//! The end of the journal decides what a start does with it:
//!
//! | the end of the journal | a start |
//! |---|---|
//! | closed by an orderly stop, and signed up to there | opens it |
//! | records or bytes follow the end that an orderly stop left | refuses it, exit code 10: they were added from outside |
//! | an orderly stop left both marks, and `closed` was deleted since | refuses it, exit code 10: the second mark, `vault/closed`, tells |
//! | a mark names a later end than the journal has | refuses it, exit code 10: records are missing |
//! | no orderly stop: whole records follow the newest checkpoint | keeps them, writes them again, and signs for them |
//! | no orderly stop: a last batch that lacks a part (a sector, or the end of the file) | cuts it off and says so: no caller was answered for it |
//! | no orderly stop: a last batch that was written in full and has changed since | refuses it, exit code 10 |
//!
//! `doctor`, `log verify`, `backup create` and all commands on a data directory judge the journal and its marks the same way.
//! `backup create` does not ask the anchors: run `log verify` first where a directory may have been rolled back. To continue after a
//! refusal, restore a backup, or run `mfa-ledger serve --accept-loss "why"`: it sets aside what it cuts off, and
//! records that.
//!
//! The reading copy in `sled/` keeps the form that it was made with. An early one, with one record to a value, takes
//! longer to open: about a second with ten million records. Delete it while no server runs, and the next start makes it
//! anew, which takes as long as writing all records once.
//!
//! Losing the master key loses every enrollment, password and name; the log stays readable.
//!
//! # Backups
//!
//! ```text
//! mfa-ledger backup create --to /backups/2026-05-04 --data-dir D      beside the server, which goes on; or without one
//! mfa-ledger backup verify /backups/2026-05-04 --data-dir D           exit code 0 sound, 10 altered, 1 could not be checked
//! mfa-ledger backup restore /backups/2026-05-04 --data-dir NEW        NEW is not there yet, or empty
//! ```
//! A backup is a directory: `manifest.json` (what is in it, with lengths and SHA-256), `ledger.json`, `checkpoint`,
//! `journal/` and `vault/`. Beside a server it ends at a signed checkpoint that covers all that was answered before
//! it was begun; without one it ends where the log does. It is read back and held against the checkpoint before it
//! gets its name, so an altered log becomes no backup, and an interrupted run leaves nothing but a hidden
//! `.NAME.unfinished`, which the next run removes.
//!
//! Neither key is in a backup. Keep `<data>.key` and `<data>.signing` elsewhere: without the first the vault cannot
//! be opened, without the second nothing can be signed any more. Whoever has a backup *and* the master key has the
//! secrets that lived then, also those destroyed since: let old backups expire. `--without-vault` makes one that
//! holds no secrets; after it is restored the start must accept the loss (`serve --accept-loss "reason"`), and nobody can
//! log in until passwords and MFA are reset (see below).
//!
//! Log and vault of a backup belong together. What the log names and the vault lacks is listed under `missing`, and
//! lets nobody in: those people's MFA or passwords are reset. What the log does not name is not copied.
//!
//! To restore: put both keys beside the new directory, run `backup restore`, start `serve`. It verifies the backup
//! first, with the signing keys that lie there or the public ones given with `--key`, and leaves nothing when
//! anything is wrong. What was recorded after the backup is lost. Where a checkpoint that was kept elsewhere
//! remembers it, the start refuses with exit code 10; `serve --accept-loss "reason"` goes on, and records that. The same
//! holds for a backup from before a loss that was accepted: the signing keys have continued under the next origin since, and
//! an origin never signs two histories.
//!
//! ## After a restore
//!
//! A log that goes on from an earlier moment does not know what was revoked since. So the first start after `backup restore` or
//! `log import`, and after a `serve --accept-loss` that gave up records, records `log.restored`, and with it
//!
//! | | what happens | what you do |
//! |---|---|---|
//! | sessions | all end | everybody signs in again |
//! | service accounts | all are suspended: their tokens get 401 | `GET /v1/service-accounts` lists them by id, name and `suspended`. Find out which were revoked since, revoke these again, and let the others work: `POST /v1/service-accounts/{id}/resume` |
//! | webhooks | all are switched off | `GET /v1/webhooks` lists them. Remove those that were removed since, and switch the others on: `PATCH /v1/webhooks/{id}` with `{"active": true}`. A key that was rotated since is the old one again: rotate it |
//! | reset requests | open and approved ones are closed | file them again |
//! | backup codes | all are void: they may have been used since | everybody makes new ones |
//!
//! `restored.json` in the data directory tells the first start. Somebody who can write to the disk can take it away, or put an old
//! copy of the whole directory in its place: against that there are anchors and witnesses, which remember the newer records.
//!
//! The rule `restored-to-an-earlier-moment` raises an alert. What nothing can end by itself is for you to check, against
//! tickets, mail and whatever else remembers the time since:
//!
//! * administrators who were dismissed: deactivate them again (`administrator list`);
//! * passwords that were reset or changed: the old ones work again;
//! * MFA that was reset: the lost telephone works again, and the new one does not. Reset it again;
//! * resets that somebody denied, and requests that were reported: the account is open again. Deactivate it until the case is
//!   cleared up;
//! * accounts and service accounts that were made since: they are gone, and so are their passwords and tokens;
//! * personal data that was erased: erase it again, or restore with `--newer-log` (below);
//! * roles and settings that were tightened, and silences over rules that were ended.
//!
//! ## The vault alone, and what was ended since
//!
//! ```text
//! mfa-ledger backup restore /backups/2026-05-04 --vault-only --data-dir D         D has an intact log, and no server
//! mfa-ledger backup restore /backups/2026-05-04 --newer-log OLD --data-dir NEW    OLD has the log as it went on
//! ```
//! `--vault-only` repairs a vault beside an intact, newer log. It needs the master key, verifies the backup, checks that the
//! log continues that of the backup, and opens every entry. Sound entries of the vault in D stay; the backup fills in
//! those that are missing or damaged. Entries that the log has ended since the backup (resets, erasures, changed
//! passwords) do not come back. Entries that were made after the backup and are gone are listed as `missing`. The new vault
//! takes its place by a rename; the old one is moved to `D/lost/`, and the keys of all entries that live on, or were ended,
//! are overwritten there. Delete the rest once nothing of it is needed.
//!
//! `--newer-log` does the same for a whole restore: name the data directory, or its journal, that went on after the backup,
//! and whatever it ended is left out. Without it a restore brings back what was erased or reset after the backup: see
//! "After a restore".
//!
//! # When something is wrong
//!
//! * A write to the log or the vault fails: commands answer 503 (`log-unavailable` or `vault-unavailable`) before
//!   anything is recorded, and reading goes on. `/readyz` is 503, `mfa_ledger_ready` is 0, and so is
//!   `mfa_ledger_log_writable` or `mfa_ledger_vault_writable`. Nothing is ever retried over a failed sync. The server
//!   probes the disk every second. Once the disk takes writes again, the server closes log and vault and opens them as
//!   at a start; everything answers 503 `reopening` meanwhile, mostly for about a second. Commands that were answered
//!   `outcome-unknown` are settled by then: repeat them with the same key. Files that fail again within a minute are
//!   reopened after a longer pause, up to 30 seconds. If the log turns out to be altered, the server ends with exit
//!   code 10.
//! * A write does not return: after 2 seconds `/readyz` is 503 and says which write hangs and since when, and new
//!   commands are refused with 503. Callers that wait are answered after 10 seconds: `outcome-unknown` for the log,
//!   `vault-unavailable` for the vault. After `log.hang_exit_seconds` (30) the server says so on standard error and ends
//!   with exit code 1: the supervisor starts it again, and a start recovers. Reading that needs no record, `/livez`,
//!   `/readyz` and `/metrics` never wait for a write.
//! * The disk is nearly full: with less free than `log.reserve_mib` (256 MiB unless told otherwise) commands answer
//!   503 `read-only` with `Retry-After`, before anything is written; `/readyz` and `mfa_ledger_read_only` say so, and
//!   the log output once. Reading goes on, except for the activity log, whose reading is itself a record. The room is
//!   looked at every second; with an eighth of the reserve on top of it free again, the server goes on by itself.
//!   The same holds for commands at the machine. What cannot be told counts as no room. 0 is no guard: then a disk
//!   that is really full is the case above. A server that is started meanwhile comes up read-only, with the last
//!   checkpoint until it can write another (`/readyz` tells `checkpoints` as degraded); only without a single
//!   block free does it end with exit code 1.
//! * The clock jumped: records keep their order, and a code stays accepted once. While the clock is behind the newest
//!   record, the server's time goes on at half the clock's pace; codes are always judged by the clock itself.
//! * The journal is damaged, or not what its newest checkpoint was signed for: the server refuses to start with
//!   exit code 10 and names what is wrong. Keep the directory as it is; restore a backup, or go on with
//!   `serve --accept-loss "why"`: the loss is recorded, what cannot be kept is set aside in `lost/`, and checkpoints
//!   get the next origin (`…/2`) with a key of its own, since an origin never signs two histories. Was that
//!   interrupted, only `--accept-loss` starts again, until the loss is on record. Vault entries that the remaining log does
//!   not name (those of records that were cut off) are copied to `lost/…/vault` first; the start destroys the originals. No
//!   reset destroys this copy, so secrets in it are not gone: delete the directory when the case is closed. `doctor` warns
//!   (`set-aside`) until then.
//! * The events on NATS are not those of the log, or their stream was deleted: publishing stops, or the stream is filled
//!   again; `/readyz` says degraded and an alert is raised ([`publishing`](super::publishing)).
//! * sled is damaged, behind or gone: rebuilt from the journal at start, and said so in the log output.
//! * A vault entry is damaged or missing: one value cannot be read, everything else works. A name or a text is shown as
//!   unreadable (`"unreadable": true`); a password, code or backup code is answered like a wrong one, at the same cost and
//!   on record. An alert of the rule `vault-entry-damaged` names the entry and its owner, once; `/readyz?verbose` says
//!   `vault_entries: degraded`; `mfa_ledger_vault_damaged_entries` has the number; `GET /v1/administrators/{id}/security`
//!   lists under `unreadable` what is damaged of somebody; `doctor` names every entry. A password reset, an MFA reset with a
//!   new enrollment, entering name and addresses again, or rotating a webhook's secret repairs it, and so does
//!   `backup restore --vault-only`. A server opens every entry once a day, 20 per second, so damage is found early.
//! * The vault is missing, empty, of another log, or one of its two files or its header is damaged: the server refuses to
//!   start with exit code 1, and makes no new vault. `backup restore BACKUP --vault-only` puts it back. Without a backup,
//!   `serve --accept-loss "why"` goes on with a new vault: what is left of the old one is moved to `lost/`, and the record
//!   `vault.loss_accepted` says how many entries are lost and whose password or MFA must be reset.
//! * A second server on the same directory, a key file that is missing or too open, a directory of a newer
//!   version: the start-up message says what to do.
//!
//! # Looking it over
//!
//! `mfa-ledger doctor` looks and changes nothing: it keeps no lock, sweeps and mends nothing, and a server that
//! runs does not notice. Run it with the server's own settings and as its user, since it tells what these see.
//!
//! | check | what it looks at | fails |
//! |---|---|---|
//! | `configuration` | whether it can be used; the cost of hashes | a wrong setting |
//! | `data-directory` | whether it holds a ledger, and who can reach it | no ledger, open to everybody |
//! | `key-file` | whether there is a master key, its owner's alone and not among the data | missing, too open, among the data |
//! | `master-key` | whether it opens the vault; a vault of another ledger is told by `vault` | the key of another ledger |
//! | `vault` | whether it is the vault of this log, and every entry opens; beside a server, whether each key and its sealed bytes are there | a vault that is missing or of another log; each damaged or missing entry, with its kind and owner |
//! | `log` | the whole journal, record by record, against the newest checkpoint; skipped beside a server | altered, cut, taken away: exit code 10 |
//! | `signing-keys` | whether there are keys to sign with, their owner's alone and not among the data | missing, too open, among the data |
//! | `anchors` | whether the anchors and witnesses answer, and know this log | another log than this one: exit code 10 |
//! | `disk-space` | free space against the reserve; warns below twice the reserve | less than the reserve |
//! | `sync` | how long 100 syncs of 4 KiB take, and on which file system; warns when no medium is that fast | a file system in memory |
//! | `clock` | its year, the newest record, whether the kernel takes it for synchronised | an impossible year, a record from the future |
//! | `vault-orphans` | secrets that nothing in the log names; skipped beside a server | (warns) |
//! | `set-aside` | keys of vault entries in `lost/`, which no reset destroys | (warns) |
//! | `proxies` | that callers behind a proxy can be told apart: with an https `http.public_url` and no `http.trusted_proxies` all of them have one address | (warns) |
//! | `rules` | the pack, and the rules and filters in `rules.dir` | one that cannot be used, by file and line: no server starts with it |
//! | `nats` | whether the NATS server answers and lets us in; warns when it is away | a wrong address, log-in, file or certificate |
//!
//! Each is `ok`, `warn`, `fail` or `skipped`, with what was seen and what to do. The exit code is 0 when nothing
//! fails, 1 when something does, 10 when the log was altered. `--output json` is for machines.
//!
//! # Break glass
//!
//! When no super administrator can get in, whoever has the data directory and the key can reset at the machine:
//! `mfa-ledger mfa reset` and `mfa-ledger administrator reset-password`, with the server stopped. They take the
//! same path as every other command; the record names the operating system's user and says `break_glass`. Rules
//! about the performer's own session do not apply there, those about the target and its documentation do. An anchor that
//! disputes the log blocks both commands, as it blocks a start: settle that first (see [`anchoring`](super::anchoring)).
//!
//! # Numbers
//!
//! `/metrics` is for Prometheus. `/livez` says that the process lives, `/readyz` that commands are taken: it is 503 when
//! the log or the vault cannot be written or hangs, the disk has too little room, or the projection has stopped. With
//! `?verbose` each part says how it fares, how many records it is `behind`, and `since` when it is not ready. The part
//! `callers` is degraded while as many requests are in flight, or bodies on their way, as there may be: others get 503 `busy`.
//!
//! | metric | what |
//! |---|---|
//! | `mfa_ledger_ready` | 1 while commands are taken: alert on 0 for a minute |
//! | `mfa_ledger_log_writable`, `mfa_ledger_vault_writable` | 0 after a failed write, and while one hangs; the former also while the disk has too little room |
//! | `mfa_ledger_log_unwritable_seconds`, `mfa_ledger_vault_unwritable_seconds` | time since a write failed |
//! | `mfa_ledger_log_write_seconds`, `mfa_ledger_vault_write_seconds` | age of the write that is under way: alert above 2 |
//! | `mfa_ledger_reopenings_total` | times that log and vault were reopened after a failed write: look at the disk |
//! | `mfa_ledger_connections_closed_total` | connections that were closed at once: there are 8,192 at most (or what the system allows to be open, less 512), and 2,048 from one address that is no trusted proxy |
//! | `mfa_ledger_bodies_refused_total`, `mfa_ledger_bodies_late_total` | requests refused while their bodies were on their way (4,096 at most, 64 from one address), and those whose bodies took longer than 10 s |
//! | `mfa_ledger_untrusted_forwarded_requests_total` | requests with `X-Forwarded-For` from a peer that is not in `http.trusted_proxies`: behind a proxy of yours, add it |
//! | `mfa_ledger_reading_copy_behind_records`, `mfa_ledger_reading_copy_damaged` | how sled fares |
//! | `mfa_ledger_log_head`, `mfa_ledger_projection_position`, `mfa_ledger_checkpoint_position` | the newest record; up to which answers are true; up to which the log is signed for |
//! | `mfa_ledger_read_only`, `mfa_ledger_disk_free_bytes`, `mfa_ledger_disk_reserve_bytes` | 1 while there is too little room to record anything, and how much there is |
//! | `mfa_ledger_commands_total`, `mfa_ledger_unrecorded_commands_total` | commands by kind and outcome; those that left no record, by cause, from the first on |
//! | `http_requests_total`, `http_request_duration_seconds` | answers by method, route and status, and how long they take |
//! | `mfa_ledger_administrators`, `mfa_ledger_sessions`, `mfa_ledger_stream_clients` | active administrators by MFA status, sessions that stand, followers of the event stream |
//! | `mfa_ledger_vault_entries`, `mfa_ledger_vault_damaged_entries` | entries that the log names, and those of them that cannot be opened: alert above 0 |
//! | `mfa_ledger_destructions_owed`, `mfa_ledger_destructions_owed_seconds` | entries that are to be destroyed and are still there, and since when: alert above 60 seconds |
//! | `mfa_ledger_detection_position`, `mfa_ledger_detection_lag_records`, `mfa_ledger_detection_stopped`, `mfa_ledger_detection_windows`, `mfa_ledger_detection_rules`, `mfa_ledger_alerts_raised_total` | how the rules fare |
//! | `mfa_ledger_anchor_position`, `mfa_ledger_anchor_lag_records`, `mfa_ledger_anchor_failures`, `mfa_ledger_anchor_disputed` | what each anchor knows; where there are anchors |
//! | `mfa_ledger_nats_position`, `mfa_ledger_nats_lag_records`, `mfa_ledger_nats_lag_seconds`, `mfa_ledger_nats_connected`, `mfa_ledger_nats_stopped` | how publishing fares; where a NATS server is named |
//! | `mfa_ledger_nats_verified_position`, `mfa_ledger_nats_stream_differs`, `mfa_ledger_nats_stream_recreated`, `mfa_ledger_nats_checkpoint` | what was compared on the stream, and found; the newest checkpoint there |
//! | `mfa_ledger_notices_owed`, `mfa_ledger_notices_sent_total`, `mfa_ledger_notices_failed_total` | mail; where a mail host is named |
//! | `mfa_ledger_webhooks`, `mfa_ledger_webhooks_failing`, `mfa_ledger_webhook_waiting_records`, `mfa_ledger_webhook_lag_records`, `mfa_ledger_webhook_attempts_total` | deliveries, all endpoints together |
//! | `process_start_time_seconds`, `process_resident_memory_bytes` | the process |
