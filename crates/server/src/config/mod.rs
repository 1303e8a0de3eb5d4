//! What the operator decides, in one struct per part.
//!
//! Sources, later ones win: the defaults, TOML files, the environment
//! (`COMPLIANCELAYER_PART__KEY`, lists comma-separated), flags. `cli` reads them once and hands them
//! in as [`Sources`]; nothing below reads the environment.
//!
//! [`part!`](part::part) makes the struct, its defaults and its rows in the table of settings from
//! one declaration, so `config show`, `docs/config.md` and the complaints cannot disagree. Fields
//! hold what was written; derived things are built in `App`.
//!
//! To add a setting: a field in its part. A new kind of value is an `impl Value` in `value.rs`.

mod auth;
mod database;
mod log;
mod mail;
mod metrics;
mod part;
mod plans;
mod providers;
mod redis;
mod scan;
mod server;
mod template;
mod tls;
mod usage;
mod value;
mod webhooks;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use auth::AuthConfig;
pub use database::DatabaseConfig;
pub use log::{LogConfig, LogFormat, LogLevel};
pub use mail::MailConfig;
pub use metrics::MetricsConfig;
use part::{Part, Setting};
pub use plans::PlansConfig;
pub use providers::ProvidersConfig;
pub use redis::RedisConfig;
pub use scan::ScanConfig;
pub use server::ServerConfig;
pub use template::template;
pub use tls::TlsConfig;
pub use usage::{StoreIp, UsageConfig};
use value::Raw;
pub use value::{BaseUrl, Bounded, BreachSource, PortOverride, SecretText, SecretUrl};
pub use webhooks::WebhooksConfig;

const ENVIRONMENT_PREFIX: &str = "COMPLIANCELAYER_";

/// Parts of a file that are the command line's, which reads them itself.
const NOT_OURS: &[&str] = &["accept", "gate"];

/// Settings that stood in `scan` once, and what they are called now.
const MOVED: &[(&str, &str)] = &[
    ("scan.block_lists", "providers.block_lists"),
    ("scan.breach_api_key", "providers.breaches_api_key"),
    ("scan.breach_file", "providers.breaches"),
    ("scan.breach_url", "providers.breaches"),
    ("scan.hsts_preload_list", "providers.hsts_preload"),
    ("scan.rdap_url", "providers.rdap"),
    ("scan.reputation_lists", "providers.reputation"),
    ("scan.transparency_url", "providers.certificate_transparency"),
];

/// Every setting, read and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder for the embedded database and the secrets; `--data-dir` or
    /// `COMPLIANCELAYER_DATA_DIR`.
    pub data_dir: PathBuf,
    pub server: ServerConfig,
    pub database: DatabaseConfig,
    pub redis: RedisConfig,
    pub auth: AuthConfig,
    pub plans: PlansConfig,
    pub usage: UsageConfig,
    pub mail: MailConfig,
    pub scan: ScanConfig,
    pub providers: ProvidersConfig,
    pub metrics: MetricsConfig,
    pub webhooks: WebhooksConfig,
    pub tls: TlsConfig,
    pub log: LogConfig,
}

/// Where settings come from, read by `cli`.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    pub data_dir: PathBuf,
    /// TOML files, later ones win.
    pub files: Vec<SettingsFile>,
    /// The whole environment; only `COMPLIANCELAYER_PART__KEY` is looked at.
    pub environment: BTreeMap<String, String>,
    /// `part.key` and value, from flags.
    pub flags: Vec<(String, String)>,
}

/// A file of settings.
#[derive(Debug, Clone, Default)]
pub struct SettingsFile {
    /// What it is called when it is told of.
    pub name: String,
    /// What stands in it, as TOML.
    pub text: String,
}

/// Which source decided a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Default,
    File,
    Environment,
    Flag,
}

/// One complaint: the key and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` {message}")]
pub struct Problem {
    pub key: String,
    pub message: String,
}

/// One line of `config show`. Secrets are already hidden.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ShownSetting {
    pub key: &'static str,
    pub value: String,
    pub origin: Origin,
    /// The file or the variable; nothing for a default or a flag.
    pub place: Option<String>,
}

