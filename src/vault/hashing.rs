//! The pool that runs argon2id: as many threads as cores, each with memory of its own that it uses
//! again and again (fetching 19 MiB from the system every time costs an eighth of the hash),
//! behind a bounded queue. Guessers fill the queue, not the machine.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::oneshot;

use crate::wiped::{Boxed, zeros};

/// Hashes that wait, per thread: about a second's work. Whoever comes later is told to come again.
pub const QUEUE_PER_THREAD: usize = 32;

/// The most memory a stored hash may ask for (KiB): stored parameters decide what verifying costs.
pub const MAX_MEMORY_KIB: u32 = 1024 * 1024;

/// The most passes and lanes a stored hash may ask for.
pub const MAX_PASSES: u32 = 64;
const MAX_LANES: u32 = 16;

/// Bytes of a hash.
pub(super) const TAG_BYTES: usize = 32;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes (computed one after the other here; they count for the result).
    pub lanes: u32,
}

impl Default for HashCost {
    /// The least that OWASP recommends for argon2id.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

impl HashCost {
    /// Bytes of the stored form.
    pub(super) const BYTES: usize = 12;

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        for (place, value) in out.as_chunks_mut().0.iter_mut().zip([self.memory_kib, self.passes, self.lanes])
        {
            *place = value.to_le_bytes();
        }
        out
    }

    pub(super) fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let [memory_kib, passes, lanes] = [0, 4, 8].map(|at| {
            u32::from_le_bytes(*bytes[at..].first_chunk().expect("the array has room for three numbers"))
        });
        Self { memory_kib, passes, lanes }
    }

    fn params(self) -> Result<Params, HashError> {
        if self.memory_kib > MAX_MEMORY_KIB || self.passes > MAX_PASSES || self.lanes > MAX_LANES {
            return Err(HashError::Cost(self));
        }
        Params::new(self.memory_kib, self.passes, self.lanes, Some(TAG_BYTES))
            .map_err(|_| HashError::Cost(self))
    }
}

/// Why nothing was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many hashes wait already: try again later.
    #[error("too many hashes are waiting")]
    Busy,
    /// The pool has ended.
    #[error("the hashing pool has ended")]
    Ended,
    /// The cost is outside the limits of argon2 or of this program.
    #[error("{0:?} is not a cost to hash with")]
    Cost(HashCost),
    /// What was stored is not a hash of a format this program knows.
    #[error("the stored hash cannot be read")]
    Malformed,
}

pub(super) type Tag = Boxed<TAG_BYTES>;

/// What is hashed: a keyed digest. It can be guessed at without argon2 by whoever has the key, so it is wiped as well.
pub(super) type Digest = Boxed<32>;

struct Job {
    params: Params,
    input: Digest,
    salt: [u8; SALT_BYTES],
    reply: oneshot::Sender<Tag>,
}

/// The pool; dropped, it ends once what waits is done.
#[derive(Debug)]
pub struct Hashing {
    queue: SyncSender<Job>,
    cost: HashCost,
}

impl Hashing {
    /// A pool with a thread per core that makes new hashes at `cost`.
    pub fn start(cost: HashCost) -> Result<Self, HashError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_threads(cost, cores, cores * QUEUE_PER_THREAD)
    }

    /// A pool of so many threads and so many waiting hashes.
    pub fn with_threads(cost: HashCost, threads: usize, waiting: usize) -> Result<Self, HashError> {
        cost.params()?;
        let (queue, jobs) = sync_channel(waiting);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads {
            let jobs = Arc::clone(&jobs);
            let work = move || work(&jobs);
            std::thread::Builder::new().name("argon2".into()).spawn(work).map_err(|_| HashError::Ended)?;
        }
        Ok(Self { queue, cost })
    }

    /// What a new hash costs.
    pub fn cost(&self) -> HashCost {
        self.cost
    }

    /// argon2id of a keyed digest. Queued when this returns; the future is only the waiting.
    pub(super) fn submit(
        &self,
        cost: HashCost,
        input: Digest,
        salt: [u8; SALT_BYTES],
    ) -> Result<impl Future<Output = Result<Tag, HashError>> + Send + use<>, HashError> {
        let (reply, answer) = oneshot::channel();
        let job = Job { params: cost.params()?, input, salt, reply };
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => HashError::Busy,
            TrySendError::Disconnected(_) => HashError::Ended,
        })?;
        Ok(async { answer.await.map_err(|_| HashError::Ended) })
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    let mut memory = Vec::new();
    loop {
        // One thread waits here with the lock, the others wait for the lock: jobs go out one by one.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // Nobody waits for it any more: the caller went away.
        if !job.reply.is_closed() {
            let tag = argon2id(&mut memory, job.params, &job.input, &job.salt);
            drop(job.reply.send(tag));
        }
    }
}

/// The memory is not wiped in between: it is overwritten by the next hash, and what it holds comes
/// from a digest under the pepper, not from the password.
fn argon2id(memory: &mut Vec<Block>, params: Params, input: &[u8; 32], salt: &[u8; SALT_BYTES]) -> Tag {
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::new());
    }
    let mut tag = zeros();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(input, salt, tag.as_mut_slice(), memory)
        .expect("lengths and parameters were checked");
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };

    #[test]
    fn memory_used_before_changes_no_hash() {
        let mut memory = Vec::new();
        for cost in [CHEAP, HashCost { memory_kib: 256, passes: 2, lanes: 2 }, CHEAP] {
            let tag = argon2id(&mut memory, cost.params().unwrap(), &[1; 32], &[2; 16]);
            let mut fresh = [0; TAG_BYTES];
            Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params().unwrap())
                .hash_password_into(&[1; 32], &[2; 16], &mut fresh)
                .unwrap();
            assert_eq!(*tag, fresh);
        }
    }

    #[tokio::test]
    async fn a_full_queue_says_busy_and_goes_on_afterwards() {
        let slow = HashCost { memory_kib: 32 * 1024, passes: 3, lanes: 1 };
        let pool = Hashing::with_threads(slow, 1, 2).unwrap();
        let submit = || pool.submit(slow, zeros(), [2; 16]);
        let mut waiting = Vec::new();
        let busy = loop {
            match submit() {
                Ok(answer) => waiting.push(answer),
                Err(error) => break error,
            }
            assert!(waiting.len() < 100, "the queue has a limit");
        };
        assert_eq!(busy, HashError::Busy);
        for answer in waiting {
            answer.await.unwrap();
        }
        submit().unwrap().await.unwrap();
    }

    #[test]
    fn costs_beyond_the_limits_are_refused() {
        let costs = [
            HashCost { memory_kib: MAX_MEMORY_KIB + 1, ..CHEAP },
            HashCost { passes: MAX_PASSES + 1, ..CHEAP },
            HashCost { passes: 0, ..CHEAP },
            HashCost { lanes: 0, ..CHEAP },
            HashCost { lanes: MAX_LANES + 1, ..CHEAP },
            HashCost { memory_kib: 7, ..CHEAP },
        ];
        for cost in costs {
            assert_eq!(Hashing::with_threads(cost, 1, 1).unwrap_err(), HashError::Cost(cost));
        }
    }

    #[test]
    fn a_cost_is_read_back() {
        let cost = HashCost { memory_kib: 19456, passes: 2, lanes: 1 };
        assert_eq!(cost, HashCost::default());
        assert_eq!(HashCost::from_bytes(cost.to_bytes()), cost);
        assert_eq!(cost.to_bytes(), [0, 0x4c, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0]);
    }
}
