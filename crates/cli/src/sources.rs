//! Everything that is read from the environment and from files of settings.
//!
//! A server is told its file; a scan finds its own: the user's, then the project's, which knows better
//! what it is about. Of `.env` only our own names are read, and nothing is passed on to other programs.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use server::config::{Config, LoadedConfig, SettingsFile, Sources};

use crate::failure::{Failure, Result};

/// Where settings come from, for every command that needs them.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SourceArgs {
    /// TOML file with settings; `docs/config.md` lists them
    #[arg(long, value_name = "FILE", env = "COMPLIANCELAYER_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Folder for the embedded database and the secrets
    #[arg(long, value_name = "DIR", env = "COMPLIANCELAYER_DATA_DIR", default_value = "data")]
    pub(crate) data_dir: PathBuf,
    /// Any setting, as in `scan.concurrency=8`; may be given again
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
}

/// The project's own settings.
pub(crate) const PROJECT_FILE: &str = "compliancelayer.toml";

impl SourceArgs {
    /// Reads all sources; `flags` are the settings that the command's own flags stand for.
    pub(crate) fn load(&self, flags: Vec<(String, String)>) -> Result<LoadedConfig> {
        let files = self.config.as_deref().map(named_file).transpose()?;
        self.load_files(files.into_iter().collect(), flags)
    }

    /// Reads all sources, and where no file is named the user's and the project's.
    pub(crate) fn load_found(&self, flags: Vec<(String, String)>) -> Result<LoadedConfig> {
        self.load_files(settings_files(self.config.as_deref())?, flags)
    }

    fn load_files(
        &self,
        files: Vec<SettingsFile>,
        flags: Vec<(String, String)>,
    ) -> Result<LoadedConfig> {
        let mut all = Vec::new();
        for setting in &self.settings {
            let (key, value) = setting.split_once('=').ok_or_else(|| {
                Failure::usage(format!("`--set {setting}` has no `=`"))
                    .hint("write `--set part.key=value`")
            })?;
            all.push((key.to_owned(), value.to_owned()));
        }
        all.extend(flags);
        let sources = Sources {
            data_dir: self.data_dir.clone(),
            files,
            environment: environment(),
            flags: all,
        };
        Config::load(&sources).map_err(|problems| {
            let lines: Vec<_> = problems.iter().map(|problem| format!("\n  {problem}")).collect();
            let count = lines.len();
            Failure::usage(format!("{count} problem(s) in the settings:{}", lines.concat()))
                .hint("`docs/config.md` lists every setting; `compliancelayer config show` what is in force")
        })
    }
}

/// Returns the files of settings for what is done here: the one that is named, else the user's and then
/// the project's.
pub(crate) fn settings_files(named: Option<&Path>) -> Result<Vec<SettingsFile>> {
    if let Some(path) = named {
        return Ok(vec![named_file(path)?]);
    }
    let user = config_home().map(|home| home.join("compliancelayer/config.toml"));
    let mut files = Vec::new();
    for path in user.into_iter().chain([PathBuf::from(PROJECT_FILE)]) {
        match std::fs::read_to_string(&path) {
            Ok(text) => files.push(SettingsFile { name: path.display().to_string(), text }),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(&path, &error)),
        }
    }
    Ok(files)
}

fn named_file(path: &Path) -> Result<SettingsFile> {
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    Ok(SettingsFile { name: path.display().to_string(), text })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{} cannot be read: {error}", path.display()))
}

/// Returns the variables that belong to us. A name or value that is not UTF-8 is none of ours.
#[expect(clippy::disallowed_methods, reason = "the environment is read once, here")]
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("COMPLIANCELAYER_"))
        .collect()
}

/// Names and values.
pub(crate) type Variables = BTreeMap<String, String>;

/// Returns the variables that are not ours alone and that every program heeds. One that is not UTF-8
/// says nothing.
#[expect(clippy::disallowed_methods, reason = "the environment is read once, here")]
pub(crate) fn variables() -> Variables {
    const HEEDED: [&str; 6] =
        ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "TERM", "COLUMNS"];
    let value = |name: &str| Some((name.to_owned(), std::env::var(name).ok()?));
    HEEDED.into_iter().filter_map(value).collect()
}

/// Returns the file of further certificates to trust that programs with OpenSSL read as well.
pub(crate) fn trusted_by_environment() -> Option<PathBuf> {
    absolute("SSL_CERT_FILE")
}

/// Returns the folder for what programs keep for this user (XDG Base Directory Specification).
pub(crate) fn data_home() -> Option<PathBuf> {
    absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")))
}

/// Returns the folder for what this user has decided (the same specification).
fn config_home() -> Option<PathBuf> {
    absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))
}

#[expect(clippy::disallowed_methods, reason = "the environment is read once, here")]
fn absolute(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// Where the value of a variable was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Environment,
    EnvFile,
}

/// Returns a variable: the environment's, or that of `.env` in the working folder.
pub(crate) fn variable(name: &str) -> Option<(String, Found)> {
    if let Some(value) = environment().remove(name).filter(|value| !value.is_empty()) {
        return Some((value, Found::Environment));
    }
    let file = std::fs::read_to_string(".env").ok()?;
    Some((from_env_file(&file, name)?, Found::EnvFile))
}

fn from_env_file(file: &str, name: &str) -> Option<String> {
    file.lines().find_map(|line| {
        let (key, value) =
            line.trim().strip_prefix("export ").unwrap_or(line.trim()).split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (key.trim() == name && !value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_env_file_is_read_as_shells_write_it() {
        let file = "# key\nOTHER=1\nexport COMPLIANCELAYER_API_KEY=\"cl_x\"\n";
        assert_eq!(from_env_file(file, "COMPLIANCELAYER_API_KEY").as_deref(), Some("cl_x"));
        assert_eq!(from_env_file(file, "COMPLIANCELAYER_URL"), None);
        assert_eq!(from_env_file("COMPLIANCELAYER_URL=", "COMPLIANCELAYER_URL"), None);
    }
}
