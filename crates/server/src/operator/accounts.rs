//! Accounts of others, looked at and changed beside a running server.

use std::collections::BTreeMap;

use model::{AccountState, PlanOverrides, SubscriptionStatus};
use store::{AccountChange, AccountUser, UserFilter};

use super::{Operator, OperatorError, Result, nobody};
pub use crate::ops::administration::UserStatus;
use crate::ops::{administration, deletion};

/// Users that are read at once.
const PAGE: i64 = 1_000;

/// What was changed, by name.
pub type Changed = BTreeMap<&'static str, String>;

impl Operator {
    /// Returns every user whose address holds that part and whose account is in that state and on
    /// that plan, newest first.
    pub async fn list_users(
        &self,
        email: Option<String>,
        state: Option<AccountState>,
        plan: Option<String>,
    ) -> Result<Vec<UserStatus>> {
        let mut filter = UserFilter { email, state, plan, before: None };
        let mut users = Vec::new();
        loop {
            let page = self.store.list_users(&filter, PAGE).await?;
            let Some(last) = page.last() else { return Ok(users) };
            filter.before = Some(last.id);
            users.extend(page.into_iter().map(UserStatus::from));
        }
    }

    /// Returns a user.
    pub async fn show_user(&self, email: &str) -> Result<UserStatus> {
        Ok(self.find(email).await?.into())
    }

    /// Puts a user's account on a plan.
    pub async fn set_plan(&self, email: &str, plan: &str) -> Result<Changed> {
        let change = AccountChange { plan: Some(plan.to_owned()), ..AccountChange::default() };
        self.change(email, &change, ("plan", plan)).await
    }

    /// Sets the subscription state of a user's account.
    pub async fn set_subscription(
        &self,
        email: &str,
        status: SubscriptionStatus,
    ) -> Result<Changed> {
        let change = AccountChange { subscription: Some(status), ..AccountChange::default() };
        self.change(email, &change, ("subscription_status", status.as_str())).await
    }

    /// Gives a user's account numbers in place of its plan's, and of all it had before.
    pub async fn set_overrides(&self, email: &str, overrides: PlanOverrides) -> Result<UserStatus> {
        let change = AccountChange { overrides: Some(overrides), ..AccountChange::default() };
        self.change(email, &change, ("overrides", "")).await?;
        self.show_user(email).await
    }

    /// Suspends a user's account: its requests get 403 from now on.
    pub async fn suspend(&self, email: &str, reason: Option<&str>) -> Result<Changed> {
        self.set_state(email, AccountState::Suspended, reason).await
    }

    /// Disables a user's account, for good unless it is resumed: its requests get 403 from now on.
    pub async fn disable(&self, email: &str, reason: Option<&str>) -> Result<Changed> {
        self.set_state(email, AccountState::Disabled, reason).await
    }

    /// Lets a suspended or disabled account work again.
    pub async fn resume(&self, email: &str) -> Result<Changed> {
        self.set_state(email, AccountState::Active, None).await
    }

    async fn set_state(
        &self,
        email: &str,
        state: AccountState,
        reason: Option<&str>,
    ) -> Result<Changed> {
        let reason = reason.map(str::to_owned);
        let change = AccountChange { state: Some(state), reason, ..AccountChange::default() };
        self.change(email, &change, ("state", state.as_str())).await
    }

    /// Deletes the account of a user who is its only owner, with everybody in it. It cannot be
    /// undone.
    pub async fn delete_user(&self, email: &str) -> Result<Changed> {
        let user = self.store.find_user(email).await?.ok_or_else(|| nobody(email))?;
        deletion::delete(&self.store, &user, &self.config.plans.default, &self.act()).await?;
        Ok(Changed::from([("email", user.email), ("state", "deleted".to_owned())]))
    }

    /// Revokes a key by its public half, whoever owns it, and tells its owner.
    pub async fn revoke_key(&self, key_id: &str) -> Result<Changed> {
        if !model::ApiToken::is_key_id(key_id) {
            return Err(OperatorError::Refused(
                "a key is named by its public half: `cl_` and twelve characters".to_owned(),
            ));
        }
        match administration::revoke_key(&self.store, key_id, &self.act()).await {
            Ok(true) => {
                Ok(Changed::from([("key_id", key_id.to_owned()), ("status", "revoked".to_owned())]))
            }
            Ok(false) | Err(crate::error::Error::NotFound) => {
                Err(OperatorError::Refused(format!("there is no living key {key_id}")))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn find(&self, email: &str) -> Result<AccountUser> {
        let user = self.store.find_user(email).await?.ok_or_else(|| nobody(email))?;
        self.store.find_account_user(user.id).await?.ok_or_else(|| nobody(email))
    }

    async fn change(
        &self,
        email: &str,
        change: &AccountChange,
        (what, value): (&'static str, &str),
    ) -> Result<Changed> {
        let user = self.find(email).await?;
        administration::change_account(&self.store, &user, change, &self.act()).await?;
        Ok(Changed::from([("email", user.email), (what, value.to_owned())]))
    }
}
