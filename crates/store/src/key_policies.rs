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

    /// Sets an account's policy.
    pub async fn set_key_policy(&self, account: i64, policy: &KeyPolicy, act: &Act) -> Result<()> {
        const SQL: &str = "
            INSERT INTO key_policies (account_id, leak_policy, max_lifetime_days)
            VALUES ($1, $2, $3)
            ON CONFLICT (account_id) DO UPDATE
            SET leak_policy = excluded.leak_policy, max_lifetime_days = excluded.max_lifetime_days";
        write!(self, tx => {
            sqlx::query(SQL)
                .bind(account)
                .bind(policy.leak_policy.as_str())
                .bind(policy.max_lifetime_days)
                .execute(&mut *tx)
                .await?;
            let detail = json!({
                "leak_policy": policy.leak_policy,
                "max_lifetime_days": policy.max_lifetime_days,
            });
            audit!(self, tx, account, act, AuditAction::KeyPolicyUpdated, None, detail);
            Ok(())
        });
        Ok(())
    }
}
