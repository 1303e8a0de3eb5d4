//! Ending keys: one, or many together.

use model::{AuditAction, Timestamp};
use serde_json::json;

use crate::api_keys::{ApiKey, FIND, LOCK_ACCOUNT, key_columns, target};
use crate::audit::audit;
use crate::generation::RAISE;
use crate::{Act, Result, Store, write};

/// What became of a revocation.
#[derive(Debug, Clone, PartialEq)]
pub enum Revoked {
    /// The key as it is now.
    Done(Box<ApiKey>),
    Already,
    NotFound,
}

/// Which living keys of an account are revoked together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySelection {
    Ids(Vec<i64>),
    CreatedBefore(Timestamp),
    All,
}

impl Store {
    /// Revokes a key for ever. When this returns, every process sees it.
    pub async fn revoke_key(&self, account: i64, id: i64, act: &Act) -> Result<Revoked> {
        const SQL: &str = concat!(
            "UPDATE api_keys SET revoked_at = $3, revoked_by = $4
             WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL
             RETURNING ",
            key_columns!()
        );
        let revoked = write!(self, tx => {
            let done: Option<ApiKey> = sqlx::query_as(SQL)
                .bind(account)
                .bind(id)
                .bind(act.at.0)
                .bind(&act.actor)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(key) = done {
                audit!(self, tx, account, act, AuditAction::ApiKeyRevoked, Some(&target(&key.key_id)), json!({}));
                sqlx::query(RAISE).execute(&mut *tx).await?;
                return Ok(Revoked::Done(Box::new(key)));
            }
            let known: Option<ApiKey> =
                sqlx::query_as(FIND).bind(account).bind(id).fetch_optional(&mut *tx).await?;
            Ok(match known {
                Some(_) => Revoked::Already,
                None => Revoked::NotFound,
            })
        });
        self.publish_generation().await?;
        Ok(revoked)
    }

    /// Revokes living keys of an account, all or none; with `made_by` only those of one maker.
    /// Returns those that were revoked now; ids that are none of them are passed over.
    pub async fn revoke_keys(
        &self,
        account: i64,
        selection: &KeySelection,
        made_by: Option<i64>,
        act: &Act,
    ) -> Result<Vec<ApiKey>> {
        const SQL: &str = concat!(
            "UPDATE api_keys SET revoked_at = $2, revoked_by = $3
             WHERE account_id = $1 AND revoked_at IS NULL
                 AND (expires_at IS NULL OR expires_at > $2)
                 AND (CAST($4 AS BIGINT) IS NULL OR id = $4)
                 AND (CAST($5 AS BIGINT) IS NULL OR created_at < $5)
                 AND (CAST($6 AS BIGINT) IS NULL OR created_by = $6)
             RETURNING ",
            key_columns!()
        );
        let selections: Vec<(Option<i64>, Option<i64>)> = match selection {
            KeySelection::Ids(ids) => ids.iter().map(|id| (Some(*id), None)).collect(),
            KeySelection::CreatedBefore(time) => vec![(None, Some(time.0))],
            KeySelection::All => vec![(None, None)],
        };
        let revoked = write!(self, tx => {
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            let mut revoked: Vec<ApiKey> = Vec::new();
            for (id, before) in &selections {
                let some: Vec<ApiKey> = sqlx::query_as(SQL)
                    .bind(account)
                    .bind(act.at.0)
                    .bind(&act.actor)
                    .bind(*id)
                    .bind(*before)
                    .bind(made_by)
                    .fetch_all(&mut *tx)
                    .await?;
                revoked.extend(some);
            }
            for key in &revoked {
                audit!(self, tx, account, act, AuditAction::ApiKeyRevoked, Some(&target(&key.key_id)), json!({ "together": revoked.len() }));
            }
            if !revoked.is_empty() {
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(revoked)
        });
        self.publish_generation().await?;
        Ok(revoked)
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{NewKey, NewUser};

    async fn account(store: &Store, email: &str) -> i64 {
        let user = NewUser::plain(email, Role::User);
        store.create_user(&user, Timestamp(1)).await.unwrap().unwrap().account_id
    }

    async fn key(store: &Store, account: i64, key_id: &str, at: i64) -> i64 {
        let act = Act::operator(Timestamp(at));
        store
            .create_key(account, &NewKey::plain(key_id), None, &act)
            .await
            .unwrap()
            .now()
            .unwrap()
            .id
    }

    store_test! {
        async fn many_keys_go_together_and_strangers_stay(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let other = account(&store, "b@example.com").await;
            let theirs = key(&store, other, "cl_bbbbbbbbbbbb", 2).await;
            let mut ids = Vec::new();
            for number in 0..4 {
                ids.push(key(&store, owner, &format!("cl_aaaaaaaaaaa{number}"), 10 + number).await);
            }
            let act = Act::operator(Timestamp(20));
            let revoke = async |selection: KeySelection| store.revoke_keys(owner, &selection, None, &act).await.unwrap().len();
            let before = store.list_audit_log(owner, None, 100).await.unwrap().len();
            assert_eq!(revoke(KeySelection::Ids(vec![ids[0], theirs, 999, ids[0]])).await, 1);
            assert_eq!(revoke(KeySelection::CreatedBefore(Timestamp(12))).await, 1);
            assert_eq!(revoke(KeySelection::All).await, 2);
            assert_eq!(revoke(KeySelection::All).await, 0);
            assert_eq!(store.list_audit_log(owner, None, 100).await.unwrap().len(), before + 4);
            assert_eq!(store.find_key(other, theirs).await.unwrap().unwrap().revoked_at, None);
        }
    }
}
