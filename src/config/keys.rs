//! Every key of the configuration.

pub(super) const MASTER_KEY: &str = "vault.master_key";
pub(super) const ANCHOR_TOKEN: &str = "log.anchor_token";
pub(super) const NATS_USER: &str = "nats.user";
pub(super) const NATS_PASSWORD: &str = "nats.password";
pub(super) const MAIL_PASSWORD: &str = "mail.password";

/// The keys that no file may hold, and what is to be done instead.
pub(super) const SECRETS: &[(&str, &str)] = &[
    (MASTER_KEY, "use vault.master_key_file, or MFA_LEDGER__VAULT__MASTER_KEY"),
    (ANCHOR_TOKEN, "use MFA_LEDGER__LOG__ANCHOR_TOKEN"),
    (NATS_USER, "use MFA_LEDGER__NATS__USER"),
    (NATS_PASSWORD, "use MFA_LEDGER__NATS__PASSWORD, or nats.credentials_file, or nats.nkey_file"),
    (MAIL_PASSWORD, "use MFA_LEDGER__MAIL__PASSWORD"),
];

/// Every key that can be set, and how a text is read for it.
pub(super) const KEYS: &[(&str, Kind)] = &[
    ("data_dir", Kind::Text),
    ("http.listen", Kind::Text),
    ("http.public_url", Kind::Text),
    ("http.security_contact", Kind::Text),
    ("http.trusted_proxies", Kind::List),
    ("http.sse_clients", Kind::Number),
    ("http.in_flight", Kind::Number),
    ("http.attempts_per_second", Kind::Number),
    ("http.session_idle_minutes", Kind::Number),
    ("vault.master_key_file", Kind::Text),
    (MASTER_KEY, Kind::Text),
    ("hashing.memory_kib", Kind::Number),
    ("hashing.passes", Kind::Number),
    ("hashing.lanes", Kind::Number),
    ("log.commands_waiting", Kind::Number),
    ("log.segment_mib", Kind::Number),
    ("log.reread_mib", Kind::Number),
    ("log.reserve_mib", Kind::Number),
    ("log.hang_exit_seconds", Kind::Number),
    ("log.signing_key_file", Kind::Text),
    ("log.anchor_memory_file", Kind::Text),
    ("log.anchors", Kind::List),
    ("log.witnesses", Kind::List),
    (ANCHOR_TOKEN, Kind::Text),
    ("nats.urls", Kind::List),
    ("nats.events_stream", Kind::Text),
    ("nats.checkpoints_stream", Kind::Text),
    ("nats.create_stream", Kind::Truth),
    ("nats.replicas", Kind::Number),
    ("nats.window", Kind::Number),
    ("nats.credentials_file", Kind::Text),
    ("nats.nkey_file", Kind::Text),
    (NATS_USER, Kind::Text),
    (NATS_PASSWORD, Kind::Text),
    ("nats.ca_file", Kind::Text),
    ("nats.client_certificate_file", Kind::Text),
    ("nats.client_key_file", Kind::Text),
    ("mail.host", Kind::Text),
    ("mail.port", Kind::Number),
    ("mail.tls", Kind::Text),
    ("mail.user_name", Kind::Text),
    (MAIL_PASSWORD, Kind::Text),
    ("mail.sender", Kind::Text),
    ("mail.ca_file", Kind::Text),
    ("mail.timeout_seconds", Kind::Number),
    ("watchdog.reminder_hours", Kind::Number),
    ("watchdog.deactivate_hours", Kind::Number),
    ("rules.dir", Kind::Text),
    ("rules.off", Kind::List),
    ("webhooks.allow_http", Kind::Truth),
    ("webhooks.allow_networks", Kind::List),
    ("webhooks.authorities_file", Kind::Text),
    ("telemetry.format", Kind::Text),
    ("telemetry.filter", Kind::Text),
];

/// How a text is read.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Number,
    /// `true` or `false`.
    Truth,
    /// Separated by commas.
    List,
}
