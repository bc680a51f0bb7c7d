//! Pages of 50 of the activity log by filter, newest first, and counts.

use std::time::Duration;

use tokio::time::Instant;

use crate::client::{once, rate};
use crate::floors::BareAxum;
use crate::house::House;
use crate::table::{Figure, Unit};
use crate::{CONNECTIONS, Outcome, ROUNDS, median};

/// Questions of one kind, one after the other.
const QUESTIONS: usize = 400;
/// Questions of each kind that a connection has when all ask what nobody asked before.
const FRESH: usize = 100;
/// Beyond the end of any log here: a page behind such a place is the newest one, under another address.
const BEYOND: usize = 1_000_000_000_000;
/// How long all connections ask.
const ASKING: Duration = Duration::from_secs(1);

const FILTERS: [&str; 14] = [
    "",
    "action=mfa.reset",
    "actor=help.desk1990",
    "target=person.77",
    "outcome=refused",
    "ip=10.0.77.7",
    "ticket=INC-0004711",
    "q=INC-00047",
    "q=nothing-like-it",
    "q=person.77",
    "action=mfa.reset&actor=help.desk1990&target=person.77",
    "outcome=failed&actor=person.77",
    "action=session.started&outcome=refused",
    "since=2023-05-01T00:00:00Z&until=2023-05-02T00:00:00Z&action=mfa.reset",
];

/// One filter, asked for over and over.
pub struct Asked {
    filter: &'static str,
    bytes: usize,
    entries: usize,
    /// Milliseconds at the client.
    half: f64,
    most: f64,
}

fn path(filter: &str) -> String {
    format!("/v1/activity?limit=50&{filter}")
}

/// The same page, asked for in a way that nobody asked before.
fn fresh_path(filter: &str, number: usize) -> String {
    format!("{}&after={}", path(filter), BEYOND + number)
}

/// Every filter, on one connection, each time as if for the first time.
pub async fn ask(house: &House) -> Outcome<Vec<Asked>> {
    let mut asked = Vec::new();
    let mut client = house.client().await?;
    for filter in FILTERS {
        let (mut times, mut bytes, mut entries) = (Vec::new(), 0, 0);
        for question in 0..QUESTIONS {
            let request = client.request("GET", &fresh_path(filter, question), &house.root.token, "");
            let begun = Instant::now();
            let answer = client.send(&request).await?;
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            if answer.status != 200 {
                return Err(format!("{filter}: {}", answer.status).into());
            }
            if question == 0 {
                bytes = answer.body.len();
                entries = answer.json()?["data"].as_array().ok_or("a page has data")?.len();
            }
        }
        times.sort_by(f64::total_cmp);
        let (half, most) = (times[QUESTIONS / 2], times[QUESTIONS * 99 / 100]);
        asked.push(Asked { filter, bytes, entries, half, most });
    }
    Ok(asked)
}

/// The slowest of all, and how it grew: only pages with as many entries can be held against each other.
pub fn figures(long: &[Asked], short: &[Asked]) -> Vec<Figure> {
    let slowest = |by: fn(&Asked) -> f64| long.iter().max_by(|a, b| by(a).total_cmp(&by(b)));
    let line = |what: &str, by: fn(&Asked) -> f64, wanted| {
        let slowest = slowest(by)?;
        let what =
            format!("page of 50, {what} of the slowest of {} filters, `{}`", long.len(), slowest.filter);
        Some(Figure::new(what, by(slowest), Unit::Milliseconds, wanted))
    };
    let pairs = long.iter().zip(short).filter(|(long, short)| long.entries == short.entries);
    let grown = pairs.max_by(|a, b| (a.0.half / a.1.half).total_cmp(&(b.0.half / b.1.half)));
    let grown = grown.map(|(long, short)| {
        let what = format!("page of 50, p50 of the one that grew most, `{}`", long.filter);
        let figure = Figure::new(what, long.half, Unit::Milliseconds, "ratio 2");
        figure.against("on 10,000 events", short.half)
    });
    [line("p50", |it| it.half, "1 ms"), line("p99", |it| it.most, ""), grown].into_iter().flatten().collect()
}

/// Pages a second that all connections get, in turns with a bare axum answer of as many bytes: of each filter, asked
/// for over and over, and of all filters together, none of them asked for before.
pub async fn throughput(house: &House) -> Outcome<Vec<Figure>> {
    let floor = BareAxum::start()?;
    let client = house.client().await?;
    let mut figures = Vec::new();
    let asked = ask(house).await?;
    figures.push(fresh(house, &floor, &asked).await?);
    for Asked { filter, bytes, .. } in asked {
        let ours = vec![vec![client.request("GET", &path(filter), &house.root.token, "")]; CONNECTIONS];
        let same = vec![vec![client.request("GET", &format!("/bytes/{bytes}"), "", "")]; CONNECTIONS];
        let (mut pages, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            pages.push(rate(&house.url, ours.clone(), ASKING, 200).await?);
            bare.push(rate(&floor.url, same.clone(), ASKING, 200).await?);
        }
        let what = format!("page of 50, 64 connections, `{filter}`, {bytes} bytes");
        let figure = Figure::per_second(what, median(pages), "ratio 0.5");
        figures.push(figure.against("bare axum", median(bare)));
    }
    Ok(figures)
}

async fn fresh(house: &House, floor: &BareAxum, asked: &[Asked]) -> Outcome<Figure> {
    let client = house.client().await?;
    let list = |requests: &mut dyn Iterator<Item = String>, token: &str| -> Vec<_> {
        requests.map(|path| client.request("GET", &path, token, "")).collect()
    };
    let mut same = asked.iter().map(|it| format!("/bytes/{}", it.bytes));
    let same = vec![list(&mut same, ""); CONNECTIONS];
    let (mut pages, mut bare, mut number) = (Vec::new(), Vec::new(), QUESTIONS);
    for _ in 0..ROUNDS {
        let mut ours = Vec::new();
        for _ in 0..CONNECTIONS {
            let from = number;
            number += FRESH;
            let all = |number| asked.iter().map(move |it| fresh_path(it.filter, number));
            ours.push(list(&mut (from..number).flat_map(all), &house.root.token));
        }
        pages.push(once(&house.url, ours).await?);
        bare.push(rate(&floor.url, same.clone(), ASKING, 200).await?);
    }
    let what = format!("pages of 50 that nobody asked for before, all {} filters", asked.len());
    Ok(Figure::per_second(what, median(pages), "").against("bare axum", median(bare)))
}

pub async fn counts(house: &House) -> Outcome<Vec<Figure>> {
    let mut figures = Vec::new();
    for by in ["action", "hour", "weekday", "performer", "reason"] {
        let mut client = house.client().await?;
        let begun = Instant::now();
        let path = format!("/v1/activity/stats?tz=Europe/Prague&by={by}");
        client.call("GET", &path, &house.root.token, "").await?;
        let what = format!("all events counted by {by}");
        figures.push(Figure::new(what, begun.elapsed().as_secs_f64() * 1_000.0, Unit::Milliseconds, ""));
    }
    Ok(figures)
}
