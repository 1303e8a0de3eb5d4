//! Accounts, the people who sign in to them, and what a request in their name may do.
//!
//! [`Principal`] is the joined row that every authenticated request is judged by: user, account,
//! plan. It is read in one query and cached by the server; whatever changes one of its columns
//! raises the generation in the same transaction.
//!
//! E-mail addresses are compared and stored in lower case; the database holds them unique.

use model::{
    AccountState, AuditAction, LinkPurpose, Plan, Role, SubscriptionStatus, TeamRole, Timestamp,
};
use serde_json::json;

use crate::audit::audit;
use crate::generation::RAISE;
use crate::jobs::INSERT_JOB;
use crate::rows::{row, text};
use crate::sessions::end_sessions;
use crate::{Act, NewJob, Result, Store, read, write};

row! {
    /// A person who signs in.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct User {
        pub id: i64,
        pub account_id: i64,
        /// Lower case.
        pub email: String,
        pub name: Option<String>,
        pub role: Role,
        pub team_role: TeamRole,
        pub created_at: Timestamp,
        pub email_verified_at: Option<Timestamp>,
    }
}

row! {
    /// A user with everything that decides what a request in their name may do.
    #[derive(Debug, Clone)]
    pub struct Principal {
        pub user_id: i64,
        pub user_email: String,
        pub user_name: Option<String>,
        pub user_role: Role,
        pub user_team_role: TeamRole,
        pub user_created_at: Timestamp,
        pub user_email_verified_at: Option<Timestamp>,
        /// JWTs issued earlier are void.
        pub user_tokens_valid_after: Timestamp,
        /// Raised whenever all sessions of the user end together.
        pub user_sign_in_epoch: i64,
        /// How many second factors the user has enrolled; with one, a password alone is not enough.
        pub user_second_factors: i64,
        pub user_account_id: i64,
        pub account_subscription: SubscriptionStatus,
        pub account_state: AccountState,
        pub plan_id: String,
        pub plan_per_minute: i64,
        pub plan_per_hour: i64,
        pub plan_per_day: i64,
        pub plan_concurrent_scans: i64,
        pub plan_scans_per_month: i64,
        pub plan_domains: i64,
        pub plan_seats: i64,
        pub plan_gates: Vec<String>,
    }
}

/// The columns of [`Principal`]: users as `u`, accounts as `a`, plans as `p`. What the operator set for
/// the account goes before what its plan says.
macro_rules! principal_columns {
    () => {
        "u.id AS user_id, u.email AS user_email, u.name AS user_name, u.role AS user_role,
         u.team_role AS user_team_role, u.created_at AS user_created_at,
         u.email_verified_at AS user_email_verified_at,
         u.tokens_valid_after AS user_tokens_valid_after,
         u.sign_in_epoch AS user_sign_in_epoch, u.account_id AS user_account_id,
         (SELECT COUNT(*) FROM totp_factors t WHERE t.user_id = u.id) AS user_second_factors,
         a.subscription_status AS account_subscription, a.state AS account_state,
         p.id AS plan_id, COALESCE(a.own_per_minute, p.per_minute) AS plan_per_minute,
         COALESCE(a.own_per_hour, p.per_hour) AS plan_per_hour,
         COALESCE(a.own_per_day, p.per_day) AS plan_per_day,
         COALESCE(a.own_concurrent_scans, p.concurrent_scans) AS plan_concurrent_scans,
         COALESCE(a.own_scans_per_month, p.scans_per_month) AS plan_scans_per_month,
         COALESCE(a.own_domains, p.domains) AS plan_domains,
         COALESCE(a.own_seats, p.seats) AS plan_seats, p.gates AS plan_gates"
    };
}
pub(crate) use principal_columns;

impl Principal {
    /// Returns the account's plan, with what was set for the account alone.
    pub fn plan(&self) -> Plan {
        Plan {
            id: self.plan_id.clone(),
            per_minute: self.plan_per_minute,
            per_hour: self.plan_per_hour,
            per_day: self.plan_per_day,
            concurrent_scans: self.plan_concurrent_scans,
            scans_per_month: self.plan_scans_per_month,
            domains: self.plan_domains,
            seats: self.plan_seats,
            gates: self.plan_gates.clone(),
        }
    }
}

/// A user to be. The e-mail address is stored in lower case.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub email: String,
    pub name: Option<String>,
    /// In PHC form.
    pub password_hash: String,
    pub role: Role,
    pub plan_id: String,
    /// When it was known that the user reads that address; `None` while nobody knows.
    pub email_verified_at: Option<Timestamp>,
}

/// What became of the wish to be the first administrator.
#[derive(Debug)]
pub enum FirstAdmin {
    Created(User),
    AdminExists,
    EmailTaken,
}

/// A user and the hash of their password.
#[derive(Debug)]
pub struct Login {
    pub principal: Principal,
    pub password_hash: String,
}

const INSERT_ACCOUNT: &str = "
    INSERT INTO accounts (plan_id, subscription_status, state, created_at)
    VALUES ($1, 'active', 'active', $2)
    RETURNING id";
