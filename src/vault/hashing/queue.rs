//! What waits to be hashed. Each kind of work has a line of its own with a bounded number of places, and the lines
//! take turns, hash by hash: a flood of sign-ins holds up no enrollment, and a class of people who enroll holds up
//! no sign-in.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use argon2::Params;
use tokio::sync::oneshot;

use super::{Digest, SALT_BYTES, Tag};

/// What a hash is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A password is compared: strangers can ask for this.
    Password,
    /// A backup code is compared.
    BackupCode,
    /// The hash of a new password.
    NewPassword,
    /// The hashes of a new set of backup codes: one place, whatever the number of codes.
    NewCodes,
}

/// The lines, in the order of their turns.
pub(super) const LINES: usize = 4;

impl Work {
    /// The number of its line.
    pub(super) fn line(self) -> usize {
        match self {
            Self::Password => 0,
            Self::BackupCode => 1,
            Self::NewPassword => 2,
            Self::NewCodes => 3,
        }
    }
}

/// Hashes that each line may have in a turn. A set of codes is ten hashes for somebody who is signed in; a comparison
/// is one hash for anybody.
const TURNS: [usize; LINES] = [1, 1, 1, 4];

/// The lines, shared by callers and threads.
pub(super) struct Queue {
    lines: Mutex<Lines>,
    /// Something waits, or the pool ends.
    changed: Condvar,
}

struct Lines {
    waiting: [VecDeque<Waiting>; LINES],
    places: [usize; LINES],
    /// Whose turn it is, and how many hashes are left of the turn.
    turn: usize,
    left: usize,
    ended: bool,
}

/// A job with hashes that no thread has taken yet.
struct Waiting {
    job: Arc<Job>,
    taken: usize,
    /// Told when the first hash is taken.
    began: Option<oneshot::Sender<()>>,
}

/// Hashes that are answered together.
pub(super) struct Job {
    pub params: Params,
    pub inputs: Vec<Digest>,
    pub salt: [u8; SALT_BYTES],
    answer: Mutex<Answer>,
}

struct Answer {
    tags: Vec<Option<Tag>>,
    reply: Option<oneshot::Sender<Vec<Tag>>>,
}

/// One hash to make: the job, and the number of the input.
pub(super) struct Task {
    pub job: Arc<Job>,
    pub index: usize,
}

impl Queue {
    pub fn new(places: [usize; LINES]) -> Self {
        let waiting = std::array::from_fn(|_| VecDeque::new());
        let lines = Lines { waiting, places, turn: 0, left: TURNS[0], ended: false };
        Self { lines: Mutex::new(lines), changed: Condvar::new() }
    }

    /// Takes a place in a line. `false` when there is none, and nothing has changed.
    pub fn push(&self, work: Work, job: Job, began: oneshot::Sender<()>) -> bool {
        let hashes = job.inputs.len();
        let pushed = self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(work, job, began);
        if pushed {
            // The threads work side by side on one set.
            (0..hashes).for_each(|_| self.changed.notify_one());
        }
        pushed
    }

    /// Waits for the next hash; `None` once the pool has ended and nothing waits any more.
    pub fn take(&self) -> Option<Task> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(task) = lines.next() {
                return Some(task);
            }
            if lines.ended {
                return None;
            }
            lines = self.changed.wait(lines).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// No more comes: the threads end once what waits is done.
    pub fn end(&self) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.changed.notify_all();
    }
}

impl Lines {
    fn push(&mut self, work: Work, job: Job, began: oneshot::Sender<()>) -> bool {
        let (line, places) = (&mut self.waiting[work.line()], self.places[work.line()]);
        if line.len() >= places {
            // Callers who have gone keep nobody out.
            line.retain(|waiting| !waiting.job.is_abandoned());
        }
        if line.len() >= places {
            return false;
        }
        line.push_back(Waiting { job: Arc::new(job), taken: 0, began: Some(began) });
        true
    }

    /// The next hash of the line whose turn it is; lines that are empty lose their turn.
    fn next(&mut self) -> Option<Task> {
        // Once round, and back to where it began with a new turn.
        for _ in 0..=LINES {
            if self.left > 0
                && let Some(task) = next_of(&mut self.waiting[self.turn])
            {
                self.left -= 1;
                return Some(task);
            }
            self.turn = (self.turn + 1) % LINES;
            self.left = TURNS[self.turn];
        }
        None
    }
}

