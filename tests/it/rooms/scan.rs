//! A lexical look at Rust source: which rooms a file names, and where it appends. No parser, but it
//! knows comments, strings, grouped imports, inline modules and `super` paths that leave a room.

/// A word or a sign of the source, with its line; comments, strings and characters are left out.
#[derive(Clone, Copy, Debug)]
struct Token<'a> {
    text: &'a str,
    line: usize,
}

/// A path that leads to a room.
#[derive(Debug, PartialEq, Eq)]
pub struct Use {
    /// `log` for `crate::log::Entry`, `schemas` for `mfa_ledger_schemas`; `*` for everything in the
    /// root and `crate` for the root itself, which no table can judge.
    pub room: String,
    pub line: usize,
    /// Said by a `pub use`: the room lends another one out under its own name.
    pub lent: bool,
}

/// Every room that `source` names. `module` is where it lies: `["http", "resets"]`.
pub fn uses(source: &str, module: &[&str]) -> Vec<Use> {
    let here = module.iter().map(ToString::to_string).collect();
    let mut walk = Walk {
        tokens: tokens(source),
        at: 0,
        here,
        depth: 0,
        inline: Vec::new(),
        lent: false,
        found: Vec::new(),
    };
    while walk.at < walk.tokens.len() {
        walk.step();
    }
    walk.found
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

struct Walk<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    /// The path of the module that `at` lies in, from the root of the crate.
    here: Vec<String>,
    depth: usize,
    /// The depths at which the inline modules around `at` began.
    inline: Vec<usize>,
    lent: bool,
    found: Vec<Use>,
}

impl<'a> Walk<'a> {
    fn text(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text)
    }

    fn before(&self, back: usize) -> &'a str {
        self.at.checked_sub(back).map_or("", |at| self.tokens[at].text)
    }

    fn step(&mut self) {
        match self.text(0) {
            "mod" if self.text(2) == "{" => {
                self.here.push(self.text(1).to_string());
                self.inline.push(self.depth);
                self.at += 2;
                return;
            }
            "{" => self.depth += 1,
            "}" => {
                self.depth = self.depth.saturating_sub(1);
                if self.inline.last() == Some(&self.depth) {
                    self.inline.pop();
                    self.here.pop();
                }
            }
            "use" => self.lent = matches!(self.before(1), "pub" | ")"),
            ";" => self.lent = false,
            _ if self.begins_path() => return self.tree(Some(self.here.clone())),
            _ => {}
        }
        self.at += 1;
    }

    fn begins_path(&self) -> bool {
        match self.text(0) {
            "mfa_ledger_schemas" | "mfa_ledger_projections" => true,
            "crate" | "super" | "self" | "mfa_ledger" => {
                self.text(1) == "::" || self.text(0) != "self" && self.text(1) == "as"
            }
            _ => false,
        }
    }

    /// Follows one path, or every branch of a group. `place` is the module reached so far: empty is
    /// the root of the crate, `None` lies outside of it.
    fn tree(&mut self, mut place: Option<Vec<String>>) {
        loop {
            let text = self.text(0);
            let at_root = place.as_ref().is_some_and(Vec::is_empty);
            match text {
                "{" => return self.group(place.as_ref()),
                "crate" | "mfa_ledger" => place = Some(Vec::new()),
                "self" => {}
                "super" => place = place.and_then(|mut path| path.pop().map(|_| path)),
                "mfa_ledger_schemas" | "mfa_ledger_projections" => {
                    self.find(&text["mfa_ledger_".len()..]);
                    place = None;
                }
                _ => {
                    if at_root {
                        self.find(text);
                    }
                    place = place.map(|mut path| {
                        path.push(text.to_string());
                        path
                    });
                }
            }
            self.at += 1;
            if self.text(0) != "::" || !continues_path(self.text(1)) {
                break;
            }
            self.at += 1;
        }
        // `use crate as all`, or a macro that builds its path: it may lead to any room.
        if place.is_some_and(|path| path.is_empty()) {
            self.find("crate");
        }
    }

    fn group(&mut self, place: Option<&Vec<String>>) {
        self.at += 1;
        while !matches!(self.text(0), "}" | "") {
            if continues_path(self.text(0)) {
                self.tree(place.cloned());
            } else {
                self.at += 1;
            }
            if self.text(0) == "as" {
                self.at += 2;
            }
        }
        self.at += 1;
    }

    fn find(&mut self, room: &str) {
        let line = self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |token| token.line);
        self.found.push(Use { room: room.to_string(), line, lent: self.lent });
    }
}

fn continues_path(text: &str) -> bool {
    matches!(text, "{" | "*") || text.starts_with(is_word)
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
