//! Codes as people type or paste them, whatever their keyboard or app makes of the signs.

/// Where the ten digits of other scripts begin: wide ones, and those of Arabic, Persian and Hindi keyboards.
const ZEROS: [char; 4] = ['\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}'];

/// Where the letters of the wide alphabet begin, large and small.
const WIDE: [(char, char); 2] = [('\u{ff21}', 'A'), ('\u{ff41}', 'a')];

/// What is meant, sign for sign: no blanks of any kind, no dashes, nothing invisible, digits and letters as ASCII has them.
pub(super) fn meant(typed: &str) -> impl Iterator<Item = char> + '_ {
    typed.chars().filter(|sign| !is_between(*sign)).map(plain)
}

/// Whether a sign only stands between others.
fn is_between(sign: char) -> bool {
    sign.is_whitespace()
        || matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}')
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn plain(sign: char) -> char {
    let within = |first: char, count: u32| (sign as u32).checked_sub(first as u32).filter(|at| *at < count);
    let digit = ZEROS.into_iter().find_map(|zero| within(zero, 10)).and_then(|at| char::from_digit(at, 10));
    let letter = || {
        let (place, first) = WIDE.into_iter().find_map(|(wide, plain)| Some((within(wide, 26)?, plain)))?;
        char::from_u32(first as u32 + place)
    };
    digit.or_else(letter).unwrap_or(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_code_is_meant_however_it_is_typed() {
        for typed in [
            "123456",
            "123 456",
            "123\u{a0}456",
            "123\u{202f}456\n",
            "\u{feff}123\u{2009}456\u{200b}",
            "123-456",
            "123\u{2013}456",
            "\u{ff11}\u{ff12}\u{ff13}\u{3000}\u{ff14}\u{ff15}\u{ff16}",
            "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}",
            "\u{6f1}\u{6f2}\u{6f3}\u{6f4}\u{6f5}\u{6f6}",
            "\u{967}\u{968}\u{969}\u{96a}\u{96b}\u{96c}",
            "\u{202a}123456\u{202c}",
        ] {
            assert_eq!(meant(typed).collect::<String>(), "123456", "{typed:?}");
        }
        assert_eq!(meant("\u{ff21}b\u{ff5a}").collect::<String>(), "Abz");
        assert_eq!(meant("12a45é").collect::<String>(), "12a45é", "what is something else stays it");
    }
}
