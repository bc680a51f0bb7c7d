//! What is measured, phase by phase, floors in between.

use serde_json::json;

use crate::client::{Client, once, rate};
use crate::floors::{self, BareAxum};
use crate::house::{House, Person, enroll};
use crate::table::Figure;
use crate::{CONNECTIONS, Outcome, PHASE, ROUNDS, median};

/// Administrators whose MFA is reset in one round.
const RESETS: usize = 6_400;
/// Connections that log in at once.
const LOG_INS: usize = 8;

#[derive(Default)]
struct Figures {
    fdatasync: Vec<f64>,
    enroll_many: Vec<f64>,
    enroll_one: Vec<f64>,
    reset_many: Vec<f64>,
    refused_many: Vec<f64>,
    refused_one: Vec<f64>,
    page: Vec<f64>,
    bare: Vec<f64>,
    log_in: Vec<f64>,
    argon2: Vec<f64>,
}

pub async fn measure() -> Outcome<Vec<Figure>> {
    let house = House::start(8, 1).await?;
    house.unlimited().await?;
    let performers = people(&house, "performer", "help-desk", CONNECTIONS, true).await?;
    let others = people(&house, "other", "general-staff", CONNECTIONS, false).await?;
    let costly = House::start(19_456, 2).await?;
    let bare = BareAxum::start()?;
    let mut figures = Figures::default();
    for round in 0..ROUNDS {
        let targets = people(&house, &format!("target{round}-"), "general-staff", RESETS, true).await?;
        figures.fdatasync.push(floors::fdatasync(house.path(), PHASE)?);
        figures
            .enroll_one
            .push(rate(&house.url, enrollments(&house, &others[..1]).await?, PHASE, 200).await?);
        figures.enroll_many.push(rate(&house.url, enrollments(&house, &others).await?, PHASE, 200).await?);
        figures.reset_many.push(once(&house.url, resets(&house, &performers, &targets).await?).await?);
        let one = refusals(&house, &performers[..1], &others).await?;
        figures.refused_one.push(rate(&house.url, one, PHASE, 422).await?);
        figures
            .refused_many
            .push(rate(&house.url, refusals(&house, &performers, &others).await?, PHASE, 422).await?);
        figures.bare.push(rate(&bare.url, pages(&house, &performers, "/").await?, PHASE, 200).await?);
        let path = format!("/v1/administrators/{}/security", performers[0].id);
        figures.page.push(rate(&house.url, pages(&house, &performers, &path).await?, PHASE, 200).await?);
        figures.argon2.push(floors::argon2(PHASE)?);
        figures.log_in.push(rate(&costly.url, log_ins(&costly).await?, PHASE, 201).await?);
    }
    Ok(lines(figures))
}

fn lines(figures: Figures) -> Vec<Figure> {
    let fdatasync = median(figures.fdatasync);
    let line = |what, ours: Vec<f64>, floor_is, floor, wanted| {
        Figure::per_second(what, median(ours), wanted).against(floor_is, floor)
    };
    let synced = "one fdatasync after another";
    let (bare, argon2) = (median(figures.bare), median(figures.argon2));
    vec![
        line(
            "begin and cancel enrollment, 64 connections",
            figures.enroll_many,
            synced,
            fdatasync,
            "15,000/s",
        ),
        line("reset with its whole story, 64 connections", figures.reset_many, synced, fdatasync, "15,000/s"),
        line("reset refused, 64 connections", figures.refused_many, synced, fdatasync, ""),
        line("reset refused, 1 connection", figures.refused_one, synced, fdatasync, "ratio 0.5"),
        line("begin and cancel enrollment, 1 connection", figures.enroll_one, synced, fdatasync, "ratio 0.5"),
        line("status page, 64 connections", figures.page, "bare axum JSON", bare, "ratio 0.5"),
        line("log-in, 8 connections", figures.log_in, "argon2id on all cores", argon2, "ratio 0.9"),
    ]
}

