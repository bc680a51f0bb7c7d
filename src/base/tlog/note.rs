//! Signed notes: a text, an empty line, and who signed it (`c2sp.org/signed-note`).

use std::fmt;

use data_encoding::BASE64;

use super::base64;
use super::key::{KeyType, SIGNATURE_BYTES, SigningKey, VerifierKey, is_name};

/// Longest note that is read, in bytes.
pub const MAX_NOTE: usize = 64 * 1024;

/// Most signatures of a note that is read.
pub const MAX_SIGNATURES: usize = 64;

/// The media type that notes are served under.
pub const MEDIA_TYPE: &str = "text/plain; charset=utf-8";

const MARK: &str = "— ";

/// A text and its signatures, none of them checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of the key.
    pub name: String,
    /// The id of the key.
    pub id: u32,
    /// What follows the id.
    pub bytes: Vec<u8>,
}

/// Why bytes are not a note, or not one to trust.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More than [`MAX_NOTE`] bytes, or more than [`MAX_SIGNATURES`] signatures.
    #[error("the note is larger than any that is read")]
    TooLarge,
    /// It is not of the form.
    #[error("this is not a signed note: {0}")]
    Malformed(&'static str),
    /// A key that is known has not signed what stands there.
    #[error("the signature of {0} does not fit")]
    Invalid(String),
    /// None of the keys that are known has signed it.
    #[error("no known key has signed it")]
    Unsigned,
}

impl Note {
    /// A text without signatures; it must end with a newline and have no control characters besides.
    pub fn unsigned(text: String) -> Result<Self, NoteError> {
        check(&text)?;
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a note. Its signatures are not checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLarge);
        }
        let note = str::from_utf8(bytes).map_err(|_| NoteError::Malformed("it is not UTF-8"))?;
        let at = note.rfind("\n\n").ok_or(NoteError::Malformed("no empty line ends its text"))?;
        let (text, signatures) = (&note[..=at], &note[at + 2..]);
        check(text)?;
        let signatures = parse_signatures(signatures)?;
        if signatures.is_empty() {
            return Err(NoteError::Malformed("nobody has signed it"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// What is signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in their order.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds the signature of a log's key.
    pub fn sign(&mut self, key: &SigningKey) {
        debug_assert_eq!(key.verifier().kind(), KeyType::Ed25519, "a witness signs the time as well");
        let bytes = key.sign(self.text.as_bytes()).to_vec();
        self.add(NoteSignature { name: key.verifier().name().to_owned(), id: key.verifier().id(), bytes });
    }

    /// Adds a signature, in the place of one by the same key.
    pub fn add(&mut self, signature: NoteSignature) {
        self.signatures.retain(|it| (&it.name, it.id) != (&signature.name, signature.id));
        self.signatures.push(signature);
    }

    /// The keys among `known` that have signed it. A signature of a known key that does not fit spoils
    /// all of it; those of unknown keys are passed over.
    pub fn verify<'k>(&self, known: &'k [VerifierKey]) -> Result<Vec<&'k VerifierKey>, NoteError> {
        let mut signers: Vec<&VerifierKey> = Vec::new();
        for signature in &self.signatures {
            let named = |key: &&VerifierKey| key.name() == signature.name && key.id() == signature.id;
            let Some(key) = known.iter().find(named) else { continue };
            if !signature.is_by(key, &self.text) {
                return Err(NoteError::Invalid(signature.name.clone()));
            }
            if !signers.contains(&key) {
                signers.push(key);
            }
        }
        if signers.is_empty() { Err(NoteError::Unsigned) } else { Ok(signers) }
    }
}

impl NoteSignature {
    /// Whether `key` has signed `text` with this.
    pub fn is_by(&self, key: &VerifierKey, text: &str) -> bool {
        match key.kind() {
            KeyType::Ed25519 => <&[u8; SIGNATURE_BYTES]>::try_from(self.bytes.as_slice())
                .is_ok_and(|signature| key.verifies(text.as_bytes(), signature)),
            KeyType::Cosignature => super::cosignature::verify(key, text, &self.bytes).is_some(),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.to_be_bytes(), self.bytes.as_slice()].concat();
        write!(f, "{MARK}{} {}", self.name, BASE64.encode(&bytes))
    }
}

