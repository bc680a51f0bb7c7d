//! Looks for a secret in every file below a directory, in all the forms it could have been written in.

use std::path::{Path, PathBuf};

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

/// Where a secret was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Hit {
    pub file: PathBuf,
    pub form: String,
}

/// All files below `dir` in which `secret` stands: raw, in hex, or in base32 or base64 at any offset.
pub fn hits(dir: &Path, secret: &[u8]) -> Vec<Hit> {
    assert!(secret.len() >= 8, "a shorter secret is found by accident");
    let forms = forms(secret);
    let mut hits = Vec::new();
    for file in files(dir) {
        let Some(content) = content(&file) else { continue };
        for (form, bytes) in &forms {
            if content.windows(bytes.len()).any(|window| window == bytes) {
                hits.push(Hit { file: file.clone(), form: form.clone() });
            }
        }
    }
    hits
}

/// What is in a file; `None` when a server that runs has removed it since it was listed.
pub fn content(file: &Path) -> Option<Vec<u8>> {
    match std::fs::read(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        content => Some(content.expect("the file can be read")),
    }
}

/// All files below `dir`.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).expect("the directory can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// All forms that a secret could be written in, by name.
pub fn forms(secret: &[u8]) -> Vec<(String, Vec<u8>)> {
    let base32 = BASE32_NOPAD.encode(secret);
    let grouped: Vec<_> = base32.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    let mut forms = vec![
        ("raw".to_owned(), secret.to_vec()),
        ("hex".to_owned(), HEXLOWER.encode(secret).into()),
        ("HEX".to_owned(), HEXUPPER.encode(secret).into()),
        ("base32 in groups".to_owned(), grouped.join(" ").into()),
    ];
    for before in 0..5 {
        let inner = inner_symbols(&BASE32_NOPAD, 5, secret, before);
        forms.push((format!("base32 after {before}"), inner.to_ascii_lowercase()));
        forms.push((format!("BASE32 after {before}"), inner));
    }
    for before in 0..3 {
        forms.push((format!("base64 after {before}"), inner_symbols(&BASE64_NOPAD, 6, secret, before)));
        forms.push((format!("base64url after {before}"), inner_symbols(&BASE64URL_NOPAD, 6, secret, before)));
    }
    forms
}

/// The symbols that depend on the secret alone when it stands behind `before` other bytes.
fn inner_symbols(encoding: &data_encoding::Encoding, bits: usize, secret: &[u8], before: usize) -> Vec<u8> {
    let all = [vec![0; before].as_slice(), secret].concat();
    let symbols = encoding.encode(&all).into_bytes();
    symbols[(before * 8).div_ceil(bits)..all.len() * 8 / bits].to_vec()
}

#[test]
fn every_form_is_found_inside_other_things() {
    let secret = b"\xfb\xef\xbe twenty byte sec";
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("deep")).unwrap();
    let path = dir.path().join("deep/file");
    for before in 0..7 {
        let inside = [&[7; 7][..before], secret, b"tail"].concat();
        let texts = [
            inside.clone(),
            HEXLOWER.encode(&inside).into(),
            HEXUPPER.encode(&inside).into(),
            BASE32_NOPAD.encode(&inside).into(),
            BASE32_NOPAD.encode(&inside).to_lowercase().into(),
            BASE64_NOPAD.encode(&inside).into(),
            BASE64URL_NOPAD.encode(&inside).into(),
        ];
        for (form, text) in texts.iter().enumerate() {
            std::fs::write(&path, text).unwrap();
            assert!(!hits(dir.path(), secret).is_empty(), "form {form} behind {before} bytes");
        }
    }
    std::fs::write(&path, b"nothing to see").unwrap();
    assert_eq!(hits(dir.path(), secret), []);
}
