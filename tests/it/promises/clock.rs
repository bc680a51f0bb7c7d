//! Time along the log never goes back, whatever the machine's clock does.

use crate::support::house::House;

#[tokio::test]
async fn a_clock_that_goes_back_takes_no_record_back_in_time() {
    let house = House::open().await;
    let mut jane = house.admin("jane", "general-staff").await;
    house.log_in(&mut jane).await;
    let (before, records) = house.service.peek(|state| (state.at(), state.activity.len()));
    house.pass(-3_600);
    let mut joe = house.admin("joe", "general-staff").await;
    house.log_in(&mut joe).await;
    house.get("/v1/session").as_(&joe).send().await.ok(200);
    let moments = house.service.peek(|state| state.activity.iter().map(|(_, it)| it.at).collect::<Vec<_>>());
    assert!(moments.is_sorted(), "{moments:?}");
    assert!(moments.len() > records && moments[records] >= before, "{moments:?}");
}

#[tokio::test]
async fn a_clock_that_goes_back_keeps_nobody_from_an_answer() {
    let house = House::open().await;
    let jane = house.enrolled("jane", "general-staff").await;
    let code = |code: &str| serde_json::json!({ "code": code });
    let ask = |body: serde_json::Value| house.post("/v1/session/second-factor").as_(&jane).json(&body).send();
    ask(code("000000")).await;
    // The delay after the failure is over, and the log has got beyond it, when the clock goes back.
    house.pass(600);
    let mut joe = house.admin("joe", "general-staff").await;
    house.log_in(&mut joe).await;
    house.pass(-300);
    let before = house.records();
    let answer = ask(code("000000")).await;
    assert_eq!(answer.told(), (422, "code-not-accepted"), "{}", answer.text);
    assert_eq!(house.records(), before + 1, "and it is on record");
}
