use model::{AuditAction, LeakPolicy};
use serde_json::json;

use crate::audit::audit;
use crate::rows::row;
use crate::{Act, Result, Store, read, write};

row! {
    /// What an account demands of its keys.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct KeyPolicy {
        pub leak_policy: LeakPolicy,
        /// How long a new key may live at most; `None` for ever.
        pub max_lifetime_days: Option<i64>,
    }
}

/// What changes of a key policy; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyPolicyChange {
    pub leak_policy: Option<LeakPolicy>,
    /// `Some(None)` lifts the bound.
    pub max_lifetime_days: Option<Option<i64>>,
}

impl Store {
    /// Returns an account's policy; the default when it never set one.
    pub async fn find_key_policy(&self, account: i64) -> Result<KeyPolicy> {
        const SQL: &str =
            "SELECT leak_policy, max_lifetime_days FROM key_policies WHERE account_id = $1";
        let policy: Option<KeyPolicy> = read!(self, pool => {
            sqlx::query_as(SQL).bind(account).fetch_optional(pool).await?
        });
        Ok(policy.unwrap_or_default())
    }

    /// Changes what is given of an account's policy, and returns the whole.
    pub async fn change_key_policy(
        &self,
        account: i64,
        change: KeyPolicyChange,
        act: &Act,
    ) -> Result<KeyPolicy> {
        const SQL: &str = "
            INSERT INTO key_policies (account_id, leak_policy, max_lifetime_days)
            VALUES ($1, COALESCE($2, $3), $4)
            ON CONFLICT (account_id) DO UPDATE
            SET leak_policy = COALESCE($2, key_policies.leak_policy),
                max_lifetime_days =
                    CASE WHEN $5 THEN $4 ELSE key_policies.max_lifetime_days END
            RETURNING leak_policy, max_lifetime_days";
        let policy: KeyPolicy = write!(self, tx => {
            let policy: KeyPolicy = sqlx::query_as(SQL)
                .bind(account)
                .bind(change.leak_policy.map(LeakPolicy::as_str))
                .bind(LeakPolicy::default().as_str())
                .bind(change.max_lifetime_days.flatten())
                .bind(change.max_lifetime_days.is_some())
                .fetch_one(&mut *tx)
                .await?;
            let detail = json!({
                "leak_policy": policy.leak_policy,
                "max_lifetime_days": policy.max_lifetime_days,
            });
            audit!(self, tx, account, act, AuditAction::KeyPolicyUpdated, None, detail);
            Ok(policy)
        });
        Ok(policy)
    }
}
