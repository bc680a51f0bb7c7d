//! Webhooks: events, signed, to other systems as they happen.
//!
//! # An endpoint
//!
//! Whoever holds `manage-settings` manages them; what they do with them is on record.
//!
//! ```text
//! POST   /v1/webhooks   {url, description, actions?, form?, signing?}   -> the key, shown once
//! GET    /v1/webhooks   GET|PATCH|DELETE /v1/webhooks/{id}              {"active": false} pauses it
//! POST   /v1/webhooks/{id}/rotate-secret                                 -> a new key
//! POST   /v1/webhooks/{id}/test                                          see whether something arrives
//! GET    /v1/webhooks/{id}/deliveries                                    the last 1,000 attempts
//! POST   /v1/webhooks/{id}/deliveries/{position}/resend                  any record, again
//! ```
//!
//! `actions` are names of the activity log (`mfa.reset`, `mfa.reset_refused`) or beginnings that end with a dot
//! (`alert.`); without them, alerts and resets are delivered. Address and description stand in the log in clear:
//! put no secret into them. Alerts under a silence are not delivered, nor is what people do with them.
//!
//! # What arrives
//!
//! A `POST` after [Standard Webhooks](https://www.standardwebhooks.com) 1.0: any of its libraries checks it.
//!
//! | header | |
//! |---|---|
//! | `webhook-id` | the same for every attempt at a record, after restarts as well: drop what you have seen |
//! | `webhook-timestamp` | of this attempt, in seconds since 1970 |
//! | `webhook-signature` | `v1,` HMAC-SHA256 under `whsec_…`, or `v1a,` Ed25519, checked with `whpk_…`; two of them, with a blank between, for 24 hours after a rotation |
//!
//! | `form` | the body |
//! |---|---|
//! | `cloudevents` | the record's public half, byte for byte as it lies in the log: a proof can be had for it |
//! | `ocsf` | an event of OCSF 1.3: 3001 Account Change, 3002 Authentication, 2004 Detection Finding, 3004 Entity Management; the bytes of the log in `raw_data` |
//!
//! # When it does not arrive
//!
//! | the receiver | what is done |
//! |---|---|
//! | answers 2xx | done |
//! | answers something else, or nothing within 15 seconds (5 to connect) | again after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h, each up to a tenth longer; then it is given up |
//! | answers 3xx | as above: nothing is followed |
//! | answers 429 or 503 with `Retry-After` | nothing at all is sent before that, but for no longer than an hour |
//! | answers 410, or has taken nothing for 5 days | it is switched off, on record, until somebody switches it on |
//! | answers at length | 4 KiB are read, 512 bytes kept |
//!
//! At least once, then, and in no promised order. What happens while an endpoint is off is not delivered later;
//! `resend` sends any record. No command waits for a delivery, and no endpoint for another. At most 1,000 records
//! wait for an endpoint; the log is the queue behind them. There can be 64 endpoints.
//!
//! What was delivered is kept in `webhooks/` of the data directory, written once a second while something moves.
//! After a crash, the deliveries of that second come again. Where the file is lost or damaged, as after a restored
//! backup, the last 1,000 records are looked through again. A backup holds the newest secret of an endpoint, not
//! the one that was replaced.
//!
//! `/readyz` says degraded once an endpoint has taken nothing for five minutes; `/metrics` has
//! `mfa_ledger_webhook_*`.
//!
//! # Where it may go
//!
//! Only to `https://`, and to no address that is not of the open internet: loopback, private, link-local (clouds
//! keep credentials there), shared, multicast and reserved ranges are refused, in IPv4, IPv6, and IPv4 in IPv6. A
//! name is looked at each time it is resolved, and the connection goes to the address that was looked at. Proxies
//! of the environment are not used.
//!
//! ```toml
//! [webhooks]
//! allow_networks = ["10.1.0.0/16"]
//! authorities_file = "/etc/mfa-ledger/webhook-ca.pem"
//! ```
