//! A lexical look at Rust source: which rooms of its crate a file names, what it hands on, and where it appends. No
//! parser, but it knows comments, strings and grouped imports.

/// A word or a sign of the source, with its line; comments, strings and characters are left out.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    text: &'a str,
    line: usize,
}

/// A name that a path begins with, and its line.
pub type Named<'a> = (&'a str, usize);

/// What follows `crate::`, every branch of a group as well.
pub fn named_in_crate(source: &str) -> Vec<Named<'_>> {
    let tokens = tokens(source);
    let mut named = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        if (pair[0].text, pair[1].text) != ("crate", "::") {
            continue;
        }
        let (mut depth, mut begins) = (0, true);
        for token in &tokens[at + 2..] {
            match token.text {
                "{" => depth += 1,
                "}" => depth -= 1,
                "," => begins = depth == 1,
                text if begins => {
                    named.push((text, token.line));
                    begins = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    named
}

/// Crates of ours whose items are handed on under another name.
pub fn handed_on(source: &str) -> Vec<Named<'_>> {
    let tokens = tokens(source);
    let handed = tokens.windows(3).filter(|three| {
        matches!(three[0].text, "pub" | ")")
            && three[1].text == "use"
            && three[2].text.starts_with("mfa_ledger_")
    });
    handed.map(|three| (three[2].text, three[2].line)).collect()
}

/// The lines with a call of the log's `append` or `submit`: those of others take another number of arguments.
pub fn appends(source: &str) -> Vec<usize> {
    let tokens = tokens(source);
    let mut lines = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = |back: usize| at.checked_sub(back).map_or("", |index| tokens[index].text);
        let given = || arguments(&tokens[at + 1..]);
        let called = ["append", "submit"].contains(&token.text)
            && (before(1) == "." && given() == 3
                || before(1) == "::" && (before(2) == "Log" || given() == 4));
        if called {
            lines.push(token.line);
        }
    }
    lines
}

/// How many arguments the call has whose opening parenthesis comes first; 0 when there is no call.
fn arguments(tokens: &[Token<'_>]) -> usize {
    let (mut depth, mut commas, mut last) = (0, 0, "");
    for token in tokens {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 1 => commas += 1,
            _ => {}
        }
        if depth == 0 {
            return match last {
                "" | "(" => 0,
                "," => commas,
                _ => commas + 1,
            };
        }
        last = token.text;
    }
    0
}

fn is_word(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

fn tokens(source: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut rest, mut line) = (Vec::new(), source, 1);
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
        let (length, kept) = if let Some(length) = silent(rest) {
            (length, None)
        } else if let Some(name) = rest.strip_prefix("r#").filter(|_| word == 1) {
            let length = name.find(|letter| !is_word(letter)).unwrap_or(name.len());
            (2 + length, Some(&name[..length]))
        } else if word > 0 {
            (word, Some(&rest[..word]))
        } else if rest.starts_with("::") {
            (2, Some("::"))
        } else {
            (first.len_utf8(), Some(&rest[..first.len_utf8()]).filter(|_| !first.is_whitespace()))
        };
        tokens.extend(kept.map(|text| Token { text, line }));
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

/// The length of the comment, string, character or lifetime that `rest` begins with.
fn silent(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let after = rest.strip_prefix(*prefix).unwrap_or_default();
        let after = if prefix.ends_with('r') { after.trim_start_matches('#') } else { after };
        after.starts_with('"')
    });
    if let Some(prefix) = prefix {
        let body = &rest[prefix.len()..];
        let hashes = body.len() - body.trim_start_matches('#').len();
        if prefix.ends_with('r') {
            let end = format!("\"{}", &body[..hashes]);
            let start = prefix.len() + hashes + 1;
            return Some(rest[start..].find(&end).map_or(rest.len(), |found| start + found + end.len()));
        }
        return Some(prefix.len() + quoted(body, '"'));
    }
    let quote = rest.strip_prefix('b').unwrap_or(rest);
    let mut letters = quote.strip_prefix('\'')?.chars();
    match (letters.next(), letters.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => Some(rest.len() - quote.len() + quoted(quote, '\'')),
        _ => Some(1 + quote[1..].find(|letter| !is_word(letter)).unwrap_or(quote.len() - 1)),
    }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = true; // the opening quote does not close
    for (at, letter) in rest.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at + letter.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}
