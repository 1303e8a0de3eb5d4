use std::io::Write;
use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::sources::SourceArgs;

/// Refuse passwords that others have lost
///
/// Without a list, passwords are only judged by how easy they are to guess. The service never asks
/// anybody on the network.
#[derive(Debug, clap::Args)]
pub(crate) struct HibpArgs {
    #[command(subcommand)]
    command: HibpCommand,
}

#[derive(Debug, clap::Subcommand)]
enum HibpCommand {
    /// Make a filter of a Pwned Passwords list (SHA-1), beside a running server
    Import {
        #[command(flatten)]
        sources: SourceArgs,
        /// The list, one `SHA1:count` a line, in any order; sorted by hash is quickest
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

pub(crate) fn hibp(out: &mut dyn Write, args: &HibpArgs) -> Result<()> {
    let HibpCommand::Import { sources, file } = &args.command;
    let config = sources.load(Vec::new())?.config;
    let imported = server::breached::import(&config.data_dir, file)
        .map_err(|problem| Failure::usage(problem.to_string()))?;
    writeln!(
        out,
        "{} passwords are refused from now on; the filter is {} ({} bytes).",
        imported.passwords,
        imported.path.display(),
        imported.bytes
    )?;
    Ok(())
}
