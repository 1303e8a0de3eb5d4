use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use server::config::{Config, LoadedConfig, Sources};

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

impl SourceArgs {
    /// Reads all sources; `flags` are the settings that the command's own flags stand for.
    pub(crate) fn load(&self, flags: Vec<(String, String)>) -> Result<LoadedConfig> {
        let mut all = Vec::new();
        for setting in &self.settings {
            let (key, value) = setting.split_once('=').ok_or_else(|| {
                Failure::usage(format!("`--set {setting}` has no `=`"))
                    .hint("write `--set part.key=value`")
            })?;
            all.push((key.to_owned(), value.to_owned()));
        }
        all.extend(flags);
        let file = self.config.as_deref().map(read).transpose()?;
        let sources = Sources {
            data_dir: self.data_dir.clone(),
            file,
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

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))
}

/// Returns the variables that belong to us. A name or value that is not UTF-8 is none of ours.
#[expect(clippy::disallowed_methods, reason = "the environment is read once, here")]
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("COMPLIANCELAYER_"))
        .collect()
}

/// Returns whether a variable that is not ours, such as `NO_COLOR`, is set to anything.
#[expect(clippy::disallowed_methods, reason = "the environment is read once, here")]
pub(crate) fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Returns the folder for what programs keep for this user (XDG Base Directory Specification).
#[expect(clippy::disallowed_methods, reason = "the environment is read once, here")]
pub(crate) fn data_home() -> Option<PathBuf> {
    let absolute =
        |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")))
}

/// Returns a variable: the environment's, or that of `.env` in the working folder. Of that file only
/// our own names are read, and nothing is passed on to other programs.
pub(crate) fn variable(name: &str) -> Option<String> {
    if let Some(value) = environment().remove(name).filter(|value| !value.is_empty()) {
        return Some(value);
    }
    let file = std::fs::read_to_string(".env").ok()?;
    from_env_file(&file, name)
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