/// The settings with where each came from.
#[derive(Debug, Clone)]
pub struct LoadedConfig {
    pub config: Config,
    origins: Origins,
}

/// By key, where a setting came from and what that is called.
type Origins = BTreeMap<String, (Origin, Option<String>)>;

impl Config {
    /// Returns the defaults, with data in `data_dir`.
    pub fn in_folder(data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            server: ServerConfig::default(),
            database: DatabaseConfig::default(),
            redis: RedisConfig::default(),
            auth: AuthConfig::default(),
            plans: PlansConfig::default(),
            usage: UsageConfig::default(),
            mail: MailConfig::default(),
            scan: ScanConfig::default(),
            providers: ProvidersConfig::default(),
            metrics: MetricsConfig::default(),
            webhooks: WebhooksConfig::default(),
            tls: TlsConfig::default(),
            log: LogConfig::default(),
        }
    }

    /// Reads all sources. Returns every problem at once: nobody likes fixing one per restart.
    pub fn load(sources: &Sources) -> Result<LoadedConfig, Vec<Problem>> {
        let mut loading = Loading {
            config: Self::in_folder(sources.data_dir.clone()),
            origins: BTreeMap::new(),
            problems: Vec::new(),
        };
        for file in &sources.files {
            loading.read_file(file);
        }
        for (name, value) in &sources.environment {
            loading.read_variable(name, value);
        }
        for (key, value) in &sources.flags {
            loading.set(key, key, Raw::Text(value), (Origin::Flag, None));
        }
        loading.problems.extend(loading.config.contradictions());
        match loading.problems.is_empty() {
            true => Ok(LoadedConfig { config: loading.config, origins: loading.origins }),
            false => Err(loading.problems),
        }
    }

    /// Returns the address of the database, the embedded one when none is set.
    pub fn database_url(&self) -> String {
        match &self.database.url {
            Some(url) => url.expose().to_owned(),
            None => format!("sqlite://{}", self.data_dir.join("compliancelayer.db").display()),
        }
    }

    /// Returns one sentence for each setting whose feature this version does not have yet.
    pub fn warnings(&self) -> Vec<String> {
        let set = [
            ("redis.url", self.redis.url.is_some()),
            ("webhooks.allow_http_localhost", self.webhooks.allow_http_localhost),
        ];
        let unused = set.iter().filter(|(_, set)| *set);
        unused
            .map(|(key, _)| format!("`{key}` is set, but this version does not use it yet"))
            .collect()
    }

    /// Settings that are fine alone and wrong together.
    fn contradictions(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut complain = |key: &str, message: &str| {
            problems.push(Problem { key: key.to_owned(), message: message.to_owned() });
        };
        if self.auth.require_email_verification && self.mail.smtp_url.is_none() {
            complain(
                "auth.require_email_verification",
                "needs `mail.smtp_url`, since the link is sent by mail; set both or neither",
            );
        }
        if self.mail.smtp_url.is_some() && self.mail.from.is_none() {
            complain("mail.smtp_url", "needs `mail.from`, the sender of the letters; set both");
        }
        match (&self.tls.cert, &self.tls.key) {
            (Some(_), None) => complain("tls.cert", "needs `tls.key`; set both or neither"),
            (None, Some(_)) => complain("tls.key", "needs `tls.cert`; set both or neither"),
            _ => {}
        }
        let (services, files) = self.providers.breach_sources();
        if services.len() > 1 || files.len() > 1 {
            complain("providers.breaches", "takes one URL and one file at most");
        }
        if self.providers.breaches_api_key.is_some() && services.is_empty() {
            complain("providers.breaches_api_key", "needs a URL in `providers.breaches`");
        }
        if let Some(url) = &self.database.url {
            let scheme = url.expose().split_once("://").map_or("", |(scheme, _)| scheme);
            if !["sqlite", "postgres", "postgresql"].contains(&scheme) {
                complain("database.url", "must be sqlite://PATH or postgres://USER@HOST/NAME");
            }
        }
        problems
    }

    fn parts(&self) -> [&dyn Part; 13] {
        [
            &self.server,
            &self.database,
            &self.redis,
            &self.auth,
            &self.plans,
            &self.usage,
            &self.mail,
            &self.scan,
            &self.providers,
            &self.metrics,
            &self.webhooks,
            &self.tls,
            &self.log,
        ]
    }

    fn part_mut(&mut self, name: &str) -> Option<&mut dyn Part> {
        let parts: [&mut dyn Part; 13] = [
            &mut self.server,
            &mut self.database,
            &mut self.redis,
            &mut self.auth,
            &mut self.plans,
            &mut self.usage,
            &mut self.mail,
            &mut self.scan,
            &mut self.providers,
            &mut self.metrics,
            &mut self.webhooks,
            &mut self.tls,
            &mut self.log,
        ];
        parts.into_iter().find(|part| part.name() == name)
    }

    fn settings(&self) -> Vec<Setting> {
        self.parts().iter().flat_map(|part| part.settings()).collect()
    }
}

