//! Time as an argument: the one place that asks the operating system what time it is.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where the time comes from.
#[derive(Debug, Default)]
pub enum Clock {
    /// The operating system: what every server uses.
    #[default]
    System,
    /// Set by hand, in milliseconds since 1970: for tests, and for writing a sample history.
    Manual(AtomicI64),
}

impl Clock {
    /// A clock that stands still until it is set.
    pub fn manual(unix_ms: i64) -> Self {
        Self::Manual(AtomicI64::new(unix_ms))
    }

    /// Milliseconds since 1970.
    pub fn unix_ms(&self) -> i64 {
        match self {
            Self::Manual(unix_ms) => unix_ms.load(Ordering::SeqCst),
            Self::System => system_unix_ms(),
        }
    }

    /// Sets a manual clock; the system's is nobody's to set.
    pub fn set(&self, unix_ms: i64) {
        if let Self::Manual(now) = self {
            now.store(unix_ms, Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where time comes in")]
fn system_unix_ms() -> i64 {
    // Before 1970 only with a broken clock: everything is refused as expired then, nothing accepted.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Time that only goes forward, counted from when it is asked for first: for time limits on threads of their own, which
/// have no runtime to ask. Facts get their time from a [`Clock`].
#[expect(clippy::disallowed_methods, reason = "the one place where this time comes in")]
pub fn monotonic() -> Duration {
    static BEGINNING: OnceLock<std::time::Instant> = OnceLock::new();
    BEGINNING.get_or_init(std::time::Instant::now).elapsed()
}
