//! Resetting the MFA of somebody else.
//!
//! The rules, in the order in which they are asked; the first that does not hold is the answer:
//!
//! | code | rule |
//! |---|---|
//! | `mfa-not-available` | MFA is switched on system-wide |
//! | `permission-denied` | the performer holds `manage-mfa`, or is a super administrator |
//! | `administrator-not-found`, `administrator-inactive` | the target exists and is active |
//! | `self-reset` | nobody resets themselves |
//! | `administrator-frozen` | the target has not denied a reset that nobody has cleared up |
//! | `super-admin-required` | only a super administrator resets a super administrator |
//! | `privilege-too-high` | the target holds no permission that the performer lacks |
//! | `mfa-not-enabled` | there is something to reset |
//! | `verification-required`, `verification-unacceptable` | identity was verified by an acceptable method |
//! | `reason-required` | reason (in words for `other`), requester's name and contact, time of the request |
//! | `request-time-implausible` | the request was made between seven days ago and now (clocks may differ by five minutes) |
//! | `ticket-required` | an authenticated ticket is named |
//! | `third-party-requester` | the requester is the target, by a name or an address on file; or `reason_text` says how the two are one |
//! | `approved-story-differs` | the details sent with an approved request are those of the request |
//! | `confirmation-required` | the target's user name is repeated |
//! | `actor-mfa-required`, `step-up-required` | the performer has MFA, and proved it lately in this session |
//! | `reset-rate-limited` | per target and day, per performer and hour |
//! | `approval-required` | by policy: a second holder of `manage-mfa` approved a request first |
//! | `under-suspicion` | no request about this account was reported as an attack lately, or a second person approved |
//! | `approval-void`, `approver-not-independent` | the approver may still approve, and is independent of the performer |
//!
//! What follows, in one event: seed and backup codes are gone and destroyed, MFA is not enabled, every session of
//! the target ends, failure counters stay, the epoch rises, and where MFA is required the next log-in can only
//! enroll.
//!
//! # Four eyes
//!
//! `POST /v1/reset-requests` files a request with the same documentation; another holder approves or declines it;
//! the reset then names the request and uses its details. Other fields may be left out; if sent, they must equal those of
//! the request (`approved-story-differs`). The approver cannot perform the reset. A request by a service account (a
//! ticket system) needs an approver and a performer who are two people.
//!
//! The approver has MFA and gives a fresh code, is independent of the requester and the performer (neither registered the
//! other, gave them a role, made them a super administrator, or generated a password for them in the last 30 days:
//! `approver-not-independent`), and has held `manage-mfa` for `approver_hours` (24; `approver-too-new`). An approval ends
//! with the approver's account or permission (`approval-void`), and does not come back with them. An approval given before
//! a suspicious request was reported does not count after the report.
//!
//! Independence is asked over all steps: an account made by an account that somebody made depends on them. Two accounts that
//! a third person made do not depend on each other. Watch the activity log for new accounts and permissions:
//! `administrator.registered`, `role.assigned`, `role.defined`. An approval also ends where the approver has no MFA any more,
//! where the target has risen above them, and where the target has enrolled another authenticator since it was given.
//!
//! # No way round
//!
//! No command beside the reset gets round its rules. What each command requires of its caller:
//!
#![doc = include_str!("../domain/asks.md")]
//!
//! *A fresh code* was given in this session no longer than `step_up_minutes` ago. While MFA is off system-wide, nobody can
//! give one: all that is left is to switch it on (with `manage-settings`), or the server's own command line. *A log-in as
//! fresh as a code*: MFA is enabled within `step_up_minutes` of the log-in (`log-in-required`), so that a stolen session
//! cannot enroll an authenticator of its own. *Not above*: somebody who holds a permission that the caller lacks, or a
//! super administrator, is out of reach.
//!
//! * A denied reset stays denied: the account is frozen. The people who performed, requested or approved that reset cannot
//!   reactivate it (`party-to-reset`), nor can anybody who is not independent of them, super administrators who
//!   registered them excepted. Somebody else can, with a note (`note-required`). An account whose personal data were erased is not reactivated (`personal-data-gone`): nobody would be
//!   notified of what is done to it.
//! * To deny a reset for somebody else takes a note, within thirty days (`repudiation-too-late`).
//! * A report of a suspicious request shows on the account, and for `suspicion_hours` (24) makes a reset need a second
//!   person, until somebody with `manage-alerts` clears it, with a note: `POST /v1/administrators/{id}/suspicion/clear`.
//!   The person who cleared it, and anybody who is not independent of them, still needs a second person for a reset of the
//!   account.
//!
//! # When it does not work
//!
//! * *I don't see the security settings*: they are shown only while MFA is available system-wide and you hold
//!   `manage-mfa`; otherwise the answer is 404, as if there were nothing.
//! * *The user still cannot log in*: `GET /v1/administrators/{id}/authentication`, or "Why can't they log in?" on the page of
//!   the account, says what keeps them out and what to try: wrong password, inactive, frozen, expired password, a wait and
//!   its end. The reset stands in its history, once it completed.
//! * *The user gets locked out after enrolling again*: the same page tells how far the device's clock is off, which factor
//!   fails, whether backup codes are used instead of the app, and from where. The user is not told: it would help a guesser.
//!
//! # When it smells
//!
//! Report instead of resetting: `POST /v1/administrators/{id}/mfa/report-suspicious`, or on a filed request
//! `…/report-suspicious`, with the red flags. If a reset turns out not to have been asked for,
//! `POST /v1/resets/{position}/repudiate` freezes the account and ends its sessions.
