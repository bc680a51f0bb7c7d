//! JSON with secrets in it: read without the parser's own buffers, written into one that is wiped.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{Buffer, SecretText};

/// Room for a usual answer, in bytes.
const ANSWER_BYTES: usize = 1024;

/// A secret as a string in JSON: shown in the one answer that shows it, or read from a request.
///
/// It is read from memory only (`serde_json::from_slice` and `from_str`): the parser lends the string as it was sent,
/// and the escapes are undone here. No error repeats any of it.
#[derive(Clone, Debug)]
pub struct JsonSecret(pub SecretText);

impl Serialize for JsonSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for JsonSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        unescaped(raw.get()).map(Self).map_err(D::Error::custom)
    }
}

/// Writes a value as JSON.
pub fn to_json(value: &impl Serialize) -> serde_json::Result<Buffer> {
    let mut json = Buffer::with_capacity(ANSWER_BYTES);
    serde_json::to_writer(&mut json, value)?;
    Ok(json)
}

/// Whether there is a `null` anywhere in JSON that is valid.
pub fn has_null(json: &[u8]) -> bool {
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_string(&mut bytes),
            // Outside of strings no other word of JSON begins so, and a number has no such letter.
            b'n' => return true,
            _ => {}
        }
    }
    false
}

/// Goes behind the end of a string that has begun.
fn skip_string<'j>(bytes: &mut impl Iterator<Item = &'j u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                let _escaped = bytes.next();
            }
            _ => {}
        }
    }
}

/// The text of a JSON string, which is as it was sent: with quotes and escapes.
fn unescaped(json: &str) -> Result<SecretText, &'static str> {
    let inside = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or("must be a string")?;
    // No letter is longer than its escape: the text never grows beyond this.
    let mut text = Zeroizing::new(String::with_capacity(inside.len()));
    let mut rest = inside;
    while let Some((before, escape)) = rest.split_once('\\') {
        text.push_str(before);
        let (letter, after) = letter(escape).ok_or("must be a string of Unicode characters")?;
        text.push(letter);
        rest = after;
    }
    text.push_str(rest);
    Ok(SecretText::new(std::mem::take(&mut *text)))
}

/// The letter of an escape, and what follows it.
fn letter(escape: &str) -> Option<(char, &str)> {
    let (kind, rest) = escape.split_at_checked(1)?;
    Some(match kind {
        "\"" | "\\" | "/" => (kind.chars().next()?, rest),
        "b" => ('\u{8}', rest),
        "f" => ('\u{c}', rest),
        "n" => ('\n', rest),
        "r" => ('\r', rest),
        "t" => ('\t', rest),
        "u" => {
            let (unit, rest) = code_unit(rest)?;
            match char::from_u32(unit) {
                Some(letter) => (letter, rest),
                None => pair(unit, rest)?,
            }
        }
        _ => return None,
    })
}

/// The letter of two surrogates, of which the first was read.
fn pair(high: u32, rest: &str) -> Option<(char, &str)> {
    let (low, rest) = code_unit(rest.strip_prefix("\\u")?)?;
    if !(0xd800..0xdc00).contains(&high) || !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    let letter = char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?;
    Some((letter, rest))
}

/// Four hexadecimal digits.
fn code_unit(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    Some((u32::from_str_radix(digits, 16).ok().filter(|_| plain)?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Result<String, String> {
        let read = serde_json::from_str::<JsonSecret>(json);
        read.map(|secret| secret.0.expose().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn escapes_are_undone_as_the_parser_does() {
        for json in [
            r#""""#,
            r#""plain""#,
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\u017eluť \uD83D\uDD11""#,
            r#""ends with \\""#,
            r#"  "blanks around"  "#,
            r#""\u0000""#,
        ] {
            let expected = serde_json::from_str::<String>(json).map_err(|error| error.to_string());
            assert_eq!(read(json), expected, "{json}");
        }
    }

    #[test]
    fn what_is_no_string_is_refused_and_not_repeated() {
        for json in ["123456", "true", "null", "[\"123456\"]", "{\"a\":\"123456\"}", "1e400"] {
            let error = read(json).expect_err(json);
            assert!(error.starts_with("must be a string"), "{error}");
            assert!(!error.contains("123456"), "{error}");
        }
        for json in [r#""\ud800""#, r#""\ud800\u0041""#, r#""\udc00""#, r#""\u+123""#, r#""\x""#, "\"\n\""] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_null_is_found_outside_of_strings_only() {
        for json in ["null", "[null]", r#"{"a":{"b":[1,"x",null]}}"#, r#"{"\"":null}"#] {
            assert!(has_null(json.as_bytes()), "{json}");
        }
        for json in ["[]", r#""null""#, r#"{"null":"\" null","a":[true,false,-1.5e3]}"#, r#""\\""#] {
            assert!(!has_null(json.as_bytes()), "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(text: String) {
            let json = to_json(&JsonSecret(SecretText::new(text.clone()))).expect("JSON");
            prop_assert_eq!(read(std::str::from_utf8(&json).expect("UTF-8")), Ok(text));
        }

        #[test]
        fn nothing_that_the_parser_takes_or_refuses_differs(text in r#""([a-z"\\/]|\\u[0-9a-fD][0-9a-f]{3}){0,8}""#) {
            let expected = serde_json::from_str::<String>(&text).ok();
            prop_assert_eq!(read(&text).ok(), expected);
        }
    }
}
