//! Mail to people whose accounts are touched, the link that denies a reset, and the watchdog over those who have not
//! enrolled again.
//!
//! # Switching it on
//!
//! ```toml
//! [http]
//! public_url = "https://mfa.example.org"        # links begin with it; without it mails carry none
//!
//! [mail]
//! host = "mail.example.org"
//! user_name = "mfa-ledger"                      # the password comes through MFA_LEDGER__MAIL__PASSWORD
//! sender = "MFA <mfa@example.org>"
//! ```
//!
//! | `mail.tls` | what is sent without TLS | what somebody who can change what is on the wire can do |
//! |---|---|---|
//! | `starttls`, the default | `EHLO` and `STARTTLS`, nothing else | keep mail from being sent: it is tried again, and the reason is logged |
//! | `implicit` | nothing: TLS from the first byte | the same |
//! | `starttls-if-offered` | everything, when the offer does not arrive | take the offer away, and then read, change and swallow mail |
//! | `none` | everything | read, change and swallow mail |
//!
//! `starttls-if-offered` and `none` are for mail hosts on the same machine, and take no password. With STARTTLS, a single
//! byte that arrives in clear behind a reply ends the connection: nobody on the network can put replies there that are
//! then read as if they had come through TLS.
//! Certificates are judged as the operating system does, and by `ca_file`. Without `mail.host` there is no mail, which
//! is told at the start.
//!
//! # Who is told of what
//!
//! | what happened | what the mail says |
//! |---|---|
//! | MFA was reset | the text of the settings (`reset_notice_subject`, `reset_notice_text`; as preset, the guide's), performer, date, ticket, and the link "this wasn't me" |
//! | MFA was enabled, or disabled by its owner | who, when, from which address |
//! | a backup code was used | how many are left; with three or fewer, to make new ones |
//! | ten wrong second factors in a row | that whoever gave them knows the password |
//! | a hundred | that the factor is locked |
//! | a password was given by somebody else | who, when; never the password |
//! | the name or the addresses were changed | who, when |
//!
//! One message a record goes to all addresses of the person, which are read from the vault when it is sent. Names and
//! addresses are sealed together, so that a new name alone is told in the same way.
//!
//! An address that is taken away from an account is kept for thirty days, sealed like the others. Until then notices of
//! an MFA reset, its reminder, a new password, and a change of names or addresses go to it too, in a message of its own:
//! former and present addresses do not see each other. An administrator who redirects somebody's mail so keeps no notice from
//! them. Of an account's former addresses the first twenty are kept. Erasing personal data removes them with the rest.
//!
//! No mail holds a secret, a code, or any token but that of the link.
//!
//! # What can go wrong
//!
//! | | what follows |
//! |---|---|
//! | the host is away, takes longer than `timeout_seconds`, does not let us in, or has a certificate that nobody vouches for | nothing is sent; tried again after a second, then later and later, up to five minutes |
//! | it does not take a message now (4xx) | tried again after ten seconds, then later and later, up to an hour |
//! | it refuses an address (5xx) | the other addresses get it; with none left, the notice has *failed* |
//! | nobody has taken it within 24 hours | it has *failed* |
//! | this server ends, or is killed | what is owed is folded from the log, and goes on after the start |
//!
//! What became of a notice is a record, `notification.recorded`, shown with the reset it is about: `sent` or `failed`, to
//! how many addresses, after how many attempts, and the code of a refusal; no address and nothing else that the host
//! said. No command waits for mail.
//!
//! A message may come twice, when either side dies between its handing over and the record of it; both have the same
//! `Message-ID`, made of the position. What is older than 72 hours is not sent, so that mail that is switched on tells
//! nobody of last year, and a server that was away for longer tells nobody of the time before.
//!
//! `/readyz` is degraded while a notice is owed for more than five minutes. `/metrics` has
//! `mfa_ledger_notices_owed`, `mfa_ledger_notices_sent_total` and `mfa_ledger_notices_failed_total`.
//!
//! # "This wasn't me"
//!
//! `<public_url>/this-was-not-me/<token>` is a page with a button. Looking at it changes nothing, since scanners of mail
//! follow links; the button denies the reset: the account is frozen until somebody reactivates it, every session of
//! it ends, and `reset.repudiated` is on record, by `notice-link`, with the address it came from. It works once, for 30
//! days after the reset, and as often from one address as log-ins do. The token is the reset's position with a keyed
//! tag: nothing in the log opens the page. The last super administrator who can log in is not frozen, which the page says.
//!
//! # The watchdog
//!
//! ```toml
//! [watchdog]
//! reminder_hours = 12
//! deactivate_hours = 72      # 0, the default, for never
//! ```
//!
//! Whoever has not enrolled again so many hours after a reset is reminded once. With `deactivate_hours`, such an account
//! is deactivated, on record, by `watchdog`: once for each reset, so that whoever is reactivated stays so; never the last
//! super administrator's; and not for resets whose time ran out more than 30 days ago.
