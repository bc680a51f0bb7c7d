//! Values that many entries share, each kept once under a number: the numbers are what is stored and compared.

use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use memchr::memmem;
use mfa_ledger_schemas::{ActorKind, AdministratorId, Outcome, ResetReason};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::words::Words;

/// What stands between texts, and so cannot be looked for.
const SEPARATOR: char = '\n';

/// The number of no value; those of values begin at 1.
pub(super) const NONE: u32 = 0;

/// A value with a text that words are looked for in.
pub(super) trait Value: Clone {
    /// The same value, borrowed: what it is looked up by without being made.
    type Key<'a>: Copy + Eq + Hash
    where
        Self: 'a;

    fn key(&self) -> Self::Key<'_>;

    /// Whether it is the value of a key.
    fn is(&self, key: Self::Key<'_>) -> bool;

    fn of(key: Self::Key<'_>) -> Self;

    /// In any letters; several are parted by [`SEPARATOR`].
    fn text(&self) -> String;
}

/// What happened, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct What {
    /// Such as `mfa.reset`.
    pub action: Arc<str>,
    /// What became of it.
    pub outcome: Outcome,
    /// The code of a refusal or failure.
    pub code: Option<Arc<str>>,
    /// The reason of a reset.
    pub reason: Option<ResetReason>,
    /// Whether it changed nothing because its ground had moved.
    pub void: bool,
    /// Whether something was told about it in words, which lies sealed.
    pub worded: bool,
}

/// Who acted, under the name of that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Performer {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The administrator or service account.
    pub id: Option<[u8; 16]>,
    /// The name.
    pub name: Arc<str>,
}

/// Who was acted upon, under the name of that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Person {
    pub id: AdministratorId,
    pub name: Arc<str>,
}

impl Value for What {
    type Key<'a> = (&'a str, Outcome, Option<&'a str>, Option<ResetReason>, bool, bool);

    fn key(&self) -> Self::Key<'_> {
        (&self.action, self.outcome, self.code.as_deref(), self.reason, self.void, self.worded)
    }

    fn is(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }

    fn of((action, outcome, code, reason, void, worded): Self::Key<'_>) -> Self {
        Self { action: action.into(), outcome, code: code.map(Into::into), reason, void, worded }
    }

    fn text(&self) -> String {
        let texts = [Some(&*self.action), self.code.as_deref(), self.reason.map(ResetReason::name)];
        texts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

impl Value for Performer {
    type Key<'a> = (ActorKind, Option<[u8; 16]>, &'a str);

    fn key(&self) -> Self::Key<'_> {
        (self.kind, self.id, &self.name)
    }

    fn is(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }

    fn of((kind, id, name): Self::Key<'_>) -> Self {
        Self { kind, id, name: name.into() }
    }

    fn text(&self) -> String {
        self.name.to_string()
    }
}

impl Value for Person {
    type Key<'a> = (AdministratorId, &'a str);

    fn key(&self) -> Self::Key<'_> {
        (self.id, &self.name)
    }

    fn is(&self, key: Self::Key<'_>) -> bool {
        self.key() == key
    }

    fn of((id, name): Self::Key<'_>) -> Self {
        Self { id, name: name.into() }
    }

    fn text(&self) -> String {
        self.name.to_string()
    }
}

impl Value for Arc<str> {
    type Key<'a> = &'a str;

    fn key(&self) -> &str {
        self
    }

    fn is(&self, key: &str) -> bool {
        **self == *key
    }

    fn of(key: &str) -> Self {
        key.into()
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// Values in the order in which they were first seen.
#[derive(Clone, Debug)]
pub(super) struct Dictionary<T> {
    values: Vec<T>,
    /// The numbers, by the hashes of their values: looked into, and never walked over.
    numbers: HashTable<u32>,
    hashes: DefaultHashBuilder,
    /// All texts in small letters, one after the other: words are found by one walk over it.
    folded: String,
    /// Where the text of each begins.
    starts: Vec<usize>,
    /// What was looked for.
    words: Words,
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            numbers: HashTable::new(),
            hashes: DefaultHashBuilder::default(),
            folded: String::new(),
            starts: Vec::new(),
            words: Words::default(),
        }
    }
}

impl<T: PartialEq> PartialEq for Dictionary<T> {
    /// The rest follows from the values.
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

/// Where the value of a number lies.
fn place(number: u32) -> usize {
    usize::try_from(number).map_or(usize::MAX, |number| number.wrapping_sub(1))
}

impl<T: Value> Dictionary<T> {
    pub fn value(&self, number: u32) -> Option<&T> {
        self.values.get(place(number))
    }

    pub fn number(&self, key: T::Key<'_>) -> Option<u32> {
        let same = |number: &u32| self.value(*number).is_some_and(|value| value.is(key));
        self.numbers.find(self.hashes.hash_one(key), same).copied()
    }

    /// The number of a value, which gets one if it has none.
    pub fn number_or_add(dictionary: &mut Arc<Self>, key: T::Key<'_>) -> u32 {
        dictionary.number(key).unwrap_or_else(|| Arc::make_mut(dictionary).add(T::of(key)))
    }

    /// The number of a value that has none yet.
    fn add(&mut self, value: T) -> u32 {
        let text = value.text().to_lowercase();
        self.starts.push(self.folded.len());
        self.folded.push_str(&text);
        self.folded.push(SEPARATOR);
        self.values.push(value);
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let (values, hashes) = (&self.values, &self.hashes);
        let hash = |number: &u32| hashes.hash_one(values[place(*number)].key());
        self.numbers.insert_unique(hash(&number), number, hash);
        number
    }

    /// The numbers of all values that a test holds for, in order.
    pub fn that(&self, test: impl Fn(&T) -> bool) -> Vec<u32> {
        (1..).zip(&self.values).filter(|(_, value)| test(value)).map(|(number, _)| number).collect()
    }

    /// The numbers of all values whose text is this one, whatever the size of the letters.
    pub fn called(&self, name: &str) -> Vec<u32> {
        let name = name.to_lowercase();
        let ends = self.starts.iter().skip(1).copied().chain([self.folded.len()]);
        let texts = self.starts.iter().zip(ends).map(|(start, end)| &self.folded[*start..end - 1]);
        (1..).zip(texts).filter(|(_, text)| *text == name).map(|(number, _)| number).collect()
    }

    /// The numbers of all values whose text contains a word, in order.
    pub fn containing(&self, word: &str) -> Arc<Vec<u32>> {
        let word = word.to_lowercase();
        if word.contains(SEPARATOR) {
            return Arc::default();
        }
        self.words.found(&word, self.values.len(), |behind, found| self.look_for(&word, behind, found))
    }

    /// Finds a word in small letters in the texts behind so many, of which there is one at least.
    fn look_for(&self, word: &str, behind: usize, found: &mut Vec<u32>) {
        let (finder, mut from) = (memmem::Finder::new(word), self.starts[behind]);
        while let Some(at) = finder.find(&self.folded.as_bytes()[from..]) {
            let number = self.starts.partition_point(|start| *start <= from + at);
            found.push(u32::try_from(number).unwrap_or(u32::MAX));
            let Some(next) = self.starts.get(number) else { break };
            from = *next;
        }
    }
}

impl<T: Serialize> Serialize for Dictionary<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.values.serialize(serializer)
    }
}

impl<'de, T: Value + Deserialize<'de>> Deserialize<'de> for Dictionary<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut dictionary = Self::default();
        for value in Vec::<T>::deserialize(deserializer)? {
            dictionary.add(value);
        }
        Ok(dictionary)
    }
}
