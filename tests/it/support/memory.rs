//! The memory of a process that runs, and what is found in it.

use std::collections::HashMap;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;

/// Bytes of a page.
const PAGE: usize = 4096;

/// Bits of an entry in `/proc/PID/pagemap`: the page is in memory, or in swap.
const THERE: u64 = 0b11 << 62;

/// What is looked for, and where it was found.
#[derive(Debug, Default)]
pub struct Needles {
    all: Vec<(String, Vec<u8>)>,
    by_beginning: HashMap<[u8; 4], Vec<usize>>,
}

/// A place where something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
    /// What it is.
    pub what: String,
    /// The region it lies in, as `/proc/PID/maps` names it, and the address.
    pub place: String,
    /// What stands before and behind it.
    pub before: Vec<u8>,
    pub behind: Vec<u8>,
}

impl Needles {
    pub fn add(&mut self, what: impl Into<String>, bytes: &[u8]) {
        let beginning = *bytes.first_chunk().expect("shorter things are found by accident");
        self.by_beginning.entry(beginning).or_default().push(self.all.len());
        self.all.push((what.into(), bytes.to_vec()));
    }

    /// Where any of them stands in the memory of a process. Pages that the process never touched are left out.
    pub fn found_in(&self, pid: u32) -> Vec<Find> {
        let opened = |name: &str| {
            File::open(format!("/proc/{pid}/{name}")).unwrap_or_else(|error| {
                panic!(
                    "this test reads the memory of a server, which is root's alone: run it as root ({error})"
                )
            })
        };
        let (memory, pages) = (opened("mem"), opened("pagemap"));
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).expect("the maps can be read");
        let mut first_bytes = vec![false; 1 << 16];
        for beginning in self.by_beginning.keys() {
            first_bytes[usize::from(u16::from_le_bytes([beginning[0], beginning[1]]))] = true;
        }
        let mut found = Vec::new();
        for region in maps.lines().filter_map(Region::parse) {
            for (address, bytes) in region.content(&memory, &pages) {
                self.look(&first_bytes, &bytes, |what, at, len| {
                    let (start, end) = (at.saturating_sub(40), (at + len + 40).min(bytes.len()));
                    found.push(Find {
                        what: what.to_owned(),
                        place: format!("{} at {:x}", region.name, address + at),
                        before: bytes[start..at].to_vec(),
                        behind: bytes[at + len..end].to_vec(),
                    });
                });
            }
        }
        found
    }

    fn look(&self, first_bytes: &[bool], bytes: &[u8], mut hit: impl FnMut(&str, usize, usize)) {
        let mut at = 0;
        while at + 4 <= bytes.len() {
            if first_bytes[usize::from(bytes[at]) | usize::from(bytes[at + 1]) << 8] {
                let beginning: [u8; 4] = *bytes[at..].first_chunk().expect("four bytes are left");
                for needle in self.by_beginning.get(&beginning).into_iter().flatten() {
                    let (what, needle) = &self.all[*needle];
                    if bytes[at..].starts_with(needle) {
                        hit(what, at, needle.len());
                    }
                }
            }
            at += 1;
        }
    }
}

/// A stretch of memory that can be written: nothing else holds what the process was told.
struct Region {
    start: usize,
    end: usize,
    name: String,
}

impl Region {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let writable = words.next()?.starts_with("rw");
        let name = words.nth(3).unwrap_or("anonymous memory").to_owned();
        let hex = |text| usize::from_str_radix(text, 16).ok();
        writable.then_some(Self { start: hex(start)?, end: hex(end)?, name })
    }

    /// The pages that are there, those that lie side by side in one piece.
    fn content(&self, memory: &File, pages: &File) -> Vec<(usize, Vec<u8>)> {
        let count = (self.end - self.start) / PAGE;
        let mut entries = vec![0; count * 8];
        pages.read_exact_at(&mut entries, (self.start / PAGE * 8) as u64).expect("the page map can be read");
        let there: Vec<_> =
            entries.as_chunks().0.iter().map(|entry| u64::from_le_bytes(*entry) & THERE != 0).collect();
        let mut pieces = Vec::new();
        let mut page = 0;
        while page < count {
            let run = there[page..].iter().take_while(|there| **there).count();
            if run > 0 {
                let address = self.start + page * PAGE;
                let mut bytes = vec![0; run * PAGE];
                match memory.read_exact_at(&mut bytes, address as u64) {
                    Ok(()) => pieces.push((address, bytes)),
                    // Given back to the system since it was listed.
                    Err(error)
                        if error.raw_os_error() == Some(5) || error.kind() == ErrorKind::UnexpectedEof => {}
                    Err(error) => panic!("the memory at {address:x} cannot be read: {error}"),
                }
            }
            page += run.max(1);
        }
        pieces
    }
}
