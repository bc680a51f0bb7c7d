//! Reading the layers, each checked by itself before it is laid over the one below.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::check::check;
use super::keys::{ANCHOR_TOKEN, KEYS, Kind, MAIL_PASSWORD, MASTER_KEY, NATS_PASSWORD, NATS_USER, SECRETS};
use super::{Config, Secret};
use crate::text_file::without_mark;

/// Read when it is there and no other file is named.
pub const DEFAULT_FILE: &str = "/etc/mfa-ledger/config.toml";

/// Every variable of the environment that begins so must be a key of the configuration.
pub const ENV_PREFIX: &str = "MFA_LEDGER__";

/// Where the layers come from.
#[derive(Debug, Default)]
pub struct Sources {
    /// The file that was named; [`DEFAULT_FILE`] otherwise, if it is there.
    pub file: Option<PathBuf>,
    /// The environment; variables that do not begin with [`ENV_PREFIX`] are not looked at.
    pub environment: Vec<(String, String)>,
    /// The command line.
    pub flags: Flags,
}

/// What the command line can set.
#[derive(Debug, Default)]
pub struct Flags {
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<SocketAddr>,
    /// `--nats`.
    pub nats: Vec<String>,
}

/// What is wrong with a text that no setting can be.
const CONTROL: &str = "it holds a line end, or another control character";

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// The layers laid over each other.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What came of it.
    pub config: Config,
    /// Where each key that is not a default was set.
    pub origins: BTreeMap<String, Origin>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key, such as `http.listen`.
    pub key: &'static str,
    /// Its value, if it has one.
    pub value: Option<String>,
}

/// Where a value was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere.
    Default,
    /// In this file.
    File(PathBuf),
    /// In this variable of the environment.
    Variable(String),
    /// By this flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or cannot be read.
    #[error("the configuration file {} cannot be read", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    /// The file says what cannot be.
    #[error("{}: {message}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong, with line and key.
        message: String,
    },
    /// The file holds a secret.
    #[error("{}: {key} does not belong into a file that is not secret: {instead}", file.display())]
    SecretInFile {
        /// The file.
        file: PathBuf,
        /// The key.
        key: &'static str,
        /// What is to be done.
        instead: &'static str,
    },
    /// The environment says what cannot be.
    #[error("{variable}={value}: {why}")]
    Variable {
        /// The variable.
        variable: String,
        /// Its value.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// The environment names a key that is none.
    #[error("{variable}: there is no such setting; those there are: {}", known_variables())]
    UnknownVariable {
        /// The variable.
        variable: String,
    },
    /// Two ways of giving the master key contradict each other.
    #[error("the master key is given twice, by {ENV_PREFIX}VAULT__MASTER_KEY and as a file: give it once")]
    KeyTwice,
    /// A value is out of range, or does not go with another.
    #[error("{key} = {value} ({origin}): {why}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// Where it was set.
        origin: Origin,
        /// What would be right.
        why: String,
    },
}

impl Loaded {
    /// Reads all layers.
    pub fn load(sources: Sources) -> Result<Self, ConfigError> {
        let mut layers = Layers::default();
        let default = Path::new(DEFAULT_FILE);
        if let Some(file) = sources.file {
            layers.take_file(&file)?;
        } else if default.try_exists().map_err(|error| ConfigError::Unreadable(default.into(), error))? {
            layers.take_file(default)?;
        }
        for (name, value) in sources.environment {
            // Set to nothing is not set: compose files leave such variables behind.
            if name.starts_with(ENV_PREFIX) && !value.is_empty() {
                layers.take_variable(name, value)?;
            }
        }
        layers.finish(sources.flags)
    }

    /// Every setting with its value as TOML has it; secrets are hidden.
    pub fn settings(&self) -> Vec<Setting> {
        let table = Table::try_from(&self.config).expect("a configuration is TOML");
        let value = |key: &str| lookup(&table, key).map(ToString::to_string);
        let hidden = |secret: &Option<Secret>| secret.as_ref().map(|_| "\"***\"".to_owned());
        let shown = |key: &str| match key {
            MASTER_KEY => hidden(&self.config.vault.master_key),
            ANCHOR_TOKEN => hidden(&self.config.log.anchor_token),
            NATS_USER => hidden(&self.config.nats.user),
            NATS_PASSWORD => hidden(&self.config.nats.password),
            MAIL_PASSWORD => hidden(&self.config.mail.password),
            _ => value(key),
        };
        KEYS.iter().map(|(key, _)| Setting { key, value: shown(key) }).collect()
    }

    /// Where a key was set.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or(Origin::Default)
    }
}

#[derive(Default)]
struct Layers {
    merged: Table,
    secrets: BTreeMap<&'static str, Secret>,
    origins: BTreeMap<String, Origin>,
}

