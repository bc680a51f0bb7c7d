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
