//! The audit log: written in the transaction of the act it tells of, so neither is there without
//! the other.
//!
//! One chain per account. The seal of a row is HMAC-SHA-256 over the row and the seal before it,
//! under a key that is not in the database: who can write the tables cannot forge a row. The head
//! stands apart, so cutting off the end shows as well.
//!
//! Order inside a transaction: the act, `audit!`, then `RAISE`; one order everywhere, so that two
//! writers never wait for each other.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use model::{AuditAction, Timestamp};
use sha2::Sha256;

use crate::rows::row;
use crate::{Result, Store, read};

tokio::task_local! {
    static REQUEST: Arc<str>;
}

/// Runs what a request asks for; entries written meanwhile name the request by its id.
pub async fn in_request<T>(id: Arc<str>, work: impl Future<Output = T>) -> T {
    REQUEST.scope(id, work).await
}

/// Makes work that runs in a task of its own belong to the request that is being answered.
pub fn in_this_request<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let id = REQUEST.try_with(Arc::clone);
    async move {
        match id {
            Ok(id) => REQUEST.scope(id, work).await,
            Err(_) => work.await,
        }
    }
}

/// Who does something, from where, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// `user:ID`, `key:KEY_ID`, `operator`, or the name of a job.
    pub actor: String,
    pub ip: Option<String>,
    pub at: Timestamp,
}

impl Act {
    /// Returns an act of whoever runs the command line beside the server.
    pub fn operator(at: Timestamp) -> Self {
        Self { actor: "operator".to_owned(), ip: None, at }
    }
}

/// What seals the rows: 256 bits that are not in the database. Prints as nothing.
#[derive(Clone)]
pub struct AuditKey(Hmac<Sha256>);

impl AuditKey {
    /// Makes the key from its bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(Hmac::new_from_slice(bytes).expect("HMAC takes keys of any length"))
    }

    /// Returns the seal, hex, of a row that follows the row sealed `previous`.
    pub(crate) fn seal(&self, row: &AuditEntry, account: i64, previous: &str) -> Result<String> {
        let fields = crate::rows::json(&serde_json::json!([
            account,
            row.number,
            row.at.0,
            row.actor,
            row.action,
            row.target,
            row.ip,
            row.detail.to_string(),
            previous
        ]))?;
        let mut mac = self.0.clone();
        mac.update(fields.as_bytes());
        Ok(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

row! {
    /// One row of an account's audit log.
    #[derive(Debug, Clone, PartialEq)]
    pub struct AuditEntry {
        /// 1, 2, 3 … within the account.
        pub number: i64,
        pub at: Timestamp,
        pub actor: String,
        pub action: String,
        /// What it was done to, as `key:KEY_ID` or `user:ID`.
        pub target: Option<String>,
        pub ip: Option<String>,
        pub detail: serde_json::Value,
        pub seal: String,
    }
}

/// Makes one of two racers wait, and returns the number of the new row and the seal before it.
pub(crate) const TAKE_NUMBER: &str = "
    INSERT INTO audit_heads (account_id, number, seal) VALUES ($1, 1, '')
    ON CONFLICT (account_id) DO UPDATE SET number = audit_heads.number + 1
    RETURNING number, seal";
pub(crate) const INSERT_ENTRY: &str = "
    INSERT INTO audit_log (account_id, number, at, actor, action, target, ip, detail, seal)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub(crate) const SET_HEAD: &str = "UPDATE audit_heads SET seal = $2 WHERE account_id = $1";

impl AuditEntry {
    /// Returns the row of an act, not yet numbered.
    pub(crate) fn of(
        act: &Act,
        action: AuditAction,
        target: Option<&str>,
        mut detail: serde_json::Value,
    ) -> Self {
        if let (Ok(id), Some(detail)) =
            (REQUEST.try_with(|id| id.to_string()), detail.as_object_mut())
        {
            detail.insert("request_id".to_owned(), id.into());
        }
        let plain = |text: &str| crate::rows::text(text).into_owned();
        Self {
            number: 0,
            at: act.at,
            actor: plain(&act.actor),
            action: action.as_str().to_owned(),
            target: target.map(plain),
            ip: act.ip.as_deref().map(plain),
            detail,
            seal: String::new(),
        }
    }
}

/// Records an act inside the transaction that does it: `audit!(self, tx, account, act, action,
/// target, detail)`. `detail` is JSON without anything secret.
macro_rules! audit {
    ($store:expr, $tx:ident, $account:expr, $act:expr, $action:expr, $target:expr, $detail:expr $(,)?) => {{
        let account: i64 = $account;
        let mut entry = crate::audit::AuditEntry::of($act, $action, $target, $detail);
        let (number, previous): (i64, String) =
            sqlx::query_as(crate::audit::TAKE_NUMBER).bind(account).fetch_one(&mut *$tx).await?;
        entry.number = number;
        entry.seal = $store.audit_key.seal(&entry, account, &previous)?;
        sqlx::query(crate::audit::INSERT_ENTRY)
            .bind(account)
            .bind(entry.number)
            .bind(entry.at.0)
            .bind(&entry.actor)
            .bind(&entry.action)
            .bind(&entry.target)
            .bind(&entry.ip)
            .bind(entry.detail.to_string())
            .bind(&entry.seal)
            .execute(&mut *$tx)
            .await?;
        sqlx::query(crate::audit::SET_HEAD)
            .bind(account)
            .bind(&entry.seal)
            .execute(&mut *$tx)
            .await?;
    }};
}
pub(crate) use audit;

impl Store {
    /// Returns up to `limit` entries of an account, newest first, those numbered below `before`.
    pub async fn list_audit_log(
        &self,
        account: i64,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AuditEntry>> {
        const SQL: &str = "
            SELECT number, at, actor, action, target, ip, detail, seal FROM audit_log
            WHERE account_id = $1 AND number < $2
            ORDER BY number DESC
            LIMIT $3";
        let before = before.unwrap_or(i64::MAX);
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(before)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{NewKey, NewUser};

    store_test! {
        async fn each_act_is_one_sealed_row_even_when_they_race(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            let before = store.list_audit_log(user.account_id, None, 100).await.unwrap().len();
            let racers: Vec<_> = (0..10).map(|racer| {
                let store = store.clone();
                tokio::spawn(async move {
                    let act = Act { actor: "user:1\0".to_owned(), ip: Some("192.0.2.1".to_owned()), at: Timestamp(racer) };
                    store.create_key(user.account_id, &NewKey::plain(&format!("cl_aaaaaaaaaaa{racer}")), None, &act).await.unwrap();
                })
            }).collect();
            for racer in racers {
                racer.await.unwrap();
            }
            let mut rows = store.list_audit_log(user.account_id, None, 100).await.unwrap();
            assert_eq!(rows.len(), before + 10);
            rows.reverse();
            let mut previous = String::new();
            for (at, row) in rows.iter().enumerate() {
                assert_eq!(row.number, i64::try_from(at).unwrap() + 1);
                let seal = store.audit_key.seal(row, user.account_id, &previous).unwrap();
                assert_eq!(row.seal, seal);
                previous = seal;
            }
            let last = rows.last().unwrap();
            assert_eq!((last.action.as_str(), last.actor.as_str()), ("api_key.created", "user:1\u{fffd}"));
            let older = store.list_audit_log(user.account_id, Some(3), 1).await.unwrap();
            assert_eq!(older[0].number, 2);
        }
    }
}
