//! Chance that can be had again: a seed draws the same things every time. `MFA_LEDGER_SEED=n` runs one
//! seed alone, `MFA_LEDGER_SOAK=1` (what `make soak` sets) as many as a night allows.

use mfa_ledger::chance::Chance;

/// A sequence of draws.
#[derive(Debug)]
pub struct Draws(Chance);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(Chance::seeded(seed))
    }

    /// A number below `limit`.
    pub fn below(&self, limit: u64) -> u64 {
        u64::from_le_bytes(self.0.bytes()) % limit
    }

    /// The same for places in a slice.
    pub fn index(&self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("a length is a usize")
    }

    /// One of these.
    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// Heads or tails.
    pub fn coin(&self) -> bool {
        self.below(2) == 0
    }

    /// Brings these into another order.
    pub fn shuffle<T>(&self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}

/// `ci` in an ordinary run, `soak` in a long one.
pub fn rounds(ci: u64, soak: u64) -> u64 {
    if std::env::var_os("MFA_LEDGER_SOAK").is_some_and(|set| !set.is_empty()) { soak } else { ci }
}

/// So many seeds, new ones in every run; each is printed when it begins, so that the last one printed is
/// the one that failed.
pub fn seeds(ci: u64, soak: u64) -> impl Iterator<Item = u64> {
    let asked = std::env::var("MFA_LEDGER_SEED").ok();
    let asked = asked.map(|seed| seed.parse().expect("MFA_LEDGER_SEED is a number"));
    let (first, count) = match asked {
        Some(seed) => (seed, 1),
        None => (u64::from(u32::from_le_bytes(Chance::System.bytes())), rounds(ci, soak)),
    };
    (first..first + count).inspect(|seed| println!("seed {seed} (again with MFA_LEDGER_SEED={seed})"))
}
