//! What every operation keeps, by rule: the OpenAPI document lists them, so that none can be forgotten.

mod sample;

use serde_json::Value;

use crate::openapi::{document, operations};
use crate::support::house::{Answer, Ask, House, Person};

/// Operations that every administrator may use, by how their names begin; each with the reason. The list
/// should only ever shrink.
const OPEN_TO_ALL_SIGNED: &[(&str, &str)] = &[
    ("GET /v1/session", "one's own session"),
    ("DELETE /v1/session", "one's own session"),
    ("POST /v1/session/second-factor", "one's own second factor"),
    ("GET /v1/me", "one's own account"),
    ("PUT /v1/me/", "one's own password"),
    ("POST /v1/me/", "one's own authenticator"),
    ("DELETE /v1/me/", "one's own authenticator"),
    ("GET /v1/roles", "names of roles stand beside every administrator"),
    ("GET /v1/permissions", "what a permission is called is no secret"),
    ("GET /v1/settings", "everybody is bound by them, and may know them"),
    ("GET /v1/overview", "each list is `null` without the right to it"),
    ("GET /v1/log/integrity", "open numbers; what was verified is `null` without the right to it"),
];

/// An operation, ready to be asked for.
struct Operation {
    name: String,
    method: String,
    path: String,
    /// A body that parses, where one is taken.
    body: Option<Value>,
}

/// All operations that take a token.
fn secured(person: &Person) -> Vec<Operation> {
    let document = document();
    let all = operations(&document).into_iter().filter(|(_, it)| it["security"][0]["bearer"].is_array());
    let made = all.map(|(name, operation)| {
        let (method, path) = name.split_once(' ').expect("method and path");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let mut path = path.to_owned();
        for parameter in parameters.iter().filter(|it| it["in"] == "path") {
            let name = parameter["name"].as_str().expect("a name");
            let value = sample::of(&document, &parameter["schema"], person);
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            path = path.replace(&format!("{{{name}}}"), &text);
        }
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let body = schema.is_object().then(|| sample::of(&document, schema, person));
        Operation { method: method.to_owned(), path, body, name }
    });
    made.collect()
}

impl Operation {
    fn ask<'a>(&self, house: &'a House, query: &str) -> Ask<'a> {
        let path = format!("{}{query}", self.path);
        match self.method.as_str() {
            "GET" => house.get(&path),
            "POST" => house.post(&path),
            "PUT" => house.put(&path),
            "PATCH" => house.patch(&path),
            "DELETE" => house.delete(&path),
            other => panic!("{other} is new here"),
        }
    }

    async fn send(&self, house: &House, person: &Person) -> Answer {
        let ask = self.ask(house, "").as_(person);
        match &self.body {
            Some(body) => ask.json(body).send().await,
            None => ask.send().await,
        }
    }

    fn is_stream(&self) -> bool {
        self.path.ends_with("/stream")
    }

    fn is_command(&self) -> bool {
        self.method != "GET"
    }
}

#[track_caller]
fn is_problem(answer: &Answer, name: &str) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{name}: {}", answer.text);
    let code = answer.body["code"].as_str().unwrap_or_default();
    assert_eq!(answer.body["type"], format!("/problems/{code}"), "{name}");
    assert_eq!(answer.body["status"], answer.status.as_u16(), "{name}");
}

async fn signed(house: &House, mut person: Person) -> Person {
    house.log_in(&mut person).await;
    person
}

#[tokio::test]
async fn without_a_token_everything_is_401_before_anything_else() {
    let house = House::open().await;
    let nobody = house.admin("nobody", "general-staff").await;
    let before = house.records();
    for operation in secured(&nobody) {
        for ask in [
            operation.ask(&house, ""),
            operation.ask(&house, "?colour=red").header("content-type", "text/plain").header("if-match", "?"),
            operation.ask(&house, "").token("not a token").json(&Value::from("garbage")),
        ] {
            let answer = ask.send().await;
            assert_eq!(answer.told(), (401, "unauthenticated"), "{}", operation.name);
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{}", operation.name);
            is_problem(&answer, &operation.name);
        }
    }
    assert_eq!(house.records(), before);
}

#[tokio::test]
async fn garbage_is_a_problem_and_moves_nothing() {
    let house = House::open().await;
    let boss = house.super_admin("boss").await;
    let boss = signed(&house, boss).await;
    for operation in secured(&boss) {
        if operation.body.is_some() {
            let before = house.records();
            for garbage in [Value::from("garbage"), serde_json::json!({"colour": "red"})] {
                let answer = operation.ask(&house, "").as_(&boss).json(&garbage).send().await;
                assert_eq!(answer.told(), (400, "invalid-request"), "{}: {}", operation.name, answer.text);
                is_problem(&answer, &operation.name);
            }
            let answer = operation.ask(&house, "").as_(&boss).header("content-type", "text/csv");
            let answer = answer.body("a,b\r\n").send().await;
            assert_eq!(answer.told(), (415, "unsupported-media-type"), "{}", operation.name);
            is_problem(&answer, &operation.name);
            assert_eq!(house.records(), before, "{}", operation.name);
        }
    }
}

#[tokio::test]
async fn who_holds_no_permission_gets_nowhere() {
    let house = House::open().await;
    let other = house.admin("other", "general-staff").await;
    let mut faults = Vec::new();
    let mut unused: Vec<_> = OPEN_TO_ALL_SIGNED.iter().map(|(name, _)| *name).collect();
    for (number, operation) in secured(&other).into_iter().enumerate() {
        if let Some((name, reason)) =
            OPEN_TO_ALL_SIGNED.iter().find(|(name, _)| operation.name.starts_with(name))
        {
            assert!(!reason.is_empty());
            unused.retain(|it| it != name);
            continue;
        }
        let staff = house.admin(&format!("staff-{number}"), "general-staff").await;
        let staff = signed(&house, staff).await;
        let answer = operation.send(&house, &staff).await;
        let status = answer.status.as_u16();
        if status == 403 || status == 404 {
            is_problem(&answer, &operation.name);
        } else {
            faults.push(format!("{}: {status} {}", operation.name, answer.text));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(unused, Vec::<&str>::new(), "these exceptions are of no use any more");
}

#[tokio::test]
async fn every_command_that_is_answered_has_a_record() {
    let house = House::open().await;
    let other = house.admin("other", "general-staff").await;
    for (number, operation) in secured(&other).into_iter().enumerate() {
        if operation.is_stream() || !operation.is_command() {
            continue;
        }
        let staff = house.admin(&format!("staff-{number}"), "general-staff").await;
        let boss = house.super_admin(&format!("boss-{number}")).await;
        for person in [staff, boss] {
            let person = signed(&house, person).await;
            let before = house.records();
            let answer = operation.send(&house, &person).await;
            let told = answer.told();
            let unrecorded = matches!(told, (400 | 401 | 405 | 413 | 415, _) | (404, "not-found"));
            assert!(!matches!(told.0, 400 | 500), "{}: the sample is wrong: {}", operation.name, answer.text);
            assert!(unrecorded || house.records() > before, "{}: {}", operation.name, answer.text);
        }
    }
}
