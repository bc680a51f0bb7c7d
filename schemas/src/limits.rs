//! Limits of what may be stored; each has a test at its edge.

/// Longest stored value (record and leaf together), in bytes: above it sled writes unsynced blob files.
pub const STORED_BYTES: usize = 7_000;
/// Longest user name, in characters.
pub const USER_NAME_CHARS: usize = 64;
/// Longest display name, requester name or requester contact, in characters.
pub const NAME_CHARS: usize = 200;
/// Longest e-mail address, in characters (RFC 5321, section 4.5.3.1.3, less the brackets).
pub const EMAIL_CHARS: usize = 254;
/// Most e-mail addresses of one administrator.
pub const EMAILS: usize = 5;
/// Longest free text (reason, note, description), in characters.
pub const TEXT_CHARS: usize = 1_000;

/// Longest reason for going on after a loss, in characters: it stands in the record in clear.
pub const ACCEPTED_LOSS_CHARS: usize = 500;

/// Longest account of what was found then, in characters.
pub const FOUND_CHARS: usize = 300;

/// Administrators named in the record of a lost vault, in each of its lists.
pub const LOST_NAMED: usize = 50;
/// Longest ticket reference, in characters.
pub const TICKET_CHARS: usize = 64;
/// Longest id of a role or a rule, in characters.
pub const SLUG_CHARS: usize = 64;
/// Longest user agent kept, in characters; what is longer is cut.
pub const USER_AGENT_CHARS: usize = 200;
/// Longest request id, in characters.
pub const REQUEST_ID_CHARS: usize = 64;
/// Longest correlation id, in characters: letters, digits, and `.`, `_`, `:`, `-`.
pub const CORRELATION_CHARS: usize = 48;
/// Longest idempotency key, in characters.
pub const IDEMPOTENCY_KEY_CHARS: usize = 128;
/// Longest text of the notice after a reset, in bytes of JSON in UTF-8, where quotes, backslashes, tabs and
/// line ends take two: all settings share one record, in which each stands twice.
pub const NOTICE_BYTES: usize = 1_250;
/// Longest subject of the notice after a reset, in bytes of JSON in UTF-8.
pub const NOTICE_SUBJECT_BYTES: usize = 200;
/// Most annexes one erasure names; a longer list takes several commands.
pub const ERASED_ANNEXES: usize = 76;
/// Longest query text kept with a read or an export of the activity log, in characters.
pub const QUERY_CHARS: usize = 500;

/// Most endpoints that events are delivered to.
pub const WEBHOOKS: usize = 64;
/// Longest address of one, in characters.
pub const WEBHOOK_URL_CHARS: usize = 1_000;
/// Most actions, and groups of actions, that one of them is told of.
pub const WEBHOOK_ACTIONS: usize = 32;
/// Hours for which a secret that was replaced signs beside the new one.
pub const WEBHOOK_OVERLAP_HOURS: i64 = 24;

/// Longest silence over a rule, in hours: 90 days.
pub const SILENCE_HOURS: u16 = 90 * 24;