impl LoadedConfig {
    /// Returns every setting with its value and where it came from.
    pub fn show(&self) -> Vec<ShownSetting> {
        let shown = |setting: Setting| {
            let known = self.origins.get(setting.key).cloned();
            let (origin, place) = known.unwrap_or((Origin::Default, None));
            ShownSetting { key: setting.key, value: setting.value, origin, place }
        };
        self.config.settings().into_iter().map(shown).collect()
    }
}

struct Loading {
    config: Config,
    origins: Origins,
    problems: Vec<Problem>,
}

impl Loading {
    fn read_file(&mut self, file: &SettingsFile) {
        let table: toml::Table = match file.text.parse() {
            Ok(table) => table,
            Err(error) => return self.complain(&file.name, format!("is broken: {error}")),
        };
        for (part, value) in table.iter().filter(|(part, _)| !NOT_OURS.contains(&part.as_str())) {
            let toml::Value::Table(fields) = value else {
                self.complain(part, format!("must stand in a part: {}", self.part_names()));
                continue;
            };
            for (field, value) in fields {
                let key = format!("{part}.{field}");
                let origin = (Origin::File, Some(file.name.clone()));
                self.set(&key, &key, Raw::Toml(value), origin);
            }
        }
    }

    fn read_variable(&mut self, name: &str, value: &str) {
        let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) else { return };
        let Some((part, field)) = rest.split_once("__") else { return };
        let key = format!("{}.{}", part.to_lowercase(), field.to_lowercase());
        let origin = (Origin::Environment, Some(name.to_owned()));
        self.set(&key, name, Raw::Text(value), origin);
    }

    /// Sets `key`; `written` is how the source spells it.
    fn set(&mut self, key: &str, written: &str, raw: Raw<'_>, origin: (Origin, Option<String>)) {
        let (part_name, field) = key.split_once('.').unwrap_or((key, ""));
        let Some(part) = self.config.part_mut(part_name) else {
            return self
                .complain(written, format!("is no setting; the parts are {}", self.part_names()));
        };
        let outcome = part.set(field, raw);
        let known = part.settings();
        match outcome {
            Some(Ok(())) => {
                self.origins.insert(key.to_owned(), origin);
            }
            Some(Err(message)) => self.complain(written, message),
            None if let Some((_, now)) = MOVED.iter().find(|(old, _)| *old == key) => {
                self.complain(written, format!("is no setting; did you mean `{now}`?"));
            }
            None => {
                let names: Vec<_> = known.iter().map(|setting| setting.key).collect();
                self.complain(written, format!("is no setting; there are {}", names.join(", ")));
            }
        }
    }

    fn complain(&mut self, key: &str, message: String) {
        self.problems.push(Problem { key: key.to_owned(), message });
    }

    fn part_names(&self) -> String {
        let names: Vec<_> = self.config.parts().iter().map(|part| part.name()).collect();
        names.join(", ")
    }
}

