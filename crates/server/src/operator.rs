//! What the operator does on the command line, beside a running server.
//!
//! Works on the same database and the same data folder, without the server's lock. The server sees
//! every change at once, because each one raises `Store::auth_generation`. Nothing here prints.
//!
//! This file makes users and keys, `accounts` and `plans` change them, `audit`, `second_factors` and
//! `secrets` look after what their names say. What is allowed is decided in `ops`, for the API as well.

mod accounts;
mod audit;
mod plans;
mod second_factors;
mod secrets;

use model::{Role, Scope};
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
use crate::mail;
use crate::ops::accounts::{email_problem, is_line};
use crate::ops::api_keys::{Wish, checked};
use crate::ops::key_letters::{self, Told};
use crate::ops::passwords::BREACHED;

pub use accounts::{Changed, UserStatus};
pub use audit::{AuditFormat, ChainStatus};
pub use plans::PlanStatus;
pub use secrets::{JwtKeyStatus, PepperStatus, ReportKeyStatus, Rotated, SecretsStatus};

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
        Self::open_at(config, Clock::system()).await
    }

    /// Opens it with a clock of one's own; tests move it.
    pub async fn open_at(config: Config, clock: Clock) -> Result<Self> {
        data_folder::create(&config.data_dir).map_err(anyhow::Error::from)?;
        let secrets = Secrets::open(&config.data_dir).map_err(anyhow::Error::from)?;
        let store = Store::open(&config.database_url(), secrets.audit_key()).await?;
        Ok(Self { config, store, secrets, clock })
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
        let created = self.store.create_user_for(&user, &self.act()).await?;
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
            KeyMade::MakerGone => return Err(nobody(email)),
            KeyMade::Before(_) | KeyMade::KeyReused => {
                let problem = anyhow::anyhow!("a key was made without a request");
                return Err(OperatorError::Failed(problem));
            }
        };
        if let Some(owner) = self.store.find_key_owner(user.account_id, key.id).await? {
            let letter = key_letters::created(&Told::of(&key, &owner), &act);
            mail::queue_beside(&self.store, &owner.email, &letter, now).await?;
        }
        Ok(CreatedKey { id: key.id, key_id: key.key_id, api_key: token.expose().to_owned() })
    }

    async fn require_plan(&self, plan: &str) -> Result<()> {
        match self.store.has_plan(plan).await? {
            true => Ok(()),
            false => Err(OperatorError::Refused(format!("there is no plan `{plan}`"))),
        }
    }

    fn act(&self) -> Act {
        Act::operator(self.clock.now())
    }
}

fn nobody(email: &str) -> OperatorError {
    OperatorError::Refused(format!("there is no user {email}"))
}
