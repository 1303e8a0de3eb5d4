//! `compliancelayer admin`: the operator's orders as a command line.
//!
//! Reads the arguments, hands them to [`Operator`], prints what was changed: a member a line, or
//! JSON. What an order does, and what it refuses, is decided there. To add one: a variant, an arm,
//! then `cargo xtask docs`.

use std::io::{Read, Write};

use model::{AccountState, PlanOverrides, Role, Scope, SubscriptionStatus};
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
    /// List users, newest first
    ListUsers {
        /// Only those whose address holds this
        #[arg(long)]
        email: Option<String>,
        /// Only those whose account is in this state
        #[arg(long, value_parser = word(AccountState::parse, AccountState::list))]
        state: Option<AccountState>,
        /// Only those whose account is on this plan
        #[arg(long)]
        plan: Option<String>,
    },
    /// Show a user and how their account stands
    ShowUser {
        #[arg(long)]
        email: String,
    },
    /// List plans, the smallest first
    ListPlans,
    /// Change a plan, or make one: what is left out stays, or is that of `plans.default`
    SetPlanLimits {
        #[arg(long)]
        plan: String,
        #[command(flatten)]
        numbers: NumberArgs,
        /// What the plan unlocks, comma-separated
        #[arg(long, value_delimiter = ',')]
        gates: Option<Vec<String>>,
    },
    /// Give a user's account numbers in place of its plan's, and of all it had before
    SetOverrides {
        #[arg(long)]
        email: String,
        #[command(flatten)]
        numbers: NumberArgs,
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
    /// Take every second factor and passkey of a user away, for somebody who lost them all; first make
    /// sure of who asks
    ResetMfa {
        #[arg(long)]
        email: String,
    },
    /// Delete the account of its only owner, with everybody and everything in it, for ever
    DeleteUser {
        #[arg(long)]
        email: String,
        /// Say that you mean it
        #[arg(long)]
        yes: bool,
    },
    /// Revoke a key for ever, whoever owns it
    RevokeKey {
        /// The public half: `cl_` and twelve characters
        #[arg(long, value_name = "KEY_ID")]
        key_id: String,
    },
}

#[derive(Debug, clap::Args)]
struct NumberArgs {
    /// Requests a minute
    #[arg(long)]
    per_minute: Option<i64>,
    /// Requests an hour
    #[arg(long)]
    per_hour: Option<i64>,
    /// Requests a day
    #[arg(long)]
    per_day: Option<i64>,
    /// Scans at the same time
    #[arg(long)]
    concurrent_scans: Option<i64>,
    /// Scans a calendar month
    #[arg(long)]
    scans_per_month: Option<i64>,
    /// Watched domains
    #[arg(long)]
    domains: Option<i64>,
    /// People in the team
    #[arg(long)]
    seats: Option<i64>,
}

impl From<NumberArgs> for PlanOverrides {
    fn from(args: NumberArgs) -> Self {
        Self {
            per_minute: args.per_minute,
            per_hour: args.per_hour,
            per_day: args.per_day,
            concurrent_scans: args.concurrent_scans,
            scans_per_month: args.scans_per_month,
            domains: args.domains,
            seats: args.seats,
        }
    }
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
        AdminCommand::ListUsers { email, state, plan } => {
            print_list(json, &operator.list_users(email, state, plan).await?)
        }
        AdminCommand::ShowUser { email } => print(json, &operator.show_user(&email).await?),
        AdminCommand::ListPlans => print_list(json, &operator.list_plans().await?),
        AdminCommand::SetPlanLimits { plan, numbers, gates } => {
            print(json, &operator.set_plan_limits(&plan, numbers.into(), gates).await?)
        }
        AdminCommand::SetOverrides { email, numbers } => {
            print(json, &operator.set_overrides(&email, numbers.into()).await?)
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
        AdminCommand::ResetMfa { email } => print(json, &operator.reset_mfa(&email).await?),
        AdminCommand::DeleteUser { yes: false, .. } => {
            Err(Failure::usage("a deletion cannot be undone; add --yes if you mean it"))
        }
        AdminCommand::DeleteUser { email, yes: true } => {
            print(json, &operator.delete_user(&email).await?)
        }
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

/// Prints JSON, or a paragraph an item.
fn print_list(json: bool, items: &[impl Serialize]) -> Result<()> {
    if json {
        return print(json, &items);
    }
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            writeln!(anstream::stdout())?;
        }
        print(json, item)?;
    }
    Ok(())
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
