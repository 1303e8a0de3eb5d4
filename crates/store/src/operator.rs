//! What the operator does to any account, and sees of all of them. Nothing else may skip the owner.
//!
//! Every act stands in the log of the account concerned; what concerns the instance, as a plan does,
//! in the log of the account [`INSTANCE`], which nobody has.

use model::{
    AccountState, AuditAction, PlanOverrides, Role, SubscriptionStatus, TeamRole, Timestamp,
};
use serde_json::json;

use crate::api_keys::{ApiKey, key_columns, target};
use crate::audit::audit;
use crate::generation::RAISE;
use crate::key_lists::containing;
use crate::rows::{row, text};
use crate::{Act, Result, Store, User, read, write};

/// The number that stands for the instance itself where an account's stands otherwise.
pub const INSTANCE: i64 = 0;

row! {
    /// A user with what the operator needs to know of their account.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AccountUser {
        pub id: i64,
        pub account_id: i64,
        /// Lower case.
        pub email: String,
        pub name: Option<String>,
        pub role: Role,
        pub team_role: TeamRole,
        pub created_at: Timestamp,
        pub email_verified_at: Option<Timestamp>,
        pub plan_id: String,
        pub subscription_status: SubscriptionStatus,
        pub state: AccountState,
        /// The operator's note.
        pub state_reason: Option<String>,
        pub own_per_minute: Option<i64>,
        pub own_per_hour: Option<i64>,
        pub own_per_day: Option<i64>,
        pub own_concurrent_scans: Option<i64>,
        pub own_scans_per_month: Option<i64>,
        pub own_domains: Option<i64>,
        pub own_seats: Option<i64>,
    }
}

impl AccountUser {
    /// Returns what the account has in place of its plan's numbers.
    pub fn overrides(&self) -> PlanOverrides {
        PlanOverrides {
            per_minute: self.own_per_minute,
            per_hour: self.own_per_hour,
            per_day: self.own_per_day,
            concurrent_scans: self.own_concurrent_scans,
            scans_per_month: self.own_scans_per_month,
            domains: self.own_domains,
            seats: self.own_seats,
        }
    }
}

macro_rules! account_user {
    () => {
        "SELECT u.id, u.account_id, u.email, u.name, u.role, u.team_role, u.created_at,
             u.email_verified_at, a.plan_id, a.subscription_status, a.state, a.state_reason,
             a.own_per_minute, a.own_per_hour, a.own_per_day, a.own_concurrent_scans,
             a.own_scans_per_month, a.own_domains, a.own_seats
         FROM users u
         JOIN accounts a ON a.id = u.account_id "
    };
}

/// Which users a list shows; `None` leaves a question open.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// A part of the e-mail address, whatever the case.
    pub email: Option<String>,
    pub state: Option<AccountState>,
    pub plan: Option<String>,
    /// Only ids below this one.
    pub before: Option<i64>,
}

/// What changes on an account; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    pub plan: Option<String>,
    pub subscription: Option<SubscriptionStatus>,
    pub state: Option<AccountState>,
    /// The operator's note to the new state. It stays out of the log, which the account's people
    /// read.
    pub reason: Option<String>,
    /// In place of all there were before.
    pub overrides: Option<PlanOverrides>,
    /// A user of the account for whose address the operator vouches.
    pub confirmed: Option<i64>,
}

impl AccountChange {
    /// Returns what the log tells of it: action, whom it concerns, detail.
    fn told(&self) -> Vec<(AuditAction, Option<String>, serde_json::Value)> {
        let plan = self.plan.as_ref();
        let told = [
            plan.map(|plan| (AuditAction::AccountPlanChanged, None, json!({ "to": plan }))),
            self.subscription
                .map(|to| (AuditAction::AccountSubscriptionChanged, None, json!({ "to": to }))),
            self.state.map(|to| (AuditAction::AccountStateChanged, None, json!({ "to": to }))),
            self.overrides
                .map(|to| (AuditAction::AccountOverridesChanged, None, json!({ "to": to }))),
            self.confirmed
                .map(|user| (AuditAction::EmailVerified, Some(format!("user:{user}")), json!({}))),
        ];
        told.into_iter().flatten().collect()
    }
}

row! {
    /// How the instance stands.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Overview {
        pub accounts: i64,
        pub users: i64,
        /// Keys that are neither revoked nor expired.
        pub living_keys: i64,
        pub scans_today: i64,
        /// Jobs that wait or run.
        pub queue_depth: i64,
        /// Refused credentials that name a key or a user.
        pub failed_attempts_today: i64,
    }
}

