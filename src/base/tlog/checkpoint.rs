//! Checkpoints: how long a log is, and the root over all of it, signed (`c2sp.org/tlog-checkpoint`).

use super::hash::Hash;
use super::key::VerifierKey;
use super::note::{Note, NoteError};

/// What a log says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// A checkpoint with its signatures; where it came from says whether they were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The note that says it.
    pub note: Note,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Reads the text of a checkpoint; extension lines are passed over.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let malformed = NoteError::Malformed;
        let body = text.strip_suffix('\n').ok_or(malformed("its text does not end with a newline"))?;
        let lines: Vec<&str> = body.split('\n').collect();
        let [origin, size, root, ..] = lines.as_slice() else {
            return Err(malformed("a checkpoint has three lines or more"));
        };
        if lines.iter().any(|line| line.is_empty()) {
            return Err(malformed("a line of the checkpoint is empty"));
        }
        let size = decimal(size).ok_or(malformed("the size of the tree is not a number"))?;
        let root = Hash::from_base64(root).ok_or(malformed("the root is not a hash"))?;
        if size == 0 && root != Hash::of_empty_tree() {
            return Err(malformed("the root of an empty tree is another"));
        }
        Ok(Self { origin: (*origin).to_owned(), size, root })
    }
}

impl SignedCheckpoint {
    /// Reads a signed checkpoint. Its signatures are not checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let note = Note::parse(bytes)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// Reads a signed checkpoint that one of `known` must have signed: a key with the name of its
    /// origin, so that a witness alone does not make a log.
    pub fn open(bytes: &[u8], known: &[VerifierKey]) -> Result<Self, NoteError> {
        let signed = Self::parse(bytes)?;
        let signers = signed.note.verify(known)?;
        let by_the_log = signers.iter().any(|key| key.name() == signed.checkpoint.origin);
        if by_the_log { Ok(signed) } else { Err(NoteError::Unsigned) }
    }
}

/// A number as these formats write it: no sign, no superfluous zero.
pub(super) fn decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::SigningKey;
    use crate::tlog::key::KeyType;

    #[test]
    fn the_example_of_the_specification_is_read() {
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let checkpoint = Checkpoint::parse(text).unwrap();
        assert_eq!((checkpoint.size, checkpoint.text().as_str()), (20_852_163, text));
        assert_eq!(Checkpoint::parse(&format!("{text}extension\n")), Ok(checkpoint));
    }

    #[test]
    fn other_texts_are_refused() {
        let root = Hash::of_empty_tree();
        let other = crate::tlog::leaf_hash(b"x");
        let texts = [
            String::new(),
            format!("o\n1\n{root}"),
            "o\n1\n".into(),
            format!("\n1\n{root}\n"),
            format!("o\n01\n{root}\n"),
            format!("o\n-1\n{root}\n"),
            format!("o\n+1\n{root}\n"),
            format!("o\n18446744073709551616\n{root}\n"),
            format!("o\n1\n{root}\n\n"),
            "o\n1\nAAAA\n".into(),
            format!("o\n0\n{other}\n"),
        ];
        for text in texts {
            assert!(Checkpoint::parse(&text).is_err(), "{text:?}");
        }
        assert!(Checkpoint::parse(&format!("o\n0\n{root}\n")).is_ok());
    }

    #[test]
    fn only_the_log_itself_makes_a_checkpoint() {
        let key = |name, kind| SigningKey::from_seed(name, kind, &[9; 32]).unwrap();
        let (log, witness) = (key("log", KeyType::Ed25519), key("witness", KeyType::Cosignature));
        let checkpoint = Checkpoint { origin: "log".into(), size: 0, root: Hash::of_empty_tree() };
        let mut note = Note::unsigned(checkpoint.text()).unwrap();
        note.add(crate::tlog::cosignature::sign(&witness, note.text(), 1));
        let known = [log.verifier().clone(), witness.verifier().clone()];
        assert_eq!(SignedCheckpoint::open(note.to_string().as_bytes(), &known), Err(NoteError::Unsigned));
        note.sign(&log);
        let signed = SignedCheckpoint::open(note.to_string().as_bytes(), &known).unwrap();
        assert_eq!(signed.checkpoint, checkpoint);
    }
}
