use std::io::Write;

use crate::failure::{Failure, Result};
use crate::sources::SourceArgs;

/// Show or check the settings
#[derive(Debug, clap::Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ConfigCommand {
    /// Print every setting, its value and where it came from; secrets are hidden
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
}

pub(crate) fn config(out: &mut dyn Write, args: &ConfigArgs) -> Result<()> {
    match &args.command {
        ConfigCommand::Show { sources, json } => {
            let shown = sources.load(Vec::new())?.show();
            if *json {
                let text = serde_json::to_string_pretty(&shown)
                    .map_err(|error| Failure::other(error.to_string()))?;
                writeln!(out, "{text}")?;
                return Ok(());
            }
            let width = shown.iter().map(|setting| setting.key.len()).max().unwrap_or(0);
            for setting in shown {
                let origin = format!("{:?}", setting.origin).to_lowercase();
                writeln!(out, "{:width$}  {:11}  {}", setting.key, origin, setting.value)?;
            }
        }
        ConfigCommand::Check { sources } => {
            let loaded = sources.load(Vec::new())?;
            for warning in loaded.config.warnings() {
                writeln!(out, "warning: {warning}")?;
            }
            writeln!(out, "The settings are valid.")?;
        }
    }
    Ok(())
}
