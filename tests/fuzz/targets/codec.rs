//! Stored bytes: whatever they are, they are a record or a typed error, and a record has one spelling.
//!
//! Each input is tried as stored bytes, and as the private half of some.

use data_encoding::HEXLOWER;
use mfa_ledger_schemas::codec::{self, CodecError, FORMAT, Stored};
use mfa_ledger_schemas::limits::STORED_BYTES;
use mfa_ledger_schemas::{LedgerId, Record};

use super::{Outcome, Target, root};

pub const TARGET: Target = Target { name: "codec", seeds, run };

/// The golden bytes of every event, and the private half of each.
pub fn seeds() -> Vec<Vec<u8>> {
    let golden = root().join("schemas/golden");
    let formats = ["1", "2"].map(|format| std::fs::read_dir(golden.join(format)).expect("golden bytes"));
    let mut files: Vec<_> = formats.into_iter().flatten().map(|file| file.expect("a file").path()).collect();
    files.sort();
    let bytes = |path| {
        let hex = std::fs::read_to_string(path).expect("it reads");
        HEXLOWER.decode(hex.trim().as_bytes()).expect("hex")
    };
    let stored: Vec<Vec<u8>> = files.into_iter().map(bytes).collect();
    let record = |bytes: &Vec<u8>| codec::split(bytes).expect("golden bytes split").record;
    let private: Vec<_> = stored.iter().map(record).collect();
    [stored, private].concat()
}

pub fn run(data: &[u8]) -> Outcome {
    let whole = judged(data);
    if whole == "decoded" {
        return whole;
    }
    let stored = Stored { record: data.to_vec(), leaf: "{}".to_owned() };
    let older = judged(&joined(1, &stored));
    if older == "decoded" { older } else { judged(&joined(FORMAT, &stored)) }
}

fn judged(data: &[u8]) -> Outcome {
    let stored = match codec::split(data) {
        Ok(stored) => stored,
        Err(error) => return refused(data, &error),
    };
    assert_eq!(joined(data[0], &stored), data, "the halves have one spelling");
    match codec::decode(data) {
        Ok(record) => {
            encodes_again(&record, data, &stored);
            "decoded".into()
        }
        Err(error) => refused(data, &error),
    }
}

fn refused(data: &[u8], error: &CodecError) -> Outcome {
    assert!(codec::decode(data).is_err(), "what does not split does not decode");
    assert!(!error.to_string().is_empty());
    match error {
        CodecError::UnknownFormat(format) => assert_ne!(*format, FORMAT),
        CodecError::UnknownEvent { .. } | CodecError::UnknownExtension(_) | CodecError::Decode(_) => {}
        CodecError::TrailingBytes(more) | CodecError::Overlong(more) => {
            assert!((1..data.len()).contains(more));
        }
        CodecError::Encode(_) | CodecError::TooLarge(_) | CodecError::Leaf(_) => {
            panic!("decoding told an error of encoding: {error}")
        }
    }
    let kind = format!("{error:?}");
    kind.split(['(', ' ']).next().unwrap_or_default().to_owned().into()
}

/// The private half of the record is what lay there, bit by bit; where it was written by an earlier version, it means the
/// same.
fn encodes_again(record: &Record, data: &[u8], stored: &Stored) {
    let is_newest = data[0] == FORMAT && codec::version(data).expect("it decodes") == record.event.version();
    match codec::encode(LedgerId::from_bytes([9; 16]), record) {
        Ok(bytes) => {
            let again = codec::split(&bytes).expect("what is encoded splits");
            if is_newest {
                assert_eq!(again.record, stored.record, "a record has one spelling");
            }
            assert_eq!(codec::decode(&bytes).expect("and decodes"), *record);
            let leaf: serde_json::Value = serde_json::from_str(&again.leaf).expect("the leaf is JSON");
            let bound = HEXLOWER.encode(&codec::sha256(&again.record));
            assert_eq!(leaf["data"]["record_sha256"], bound, "the leaf binds the record");
        }
        // The leaf that lay beside it may have been shorter than the true one.
        Err(CodecError::TooLarge(size)) => assert!(size > STORED_BYTES),
        Err(error) => panic!("what decodes does not encode: {error}"),
    }
}

/// The two halves as postcard writes them, by hand.
fn joined(format: u8, stored: &Stored) -> Vec<u8> {
    let mut bytes = vec![format];
    for half in [&stored.record[..], stored.leaf.as_bytes()] {
        let mut length = half.len();
        while length >= 0x80 {
            bytes.push(u8::try_from(length & 0x7f).expect("seven bits") | 0x80);
            length >>= 7;
        }
        bytes.push(u8::try_from(length).expect("seven bits"));
        bytes.extend_from_slice(half);
    }
    bytes
}
