//! Bytes that grow without leaving copies behind.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::str::Utf8Error;

use bytes::Bytes;
use zeroize::Zeroize;

use super::SecretText;

/// The least that a buffer grows to, in bytes.
const LEAST_BYTES: usize = 256;

/// Bytes that are wiped when they are dropped, and where the buffer moved when it grew.
#[derive(Default)]
pub struct Buffer(Vec<u8>);

impl Buffer {
    /// An empty one with room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Adds bytes at the end.
    pub fn push(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// The same bytes to be handed on; wiped when the last who has them drops them.
    pub fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }

    /// The same bytes as text, where they are UTF-8. Wiped at once where they are not.
    pub fn into_text(mut self) -> Result<SecretText, Utf8Error> {
        match String::from_utf8(std::mem::take(&mut self.0)) {
            Ok(text) => Ok(SecretText::new(text)),
            Err(error) => {
                let why = error.utf8_error();
                error.into_bytes().zeroize();
                Err(why)
            }
        }
    }

    fn make_room(&mut self, bytes: usize) {
        if self.0.capacity() - self.0.len() >= bytes {
            return;
        }
        let twice = self.0.capacity().saturating_mul(2);
        let mut grown = Vec::with_capacity(twice.max(self.0.len() + bytes).max(LEAST_BYTES));
        grown.extend_from_slice(&self.0);
        std::mem::replace(&mut self.0, grown).zeroize();
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} bytes)", self.0.len())
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_stays_while_the_buffer_grows() {
        let mut buffer = Buffer::default();
        let mut expected = Vec::new();
        for number in 0..100_u8 {
            buffer.push(&[number; 37]);
            expected.extend([number; 37]);
        }
        assert_eq!(&*buffer, expected);
        assert_eq!(format!("{buffer:?}"), "Buffer(3700 bytes)");
        assert_eq!(buffer.into_bytes(), expected);
    }

    #[test]
    fn only_utf_8_is_text() {
        let mut buffer = Buffer::with_capacity(8);
        buffer.push("žluť".as_bytes());
        assert_eq!(buffer.into_text().map(|text| text.expose().to_owned()), Ok("žluť".to_owned()));
        let mut buffer = Buffer::default();
        buffer.push(&[b'a', 0xff]);
        assert_eq!(buffer.into_text().map(drop).map_err(|error| error.valid_up_to()), Err(1));
    }
}
