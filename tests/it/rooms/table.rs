//! The rooms of the house.

/// A room of `src/` and what it may name. `schemas` and `projections` are the member crates.
pub const ROOMS: &[(&str, &[&str])] = &[
    // What stands at the bottom, and uses nothing of ours.
    ("chance", &[]),
    ("clock", &[]),
    ("config", &[]),
    ("disk", &[]),
    ("error_chain", &[]),
    ("ring", &[]),
    ("tlog", &[]),
    ("tls", &[]),
    // Memory that is wiped, for all who hold a secret, and what keeps the rest of it off the disk.
    ("wiped", &[]),
    ("memory", &[]),
    // What browsers say of where a request comes from, asked by all who take commands from them.
    ("same_site", &[]),
    // What the threads that write tell of themselves, to all who have to know.
    ("vitals", &["clock"]),
    // The public half of a record in another form: pure.
    ("ocsf", &["schemas"]),
    // The hashes of the log's tree as files.
    ("tiles", &["tlog", "disk"]),
    // The keys that the log is signed with.
    ("keyring", &["tlog", "disk", "chance"]),
    // Bytes and positions: the log knows nothing of what it stores.
    ("log", &["disk", "vitals"]),
    // `schemas` for the kinds of secrets that events name, nothing else of it.
    ("vault", &["schemas", "disk", "chance", "vitals", "wiped"]),
    // Pure: a decision is made of what it is given.
    ("domain", &["schemas", "projections"]),
    // Readers of the log; `disk` for the checkpoint that each of them keeps.
    (
        "follow",
        &[
            "error_chain",
            "log",
            "schemas",
            "projections",
            "disk",
            "tlog",
            "tiles",
            "keyring",
            "tls",
            "clock",
            "chance",
            "vitals",
        ],
    ),
    // The only door to the log.
    (
        "service",
        &[
            "domain",
            "log",
            "vault",
            "follow",
            "schemas",
            "projections",
            "clock",
            "chance",
            "disk",
            "ring",
            "vitals",
        ],
    ),
    // Followers that act do it through the service, as everybody else.
    (
        "react",
        &[
            "error_chain",
            "service",
            "follow",
            "ocsf",
            "tls",
            "schemas",
            "projections",
            "clock",
            "chance",
            "disk",
            "vitals",
        ],
    ),
    // Parse, call, answer; `react` for the rules, what they would have raised, and how deliveries fare: nothing is
    // sent from here.
    (
        "http",
        &[
            "error_chain",
            "service",
            "follow",
            "react",
            "ocsf",
            "tlog",
            "same_site",
            "wiped",
            "schemas",
            "projections",
            "vitals",
        ],
    ),
    // A client of the API in the same process: no right, rule or record is the console's own.
    // It checks proofs itself, with the pure room that says what a proof is.
    ("console", &["same_site", "tlog", "wiped", "schemas", "clock"]),
    // Whether a log is what it was: on a data directory, an export, a backup, without any server.
    ("integrity", &["log", "tlog", "tiles", "keyring", "schemas", "disk"]),
    ("export", &["integrity", "log", "tlog", "tiles", "schemas", "disk"]),
    // One file about one person or one reset, checked anywhere.
    ("evidence", &["tlog", "schemas"]),
    (
        "backup",
        &["integrity", "log", "vault", "tlog", "tiles", "keyring", "schemas", "projections", "disk", "clock"],
    ),
    // A server of its own, on another host.
    ("witness", &["tlog", "disk", "clock"]),
    // Puts the parts together and runs them.
    (
        "server",
        &[
            "error_chain",
            "http",
            "console",
            "react",
            "service",
            "follow",
            "integrity",
            "keyring",
            "tiles",
            "tlog",
            "log",
            "vault",
            "schemas",
            "projections",
            "config",
            "clock",
            "chance",
            "disk",
            "ring",
            "vitals",
            "wiped",
        ],
    ),
    // Looks at all of it, and changes nothing.
    (
        "doctor",
        &["error_chain", "server", "service", "follow", "keyring", "schemas", "config", "clock", "disk"],
    ),
    ("demo", &["server", "service", "schemas", "config", "clock", "chance"]),
    (
        "cli",
        &[
            "demo",
            "doctor",
            "server",
            "react",
            "service",
            "follow",
            "integrity",
            "backup",
            "export",
            "evidence",
            "ocsf",
            "witness",
            "keyring",
            "tiles",
            "tlog",
            "schemas",
            "projections",
            "config",
            "clock",
            "chance",
            "disk",
        ],
    ),
    // Prose.
    ("manual", &[]),
    ("main", &["cli", "memory", "tls"]),
];

/// Who may hand on another room's words as its own: callers speak to the service alone, and need the words
/// for callers, rights and secrets to do so. Nothing of this decides, stores or appends. The vault's secret texts are
/// those of `wiped`.
pub const LENDS: &[(&str, &[&str])] = &[("service", &["domain", "vault"]), ("vault", &["wiped"])];
