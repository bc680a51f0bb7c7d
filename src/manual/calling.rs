//! Calling the API.
//!
//! `/openapi.json` is the whole of it, `/docs` the same for people.
//!
//! * **Who.** `POST /v1/session` gives a token for `Authorization: Bearer`. `next` says what it can do: `done`
//!   everything its owner may, `verify` show a second factor, `enroll` enroll and nothing else. Programs use
//!   service accounts, whose tokens have scopes.
//! * **Records.** Every answer of a command names its record: `position` in the body and in the header
//!   `Mfa-Ledger-Position`, `activity` where it can be read. A refusal has a record as well. A failed log-in has
//!   one too, but its answer says nothing: an unknown name, a wrong password and an account that may not log in
//!   get the same bytes at the same cost. Requests that never became a command have no record: no valid token
//!   (401), not well-formed (400, 413, 415), too fast for the address (429 before anything is looked at). What a `GET`
//!   shows is at least as new as its header `Mfa-Ledger-Position`.
//! * **Once.** With an `Idempotency-Key`, repeating a command gives its first answer again for 24 hours. What is
//!   shown only once (passwords, backup codes, tokens of service accounts) is not shown again; a pending seed is, until it is confirmed. The
//!   key belongs to one request: another body under it is an error. Log-ins and second factors take no keys.
//! * **Versions.** `ETag` is the position of the last change; `If-Match` makes a command wait for nobody: it is
//!   refused with 412 when somebody was faster. Log-ins do not change an administrator's version.
//! * **Problems** are RFC 9457, with a stable `code` and a page at `/problems/{code}`. 401 comes before 400.
//! * **Lists** have a cursor (`after`), a `Link` to the next page, and three forms by `Accept`: JSON, NDJSON, CSV.
//!   A cursor is a position or an id with a tag of the ledger (`57~q3v8mz0k`): one that another ledger gave is refused
//!   (422 `foreign-cursor`). A position or id without a tag is taken as it is.
//! * **Several answers in one**: `GET /v1/overview` (four lists), `GET /v1/activity/{position}/with-proof` (entry, leaf, keys,
//!   checkpoint, proof), `GET /v1/log/integrity` (checkpoint, keys, anchors, readiness, verifications). Each member takes
//!   the right of the single answer, and is `null` without it.
//! * **Searching for words** (`q` of the activity log) looks at names, tickets, reasons, actions, codes and addresses,
//!   and at what was told in words: who asked and how to reach them, reasons in words, notes. The latter lies sealed,
//!   in no index and no snapshot, so that erasing it is all that it takes: entries of actions that can have such words
//!   are unsealed one by one, 1,000 for a page (15 to 40 ms on two cores), as far as the other filters let them through. A page that was not
//!   full by then says in `looked_to` how far it looked, and `next` goes on there. Exports look at everything, counts
//!   (`/v1/activity/stats`) at what is in clear.
//! * **The activity log** also comes as `application/vnd.ocsf+ndjson`: an event of OCSF 1.3 a line, as
//!   [webhooks](super::delivering) send them. Every record has a class there: Account Change (3001), Authentication
//!   (3002), Detection Finding (2004), and Entity Management (3004) for all else. `metadata.sequence` is the
//!   position, `raw_data` the bytes of the log; words that were told are not in it. A record that is void has
//!   `status_id` 99. At the command line: `mfa-ledger activity export --output ocsf`.
//! * **Parquet** is made at the command line, by a program that was built with the feature `parquet`:
//!   `mfa-ledger activity export --output parquet > activity.parquet`. A column for each fact, times in
//!   milliseconds of UTC, `details` as JSON; zstd. A file that broke off cannot be read: none is a part.
//! * **What belongs together.** `X-Correlation-Id` (48 letters, digits, `.`, `_`, `:`, `-` at most) goes into the record, as
//!   `correlation`, and into those of whatever the system does because of it, whose `causation` is the position that led
//!   there. `traceparent` (W3C Trace Context) is kept in the leaf.
//! * **503** means: nothing recorded (`busy`, `read-only`, `log-unavailable`, `vault-unavailable`, `reopening`), or not known
//!   (`outcome-unknown`: repeat with the same key).
