//! What words were found in. Whoever pages through what a word finds asks for it again and again, and most texts are those
//! of before: only the texts added since are looked through.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Words that are remembered; the one not asked for the longest goes first.
pub(super) const WORDS: usize = 64;

/// Numbers that are remembered, of all words together.
pub(super) const NUMBERS: usize = 2 * 1024 * 1024;

/// Words, the last one asked for at the end.
#[derive(Debug, Default)]
pub(super) struct Words(Mutex<VecDeque<Word>>);

/// The numbers of the first so many texts that contain a word, in order.
#[derive(Clone, Debug)]
struct Word {
    text: String,
    texts: usize,
    found: Arc<Vec<u32>>,
}

impl Clone for Words {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()))
    }
}

impl Words {
    /// The numbers of all texts, of which there are so many, that contain a word. `look` finds those from behind so
    /// many texts on.
    pub fn found(&self, word: &str, texts: usize, look: impl FnOnce(usize, &mut Vec<u32>)) -> Arc<Vec<u32>> {
        let (behind, mut found) = self.take(word).map_or((0, Arc::default()), |it| (it.texts, it.found));
        if behind < texts {
            look(behind, Arc::make_mut(&mut found));
        }
        self.keep(Word { text: word.to_owned(), texts, found: Arc::clone(&found) });
        found
    }

    fn take(&self, word: &str) -> Option<Word> {
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = words.iter().position(|it| it.text == word)?;
        words.remove(index)
    }

    fn keep(&self, word: Word) {
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have looked for the same meanwhile.
        words.retain(|it| it.text != word.text);
        words.push_back(word);
        let mut numbers: usize = words.iter().map(|it| it.found.len()).sum();
        while words.len() > WORDS || numbers > NUMBERS {
            numbers -= words.pop_front().map_or(numbers, |gone| gone.found.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(words: &Words) -> Vec<(String, usize)> {
        words.0.lock().unwrap().iter().map(|it| (it.text.clone(), it.texts)).collect()
    }

    #[test]
    fn only_texts_that_were_added_are_looked_through() {
        let words = Words::default();
        let first = words.found("a", 5, |behind, found| {
            assert_eq!(behind, 0);
            found.extend([1, 3]);
        });
        assert_eq!(*first, [1, 3]);
        assert_eq!(*words.found("a", 5, |_, _| panic!("there are no others")), [1, 3]);
        assert_eq!(
            *words.found("a", 9, |behind, found| {
                assert_eq!(behind, 5);
                found.push(7);
            }),
            [1, 3, 7]
        );
        assert_eq!(*first, [1, 3], "whoever has it keeps what they have");
        assert_eq!(remembered(&words), [("a".to_owned(), 9)]);
    }

    #[test]
    fn so_many_words_are_remembered_and_so_many_numbers() {
        let words = Words::default();
        for word in 0..=WORDS {
            words.found(&word.to_string(), 1, |_, found| found.push(1));
        }
        assert_eq!(remembered(&words).len(), WORDS);
        assert_eq!(remembered(&words)[0].0, "1", "the one not asked for goes");
        words.found("many", 1, |_, found| found.resize(NUMBERS - 1, 1));
        assert_eq!(remembered(&words).len(), 2, "the word before it and it");
        words.found("more", 1, |_, found| found.resize(NUMBERS + 1, 1));
        assert_eq!(remembered(&words).len(), 0, "more than is remembered of all");
    }
}
