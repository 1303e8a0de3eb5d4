//! Reading and checking the audit log.
//!
//! The head is read before the rows: what is written meanwhile is checked as far as it is seen, and
//! nothing is mistaken for damage. A row is right when its number follows and its seal fits the one
//! before; the chain is whole when it reaches its head.

use model::{AuditAction, Timestamp};

use crate::audit::AuditEntry;
use crate::{Result, Store, read};

/// Rows that are read at once.
const PAGE: i64 = 1_000;

/// What a check of one account's chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditChain {
    pub account: i64,
    /// Rows that are whole, from the first on.
    pub rows: i64,
    /// The seal of the last whole row; empty when there is none.
    pub head: String,
    /// The number of the first row that is missing, changed or out of order.
    pub broken_at: Option<i64>,
}

/// Which entries a list shows; `None` leaves a question open.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    pub action: Option<AuditAction>,
    pub actor: Option<String>,
    /// What it was done to, as entries name it.
    pub target: Option<String>,
    /// The address that it was done from.
    pub ip: Option<String>,
    /// Only what was refused, or only what was not.
    pub refused: Option<bool>,
    /// At or after this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Only numbers below this one.
    pub before: Option<i64>,
}

impl Store {
    /// Returns up to `limit` entries of an account that a filter lets through, newest first.
    pub async fn find_audit_entries(
        &self,
        account: i64,
        filter: &AuditFilter,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        const SQL: &str = "
            SELECT number, at, actor, action, target, ip, detail, seal FROM audit_log
            WHERE account_id = $1
                AND (CAST($2 AS TEXT) IS NULL OR action = $2)
                AND (CAST($3 AS TEXT) IS NULL OR actor = $3)
                AND (CAST($4 AS BIGINT) IS NULL OR at >= $4)
                AND (CAST($5 AS BIGINT) IS NULL OR at < $5)
                AND (CAST($6 AS BIGINT) IS NULL OR number < $6)
                AND (CAST($7 AS TEXT) IS NULL OR target = $7)
                AND (CAST($8 AS TEXT) IS NULL OR ip = $8)
                AND (CAST($10 AS TEXT) IS NULL OR (action = $11) = ($10 = 'refused'))
            ORDER BY number DESC
            LIMIT $9";
        let text = |text: &Option<String>| {
            text.as_deref().map(|text| crate::rows::text(text).into_owned())
        };
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(filter.action.map(AuditAction::as_str))
            .bind(text(&filter.actor))
            .bind(filter.from.map(|at| at.0))
            .bind(filter.to.map(|at| at.0))
            .bind(filter.before)
            .bind(text(&filter.target))
            .bind(text(&filter.ip))
            .bind(limit)
            .bind(filter.refused.map(|refused| if refused { "refused" } else { "done" }))
            .bind(AuditAction::SignInFailed.as_str())
            .fetch_all(pool)
            .await?))
    }

    /// Returns every account that has an audit log, or the head of one.
    pub async fn list_audited_accounts(&self) -> Result<Vec<i64>> {
        const SQL: &str = "
            SELECT account_id FROM audit_heads UNION SELECT account_id FROM audit_log
            ORDER BY account_id";
        Ok(read!(self, pool => sqlx::query_scalar(SQL).fetch_all(pool).await?))
    }

    /// Checks an account's chain from its first row to its head.
    pub async fn check_audit_chain(&self, account: i64) -> Result<AuditChain> {
        const HEAD: &str = "SELECT number, seal FROM audit_heads WHERE account_id = $1";
        const ROWS: &str = "
            SELECT number, at, actor, action, target, ip, detail, seal FROM audit_log
            WHERE account_id = $1 AND number > $2
            ORDER BY number
            LIMIT $3";
        let head: Option<(i64, String)> =
            read!(self, pool => sqlx::query_as(HEAD).bind(account).fetch_optional(pool).await?);
        let head = head.unwrap_or_default();
        let mut chain = AuditChain { account, rows: 0, head: String::new(), broken_at: None };
        // Numbers below 1 are looked at as well: nobody may hide a row there.
        let mut after = i64::MIN;
        loop {
            let rows: Vec<AuditEntry> = read!(self, pool => sqlx::query_as(ROWS)
                .bind(account)
                .bind(after)
                .bind(PAGE)
                .fetch_all(pool)
                .await?);
            for row in &rows {
                let next = chain.rows + 1;
                let fits = row.number == next
                    && row.seal == self.audit_key.seal(row, account, &chain.head)?
                    && (row.number != head.0 || row.seal == head.1);
                if !fits {
                    chain.broken_at = Some(next);
                    return Ok(chain);
                }
                chain.rows = row.number;
                chain.head.clone_from(&row.seal);
            }
            let Some(last) = rows.last() else { break };
            after = last.number;
        }
        let is_cut_off = chain.rows < head.0 || (head.0 == 0 && chain.rows > 0);
        chain.broken_at = is_cut_off.then_some(chain.rows + 1);
        Ok(chain)
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{Act, KeyChange, NewKey, NewUser, write};

    async fn log_of_five(store: &Store) -> i64 {
        let user = NewUser::plain("a@example.com", Role::User);
        let user = store.create_user(&user, Timestamp(1)).await.unwrap().unwrap();
        let act = Act::operator(Timestamp(2));
        let key = NewKey::plain("cl_aaaaaaaaaaaa");
        let key = store.create_key(user.account_id, &key, None, &act).await.unwrap().now().unwrap();
        for name in ["b", "c", "d", "e"] {
            let change = KeyChange { name: Some(name.to_owned()), ..KeyChange::default() };
            store.update_key(user.account_id, key.id, &change, &act).await.unwrap().unwrap();
        }
        user.account_id
    }

    async fn forge(store: &Store, sql: &'static str) {
        let forged: Result<()> = async {
            write!(store, tx => {
                sqlx::query(sql).execute(&mut *tx).await?;
                Ok(())
            });
            Ok(())
        }
        .await;
        forged.unwrap();
    }

    async fn broken_after(store: &Store, sql: &'static str) -> Option<i64> {
        let account = log_of_five(store).await;
        let whole = store.check_audit_chain(account).await.unwrap();
        assert_eq!((whole.rows, whole.broken_at), (5, None));
        forge(store, sql).await;
        store.check_audit_chain(account).await.unwrap().broken_at
    }

    store_test! {
        async fn a_changed_row_is_found(store: Store, _address: String) {
            let sql = "UPDATE audit_log SET actor = 'user:9' WHERE number = 3";
            assert_eq!(broken_after(&store, sql).await, Some(3));
        }

        async fn a_removed_row_is_found(store: Store, _address: String) {
            assert_eq!(broken_after(&store, "DELETE FROM audit_log WHERE number = 2").await, Some(2));
        }

        async fn reordered_rows_are_found(store: Store, _address: String) {
            let account = log_of_five(&store).await;
            for sql in [
                "UPDATE audit_log SET number = 99 WHERE number = 2",
                "UPDATE audit_log SET number = 2 WHERE number = 3",
                "UPDATE audit_log SET number = 3 WHERE number = 99",
            ] {
                forge(&store, sql).await;
            }
            assert_eq!(store.check_audit_chain(account).await.unwrap().broken_at, Some(2));
        }

        async fn an_inserted_row_is_found(store: Store, _address: String) {
            let sql = "INSERT INTO audit_log (account_id, number, at, actor, action, detail, seal)
                SELECT account_id, 6, at, actor, action, detail, seal FROM audit_log WHERE number = 5";
            assert_eq!(broken_after(&store, sql).await, Some(6));
        }

        async fn a_row_before_the_first_is_found(store: Store, _address: String) {
            let sql = "INSERT INTO audit_log (account_id, number, at, actor, action, detail, seal)
                SELECT account_id, 0, at, actor, action, detail, seal FROM audit_log WHERE number = 5";
            assert_eq!(broken_after(&store, sql).await, Some(1));
        }

        async fn a_cut_off_end_is_found(store: Store, _address: String) {
            assert_eq!(broken_after(&store, "DELETE FROM audit_log WHERE number > 3").await, Some(4));
        }

        async fn a_removed_head_is_found(store: Store, _address: String) {
            assert_eq!(broken_after(&store, "DELETE FROM audit_heads").await, Some(6));
        }

        async fn entries_are_found_by_what_they_tell(store: Store, _address: String) {
            let account = log_of_five(&store).await;
            assert_eq!(store.list_audited_accounts().await.unwrap(), [account]);
            let count = async |filter: AuditFilter| {
                store.find_audit_entries(account, &filter, 10).await.unwrap().len()
            };
            assert_eq!(count(AuditFilter::default()).await, 5);
            let created = AuditFilter { action: Some(AuditAction::ApiKeyCreated), ..AuditFilter::default() };
            assert_eq!(count(created).await, 1);
            let nobody = AuditFilter { actor: Some("user:9".to_owned()), ..AuditFilter::default() };
            assert_eq!(count(nobody).await, 0);
            let one = AuditFilter { target: Some("key:cl_aaaaaaaaaaaa".to_owned()), ..AuditFilter::default() };
            assert_eq!(count(one).await, 5);
            let none = AuditFilter { target: Some("key:cl_bbbbbbbbbbbb".to_owned()), ..AuditFilter::default() };
            assert_eq!(count(none).await, 0);
            let elsewhere = AuditFilter { ip: Some("192.0.2.1".to_owned()), ..AuditFilter::default() };
            assert_eq!(count(elsewhere).await, 0);
            let later = AuditFilter { from: Some(Timestamp(3)), ..AuditFilter::default() };
            assert_eq!(count(later).await, 0);
            let sooner = AuditFilter { to: Some(Timestamp(2)), ..AuditFilter::default() };
            assert_eq!(count(sooner).await, 0);
            let older = AuditFilter { before: Some(3), ..AuditFilter::default() };
            assert_eq!(count(older).await, 2);
        }
    }
}
