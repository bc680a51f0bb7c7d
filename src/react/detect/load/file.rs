//! A rule file as documents, and what is wrong with it, by file and line.

use std::fmt;
use std::sync::Arc;

use mfa_ledger_base::text_file::without_mark;
use yaml_serde::{Mapping, Value};

use crate::detect::rule::Origin;

/// A rule file.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it is called in errors.
    pub name: String,
    /// What is in it.
    pub text: Arc<str>,
    /// Where it comes from.
    pub origin: Origin,
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The line, from 1 on.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.why)
    }
}

/// One document of a file.
pub(super) struct Doc<'a> {
    pub source: &'a Source,
    /// Lines of the file before it.
    pub before: usize,
    pub text: String,
    pub map: Mapping,
}

impl Doc<'_> {
    /// What is wrong with it, at the first line that has a word.
    pub fn fault(&self, word: &str, why: impl Into<String>) -> Fault {
        let told = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        // Where it is the value of a key, or an item of a list, rather than a word of a sentence.
        let value = |line: &str| {
            let value = line.trim().rsplit_once(": ").map_or(line.trim(), |(_, value)| value);
            told(line) && value.trim_start_matches("- ").trim_matches(['"', '\'']) == word
        };
        let has = |line: &str| told(line) && line.contains(word);
        let lines = || self.text.lines();
        let line = lines().position(value).or_else(|| lines().position(has));
        let line = line.or_else(|| lines().position(told));
        let line = self.before + line.unwrap_or(0) + 1;
        Fault { file: self.source.name.clone(), line, why: why.into() }
    }

    /// What another program says is wrong with it, at what it names.
    pub fn foreign(&self, error: &str, otherwise: &str) -> Fault {
        let quoted = error.split('\'').skip(1).step_by(2);
        let last = error.rsplit([' ', ':']).next();
        let mut words = quoted.chain(last).filter(|word| word.len() > 2 && self.text.contains(word));
        self.fault(words.next().unwrap_or(otherwise), error)
    }

    /// A text at its top.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.map.get(key)?.as_str()
    }

    /// A mapping at its top.
    pub fn map_of(&self, key: &str) -> Option<&Mapping> {
        self.map.get(key)?.as_mapping()
    }

    /// Its Sigma id, or an empty text.
    pub fn id(&self) -> &str {
        self.text_of("id").unwrap_or_default()
    }
}

/// The documents of a file: between lines of `---`.
pub(super) fn split<'a>(source: &'a Source, faults: &mut Vec<Fault>) -> Vec<Doc<'a>> {
    let mut parts = vec![(0, String::new())];
    for (number, line) in without_mark(&source.text).lines().enumerate() {
        if line.trim_end() == "---" {
            parts.push((number + 1, String::new()));
        } else if let Some((_, text)) = parts.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    let mut docs = Vec::new();
    for (before, text) in parts {
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        let mut doc = Doc { source, before, text, map: Mapping::new() };
        match yaml_serde::from_str::<Value>(&doc.text) {
            Ok(Value::Mapping(map)) => {
                doc.map = map;
                docs.push(doc);
            }
            Ok(_) => faults.push(doc.fault("", "a rule is a mapping of keys to values")),
            Err(error) => {
                let line = before + error.location().map_or(1, |at| at.line());
                let error = error.to_string();
                // The place that it goes on with counts from the beginning of the document.
                let why = error.split(" at line ").next().unwrap_or(&error);
                faults.push(Fault { file: source.name.clone(), line, why: format!("not YAML: {why}") });
            }
        }
    }
    docs
}
