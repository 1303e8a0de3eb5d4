//! What the operator does to any account. Nothing else may skip the owner.

use model::{AccountState, AuditAction, SubscriptionStatus};
use serde_json::json;

use crate::api_keys::target;
use crate::audit::audit;
use crate::generation::RAISE;
use crate::rows::text;
use crate::{Act, Result, Store, User, read, write};

impl Store {
    /// Puts the account of a user on a plan. Returns whether there is such a user.
    pub async fn set_plan(&self, email: &str, plan: &str, act: &Act) -> Result<bool> {
        const SQL: &str = "
            UPDATE accounts SET plan_id = $2
            WHERE id = (SELECT account_id FROM users WHERE email = $1)
            RETURNING id";
        let action = AuditAction::AccountPlanChanged;
        self.change_account(SQL, email, plan, None, action, act).await
    }

    /// Sets the subscription state of a user's account. Returns whether there is such a user.
    pub async fn set_subscription(
        &self,
        email: &str,
        status: SubscriptionStatus,
        act: &Act,
    ) -> Result<bool> {
        const SQL: &str = "
            UPDATE accounts SET subscription_status = $2
            WHERE id = (SELECT account_id FROM users WHERE email = $1)
            RETURNING id";
        let action = AuditAction::AccountSubscriptionChanged;
        self.change_account(SQL, email, status.as_str(), None, action, act).await
    }

    /// Suspends, disables or resumes a user's account. Returns whether there is such a user. The
    /// reason is the operator's note: it stays out of the log, which the account's people read.
    pub async fn set_account_state(
        &self,
        email: &str,
        state: AccountState,
        reason: Option<&str>,
        act: &Act,
    ) -> Result<bool> {
        const SQL: &str = "
            UPDATE accounts SET state = $2, state_reason = $3
            WHERE id = (SELECT account_id FROM users WHERE email = $1)
            RETURNING id";
        let action = AuditAction::AccountStateChanged;
        self.change_account(SQL, email, state.as_str(), Some(reason), action, act).await
    }

    async fn change_account(
        &self,
        sql: &'static str,
        email: &str,
        value: &str,
        reason: Option<Option<&str>>,
        action: AuditAction,
        act: &Act,
    ) -> Result<bool> {
        let email = email.to_lowercase();
        let changed = write!(self, tx => {
            let mut query = sqlx::query_scalar(sql).bind(text(&email)).bind(value);
            if let Some(reason) = reason {
                query = query.bind(reason.map(text));
            }
            let changed: Option<i64> = query.fetch_optional(&mut *tx).await?;
            if let Some(account) = changed {
                audit!(self, tx, account, act, action, None, json!({ "to": value }));
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(changed)
        });
        self.publish_generation().await?;
        Ok(changed.is_some())
    }

    /// Revokes the key with that public half, whoever owns it. Returns whether it was alive.
    pub async fn revoke_any_key(&self, key_id: &str, act: &Act) -> Result<bool> {
        const SQL: &str = "
            UPDATE api_keys SET revoked_at = $2, revoked_by = $3
            WHERE key_id = $1 AND revoked_at IS NULL
            RETURNING account_id";
        let owner = write!(self, tx => {
            let owner: Option<i64> = sqlx::query_scalar(SQL)
                .bind(key_id)
                .bind(act.at.0)
                .bind(&act.actor)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(account) = owner {
                audit!(self, tx, account, act, AuditAction::ApiKeyRevoked, Some(&target(key_id)), json!({}));
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(owner)
        });
        self.publish_generation().await?;
        Ok(owner.is_some())
    }

    /// Returns up to `limit` users of the instance, by id, those after `after`.
    pub async fn list_users(&self, after: i64, limit: i64) -> Result<Vec<User>> {
        const SQL: &str = "
            SELECT id, account_id, email, name, role, team_role, created_at, email_verified_at
            FROM users WHERE id > $1
            ORDER BY id
            LIMIT $2";
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(after).bind(limit).fetch_all(pool).await?))
    }

