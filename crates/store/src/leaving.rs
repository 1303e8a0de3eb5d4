//! What an account takes with it and what it leaves behind: its export, and its deletion in two
//! steps.
//!
//! [`Store::close_account`] is one transaction. From its end on nothing of the account lets anybody
//! in, its people are gone and their addresses are free; it also queues what does the rest, so a crash
//! forgets nothing. [`Store::erase_account`] then removes the account's things, a portion a
//! transaction, and finds nothing when it runs again.
//!
//! What stays: the row of the account and those of its keys, with nothing in them but numbers, times
//! and the public halves, so that none is ever issued again; and one entry in the log of the instance.
//! To keep something new of accounts: a table with `account_id` gets a line in [`ERASE`], one with
//! `user_id` in [`CLOSE`]; the test below finds a table that has none.

use model::AuditAction;
use serde_json::json;

use crate::audit::audit;
use crate::generation::RAISE;
use crate::jobs::INSERT_JOB;
use crate::operator::INSTANCE;
use crate::rows::text;
use crate::{Act, NewJob, Result, Store, User, read, write};

/// What became of the wish to close an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    Done,
    /// The account has other owners, or the user is none.
    NotTheOnlyOwner,
    NotFound,
}

/// What goes at once, in an order that foreign keys allow. `$1` is the account.
const CLOSE: &[&str] = &[
    // First, so that nobody joins meanwhile.
    "DELETE FROM team_invitations WHERE account_id = $1",
    "UPDATE api_keys SET hash = '', name = '', description = NULL, environment = NULL, scopes = '[]',
         ip_allowlist = '[]', domains = '[]', per_minute = NULL, enabled = 0, created_by = NULL
     WHERE account_id = $1",
    "DELETE FROM key_notices
     WHERE api_key_id IN (SELECT id FROM api_keys WHERE account_id = $1)",
    "DELETE FROM key_policies WHERE account_id = $1",
    "DELETE FROM user_tokens WHERE user_id IN (SELECT id FROM users WHERE account_id = $1)",
    "DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE account_id = $1)",
    "DELETE FROM passkeys WHERE user_id IN (SELECT id FROM users WHERE account_id = $1)",
    "DELETE FROM totp_enrolments WHERE user_id IN (SELECT id FROM users WHERE account_id = $1)",
    "DELETE FROM totp_factors WHERE user_id IN (SELECT id FROM users WHERE account_id = $1)",
    "DELETE FROM recovery_codes WHERE user_id IN (SELECT id FROM users WHERE account_id = $1)",
    "DELETE FROM alert_settings WHERE account_id = $1",
    // What anybody could see is gone at once.
    "DELETE FROM shares WHERE account_id = $1",
    "DELETE FROM badges WHERE account_id = $1",
    "UPDATE scans SET status = 'canceled' WHERE account_id = $1 AND status IN ('queued', 'running')",
    "DELETE FROM users WHERE account_id = $1",
];

