//! Checking the log, as somebody who does not trust whoever runs it.
//!
//! # What is signed
//!
//! Every record has a public half, its *leaf*: one CloudEvent as JSON, whose bytes never change, and which carries
//! the SHA-256 of the private half. The leaves are the leaves of an RFC 6962 tree. At most once a second the server
//! signs a *checkpoint*: the origin of the log, how many records it has, and the root over them (C2SP
//! tlog-checkpoint, Ed25519). Whoever holds a checkpoint and the public key can find out later, without asking
//! anyone, whether anything up to there was altered, removed, moved or put in between.
//!
//! Two things must come from elsewhere than the log: the **public key** (`mfa-ledger log keys`, handed out once,
//! over another channel than the log), and, against roll-backs, an **older checkpoint** (`mfa-ledger log
//! checkpoint`, from an anchor, from a witness, or kept by yourself). Without the second, somebody with the signing
//! key can hand out a log that ends earlier.
//!
//! # What there is to check
//!
//! | what you have | how |
//! |---|---|
//! | a data directory, or a copy of one | `mfa-ledger log verify --data-dir D` |
//! | a file that `log export` wrote | `mfa-ledger log verify --export FILE --key K`, or the script below |
//! | the address of a server | `mfa-ledger log verify --url http://… --key K` |
//! | the events on NATS | `mfa-ledger events verify --nats nats://… --key K` |
//! | a receipt and the leaf it is about | any implementation of C2SP tlog-proof |
//! | two data directories, and the question where they part | `mfa-ledger log diff A B` |
//! | evidence that `evidence create` made | `mfa-ledger evidence verify FILE --key K`, or the script in it |
//! | a backup | `mfa-ledger backup verify DIR --key KEY`, or with `--data-dir` |
//!
//! `--key` may be repeated: after `keys rotate` both keys are needed, the old one for what was signed before. With
//! no `--key` the file of signing keys beside the data directory counts. `--checkpoint FILE`, which may be
//! repeated, holds the log against one that you kept. `--output json` is for machines: `result` is `sound` or
//! `tampered`, then `kind`, `first_bad_position`, `where` and `source` say more. Where only a range can be known, `where`
//! names it, and `first_bad_position` is its beginning; where not even that is known, both are null.
//! The exit code is 0 for sound, 10 for tampered, anything else when it could not be checked.
//!
//! # The events on NATS
//!
//! ```text
//! mfa-ledger events verify --nats nats://… --key 'mfa-ledger/lgr_…' --checkpoint kept      anywhere, without a ledger
//! ```
//! Every message of the stream is read. Its sequence is the position; `Nats-Msg-Id`, subject and headers must be what
//! its place and its event say, and the bytes of the events are the leaves of the tree. At the size of each signed
//! checkpoint on the stream of checkpoints, of each `--checkpoint`, and of the one that the server at `--url` gives out,
//! the root must be the signed one. Memory does not grow with the stream.
//!
//! A difference (exit code 10) is named by its position where the tiles are at hand, of a server with `--url` or of the
//! data directory on the same machine; otherwise by the range between two checkpoints. Messages that the limits of a
//! stream have dropped from its beginning count as missing. Events behind the newest checkpoint are `not_covered`: the
//! server signs within a second or two, so that more than ten minutes without a checkpoint end with exit code 1.
//!
//! The operator of NATS can delete the newest checkpoints along with the events. Give a checkpoint from elsewhere, as
//! against a roll-back of the log.
//!
//! # What the server itself has verified
//!
//! `GET /v1/log/verification`, for whoever may read the activity log, and *Integrity* in the console tell what this server
//! has read, hashed and held against checkpoints since it started: when, from which record to which, the root over
//! them, and which checkpoints these were. Every start verifies before anybody is served; of a long log that was
//! closed in good order only the newest files, then the rest while it serves (`looked_over`), with how far that is.
//!
//! `POST` to the same address, or the button on the page, verifies every record up to the newest checkpoint now: against
//! the checkpoint on the disk and the one in the server's memory. One goes on at a time, by one reader that no command waits
//! for; that it was asked for is on record. A log that is not what was signed for ends the server with exit code 10, as
//! at a start. It is the server's own word: whoever does not want to take that uses the commands above, elsewhere.
//!
//! # Exports
//!
//! ```text
//! mfa-ledger log export --output log.export                  all of it, both halves: can be imported
//! mfa-ledger log export --output part --from 100 --to 200    a part: proven by the hashes left and right of it
//! mfa-ledger log export --output leaves --leaves             only the leaves, for whoever should not see more
//! mfa-ledger log import log.export --data-dir NEW            a data directory of it, without a vault
//! ```
//! An export works beside a running server and ends at its newest checkpoint. What is behind that is in no export
//! until it is signed for: a running server does that every second, and any command that opens the ledger at its
//! end. The log is checked before it is exported. An export made before a key was rotated stays valid under the
//! old key.
//!
//! An import is the log and nothing else. What is sealed in the vault (seeds, hashes, names, free texts) and both
//! keys are not in an export; to move a ledger use `backup create` and `backup restore`. A server started on an
//! imported log needs the signing keys and a master key (the old one, or a new one: 64 hexadecimal digits in
//! a file of mode 0600), goes on with a new vault after `serve --accept-loss "why"`, and lets nobody in until `administrator reset-password` and `mfa reset` were used at the machine.
//!
//! The file is described in `src/proof/export/mod.rs`, and by this script, which needs no more than Python 3. It checks
//! an export made with `--leaves` and prints the checkpoint; its signature is then one for `log verify`, for Go's
//! `golang.org/x/mod/sumdb/note`, or for whatever else reads signed notes.
//!
//! ```python
#![doc = include_str!("outsider.py")]
//! ```
//!
//! # Receipts
//!
//! The answer of every command names its record (`Mfa-Ledger-Position`) and where the proof of it is
//! (`Mfa-Ledger-Proof`). `GET /v1/activity/{position}/proof`, or `mfa-ledger log prove POSITION` at the machine, give
//! the receipt: C2SP tlog-proof, the hashes from the leaf up to the root and the signed checkpoint. What it proves is
//! the leaf, byte for byte: `GET /v1/activity/{position}/leaf`. Keep both; they are checked without the server.
//!
//! # Evidence
//!
//! ```text
//! mfa-ledger evidence create --administrator ada --to ada.tar       all that ada did and that was done to her
//! mfa-ledger evidence create --reset 1323 --to reset.tar            a reset, what led to it, what followed
//! mfa-ledger evidence verify reset.tar --key 'mfa-ledger/lgr_…'      anywhere, without a ledger
//! ```
//! One tar file for somebody who has nothing else: the leaves byte for byte, a receipt for each, the checkpoint, the
//! public keys, the settings in force with the record that set them, a timeline to read (HTML without scripts or
//! anything from elsewhere), and a `README.txt` and a `check.py` that check it with Python and openssl. `src/proof/evidence/mod.rs`
//! describes every file. The list of files is signed with the key of the log, as a note whose first line is never that
//! of a checkpoint. So the file of signing keys must be at hand, also where a server holds the data directory.
//!
//! It proves that these records are in the log and unaltered. It does not prove that they are all: for that there is
//! `log export`. That a record is void, and the words of `--with-personal-data`, stand under the signature of the list
//! alone.
//!
//! It is an export of the activity log and recorded as one, as the operator's at the machine or, where a server holds
//! the data directory, by the server as that of the caller, who needs the right to export. Records and proofs
//! are read from the data directory itself. Words that lie sealed come only with `--with-personal-data`; once they
//! are in a file, erasing personal data no longer reaches them.
//!
//! The script in it, which is also in the source:
//!
//! ```python
#![doc = include_str!("../proof/evidence/check.py")]
//! ```
//!
//! # Servers
//!
//! `/checkpoint` and `/tile/…` are for everybody: hashes say nothing of what was recorded. Entry bundles
//! (`/tile/entries/…`) need the right to export; with such a token in `MFA_LEDGER_TOKEN` `log verify --url` holds them
//! against the tiles. That is an export like any other, and recorded as one. The keys are never asked of the server.
//! It speaks no TLS: go through a tunnel or a proxy that does.
