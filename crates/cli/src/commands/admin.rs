//! `compliancelayer admin`: the operator's orders as a command line.
//!
//! Reads the arguments, hands them to [`Operator`], prints what was changed: a member a line, or
//! JSON. What an order does, and what it refuses, is decided there. To add one: a variant, an arm,
//! then `cargo xtask docs`.

use std::io::{Read, Write};

use model::{Role, Scope, SubscriptionStatus};
use serde::Serialize;
use server::operator::{Operator, UserOrder};

use crate::failure::{Failure, Result};
use crate::sources::SourceArgs;

/// Operate the service: users, plans, suspension
///
/// Works beside a running server and takes effect at once.
#[derive(Debug, clap::Args)]
pub(crate) struct AdminArgs {
    #[command(flatten)]
    sources: SourceArgs,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AdminCommand {
    /// Make an account with one user; without --password-stdin the password is made up and shown once
    CreateUser {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: Option<String>,
        /// The plan; `plans.default` when left out
        #[arg(long)]
        plan: Option<String>,
        /// `user` or `admin`
        #[arg(long, default_value = "user", value_parser = word(Role::parse, Role::list))]
        role: Role,
        /// Read the password from stdin
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make an API key for a user; it is shown this once
    CreateKey {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// Comma-separated; everything but keys:* and account:write when left out
        #[arg(long, value_delimiter = ',', value_parser = word(Scope::parse, Scope::list))]
        scopes: Option<Vec<Scope>>,
    },
    /// Put a user's account on a plan
    SetPlan {
        #[arg(long)]
        email: String,
        #[arg(long)]
        plan: String,
    },
    /// Set what a user's account pays
    SetSubscription {
        #[arg(long)]
        email: String,
        #[arg(long, value_parser = word(SubscriptionStatus::parse, SubscriptionStatus::list))]
        status: SubscriptionStatus,
    },
    /// Refuse everything a user's account asks for, from now on
    Suspend {
        #[arg(long)]
        email: String,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Close a user's account: like suspend, but meant to stay
    Disable {
        #[arg(long)]
        email: String,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let a suspended or disabled account work again
    Resume {
        #[arg(long)]
        email: String,
    },
    /// Revoke a key for ever, whoever owns it
    RevokeKey {
        /// The public half: `cl_` and twelve characters
        #[arg(long, value_name = "KEY_ID")]
        key_id: String,
    },
}

/// Reads one of the words of an enum.
fn word<T: Clone + Send + Sync + 'static>(
    parse: fn(&str) -> Option<T>,
    list: fn() -> String,
) -> impl Fn(&str) -> std::result::Result<T, String> + Clone + Send + Sync + 'static {
    move |text| parse(text).ok_or_else(|| format!("use one of {}", list()))
}

pub(crate) async fn admin(args: AdminArgs) -> Result<()> {
    let config = args.sources.load(Vec::new())?.config;
    let operator = Operator::open(config).await?;
    let json = args.json;
    match args.command {
        AdminCommand::CreateUser { email, name, plan, role, password_stdin } => {
            let password = password_stdin.then(read_password).transpose()?;
            print(
                json,
                &operator.create_user(UserOrder { email, name, plan, role, password }).await?,
            )
        }
        AdminCommand::CreateKey { email, name, scopes } => {
            print(json, &operator.create_key(&email, &name, scopes).await?)
        }
        AdminCommand::SetPlan { email, plan } => {
            print(json, &operator.set_plan(&email, &plan).await?)
        }
        AdminCommand::SetSubscription { email, status } => {
            print(json, &operator.set_subscription(&email, status).await?)
        }
        AdminCommand::Suspend { email, reason } => {
            print(json, &operator.suspend(&email, reason.as_deref()).await?)
        }
        AdminCommand::Disable { email, reason } => {
            print(json, &operator.disable(&email, reason.as_deref()).await?)
        }
        AdminCommand::Resume { email } => print(json, &operator.resume(&email).await?),
        AdminCommand::RevokeKey { key_id } => print(json, &operator.revoke_key(&key_id).await?),
    }
}

/// Reads a password from stdin, without its line end. At most 4 KiB are read.
fn read_password() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().lock().take(4_096).read_to_string(&mut text)?;
    let password = text.trim_end_matches(['\n', '\r']);
    match password.is_empty() {
        true => Err(Failure::usage("there is no password on stdin")),
        false => Ok(password.to_owned()),
    }
}

fn print(json: bool, value: &impl Serialize) -> Result<()> {
    let value = serde_json::to_value(value).map_err(|error| Failure::other(error.to_string()))?;
    let mut out = anstream::stdout();
    if json {
        writeln!(out, "{value}")?;
        return Ok(());
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        writeln!(out, "{name}: {text}")?;
    }
    Ok(())
}
