//! Whole numbers in JSON, which has one kind of number only: `24.0` is the integer 24 (JSON Schema 2020-12,
//! validation, section 6.1.1).

use serde::{Deserializer, de};

/// Beyond this, doubles do not tell whole numbers apart.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A number that is not negative and has nothing behind its point.
pub fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Whole;

    impl de::Visitor<'_> for Whole {
        type Value = u64;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_u64<E>(self, value: u64) -> Result<u64, E> {
            Ok(value)
        }

        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was looked at before"
        )]
        fn visit_f64<E: de::Error>(self, value: f64) -> Result<u64, E> {
            let whole = (0.0..=EXACT).contains(&value) && value.fract() == 0.0;
            if whole { Ok(value as u64) } else { Err(E::invalid_value(de::Unexpected::Float(value), &self)) }
        }
    }

    deserializer.deserialize_any(Whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_with_nothing_behind_it_is_no_fraction() {
        let read = |text: &str| whole(&mut serde_json::Deserializer::from_str(text)).ok();
        assert_eq!([read("0"), read("157.0"), read("1e2")], [Some(0), Some(157), Some(100)]);
        assert_eq!(read("9007199254740992.0"), Some(9_007_199_254_740_992));
        for text in ["-1", "-1.0", "1.5", "9007199254740994.0", "1e300", "\"1\"", "null", "true"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("-0.0"), Some(0));
    }
}