fn next_of(line: &mut VecDeque<Waiting>) -> Option<Task> {
    loop {
        let first = line.front_mut()?;
        if first.job.is_abandoned() {
            line.pop_front();
            continue;
        }
        if let Some(began) = first.began.take() {
            // A caller who has gone since is noticed at the next hash.
            let _unheard = began.send(());
        }
        let (job, index) = (Arc::clone(&first.job), first.taken);
        first.taken += 1;
        if first.taken >= job.inputs.len() {
            line.pop_front();
        }
        return Some(Task { job, index });
    }
}

impl Job {
    pub fn new(
        params: Params,
        inputs: Vec<Digest>,
        salt: [u8; SALT_BYTES],
        reply: oneshot::Sender<Vec<Tag>>,
    ) -> Self {
        let tags = inputs.iter().map(|_| None).collect();
        Self { params, inputs, salt, answer: Mutex::new(Answer { tags, reply: Some(reply) }) }
    }

    /// Whether nobody waits for it: its caller went away, or has the answer.
    fn is_abandoned(&self) -> bool {
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        answer.reply.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    /// One hash is made; the last of them answers the caller.
    pub fn made(&self, index: usize, tag: Tag) {
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        answer.tags[index] = Some(tag);
        if answer.tags.iter().all(Option::is_some)
            && let Some(reply) = answer.reply.take()
        {
            // A caller who has gone wants no answer.
            let _unheard = reply.send(answer.tags.drain(..).flatten().collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use mfa_ledger_base::wiped::zeros;

    use super::*;

    /// A caller, and the job that it waits for.
    fn job(hashes: usize) -> (Job, oneshot::Receiver<Vec<Tag>>) {
        let (reply, answer) = oneshot::channel();
        let inputs = (0..hashes).map(|_| zeros()).collect();
        (Job::new(Params::DEFAULT, inputs, [0; SALT_BYTES], reply), answer)
    }

    fn push(queue: &Queue, work: Work, hashes: usize) -> Option<oneshot::Receiver<Vec<Tag>>> {
        let (job, answer) = job(hashes);
        queue.push(work, job, oneshot::channel().0).then_some(answer)
    }

    /// How many hashes the next tasks of the queue belong to, in the order in which they are taken.
    fn order(queue: &Queue, tasks: usize) -> Vec<usize> {
        (0..tasks).map(|_| queue.take().expect("something waits").job.inputs.len()).collect()
    }

    #[test]
    fn lines_take_turns_and_a_set_has_four_hashes_in_its_turn() {
        let queue = Queue::new([100; LINES]);
        let _guessers: Vec<_> = (0..50).map(|_| push(&queue, Work::Password, 1)).collect();
        let _sets: Vec<_> = (0..2).map(|_| push(&queue, Work::NewCodes, 10)).collect();
        let taken = order(&queue, 25);
        assert_eq!(taken[..6], [1, 10, 10, 10, 10, 1]);
        assert_eq!(taken.iter().filter(|hashes| **hashes == 10).count(), 20, "both sets are done");
        let late = push(&queue, Work::BackupCode, 1);
        assert!(late.is_some());
        assert_eq!(order(&queue, 2), [1, 1], "no line waits for more than a turn of each other one");
    }

    #[test]
    fn a_single_line_has_all_turns() {
        let queue = Queue::new([100; LINES]);
        let _waiting: Vec<_> = (0..9).map(|_| push(&queue, Work::BackupCode, 1)).collect();
        assert_eq!(order(&queue, 9), [1; 9]);
        queue.end();
        assert!(queue.take().is_none());
    }

    #[test]
    fn each_line_has_its_own_places_and_a_set_is_one_of_them() {
        let queue = Queue::new([1, 1, 1, 3]);
        let sets: Vec<_> = (0..4).map(|_| push(&queue, Work::NewCodes, 10)).collect();
        assert_eq!(sets.iter().filter(|it| it.is_some()).count(), 3);
        let guess = push(&queue, Work::Password, 1);
        assert!(guess.is_some() && push(&queue, Work::Password, 1).is_none());
        assert!(push(&queue, Work::BackupCode, 1).is_some(), "its caller goes at once");
        assert!(push(&queue, Work::BackupCode, 1).is_some(), "and keeps nobody out");
    }

    #[test]
    fn work_of_callers_who_have_gone_is_skipped_even_when_it_has_begun() {
        let queue = Queue::new([10; LINES]);
        let gone = push(&queue, Work::NewCodes, 10);
        let stays = push(&queue, Work::NewCodes, 2);
        assert_eq!(order(&queue, 1), [10]);
        drop(gone);
        assert_eq!(order(&queue, 2), [2, 2]);
        drop(stays);
        queue.end();
        assert!(queue.take().is_none());
    }
}
