//! Running it.
//!
//! # Begin, serve, stop
//!
//! `mfa-ledger init` makes the data directory, the master key beside it, the recommended roles, the preset
//! settings, and the first super administrator, whose generated password it prints once. `mfa-ledger serve`
//! opens the directory, folds the log, and prints one JSON line when it listens. SIGTERM ends it: streams end,
//! requests in flight are answered, the log is synced and closed. `kill -9` loses nothing that was answered.
//!
//! Configuration comes in layers, each over the one before: defaults, file, environment, flags.
//! `config template` prints all of it, `config show` what is in force, `config check` what is wrong.
//!
//! # Files
//!
//! | file | what |
//! |---|---|
//! | `<data>.key` | the master key, unless told otherwise; mode 0600, refused when others can read it |
//! | `<data>/journal/` | the log: append-only segments, linked by hashes; this is what must be kept |
//! | `<data>/sled/` | the same records for fast reading; rebuilt from the journal when it is behind, damaged or gone |
//! | `<data>/vault/` | sealed seeds, hashes, names and words; useless without the master key |
//!
//! Losing the master key loses every enrollment, password and name; the log stays readable.
//!
//! # When something is wrong
//!
//! * The log cannot be written: commands answer 503 `log-unavailable`, reading goes on, `/readyz` says so.
//!   Nothing is ever retried over a failed sync; restart the server when the disk is well again.
//! * The journal is damaged: the server refuses to start with exit code 10 and names file and position.
//! * sled is damaged, behind or gone: rebuilt from the journal at start, and said so in the log output.
//! * A second server on the same directory, a key file that is missing or too open, a directory of a newer
//!   version: the start-up message says what to do.
//!
//! # Break glass
//!
//! When no super administrator can get in, whoever has the data directory and the key can reset at the machine:
//! `mfa-ledger mfa reset` and `mfa-ledger administrator reset-password`, with the server stopped. They take the
//! same path as every other command; the record names the operating system's user and says `break_glass`. Rules
//! about the performer's own session do not apply there, those about the target and its documentation do.
//!
//! # Numbers
//!
//! `/metrics` is for Prometheus. `/livez` says that the process lives, `/readyz` that it can do its work.
