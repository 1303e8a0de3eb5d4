//! The commands, one file each. The doc comment of an `…Args` is its help.
//!
//! To add a command: a file, a variant of [`Command`], an arm in [`run`], `cargo xtask docs`.

mod admin;
mod alerts;
mod answer;
mod audit;
mod auth;
mod badge;
mod checks;
mod compare;
mod completions;
mod config;
mod demo;
mod diff;
mod doctor;
mod healthcheck;
mod hibp;
mod history;
mod keys;
mod man;
mod ownership;
mod place;
mod reference;
mod report;
mod scan;
mod scan_secrets;
mod schema;
mod secrets;
mod serve;
mod usage;
mod verify;

use clap::{Parser, Subcommand};

use crate::failure::Result;
use crate::terminal::ColorChoice;

/// Scans a domain from outside, grades it and maps the findings to compliance frameworks
#[derive(Debug, Parser)]
#[command(name = "compliancelayer", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Colour what is printed; NO_COLOR, CLICOLOR, CLICOLOR_FORCE and FORCE_COLOR count where this does
    /// not say
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    Scan(scan::ScanArgs),
    Report(report::ReportArgs),
    History(history::HistoryArgs),
    Diff(diff::DiffArgs),
    Compare(compare::CompareArgs),
    Verify(verify::VerifyArgs),
    Badge(badge::BadgeArgs),
    Ownership(ownership::OwnershipArgs),
    Keys(keys::KeysArgs),
    Usage(usage::UsageArgs),
    Alerts(alerts::AlertsArgs),
    Auth(auth::AuthArgs),
    Serve(serve::ServeArgs),
    Demo(demo::DemoArgs),
    Checks(checks::ChecksArgs),
    Schema(schema::SchemaArgs),
    Config(config::ConfigArgs),
    Doctor(doctor::DoctorArgs),
    Healthcheck(healthcheck::HealthcheckArgs),
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
    cli.color.apply();
    match cli.command {
        Command::Scan(args) => scan::scan(args).await,
        Command::Report(args) => report::report(&mut anstream::stdout(), &args).await,
        Command::History(args) => history::history(&mut anstream::stdout(), &args).await,
        Command::Diff(args) => diff::diff(&mut anstream::stdout(), &args).await,
        Command::Compare(args) => compare::compare(&mut anstream::stdout(), &args).await,
        Command::Verify(args) => verify::verify(&mut anstream::stdout(), &args).await,
        Command::Badge(args) => badge::badge(&mut anstream::stdout(), &args),
        Command::Ownership(args) => ownership::ownership(&mut anstream::stdout(), &args).await,
        Command::Keys(args) => keys::keys(&mut anstream::stdout(), &args).await,
        Command::Usage(args) => usage::usage(&mut anstream::stdout(), &args).await,
        Command::Alerts(args) => alerts::alerts(&mut anstream::stdout(), &args).await,
        Command::Auth(args) => auth::auth(&mut anstream::stdout(), &args).await,
        Command::Serve(args) => serve::serve(args).await,
        Command::Demo(args) => demo::demo(args).await,
        Command::Checks(args) => checks::checks(&mut anstream::stdout(), &args),
        Command::Schema(args) => schema::schema(&mut anstream::stdout(), &args),
        Command::Doctor(args) => doctor::doctor(&mut anstream::stdout(), &args).await,
        Command::Healthcheck(args) => {
            healthcheck::healthcheck(&mut anstream::stdout(), &args).await
        }
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