impl Store {
    /// Changes an account, all or nothing. Returns whether there is such an account.
    pub async fn change_account(
        &self,
        account: i64,
        change: &AccountChange,
        act: &Act,
    ) -> Result<bool> {
        const ACCOUNT: &str = "
            UPDATE accounts SET plan_id = COALESCE($2, plan_id),
                subscription_status = COALESCE($3, subscription_status),
                state = COALESCE($4, state),
                state_reason = CASE WHEN CAST($4 AS TEXT) IS NULL THEN state_reason ELSE $5 END
            WHERE id = $1
            RETURNING id";
        const OVERRIDES: &str = "
            UPDATE accounts SET own_per_minute = $2, own_per_hour = $3, own_per_day = $4,
                own_concurrent_scans = $5, own_scans_per_month = $6, own_domains = $7,
                own_seats = $8
            WHERE id = $1";
        const CONFIRM: &str = "
            UPDATE users SET email_verified_at = COALESCE(email_verified_at, $3)
            WHERE account_id = $1 AND id = $2";
        let changed = write!(self, tx => {
            let found: Option<i64> = sqlx::query_scalar(ACCOUNT)
                .bind(account)
                .bind(change.plan.as_deref().map(text))
                .bind(change.subscription.map(SubscriptionStatus::as_str))
                .bind(change.state.map(AccountState::as_str))
                .bind(change.reason.as_deref().map(text))
                .fetch_optional(&mut *tx)
                .await?;
            if found.is_none() {
                return Ok(false);
            }
            if let Some(overrides) = &change.overrides {
                let mut query = sqlx::query(OVERRIDES).bind(account);
                for (_, number) in overrides.named() {
                    query = query.bind(number);
                }
                query.execute(&mut *tx).await?;
            }
            if let Some(user) = change.confirmed {
                sqlx::query(CONFIRM).bind(account).bind(user).bind(act.at.0).execute(&mut *tx).await?;
            }
            for (action, target, detail) in change.told() {
                audit!(self, tx, account, act, action, target.as_deref(), detail);
            }
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(true)
        });
        self.publish_generation().await?;
        Ok(changed)
    }

    /// Revokes the key with that public half, whoever owns it. `None` when it is not alive.
    pub async fn revoke_any_key(&self, key_id: &str, act: &Act) -> Result<Option<ApiKey>> {
        const SQL: &str = concat!(
            "UPDATE api_keys SET revoked_at = $2, revoked_by = $3
             WHERE key_id = $1 AND revoked_at IS NULL
             RETURNING ",
            key_columns!()
        );
        let revoked = write!(self, tx => {
            let revoked: Option<ApiKey> = sqlx::query_as(SQL)
                .bind(text(key_id))
                .bind(act.at.0)
                .bind(&act.actor)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(key) = &revoked {
                audit!(self, tx, key.account_id, act, AuditAction::ApiKeyRevoked, Some(&target(key_id)), json!({}));
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(revoked)
        });
        self.publish_generation().await?;
        Ok(revoked)
    }

    /// Returns up to `limit` keys of any account: the one with that public half, or those of the
    /// account of the user with that address, newest first, those numbered below `before`.
    pub async fn find_any_keys(
        &self,
        key_id: Option<&str>,
        email: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<ApiKey>> {
        const SQL: &str = concat!(
            "SELECT ",
            key_columns!(),
            " FROM api_keys
             WHERE (CAST($1 AS TEXT) IS NULL OR key_id = $1)
                 AND (CAST($2 AS TEXT) IS NULL
                     OR account_id = (SELECT account_id FROM users WHERE email = $2))
                 AND (CAST($3 AS BIGINT) IS NULL OR api_keys.id < $3)
             ORDER BY api_keys.id DESC
             LIMIT $4"
        );
        let email = email.map(str::to_lowercase);
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(key_id.map(text))
            .bind(email.as_deref().map(text))
            .bind(before)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Returns up to `limit` users of the instance that a filter lets through, newest first.
    pub async fn list_users(&self, filter: &UserFilter, limit: i64) -> Result<Vec<AccountUser>> {
        const SQL: &str = concat!(
            account_user!(),
            "WHERE (CAST($1 AS BIGINT) IS NULL OR u.id < $1)
                 AND (CAST($2 AS TEXT) IS NULL OR u.email LIKE $2 ESCAPE '!')
                 AND (CAST($3 AS TEXT) IS NULL OR a.state = $3)
                 AND (CAST($4 AS TEXT) IS NULL OR a.plan_id = $4)
             ORDER BY u.id DESC
             LIMIT $5"
        );
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(filter.before)
            .bind(filter.email.as_deref().map(containing))
            .bind(filter.state.map(AccountState::as_str))
            .bind(filter.plan.as_deref().map(text))
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Returns a user with what the operator needs to know of their account.
    pub async fn find_account_user(&self, user: i64) -> Result<Option<AccountUser>> {
        const SQL: &str = concat!(account_user!(), "WHERE u.id = $1");
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(user).fetch_optional(pool).await?))
    }

    /// Returns the user with that e-mail address.
    pub async fn find_user(&self, email: &str) -> Result<Option<User>> {
        const SQL: &str = "
            SELECT id, account_id, email, name, role, team_role, created_at, email_verified_at
            FROM users WHERE email = $1";
        let email = email.to_lowercase();
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(text(&email)).fetch_optional(pool).await?))
    }

