//! The layers of the configuration, and how their mistakes are told.

use std::path::PathBuf;

use mfa_ledger::config::{Config, Flags, Loaded, Origin, Sources, template};

use crate::support::server::{Place, text};

fn file(place: &Place, content: &str) -> PathBuf {
    let path = place.outside().join("config.toml");
    std::fs::write(&path, content).expect("a file can be made");
    path
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What is wrong with a file and an environment.
fn fault(content: &str, environment: &[(&str, &str)]) -> String {
    let place = Place::empty();
    let sources = Sources {
        file: Some(file(&place, content)),
        environment: variables(environment),
        flags: Flags::default(),
    };
    Loaded::load(sources).expect_err("it is wrong").to_string()
}

#[test]
fn flags_win_over_the_environment_and_the_environment_over_the_file() {
    let place = Place::empty();
    let content = "data_dir = \"/from/file\"\n[http]\nlisten = \"127.0.0.1:1\"\nsse_clients = 7\n";
    let sources = Sources {
        file: Some(file(&place, content)),
        environment: variables(&[
            ("MFA_LEDGER__HTTP__LISTEN", "127.0.0.1:2"),
            ("MFA_LEDGER__HTTP__TRUSTED_PROXIES", "10.0.0.1, ::1"),
            ("MFA_LEDGER__DATA_DIR", "/from/environment"),
            ("MFA_LEDGER__TELEMETRY__FILTER", ""),
            ("MFA_LEDGER_TOKEN", "not a setting"),
        ]),
        flags: Flags { data_dir: Some("/from/flag".into()), ..Flags::default() },
    };
    let loaded = Loaded::load(sources).unwrap();
    let Loaded { config, .. } = &loaded;
    assert_eq!(config.data_dir, PathBuf::from("/from/flag"));
    assert_eq!(config.key_file(), PathBuf::from("/from/flag.key"));
    assert_eq!(config.http.listen.port(), 2);
    assert_eq!(config.http.sse_clients, 7);
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert_eq!(config.telemetry.filter, Config::default().telemetry.filter, "set to nothing is not set");
    assert_eq!(loaded.origin("data_dir"), Origin::Flag("--data-dir"));
    assert_eq!(loaded.origin("http.listen"), Origin::Variable("MFA_LEDGER__HTTP__LISTEN".to_owned()));
    assert_eq!(loaded.origin("hashing.lanes"), Origin::Default);
}

#[test]
fn a_mistake_is_told_with_key_value_and_place() {
    let told = fault("[http]\nlisten = 5\n", &[]);
    assert!(told.contains("config.toml") && told.contains("listen = 5"), "{told}");
    let told = fault("[http]\nlissten = \"127.0.0.1:1\"\n", &[]);
    assert!(told.contains("unknown field `lissten`") && told.contains("listen"), "{told}");
    let told = fault("", &[("MFA_LEDGER__HTTP__LISTEN", "everywhere")]);
    assert!(told.starts_with("MFA_LEDGER__HTTP__LISTEN=everywhere: "), "{told}");
    let told = fault("", &[("MFA_LEDGER__HTTP__SSE_CLIENTS", "many")]);
    assert_eq!(told, "MFA_LEDGER__HTTP__SSE_CLIENTS=many: it must be a whole number");
    let told = fault("", &[("MFA_LEDGER__HTTP__LISSTEN", "x")]);
    assert!(told.contains("MFA_LEDGER__HTTP__LISSTEN: there is no such setting"), "{told}");
    let told = fault("[hashing]\npasses = 65\n", &[]);
    assert!(told.starts_with("hashing.passes = 65 (") && told.contains("from 1 to 64"), "{told}");
}

#[test]
fn a_line_end_is_cut_off_a_secret_and_belongs_into_no_other_value() {
    let of = |name: &str, value: &str| {
        let place = Place::empty();
        let environment = vec![(name.to_owned(), value.to_owned())];
        let mail = "[mail]\nhost = \"mail.example.org\"\nsender = \"mfa@example.org\"\nuser_name = \"mfa\"\n";
        Loaded::load(Sources { file: Some(file(&place, mail)), environment, ..Sources::default() })
    };
    for ending in ["", "\n", "\r\n"] {
        let loaded = of("MFA_LEDGER__MAIL__PASSWORD", &format!("hunter2{ending}")).expect("it can be used");
        assert_eq!(loaded.config.mail.password.expect("given").expose(), "hunter2");
    }
    let told = of("MFA_LEDGER__MAIL__PASSWORD", "hun\nter2").map(drop).unwrap_err().to_string();
    assert!(told.contains("a line end") && !told.contains("ter2"), "{told}");
    for (name, value) in [
        ("MFA_LEDGER__HTTP__PUBLIC_URL", "https://mfa.example.org\r"),
        ("MFA_LEDGER__HTTP__SECURITY_CONTACT", "mailto:x@example.org\n"),
        ("MFA_LEDGER__RULES__DIR", "/etc/rules\u{1}"),
    ] {
        let told = of(name, value).map(drop).unwrap_err().to_string();
        assert!(told.contains("a line end, or another control character"), "{name}: {told}");
    }
    let told = fault("[http]\npublic_url = \"https://mfa.example.org\\n\"\n", &[]);
    assert!(told.contains("a line end") && told.contains("http.public_url"), "{told}");
}

#[test]
fn the_public_address_is_one_of_a_site() {
    for (url, origin) in [
        ("https://mfa.example.org", "https://mfa.example.org"),
        ("https://MFA.example.org:443/", "https://mfa.example.org"),
        ("http://localhost:8080/mfa", "http://localhost:8080"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ] {
        assert_eq!(mfa_ledger::config::origin(url).as_deref(), Some(origin));
        let place = Place::empty();
        let content = format!("[http]\npublic_url = \"{url}\"\n");
        assert!(Loaded::load(Sources { file: Some(file(&place, &content)), ..Sources::default() }).is_ok());
    }
    for url in [
        "mfa.example.org",
        "ftp://x",
        "https://",
        "https://a b",
        "https://me@x.org",
        "https://x.org/?a",
        "https://x.org/#a",
    ] {
        let told = fault(&format!("[http]\npublic_url = \"{url}\"\n"), &[]);
        assert!(told.contains("https://mfa.example.org"), "{url}: {told}");
    }
}

#[test]
fn the_mark_that_an_editor_puts_first_is_not_part_of_a_file() {
    let place = Place::empty();
    let content = "\u{feff}[http]\nsse_clients = 7\n";
    let loaded = Loaded::load(Sources { file: Some(file(&place, content)), ..Sources::default() });
    assert_eq!(loaded.expect("it can be used").config.http.sse_clients, 7);
    let rule = mfa_ledger::react::detect::PACK[0].1;
    assert!(mfa_ledger::react::detect::Rules::given(&format!("\u{feff}{rule}")).is_ok());
}

#[test]
fn limits_hold_at_their_edges() {
    for (good, bad) in [
        ("[hashing]\npasses = 64", "[hashing]\npasses = 65"),
        ("[hashing]\nmemory_kib = 8", "[hashing]\nmemory_kib = 7"),
        ("[hashing]\nmemory_kib = 1048576", "[hashing]\nmemory_kib = 1048577"),
        ("[log]\ncommands_waiting = 1", "[log]\ncommands_waiting = 0"),
        ("[log]\nsegment_mib = 4096", "[log]\nsegment_mib = 4097"),
        ("[log]\nreread_mib = 1048576", "[log]\nreread_mib = 1048577"),
        ("[log]\nreserve_mib = 0", "[log]\nreserve_mib = -1"),
        ("[log]\nreserve_mib = 1048576", "[log]\nreserve_mib = 1048577"),
        ("[http]\nsession_idle_minutes = 1440", "[http]\nsession_idle_minutes = 1441"),
        ("[log]\nhang_exit_seconds = 4", "[log]\nhang_exit_seconds = 3"),
        ("[log]\nhang_exit_seconds = 3600", "[log]\nhang_exit_seconds = 3601"),
        ("[http]\nin_flight = 1", "[http]\nin_flight = 0"),
        ("[nats]\nreplicas = 1", "[nats]\nreplicas = 0"),
        ("[nats]\nreplicas = 5", "[nats]\nreplicas = 6"),
        ("[nats]\nwindow = 1", "[nats]\nwindow = 0"),
        ("[nats]\nwindow = 4096", "[nats]\nwindow = 4097"),
        ("[mail]\ntimeout_seconds = 1", "[mail]\ntimeout_seconds = 0"),
        ("[mail]\ntimeout_seconds = 300", "[mail]\ntimeout_seconds = 301"),
        ("[mail]\nport = 65535", "[mail]\nport = 0"),
        ("[watchdog]\nreminder_hours = 8760", "[watchdog]\nreminder_hours = 8761"),
        ("[watchdog]\ndeactivate_hours = 8760", "[watchdog]\ndeactivate_hours = 8761"),
    ] {
        let place = Place::empty();
        let load =
            |content| Loaded::load(Sources { file: Some(file(&place, content)), ..Sources::default() });
        assert!(load(good).is_ok(), "{good}");
        assert!(load(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_master_key_stands_in_no_file_and_is_not_repeated() {
    let told = fault("[vault]\nmaster_key = \"hunter2\"\n", &[]);
    assert!(
        told.contains("vault.master_key does not belong into a file") && !told.contains("hunter2"),
        "{told}"
    );
    let both = [("MFA_LEDGER__VAULT__MASTER_KEY", "hunter2"), ("MFA_LEDGER__VAULT__MASTER_KEY_FILE", "/k")];
    let told = fault("", &both);
    assert!(told.contains("given twice") && !told.contains("hunter2"), "{told}");
    for file in [
        "[vault]\nmaster_key = hunter2\n",
        "master_key = \"hunter2\"\n",
        "[vault]\nmaster_key = \"\"\"\nhunter2\u{1}\"\"\"\n",
        "MFA_LEDGER__VAULT__MASTER_KEY=hunter2\n",
        "# master-key = hunter2\u{1}\n",
        "[log]\nsigning_key = \"PRIVATE+KEY+log+00000000+hunter2\"\n",
    ] {
        let told = fault(file, &[]);
        assert!(told.contains("line ") && !told.contains("hunter2"), "{file:?}: {told}");
    }
    for key in ["[vault]\nmaster_key_file", "[log]\nsigning_key_file"] {
        let told = fault(&format!("data_dir = \"/srv/l\"\n{key} = \"/srv/l/key\"\n"), &[]);
        assert!(told.contains("it lies in the data directory"), "{told}");
    }
}

#[test]
fn anchors_are_directories_outside_or_addresses() {
    let anchors = |text: &str| fault(&format!("data_dir = \"/srv/l\"\n[log]\nanchors = [{text}]\n"), &[]);
    assert!(anchors("\"/srv/l/a\"").contains("lies in the data directory"));
    assert!(anchors("\"a\"").contains("must be a directory"));
    assert!(anchors("\"https://a\"").contains("no TLS here"));
    assert!(anchors(&["\"/a\""; 17].join(",")).contains("from 0 to 16"));
    assert!(fault("[log]\nwitnesses = [\"http://a\"]\n", &[]).contains("must be a verifier key"));
    let told = fault("[log]\nanchor_token = \"hunter2\"\n", &[]);
    assert!(told.contains("MFA_LEDGER__LOG__ANCHOR_TOKEN") && !told.contains("hunter2"), "{told}");
    let environment = variables(&[
        ("MFA_LEDGER__LOG__ANCHORS", &["/a"; 16].join(",")),
        ("MFA_LEDGER__LOG__ANCHOR_TOKEN", "hunter2"),
    ]);
    let loaded = Loaded::load(Sources { environment, ..Sources::default() }).unwrap();
    assert_eq!(loaded.config.log.anchors.len(), 16);
    assert_eq!(
        loaded.config.log.anchor_token.as_ref().map(mfa_ledger::config::Secret::expose),
        Some("hunter2")
    );
    assert!(!format!("{:?} {loaded:?}", loaded.settings()).contains("hunter2"));
}

#[test]
fn nats_is_an_address_and_one_way_to_log_in_and_no_password_is_shown() {
    let nats = |text: &str, environment: &[(&str, &str)]| {
        fault(&format!("[nats]\nurls = [\"nats://h:1\"]\n{text}"), environment)
    };
    for url in ["h:1", "http://h", "nats://", "nats://h/x", "ws://h"] {
        let told = fault(&format!("[nats]\nurls = [\"{url}\"]\n"), &[]);
        assert!(told.contains("nats.urls") && told.contains("nats://host:4222"), "{told}");
    }
    let many = ["\"nats://h\""; 17].join(",");
    assert!(fault(&format!("[nats]\nurls = [{many}]\n"), &[]).contains("from 0 to 16"));
    for told in [
        fault("[nats]\nurls = [\"nats://u:hunter2@h\"]\n", &[]),
        fault("[nats]\nurls = [\"nats://u:hunter2@h\"\n", &[]),
        fault("", &[("MFA_LEDGER__NATS__URLS", "nats://u:hunter2@h")]),
        fault("[nats]\npassword = \"hunter2\"\n", &[]),
        fault("[nats]\npassword = hunter2\n", &[]),
        nats("", &[("MFA_LEDGER__NATS__PASSWORD", "hunter2")]),
        nats("nkey_file = \"/k\"\n", &[("MFA_LEDGER__NATS__USER", "hunter2")]),
    ] {
        assert!(!told.contains("hunter2"), "{told}");
    }
    assert!(nats("credentials_file = \"/c\"\nnkey_file = \"/k\"\n", &[]).contains("give one of them"));
    assert!(nats("client_key_file = \"/k\"\n", &[]).contains("certificate is missing"));
    assert!(nats("client_certificate_file = \"/k\"\n", &[]).contains("key is missing"));
    assert!(nats("events_stream = \"a.b\"\n", &[]).contains("letters, digits"));
    assert!(nats("events_stream = \"MFA_CHECKPOINTS\"\n", &[]).contains("another stream"));
    let told = fault("", &[("MFA_LEDGER__NATS__CREATE_STREAM", "perhaps")]);
    assert_eq!(told, "MFA_LEDGER__NATS__CREATE_STREAM=perhaps: it must be true or false");
    let environment = variables(&[
        ("MFA_LEDGER__NATS__URLS", &["nats://h"; 16].join(",")),
        ("MFA_LEDGER__NATS__CREATE_STREAM", "false"),
        ("MFA_LEDGER__NATS__USER", "hunter1"),
        ("MFA_LEDGER__NATS__PASSWORD", "hunter2"),
    ]);
    let loaded = Loaded::load(Sources { environment, ..Sources::default() }).unwrap();
    assert_eq!((loaded.config.nats.urls.len(), loaded.config.nats.create_stream), (16, false));
    assert!(!format!("{:?} {loaded:?}", loaded.settings()).contains("hunter"));
}

#[test]
fn mail_is_whole_or_none_and_its_password_stands_in_no_file() {
    let sender = "sender = \"MFA <mfa@example.org>\"\n";
    let mail = |rest: &str, environment: &[(&str, &str)]| {
        fault(&format!("[mail]\nhost = \"mail.example.org\"\n{rest}"), environment)
    };
    assert!(mail("", &[]).contains("mail.sender =  (") && mail("", &[]).contains("must be a mail address"));
    for sender in ["nobody", "@", "a@b, c@d"] {
        let told = mail(&format!("sender = \"{sender}\"\n"), &[]);
        assert!(told.contains("must be a mail address"), "{sender}: {told}");
    }
    assert!(mail("sender = \"a@b\\r\\nBcc: c@d\"\n", &[]).contains("it holds a line end"));
    assert!(fault(&format!("[mail]\n{sender}"), &[]).contains("there is no mail.host"));
    let told = fault(&format!("[mail]\nhost = \"smtp://x/\"\n{sender}"), &[]);
    assert!(told.contains("the name or the address of a host"), "{told}");
    assert!(mail(&format!("{sender}tls = \"ssl\"\n"), &[]).contains("starttls-if-offered"));
    assert!(mail(&format!("{sender}user_name = \"u\"\n"), &[]).contains("MFA_LEDGER__MAIL__PASSWORD"));
    let password = [("MFA_LEDGER__MAIL__PASSWORD", "hunter2")];
    let told = mail(sender, &password);
    assert!(told.contains("it needs a mail.user_name") && !told.contains("hunter2"), "{told}");
    for tls in ["none", "starttls-if-offered"] {
        let told = mail(&format!("{sender}user_name = \"u\"\ntls = \"{tls}\"\n"), &password);
        assert!(told.contains("could be read on its way") && !told.contains("hunter2"), "{told}");
    }
    for line in ["password = \"hunter2\"\n", "password = hunter2\n"] {
        let told = mail(&format!("{sender}{line}"), &[]);
        assert!(!told.contains("hunter2"), "{told}");
    }
    let place = Place::empty();
    let content = format!("[mail]\nhost = \"mail.example.org\"\n{sender}user_name = \"u\"\n");
    let sources = Sources {
        file: Some(file(&place, &content)),
        environment: variables(&password),
        flags: Flags::default(),
    };
    let loaded = Loaded::load(sources).unwrap();
    assert_eq!(loaded.config.mail.port(), 587);
    assert!(!format!("{:?} {loaded:?}", loaded.settings()).contains("hunter2"));
}

#[test]
fn the_template_is_the_default_and_names_every_key() {
    let place = Place::empty();
    let load = |content: &str| {
        // A user name at the mail host is nothing without its password, which no file holds.
        let environment = variables(&[("MFA_LEDGER__MAIL__PASSWORD", "hunter2")]);
        let environment = if content.contains("\nuser_name") { environment } else { Vec::new() };
        let sources = Sources { file: Some(file(&place, content)), environment, ..Sources::default() };
        Loaded::load(sources).unwrap().config
    };
    assert_eq!(load(template()), Config::default());
    // A mark without a blank behind it stands before a setting.
    let all: String = template()
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| !rest.starts_with([' ', '\0']) && !rest.is_empty())
                .unwrap_or(line)
        })
        .fold(String::new(), |text, line| text + line + "\n");
    let mut config = load(&all);
    let examples = [
        config.http.public_url.take().is_some(),
        config.http.security_contact.take().is_some(),
        config.vault.master_key_file.take().is_some(),
        config.log.signing_key_file.take().is_some(),
        config.log.anchor_memory_file.take().is_some(),
        config.nats.credentials_file.take().is_some(),
        config.nats.nkey_file.take().is_some(),
        config.nats.ca_file.take().is_some(),
        config.nats.client_certificate_file.take().is_some(),
        config.nats.client_key_file.take().is_some(),
        config.mail.host.take().is_some(),
        config.mail.port.take().is_some(),
        config.mail.user_name.take().is_some(),
        config.mail.password.take().is_some(),
        config.mail.sender.take().is_some(),
        config.mail.ca_file.take().is_some(),
        config.rules.dir.take().is_some(),
        config.webhooks.authorities_file.take().is_some(),
    ];
    assert_eq!(examples, [true; 18]);
    // All but the password at the mail host, which no file holds.
    assert_eq!(template().matches("  # example\n").count(), examples.len() - 1);
    assert_eq!(config, Config::default());
    for setting in Loaded::load(Sources::default()).unwrap().settings() {
        let key = setting.key.rsplit('.').next().unwrap();
        assert!(
            ["vault.master_key", "log.anchor_token", "mail.password", "nats.user", "nats.password"]
                .contains(&setting.key)
                || all.contains(&format!("\n{key} = ")),
            "{key} is not in it"
        );
    }
}

#[test]
fn config_check_says_yes_or_what_is_wrong() {
    let place = Place::empty();
    let good = place.run(&["config", "check"]);
    assert_eq!((good.status.code(), text(&good.stdout)), (Some(0), String::new()));
    let path = file(&place, "[telemetry]\nfilter = \"mfa_ledger=loud\"\n");
    let bad = place.run(&["config", "check", "--config", path.to_str().unwrap()]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad.stderr).contains("telemetry.filter = mfa_ledger=loud ("), "{}", text(&bad.stderr));
    let missing = place.run(&["config", "check", "--config", "/nowhere/config.toml"]);
    assert!(text(&missing.stderr).contains("/nowhere/config.toml cannot be read"));
}
