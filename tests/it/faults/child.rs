//! A process that works until it is killed: a log and a vault, and a line on standard output for
//! everything that was acknowledged. And what its parent makes of it afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use mfa_ledger::chance::Chance;
use mfa_ledger::disk::Disk;
use mfa_ledger::log::embedded::{Embedded, Sizes};
use mfa_ledger::log::{Log, Position, Stream};
use mfa_ledger::vault::{EntryId, MasterKey, Purpose, Vault};
use zeroize::Zeroizing;

/// The name of the test that is the child, for the test binary that is started again.
const NAME: &str = "faults::child::works_until_it_is_killed";
const DIR: &str = "MFA_LEDGER_TEST_DIR";
const LIFE: &str = "MFA_LEDGER_TEST_LIFE";

/// Callers of the log at the same time.
const WRITERS: u64 = 4;
/// Small, so that segments end often.
const SIZES: Sizes = Sizes { segment: 32 * 1024, ahead: 8 * 1024, queue: 64, reread: u64::MAX };
/// A child that nobody kills ends by itself.
const LONGEST: Duration = Duration::from_secs(30);

fn record(life: u64, writer: u64, n: u64) -> Bytes {
    let filling = "z".repeat(usize::try_from((life * 31 + writer * 17 + n * 7) % 500).unwrap());
    Bytes::from(format!("{life} {writer} {n} {filling}"))
}

fn open_log(dir: &Path) -> Embedded {
    let opened = Embedded::open_sized(&dir.join("log"), [1; 16], Disk::real(), SIZES);
    opened.unwrap_or_else(|error| panic!("a kill is no damage: {error}")).0
}

fn open_vault(dir: &Path) -> Vault {
    let key = MasterKey::from_bytes([5; 32]);
    let opened =
        Vault::open_compacting(&dir.join("vault"), &key, Disk::real(), Arc::new(Chance::System), 4_096);
    opened.unwrap_or_else(|error| panic!("a kill is no damage: {error}"))
}

fn entry(life: u64, n: u64) -> EntryId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&life.to_be_bytes());
    id[8..].copy_from_slice(&n.to_be_bytes());
    id
}

fn secret(id: EntryId) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(id.repeat(3))
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody hears it any more when this fails: the parent is gone.
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process to be killed: other tests start it"]
async fn works_until_it_is_killed() {
    let dir = PathBuf::from(std::env::var_os(DIR).expect("started by a test, with a directory"));
    let life: u64 = std::env::var(LIFE).unwrap().parse().unwrap();
    let (log, vault) = (Arc::new(open_log(&dir)), open_vault(&dir));
    say("ready");
    for writer in 0..WRITERS {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            let stream = Stream::new(&format!("w{writer}"));
            for n in 0.. {
                let Ok(position) = log.append(&stream, &[], record(life, writer, n)).await else { return };
                say(&format!("a {position} {life} {writer} {n}"));
            }
        });
    }
    let work = async {
        for n in 0.. {
            let id = entry(life, n);
            if vault.put(id, Purpose::Annex, [0; 16], secret(id)).await.is_err() {
                return;
            }
            say(&format!("p {life} {n}"));
            if n % 3 == 2 {
                say(&format!("x {life} {}", n - 1));
                if vault.destroy(&[entry(life, n - 1)]).await.is_err() {
                    return;
                }
                say(&format!("d {life} {}", n - 1));
            }
        }
    };
    let _over = tokio::time::timeout(LONGEST, work).await;
    // A disk that takes nothing more: the end is the parent's business.
    tokio::time::sleep(LONGEST).await;
    std::process::exit(0);
}

/// A child at work.
pub struct Worker {
    child: Child,
    ready: Receiver<()>,
    reader: JoinHandle<()>,
}