    /// Returns how the instance stands; `today` is when the day began.
    pub async fn overview(&self, today: Timestamp, now: Timestamp) -> Result<Overview> {
        const SQL: &str = "
            SELECT (SELECT COUNT(*) FROM accounts WHERE EXISTS (
                    SELECT 1 FROM users WHERE account_id = accounts.id)) AS accounts,
                (SELECT COUNT(*) FROM users) AS users,
                (SELECT COUNT(*) FROM api_keys WHERE revoked_at IS NULL
                    AND (expires_at IS NULL OR expires_at > $2)) AS living_keys,
                (SELECT COUNT(*) FROM scans WHERE queued_at >= $1) AS scans_today,
                (SELECT COUNT(*) FROM jobs WHERE state IN ('ready', 'running')) AS queue_depth,
                (SELECT CAST(COALESCE(SUM(attempts), 0) AS BIGINT) FROM failed_attempts
                    WHERE minute >= $1) AS failed_attempts_today";
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(today.0)
            .bind(now.0)
            .fetch_one(pool)
            .await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::store_test;
    use crate::{NewKey, NewUser};

    async fn user(store: &Store, email: &str) -> User {
        let user = NewUser::plain(email, Role::User);
        store.create_user(&user, Timestamp(1)).await.unwrap().unwrap()
    }

    fn on(plan: &str) -> AccountChange {
        AccountChange { plan: Some(plan.to_owned()), ..AccountChange::default() }
    }

    store_test! {
        async fn the_operators_word_reaches_the_principal(store: Store, _address: String) {
            let user = user(&store, "a@example.com").await;
            let account = user.account_id;
            store.create_key(account, &NewKey::plain("cl_aaaaaaaaaaaa"), None, &Act::operator(Timestamp(1))).await.unwrap();
            let act = Act::operator(Timestamp(2));
            let change = AccountChange {
                plan: Some("starter".to_owned()),
                subscription: Some(SubscriptionStatus::Unpaid),
                state: Some(AccountState::Suspended),
                reason: Some("abuse".to_owned()),
                overrides: Some(PlanOverrides { per_minute: Some(7), seats: Some(99), ..PlanOverrides::default() }),
                confirmed: Some(user.id),
            };
            assert!(store.change_account(account, &change, &act).await.unwrap());
            let found = store.find_key_principal("cl_aaaaaaaaaaaa").await.unwrap().unwrap().principal;
            assert_eq!(found.plan_id, "starter");
            assert!(found.account_subscription.lapsed());
            assert_eq!(found.account_state, AccountState::Suspended);
            assert_eq!((found.plan_per_minute, found.plan_per_hour, found.plan_seats), (7, 3_000, 99));
            assert_eq!(found.user_email_verified_at, Some(Timestamp(2)));
            let seen = store.find_account_user(user.id).await.unwrap().unwrap();
            assert_eq!((seen.state_reason.as_deref(), Some(seen.overrides())), (Some("abuse"), change.overrides));
            let log = store.list_audit_log(account, None, 100).await.unwrap();
            let told: Vec<_> = log.iter().take(5).map(|row| (row.actor.as_str(), row.action.as_str())).collect();
            assert_eq!(told, [
                ("operator", "email.verified"),
                ("operator", "account.overrides_changed"),
                ("operator", "account.state_changed"),
                ("operator", "account.subscription_changed"),
                ("operator", "account.plan_changed"),
            ]);
            assert!(!log.iter().any(|row| row.detail.to_string().contains("abuse")));

            // What is left out stays, and nothing in place of the overrides brings the plan's back.
            let cleared = AccountChange { overrides: Some(PlanOverrides::default()), ..AccountChange::default() };
            assert!(store.change_account(account, &cleared, &act).await.unwrap());
            let found = store.find_key_principal("cl_aaaaaaaaaaaa").await.unwrap().unwrap().principal;
            assert_eq!((found.plan_per_minute, found.account_state), (180, AccountState::Suspended));
            assert!(!store.change_account(account + 1, &on("starter"), &act).await.unwrap());
            assert!(store.list_audit_log(account + 1, None, 100).await.unwrap().is_empty());
            assert!(store.revoke_any_key("cl_aaaaaaaaaaaa", &act).await.unwrap().is_some());
            assert!(store.revoke_any_key("cl_aaaaaaaaaaaa", &act).await.unwrap().is_none());
        }

        async fn a_user_that_was_made_for_somebody_is_told_of_in_their_log(store: Store, _address: String) {
            let act = Act::operator(Timestamp(3));
            let made = store.create_user_for(&NewUser::plain("a@example.com", Role::User), &act).await.unwrap().unwrap();
            let log = store.list_audit_log(made.account_id, None, 9).await.unwrap();
            assert_eq!((log.len(), log[0].action.as_str()), (1, "account.created"));
            assert_eq!(log[0].target.as_deref(), Some(format!("user:{}", made.id).as_str()));
            assert_eq!(store.create_user_for(&NewUser::plain("A@example.com", Role::User), &act).await.unwrap(), None);
            assert!(store.check_audit_chain(made.account_id).await.unwrap().broken_at.is_none());
        }

        async fn lists_hold_what_the_filter_lets_through_once(store: Store, _address: String) {
            let mut made = Vec::new();
            for name in ["ann", "bob", "a_n"] {
                made.push(user(&store, &format!("{name}@example.com")).await.id);
            }
            let ann = store.find_user("ANN@example.com").await.unwrap().unwrap();
            store.change_account(ann.account_id, &on("starter"), &Act::operator(Timestamp(1))).await.unwrap();
            let found = async |filter: UserFilter, limit: i64| -> Vec<i64> {
                store.list_users(&filter, limit).await.unwrap().iter().map(|user| user.id).collect()
            };
            assert_eq!(found(UserFilter::default(), 2).await, [made[2], made[1]]);
            assert_eq!(found(UserFilter { before: Some(made[1]), ..UserFilter::default() }, 2).await, [made[0]]);
            let email = |part: &str| UserFilter { email: Some(part.to_owned()), ..UserFilter::default() };
            assert_eq!(found(email("ANN@"), 9).await, [made[0]]);
            assert_eq!(found(email("a_n"), 9).await, [made[2]]);
            assert_eq!(found(email("%"), 9).await, [0; 0]);
            assert_eq!(found(UserFilter { plan: Some("starter".to_owned()), ..UserFilter::default() }, 9).await, [made[0]]);
            let suspended = UserFilter { state: Some(AccountState::Suspended), ..UserFilter::default() };
            assert!(found(suspended, 9).await.is_empty());

            let act = Act::operator(Timestamp(2));
            for key_id in ["cl_aaaaaaaaaaaa", "cl_bbbbbbbbbbbb"] {
                store.create_key(ann.account_id, &NewKey::plain(key_id), None, &act).await.unwrap();
            }
            store.revoke_any_key("cl_aaaaaaaaaaaa", &act).await.unwrap();
            let keys = async |key_id: Option<&str>, email: Option<&str>| {
                store.find_any_keys(key_id, email, None, 9).await.unwrap().len()
            };
            assert_eq!(keys(Some("cl_aaaaaaaaaaaa"), None).await, 1);
            assert_eq!(keys(None, Some("Ann@example.com")).await, 2);
            assert_eq!(keys(None, Some("bob@example.com")).await, 0);
            assert_eq!(keys(Some("cl_aaaaaaaaaaaa"), Some("bob@example.com")).await, 0);
            let overview = store.overview(Timestamp(0), Timestamp(5)).await.unwrap();
            assert_eq!((overview.accounts, overview.users, overview.living_keys), (3, 3, 1));
            assert_eq!((overview.scans_today, overview.queue_depth, overview.failed_attempts_today), (0, 0, 0));
        }

        async fn an_unknown_plan_is_refused_by_the_database(store: Store, _address: String) {
            let user = user(&store, "a@example.com").await;
            assert!(!store.has_plan("platinum").await.unwrap());
            assert!(store.change_account(user.account_id, &on("platinum"), &Act::operator(Timestamp(2))).await.is_err());
        }
    }
}
