//! What is asked of every page in every state and language, whatever it shows: well-formed, labelled, nothing
//! inline, nothing from elsewhere.

use std::collections::BTreeSet;

use super::pages;
use super::texts::Lang;

const VOID: &[&str] = &["meta", "link", "input", "br", "hr", "img"];

#[derive(Debug)]
struct Tag {
    name: String,
    attributes: Vec<(String, Option<String>)>,
    closes: bool,
    closed: bool,
}

impl Tag {
    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(attribute, _)| attribute == name)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(attribute, _)| attribute == name)?.1.as_deref()
    }
}

fn tags(html: &str) -> Result<Vec<Tag>, String> {
    let mut found = Vec::new();
    let mut rest = html.strip_prefix("<!doctype html>").ok_or("no doctype")?;
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        if text.contains('>') || text.split('&').skip(1).any(|it| !it.chars().take(10).any(|c| c == ';')) {
            return Err(format!("text that is not escaped: {text:?}"));
        }
        rest = &rest[start + 1..];
        let (tag, after) = tag(rest)?;
        found.push(tag);
        rest = after;
    }
    Ok(found)
}

fn tag(text: &str) -> Result<(Tag, &str), String> {
    let shown = || text.chars().take(60).collect::<String>();
    let (closes, text) = text.strip_prefix('/').map_or((false, text), |rest| (true, rest));
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).ok_or_else(shown)?;
    let mut tag = Tag { name: text[..end].to_owned(), attributes: Vec::new(), closes, closed: false };
    let mut rest = text[end..].trim_start();
    loop {
        if let Some(after) = rest.strip_prefix('>') {
            return if tag.name.is_empty() { Err(shown()) } else { Ok((tag, after)) };
        }
        if let Some(after) = rest.strip_prefix("/>") {
            tag.closed = true;
            return Ok((tag, after));
        }
        let end = rest.find(['=', ' ', '>', '/', '\n']).ok_or_else(shown)?;
        let name = rest[..end].to_owned();
        if name.is_empty() || name.contains(['"', '\'', '<']) || tag.has(&name) {
            return Err(format!("an attribute in <{}", shown()));
        }
        rest = &rest[end..];
        let value = match rest.strip_prefix('=') {
            None => None,
            Some(after) => {
                let quote = after.chars().next().filter(|c| ['"', '\''].contains(c)).ok_or_else(shown)?;
                let (value, after) = after[1..].split_once(quote).ok_or_else(shown)?;
                rest = after;
                Some(value.to_owned())
            }
        };
        tag.attributes.push((name, value));
        rest = rest.trim_start();
    }
}

/// The faults of a page, a line each.
fn faults(html: &str) -> Vec<String> {
    let tags = match tags(html) {
        Ok(tags) => tags,
        Err(why) => return vec![why],
    };
    let mut faults = Vec::new();
    balanced(&tags, &mut faults);
    let ids: Vec<_> = tags.iter().filter_map(|tag| tag.value("id")).collect();
    let known: BTreeSet<_> = ids.iter().copied().collect();
    if known.len() != ids.len() {
        faults.push(format!("an id stands twice: {ids:?}"));
    }
    for tag in tags.iter().filter(|tag| !tag.closes) {
        own(tag, &tags, &known, &mut faults);
    }
    // Parts of pictures have titles, too.
    let head = tags.iter().position(|tag| tag.name == "body").unwrap_or(tags.len());
    for (name, within) in [("h1", &tags[..]), ("main", &tags), ("title", &tags[..head])] {
        let found = within.iter().filter(|tag| tag.name == name && !tag.closes).count();
        if found != 1 {
            faults.push(format!("{found} of <{name}>"));
        }
    }
    faults
}

