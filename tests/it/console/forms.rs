//! Forms without scripts: what they do once, what they refuse, and where they lead.

use super::visitor::{Page, Visitor};
use crate::support::house::{House, Person};

/// The fields of a reset as the guide wants it documented.
fn story(verification: &str) -> Vec<(&str, &str)> {
    vec![
        ("verification", verification),
        ("reason", "lost_or_stolen_device"),
        ("requester_name", "Dana Reyes"),
        ("requester_contact", "+1 555 0100"),
        ("requested_at", "2026-05-04T09:00"),
        ("ticket", "HD-7"),
    ]
}

/// Goes the way of the form, up to the page that asks "yes?".
async fn to_the_question(visitor: &mut Visitor, target: &Person, verification: &str) -> Page {
    let page = visitor.get(&format!("/console/administrators/{}/reset", target.id)).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("You may reset"), "{}", page.text);
    let path = format!("/console/administrators/{}/reset/confirm", target.id);
    let page = visitor.post(&path, &story(verification)).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_sent_twice_is_carried_out_once() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let mut visitor = Visitor::of(&house, &desk);
    let page = to_the_question(&mut visitor, &dana, "video_call").await;
    let key = page.field("key");
    let mut fields = story("video_call");
    fields.extend([("key", key.as_str()), ("confirmation", "dana")]);
    let path = format!("/console/administrators/{}/reset", dana.id);
    let before = house.records();
    let first = visitor.post(&path, &fields).await;
    assert_eq!(first.status, 303, "{}", first.text);
    let second = visitor.post(&path, &fields).await;
    assert_eq!((second.status, second.location()), (303, first.location()), "{}", second.text);
    assert_eq!(house.records(), before + 1, "one reset, one record");
    let shown = visitor.get(first.location()).await.text;
    for said in ["MFA has been reset", "desk", "+1 555 0100", "HD-7", "Video call", "Your MFA Has Been Reset"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    fields.retain(|(name, _)| *name != "ticket");
    fields.push(("ticket", "HD-8"));
    let third = visitor.post(&path, &fields).await;
    assert_eq!(third.status, 422, "another form under the same key: {}", third.text);
    assert_eq!(house.records(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_guide_does_not_accept_is_refused_and_what_was_typed_stays() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let mut visitor = Visitor::of(&house, &desk);
    let path = format!("/console/administrators/{}/reset", dana.id);
    let page = to_the_question(&mut visitor, &dana, "email_only").await;
    let key = page.field("key");
    let mut fields = story("email_only");
    fields.extend([("key", key.as_str()), ("confirmation", "dana")]);
    let page = visitor.post(&path, &fields).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("not acceptable"), "{}", page.text);
    assert!(page.text.contains("value=\"Dana Reyes\"") && page.text.contains("value=\"HD-7\""));
    assert!(page.text.contains("/suspicious\""), "the way to report it is there");

    let page = to_the_question(&mut visitor, &dana, "video_call").await;
    let key = page.field("key");
    let mut fields = story("video_call");
    fields.extend([("key", key.as_str()), ("confirmation", "somebody.else")]);
    let page = visitor.post(&path, &fields).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("Type the user name") && page.text.contains("value=\"+1 555 0100\""));
    let status = house.get(&format!("/v1/administrators/{}/security", dana.id)).as_(&desk).send().await;
    assert_eq!(status.ok(200)["status"], "enabled", "nobody was reset");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_proof_of_the_second_factor_is_asked_for_anew_on_the_last_page() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    house.pass(20 * 60);
    let mut visitor = Visitor::of(&house, &desk);
    let path = format!("/console/administrators/{}", dana.id);
    let page = visitor.post(&format!("{path}/reset/confirm"), &story("video_call")).await;
    assert!(page.text.contains("name=\"code\""), "{}", page.text);
    let mut fields = story("video_call");
    let (key, code) = (page.field("key"), house.code(&desk));
    fields.extend([("key", key.as_str()), ("confirmation", "dana"), ("code", "000000")]);
    let page = visitor.post(&format!("{path}/reset"), &fields).await;
    assert_eq!(page.status, 422, "{}", page.text);
    assert!(page.text.contains("name=\"code\"") && page.text.contains("The code was not accepted"));
    house.pass(60);
    let code = if code.is_empty() { code } else { house.code(&desk) };
    let key = page.field("key");
    let mut fields = story("video_call");
    fields.extend([("key", key.as_str()), ("confirmation", "dana"), ("code", code.as_str())]);
    let page = visitor.post(&format!("{path}/reset"), &fields).await;
    assert!(page.location().starts_with("/console/resets/"), "{} {}", page.status, page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_enroll_finds_their_profile_and_nothing_else() {
    let house = House::open().await;
    let mut dana = house.admin("dana", "help-desk").await;
    house.require_mfa().await;
    house.log_in(&mut dana).await;
    let mut visitor = Visitor::of(&house, &dana);
    let profile = visitor.get("/console/me").await;
    assert!(profile.text.contains("cannot go anywhere else") && profile.text.contains("Enable MFA"));
    for path in ["/console", "/console/administrators", "/console/reset-requests", "/console/me/password"] {
        let page = visitor.get(path).await;
        assert_eq!((page.status, page.location()), (303, "/console/me"), "{path}");
    }
    let begun = visitor.post("/console/me/enrollment", &[("key", "first")]).await;
    assert_eq!(begun.status, 200);
    assert!(begun.text.contains("data:image/svg+xml;base64,"), "{}", begun.text);
    let seed = begun.text.split("id=\"manual-key\">").nth(1).and_then(|it| it.split('<').next());
    dana.seed = seed.map(|seed| seed.replace([' ', '-'], ""));
    let wrong = [("key", "c1"), ("begun_key", "first"), ("code", "000000")];
    let page = visitor.post("/console/me/enrollment/confirm", &wrong).await;
    assert!(page.text.contains("The code was not accepted") && page.text.contains("data:image/svg+xml"));
    house.pass(60);
    let code = house.code(&dana);
    let right = [("key", "c2"), ("begun_key", "first"), ("code", code.as_str())];
    let page = visitor.post("/console/me/enrollment/confirm", &right).await;
    assert!(page.text.contains("I have saved them"), "{}", page.text);
    let codes = page.text.split("id=\"codes\">").nth(1).and_then(|rest| rest.split("</ol>").next());
    assert_eq!(codes.map_or(0, |codes| codes.matches("<li>").count()), 10, "ten codes: {}", page.text);
    let again = visitor.post("/console/me/enrollment/confirm", &right).await;
    assert!(again.text.contains("not shown again"), "{}", again.text);
    assert_eq!(visitor.get("/console/administrators").await.status, 200, "now everything is open");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_of_manage_alerts_clears_a_suspicion_with_a_note() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let officer = house.enrolled("officer", "security-officer").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let account = format!("/console/administrators/{}", dana.id);
    let (mut desk, mut officer) = (Visitor::of(&house, &desk), Visitor::of(&house, &officer));
    let report = [("key", "r1"), ("red_flags", "unusual_style")];
    assert_eq!(desk.post(&format!("{account}/suspicious"), &report).await.status, 303);
    let form = format!("{account}/clear-suspicion");
    let page = desk.get(&account).await;
    assert!(page.text.contains("looked like an attack") && !page.text.contains(&form), "{}", page.text);
    let page = officer.get(&account).await;
    assert!(page.text.contains(&form), "{}", page.text);
    assert_eq!(officer.get(&form).await.status, 200);
    let page = officer.post(&form, &[("key", "c1"), ("note", "")]).await;
    assert_eq!(page.status, 422, "{}", page.text);
    let note = [("key", "c2"), ("note", "asked her at her desk")];
    let page = desk.post(&form, &note).await;
    assert_eq!(page.status, 403, "{}", page.text);
    let page = officer.post(&form, &note).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let page = officer.get(page.location()).await;
    assert!(page.text.contains("The suspicion is cleared"), "{}", page.text);
    assert!(!page.text.contains("looked like an attack"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_too_long_or_no_form_has_a_page_that_says_so() {
    let house = House::open().await;
    let desk = house.enrolled("desk", "help-desk").await;
    let dana = house.enrolled("dana", "general-staff").await;
    let mut visitor = Visitor::of(&house, &desk);
    let path = format!("/console/administrators/{}/suspicious", dana.id);
    // Three letters for each of a form's bytes, and what stands around them.
    let fits = "a".repeat((mfa_ledger::console::FORM_BYTES - "description=".len()) / 3);
    let page = visitor.post(&path, &[("description", &fits)]).await;
    assert_eq!(page.status, 400, "the API has its own opinion of it: {}", page.text);
    let page = visitor.post(&path, &[("description", &format!("{fits}aa"))]).await;
    assert_eq!(page.status, 413);
    assert!(page.text.contains("This is too long"), "{}", page.text);
    let page = visitor.post(&path, &[("red_flags", "made_up")]).await;
    assert_eq!(page.status, 400);
    let page = visitor.post("/console/administrators", &[]).await;
    assert_eq!(page.status, 405);
    assert!(page.text.contains("<h1>"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn language_and_zone_are_the_viewers() {
    let house = House::open().await;
    let mut dana = house.admin("dana", "auditor").await;
    house.log_in(&mut dana).await;
    let mut visitor = Visitor::of(&house, &dana);
    visitor.headers = vec![("accept-language", "de-AT,de;q=0.9".to_owned())];
    let page = visitor.get("/console/administrators").await;
    assert!(page.text.contains("<html lang=\"de\">") && page.text.contains("Administratoren ansehen"));
    assert!(page.text.contains(">2026-05-04 09:00</time>"), "UTC: {}", page.text);
    let next = [("lang", "en"), ("zone", "Asia/Tokyo"), ("next", "/console/administrators")];
    let page = visitor.post("/console/preferences", &next).await;
    assert_eq!((page.status, page.location()), (303, "/console/administrators"));
    let page = visitor.get("/console/administrators").await;
    assert!(page.text.contains("<html lang=\"en\">"));
    assert!(
        page.text.contains(">2026-05-04 18:00</time>")
            && page.text.contains("2026-05-04T09:00:00.000Z (UTC)")
    );
    visitor.post("/console/preferences", &[("lang", "xx"), ("zone", "Nowhere/At all")]).await;
    assert!(
        visitor.get("/console/me").await.text.contains("<html lang=\"en\">"),
        "what is not there is not chosen"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_person_approves_and_the_first_carries_it_out() {
    use mfa_ledger::service::command::ChangeSettings;
    let house = House::open().await;
    let (desk, second) =
        (house.enrolled("desk", "help-desk").await, house.enrolled("second", "help-desk").await);
    let dana = house.enrolled("dana", "general-staff").await;
    let approval = Some(mfa_ledger_schemas::ApprovalPolicy::All);
    house.settings(ChangeSettings { approval, approver_hours: Some(0), ..ChangeSettings::default() }).await;
    let (mut desk, mut second) = (Visitor::of(&house, &desk), Visitor::of(&house, &second));
    let path = format!("/console/administrators/{}/reset", dana.id);
    let page = desk.get(&path).await;
    assert!(page.text.contains("A second person must approve") && page.text.contains("File a reset request"));
    let mut fields = story("video_call");
    let key = page.field("key");
    fields.push(("key", &key));
    let filed = desk.post(&format!("{path}/request"), &fields).await;
    assert_eq!(filed.status, 303, "{}", filed.text);
    let request = filed.location().split('?').next().expect("a path").to_owned();
    assert!(desk.get(&request).await.text.contains("You filed this request"));
    let own = desk.post(&format!("{request}/approve"), &[("key", "own")]).await;
    assert!(own.text.contains("You cannot approve your own request"), "{} {}", own.status, own.text);
    let approved = second.post(&format!("{request}/approve"), &[("key", "a"), ("note", "called her")]).await;
    assert_eq!(approved.status, 303, "{}", approved.text);
    let page = desk.get(&path).await;
    assert!(page.text.contains("A second person has approved it"), "{}", page.text);
    let (request_id, key) = (page.field("reset_request"), page.field("key"));
    let mut fields = story("video_call");
    fields.extend([("key", key.as_str()), ("reset_request", &request_id), ("confirmation", "dana")]);
    let page = desk.post(&path, &fields).await;
    assert!(page.location().starts_with("/console/resets/"), "{} {}", page.status, page.text);
    assert!(second.get(&request).await.text.contains("Carried out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_is_recorded_with_where_it_came_from_and_limited_by_it() {
    use mfa_ledger::http::Options;
    let proxy = "127.0.0.1".parse().expect("an address");
    let options = Options { trusted_proxies: vec![proxy], attempts_per_second: 1, ..Options::default() };
    let house = House::open_with(options).await;
    let mut auditor = house.admin("auditor", "auditor").await;
    let mut visitor = Visitor::new(&house.base);
    visitor.headers =
        vec![("x-forwarded-for", "203.0.113.9".to_owned()), ("user-agent", "a browser".to_owned())];
    let wrong = [("user_name", "auditor"), ("password", "wrong")];
    assert_eq!(visitor.post("/console/log-in", &wrong).await.status, 401);
    let mut statuses = Vec::new();
    for number in 0..12 {
        // Each name has delays of its own besides.
        let name = format!("nobody{number}");
        statuses.push(
            visitor.post("/console/log-in", &[("user_name", name.as_str()), ("password", "x")]).await.status,
        );
    }
    assert!(statuses.contains(&401) && statuses.last() == Some(&429), "{statuses:?}");
    visitor.headers[0].1 = "203.0.113.10".to_owned();
    let page = visitor.post("/console/log-in", &[("user_name", "nobody"), ("password", "x")]).await;
    assert_eq!(page.status, 401, "somebody else is not held up");
    house.pass(3_600);
    house.log_in(&mut auditor).await;
    let path = "/v1/activity?action=session.failed&ip=203.0.113.9&limit=1&order=asc";
    let entries = house.get(path).as_(&auditor).send().await.ok(200);
    assert_eq!(entries["data"][0]["origin"]["user_agent"], "a browser", "{entries}");
}
