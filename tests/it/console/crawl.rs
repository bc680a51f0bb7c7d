//! The pages that are there, found as a visitor finds them: by the links and forms of those already seen.

use std::collections::{BTreeMap, BTreeSet};

use super::visitor::Visitor;

/// Pages that are looked at before the crawl gives up.
const MOST: usize = 300;

#[derive(Default)]
pub struct Found {
    /// Every page, by its address.
    pub pages: BTreeMap<String, String>,
    /// The addresses that forms send commands to.
    pub commands: BTreeSet<String>,
}

/// Everything that can be reached from `starts`.
pub async fn crawl(visitor: &mut Visitor, starts: &[String]) -> Found {
    let mut found = Found::default();
    let mut ahead: Vec<String> = starts.to_vec();
    while let Some(path) = ahead.pop() {
        if found.pages.contains_key(&path) {
            continue;
        }
        assert!(found.pages.len() < MOST, "no end of pages: {:?}", found.pages.keys());
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 200, "a link leads to {path}: {}", page.text);
        for link in attributes(&page.text, "href=\"") {
            let wanted = link.starts_with("/console") && !link.starts_with("/console/assets/");
            if wanted && !is_for_others(&link) {
                ahead.push(link);
            }
        }
        found.commands.extend(commands(&page.text));
        found.pages.insert(path, page.text);
    }
    found
}

/// One page of each kind is enough: what is behind the rows of lists is the same page with another name in it.
fn is_for_others(link: &str) -> bool {
    let narrowed = ["sort=", "page=", "after=", "since=", "until=", "form=", "actor=", "q="];
    // The entries that matter are named; of all others this is no test.
    narrowed.iter().any(|it| link.contains(it)) || link.starts_with("/console/activity/")
}

fn attributes(html: &str, mark: &str) -> Vec<String> {
    let values = html.split(mark).skip(1).filter_map(|rest| rest.split('"').next());
    values.map(|value| value.replace("&#38;", "&").replace("&amp;", "&")).collect()
}

fn commands(html: &str) -> Vec<String> {
    let forms = html.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap_or_default());
    let posts = forms.filter(|form| form.contains("method=\"post\""));
    posts
        .flat_map(|form| [attributes(form, " action=\""), attributes(form, "formaction=\"")].concat())
        .collect()
}
