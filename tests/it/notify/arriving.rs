//! What arrives, and at whom.

use serde_json::{Value, json};

use super::post::Post;
use super::{RESET, Scene, record_about};
use crate::anchors::metric;

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_told_to_all_addresses_in_the_words_of_the_guide() {
    let post = Post::secured();
    let scene = Scene::begin(&post).await;
    let position = scene.reset().await;
    let mails = post.wait_for(RESET, 1).await;
    let mail = &mails[0];
    assert_eq!((&mail["tls"], &mail["login"]), (&json!(true), &json!("ledger")), "{mail}");
    assert_eq!(mail["from"], "mfa@example.org");
    assert_eq!(mail["to"], json!(["jane@example.org", "jane@home.example"]));
    assert_eq!(
        mail["header_to"],
        json!([["Jane Doe", "jane@example.org"], ["Jane Doe", "jane@home.example"]])
    );
    assert_eq!(mail["types"], json!(["multipart/alternative", "text/plain", "text/html"]));
    let headers = &mail["headers"];
    assert_eq!(
        (&headers["from"], &headers["auto-submitted"]),
        (&json!("MFA <mfa@example.org>"), &json!("auto-generated"))
    );
    let id = headers["message-id"].as_str().expect("an id");
    assert!(id.starts_with(&format!("<notice-{position}.")) && id.ends_with("@example.org>"), "{id}");

    let told = mail["text"].as_str().expect("text").replace("\r\n", "\n");
    let guide = "Your Multi-Factor Authentication has been reset for your administrator account.\n\nNext steps:\n\
        1. Log in using your username and password\n2. Navigate to My Profile\n\
        3. Click \"Enable MFA\" in the Security section\n4. Follow the on-screen instructions to re-enroll\n\n\
        If MFA is required for your role, you'll be prompted to enroll immediately upon login.\n\n\
        If you did not request this reset, contact IT immediately.\n";
    assert!(told.starts_with(guide), "{told}");
    for line in
        ["Account: jane (mfa-ledger)\n", "\nReset performed by: root", "\nDate: ", "\nTicket #: HD-1\n"]
    {
        assert!(told.contains(line), "{line:?} is not in {told}");
    }
    assert!(told.contains("\nhttps://mfa.example.org/this-was-not-me/mlr_"), "{told}");
    let html = mail["html"].as_str().expect("HTML");
    assert!(html.contains("<a href=\"https://mfa.example.org/this-was-not-me/mlr_"), "{html}");

    let record = record_about(&scene.root, position).await;
    assert_eq!(
        (
            &record["channel"],
            &record["delivery"],
            &record["addresses"],
            &record["attempts"],
            &record["error"]
        ),
        (&json!("email"), &json!("sent"), &json!(2), &json!(1), &Value::Null)
    );
    let client = scene.server.client();
    assert_eq!(metric(&client, "mfa_ledger_notices_failed_total").await, Some(1), "root has no address");
    assert_eq!(metric(&client, "mfa_ledger_notices_owed").await, Some(0));
    // A second look is not a second mail.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(post.wait_for(RESET, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_changes_are_told_too_and_no_mail_holds_a_secret() {
    let post = Post::secured();
    let scene = Scene::begin(&post).await;
    post.wait_for("MFA is now enabled", 1).await;
    scene.reset().await;
    let (jane, _) = scene.server.client().log_in("jane", &scene.password).await;
    let codes = super::enroll(&jane, 30).await;
    let codes: Vec<_> =
        codes.as_array().expect("codes").iter().map(|it| it.as_str().expect("a code")).collect();
    // Ten codes: after the seventh, three are left.
    for code in &codes[..7] {
        let (jane, _) = scene.server.client().log_in("jane", &scene.password).await;
        jane.post("/v1/session/second-factor", &json!({ "backup_code": code })).await.ok(200);
    }
    let path = format!("/v1/administrators/{}/password-reset", scene.jane);
    let given = scene.root.post(&path, &json!({})).await.ok(200);
    let given = given["password"].as_str().expect("a password");
    let path = format!("/v1/administrators/{}", scene.jane);
    let moved = json!({ "emails": ["jane@new.example"] });
    scene.root.ask(reqwest::Method::PATCH, &path, &[], Some(&moved)).await.ok(200);

    post.wait_for("A backup code was used", 6).await;
    let low = &post.wait_for("A backup code was used, and few are left", 1).await[0];
    assert!(low["text"].as_str().expect("text").contains("to log in. 3 are left."), "{low}");
    post.wait_for("Your password was reset", 1).await;
    post.wait_for("Your name or mail addresses were changed", 2).await;
    for mail in post.mails() {
        let (mail, token) = (mail.to_string(), scene.root.token.as_deref().expect("a token"));
        let secrets = codes.iter().copied().chain([given, scene.password.as_str(), token, "otpauth"]);
        for secret in secrets {
            assert!(!mail.contains(secret), "{mail}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_addresses_away_keeps_no_notice_from_the_person() {
    let post = Post::secured();
    let scene = Scene::begin(&post).await;
    let path = format!("/v1/administrators/{}", scene.jane);
    let moved = json!({ "emails": ["jane@evil.example"] });
    scene.root.ask(reqwest::Method::PATCH, &path, &[], Some(&moved)).await.ok(200);
    let position = scene.reset().await;
    for subject in ["Your name or mail addresses were changed", RESET] {
        let mut mails = post.wait_for(subject, 2).await;
        mails.sort_by_key(|mail| mail["to"].to_string());
        let to: Vec<_> = mails.iter().map(|mail| &mail["to"]).collect();
        assert_eq!(to, [&json!(["jane@evil.example"]), &json!(["jane@example.org", "jane@home.example"])]);
        let says = |mail: &Value| mail["text"].as_str().expect("text").contains("was taken away");
        assert_eq!((says(&mails[0]), says(&mails[1])), (false, true), "{mails:?}");
        for header in ["to", "message-id"] {
            assert_ne!(mails[0]["headers"][header], mails[1]["headers"][header], "{header}");
        }
        let former = mails[1].to_string();
        assert!(
            !former.contains("evil.example"),
            "the former addresses do not see the present one: {former}"
        );
    }
    let told = super::record_about(&scene.root, position).await;
    assert_eq!((&told["addresses"], &told["delivery"]), (&json!(3), &json!("sent")));
    // What the person does alone is told to the present addresses alone.
    let (jane, _) = scene.server.client().log_in("jane", &scene.password).await;
    super::enroll(&jane, 30).await;
    let enabled = post.wait_for("MFA is now enabled", 2).await;
    assert_eq!(enabled[1]["to"], json!(["jane@evil.example"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_with_tls_from_the_first_byte_takes_mail_too() {
    let post = Post::implicit();
    let scene = Scene::begin(&post).await;
    scene.reset().await;
    let mail = &post.wait_for(RESET, 1).await[0];
    assert_eq!((&mail["tls"], &mail["login"]), (&json!(true), &json!("ledger")), "{mail}");
    let other = Post::implicit();
    let stranger = other.ca_file().display().to_string();
    let wrong = Scene::with(&post, &[("MFA_LEDGER__MAIL__CA_FILE", &stranger)], "Jane Doe").await;
    crate::anchors::until("it is told", async || wrong.server.told().contains("ertificate")).await;
    assert_eq!(post.wait_for("MFA is now enabled", 1).await.len(), 1, "the first scene's alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_bring_no_headers_recipients_or_elements() {
    let post = Post::secured();
    let name =
        "\"Jane\" <eve@example.org>, <script>alert('x')</script> Bcc: eve@example.org =?utf-8?q?=0A?= Žofie";
    let scene = Scene::with(&post, &[], name).await;
    // Jane's name stands in the mail to whoever she acts upon, and in those to herself.
    scene.reset().await;
    let mail = &post.wait_for(RESET, 1).await[0];
    assert_eq!(mail["to"], json!(["jane@example.org", "jane@home.example"]), "{mail}");
    // Where a long name is folded, blanks come or go between its encoded words.
    let solid = |text: &str| text.split_whitespace().collect::<String>();
    let shown = mail["header_to"][0][0].as_str().expect("a name");
    assert_eq!((solid(shown), &mail["header_to"][0][1]), (solid(name), &json!("jane@example.org")), "{mail}");
    assert_eq!(mail["header_to"].as_array().expect("addresses").len(), 2, "{mail}");
    let names =
        ["from", "subject", "message-id", "date", "auto-submitted", "to", "mime-version", "content-type"];
    let mut found: Vec<_> =
        mail["header_names"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
    found.sort_unstable();
    let mut names = names.to_vec();
    names.sort_unstable();
    assert_eq!(found, names, "{mail}");
    let enabled = &post.wait_for("MFA is now enabled", 1).await[0];
    let html = enabled["html"].as_str().expect("HTML");
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{html}");
}
