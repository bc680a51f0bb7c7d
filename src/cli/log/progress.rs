//! The progress of long work: one line on a terminal, rewritten in place.

use std::io::{IsTerminal, Write};

/// A line on standard error; nothing where that is not a terminal.
pub(in crate::cli) struct Progress {
    shown: bool,
    total: Option<u64>,
    /// The last step that was shown: a percent, or 100,000 records where the total is not known.
    step: Option<u64>,
}

impl Progress {
    /// `total` in records, where it is known.
    pub fn new(total: Option<u64>) -> Self {
        Self { shown: std::io::stderr().is_terminal(), total, step: None }
    }

    /// So many records are done.
    pub fn at(&mut self, done: u64) {
        let step = match self.total {
            Some(total) => done.saturating_mul(100) / total.max(1),
            None => done / 100_000,
        };
        if !self.shown || self.step.replace(step) == Some(step) {
            return;
        }
        let line = match self.total {
            Some(_) => {
                let filled = usize::try_from(step.min(100) / 4).unwrap_or(0);
                format!("[{:<25}] {step:>3} %  {done} records", "#".repeat(filled))
            }
            None => format!("{done} records"),
        };
        tell(&format!("\r\x1b[K{line}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown && self.step.is_some() {
            tell("\r\x1b[K");
        }
    }
}

fn tell(text: &str) {
    let mut out = std::io::stderr().lock();
    // Whoever closed the terminal does not look at it.
    let _unseen = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
