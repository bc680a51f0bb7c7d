//! The list of administrators where there are many: everything is found, counted, sorted and paged.

use futures_util::{StreamExt, stream};

use super::visitor::{Page, Visitor};
use crate::support::house::House;

/// More than two of the API's longest pages.
const MANY: usize = 2_500;

const ROWS: usize = 50;

/// The user names of a page, in its order.
fn names(page: &Page) -> Vec<String> {
    let rows = page.text.split("<tr>").skip(2);
    let cells = rows.filter_map(|row| {
        row.split("<td>")
            .map(|cell| cell.split('<').next().unwrap_or_default())
            .find(|text| text.starts_with("p-"))
    });
    cells.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_many_accounts_are_found_counted_sorted_and_paged() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    // In another order than that of their names, and many at a time: each waits for the disk.
    let made = (0..MANY).map(|number| (number * 1_103) % MANY).map(|number| {
        let role = if number % 100 == 0 { "auditor" } else { "general-staff" };
        let house = &house;
        async move { house.admin(&format!("p-{number:04}"), role).await }
    });
    assert_eq!(stream::iter(made).buffer_unordered(64).count().await, MANY);
    let last = house.enrolled("p-last", "general-staff").await;
    let mut visitor = Visitor::of(&house, &desk);

    let page = visitor.get("/console/administrators?sort=user_name").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let all = MANY + 2;
    for said in [format!("{all} administrators"), format!("2 with MFA \u{b7} {MANY} without")] {
        assert!(page.text.contains(&said), "{said}: {}", page.text);
    }
    assert!(page.text.contains(&format!("Page 1 of {}", all.div_ceil(ROWS))), "{}", page.text);
    let sorted: Vec<_> =
        (0..MANY).map(|number| format!("p-{number:04}")).chain(["p-last".to_owned()]).collect();
    // The ends, and where the API's pages end. Whoever looks stands first, under another kind of name.
    for number in [0, 1, 19, 20, 39, 40, 49, 50] {
        let path = format!("/console/administrators?sort=user_name&page={number}");
        let rows: Vec<_> =
            sorted.iter().skip((number * ROWS).saturating_sub(1)).take(ROWS).cloned().collect();
        let wanted = if number == 0 { &rows[..ROWS - 1] } else { &rows[..] };
        assert_eq!(names(&visitor.get(&path).await), wanted, "page {number}");
    }

    // Who was registered last stands behind two thousand others.
    let found = visitor.get("/console/administrators?q=p-last").await;
    assert!(found.text.contains("1 administrator<") && found.text.contains(&last.id), "{}", found.text);
    let enabled = visitor.get("/console/administrators?mfa=enabled").await;
    assert!(
        enabled.text.contains("2 administrators<") && enabled.text.contains(&last.id),
        "{}",
        enabled.text
    );
    let auditors = visitor.get("/console/administrators?role=auditor&sort=user_name").await;
    assert!(auditors.text.contains("25 administrators<"), "{}", auditors.text);
    assert_eq!(names(&auditors).last().map(String::as_str), Some("p-2400"));
    let latest = visitor.get("/console/administrators?sort=last_log_in").await;
    assert_eq!(names(&latest).first().map(String::as_str), Some("p-last"), "{}", latest.text);
}