    /// Returns the user with that e-mail address.
    pub async fn find_user(&self, email: &str) -> Result<Option<User>> {
        const SQL: &str = "
            SELECT id, account_id, email, name, role, team_role, created_at, email_verified_at
            FROM users WHERE email = $1";
        let email = email.to_lowercase();
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(text(&email)).fetch_optional(pool).await?))
    }
}

#[cfg(test)]
mod tests {
    use model::{Role, Timestamp};

    use super::*;
    use crate::testing::store_test;
    use crate::{NewKey, NewUser};

    store_test! {
        async fn the_operators_word_reaches_the_principal(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            store.create_key(user.account_id, &NewKey::plain("cl_aaaaaaaaaaaa"), None, &Act::operator(Timestamp(1))).await.unwrap();
            let act = Act::operator(Timestamp(2));
            assert!(store.set_plan("A@example.com", "starter", &act).await.unwrap());
            assert!(store.set_subscription("a@example.com", SubscriptionStatus::Unpaid, &act).await.unwrap());
            assert!(store.set_account_state("a@example.com", AccountState::Suspended, Some("abuse"), &act).await.unwrap());
            let found = store.find_key_principal("cl_aaaaaaaaaaaa").await.unwrap().unwrap().principal;
            assert_eq!(found.plan_id, "starter");
            assert!(found.account_subscription.lapsed());
            assert_eq!(found.account_state, AccountState::Suspended);
            assert!(!store.set_plan("nobody@example.com", "starter", &act).await.unwrap());
            assert!(store.revoke_any_key("cl_aaaaaaaaaaaa", &Act::operator(Timestamp(2))).await.unwrap());
            assert!(!store.revoke_any_key("cl_aaaaaaaaaaaa", &Act::operator(Timestamp(2))).await.unwrap());
        }

        async fn what_the_operator_does_stands_in_the_accounts_log_and_only_there(store: Store, _address: String) {
            let ann = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            let bob = store.create_user(&NewUser::plain("b@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            let act = Act::operator(Timestamp(2));
            store.set_plan("a@example.com", "starter", &act).await.unwrap();
            store.set_subscription("a@example.com", SubscriptionStatus::PastDue, &act).await.unwrap();
            store.set_account_state("a@example.com", AccountState::Disabled, Some("fraud"), &act).await.unwrap();
            store.set_plan("nobody@example.com", "starter", &act).await.unwrap();
            let log = store.list_audit_log(ann.account_id, None, 100).await.unwrap();
            let told: Vec<_> = log.iter().take(3).map(|row| (row.actor.as_str(), row.action.as_str(), row.at, row.detail.clone())).collect();
            let by = |action, to| ("operator", action, Timestamp(2), json!({ "to": to }));
            assert_eq!(told, [
                by("account.state_changed", "disabled"),
                by("account.subscription_changed", "past_due"),
                by("account.plan_changed", "starter"),
            ]);
            assert!(!store.list_audit_log(bob.account_id, None, 100).await.unwrap().iter().any(|row| row.actor == "operator"));
        }

        async fn pages_of_users_hold_everybody_once(store: Store, _address: String) {
            let mut made = Vec::new();
            for name in ["a", "b", "c"] {
                let user = NewUser::plain(&format!("{name}@example.com"), Role::User);
                made.push(store.create_user(&user, Timestamp(1)).await.unwrap().unwrap());
            }
            let first = store.list_users(0, 2).await.unwrap();
            let rest = store.list_users(first[1].id, 2).await.unwrap();
            assert_eq!([first, rest].concat(), made);
        }

        async fn an_unknown_plan_is_refused_by_the_database(store: Store, _address: String) {
            store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap();
            assert!(!store.has_plan("platinum").await.unwrap());
            assert!(store.set_plan("a@example.com", "platinum", &Act::operator(Timestamp(2))).await.is_err());
        }
    }
}
