//! Which passwords a person may choose (NIST SP 800-63B-4, 3.1.1.2): long ones, and none that are commonly used or follow
//! from the account.

use zeroize::Zeroizing;

/// How long a password that a person chooses must be, in characters: 15 where it may be the only factor.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 15..=128;

/// So many different letters or digits must be left when what is common is taken away.
const DIFFERENT: usize = 6;

/// The shortest run of neighbours (`aaa`, `123`, `cba`) that is common, in characters.
const RUN: usize = 3;

/// What people build passwords from: words of the lists of the most used passwords, and rows of the keyboard.
const COMMON: &str = include_str!("common_in_passwords.txt");

/// Parts of a user name that are shorter stand in many words by chance.
const NAME_PART: usize = 3;

/// Whether a chosen password is long enough, and more than what is commonly used, runs of neighbours, and the user name.
pub(crate) fn is_acceptable(password: &str, user_name: &str) -> bool {
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        return false;
    }
    // The room is there from the start: a vector that grows leaves copies of the password behind.
    let mut letters = Zeroizing::new(Vec::with_capacity(password.len() * 2));
    letters.extend(password.chars().flat_map(char::to_lowercase));
    let mut plain = Zeroizing::new(Vec::with_capacity(letters.len()));
    plain.extend(letters.iter().copied().map(written_out));
    let mut is_common = vec![false; letters.len()];
    let name = user_name.to_lowercase();
    let parts =
        name.split(|letter: char| !letter.is_alphanumeric()).filter(|part| part.chars().count() >= NAME_PART);
    for word in COMMON.lines().chain(parts).chain([name.as_str()]) {
        mark_word(word, &letters, &plain, &mut is_common);
    }
    mark_runs(&letters, &mut is_common);
    let mut left = Zeroizing::new(Vec::with_capacity(letters.len()));
    let rest =
        letters.iter().zip(&is_common).filter(|(letter, common)| !**common && letter.is_alphanumeric());
    left.extend(rest.map(|(letter, _)| *letter));
    left.sort_unstable();
    left.dedup();
    left.len() >= DIFFERENT
}

/// The letter that a digit or sign is often put for.
fn written_out(letter: char) -> char {
    match letter {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    }
}

fn mark_word(word: &str, letters: &[char], plain: &[char], is_common: &mut [bool]) {
    let word: Vec<char> = word.chars().collect();
    if word.is_empty() {
        return;
    }
    for start in 0..=letters.len().saturating_sub(word.len()) {
        let place = start..start + word.len();
        if [letters, plain].iter().any(|text| text.get(place.clone()) == Some(word.as_slice())) {
            is_common[place].fill(true);
        }
    }
}

/// Marks letters and digits that are each the same as the one before, the next, or the previous.
fn mark_runs(letters: &[char], is_common: &mut [bool]) {
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    for start in 0..letters.len().saturating_sub(RUN - 1) {
        let run = &letters[start..start + RUN];
        let first = step(&run[..2]);
        if first.abs() <= 1 && run.windows(2).all(|pair| step(pair) == first) {
            is_common[start..start + RUN].fill(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_more_than_what_is_common() {
        for (password, acceptable) in [
            ("correct horse battery", true),
            ("fourteen chars", false),
            ("fifteen chars!!", true),
            (&"long enough ".repeat(11), false),
            ("aaaaaaaaaaaaaaaaaaaa", false),
            ("aaaaaaaaaaaaaab", false),
            ("abababababababab", false),
            ("passwordpassword", false),
            ("Password12345678!", false),
            ("P@ssw0rd-2026-P@ssw0rd", false),
            ("qwertyuiop123456", false),
            ("administrator-administrator", false),
            ("letmein.letmein.letmein", false),
            ("jane-doe-jane-doe-1", false),
            ("jane doe jane 2026", false),
            ("a welcome for otters", true),
            ("žluťoučký kůň pěl", true),
            ("!!!!!!!!!!!!!!!!!!", false),
        ] {
            assert_eq!(is_acceptable(password, "Jane-Doe"), acceptable, "{password}");
        }
    }

    #[test]
    fn six_different_letters_must_be_left() {
        assert!(!is_acceptable("password-password-gmkvx", "jane"));
        assert!(is_acceptable("password-password-gmkvxz", "jane"));
    }
}
