//! Looking back: what was true at a moment, what differs between two, who could have reset whom.
//!
//! All that is shown is folded from the log, so that every moment that the log has can be asked about.
//!
//! | question | API | command line |
//! |---|---|---|
//! | how did the accounts stand? | `GET /v1/administrators?as_of=` | `mfa-ledger as-of MOMENT` |
//! | how did one account stand? | `GET /v1/administrators/{id}?as_of=` | `… --administrator USER_NAME` |
//! | how did one stand with MFA? | `GET /v1/administrators/{id}/security?as_of=` | `… --administrator USER_NAME` |
//! | what changed in between? | `GET /v1/diff?from=&to=` | `mfa-ledger diff FROM TO` |
//! | could A reset B? | `GET /v1/explain/reset?actor=&target=&as_of=` | `mfa-ledger explain can A reset B --at MOMENT` |
//! | could A approve the request R? | `GET /v1/explain/approve?actor=&reset_request=&as_of=` | `mfa-ledger explain can A approve R --at MOMENT` |
//! | could A change the account of B? | `GET /v1/explain/change?actor=&target=&as_of=` | `mfa-ledger explain can A change B --at MOMENT` |
//!
//! # Moments
//!
//! A moment is a position in the log in digits (right behind that record, at its time), or an RFC 3339 time (all
//! records up to it, those of the very millisecond among them). The command line also takes so long ago: `90m`,
//! `24h`, `7d`. Between two records time alone can change something: an enrollment that is begun runs out, a wait
//! after wrong codes ends. A time sees that, a position does not.
//!
//! | code | status | exit code | when |
//! |---|---|---|---|
//! | `invalid-request` | 400 | 2 | it is neither a position nor a time |
//! | `before-the-log` | 404 | 5 | there was no record yet; `detail` says when the first was made |
//! | `moment-not-come` | 422 | 1 | the time is to come, or there is no such record yet |
//! | `range-reversed` | 422 | 1 | `from` is later than `to` |
//! | `busy` | 503 | 3 | too many ask at once: one question is answered at a time, and 16 wait |
//!
//! # Who may ask
//!
//! Rights are those of now: whoever may see what is may see what was. `as_of` takes the right of the present
//! question, and the security section is not there (404) for those who may not see it now, or while MFA is switched
//! off. The difference and the explanation take `manage-mfa` or `view-activity`; of service accounts the scope `view-mfa`
//! or `view-activity`. Looking back is recorded as reading the activity log is: as `activity.read`, once per caller
//! and minute, with what was asked first (`past=diff&from=…`); a question that is refused each time.
//!
//! Names and e-mail addresses are sealed beside the log: they are shown as far as they still exist. One that was
//! replaced or erased since is gone from the past as well.
//!
//! # Could they have?
//!
//! The explanation is no second set of rules: it is the decision that the reset, the approval or the change would have been given on the state of
//! that moment. It supposes an attempt that is well made, and says so in `assumed`: logged in, second factor just
//! proved, identity verified, everything documented, and an approved request where there was one. `code` is the first
//! rule that refuses, with the meaning of [`resetting`](super::resetting); `unauthenticated` says that the actor could
//! not have logged in at all: not registered yet, deactivated, or frozen. `rests_on` names each stream that was looked
//! at, with its last record then: `GET /v1/activity/{position}` shows who made it so.
//!
//! # What it costs
//!
//! A moment is folded from the log once, aside from what answers everybody else, from the nearest snapshot on. Where
//! administrators stood (`as_of` of an account, its security section, and all accounts; `diff`) is kept every 4,096
//! records, and at least two records to each administrator apart; the records behind it are folded without all that is
//! not asked for, and for one of them only their own are read. Who could have reset whom (`explain`) takes all that
//! decisions read, which is kept every 131,072 records. The last four moments of either kind stay folded: a question
//! about one of them is answered at once, one about a later moment goes on from there. While the disk has less free than
//! `log.reserve_mib`, no snapshot is written, which is told once; the next start or question folds a longer way then.
//!
//! One question about everyone is folded at a time; nobody waits for a turn who asks about one administrator. Snapshots
//! that an earlier version made are read as a whole where there are no others near by.
//!
//! # Is it what the log says?
//!
//! `mfa-ledger replay` folds the log from its first record and prints a checksum for each projection, beside whether
//! it is that of the running server (`GET /v1/log/projections`), or of a start from the newest snapshot. Two folds of
//! one log have the same checksums, on whatever machine; a difference ends with exit code 1.
//!
//! A snapshot is sealed with a key below the master key and names the record that it ends with: one that somebody
//! altered, that another version wrote, or that is of a history which the log does not have, is left out, and the start
//! says so. Nothing is lost by that but time. The same holds for each part of it: the seal binds a part to its
//! administrator, position, record and ledger, so that none can be put in the place of another.
