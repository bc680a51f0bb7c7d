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
//! | `super-admin-required` | only a super administrator resets a super administrator |
//! | `mfa-not-enabled` | there is something to reset |
//! | `verification-required`, `verification-unacceptable` | identity was verified by an acceptable method |
//! | `reason-required` | reason (in words for `other`), requester's name and contact, time of the request |
//! | `confirmation-required` | the target's user name is repeated |
//! | `actor-mfa-required`, `step-up-required` | the performer has MFA, and proved it lately in this session |
//! | `reset-rate-limited` | per target and day, per performer and hour |
//! | `approval-required` | by policy: a second holder of `manage-mfa` approved a request first |
//!
//! What follows, in one event: seed and backup codes are gone and destroyed, MFA is not enabled, every session of
//! the target ends, failure counters stay, the epoch rises, and where MFA is required the next log-in can only
//! enroll.
//!
//! # Four eyes
//!
//! `POST /v1/reset-requests` files a request with the same documentation; another holder approves or declines it;
//! the reset then names it. Who approved cannot perform it. A request by a service account (a ticket system) needs
//! an approver and a performer who are two people.
//!
//! # When it does not work
//!
//! * *I don't see the security settings*: they are shown only while MFA is available system-wide and you hold
//!   `manage-mfa`; otherwise the answer is 404, as if there were nothing.
//! * *The user still cannot log in*: `GET /v1/activity?target=…` shows each failure with its cause: wrong password,
//!   inactive, frozen, expired password.
//! * *The user gets locked out after enrolling again*: the security page tells how far the device's clock is off,
//!   which factor fails, and until when it waits. The user is not told: it would help a guesser.
//!
//! # When it smells
//!
//! Report instead of resetting: `POST /v1/administrators/{id}/mfa/report-suspicious`, or on a filed request
//! `…/report-suspicious`, with the red flags. If a reset turns out not to have been asked for,
//! `POST /v1/resets/{position}/repudiate` freezes the account and ends its sessions.
