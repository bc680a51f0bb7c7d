//! The pool that runs argon2id: as many threads as cores, each with memory of its own that it uses
//! again and again (fetching 19 MiB from the system every time costs an eighth of the hash),
//! behind a queue with a bounded line for each kind of work. Guessers fill their line, not the machine.

mod queue;

use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use mfa_ledger_base::wiped::{Boxed, zeros};
use tokio::sync::oneshot;
use tokio::time::timeout;

pub(super) use queue::Work;
use queue::{Job, LINES, Queue};

/// Hashes that wait in each line but that of new sets of codes, per thread: about a second's work. A caller that
/// finds no place is told to come again.
pub const QUEUE_PER_THREAD: usize = 32;

/// New sets of backup codes that wait. Each of them is ten hashes, and one person has one at a time.
pub const SETS_WAITING: usize = 128;

/// A hash that no thread has begun by then is not made: its caller is told to come again. Less than the 30 seconds
/// after which the command line gives up, and the minute after which proxies usually do. What has begun is finished.
pub const BEGIN_WITHIN: Duration = Duration::from_secs(25);

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

/// The pool; dropped, it ends once what waits is done.
pub struct Hashing {
    queue: Arc<Queue>,
    cost: HashCost,
    begin_within: Duration,
}

impl Hashing {
    /// A pool with a thread per core that makes new hashes at `cost`.
    pub fn start(cost: HashCost) -> Result<Self, HashError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut places = [cores * QUEUE_PER_THREAD; LINES];
        places[Work::NewCodes.line()] = SETS_WAITING;
        Self::with_places(cost, cores, places)
    }

    /// A pool of so many threads, with so many places in each line.
    pub fn with_threads(cost: HashCost, threads: usize, waiting: usize) -> Result<Self, HashError> {
        Self::with_places(cost, threads, [waiting; LINES])
    }

    fn with_places(cost: HashCost, threads: usize, places: [usize; LINES]) -> Result<Self, HashError> {
        cost.params()?;
        let pool = Self { queue: Arc::new(Queue::new(places)), cost, begin_within: BEGIN_WITHIN };
        for _ in 0..threads {
            let queue = Arc::clone(&pool.queue);
            let work = move || work(&queue);
            std::thread::Builder::new().name("argon2".into()).spawn(work).map_err(|_| HashError::Ended)?;
        }
        Ok(pool)
    }

    /// What a new hash costs.
    pub fn cost(&self) -> HashCost {
        self.cost
    }

    /// argon2id of one keyed digest; see [`Hashing::submit_all`].
    pub(super) fn submit(
        &self,
        work: Work,
        cost: HashCost,
        input: Digest,
        salt: [u8; SALT_BYTES],
    ) -> Result<impl Future<Output = Result<Tag, HashError>> + Send + use<>, HashError> {
        let tags = self.submit_all(work, cost, vec![input], salt)?;
        Ok(async { tags.await?.pop().ok_or(HashError::Ended) })
    }

    /// argon2id of keyed digests, all with one salt, for one place in the line of this work. Queued when this
    /// returns; the future is only the waiting, and says [`HashError::Busy`] when nothing has begun within
    /// [`BEGIN_WITHIN`]. Dropped, it takes the work out of the line.
    pub(super) fn submit_all(
        &self,
        work: Work,
        cost: HashCost,
        inputs: Vec<Digest>,
        salt: [u8; SALT_BYTES],
    ) -> Result<impl Future<Output = Result<Vec<Tag>, HashError>> + Send + use<>, HashError> {
        let ((reply, answer), (starting, began)) = (oneshot::channel(), oneshot::channel());
        if !self.queue.push(work, Job::new(cost.params()?, inputs, salt, reply), starting) {
            return Err(HashError::Busy);
        }
        let within = self.begin_within;
        Ok(async move {
            // When the pool ends before it begins, the answer says so.
            match timeout(within, began).await {
                Ok(_) => answer.await.map_err(|_| HashError::Ended),
                Err(_) => Err(HashError::Busy),
            }
        })
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.queue.end();
    }
}

/// What waits is told to nobody.
impl std::fmt::Debug for Hashing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hashing").field("cost", &self.cost).finish_non_exhaustive()
    }
}

fn work(queue: &Queue) {
    let mut memory = Vec::new();
    while let Some(task) = queue.take() {
        let job = &task.job;
        let tag = argon2id(&mut memory, job.params.clone(), &job.inputs[task.index], &job.salt);
        job.made(task.index, tag);
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
    use mfa_ledger_base::wiped::boxed;

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
        let submit = || pool.submit(Work::Password, slow, zeros(), [2; 16]);
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

    /// Nothing is made in a pool without threads.
    #[tokio::test]
    async fn a_set_takes_one_place_and_the_last_place_is_the_limit() {
        let pool = Hashing::with_places(CHEAP, 0, [0, 0, 0, SETS_WAITING]).unwrap();
        let submit = || pool.submit_all(Work::NewCodes, CHEAP, vec![zeros(); 10], [2; 16]);
        let mut waiting: Vec<_> = (0..SETS_WAITING).map(|_| submit().unwrap()).collect();
        assert_eq!(submit().err(), Some(HashError::Busy));
        drop(waiting.pop());
        waiting.push(submit().unwrap());
        assert_eq!(submit().err(), Some(HashError::Busy));
    }

    /// A pool without threads, and with so little time that it is over at once.
    fn hurried() -> Hashing {
        let pool = Hashing::with_threads(CHEAP, 0, 1).unwrap();
        assert_eq!(pool.begin_within, BEGIN_WITHIN);
        Hashing { queue: Arc::clone(&pool.queue), cost: CHEAP, begin_within: Duration::from_millis(1) }
    }

    #[tokio::test]
    async fn what_has_not_begun_in_time_is_busy_and_leaves_its_place() {
        let pool = hurried();
        let submit = || pool.submit(Work::Password, CHEAP, zeros(), [2; 16]);
        assert_eq!(submit().unwrap().await.err(), Some(HashError::Busy));
        let waiting = submit();
        assert!(waiting.is_ok() && submit().is_err(), "one place, and it was free");
    }

    /// The first hash of a set has begun; the time that the others take does not count.
    #[tokio::test]
    async fn what_has_begun_is_finished_however_long_it_takes() {
        let pool = hurried();
        let inputs = vec![zeros(); 2];
        let answer = pool.submit_all(Work::NewCodes, CHEAP, inputs, [2; 16]).unwrap();
        let first = pool.queue.take().unwrap();
        let waiting = tokio::spawn(answer);
        tokio::time::sleep(20 * pool.begin_within).await;
        let second = pool.queue.take().unwrap();
        second.job.made(second.index, boxed(&[2; 32]));
        first.job.made(first.index, boxed(&[1; 32]));
        let tags = waiting.await.unwrap().unwrap();
        assert_eq!(tags.iter().map(|tag| tag[0]).collect::<Vec<_>>(), [1, 2], "in the order of the inputs");
    }

    #[tokio::test]
    async fn a_pool_that_is_dropped_finishes_what_waits() {
        let pool = Hashing::with_threads(CHEAP, 1, 8).unwrap();
        let answer = pool.submit_all(Work::NewCodes, CHEAP, vec![zeros(); 8], [2; 16]).unwrap();
        drop(pool);
        assert_eq!(answer.await.unwrap().len(), 8);
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
