//! The few things of POSIX ustar that a bundle needs: plain files, all with the same owner, mode and time. What
//! is read must be, byte for byte, what would be written: nothing can hide in a header.

use std::collections::BTreeMap;

const BLOCK: usize = 512;

/// The directory that everything is unpacked into.
const ROOT: &str = "evidence/";

/// Longest name, with the directory.
const NAME_BYTES: usize = 100;

/// Files by their names, in the order in which they were put in.
#[derive(Debug, Default)]
pub(super) struct Archive(Vec<u8>);

impl Archive {
    /// Puts a file in.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        self.0.extend_from_slice(&header(name, bytes.len()));
        self.0.extend_from_slice(bytes);
        self.0.resize(self.0.len().next_multiple_of(BLOCK), 0);
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 2 * BLOCK, 0);
        self.0
    }
}

fn header(name: &str, size: usize) -> [u8; BLOCK] {
    let name = format!("{ROOT}{name}");
    debug_assert!(name.len() <= NAME_BYTES, "names are ours, and short");
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// The files of an archive, or the name of the one at which it is not as it was written, with what is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<BTreeMap<String, &[u8]>, (String, &'static str)> {
    let (mut files, mut rest) = (BTreeMap::new(), bytes);
    loop {
        let cut = || ("the archive".to_owned(), "it is cut short");
        let (block, behind) = rest.split_first_chunk::<BLOCK>().ok_or_else(cut)?;
        if block == &[0; BLOCK] {
            let end = behind.len() == BLOCK && behind.iter().all(|byte| *byte == 0);
            return if end {
                Ok(files)
            } else {
                Err(("the archive".to_owned(), "something follows its end"))
            };
        }
        let (name, size) = read_header(block)
            .ok_or_else(|| ("the archive".to_owned(), "a header in it is not as it was written"))?;
        let data = behind.get(..size).ok_or_else(cut)?;
        let padded = behind.get(size..size.next_multiple_of(BLOCK)).ok_or_else(cut)?;
        if padded.iter().any(|byte| *byte != 0) {
            return Err((name, "something stands behind its end"));
        }
        rest = &behind[size + padded.len()..];
        if files.insert(name.clone(), data).is_some() {
            return Err((name, "it is there twice"));
        }
    }
}

fn read_header(block: &[u8; BLOCK]) -> Option<(String, usize)> {
    let name = block[..NAME_BYTES].split(|byte| *byte == 0).next()?;
    let name = str::from_utf8(name).ok()?.strip_prefix(ROOT)?;
    let size = str::from_utf8(&block[124..135]).ok()?;
    let size = usize::from_str_radix(size, 8).ok()?;
    (name.len() + ROOT.len() <= NAME_BYTES && header(name, size) == *block).then(|| (name.to_owned(), size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive() -> Vec<u8> {
        let mut archive = Archive::default();
        archive.add("a.txt", b"one");
        archive.add("empty", b"");
        archive.add("whole", &[7; BLOCK]);
        archive.finish()
    }

    #[test]
    fn what_is_put_in_comes_out() {
        let bytes = archive();
        let files = read(&bytes).unwrap();
        let (one, whole): (&[u8], &[u8]) = (b"one", &[7; BLOCK]);
        let wanted = [("a.txt", one), ("empty", &[]), ("whole", whole)];
        assert!(files.into_iter().eq(wanted.map(|(name, bytes)| (name.to_owned(), bytes))));
    }

    #[test]
    fn no_byte_but_those_of_files_can_be_changed() {
        let bytes = archive();
        let files = [BLOCK..BLOCK + 3, 4 * BLOCK..5 * BLOCK];
        for at in (0..bytes.len()).filter(|at| !files.iter().any(|file| file.contains(at))) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            assert!(read(&bytes).is_err(), "byte {at}");
        }
        for cut in 0..bytes.len() {
            assert!(read(&bytes[..cut]).is_err(), "{cut} bytes");
        }
        assert!(read(&[&bytes[..], b"x"].concat()).is_err());
    }
}