/// Reads signature lines, each with its newline.
pub fn parse_signatures(lines: &str) -> Result<Vec<NoteSignature>, NoteError> {
    if !lines.is_empty() && !lines.ends_with('\n') {
        return Err(NoteError::Malformed("its last line has no end"));
    }
    // Not `lines`, which takes a carriage return for part of the end: a note has one spelling.
    let signatures: Vec<_> = lines
        .split_terminator('\n')
        .map(parse_signature)
        .collect::<Option<_>>()
        .ok_or(NoteError::Malformed("a line after its text is not a signature"))?;
    if signatures.len() > MAX_SIGNATURES { Err(NoteError::TooLarge) } else { Ok(signatures) }
}

fn parse_signature(line: &str) -> Option<NoteSignature> {
    let (name, bytes) = line.strip_prefix(MARK)?.split_once(' ')?;
    let bytes = base64::decode(bytes)?;
    let (id, bytes) = bytes.split_first_chunk()?;
    let sound = is_name(name) && !bytes.is_empty();
    sound.then(|| NoteSignature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
}

fn check(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Malformed("its text does not end with a newline"));
    }
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(NoteError::Malformed("it has control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> SigningKey {
        SigningKey::from_seed(name, KeyType::Ed25519, &[7; 32]).unwrap()
    }

    fn signed() -> (Note, SigningKey) {
        let key = key("log");
        let mut note = Note::unsigned("one\n\ntwo\n".into()).unwrap();
        note.sign(&key);
        (note, key)
    }

    #[test]
    fn a_note_is_read_back_with_the_empty_lines_of_its_text() {
        let (note, key) = signed();
        let text = note.to_string();
        assert!(text.starts_with("one\n\ntwo\n\n— log "), "{text}");
        assert_eq!(Note::parse(text.as_bytes()), Ok(note.clone()));
        assert_eq!(note.verify(&[key.verifier().clone()]), Ok(vec![key.verifier()]));
    }

    #[test]
    fn only_known_keys_count_and_a_wrong_signature_of_one_spoils_it() {
        let (mut note, log) = signed();
        let other = key("other").verifier().clone();
        assert_eq!(note.verify(std::slice::from_ref(&other)), Err(NoteError::Unsigned));
        note.add(NoteSignature { name: "stranger".into(), id: 1, bytes: vec![1] });
        assert_eq!(note.verify(&[log.verifier().clone(), other.clone()]).unwrap().len(), 1);
        note.add(NoteSignature { name: "other".into(), id: other.id(), bytes: vec![0; 64] });
        let known = [log.verifier().clone(), other];
        assert_eq!(note.verify(&known), Err(NoteError::Invalid("other".into())));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let (note, _) = signed();
        let text = note.to_string();
        let cases = [
            String::new(),
            "text\n".into(),
            "text\n\n".into(),
            text.trim_end().into(),
            text.replace("— log", "- log"),
            text.replace("— log", "— l+g"),
            text.replace("one", "o\te"),
            format!("{text}more\n"),
            text.replace("— log ", "— log  "),
            format!("{}\r\n", text.trim_end()),
        ];
        for case in cases {
            assert!(Note::parse(case.as_bytes()).is_err(), "{case:?}");
        }
        assert!(Note::parse(&[b'x', 0xff, b'\n']).is_err());
        assert!(Note::unsigned("no end".into()).is_err());
    }

    #[test]
    fn the_limits_of_a_note() {
        let (note, _) = signed();
        let line = note.signatures()[0].to_string() + "\n";
        let with = |count| Note::parse(format!("text\n\n{}", line.repeat(count)).as_bytes());
        assert!(with(MAX_SIGNATURES).is_ok());
        assert_eq!(with(MAX_SIGNATURES + 1), Err(NoteError::TooLarge));
        let long = |bytes: usize| "x".repeat(bytes - line.len() - 2) + "\n\n" + &line;
        assert!(Note::parse(long(MAX_NOTE).as_bytes()).is_ok());
        assert_eq!(Note::parse(long(MAX_NOTE + 1).as_bytes()), Err(NoteError::TooLarge));
    }
}
