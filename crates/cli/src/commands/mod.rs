//! The commands, one file each. The doc comment of an `…Args` is its help.
//!
//! To add a command: a file, a variant of [`Command`], an arm in [`run`], `cargo xtask docs`.

mod admin;
mod audit;
mod badge;
mod checks;
mod completions;
mod config;
mod demo;
mod diff;
mod hibp;
mod man;
mod ownership;
mod place;
mod reference;
mod scan;
mod scan_secrets;
mod secrets;
mod serve;
mod verify;

use clap::{Parser, Subcommand};

use crate::failure::Result;

/// Scans a domain from outside, grades it and maps the findings to compliance frameworks
#[derive(Debug, Parser)]
#[command(name = "compliancelayer", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(scan::ScanArgs),
    Diff(diff::DiffArgs),
    Verify(verify::VerifyArgs),
    Badge(badge::BadgeArgs),
    Ownership(ownership::OwnershipArgs),
    Serve(serve::ServeArgs),
    Demo(demo::DemoArgs),
    Checks(checks::ChecksArgs),
    Config(config::ConfigArgs),
    ScanSecrets(scan_secrets::ScanSecretsArgs),
    Admin(admin::AdminArgs),
    Audit(audit::AuditArgs),
    Secrets(secrets::SecretsArgs),
    Hibp(hibp::HibpArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    /// Print docs/cli.md
    #[command(hide = true)]
    Reference,
}

/// Runs a command.
pub(crate) async fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Scan(args) => scan::scan(args).await,
        Command::Diff(args) => diff::diff(&mut anstream::stdout(), &args),
        Command::Verify(args) => verify::verify(&mut anstream::stdout(), &args).await,
        Command::Badge(args) => badge::badge(&mut anstream::stdout(), &args),
        Command::Ownership(args) => ownership::ownership(&mut anstream::stdout(), &args).await,
        Command::Serve(args) => serve::serve(args).await,
        Command::Demo(args) => demo::demo(args).await,
        Command::Checks(args) => checks::checks(&mut anstream::stdout(), &args),
        Command::Config(args) => config::config(&mut anstream::stdout(), &args),
        Command::ScanSecrets(args) => {
            scan_secrets::scan_secrets(&mut anstream::stdout(), &mut std::io::stdin(), &args)
        }
        Command::Admin(args) => admin::admin(args).await,
        Command::Audit(args) => audit::audit(args).await,
        Command::Secrets(args) => secrets::secrets(args).await,
        Command::Hibp(args) => hibp::hibp(&mut anstream::stdout(), &args),
        Command::Completions(args) => completions::completions(&mut anstream::stdout(), &args),
        Command::Man(args) => man::man(&args),
        Command::Reference => reference::reference(&mut anstream::stdout()),
    }
}
