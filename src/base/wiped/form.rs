//! The secrets of a form (`application/x-www-form-urlencoded`), decoded into memory that is wiped.

use super::{Buffer, SecretText};

/// What stands for bytes that are no UTF-8.
const REPLACEMENT: &str = "\u{fffd}";

/// Secret fields of a form, by name.
#[derive(Debug, Default)]
pub struct Fields(Vec<(&'static str, SecretText)>);

impl Fields {
    /// A field as it was sent; empty where it was not. The first one counts.
    pub fn take(&mut self, name: &str) -> SecretText {
        let found = self.0.iter().position(|(field, _)| *field == name);
        found.map_or_else(|| SecretText::new(String::new()), |at| self.0.remove(at).1)
    }

    /// A field without any of its blanks: a code, which apps show in groups.
    pub fn take_code(&mut self, name: &str) -> SecretText {
        let typed = self.take(name);
        let mut code = Buffer::with_capacity(typed.expose().len());
        for part in typed.expose().split_whitespace() {
            code.push(part.as_bytes());
        }
        code.into_text().unwrap_or(typed)
    }
}

/// Takes the fields with these names out of a form. The rest is a form as well, and still encoded.
pub fn split_form(form: &[u8], secret: &[&'static str]) -> (Buffer, Fields) {
    let (mut rest, mut fields) = (Buffer::with_capacity(form.len()), Fields::default());
    for pair in form.split(|byte| *byte == b'&') {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &[][..]),
        };
        if let Some(name) = secret.iter().find(|secret| secret.as_bytes() == name) {
            fields.0.push((*name, decoded(value)));
        } else {
            rest.push(if rest.is_empty() { b"" } else { b"&" });
            rest.push(pair);
        }
    }
    (rest, fields)
}

/// A value as text: `+` is a blank, `%` and two digits are a byte, and what is no UTF-8 is replaced.
fn decoded(value: &[u8]) -> SecretText {
    let mut bytes = Buffer::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'+', _) => bytes.push(b" "),
            (b'%', [high, low, after @ ..]) => {
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) {
                    bytes.push(&[high << 4 | low]);
                    rest = after;
                } else {
                    bytes.push(b"%");
                }
            }
            (other, _) => bytes.push(&[*other]),
        }
    }
    if std::str::from_utf8(&bytes).is_err() {
        let mut replaced = Buffer::with_capacity(bytes.len() * REPLACEMENT.len());
        for chunk in bytes.utf8_chunks() {
            replaced.push(chunk.valid().as_bytes());
            replaced.push(if chunk.invalid().is_empty() { b"" } else { REPLACEMENT.as_bytes() });
        }
        bytes = replaced;
    }
    bytes.into_text().expect("what was no UTF-8 is replaced")
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn password(form: &[u8]) -> (String, String) {
        let (rest, mut fields) = split_form(form, &["password"]);
        let rest = String::from_utf8(rest.to_vec()).expect("the form is ASCII");
        (fields.take("password").expose().to_owned(), rest)
    }

    #[test]
    fn secret_fields_are_decoded_and_the_rest_stays_as_it_is() {
        for (form, value, rest) in [
            ("password=a+b%26%C5%BE&user_name=r%20t", "a b&ž", "user_name=r%20t"),
            ("user_name=r&password=x&next=%2Fconsole", "x", "user_name=r&next=%2Fconsole"),
            ("password=100%25%&password=second", "100%%", ""),
            ("password=%zz%4", "%zz%4", ""),
            ("password", "", ""),
            ("user_name=r", "", "user_name=r"),
            ("password=%ff!", "\u{fffd}!", ""),
            ("", "", ""),
        ] {
            assert_eq!(password(form.as_bytes()), (value.to_owned(), rest.to_owned()), "{form}");
        }
    }

    #[test]
    fn a_code_loses_its_blanks() {
        let (_, mut fields) = split_form(b"code=+123+456%20", &["code"]);
        assert_eq!(fields.take_code("code").expose(), "123456");
        assert_eq!(fields.take_code("code").expose(), "");
    }

    proptest! {
        #[test]
        fn a_field_is_what_the_usual_decoder_makes_of_it(value in r"([a-zA-Z0-9+]|%[0-9a-fA-F]{2}|%|%[g-z]){0,20}") {
            let form = format!("password={value}");
            let usual: BTreeMap<String, String> = serde_html_form::from_str(&form).expect("a form");
            prop_assert_eq!(&password(form.as_bytes()).0, &usual["password"]);
        }
    }
}
