use std::io::Write;

use server::operator::Operator;

use crate::failure::{Failure, Result};
use crate::sources::SourceArgs;

/// See and rotate the secrets of the data folder
///
/// Works beside a running server, which notices within a second; SIGHUP makes it look at once.
#[derive(Debug, clap::Args)]
pub(crate) struct SecretsArgs {
    #[command(flatten)]
    sources: SourceArgs,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: SecretsCommand,
}

#[derive(Debug, clap::Subcommand)]
enum SecretsCommand {
    /// Say which secrets there are and how many API keys still need an older pepper
    Status,
    /// Put a new secret in front of the present one, which stays good for what it made
    Rotate {
        /// `jwt` signs the tokens of sign-ins, `pepper` hashes API keys, `report` signs reports
        secret: Rotatable,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Rotatable {
    Jwt,
    Pepper,
    Report,
}

pub(crate) async fn secrets(args: SecretsArgs) -> Result<()> {
    let config = args.sources.load(Vec::new())?.config;
    let operator = Operator::open(config).await?;
    let mut out = anstream::stdout();
    match args.command {
        SecretsCommand::Status => {
            let status = operator.secrets_status().await?;
            if args.json {
                return print(&mut out, &status);
            }
            for key in &status.jwt {
                match key.until {
                    Some(until) => writeln!(out, "jwt {}: verifies until {until}", key.name)?,
                    None => writeln!(out, "jwt {}: verifies", key.name)?,
                }
            }
            for pepper in &status.pepper {
                let (keys, revoked) = (pepper.keys, pepper.revoked_keys);
                writeln!(out, "pepper {}: {keys} keys, {revoked} revoked ones", pepper.name)?;
            }
            for key in &status.report {
                writeln!(out, "report {}: verifies what names {}", key.name, key.key_id)?;
            }
        }
        SecretsCommand::Rotate { secret } => {
            let rotated = match secret {
                Rotatable::Jwt => operator.rotate_jwt()?,
                Rotatable::Pepper => operator.rotate_pepper()?,
                Rotatable::Report => operator.rotate_report()?,
            };
            if args.json {
                return print(&mut out, &rotated);
            }
            match rotated.former_until {
                None if matches!(secret, Rotatable::Report) => writeln!(
                    out,
                    "{} {} is in force; what the former ones signed verifies as before.",
                    rotated.secret, rotated.name
                )?,
                Some(until) => writeln!(
                    out,
                    "{} {} is in force; the former one verifies until {until}.",
                    rotated.secret, rotated.name
                )?,
                None => writeln!(
                    out,
                    "{} {} is in force; keys move to it when they are used. See `secrets status`.",
                    rotated.secret, rotated.name
                )?,
            }
        }
    }
    Ok(())
}

fn print(out: &mut dyn Write, value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string(value).map_err(|error| Failure::other(error.to_string()))?;
    writeln!(out, "{text}")?;
    Ok(())
}
