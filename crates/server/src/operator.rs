//! What the operator does on the command line, beside a running server.
//!
//! Works on the same database and the same data folder, without the server's lock. The server sees
//! every change at once, because each one raises `Store::auth_generation`. Nothing here prints.

mod audit;
mod secrets;

use std::collections::BTreeMap;

use model::{AccountState, ApiToken, Plan, Role, Scope, SubscriptionStatus};
use serde::Serialize;
use store::{Act, KeyMade, NewUser, Store};

use crate::auth::password::{self, Passwords, SecondFactor};
use crate::auth::secrets::Secrets;
use crate::auth::token::{new_token, random_base62};
use crate::breached;
use crate::clock::Clock;
use crate::config::Config;
use crate::data_folder;
use crate::error::Error;
use crate::ops::accounts::{email_problem, is_line};
use crate::ops::api_keys::{Wish, checked};
use crate::ops::passwords::BREACHED;

pub use audit::{AuditFormat, ChainStatus};
pub use secrets::{JwtKeyStatus, PepperStatus, Rotated, SecretsStatus};

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// What was asked for is not possible; the text says why.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

impl From<store::StoreError> for OperatorError {
    fn from(error: store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for OperatorError {
    fn from(error: Error) -> Self {
        match error {
            Error::Internal(cause) => Self::Failed(cause),
            other => Self::Refused(other.to_string()),
        }
    }
}

type Result<T> = std::result::Result<T, OperatorError>;

/// A user to be.
#[derive(Debug, Clone)]
pub struct UserOrder {
    pub email: String,
    pub name: Option<String>,
    /// The default plan when absent.
    pub plan: Option<String>,
    pub role: Role,
    /// Made up when absent.
    pub password: Option<String>,
}

/// A user that was made.
#[derive(Debug, Clone, Serialize)]
pub struct CreatedUser {
    pub id: i64,
    pub email: String,
    pub plan: String,
    /// The password, when it was made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// A key that was made. `api_key` is shown this once.
#[derive(Debug, Clone, Serialize)]
pub struct CreatedKey {
    pub id: i64,
    pub key_id: String,
    pub api_key: String,
}

/// What was changed, by name.
pub type Changed = BTreeMap<&'static str, String>;

/// The operator's hands.
pub struct Operator {
    config: Config,
    store: Store,
    secrets: Secrets,
    clock: Clock,
}

impl Operator {
    /// Opens the database that the settings name.
    pub async fn open(config: Config) -> Result<Self> {
        data_folder::create(&config.data_dir).map_err(anyhow::Error::from)?;
        let secrets = Secrets::open(&config.data_dir).map_err(anyhow::Error::from)?;
        let store = Store::open(&config.database_url(), secrets.audit_key()).await?;
        Ok(Self { config, store, secrets, clock: Clock::system() })
    }

    /// Makes an account with one user.
    pub async fn create_user(&self, order: UserOrder) -> Result<CreatedUser> {
        if let Some(problem) = email_problem(&order.email) {
            return Err(OperatorError::Refused(format!("the e-mail address {problem}")));
        }
        if order.name.as_deref().is_some_and(|name| !is_line(name, 100)) {
            return Err(OperatorError::Refused(
                "the name must be one line of at most 100 characters".to_owned(),
            ));
        }
        let plan = order.plan.unwrap_or_else(|| self.config.plans.default.clone());
        self.require_plan(&plan).await?;
        let (password, made_up) = match order.password {
            Some(password) => (password, None),
            None => {
                let made_up = random_base62(24).map_err(anyhow::Error::from)?;
                (made_up.clone(), Some(made_up))
            }
        };
        let context = [order.email.as_str(), order.name.as_deref().unwrap_or_default()];
        if made_up.is_none()
            && let Some(problem) = password::weakness(&password, &context, SecondFactor::None)
        {
            return Err(OperatorError::Refused(format!("the password {problem}")));
        }
        if breached::holds(&self.config.data_dir, &password).map_err(anyhow::Error::from)? {
            return Err(OperatorError::Refused(format!("the password {BREACHED}")));
        }
        let password_hash = Passwords::new()?.hash(&password).await?;
        let user = NewUser {
            email: order.email,
            name: order.name,
            password_hash,
            role: order.role,
            plan_id: plan.clone(),
            // The operator vouches for the address.
            email_verified_at: Some(self.clock.now()),
        };
        let created = self.store.create_user(&user, self.clock.now()).await?;
        let created = created.ok_or_else(|| {
            OperatorError::Refused(format!("{} has an account already", user.email))
        })?;
        Ok(CreatedUser { id: created.id, email: created.email, plan, password: made_up })
    }

    /// Makes a key for a user, with the default scopes unless told otherwise.
    pub async fn create_key(
        &self,
        email: &str,
        name: &str,
        scopes: Option<Vec<Scope>>,
    ) -> Result<CreatedKey> {
        let user = self.store.find_user(email).await?.ok_or_else(|| nobody(email))?;
        let now = self.clock.now();
        let wish = Wish { name: name.to_owned(), scopes, ..Wish::default() };
        let allowed = checked(wish, now)?;
        let token = new_token().map_err(anyhow::Error::from)?;
        let new = allowed.into_row(&self.secrets, &token, Some(user.id));
        let act = Act::operator(now);
        let made = self.store.create_key(user.account_id, &new, None, &act).await?;
        let key = match made {
            KeyMade::Now(key) => key,
            KeyMade::TooMany => return Err(Error::KeyLimitReached.into()),
            KeyMade::Before(_) | KeyMade::KeyReused => {
                let problem = anyhow::anyhow!("a key was made without a request");
                return Err(OperatorError::Failed(problem));
            }
        };
        Ok(CreatedKey { id: key.id, key_id: key.key_id, api_key: token.expose().to_owned() })
    }

    /// Puts a user's account on a plan.
    pub async fn set_plan(&self, email: &str, plan: &str) -> Result<Changed> {
        self.require_plan(plan).await?;
        self.found(email, self.store.set_plan(email, plan, &self.act()).await?)?;
        Ok(changed(email, "plan", plan))
    }

    /// Sets the subscription state of a user's account.
    pub async fn set_subscription(
        &self,
        email: &str,
        status: SubscriptionStatus,
    ) -> Result<Changed> {
        let found = self.store.set_subscription(email, status, &self.act()).await?;
        self.found(email, found)?;
        Ok(changed(email, "subscription_status", status.as_str()))
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
        let found = self.store.set_account_state(email, state, reason, &self.act()).await?;
        self.found(email, found)?;
        Ok(changed(email, "state", state.as_str()))
    }

    /// Revokes a key by its public half, whoever owns it.
    pub async fn revoke_key(&self, key_id: &str) -> Result<Changed> {
        if !ApiToken::is_key_id(key_id) {
            return Err(OperatorError::Refused(
                "a key is named by its public half: `cl_` and twelve characters".to_owned(),
            ));
        }
        match self.store.revoke_any_key(key_id, &self.act()).await? {
            true => {
                Ok(Changed::from([("key_id", key_id.to_owned()), ("status", "revoked".to_owned())]))
            }
            false => Err(OperatorError::Refused(format!("there is no living key {key_id}"))),
        }
    }

    async fn require_plan(&self, plan: &str) -> Result<()> {
        match self.store.has_plan(plan).await? {
            true => Ok(()),
            false => Err(OperatorError::Refused(format!("there is no plan `{plan}`"))),
        }
    }

    /// Makes a plan, or changes the one of that id. Holds for every request from now on.
    pub async fn put_plan(&self, plan: &Plan) -> Result<()> {
        Ok(self.store.put_plan(plan).await?)
    }

    fn act(&self) -> Act {
        Act::operator(self.clock.now())
    }

    fn found(&self, email: &str, found: bool) -> Result<()> {
        found.then_some(()).ok_or_else(|| nobody(email))
    }
}

fn nobody(email: &str) -> OperatorError {
    OperatorError::Refused(format!("there is no user {email}"))
}

fn changed(email: &str, what: &'static str, value: &str) -> Changed {
    Changed::from([("email", email.to_lowercase()), (what, value.to_owned())])
}
