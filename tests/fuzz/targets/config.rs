//! The configuration: a file of any bytes, and variables of any text. It is a configuration that can be
//! shown and read back, or a typed error that keeps the master key to itself.

use std::fmt::Write as _;

use mfa_ledger::config::{ConfigError, ENV_PREFIX, Flags, Loaded, Sources, template};

use super::{Outcome, Target, scratch};

pub const TARGET: Target = Target { name: "config", seeds, run };

/// What divides the file from the variables, of which one stands on each line.
const DIVIDER: u8 = 0;

/// Shorter values than this stand in messages for other reasons.
const TELLING: usize = 16;

pub fn seeds() -> Vec<Vec<u8>> {
    let whole = template().replace("\n#", "\n").replace("\n ", "\n# ");
    let key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    [
        whole,
        "data_dir = \"/srv/ledger\"\n[http]\nlisten = \"[::1]:0\"\ntrusted_proxies = [\"::1\", \"10.0.0.1\"]\n".to_owned(),
        format!("[vault]\nmaster_key = \"{key}\"\n"),
        format!("[vault]\nmaster_key = {key}\n"),
        format!("master_key = \"{key}\"\n"),
        format!("{ENV_PREFIX}VAULT__MASTER_KEY={key}\n"),
        format!("[vault]\nmaster_key = \"\"\"\n{key}\u{1}\"\"\"\n"),
        format!("vault = {{ master_key_file = \"k\", master_key = \"{key}\" }}\n"),
        "hashing.memory_kib = 8\nhashing.lanes = 16\n[telemetry]\nformat = \"json\"\n".to_owned(),
        "\0HTTP__LISTEN=127.0.0.1:1\nHASHING__PASSES=3\nHTTP__TRUSTED_PROXIES=::1,10.0.0.1".to_owned(),
        format!("[vault]\nmaster_key_file = \"k\"\n\0VAULT__MASTER_KEY={key}\nTELEMETRY__FILTER=warn"),
        "[nats]\nurls = [\"nats://h:1\"]\nwindow = 1\n\0NATS__USER=u\nNATS__PASSWORD=p".to_owned(),
        "[log]\nsegment_mib = 1\n\0LOG__SEGMENT_MIB=4097\nLOG__COMMANDS_WAITING=x".to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

pub fn run(data: &[u8]) -> Outcome {
    let mut parts = data.splitn(2, |byte| *byte == DIVIDER);
    let file = parts.next().unwrap_or_default();
    let variables = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let environment: Vec<_> = variables
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (format!("{ENV_PREFIX}{name}"), value.to_owned()))
        .collect();
    let dir = scratch();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, file).expect("it can be written");
    let keys = keys(file, &environment);
    let sources = Sources { file: Some(path.clone()), environment, flags: Flags::default() };
    match Loaded::load(sources) {
        Ok(loaded) => {
            shows(&loaded, &keys);
            let mut text = String::new();
            for setting in loaded.settings() {
                // Hidden: no file may hold it.
                let Some(value) = setting.value.filter(|value| value != "\"***\"") else { continue };
                let _ = writeln!(text, "{} = {value}", setting.key);
            }
            std::fs::write(&path, &text).expect("it can be written");
            let shown = Sources { file: Some(path), ..Sources::default() };
            let mut again = Loaded::load(shown).unwrap_or_else(|error| panic!("{error}\n{text}")).config;
            again.vault.master_key.clone_from(&loaded.config.vault.master_key);
            again.log.anchor_token.clone_from(&loaded.config.log.anchor_token);
            again.nats.user.clone_from(&loaded.config.nats.user);
            again.nats.password.clone_from(&loaded.config.nats.password);
            assert_eq!(again, loaded.config, "what is shown is what holds");
            "loaded".into()
        }
        Err(error) => {
            tells(&error, &keys);
            let kind = format!("{error:?}");
            kind.split(['(', ' ']).next().unwrap_or_default().to_owned().into()
        }
    }
}

/// Every text that may be meant as a master key, and stands nowhere else.
fn keys(file: &[u8], environment: &[(String, String)]) -> Vec<String> {
    let text = String::from_utf8_lossy(file);
    let names = ["master_key", "MASTER_KEY"];
    let in_file = names.iter().flat_map(|name| text.split(name).skip(1)).filter_map(|rest| {
        let rest = rest.trim_start_matches(['"', '\'', ' ', '\t']).strip_prefix('=')?;
        let rest = rest.trim_start_matches(['"', '\'', ' ', '\t', '\n']);
        Some(rest.split(['"', '\'', '\n', '\r', ' ', ',', '}', ']', '#']).next()?.to_owned())
    });
    let variable = format!("{ENV_PREFIX}VAULT__MASTER_KEY");
    let in_environment = environment.iter().filter(|(name, _)| *name == variable);
    let all = in_file.chain(in_environment.map(|(_, value)| value.trim().to_owned()));
    let everything = format!("{text}\n{environment:?}");
    all.filter(|key| key.len() >= TELLING && everything.matches(&**key).count() == 1).collect()
}

fn tells(error: &ConfigError, keys: &[String]) {
    let message = error.to_string();
    assert!(!message.is_empty());
    for key in keys {
        assert!(!message.contains(&**key), "the master key stands in a message: {message}");
    }
}

fn shows(loaded: &Loaded, keys: &[String]) {
    let debug = format!("{loaded:?}");
    let master = loaded.config.vault.master_key.is_some();
    for key in keys.iter().filter(|_| master) {
        assert!(!debug.contains(&**key), "the master key can be printed: {debug}");
    }
}
