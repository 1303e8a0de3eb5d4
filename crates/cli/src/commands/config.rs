use std::io::Write;
use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::sources::{PROJECT_FILE, SourceArgs};

/// Show, check or write the settings
#[derive(Debug, clap::Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ConfigCommand {
    /// Print every setting, its value and where it came from; secrets are hidden
    ///
    /// Without --config the settings are those of a scan made here: the user's file and the project's
    /// compliancelayer.toml are read.
    Show {
        #[command(flatten)]
        sources: SourceArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say whether the settings are valid, and everything that is wrong with them
    Check {
        #[command(flatten)]
        sources: SourceArgs,
    },
    /// Write a file with every setting, each explained and commented out
    Init {
        /// The file; it must not be there
        #[arg(value_name = "FILE", default_value = PROJECT_FILE)]
        path: PathBuf,
    },
}

/// What stands in the file of a project beside the server's settings.
const GATES: &str = "
# What makes `compliancelayer scan` fail a build; flags beat this.
[gate]

# A finding of this severity or worse: critical, high, medium or low.
#fail_on = \"high\"

# A score below this, a grade worse than this.
#min_score = 75
#min_grade = \"B\"

# Earlier reports, as --format json prints them, and what must not have become worse since.
#baseline = \"reports.json\"
#fail_on_new = true
#max_score_drop = 10

# Whether a report is good enough of which a part could not be tested.
#allow_partial = true
";

pub(crate) fn config(out: &mut dyn Write, args: &ConfigArgs) -> Result<()> {
    match &args.command {
        ConfigCommand::Show { sources, json } => {
            let shown = sources.load_found(Vec::new())?.show();
            if *json {
                let text = serde_json::to_string_pretty(&shown)
                    .map_err(|error| Failure::other(error.to_string()))?;
                writeln!(out, "{text}")?;
                return Ok(());
            }
            let width = shown.iter().map(|setting| setting.key.len()).max().unwrap_or(0);
            for setting in shown {
                let origin = format!("{:?}", setting.origin).to_lowercase();
                let origin = setting.place.unwrap_or(origin);
                writeln!(out, "{:width$}  {}  ({origin})", setting.key, setting.value)?;
            }
        }
        ConfigCommand::Check { sources } => {
            let loaded = sources.load_found(Vec::new())?;
            for warning in loaded.config.warnings() {
                writeln!(out, "warning: {warning}")?;
            }
            writeln!(out, "The settings are valid.")?;
        }
        ConfigCommand::Init { path } => {
            let text = format!("{}{GATES}", server::config::template());
            let written = std::fs::File::create_new(path)
                .and_then(|mut file| file.write_all(text.as_bytes()));
            written.map_err(|error| {
                Failure::usage(format!("{} cannot be written: {error}", path.display()))
            })?;
            writeln!(out, "{}: every setting, explained and commented out", path.display())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_valid_and_an_old_one_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("compliancelayer.toml");
        let init = ConfigArgs { command: ConfigCommand::Init { path: path.clone() } };
        config(&mut Vec::new(), &init).unwrap();
        let sources = SourceArgs { config: Some(path.clone()), ..SourceArgs::default() };
        let show = ConfigArgs { command: ConfigCommand::Show { sources, json: false } };
        let mut out = Vec::new();
        config(&mut out, &show).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("scan.concurrency"));
        std::fs::write(&path, "[scan]\nconcurrency = 7\n[gate]\nmin_score = 1\n").unwrap();
        assert_eq!(config(&mut Vec::new(), &init).unwrap_err().code, 2);
        let mut out = Vec::new();
        config(&mut out, &show).unwrap();
        let line = format!("7  ({})", path.display());
        assert!(String::from_utf8(out).unwrap().contains(&line));
    }
}
