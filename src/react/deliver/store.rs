//! The files of one endpoint, in `webhooks/` of the data directory: `<id>.json` with what is to be delivered,
//! replaced as a whole, and `<id>.attempts` with what became of it, to which lines are added.
//!
//! Neither is evidence: what was recorded lies in the log. Without the first, or with one that is damaged, the
//! last [`REPEATED`] records are looked through again: a receiver gets some of them twice, under the same
//! `webhook-id`, rather than one of them never.

use std::io;
use std::path::{Path, PathBuf};

use mfa_ledger_base::disk::{Disk, DiskFile};
use mfa_ledger_schemas::{Position, WebhookId};

use super::attempts::{Attempt, Attempts, KEPT, line};
use super::outbox::Outbox;

/// Records that are looked through again when it is not known what was delivered.
pub const REPEATED: u64 = 1_000;

/// Lines of the file of attempts after which it is written anew with those that are kept.
const LINES: usize = 2 * KEPT;

/// The files of one endpoint.
pub struct Store {
    dir: PathBuf,
    disk: Disk,
    id: WebhookId,
    attempts: Option<(DiskFile, u64)>,
    lines: usize,
}

impl Store {
    /// Nothing is touched yet.
    pub fn new(dir: &Path, disk: Disk, id: WebhookId) -> Self {
        Self { dir: dir.into(), disk, id, attempts: None, lines: 0 }
    }

    /// What is to be delivered to an endpoint that a record at `created` made, of a log that ends at `head`.
    pub fn read(&self, created: Position, head: Position) -> Outbox {
        let afresh = Outbox::after(Position(head.0.saturating_sub(REPEATED).max(created.0.min(head.0))));
        let path = self.outbox();
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return afresh,
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "what was delivered is not known: some goes out again");
                return afresh;
            }
        };
        match serde_json::from_slice::<Outbox>(&text) {
            // A log that was restored from a backup may end before it.
            Ok(outbox) if outbox.cursor <= head => outbox,
            Ok(_) => afresh,
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "what was delivered is not known: some goes out again");
                afresh
            }
        }
    }

    /// What became of the attempts before.
    pub fn read_attempts(&self) -> Attempts {
        let path = self.attempts_file();
        match std::fs::read(&path) {
            Ok(bytes) => Attempts::parse(&String::from_utf8_lossy(&bytes)),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(file = %path.display(), %error, "the attempts before are not known");
                }
                Attempts::parse("")
            }
        }
    }

    /// Puts what is to be delivered on the disk; durable when this returns.
    pub fn save(&self, outbox: &Outbox) -> io::Result<()> {
        self.disk.create_dir_all(&self.dir)?;
        self.disk.replace(&self.outbox(), &serde_json::to_vec(outbox).expect("an outbox is JSON"))
    }

    /// Adds a line. A loss of power may take the last ones with it. `all` are those that are kept, this one
    /// among them: now and then the file is written anew.
    pub fn add(&mut self, attempt: &Attempt, all: impl FnOnce() -> String) -> io::Result<()> {
        if self.attempts.is_none() || self.lines >= LINES {
            self.disk.create_dir_all(&self.dir)?;
            let (text, path) = (all(), self.attempts_file());
            self.disk.replace(&path, text.as_bytes())?;
            self.lines = text.lines().count();
            self.attempts = Some((self.disk.open(&path)?, text.len() as u64));
            return Ok(());
        }
        let Some((file, end)) = &mut self.attempts else { return Ok(()) };
        let line = line(attempt);
        file.write_all_at(line.as_bytes(), *end)?;
        *end += line.len() as u64;
        self.lines += 1;
        Ok(())
    }

    /// Removes both: the endpoint is gone.
    pub fn remove(&mut self) -> io::Result<()> {
        self.attempts = None;
        for path in [self.outbox(), self.attempts_file()] {
            if path.exists() {
                self.disk.remove(&path)?;
            }
        }
        Ok(())
    }

    fn outbox(&self) -> PathBuf {
        self.dir.join(format!("{}.json", self.id))
    }

    fn attempts_file(&self) -> PathBuf {
        self.dir.join(format!("{}.attempts", self.id))
    }
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::disk::Fate;

    use super::*;

    const ID: WebhookId = WebhookId::from_bytes([1; 16]);

    #[test]
    fn what_is_not_known_is_looked_through_again_within_a_bound() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::new(dir.path(), Disk::real(), ID);
        let cursor = |created, head| store.read(Position(created), Position(head)).cursor.0;
        assert_eq!((cursor(5, 5), cursor(5, 900)), (5, 5));
        assert_eq!((cursor(5, 5 + REPEATED), cursor(5, 6 + REPEATED)), (5, 6), "so many and no more");
        store.save(&Outbox::after(Position(700))).expect("it is saved");
        assert_eq!(cursor(5, 900), 700);
        assert_eq!(cursor(5, 699), 5, "the log ends before it");
        std::fs::write(store.outbox(), b"{").expect("written");
        assert_eq!(cursor(5, 900), 5);
    }

    #[test]
    fn whatever_step_fails_what_was_saved_before_is_there() {
        for step in 1.. {
            for fate in [Fate::Lost, Fate::Kept] {
                let dir = tempfile::tempdir().expect("a directory");
                let old = Outbox::after(Position(1));
                Store::new(dir.path(), Disk::real(), ID).save(&old).expect("it is saved");
                let (disk, _) = Disk::faulty(step, fate);
                let new = Outbox::after(Position(2));
                let saved = Store::new(dir.path(), disk, ID).save(&new);
                let read = Store::new(dir.path(), Disk::real(), ID).read(Position(0), Position(9));
                match saved {
                    Ok(()) => {
                        assert_eq!(read, new, "step {step} {fate:?}");
                        return;
                    }
                    Err(_) => assert!(read == old || read == new, "step {step} {fate:?}"),
                }
            }
        }
    }
}
