//! Steps that fail on purpose, and the record of all that were asked for.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::space::Pretended;
use super::step::{Act, Kind, Step};

/// Bytes that a disk writes together or not at all.
const SECTOR: u64 = 512;

/// What becomes of the step that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The step is not done, and the caller is told that it failed.
    Lost,
    /// The step is done, and the caller is told that it failed.
    Kept,
    /// The disk is full: of a write about the first half is done, up to the end of a sector, a file or
    /// directory is not made, and the caller is told [`io::ErrorKind::StorageFull`]. Steps that need no
    /// room are done.
    Full,
}

impl Fate {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lost, Self::Kept, Self::Full];
}

/// A plan of failure: steps `from` to `to` (counted from 1) meet `fate`; and the record of all steps.
#[derive(Debug)]
pub struct Faults {
    fate: Fate,
    story: Mutex<Story>,
    pub(super) space: Pretended,
}

#[derive(Debug)]
struct Story {
    from: u64,
    to: u64,
    trap: Option<Trap>,
    steps: Vec<Step>,
    failed: Option<Step>,
    names: Names,
}

/// The step that is the first to fail: its kind, the directory, and how the name in it ends.
type Trap = (Kind, &'static str, &'static str);

/// The present names of files that were opened.
#[derive(Debug, Default)]
struct Names {
    by_path: HashMap<PathBuf, usize>,
    by_number: Vec<PathBuf>,
}

impl Faults {
    pub(super) fn new(from: u64, to: u64, fate: Fate) -> Self {
        let story = Story { from, to, trap: None, steps: Vec::new(), failed: None, names: Names::default() };
        Self { fate, story: Mutex::new(story), space: Pretended::default() }
    }

    /// Steps taken so far; a run without a failing step tells how many there are to try.
    pub fn taken(&self) -> u64 {
        self.story().steps.len() as u64
    }

    /// The steps taken so far, those that failed among them.
    pub fn steps(&self) -> Vec<Step> {
        self.story().steps.clone()
    }

    /// The first step that was made to fail.
    pub fn failed(&self) -> Option<Step> {
        self.story().failed.clone()
    }

    /// Every step from now on fails.
    pub fn fail_now(&self) {
        let mut story = self.story();
        (story.from, story.to) = (story.steps.len() as u64 + 1, u64::MAX);
    }

    /// The next step of this kind to a name that ends like this, in a directory of this name, fails, as all after it
    /// do. A renaming goes by the name before.
    pub fn fail_from(&self, kind: Kind, dir: &'static str, end: &'static str) {
        self.story().trap = Some((kind, dir, end));
    }

    /// No step fails any more.
    pub fn heal(&self) {
        let mut story = self.story();
        (story.from, story.trap) = (u64::MAX, None);
    }

    /// Gives an opened file the number by which its steps are named.
    pub(super) fn opened(&self, path: &Path) -> usize {
        self.story().names.number(path)
    }

    pub(super) fn write(
        &self,
        number: usize,
        bytes: &[u8],
        offset: u64,
        perform: impl FnOnce(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut story = self.story();
        let act = |bytes: &[u8], story: &Story| Act::Write {
            file: story.names.by_number[number].clone(),
            offset,
            bytes: bytes.to_vec(),
        };
        let whole = act(bytes, &story);
        story.springs(&whole);
        if self.fate == Fate::Full && story.due() {
            let half = &bytes[..half(bytes.len(), offset)];
            let act = act(half, &story);
            perform(half)?;
            return Err(story.fail(act, true, self.fate));
        }
        let act = whole;
        self.judge(&mut story, act, || perform(bytes))
    }

    pub(super) fn on_file(
        &self,
        number: usize,
        act: impl FnOnce(PathBuf) -> Act,
        perform: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut story = self.story();
        let act = act(story.names.by_number[number].clone());
        self.judge(&mut story, act, perform)
    }

    pub(super) fn step(&self, act: Act, perform: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.judge(&mut self.story(), act, perform)
    }

    fn judge(&self, story: &mut Story, act: Act, perform: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        story.springs(&act);
        let spared = self.fate == Fate::Full && !act.kind().needs_room();
        if !story.due() || spared {
            let outcome = perform();
            story.note(act, outcome.is_ok());
            return outcome;
        }
        let done = self.fate == Fate::Kept;
        if done {
            perform()?;
        }
        Err(story.fail(act, done, self.fate))
    }

    fn story(&self) -> MutexGuard<'_, Story> {
        self.story.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of a write at `offset` that find room: half of them, less what would be a part of a sector.
fn half(len: usize, offset: u64) -> usize {
    let part = usize::try_from((offset + len as u64 / 2) % SECTOR).unwrap_or(0);
    (len / 2).saturating_sub(part)
}

impl Story {
    /// Whether the next step is one that is to fail.
    fn due(&self) -> bool {
        (self.from..=self.to).contains(&(self.steps.len() as u64 + 1))
    }

    /// From a step that the trap waits for on, all fail.
    fn springs(&mut self, act: &Act) {
        let path = act.path();
        let ends = |end: &str| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(end));
        let within = |dir: &str| path.parent().is_some_and(|parent| parent.ends_with(dir));
        if self.trap.is_some_and(|(kind, dir, end)| kind == act.kind() && within(dir) && ends(end)) {
            (self.trap, self.from, self.to) = (None, self.steps.len() as u64 + 1, u64::MAX);
        }
    }

    fn note(&mut self, act: Act, done: bool) {
        if done {
            self.names.follow(&act);
        }
        self.steps.push(Step { act, done });
    }

    fn fail(&mut self, act: Act, done: bool, fate: Fate) -> io::Error {
        let kind = if fate == Fate::Full { io::ErrorKind::StorageFull } else { io::ErrorKind::Other };
        let error =
            io::Error::new(kind, format!("injected failure at I/O step {}: {act}", self.steps.len() + 1));
        self.failed.get_or_insert_with(|| Step { act: act.clone(), done });
        self.note(act, done);
        error
    }
}

impl Names {
    fn number(&mut self, path: &Path) -> usize {
        if let Some(number) = self.by_path.get(path) {
            return *number;
        }
        self.by_number.push(path.to_owned());
        self.by_path.insert(path.to_owned(), self.by_number.len() - 1);
        self.by_number.len() - 1
    }

    fn follow(&mut self, act: &Act) {
        match act {
            Act::Rename { from, to } => {
                if let Some(number) = self.by_path.remove(from) {
                    self.by_path.insert(to.clone(), number);
                    self.by_number[number].clone_from(to);
                }
            }
            Act::Remove(path) => drop(self.by_path.remove(path)),
            _ => {}
        }
    }
}
