//! `docker-compose.yml` against what the program knows: a setting that is none keeps it from starting.

use std::path::Path;

use yaml_serde::Value;

use crate::support::server::{Place, text};

fn compose() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docker-compose.yml");
    let text = std::fs::read_to_string(file).expect("it is there");
    yaml_serde::from_str(&text).expect("it is YAML")
}

/// The settings of the server in it; what the operator is asked for is given.
fn settings(compose: &Value) -> Vec<(String, String)> {
    let environment = compose["services"]["mfa-ledger"]["environment"].as_mapping().expect("a mapping");
    let one = |(name, value): (&Value, &Value)| {
        let value = value.as_str().expect("a text: YAML makes numbers and truths of what is not quoted");
        let value = if value.starts_with("${") { "given" } else { value };
        (name.as_str().expect("a name").to_owned(), value.to_owned())
    };
    environment.iter().map(one).collect()
}

#[test]
fn its_settings_are_taken_by_the_program() {
    let settings = settings(&compose());
    assert!(settings.len() > 8 && settings.iter().all(|(name, _)| name.starts_with("MFA_LEDGER__")));
    let place = Place::empty();
    let run = |more: &[(&str, &str)]| {
        let pairs = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        place
            .command(&["config", "check"])
            .envs(pairs.chain(more.iter().copied()))
            .output()
            .expect("it starts")
    };
    let checked = run(&[]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    let unknown = run(&[("MFA_LEDGER__NATS__URL", "nats://nats:4222")]);
    assert!(!unknown.status.success(), "a name that is none is noticed");
}

#[test]
fn what_its_services_name_is_there() {
    let compose = compose();
    let names = |key: &str| -> Vec<String> {
        let mapping = compose[key].as_mapping().expect("a mapping");
        mapping.keys().map(|key| key.as_str().expect("a name").to_owned()).collect()
    };
    let (volumes, secrets) = (names("volumes"), names("secrets"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, service) in compose["services"].as_mapping().expect("services") {
        for volume in service["volumes"].as_sequence().into_iter().flatten() {
            let source = volume.as_str().and_then(|it| it.split(':').next()).expect("a source");
            let known = if source.starts_with("./") {
                root.join(source).is_file()
            } else {
                volumes.iter().any(|it| it == source)
            };
            assert!(known, "{name:?}: {source}");
        }
        for secret in service["secrets"].as_sequence().into_iter().flatten() {
            assert!(secrets.iter().any(|it| Some(it.as_str()) == secret.as_str()), "{name:?}: {secret:?}");
        }
        let published = service["ports"].as_sequence().into_iter().flatten().filter_map(Value::as_str);
        for port in published {
            assert!(port.starts_with("127.0.0.1:"), "{name:?} is open to the network: {port}");
        }
        let user = service["image"].as_str().expect("an image");
        assert!(user.contains(':') && !user.ends_with(":latest"), "{name:?}: {user}");
    }
    // What the server is told to speak to is a service by that name.
    let services = names("services");
    for (name, value) in settings(&compose) {
        let host = match name.as_str() {
            "MFA_LEDGER__MAIL__HOST" => value.clone(),
            "MFA_LEDGER__NATS__URLS" => value.trim_start_matches("nats://").replace(":4222", ""),
            _ => continue,
        };
        assert!(services.contains(&host), "{name}: {host}");
    }
}

#[test]
fn the_memory_of_the_server_stays_off_the_disk_under_compose_and_systemd() {
    let server = &compose()["services"]["mfa-ledger"];
    assert_eq!(server["ulimits"]["core"].as_u64(), Some(0), "no core dump");
    let limit = server["mem_limit"].as_str().expect("without a limit for memory there is none for swap");
    assert_eq!(server["memswap_limit"].as_str(), Some(limit), "memory and swap together: no swap");
    for unit in ["deploy/mfa-ledger.service", "deploy/mfa-ledger-witness.service"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(unit);
        let text = std::fs::read_to_string(file).expect("it is there");
        for line in ["LimitCORE=0", "MemorySwapMax=0", "MemoryZSwapMax=0"] {
            assert!(text.lines().any(|it| it == line), "{unit}: {line}");
        }
    }
}