impl Layers {
    fn take_file(&mut self, file: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|e| ConfigError::Unreadable(file.into(), e))?;
        let text = without_mark(&text).to_owned();
        let wrong =
            |error: &toml::de::Error| ConfigError::File { file: file.into(), message: told(error, &text) };
        // Before anything that would quote the line.
        if let Ok(table) = text.parse::<Table>()
            && let Some((key, instead)) = SECRETS.iter().find(|(key, _)| lookup(&table, key).is_some())
        {
            return Err(ConfigError::SecretInFile { file: file.into(), key, instead });
        }
        let table: Table = toml::from_str(&text).map_err(|error| wrong(&error))?;
        let _checked: Config = toml::from_str(&text).map_err(|error| wrong(&error))?;
        for (key, _) in KEYS {
            if let Some(value) = lookup(&table, key) {
                self.set(key, value.clone(), Origin::File(file.into()));
            }
        }
        Ok(())
    }

    fn take_variable(&mut self, variable: String, text: String) -> Result<(), ConfigError> {
        let Some((key, kind)) = KEYS.iter().find(|(key, _)| variable_of(key) == variable) else {
            return Err(ConfigError::UnknownVariable { variable });
        };
        if SECRETS.iter().any(|(secret, _)| secret == key) {
            // As from a file: what `$(cat FILE)` would cut, an environment file keeps.
            let secret = text.trim_end_matches(['\r', '\n']).to_owned();
            if has_control(&secret) {
                return Err(ConfigError::Variable {
                    variable,
                    value: "***".to_owned(),
                    why: CONTROL.to_owned(),
                });
            }
            self.secrets.insert(key, Secret::new(secret));
            self.origins.insert((*key).to_owned(), Origin::Variable(variable));
            return Ok(());
        }
        let value = match kind {
            Kind::Text => Some(Value::String(text.clone())),
            Kind::Number => text.trim().parse().ok().map(Value::Integer),
            Kind::Truth => text.trim().parse().ok().map(Value::Boolean),
            Kind::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
            }
        };
        let other = if matches!(kind, Kind::Truth) { "true or false" } else { "a whole number" };
        let checked = value.ok_or(format!("it must be {other}")).and_then(|value| {
            let mut alone = Table::new();
            insert(&mut alone, key, value.clone());
            Config::deserialize(Value::Table(alone)).map_err(|error| error.message().to_owned())?;
            Ok(value)
        });
        match checked {
            Ok(value) => self.set(key, value, Origin::Variable(variable)),
            Err(why) => return Err(ConfigError::Variable { variable, value: text, why }),
        }
        Ok(())
    }

    fn set(&mut self, key: &str, value: Value, origin: Origin) {
        insert(&mut self.merged, key, value);
        self.origins.insert(key.to_owned(), origin);
    }

    /// The first text with a character in it that belongs into none.
    fn with_control(&self) -> Option<ConfigError> {
        let (key, text) = KEYS.iter().find_map(|(key, _)| {
            let texts = match lookup(&self.merged, key)? {
                Value::String(text) => vec![text.as_str()],
                Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            texts.into_iter().find(|text| has_control(text)).map(|text| (*key, text))
        })?;
        let origin = self.origins.get(key).cloned().unwrap_or(Origin::Default);
        Some(ConfigError::Invalid { key, value: format!("{text:?}"), origin, why: CONTROL.to_owned() })
    }

    fn finish(self, flags: Flags) -> Result<Loaded, ConfigError> {
        if let Some(error) = self.with_control() {
            return Err(error);
        }
        let Self { merged, mut secrets, mut origins } = self;
        let mut config = Config::deserialize(Value::Table(merged)).expect("every layer was read by itself");
        config.log.anchor_token = secrets.remove(ANCHOR_TOKEN);
        config.nats.user = secrets.remove(NATS_USER);
        config.nats.password = secrets.remove(NATS_PASSWORD);
        config.mail.password = secrets.remove(MAIL_PASSWORD);
        let master_key = secrets.remove(MASTER_KEY);
        if master_key.is_some() && config.vault.master_key_file.is_some() {
            return Err(ConfigError::KeyTwice);
        }
        config.vault.master_key = master_key;
        if let Some(dir) = flags.data_dir {
            config.data_dir = dir;
            origins.insert("data_dir".to_owned(), Origin::Flag("--data-dir"));
        }
        if let Some(listen) = flags.listen {
            config.http.listen = listen;
            origins.insert("http.listen".to_owned(), Origin::Flag("--listen"));
        }
        if !flags.nats.is_empty() {
            config.nats.urls = flags.nats;
            origins.insert("nats.urls".to_owned(), Origin::Flag("--nats"));
        }
        let loaded = Loaded { config, origins };
        check(&loaded.config).map_err(|fault| ConfigError::Invalid {
            origin: loaded.origin(fault.key),
            key: fault.key,
            value: fault.value,
            why: fault.why,
        })?;
        Ok(loaded)
    }
}

/// What is wrong and where, with the line itself unless a key may stand in it.
fn told(error: &toml::de::Error, text: &str) -> String {
    if !text.lines().any(names_key) {
        return error.to_string();
    }
    let at = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    format!("line {line}: {}", error.message())
}

/// Whether a line may begin to give a key or a password, which stand in no file like this one: the file is
/// wrong, so their names and what is a comment may be as well. An address may have a password in it. A comment
/// that only speaks of such a thing gives nothing.
fn names_key(line: &str) -> bool {
    let letters = line.to_ascii_lowercase().replace(['_', '-'], "");
    let speaks = letters.trim_start().starts_with('#');
    let names = ["masterkey", "signingkey", "password"];
    let mut rests = names.into_iter().flat_map(|name| letters.split(name).skip(1));
    let in_address = letters.split("://").skip(1).any(|rest| rest.contains('@'));
    in_address || rests.any(|rest| !rest.starts_with("file") && (!speaks || rest.contains('=')))
}

/// The variable that sets a key.
pub(super) fn variable_of(key: &str) -> String {
    format!("{ENV_PREFIX}{}", key.replace('.', "__").to_uppercase())
}

fn known_variables() -> String {
    KEYS.iter().map(|(key, _)| variable_of(key)).collect::<Vec<_>>().join(" ")
}

fn lookup<'t>(table: &'t Table, key: &str) -> Option<&'t Value> {
    match key.split_once('.') {
        None => table.get(key),
        Some((section, key)) => table.get(section)?.as_table()?.get(key),
    }
}

fn insert(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, key)) => {
            let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                section.insert(key.to_owned(), value);
            }
        }
    }
}
