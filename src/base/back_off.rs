//! The wait before something that failed is tried again: longer after every failure in a row.

use std::time::Duration;

use super::chance::Chance;

/// The wait after a first failure, which doubles with every further one, and the longest.
#[derive(Clone, Copy, Debug)]
pub struct BackOff {
    first: Duration,
    longest: Duration,
}

impl BackOff {
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// The wait after so many failures in a row; none after none.
    pub fn after(self, failures: u32) -> Duration {
        let Some(further) = failures.checked_sub(1) else { return Duration::ZERO };
        self.first.saturating_mul(1_u32.checked_shl(further).unwrap_or(u32::MAX)).min(self.longest)
    }

    /// A wait somewhere in the upper half of that, so that not all who wait come back at once.
    pub fn jittered(self, failures: u32, chance: &Chance) -> Duration {
        let half = self.after(failures) / 2;
        half + half.mul_f64(f64::from(u16::from_be_bytes(chance.bytes())) / f64::from(u16::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACK_OFF: BackOff = BackOff::new(Duration::from_millis(500), Duration::from_mins(1));

    #[test]
    fn waits_double_and_have_an_end() {
        let waits = [0, 1, 2, 3, 7, 8, 33, u32::MAX].map(|failures| BACK_OFF.after(failures).as_millis());
        assert_eq!(waits, [0, 500, 1_000, 2_000, 32_000, 60_000, 60_000, 60_000]);
    }

    #[test]
    fn a_jittered_wait_lies_in_the_upper_half() {
        let (chance, wait) = (Chance::seeded(7), BACK_OFF.after(3));
        let waits: Vec<_> = (0..100).map(|_| BACK_OFF.jittered(3, &chance)).collect();
        assert!(waits.iter().all(|jittered| (wait / 2..=wait).contains(jittered)), "{waits:?}");
        assert!(waits.iter().any(|jittered| *jittered < wait * 5 / 8));
        assert!(waits.iter().any(|jittered| *jittered > wait * 7 / 8));
    }
}
