//! Base64 as notes, proofs and keys have it: the standard alphabet, padded, one spelling of everything.

use data_encoding::BASE64;

/// The bytes; `None` where others might read something else, or nothing.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    // What is padded inside is several texts in a row, which the library would take for one.
    let one = !text.trim_end_matches('=').contains('=');
    if one { BASE64.decode(text.as_bytes()).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_but_the_one_that_is_written_is_refused() {
        assert_eq!(decode("AAE="), Some(vec![0, 1]));
        for text in
            ["AAE", "AAE==", "AAF=", "AA==AQ==", "AAE=AAE=", "AAE=\n", "AA-_", "AA=E", "====", "AAE====="]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
