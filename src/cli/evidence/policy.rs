//! The settings in force at the resets of a bundle, each with the record that set them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::gather::Recorded;
use crate::data_dir::Past;

#[derive(Default)]
pub(super) struct Policy {
    /// What is in force where the reading is.
    now: Option<(u64, String, Value)>,
    needed: BTreeMap<u64, Needed>,
}

struct Needed {
    leaf: String,
    settings: Value,
    resets: Vec<u64>,
}

impl Policy {
    /// Takes note of settings that come into force.
    pub fn see(&mut self, past: &Past<'_>, leaf: &Value) {
        if past.state.directory.settings_version() == past.position && !past.void {
            let settings = leaf["data"]["details"]["settings"].clone();
            if !settings.is_null() {
                self.now = Some((past.position.0, past.leaf().to_owned(), settings));
            }
        }
    }

    /// A reset stands here.
    pub fn needed_at(&mut self, reset: u64) {
        if let Some((set_at, leaf, settings)) = &self.now {
            let needed = || Needed { leaf: leaf.clone(), settings: settings.clone(), resets: Vec::new() };
            self.needed.entry(*set_at).or_insert_with(needed).resets.push(reset);
        }
    }

    /// The records that set them.
    pub fn records(&self) -> impl Iterator<Item = (u64, Recorded)> {
        self.needed.iter().map(|(at, needed)| (*at, Recorded { leaf: needed.leaf.clone(), void: false }))
    }

    pub fn shown(&self) -> Value {
        let stretch = |(set_at, needed): (&u64, &Needed)| json!({"set_at": set_at, "in_force_at": needed.resets, "settings": needed.settings});
        self.needed.iter().map(stretch).collect()
    }
}