/// What goes in portions, in an order that foreign keys allow. `$1` is the account, `$2` how many
/// rows.
const ERASE: &[&str] = &[
    "DELETE FROM reports WHERE scan_id IN (
         SELECT reports.scan_id FROM reports JOIN scans ON scans.id = reports.scan_id
         WHERE scans.account_id = $1 LIMIT $2)",
    "DELETE FROM scans WHERE id IN (SELECT id FROM scans WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM accepted_risks WHERE id IN (
         SELECT id FROM accepted_risks WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM alert_holds WHERE (account_id, rule, subject) IN (
         SELECT account_id, rule, subject FROM alert_holds WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM alert_letters WHERE (account_id, subject, day) IN (
         SELECT account_id, subject, day FROM alert_letters WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM request_log WHERE id IN (
         SELECT id FROM request_log WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM failed_attempts WHERE id IN (
         SELECT id FROM failed_attempts WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM usage_counts
     WHERE (account_id, granularity, starts_at, api_key_id, route, outcome) IN (
         SELECT account_id, granularity, starts_at, api_key_id, route, outcome
         FROM usage_counts WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM key_networks WHERE (api_key_id, network) IN (
         SELECT api_key_id, network FROM key_networks WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM idempotency_keys WHERE (account_id, key) IN (
         SELECT account_id, key FROM idempotency_keys WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM quota_usage WHERE (account_id, month) IN (
         SELECT account_id, month FROM quota_usage WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM audit_log WHERE (account_id, number) IN (
         SELECT account_id, number FROM audit_log WHERE account_id = $1 LIMIT $2)",
    "DELETE FROM audit_heads WHERE account_id IN (
         SELECT account_id FROM audit_heads WHERE account_id = $1 LIMIT $2)",
    // Last uses are written in batches, some after the account was closed.
    "UPDATE api_keys SET last_used_at = NULL, last_used_ip = NULL, last_used_agent = NULL,
         last_used_endpoint = NULL
     WHERE id IN (
         SELECT id FROM api_keys WHERE account_id = $1 AND last_used_at IS NOT NULL LIMIT $2)",
];

impl Store {
    /// Returns everybody who shares an account, by id.
    pub async fn list_people(&self, account: i64) -> Result<Vec<User>> {
        const SQL: &str = "
            SELECT id, account_id, email, name, role, team_role, created_at, email_verified_at
            FROM users WHERE account_id = $1
            ORDER BY id";
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(account).fetch_all(pool).await?))
    }

    /// Returns whether somebody outside an account operates the instance.
    pub async fn has_admin_beside(&self, account: i64) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM users WHERE role = 'admin' AND account_id <> $1";
        let admins: i64 =
            read!(self, pool => sqlx::query_scalar(SQL).bind(account).fetch_one(pool).await?);
        Ok(admins > 0)
    }

    /// Records that an account's data was taken away.
    pub async fn record_export(&self, account: i64, act: &Act) -> Result<()> {
        write!(self, tx => {
            audit!(self, tx, account, act, AuditAction::AccountExported, None, json!({}));
            Ok(())
        });
        Ok(())
    }

    /// Ends every credential of an account whose only owner is `owner`, removes its people, and
    /// queues the jobs that remove the rest. `plan` is what the remaining row stands on.
    pub async fn close_account(
        &self,
        account: i64,
        owner: i64,
        plan: &str,
        jobs: &[NewJob],
        act: &Act,
    ) -> Result<Closed> {
        const ACCOUNT: &str = "
            UPDATE accounts SET state = 'disabled', state_reason = 'deleted', plan_id = $3,
                own_per_minute = NULL, own_per_hour = NULL, own_per_day = NULL,
                own_concurrent_scans = NULL, own_scans_per_month = NULL, own_domains = NULL,
                own_seats = NULL
            WHERE id = $1
                AND EXISTS (SELECT 1 FROM users
                    WHERE account_id = $1 AND id = $2 AND team_role = 'owner')
                AND NOT EXISTS (SELECT 1 FROM users
                    WHERE account_id = $1 AND id <> $2 AND team_role = 'owner')
            RETURNING id";
        const PEOPLE: &str = "SELECT COUNT(*) FROM users WHERE account_id = $1";
        const KEYS: &str = "
            UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $2), revoked_by = 'deletion'
            WHERE account_id = $1";
        let closed = write!(self, tx => {
            let found: Option<i64> = sqlx::query_scalar(ACCOUNT)
                .bind(account)
                .bind(owner)
                .bind(text(plan))
                .fetch_optional(&mut *tx)
                .await?;
            if found.is_none() {
                let people: i64 = sqlx::query_scalar(PEOPLE).bind(account).fetch_one(&mut *tx).await?;
                return Ok(if people > 0 { Closed::NotTheOnlyOwner } else { Closed::NotFound });
            }
            sqlx::query(KEYS).bind(account).bind(act.at.0).execute(&mut *tx).await?;
            for sql in CLOSE {
                sqlx::query(*sql).bind(account).execute(&mut *tx).await?;
            }
            for job in jobs {
                sqlx::query(INSERT_JOB)
                    .bind(job.kind)
                    .bind(&job.payload)
                    .bind(job.run_at.0)
                    .bind(job.max_attempts)
                    .bind(act.at.0)
                    .execute(&mut *tx)
                    .await?;
            }
            // In the log that stays, and without an address: whoever left is to be forgotten.
            let act = Act { ip: None, ..act.clone() };
            let target = format!("account:{account}");
            audit!(self, tx, INSTANCE, &act, AuditAction::AccountDeleted, Some(&target), json!({}));
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(Closed::Done)
        });
        self.publish_generation().await?;
        Ok(closed)
    }

    /// Removes up to `limit` rows of each kind that a closed account left. Returns how many; with 0
    /// there are no more. An account that has people loses nothing.
    pub async fn erase_account(&self, account: i64, limit: i64) -> Result<u64> {
        const PEOPLE: &str = "SELECT COUNT(*) FROM users WHERE account_id = $1";
        let people: i64 =
            read!(self, pool => sqlx::query_scalar(PEOPLE).bind(account).fetch_one(pool).await?);
        if people > 0 {
            return Ok(0);
        }
        let mut rows = 0;
        for sql in ERASE {
            rows += write!(self, tx => {
                let done = sqlx::query(*sql).bind(account).bind(limit).execute(&mut *tx).await?;
                Ok(done.rows_affected())
            });
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use model::{Role, Timestamp};

    use super::*;
    use crate::testing::store_test;
    use crate::{NewKey, NewUser, Pool};

    /// Tables that name accounts, users or keys and lose nothing, each with a reason.
    const KEPT: &[(&str, &str)] = &[
        ("users", "whose people go by CLOSE"),
        ("api_keys", "what stays of keys keeps their public halves from being issued again"),
    ];

    /// Returns every table with a column of that name.
    async fn tables_with(store: &Store, column: &str) -> Vec<String> {
        const SQLITE: &str = "
            SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
            WHERE m.type = 'table' AND c.name = $1";
        const POSTGRES: &str = "
            SELECT table_name::TEXT FROM information_schema.columns
            WHERE table_schema = current_schema() AND column_name = $1";
        match &store.pool {
            Pool::Sqlite { reader, .. } => {
                sqlx::query_scalar(SQLITE).bind(column).fetch_all(reader).await.unwrap()
            }
            Pool::Postgres(pool) => {
                sqlx::query_scalar(POSTGRES).bind(column).fetch_all(pool).await.unwrap()
            }
        }
    }

    store_test! {
        async fn no_table_that_names_an_account_is_forgotten(store: Store, _address: String) {
            let mut seen = 0;
            for column in ["account_id", "user_id", "api_key_id", "scan_id"] {
                for table in tables_with(&store, column).await {
                    let is_kept = KEPT.iter().any(|(kept, _)| *kept == table);
                    let goes = format!("DELETE FROM {table} ");
                    let goes = CLOSE.iter().chain(ERASE).any(|sql| sql.replace('\n', " ").starts_with(&goes));
                    assert!(is_kept || goes, "`{table}` has `{column}` and no line in CLOSE or ERASE");
                    seen += 1;
                }
            }
            assert!(seen > 15, "{seen}");
        }

        async fn a_closed_account_lets_nobody_in_and_is_erased_in_portions(store: Store, _address: String) {
            let act = Act { actor: "user:1".to_owned(), ip: Some("192.0.2.7".to_owned()), at: Timestamp(5) };
            let made = async |email: &str| store.create_user(&NewUser::plain(email, Role::User), Timestamp(1)).await.unwrap().unwrap();
            let (ann, bob) = (made("a@example.com").await, made("b@example.com").await);
            for (owner, key_id) in [(&ann, "cl_aaaaaaaaaaaa"), (&bob, "cl_bbbbbbbbbbbb")] {
                let key = NewKey { created_by: Some(owner.id), ..NewKey::plain(key_id) };
                store.create_key(owner.account_id, &key, None, &act).await.unwrap();
                for _ in 0..4 {
                    store.record_export(owner.account_id, &act).await.unwrap();
                }
            }
            let job = NewJob { kind: "erase_account", payload: ann.account_id.to_string(), run_at: Timestamp(5), max_attempts: 9 };
            let close = async |account: i64, owner: i64| {
                store.close_account(account, owner, "free", std::slice::from_ref(&job), &act).await.unwrap()
            };
            assert_eq!(store.erase_account(ann.account_id, 9).await.unwrap(), 0);
            assert_eq!(close(ann.account_id, bob.id).await, Closed::NotTheOnlyOwner);
            assert_eq!(close(987, ann.id).await, Closed::NotFound);
            assert_eq!(store.queue_depth().await.unwrap(), 0);
            assert_eq!(close(ann.account_id, ann.id).await, Closed::Done);
            assert_eq!(close(ann.account_id, ann.id).await, Closed::NotFound);
            assert_eq!(store.queue_depth().await.unwrap(), 1);
            assert!(store.find_login("a@example.com").await.unwrap().is_none());
            assert!(store.find_key_principal("cl_aaaaaaaaaaaa").await.unwrap().is_none());
            // The address is free, the key's public half is not.
            let again = made("a@example.com").await;
            assert_ne!(again.account_id, ann.account_id);
            assert!(store.create_key(again.account_id, &NewKey::plain("cl_aaaaaaaaaaaa"), None, &act).await.is_err());

            // A crash in the middle: some rows are gone, and the rest goes when it is tried again.
            assert!(store.erase_account(ann.account_id, 1).await.unwrap() > 0);
            assert!(!store.list_audit_log(ann.account_id, None, 9).await.unwrap().is_empty());
            while store.erase_account(ann.account_id, 2).await.unwrap() > 0 {}
            assert!(store.list_audit_log(ann.account_id, None, 9).await.unwrap().is_empty());
            assert_eq!(store.list_audit_log(bob.account_id, None, 9).await.unwrap().len(), 5);
            assert!(store.find_key_principal("cl_bbbbbbbbbbbb").await.unwrap().is_some());
            let kept = store.list_audit_log(INSTANCE, None, 9).await.unwrap();
            assert_eq!((kept.len(), kept[0].action.as_str(), kept[0].ip.as_deref()), (1, "account.deleted", None));
        }
    }
}