pub async fn people(
    house: &House,
    prefix: &str,
    role: &str,
    count: usize,
    enrolled: bool,
) -> Outcome<Vec<Person>> {
    let url = house.url.clone();
    let mut tasks = Vec::new();
    let house: &House = house;
    for lane in 0..CONNECTIONS.min(count) {
        let mut client = Client::connect(&url).await?;
        tasks.push(async move {
            let mut people = Vec::new();
            for number in (lane..count).step_by(CONNECTIONS) {
                let person = house.person(&mut client, &format!("{prefix}{number}"), role).await?;
                if enrolled {
                    enroll(&mut client, &person).await?;
                }
                people.push(person);
            }
            Outcome::Ok(people)
        });
    }
    let lanes = futures_util::future::try_join_all(tasks).await?;
    Ok(lanes.into_iter().flatten().collect())
}

async fn enrollments(house: &House, people: &[Person]) -> Outcome<Vec<Vec<Vec<u8>>>> {
    let client = house.client().await?;
    let both = |person: &Person| {
        vec![
            client.request("POST", "/v1/me/mfa/enrollment", &person.token, ""),
            client.request("DELETE", "/v1/me/mfa/enrollment", &person.token, ""),
        ]
    };
    Ok(people.iter().map(both).collect())
}

async fn resets(house: &House, performers: &[Person], targets: &[Person]) -> Outcome<Vec<Vec<Vec<u8>>>> {
    let client = house.client().await?;
    let lanes = performers.iter().zip(targets.chunks(targets.len().div_ceil(performers.len())));
    Ok(lanes
        .map(|(performer, targets)| {
            targets
                .iter()
                .map(|target| {
                    client.request(
                        "POST",
                        &format!("/v1/administrators/{}/mfa/reset", target.id),
                        &performer.token,
                        &story(&target.user_name),
                    )
                })
                .collect()
        })
        .collect())
}

pub async fn refusals(
    house: &House,
    performers: &[Person],
    targets: &[Person],
) -> Outcome<Vec<Vec<Vec<u8>>>> {
    let client = house.client().await?;
    let pairs = performers.iter().zip(targets);
    Ok(pairs
        .map(|(performer, target)| {
            let path = format!("/v1/administrators/{}/mfa/reset", target.id);
            vec![client.request("POST", &path, &performer.token, &story(&target.user_name))]
        })
        .collect())
}

/// The least that is one command and one record: somebody asks for what they may not do, which is answered 403.
pub async fn forbidden(house: &House, callers: &[Person]) -> Outcome<Vec<Vec<Vec<u8>>>> {
    let client = house.client().await?;
    let body = r#"{"name": "General Staff", "permissions": ["manage-mfa"], "mfa_required": false}"#;
    let request = |caller: &Person| client.request("PUT", "/v1/roles/general-staff", &caller.token, body);
    Ok(callers.iter().map(|caller| vec![request(caller)]).collect())
}

fn now() -> String {
    let seconds = i64::try_from(crate::house::now_seconds()).expect("a time of this age");
    mfa_ledger_schemas::Instant::from_unix_seconds(seconds).to_string()
}

fn story(user_name: &str) -> String {
    json!({
        "reason": "new_phone", "verification": "video_call", "requester_name": user_name,
        "requester_contact": "ext. 4711", "requested_at": now(), "ticket": "INC-4711",
        "confirmation": user_name,
    })
    .to_string()
}

async fn pages(house: &House, people: &[Person], path: &str) -> Outcome<Vec<Vec<Vec<u8>>>> {
    let client = house.client().await?;
    Ok(people.iter().map(|person| vec![client.request("GET", path, &person.token, "")]).collect())
}

async fn log_ins(house: &House) -> Outcome<Vec<Vec<Vec<u8>>>> {
    let client = house.client().await?;
    let body = json!({"user_name": house.root.user_name, "password": house.root.password}).to_string();
    Ok(vec![vec![client.request("POST", "/v1/session", "", &body)]; LOG_INS])
}
