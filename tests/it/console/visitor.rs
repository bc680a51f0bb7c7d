//! Somebody with a browser that runs no scripts: cookies, forms, and redirects that are looked at.

use std::collections::BTreeMap;

use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::{Method, redirect};

use crate::support::house::{House, Person};

/// The cookie of the session.
pub const SESSION: &str = "__Host-mfa_ledger_session";

pub struct Visitor {
    base: String,
    http: reqwest::Client,
    pub cookies: BTreeMap<String, String>,
    /// What every request says besides.
    pub headers: Vec<(&'static str, String)>,
}

/// A page, or where to go instead.
pub struct Page {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The value of the first field with this name.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let rest = self.text.split(&mark).nth(1).unwrap_or_else(|| panic!("no field {name}: {}", self.text));
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

impl Visitor {
    pub fn new(base: &str) -> Self {
        mfa_ledger::tls::install();
        let http = reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none()).build();
        let http = http.expect("a client can be made");
        Self { base: base.to_owned(), http, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// Somebody whose session was opened elsewhere.
    pub fn of(house: &House, person: &Person) -> Self {
        let mut visitor = Self::new(&house.base);
        visitor.cookies.insert(SESSION.to_owned(), person.token.clone());
        visitor
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let encoded: Vec<_> = fields
            .iter()
            .map(|(name, value)| {
                let safe: String =
                    value.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
                format!("{name}={safe}")
            })
            .collect();
        self.ask(Method::POST, path, Some(encoded.join("&"))).await
    }

    async fn ask(&mut self, method: Method, path: &str, form: Option<String>) -> Page {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(form) = form {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        }
        let response = request.send().await.expect("the house answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let (name, rest) = cookie.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Page { status, headers, text: response.text().await.expect("pages are UTF-8") }
    }
}
