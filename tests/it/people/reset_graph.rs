//! Who reset whom: edges, chains, pairs, and the same at the command line.

use serde_json::{Value, json};

use super::{reset_path, story, with};
use crate::support::house::{House, Person};
use crate::support::server::{Place, text};

async fn reset(house: &House, by: &Person, target: &Person) -> u64 {
    house.step_up(by).await;
    let requested = house.now().to_string();
    let told = with(story(&target.user_name), json!({"requested_at": requested}));
    let done = house.post(&reset_path(target)).as_(by).json(&told).send().await.ok(201);
    done["position"].as_u64().unwrap()
}

fn numbers(positions: &[u64]) -> Value {
    json!(positions)
}

#[tokio::test]
async fn chains_pairs_and_edges_are_what_happened() {
    let house = House::open().await;
    let ann = house.enrolled("ann", "help-desk").await;
    let mut bob = house.enrolled("bob", "help-desk").await;
    let cay = house.enrolled("cay", "general-staff").await;
    let dan = house.enrolled("dan", "general-staff").await;
    let mut auditor = house.admin("ada", "auditor").await;
    house.log_in(&mut auditor).await;
    let empty = house.get("/v1/resets/graph").as_(&auditor).send().await.ok(200);
    assert_eq!(empty["edges"], json!([]));

    // Ann resets Bob; Bob comes back with a new device and resets Cay within the day, then Ann.
    let first = reset(&house, &ann, &bob).await;
    house.pass(3_600);
    house.log_in(&mut bob).await;
    house.enroll(&mut bob).await;
    let second = reset(&house, &bob, &cay).await;
    let third = reset(&house, &bob, &ann).await;
    // Long after, Bob resets Dan: no chain.
    house.pass(25 * 3_600);
    house.log_in(&mut bob).await;
    let fourth = reset(&house, &bob, &dan).await;

    house.log_in(&mut auditor).await;
    let graph = house.get("/v1/resets/graph").as_(&auditor).send().await.ok(200);
    let chains: Vec<Value> = graph["chains"]
        .as_array()
        .unwrap()
        .iter()
        .map(|chain| chain.as_array().unwrap().iter().map(|link| link["position"].clone()).collect())
        .collect();
    assert_eq!(chains, [numbers(&[first, second]), numbers(&[first, third])], "{graph}");
    assert_eq!(graph["chains"][0][0]["danger_window_hours"], 1);
    assert_eq!(graph["chains"][0][1]["danger_window_hours"], Value::Null);
    assert_eq!(
        graph["pairs"],
        json!([{"first": "ann", "second": "bob", "resets": [first, third]}]),
        "{graph}"
    );
    let bob_shown = &graph["people"][0];
    assert_eq!((&bob_shown["name"], &bob_shown["performed"]), (&json!("bob"), &json!(3)));
    assert_eq!((&bob_shown["received"], &bob_shown["danger_window_open"]), (&json!(1), &json!(false)));
    assert_eq!(graph["edges"].as_array().unwrap().len(), 4);

    // A longer memory chains the last one too; a span leaves out what is not in it.
    let longer = house.get("/v1/resets/graph?chain_hours=48").as_(&auditor).send().await.ok(200);
    assert_eq!(longer["chains"].as_array().unwrap().len(), 3, "{longer}");
    let since = house.now().plus_hours(-1);
    let late = house.get(&format!("/v1/resets/graph?since={since}")).as_(&auditor).send().await.ok(200);
    assert_eq!(late["edges"][0]["resets"], numbers(&[fourth]), "{late}");
    assert_eq!(late["chains"], json!([]));
    for wrong in ["chain_hours=0", "chain_hours=721", "since=2026-05-04T09:00:00Z&until=2026-05-04T09:00:00Z"]
    {
        let answer = house.get(&format!("/v1/resets/graph?{wrong}")).as_(&auditor).send().await;
        assert_eq!(answer.told(), (400, "invalid-request"), "{wrong}: {}", answer.text);
    }
    for right in ["chain_hours=1", "chain_hours=720"] {
        house.get(&format!("/v1/resets/graph?{right}")).as_(&auditor).send().await.ok(200);
    }
}

/// The demo has resets: the command line draws them, and Graphviz' language is what it should be.
#[test]
fn the_command_line_draws_the_same_graph() {
    let (place, _) = Place::initialised();
    let json = place.run(&["resets", "graph", "--output", "json"]);
    assert!(json.status.success(), "{}", text(&json.stderr));
    let graph: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&graph["edges"], &graph["truncated"]), (&json!([]), &json!(false)));
    let dot = place.run(&["resets", "graph", "--output", "dot"]);
    assert!(text(&dot.stdout).starts_with("digraph resets {"), "{}", text(&dot.stdout));
    let usage = place.run(&["resets", "graph", "--chain-hours", "721"]);
    assert_eq!(usage.status.code(), Some(2));
}