/// The columns of [`User`].
macro_rules! user_columns {
    () => {
        "id, account_id, email, name, role, team_role, created_at, email_verified_at"
    };
}

pub(crate) const INSERT_USER: &str = concat!(
    "INSERT INTO users (account_id, email, name, password_hash, role, team_role, created_at,
         tokens_valid_after, email_verified_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)
     ON CONFLICT (email) DO NOTHING
     RETURNING ",
    user_columns!()
);

/// Makes an account and its owner inside a transaction; `None` when the e-mail address is taken.
macro_rules! insert_user {
    ($tx:ident, $user:expr, $now:expr) => {{
        let account: i64 = sqlx::query_scalar(INSERT_ACCOUNT)
            .bind(&$user.plan_id)
            .bind($now.0)
            .fetch_one(&mut *$tx)
            .await?;
        let user: Option<User> = sqlx::query_as(INSERT_USER)
            .bind(account)
            .bind(text(&$user.email.to_lowercase()))
            .bind($user.name.as_deref().map(text))
            .bind(&$user.password_hash)
            .bind($user.role.as_str())
            .bind(TeamRole::Owner.as_str())
            .bind($now.0)
            .bind($user.email_verified_at.map(|at| at.0))
            .fetch_optional(&mut *$tx)
            .await?;
        match user {
            Some(user) => {
                sqlx::query(RAISE).execute(&mut *$tx).await?;
                Some(user)
            }
            None => {
                const FORGET: &str = "DELETE FROM accounts WHERE id = $1";
                sqlx::query(FORGET).bind(account).execute(&mut *$tx).await?;
                None
            }
        }
    }};
}

impl Store {
    /// Makes an account with one user. `None`, and nothing changed, when the e-mail address is
    /// taken.
    pub async fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<Option<User>> {
        let created = write!(self, tx => { Ok(insert_user!(tx, user, now)) });
        self.publish_generation().await?;
        Ok(created)
    }

    /// Makes an account with one user in somebody else's name, and says so in its log.
    pub async fn create_user_for(&self, user: &NewUser, act: &Act) -> Result<Option<User>> {
        let created = write!(self, tx => {
            let Some(created) = insert_user!(tx, user, act.at) else { return Ok(None) };
            let target = format!("user:{}", created.id);
            let detail = json!({ "role": created.role, "plan": user.plan_id });
            audit!(self, tx, created.account_id, act, AuditAction::AccountCreated, Some(&target), detail);
            Ok(Some(created))
        });
        self.publish_generation().await?;
        Ok(created)
    }

    /// Makes the first administrator, if there is none: of two racing requests one wins.
    pub async fn create_first_admin(&self, user: &NewUser, now: Timestamp) -> Result<FirstAdmin> {
        // The row of `auth_generation` serialises the racers on PostgreSQL, the writer's lock on
        // SQLite.
        const ADMINS: &str = "SELECT COUNT(*) FROM users WHERE role = 'admin'";
        let act = Act { actor: "setup".to_owned(), ip: None, at: now };
        let outcome = write!(self, tx => {
            sqlx::query(RAISE).execute(&mut *tx).await?;
            let admins: i64 = sqlx::query_scalar(ADMINS).fetch_one(&mut *tx).await?;
            if admins > 0 {
                return Ok(FirstAdmin::AdminExists);
            }
            let Some(created) = insert_user!(tx, user, now) else { return Ok(FirstAdmin::EmailTaken) };
            let target = format!("user:{}", created.id);
            let detail = json!({ "role": created.role, "plan": user.plan_id });
            audit!(self, tx, created.account_id, &act, AuditAction::AccountCreated, Some(&target), detail);
            Ok(FirstAdmin::Created(created))
        });
        self.publish_generation().await?;
        Ok(outcome)
    }

