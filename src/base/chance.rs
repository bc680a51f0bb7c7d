//! Chance as an argument: ids, secrets and salts are drawn from here, so that a test can draw the
//! same ones twice.

use std::cell::RefCell;
use std::sync::Mutex;

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A source of random bytes.
#[derive(Debug, Default)]
pub enum Chance {
    /// The operating system's generator: what every server uses.
    #[default]
    System,
    /// A fixed sequence, for tests only: SHA-256 over seed and counter.
    Seeded(Mutex<Seeded>),
}

/// The state of a fixed sequence.
#[derive(Debug)]
pub struct Seeded {
    seed: u64,
    drawn: u64,
}

impl Chance {
    /// The same bytes every time for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Mutex::new(Seeded { seed, drawn: 0 }))
    }

    /// Fills `buffer` with random bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: nothing secure can go on then.
    pub fn fill(&self, buffer: &mut [u8]) {
        match self {
            Self::System => getrandom::fill(buffer).expect("the operating system gives random bytes"),
            Self::Seeded(state) => {
                let mut state = state.lock().expect("no draw panics");
                for chunk in buffer.chunks_mut(32) {
                    let mut hash = Sha256::new();
                    hash.update(state.seed.to_be_bytes());
                    hash.update(state.drawn.to_be_bytes());
                    state.drawn += 1;
                    chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
                }
            }
        }
    }

    /// `N` random bytes, of what is no secret: a value that is returned may leave a copy on the stack. Secrets are filled in
    /// place.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A version 7 UUID (RFC 9562) for a moment given in milliseconds since 1970. It names something and is no secret: the
    /// operating system, which takes longer to ask than all the rest, is asked for many at once.
    pub fn uuid_at(&self, unix_ms: i64) -> Uuid {
        match self {
            Self::System => DRAWN.with_borrow_mut(|drawn| {
                if drawn.is_empty() {
                    let mut random = [[0; 10]; AHEAD];
                    self.fill(random.as_flattened_mut());
                    drawn.extend(random);
                }
                uuid_of(unix_ms, &drawn.pop().expect("some were drawn just now"))
            }),
            Self::Seeded(_) => uuid_of(unix_ms, &self.bytes()),
        }
    }
}

/// Random parts of UUIDs that are drawn at once.
const AHEAD: usize = 64;

thread_local! {
    /// Those that are not used yet; no part is used twice.
    static DRAWN: RefCell<Vec<[u8; 10]>> = const { RefCell::new(Vec::new()) };
}

fn uuid_of(unix_ms: i64, random: &[u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(unix_ms).unwrap_or(0), random).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_drawn_ahead_is_used_once() {
        let chance = Chance::System;
        let drawn: BTreeSet<Uuid> = (0..10 * AHEAD).map(|_| chance.uuid_at(7)).collect();
        assert_eq!(drawn.len(), 10 * AHEAD);
        assert!(drawn.iter().all(|uuid| uuid.get_version_num() == 7));
        assert_eq!(Chance::seeded(7).uuid_at(7), Chance::seeded(7).uuid_at(7));
    }

    #[test]
    fn a_seed_draws_the_same_bytes_again() {
        assert_eq!(Chance::seeded(7).bytes::<100>(), Chance::seeded(7).bytes::<100>());
        assert_ne!(Chance::seeded(7).bytes::<100>(), Chance::seeded(8).bytes::<100>());
    }
}