/// What the children that worked in one directory have acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    appended: BTreeMap<u64, Bytes>,
    stored: BTreeSet<EntryId>,
    doomed: BTreeSet<EntryId>,
    destroyed: BTreeSet<EntryId>,
    /// What is acknowledged from now on counts for nothing.
    deaf: bool,
}

impl Heard {
    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |at: usize| words[at].parse::<u64>().unwrap();
        match words.first() {
            // Asked for before it is done, and so in force whenever it is heard.
            Some(&"x") => drop(self.doomed.insert(entry(number(1), number(2)))),
            Some(_) if self.deaf => {}
            Some(&"a") => {
                let twice = self.appended.insert(number(1), record(number(2), number(3), number(4)));
                assert_eq!(twice, None, "one position, one record");
            }
            Some(&"p") => drop(self.stored.insert(entry(number(1), number(2)))),
            Some(&"d") => drop(self.destroyed.insert(entry(number(1), number(2)))),
            // What the test runner itself says.
            _ => {}
        }
    }

    /// From here on acknowledgements count for nothing, or count again.
    pub fn set_deaf(&mut self, deaf: bool) {
        self.deaf = deaf;
    }

    /// Records acknowledged.
    pub fn appended(&self) -> usize {
        self.appended.len()
    }

    /// Opens what the children have left, and holds it against what they have said.
    pub async fn judge(&self, dir: &Path) -> u64 {
        let log = open_log(dir);
        let head = log.head().await.unwrap().0;
        let read: Vec<_> = log
            .read(Position::START)
            .take(usize::try_from(head).unwrap())
            .map(Result::unwrap)
            .collect()
            .await;
        assert!(read.iter().zip(1..).all(|(entry, due)| entry.position.0 == due), "no gap");
        for (position, record) in &self.appended {
            let found = read.get(usize::try_from(*position).unwrap() - 1).map(|entry| &entry.record);
            assert_eq!(found, Some(record), "position {position} was acknowledged, the head is {head}");
        }
        // Nobody appends before the answer to the last append: each writer's records are in order, none
        // left out, none invented.
        let mut next = BTreeMap::new();
        for entry in &read {
            let text = str::from_utf8(&entry.record).unwrap();
            let words: Vec<u64> = text.split(' ').take(3).map(|word| word.parse().unwrap()).collect();
            let due: &mut u64 = next.entry((words[0], words[1])).or_default();
            assert_eq!(entry.record, record(words[0], words[1], *due), "at {}", entry.position);
            *due += 1;
        }
        self.judge_vault(&open_vault(dir));
        head
    }

    fn judge_vault(&self, vault: &Vault) {
        for id in &self.stored {
            let found = vault.read(*id, Purpose::Annex, [0; 16]).unwrap();
            if self.destroyed.contains(id) {
                assert_eq!(found, None, "{id:?} has returned");
            } else if !self.doomed.contains(id) {
                assert_eq!(found, Some(secret(*id)), "{id:?} is lost");
            }
        }
    }
}

impl Worker {
    /// Starts a child on this directory. Lives on the same directory have different numbers.
    pub fn start(dir: &Path, life: u64, heard: &Arc<Mutex<Heard>>) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([NAME, "--exact", "--ignored", "--nocapture"])
            .env(DIR, dir)
            .env(LIFE, life.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, ready) = channel();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let heard = Arc::clone(heard);
        let listening = std::thread::spawn(move || {
            let mut said = String::new();
            // A line without its end was not said.
            while out.read_line(&mut said).is_ok_and(|_| said.ends_with('\n')) {
                if said.trim_end().ends_with("ready") {
                    let _waiting = tell.send(());
                }
                heard.lock().unwrap().line(&said);
                said.clear();
            }
        });
        Self { child, ready, reader: listening }
    }

    /// Waits until it has opened everything; `false` when it ended before.
    pub fn wait_until_ready(&self) -> bool {
        self.ready.recv().is_ok()
    }

    /// Ends it without a word, and hears the rest of what it has said.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.join().unwrap();
    }
}
