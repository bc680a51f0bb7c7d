//! What is amiss with the rules of the site, and with the NATS server of the configuration.

use super::doctor;
use crate::detect::A_RESET;
use crate::support::server::Place;

#[test]
fn a_broken_rule_of_the_site_is_told_by_file_and_line() {
    let (place, _) = Place::initialised();
    doctor(&place, &[]).says("rules", "ok", &["rules and 0 filters can be used", "the pack alone"]);
    let rules = place.outside().join("rules");
    let dir = rules.to_str().expect("UTF-8");
    let environment = [("MFA_LEDGER__RULES__DIR", dir)];
    let told = doctor(&place, &environment);
    told.says("rules", "fail", &[dir, "cannot be read", "mfa-ledger rules check"]);

    std::fs::create_dir(&rules).expect("a directory");
    let file = rules.join("mine.yml");
    for (text, line, why) in [
        (A_RESET.replace("data.action", "data.actoin"), 11, "unknown field 'data.actoin'"),
        (A_RESET.replace("data.action", "data.action|glob"), 11, "glob"),
        (A_RESET.replace("level: low", "level: [low"), 5, ""),
    ] {
        std::fs::write(&file, text).expect("a file");
        let told = doctor(&place, &environment);
        told.says("rules", "fail", &["the rules cannot be used", why]);
        let detail = told.findings["rules"]["detail"].as_str().expect("a detail");
        let place = detail.split(&format!("{}:", file.display())).nth(1).expect("the file is named");
        let at: usize = place.split(':').next().and_then(|at| at.parse().ok()).expect("a line");
        assert!(at.abs_diff(line) <= 1, "{detail}");
        assert_eq!(told.code, Some(1));
        assert!(told.stderr.contains("1 of 16 checks failed: rules"), "{}", told.stderr);
    }
    std::fs::write(&file, A_RESET).expect("a file");
    let told = doctor(&place, &environment);
    told.says("rules", "ok", &["0 filters", dir]);
    assert_eq!(told.code, Some(0));
}

#[test]
fn a_nats_server_that_is_away_is_a_warning_and_a_file_that_is_not_there_a_failure() {
    let (place, _) = Place::initialised();
    doctor(&place, &[]).says("nats", "ok", &["nothing is published"]);
    let away = ("MFA_LEDGER__NATS__URLS", "nats://127.0.0.1:1");
    let told = doctor(&place, &[away]);
    told.says("nats", "warn", &["cannot be reached", "commands do not wait"]);
    assert_eq!(told.code, Some(0));
    let file = place.outside().join("who.creds");
    let file = file.to_str().expect("UTF-8");
    let told = doctor(&place, &[away, ("MFA_LEDGER__NATS__CREDENTIALS_FILE", file)]);
    told.says("nats", "fail", &[file, "cannot be used to log in"]);
    assert_eq!(told.code, Some(1));
}
