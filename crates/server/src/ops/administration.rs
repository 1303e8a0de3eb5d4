//! What whoever operates the instance decides: about accounts, plans and keys of anybody. The API
//! and the command line both end here, so neither may do what the other may not.
//!
//! What changes something works on the store alone, since the command line has no running server; what
//! a server has to do besides, such as waking its workers, is the caller's.

use model::{
    AccountState, ApiToken, Plan, PlanOverrides, Role, SubscriptionStatus, TeamRole, Timestamp,
};
use serde::Serialize;
use store::{AccountChange, AccountUser, Act, PlanUse, Store};
use utoipa::ToSchema;

use super::accounts::is_line;
use super::{key_revocation, usage};
use crate::app::App;
use crate::error::{Error, FieldProblem, Result};

const MAX_REASON: usize = 500;
const MAX_PLAN_ID: usize = 40;

/// A user and how their account stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UserStatus {
    pub id: i64,
    pub account_id: i64,
    pub email: String,
    pub name: Option<String>,
    /// On this instance.
    pub role: Role,
    /// In the account.
    pub team_role: TeamRole,
    pub plan: String,
    pub subscription_status: SubscriptionStatus,
    pub state: AccountState,
    pub state_reason: Option<String>,
    pub email_verified: bool,
    pub created_at: Timestamp,
    /// What stands in place of the plan's numbers.
    pub overrides: PlanOverrides,
}

impl From<AccountUser> for UserStatus {
    fn from(user: AccountUser) -> Self {
        Self {
            overrides: user.overrides(),
            id: user.id,
            account_id: user.account_id,
            email: user.email,
            name: user.name,
            role: user.role,
            team_role: user.team_role,
            plan: user.plan_id,
            subscription_status: user.subscription_status,
            state: user.state,
            state_reason: user.state_reason,
            email_verified: user.email_verified_at.is_some(),
            created_at: user.created_at,
        }
    }
}

/// A plan and how many accounts are on it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlanStatus {
    #[serde(flatten)]
    pub plan: Plan,
    pub accounts: i64,
}

impl From<PlanUse> for PlanStatus {
    fn from(found: PlanUse) -> Self {
        Self { plan: found.plan, accounts: found.accounts }
    }
}

/// Returns a user with what is to know of their account.
pub(crate) async fn find_user(store: &Store, user: i64) -> Result<AccountUser> {
    store.find_account_user(user).await?.ok_or(Error::NotFound)
}

/// What a user's account may do and does.
pub(crate) struct AccountFigures {
    /// Without the account's own numbers.
    pub(crate) plan: Plan,
    pub(crate) scans_this_month: i64,
    /// Keys that are neither revoked nor expired, at most 10,000.
    pub(crate) living_keys: usize,
}

/// Returns what a user's account may do and does.
pub(crate) async fn figures(app: &App, user: &AccountUser) -> Result<AccountFigures> {
    let plan = app.store.find_plan(&user.plan_id).await?.ok_or(Error::NotFound)?;
    let keys = app.store.list_living_keys(user.account_id, app.clock.now()).await?;
    Ok(AccountFigures {
        plan,
        scans_this_month: usage::scans_this_month(app, user.account_id).await?,
        living_keys: keys.len(),
    })
}