    /// Returns whether somebody operates the instance.
    pub async fn has_admin(&self) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM users WHERE role = 'admin'";
        let admins: i64 = read!(self, pool => sqlx::query_scalar(SQL).fetch_one(pool).await?);
        Ok(admins > 0)
    }

    /// Returns the user with that e-mail address and the hash of their password.
    pub async fn find_login(&self, email: &str) -> Result<Option<Login>> {
        use sqlx::{FromRow, Row};
        const SQL: &str = concat!(
            "SELECT u.password_hash, ",
            principal_columns!(),
            "
             FROM users u
             JOIN accounts a ON a.id = u.account_id
             JOIN plans p ON p.id = a.plan_id
             WHERE u.email = $1"
        );
        let email = email.to_lowercase();
        read!(self, pool => {
            let Some(row) = sqlx::query(SQL).bind(text(&email)).fetch_optional(pool).await? else {
                return Ok(None);
            };
            Ok(Some(Login { principal: Principal::from_row(&row)?, password_hash: row.try_get("password_hash")? }))
        })
    }

    /// Returns a user.
    pub async fn find_user_by_id(&self, user: i64) -> Result<Option<User>> {
        const SQL: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE id = $1");
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(user).fetch_optional(pool).await?))
    }

    /// Returns the hash of a user's password.
    pub async fn find_password_hash(&self, user: i64) -> Result<Option<String>> {
        const SQL: &str = "SELECT password_hash FROM users WHERE id = $1";
        Ok(read!(self, pool => sqlx::query_scalar(SQL).bind(user).fetch_optional(pool).await?))
    }

    /// Gives a user another name, or none.
    pub async fn rename_user(
        &self,
        account: i64,
        user: i64,
        name: Option<&str>,
        act: &Act,
    ) -> Result<()> {
        const SQL: &str = "UPDATE users SET name = $3 WHERE id = $1 AND account_id = $2";
        write!(self, tx => {
            sqlx::query(SQL).bind(user).bind(account).bind(name).execute(&mut *tx).await?;
            let target = format!("user:{user}");
            audit!(self, tx, account, act, AuditAction::UserRenamed, Some(&target), json!({}));
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(())
        });
        self.publish_generation().await
    }

    /// Sets a user's password, ends every session but `keep`, voids links to set another, and
    /// queues the letter that tells the user.
    pub async fn set_password(
        &self,
        account: i64,
        user: i64,
        hash: &str,
        keep: Option<&str>,
        notice: &NewJob,
        act: &Act,
    ) -> Result<()> {
        const PASSWORD: &str = "UPDATE users SET password_hash = $2 WHERE id = $1";
        const LINKS: &str = "DELETE FROM user_tokens WHERE user_id = $1 AND purpose = $2";
        write!(self, tx => {
            sqlx::query(PASSWORD).bind(user).bind(hash).execute(&mut *tx).await?;
            sqlx::query(LINKS).bind(user).bind(LinkPurpose::ResetPassword.as_str()).execute(&mut *tx).await?;
            let ended = end_sessions!(tx, account, user, keep, act.at);
            sqlx::query(INSERT_JOB)
                .bind(notice.kind)
                .bind(&notice.payload)
                .bind(notice.run_at.0)
                .bind(notice.max_attempts)
                .bind(act.at.0)
                .execute(&mut *tx)
                .await?;
            let target = format!("user:{user}");
            audit!(self, tx, account, act, AuditAction::PasswordChanged, Some(&target), json!({ "sessions_ended": ended }));
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(())
        });
        self.publish_generation().await
    }

    /// Replaces a password hash by a stronger one of the same password. Changes nothing when the
    /// password was changed in between.
    pub async fn replace_password_hash(&self, user: i64, old: &str, new: &str) -> Result<()> {
        const SQL: &str =
            "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
        write!(self, tx => {
            sqlx::query(SQL).bind(user).bind(old).bind(new).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }
}

#[cfg(feature = "testing")]
impl NewUser {
    /// Returns a user for tests, on the plan `free`, whose password hash fits no password.
    pub fn plain(email: &str, role: Role) -> Self {
        Self {
            email: email.to_owned(),
            name: None,
            password_hash: "-".to_owned(),
            role,
            plan_id: "free".to_owned(),
            email_verified_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccountChange;
    use crate::testing::store_test;

    store_test! {
        async fn an_email_address_is_taken_whatever_its_case(store: Store, _address: String) {
            let created = store.create_user(&NewUser::plain("Ann@Example.com", Role::User), Timestamp(5)).await.unwrap();
            assert_eq!(created.unwrap().email, "ann@example.com");
            let again = store.create_user(&NewUser::plain("ANN@example.com", Role::User), Timestamp(6)).await.unwrap();
            assert_eq!(again, None);
            let login = store.find_login("aNN@example.com").await.unwrap().unwrap();
            assert_eq!((login.principal.plan_id.as_str(), login.principal.plan_scans_per_month), ("free", 10));
            assert!(login.principal.plan().allows("scan") && !login.principal.plan().allows("pdf"));
        }

        async fn text_with_a_nul_is_an_unknown_address_and_no_outage(store: Store, _address: String) {
            let user = NewUser { name: Some("An\0n".to_owned()), ..NewUser::plain("a@example.com", Role::User) };
            let user = store.create_user(&user, Timestamp(1)).await.unwrap().unwrap();
            assert_eq!(user.name.as_deref(), Some("An\u{fffd}n"));
            assert!(store.find_login("a\0@example.com").await.unwrap().is_none());
            assert!(store.find_user("a\0@example.com").await.unwrap().is_none());
            assert!(store.find_session("\0").await.unwrap().is_none());
            let odd = AccountChange { plan: Some("\0".to_owned()), ..AccountChange::default() };
            assert!(!store.change_account(987, &odd, &Act::operator(Timestamp(1))).await.unwrap());
        }

        async fn of_racing_set_ups_one_wins(store: Store, _address: String) {
            let racers: Vec<_> = (0..8).map(|racer| {
                let store = store.clone();
                tokio::spawn(async move {
                    let user = NewUser::plain(&format!("admin{racer}@example.com"), Role::Admin);
                    matches!(store.create_first_admin(&user, Timestamp(1)).await.unwrap(), FirstAdmin::Created(_))
                })
            }).collect();
            let mut winners = 0;
            for racer in racers {
                winners += usize::from(racer.await.unwrap());
            }
            assert_eq!(winners, 1);
            assert!(store.has_admin().await.unwrap());
        }
    }
}