/// Returns `docs/config.md`.
pub fn reference() -> String {
    let config = Config::in_folder(PathBuf::from("data"));
    let mut page = String::from(
        "# Settings\n\n\
         Printed from the program by `cargo xtask docs`. Sources, later ones win: the defaults, a\n\
         TOML file, the environment (`COMPLIANCELAYER_PART__KEY`, two underscores between part and\n\
         key, lists comma-separated), flags. The file is the one that `--config` names; without it\n\
         `scan`, `ownership` and `config` read `compliancelayer/config.toml` in the user's folder\n\
         for settings (`$XDG_CONFIG_HOME`, else `~/.config`) and then `compliancelayer.toml` in the\n\
         working folder: `docs/command-line.md`. An unknown key is refused.\n\
         `compliancelayer config show` prints what is in force and where it came from, `config init`\n\
         a file with every setting.\n",
    );
    for part in config.parts() {
        page.push_str(&format!(
            "\n## `[{}]`\n\n{}\n\n| Key | Type | Default | Meaning |\n| --- | --- | --- | --- |\n",
            part.name(),
            part.doc()
        ));
        for setting in part.settings() {
            let default = match setting.value.as_str() {
                "" => "none".to_owned(),
                value => format!("`{value}`"),
            };
            page.push_str(&format!(
                "| `{}` | {} | {default} | {} |\n",
                setting.key, setting.kind, setting.doc
            ));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Sources {
        let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        Sources {
            data_dir: PathBuf::from("data"),
            files: vec![SettingsFile { name: "it.toml".to_owned(), text: file.to_owned() }],
            environment: environment.iter().map(own).collect(),
            flags: flags.iter().map(own).collect(),
        }
    }

    #[test]
    fn an_empty_file_is_valid() {
        let loaded = Config::load(&sources("", &[], &[])).unwrap();
        assert_eq!(loaded.config.server.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(loaded.config.database_url(), "sqlite://data/compliancelayer.db");
        assert!(loaded.show().iter().all(|setting| setting.origin == Origin::Default));
    }

    #[test]
    fn later_sources_win_and_are_named() {
        let file =
            "[server]\nlisten = '127.0.0.1:1'\n[scan]\nconcurrency = 3\nexclusions = ['a.example']";
        let environment = [
            ("COMPLIANCELAYER_SERVER__LISTEN", "127.0.0.1:2"),
            ("COMPLIANCELAYER_SCAN__EXCLUSIONS", "b.example, c.example"),
            ("COMPLIANCELAYER_API_KEY", "not a setting"),
        ];
        let loaded =
            Config::load(&sources(file, &environment, &[("server.listen", "127.0.0.1:3")]))
                .unwrap();
        assert_eq!(loaded.config.server.listen.port(), 3);
        let shown = loaded.config.scan.exclusions.iter().map(ToString::to_string);
        assert_eq!(shown.collect::<Vec<_>>(), ["b.example", "c.example"]);
        assert_eq!(loaded.config.scan.concurrency.get(), 3);
        let origin = |key| loaded.show().into_iter().find(|shown| shown.key == key).unwrap().origin;
        assert_eq!(origin("server.listen"), Origin::Flag);
        assert_eq!(origin("scan.exclusions"), Origin::Environment);
        assert_eq!(origin("scan.concurrency"), Origin::File);
        assert_eq!(origin("scan.resolver"), Origin::Default);
    }

    #[test]
    fn of_two_files_the_later_wins_and_is_named() {
        let mut both = sources("[scan]\nconcurrency = 3\nsockets = 64\n", &[], &[]);
        let text = "[gate]\nfail_on = 'high'\n[scan]\nconcurrency = 5\n[[accept]]\nid = 'a'";
        both.files.push(SettingsFile { name: "later.toml".to_owned(), text: text.to_owned() });
        let shown = Config::load(&both).unwrap().show();
        let told = |key| {
            let setting = shown.iter().find(|setting| setting.key == key).unwrap();
            (setting.value.as_str(), setting.place.as_deref())
        };
        assert_eq!(told("scan.concurrency"), ("5", Some("later.toml")));
        assert_eq!(told("scan.sockets"), ("64", Some("it.toml")));
        assert_eq!(told("scan.resolver"), ("", None));
        both.files[1].text = "=".to_owned();
        assert_eq!(Config::load(&both).unwrap_err()[0].key, "later.toml");
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let file = "nonsense = 1\n[server]\nlisten = 'here'\nport = 1\n[scan]\nconcurrency = 0\n\
                    exclusions = ['example.com', 'https://a.example']\n\
                    [auth]\nrequire_email_verification = true\n[tls]\ncert = 'a'";
        let environment = [
            ("COMPLIANCELAYER_SCAN__NOPE", "1"),
            ("COMPLIANCELAYER_NOPE__LISTEN", "1"),
            ("COMPLIANCELAYER_SCAN__DEADLINE_SECONDS", "soon"),
            ("COMPLIANCELAYER_DATABASE__URL", "mysql://u:p@h/d"),
        ];
        let problems = Config::load(&sources(file, &environment, &[])).unwrap_err();
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        for key in [
            "nonsense",
            "server.listen",
            "server.port",
            "scan.concurrency",
            "scan.exclusions",
            "COMPLIANCELAYER_SCAN__NOPE",
            "COMPLIANCELAYER_NOPE__LISTEN",
            "COMPLIANCELAYER_SCAN__DEADLINE_SECONDS",
            "auth.require_email_verification",
            "tls.cert",
            "database.url",
        ] {
            assert!(keys.contains(&key), "{key} is missing from {problems:#?}");
        }
        assert_eq!(problems.len(), 11, "{problems:#?}");
    }

    #[test]
    fn secrets_are_shown_to_nobody() {
        let file = "[database]\nurl = 'postgres://cl:hunter2@db/cl?password=hunter3'\n\
                    [mail]\nsmtp_url = 'smtp://me:hunter2@mail'\nfrom = 'a@b'\n[redis]\nurl = 'redis://:hunter2@r'\n\
                    [providers]\nbreaches_api_key = 'hunter2'\nbreaches = ['https://hibp.example']\n\
                    reputation = ['https://feed.example/hunter2/hosts.txt']";
        let loaded = Config::load(&sources(file, &[], &[])).unwrap();
        let shown = format!("{:?} {:?}", loaded.show(), loaded.config);
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("postgres://cl:[redacted]@db/cl"), "{shown}");
        assert_eq!(loaded.config.warnings().len(), 1);
    }

    #[test]
    fn a_setting_that_moved_is_found_again() {
        let environment = [("COMPLIANCELAYER_SCAN__RDAP_URL", "https://rdap.example")];
        let sources = sources("[scan]\nbreach_url = 'https://hibp.example'", &environment, &[]);
        let told: Vec<_> =
            Config::load(&sources).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "`scan.breach_url` is no setting; did you mean `providers.breaches`?",
                "`COMPLIANCELAYER_SCAN__RDAP_URL` is no setting; did you mean `providers.rdap`?"
            ]
        );
        let known = Config::in_folder(PathBuf::new()).settings();
        for (old, now) in MOVED {
            assert!(known.iter().any(|setting| setting.key == *now), "{now}");
            assert!(known.iter().all(|setting| setting.key != *old), "{old}");
        }
    }

    #[test]
    fn breaches_come_from_one_service_and_one_file() {
        let told = |text: &str| {
            let text = format!("[providers]\n{text}");
            Config::load(&sources(&text, &[], &[])).map(|_| ()).map_err(|told| told[0].key.clone())
        };
        assert_eq!(told("breaches = ['https://hibp.example', '/breaches.json']"), Ok(()));
        let two = told("breaches = ['https://a.example', 'https://b.example']");
        assert_eq!(two.unwrap_err(), "providers.breaches");
        let alone = told("breaches = ['/breaches.json']\nbreaches_api_key = 'k'");
        assert_eq!(alone.unwrap_err(), "providers.breaches_api_key");
    }

    #[test]
    fn every_setting_tells_what_it_does() {
        for setting in Config::in_folder(PathBuf::new()).settings() {
            assert!(setting.doc.ends_with('.'), "{}", setting.key);
            assert!(!setting.doc.contains('|'), "{}", setting.key);
        }
        assert!(reference().contains("| `scan.resolver` |"));
    }
}
