//! What attackers try on browsers: each attempt, and that nothing came of it.

use super::crawl::crawl;
use super::visitor::{SESSION, Visitor};
use crate::support::house::House;
use mfa_ledger_schemas::Personal;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

#[tokio::test(flavor = "multi_thread")]
async fn a_command_from_another_site_is_refused_on_every_address() {
    let house = House::open().await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    let dana = house.enrolled("dana", "general-staff").await;
    let mut visitor = Visitor::of(&house, &root);
    let person = format!("/console/administrators/{}", dana.id);
    let starts = [person.as_str(), &format!("{person}/reset"), "/console/me/password", "/console/me/disable"]
        .map(str::to_owned);
    let mut found = crawl(&mut visitor, &starts).await;
    found.commands.extend(["/console/log-in", "/console/second-factor"].map(str::to_owned));
    found.commands.insert(format!("{person}/reset"));
    assert!(found.commands.len() > 8, "{:?}", found.commands);
    let before = house.records();
    let elsewhere: [Vec<(&'static str, String)>; 3] = [
        vec![("sec-fetch-site", "cross-site".to_owned())],
        vec![("sec-fetch-site", "same-site".to_owned())],
        vec![("origin", "https://evil.example".to_owned())],
    ];
    for headers in elsewhere {
        visitor.headers = headers;
        for path in &found.commands {
            let page = visitor.post(path, &[("key", "k")]).await;
            assert_eq!(page.status, 403, "{path}: {}", page.text);
            assert!(page.text.contains("from another site"), "{path}: {}", page.text);
        }
    }
    assert_eq!(house.records(), before, "nothing was done, and nothing recorded");
    // A browser that says nothing of sites, and a page whose address is not the one that is asked.
    visitor.headers = vec![("origin", "null".to_owned())];
    let page = visitor.post("/console/log-out", &[]).await;
    assert!(page.status == 403 && page.text.contains("http.public_url"), "what to do: {}", page.text);
    visitor.headers = vec![("origin", house.base.clone())];
    assert_eq!(visitor.post("/console/log-out", &[]).await.status, 303, "and from here it is done");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_says_what_a_browser_may_do_with_it() {
    let house = House::open().await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    let mut visitor = Visitor::of(&house, &root);
    let found = crawl(&mut visitor, &["/console".to_owned()]).await;
    let mut paths: Vec<_> = found.pages.into_keys().collect();
    paths.extend(["/console/nothing", "/console/log-in", "/console/administrators/x"].map(str::to_owned));
    for path in paths {
        let page = visitor.get(&path).await;
        assert_eq!(page.header("content-security-policy"), POLICY, "{path}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        let kilobytes = page.text.len() / 1024;
        assert!(kilobytes < 100, "{path} has {kilobytes} KiB, before styles and scripts");
    }
    let log_in = visitor.get("/console/log-in").await.text;
    let mut weight = log_in.len();
    for asset in log_in.split('"').filter(|it| it.starts_with("/console/assets/")) {
        let file = visitor.get(asset).await;
        assert_eq!((file.status, file.header("cache-control")), (200, "public, max-age=31536000, immutable"));
        weight += file.text.len();
    }
    assert!(weight < 150 * 1024, "the log-in weighs {weight} bytes");
    assert_eq!(visitor.get("/console/assets/style.0000000000000000.css").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_somebody_planted_is_not_the_one_that_a_log_in_opens() {
    let house = House::open().await;
    let mut mallory = house.admin("mallory", "general-staff").await;
    house.log_in(&mut mallory).await;
    let dana = house.admin("dana", "general-staff").await;
    let mut visitor = Visitor::of(&house, &mallory);
    let fields = [("user_name", "dana"), ("password", dana.password.as_str())];
    let page = visitor.post("/console/log-in", &fields).await;
    assert_eq!((page.status, page.location()), (303, "/console"));
    let cookie = page.header("set-cookie");
    for part in [SESSION, "Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_ne!(visitor.cookies[SESSION], mallory.token);
    assert!(visitor.get("/console/me").await.text.contains("dana"));
    let planted = Visitor::of(&house, &mallory).get("/console/me").await.text;
    assert!(planted.contains("mallory") && !planted.contains("dana"), "the planted one is still mallory's");
    visitor.cookies.insert(SESSION.to_owned(), "mls_made-up".to_owned());
    assert_eq!(visitor.get("/console").await.location(), "/console/log-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_leads_nowhere_but_into_the_console() {
    let house = House::open().await;
    let dana = house.admin("dana", "general-staff").await;
    let log_in = async |next: &str| {
        let fields = [("user_name", "dana"), ("password", dana.password.as_str()), ("next", next)];
        let page = Visitor::new(&house.base).post("/console/log-in", &fields).await;
        assert_eq!(page.status, 303, "{}", page.text);
        page.location().to_owned()
    };
    assert_eq!(log_in("/console/me?x=1").await, "/console/me?x=1");
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/console//evil.example",
        "javascript:x",
        "/v1/me",
    ] {
        assert_eq!(log_in(next).await, "/console", "{next}");
        let mut visitor = Visitor::new(&house.base);
        let page = visitor.post("/console/preferences", &[("lang", "de"), ("next", next)]).await;
        assert_eq!(page.location(), "/console", "{next}");
        let shown = visitor.get("/console/log-in?next=https%3A%2F%2Fevil.example").await;
        assert_eq!(shown.field("next"), "", "the log-in form has forgotten it");
    }
    let page = Visitor::new(&house.base).get("/").await;
    assert_eq!((page.status, page.location()), (303, "/console"));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_try_to_be_more_stay_names() {
    use mfa_ledger::service::command;
    let house = House::open().await;
    let mut root = house.super_admin("root").await;
    house.log_in(&mut root).await;
    house.enroll(&mut root).await;
    for (user_name, display_name) in [
        ("script", "<script>alert(1)</script>"),
        ("attribute", "\" onfocus=\"alert(1)"),
        ("formula", "=cmd()"),
    ] {
        let command = command::RegisterAdministrator {
            user_name: user_name.to_owned(),
            role: "general-staff".parse().expect("a role id"),
            super_administrator: false,
            personal: Personal::new(display_name.to_owned(), vec!["x@example.org".to_owned()]),
        };
        house.operate(command).await;
    }
    let mut visitor = Visitor::of(&house, &root);
    let found =
        crawl(&mut visitor, &["/console".to_owned(), "/console/administrators?q=%3Cscript%3E".to_owned()])
            .await;
    let mut seen = 0;
    for (path, html) in &found.pages {
        assert!(!html.contains("<script>"), "{path}");
        assert!(!html.contains("\" onfocus"), "{path}");
        seen += html.matches("&#60;script&#62;alert(1)").count();
    }
    assert!(seen >= 3, "the name is shown, as a name");
    // The same list for a spreadsheet: the formula is a text.
    let csv = house.get("/v1/administrators").as_(&root).header("accept", "text/csv").send().await.text;
    assert!(csv.contains(",'=cmd(),"), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_log_out_nothing_is_shown_and_nothing_kept() {
    let house = House::open().await;
    let mut dana = house.admin("dana", "general-staff").await;
    house.log_in(&mut dana).await;
    let mut visitor = Visitor::of(&house, &dana);
    assert_eq!(visitor.get("/console/me").await.status, 200);
    let page = visitor.post("/console/log-out", &[]).await;
    assert_eq!((page.status, page.location()), (303, "/console/log-in?done=log_out"));
    assert_eq!(page.header("clear-site-data"), "\"cache\"");
    assert!(!visitor.cookies.contains_key(SESSION), "the browser forgets it");
    let mut again = Visitor::of(&house, &dana);
    let page = again.get("/console/me").await;
    assert_eq!(
        (page.status, page.location()),
        (303, "/console/log-in?next=%2Fconsole%2Fme"),
        "and so does the ledger"
    );
    assert!(page.text.is_empty());
}
