//! Loading rules: all of what is wrong with them is told at once, by file and line, and nothing is loaded then.

mod alone;
pub mod fields;
mod file;
mod keys;
mod link;
mod parse;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use mfa_ledger_schemas::RuleId;
use rsigma_parser::SigmaCollection;
use sha2::{Digest, Sha256};

pub use file::{Fault, Source};

use super::pack::PACK;
use super::rule::{Origin, Rule};

/// Longest rule file, in bytes.
pub const FILE_BYTES: usize = 32 * 1024;
/// Most rule files of a site.
pub const FILES: usize = 500;
/// Longest window of a rule, in seconds: 90 days.
pub const WINDOW_SECONDS: u64 = 90 * 24 * 3_600;
/// Faults that are shown; the rest is counted.
const SHOWN: usize = 20;

/// Rules that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Broken(pub Vec<Fault>);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self.0.iter().take(SHOWN).map(ToString::to_string).collect();
        f.write_str(&shown.join("\n"))?;
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

/// All rules that are run together.
#[derive(Debug, Default)]
pub struct Rules {
    all: Vec<Arc<Rule>>,
    collection: SigmaCollection,
    /// Where rules that raise alerts stand in `all`, by Sigma id.
    alerting: BTreeMap<String, usize>,
    /// Detections that a correlation refers to, by Sigma id.
    feeding: BTreeSet<String>,
    /// Where absence rules stand in `all`.
    absences: Vec<usize>,
    /// How late a detection comes in the ordered rules that refer to it, by Sigma id.
    ranks: BTreeMap<String, usize>,
    /// By how many fields a correlation groups, by Sigma id.
    group_sizes: BTreeMap<String, usize>,
    /// Over all that they were made from.
    sha256: [u8; 32],
}

impl Rules {
    /// The pack alone.
    pub fn pack() -> Self {
        Self::of(&pack_sources(), &[]).expect("a test loads the pack")
    }

    /// The pack without the rules that are off, and the rules and filters of a directory.
    pub fn load(dir: Option<&Path>, off: &[String]) -> Result<Self, Broken> {
        let mut sources = pack_sources();
        if let Some(dir) = dir {
            sources.extend(read(dir).map_err(|fault| Broken(vec![fault]))?);
        }
        Self::of(&sources, off)
    }

    /// Rules in texts.
    pub fn of(sources: &[Source], off: &[String]) -> Result<Self, Broken> {
        let mut faults = Vec::new();
        let mut docs = Vec::new();
        for source in sources {
            if source.text.len() > FILE_BYTES {
                let why = format!("the file has more than {FILE_BYTES} bytes");
                faults.push(Fault { file: source.name.clone(), line: 1, why });
            } else {
                docs.extend(file::split(source, &mut faults));
            }
        }
        let parsed: Vec<_> = docs.iter().filter_map(|doc| parse::parse(doc, &mut faults)).collect();
        // References are judged where all documents could be read.
        let rules = if faults.is_empty() { link::link(&parsed, off, &mut faults) } else { Self::default() };
        if faults.is_empty() {
            return Ok(Self { sha256: digest(sources, off), ..rules });
        }
        faults.sort();
        faults.dedup();
        Err(Broken(faults))
    }

    /// A rule of its own, as somebody gives it for a back-test.
    pub fn given(text: &str) -> Result<Self, Broken> {
        let source = Source { name: "rule".to_owned(), text: text.into(), origin: Origin::Given };
        let rules = Self::of(&[source], &[])?;
        if rules.all.is_empty() {
            let why = "there is no rule in it that raises alerts".to_owned();
            return Err(Broken(vec![Fault { file: "rule".to_owned(), line: 1, why }]));
        }
        Ok(rules)
    }

    /// Every rule that raises alerts, by name.
    pub fn all(&self) -> &[Arc<Rule>] {
        &self.all
    }

    /// One of them, by its name or its Sigma id.
    pub fn find(&self, id: &str) -> Option<&Arc<Rule>> {
        self.all.iter().find(|rule| rule.id.as_str() == id || rule.sigma_id == id)
    }

    /// Whether there is a rule of this name.
    pub fn has(&self, id: &RuleId) -> bool {
        self.all.iter().any(|rule| rule.id == *id)
    }

    /// Sigma filters that are in force.
    pub fn filters(&self) -> usize {
        self.collection.filters.len()
    }

    /// The longest window, in seconds.
    pub fn longest_window(&self) -> u64 {
        self.all.iter().map(|rule| rule.kind.window()).max().unwrap_or(0)
    }

    /// The same for the same rules, whatever the names of their files.
    pub(super) fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    pub(super) fn collection(&self) -> &SigmaCollection {
        &self.collection
    }

    pub(super) fn alerting(&self, sigma_id: &str) -> Option<usize> {
        self.alerting.get(sigma_id).copied()
    }

    pub(super) fn feeds(&self, sigma_id: &str) -> bool {
        self.feeding.contains(sigma_id)
    }

    pub(super) fn absences(&self) -> &[usize] {
        &self.absences
    }

    pub(super) fn rank(&self, sigma_id: &str) -> usize {
        self.ranks.get(sigma_id).copied().unwrap_or(0)
    }

    pub(super) fn group_size(&self, sigma_id: &str) -> usize {
        self.group_sizes.get(sigma_id).copied().unwrap_or(0)
    }
}

/// SHA-256 over the texts, and over what is off.
fn digest(sources: &[Source], off: &[String]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for text in sources.iter().map(|source| &*source.text).chain(off.iter().map(String::as_str)) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

fn pack_sources() -> Vec<Source> {
    let source = |(name, text): &(&str, &str)| Source {
        name: (*name).to_owned(),
        text: (*text).into(),
        origin: Origin::Pack,
    };
    PACK.iter().map(source).collect()
}

/// The `.yml` and `.yaml` files of a directory, by name.
fn read(dir: &Path) -> Result<Vec<Source>, Fault> {
    let fault = |path: &Path, why: String| Fault { file: path.display().to_string(), line: 1, why };
    let unread = |error: std::io::Error| fault(dir, format!("the directory cannot be read: {error}"));
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.extension().is_some_and(|it| it == "yml" || it == "yaml") {
            paths.push(path);
        }
    }
    if paths.len() > FILES {
        return Err(fault(dir, format!("there are more than {FILES} rule files")));
    }
    paths.sort();
    let file = |path: std::path::PathBuf| {
        // A limit on what is read: a file that grows meanwhile is cut, and then refused by its length.
        let text = std::fs::File::open(&path).and_then(|file| {
            let mut text = String::new();
            let most = FILE_BYTES as u64 + 1;
            std::io::Read::read_to_string(&mut std::io::Read::take(file, most), &mut text)?;
            Ok(text)
        });
        let text = text.map_err(|error| fault(&path, format!("the file cannot be read: {error}")))?;
        Ok(Source { name: path.display().to_string(), text: text.into(), origin: Origin::Site(path) })
    };
    paths.into_iter().map(file).collect()
}