fn balanced(tags: &[Tag], faults: &mut Vec<String>) {
    let mut open: Vec<&str> = Vec::new();
    for tag in tags.iter().filter(|tag| !tag.closed && !VOID.contains(&tag.name.as_str())) {
        if !tag.closes {
            open.push(&tag.name);
        } else if open.pop() != Some(&tag.name) {
            faults.push(format!("</{}> closes something else, within {open:?}", tag.name));
            return;
        }
    }
    if !open.is_empty() {
        faults.push(format!("left open: {open:?}"));
    }
}

fn own(tag: &Tag, all: &[Tag], ids: &BTreeSet<&str>, faults: &mut Vec<String>) {
    let name = tag.name.as_str();
    let mut fault = |why: &str| faults.push(format!("<{name}> {:?}: {why}", tag.attributes));
    if tag.has("style") || name == "style" || tag.attributes.iter().any(|(it, _)| it.starts_with("on")) {
        fault("inline style or script");
    }
    if name == "script" && !tag.value("src").is_some_and(|src| src.starts_with("/console/assets/")) {
        fault("a script that is no file of ours");
    }
    for address in ["href", "src", "action"] {
        let Some(value) = tag.value(address) else { continue };
        let ours = value.starts_with('/') && !value.starts_with("//");
        let here = value.starts_with('#') && (value.len() == 1 || ids.contains(&value[1..]));
        let data = value.starts_with("data:") && (name == "img" || tag.has("download"));
        if !(ours || here || data) {
            fault("leads elsewhere, or nowhere");
        }
    }
    let labels = || all.iter().filter(|tag| tag.name == "label").filter_map(|tag| tag.value("for"));
    let field = matches!(name, "input" | "select" | "textarea") && tag.value("type") != Some("hidden");
    let labelled = tag.has("aria-label") || tag.value("id").is_some_and(|id| labels().any(|it| it == id));
    if field && !labelled {
        fault("no label");
    }
    if field && tag.value("name").is_none() && !tag.has("readonly") {
        fault("no name");
    }
    for pointer in ["for", "aria-describedby", "aria-labelledby", "data-copy"] {
        let wanted = tag.value(pointer).unwrap_or_default();
        if wanted.split(' ').any(|id| !id.is_empty() && !ids.contains(id)) {
            fault("points to nothing");
        }
    }
    if name == "button" && !tag.has("type") {
        fault("a button without a type");
    }
    if name == "img" && !tag.has("alt") {
        fault("a picture without words");
    }
    if name == "form" && !matches!(tag.value("method"), Some("get" | "post")) {
        fault("a form without a method");
    }
}

#[test]
fn every_page_is_sound_in_every_state_and_language() {
    let mut wrong = Vec::new();
    for (lang, _) in Lang::ALL {
        for (name, html) in pages::samples(lang) {
            let found = faults(&html).into_iter().map(|fault| format!("{name} ({lang:?}): {fault}"));
            wrong.extend(found);
            if !html.contains(&format!("<html lang=\"{}\">", lang.code())) {
                wrong.push(format!("{name}: another language"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_wrong_is_found() {
    let page = |body: &str| format!("<!doctype html><title>t</title><main><h1>h</h1>{body}</main>");
    assert_eq!(faults(&page("<p>fine &amp; well</p>")), Vec::<String>::new());
    for body in [
        "<p>open",
        "<p></b></p>",
        "a > b",
        "a & b",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<p style=\"color:red\"></p>",
        "<p onclick=\"x()\"></p>",
        "<script>alert(1)</script>",
        "<script src=\"https://elsewhere.example/x.js\"></script>",
        "<a href=\"//elsewhere.example\">x</a>",
        "<a href=\"javascript:x()\">x</a>",
        "<a href=\"#nothing\">x</a>",
        "<input name=\"q\">",
        "<input name=q>",
        "<label for=\"nothing\">x</label>",
        "<button>x</button>",
        "<img src=\"/x\">",
        "<form action=\"/x\"></form>",
        "<h1>again</h1>",
    ] {
        assert!(!faults(&page(body)).is_empty(), "{body}");
    }
}