/// Changes the account of a user, all or nothing. Holds for every request from now on.
pub(crate) async fn change_account(
    store: &Store,
    user: &AccountUser,
    change: &AccountChange,
    act: &Act,
) -> Result<()> {
    let mut problems = Vec::new();
    if let Some(plan) = &change.plan
        && !store.has_plan(plan).await?
    {
        problems.push(FieldProblem::new("plan", format!("is unknown: there is no plan `{plan}`")));
    }
    if change.reason.as_deref().is_some_and(|reason| !is_line(reason, MAX_REASON)) {
        let problem = format!("must be one line of 1 to {MAX_REASON} characters");
        problems.push(FieldProblem::new("reason", problem));
    }
    if change.reason.is_some() && change.state.is_none() {
        problems.push(FieldProblem::new("reason", "says why there is a new `state`; send both"));
    }
    if let Some(overrides) = &change.overrides {
        check_numbers("overrides.", overrides, &mut problems);
    }
    // The command line can still do it, and undo it.
    let own = act.actor == format!("admin:{}", user.id);
    if own && change.state.is_some_and(|state| state != AccountState::Active) {
        problems.push(FieldProblem::new("state", "would lock you out: this is your own account"));
    }
    if own && change.subscription.is_some_and(|status| status.lapsed()) {
        let problem = "would lock you out: this is your own account";
        problems.push(FieldProblem::new("subscription_status", problem));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    match store.change_account(user.account_id, change, act).await? {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

/// Makes a plan, or changes the one of that id. Holds for every request from now on.
pub(crate) async fn put_plan(store: &Store, plan: &Plan, act: &Act) -> Result<()> {
    let mut problems = Vec::new();
    let is_good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !(1..=MAX_PLAN_ID).contains(&plan.id.len()) || !plan.id.chars().all(is_good) {
        let problem = format!("must be 1 to {MAX_PLAN_ID} of a-z, 0-9, `-` and `_`");
        problems.push(FieldProblem::new("id", problem));
    }
    let numbers = PlanOverrides {
        per_minute: Some(plan.per_minute),
        per_hour: Some(plan.per_hour),
        per_day: Some(plan.per_day),
        concurrent_scans: Some(plan.concurrent_scans),
        scans_per_month: Some(plan.scans_per_month),
        domains: Some(plan.domains),
        seats: Some(plan.seats),
    };
    check_numbers("", &numbers, &mut problems);
    for (at, gate) in plan.gates.iter().enumerate() {
        if !Plan::GATES.contains(&gate.as_str()) {
            let problem = format!("must be one of {}", Plan::GATES.join(", "));
            problems.push(FieldProblem::new(&format!("gates[{at}]"), problem));
        }
    }
    if !problems.is_empty() {
        problems.truncate(20);
        return Err(Error::Invalid(problems));
    }
    let mut plan = plan.clone();
    plan.gates.sort();
    plan.gates.dedup();
    Ok(store.put_plan(&plan, act).await?)
}

fn check_numbers(prefix: &str, numbers: &PlanOverrides, problems: &mut Vec<FieldProblem>) {
    for (name, number) in numbers.named() {
        if number.is_some_and(|number| number < 0) {
            problems.push(FieldProblem::new(&format!("{prefix}{name}"), "must not be negative"));
        }
    }
}

/// Deletes a plan that no account is on; `default` is the plan of new accounts, which stays.
pub(crate) async fn delete_plan(store: &Store, id: &str, default: &str, act: &Act) -> Result<()> {
    if id == default {
        let problem = format!("`{id}` is the plan of new accounts (`plans.default`); it stays.");
        return Err(Error::Conflict(problem));
    }
    if store.delete_plan(id, act).await? {
        return Ok(());
    }
    match store.has_plan(id).await? {
        true => Err(Error::Conflict(format!(
            "Accounts are on the plan `{id}`. Put them on another one first."
        ))),
        false => Err(Error::NotFound),
    }
}

/// Revokes a key by its public half, whoever owns it, and tells its owner. Returns whether it was
/// alive.
pub(crate) async fn revoke_key(store: &Store, key_id: &str, act: &Act) -> Result<bool> {
    if !ApiToken::is_key_id(key_id) {
        return Err(Error::NotFound);
    }
    if let Some(key) = store.revoke_any_key(key_id, act).await? {
        key_revocation::tell_makers(store, std::slice::from_ref(&key), act).await?;
        return Ok(true);
    }
    match store.find_any_keys(Some(key_id), None, None, 1).await?.is_empty() {
        true => Err(Error::NotFound),
        false => Ok(false),
    }
}
