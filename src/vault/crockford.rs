//! Crockford's base32: digits and capitals without I, L, O and U, in groups, read with forgiveness.

use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;
use zeroize::Zeroizing;

use super::typed::meant;

use mfa_ledger_base::wiped::{Boxed, boxed};

static CROCKFORD: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    // A number of bytes that leaves bits over is read only in its one canonical form.
    spec.encoding().expect("the alphabet has 32 symbols")
});

/// The text of `bytes` in groups of `group` symbols, joined by dashes.
pub(super) fn grouped(bytes: &[u8], group: usize) -> String {
    let plain = Zeroizing::new(CROCKFORD.encode(bytes));
    in_groups(&plain, group, '-')
}

/// The same text with `separator` after every `group` characters (ASCII text only).
pub(super) fn in_groups(text: &str, group: usize, separator: char) -> String {
    // Sized beforehand: a String that grows leaves copies of the secret behind.
    let mut out = String::with_capacity(text.len() + text.len() / group + 1);
    for (i, symbol) in text.chars().enumerate() {
        if i > 0 && i % group == 0 {
            out.push(separator);
        }
        out.push(symbol);
    }
    out
}

/// Reads what a person typed: any case, spaces and dashes anywhere, O for 0, I and L for 1.
pub(super) fn parse<const N: usize>(typed: &str) -> Option<Boxed<N>> {
    let mut plain = Zeroizing::new(String::with_capacity(typed.len()));
    for symbol in meant(typed) {
        match symbol.to_ascii_uppercase() {
            'O' => plain.push('0'),
            'I' | 'L' => plain.push('1'),
            other if other.is_ascii() => plain.push(other),
            _ => return None,
        }
    }
    let bytes = Zeroizing::new(CROCKFORD.decode(plain.as_bytes()).ok()?);
    Some(boxed(bytes.first_chunk().filter(|_| bytes.len() == N)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_that_look_alike_are_forgiven() {
        let bytes = [0x00, 0x44, 0x32, 0x14, 0xc7];
        assert_eq!(grouped(&bytes, 4), "0123-4567");
        for typed in ["01234567", "O1234567", "oi23 4567", "0l23-4567", " 0-1-2-3-4-5-6-7 "] {
            assert_eq!(*parse::<5>(typed).unwrap(), bytes, "{typed}");
        }
        for typed in ["", "0123456", "012345678", "U1234567", "é1234567", "0123_4567"] {
            assert!(parse::<5>(typed).is_none(), "{typed}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_can_be_read(bytes: [u8; 10]) {
            proptest::prop_assert_eq!(*parse::<10>(&grouped(&bytes, 4)).unwrap(), bytes);
        }
    }
}
