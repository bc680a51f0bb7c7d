//! What Cargo cannot say of the rooms. Which crate may use which is in their manifests.

/// A room, and those of the same crate that it may name.
pub type Room = (&'static str, &'static [&'static str]);

/// Crates of several rooms. A room that is not here must be added first.
pub const ROOMS: &[(&str, &[Room])] = &[
    (
        "src/base",
        &[
            ("back_off", &["chance"]),
            ("chance", &[]),
            ("clock", &[]),
            ("disk", &[]),
            ("email", &[]),
            ("error_chain", &[]),
            ("files", &[]),
            ("html", &[]),
            ("memory", &[]),
            ("ring", &[]),
            ("same_site", &[]),
            ("text_file", &[]),
            // Pure: the formats and proofs of the log's tree.
            ("tlog", &[]),
            ("tls", &[]),
            // A crate of its own.
            ("wiped", &[]),
            ("ordered", &["ring"]),
            ("vitals", &["clock"]),
            ("tiles", &["tlog", "disk"]),
            ("keyring", &["tlog", "disk", "chance"]),
        ],
    ),
    // The door to the log knows what follows it, and waits for it; what follows knows nothing of the door.
    ("src/ledger", &[("follow", &[]), ("service", &["follow"])]),
    (
        "src/proof",
        &[
            ("integrity", &[]),
            ("export", &["integrity"]),
            // Checked anywhere, without the log.
            ("evidence", &[]),
            ("backup", &["integrity"]),
            // A server of its own, on another host.
            ("witness", &[]),
        ],
    ),
    (
        "src",
        &[
            ("config", &[]),
            // Prose.
            ("manual", &[]),
            // Opens, begins, verifies and recovers a data directory; what serves it comes above.
            ("data_dir", &["config"]),
            ("server", &["data_dir", "config"]),
            // Looks at all of it, and changes nothing.
            ("doctor", &["server", "data_dir", "config"]),
            ("demo", &["data_dir", "config"]),
            ("cli", &["demo", "doctor", "server", "data_dir", "config"]),
            ("main", &[]),
        ],
    ),
];

/// Who may hand on another crate's words as its own: callers speak to the service alone, and need the words for callers,
/// rights and secrets to do so. Nothing of this decides, stores or appends.
pub const LENDS: &[(&str, &[&str])] = &[
    (
        "src/lib.rs",
        &["base", "console", "domain", "http", "ledger", "log", "proof", "react", "schemas", "vault"],
    ),
    ("src/base/mod.rs", &["wiped"]),
    ("src/ledger/service/mod.rs", &["domain", "vault"]),
    ("src/vault/mod.rs", &["base"]),
];
