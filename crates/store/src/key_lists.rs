//! Finding keys of an account: pages of a list, the living and the ended ones, the oldest.

use model::{Environment, KeyStatus, Timestamp};

use crate::api_keys::{ApiKey, key_columns};
use crate::rows::text;
use crate::{Result, Store, read};

/// Which keys a list shows; `None` leaves a question open.
#[derive(Debug, Clone, Default)]
pub struct KeyFilter {
    pub status: Option<KeyStatus>,
    /// A part of the name, whatever the case.
    pub name: Option<String>,
    pub environment: Option<Environment>,
    /// Only ids below this one.
    pub before: Option<i64>,
}

/// Most living keys of an account that are looked at as a whole: far above the 500 that may be alive
/// and not replaced, since each of those may have been replaced many times within a month.
const MAX_ALIVE: i64 = 10_000;

impl Store {
    /// Returns up to `limit` keys of an account, newest first, revoked ones included.
    pub async fn list_keys(
        &self,
        account: i64,
        filter: &KeyFilter,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<ApiKey>> {
        const SQL: &str = concat!(
            "SELECT ",
            key_columns!(),
            " FROM api_keys
             WHERE api_keys.account_id = $1
                 AND (CAST($2 AS BIGINT) IS NULL OR id < $2)
                 AND (CAST($3 AS TEXT) IS NULL OR $3 = CASE
                     WHEN revoked_at IS NOT NULL THEN 'revoked'
                     WHEN expires_at <= $6 THEN 'expired'
                     WHEN enabled = 0 THEN 'disabled'
                     WHEN rotated_to IS NOT NULL THEN 'expiring'
                     ELSE 'active' END)
                 AND (CAST($4 AS TEXT) IS NULL OR LOWER(name) LIKE $4 ESCAPE '!')
                 AND (CAST($5 AS TEXT) IS NULL OR environment = $5)
             ORDER BY id DESC
             LIMIT $7"
        );
        Ok(read!(self, pool => {
            sqlx::query_as(SQL)
                .bind(account)
                .bind(filter.before)
                .bind(filter.status.map(KeyStatus::as_str))
                .bind(filter.name.as_deref().map(containing))
                .bind(filter.environment.map(Environment::as_str))
                .bind(now.0)
                .bind(limit)
                .fetch_all(pool)
                .await?
        }))
    }

    /// Returns the keys of an account that are neither revoked nor expired, newest first, at most
    /// 10,000.
    pub async fn list_living_keys(&self, account: i64, now: Timestamp) -> Result<Vec<ApiKey>> {
        const SQL: &str = concat!(
            "SELECT ",
            key_columns!(),
            " FROM api_keys
             WHERE api_keys.account_id = $1 AND revoked_at IS NULL
                 AND (expires_at IS NULL OR expires_at > $2)
             ORDER BY id DESC
             LIMIT $3"
        );
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(account).bind(now.0).bind(MAX_ALIVE).fetch_all(pool).await?
        }))
    }

    /// Returns up to `limit` keys of an account that are revoked or expired, newest first: those with
    /// an id below `before`, and with that part in their name.
    pub async fn list_ended_keys(
        &self,
        account: i64,
        name: Option<&str>,
        before: Option<i64>,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<ApiKey>> {
        const SQL: &str = concat!(
            "SELECT ",
            key_columns!(),
            " FROM api_keys
             WHERE api_keys.account_id = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)
                 AND (CAST($3 AS BIGINT) IS NULL OR id < $3)
                 AND (CAST($4 AS TEXT) IS NULL OR LOWER(name) LIKE $4 ESCAPE '!')
             ORDER BY id DESC
             LIMIT $5"
        );
        Ok(read!(self, pool => {
            sqlx::query_as(SQL)
                .bind(account)
                .bind(now.0)
                .bind(before)
                .bind(name.map(containing))
                .bind(limit)
                .fetch_all(pool)
                .await?
        }))
    }

    /// Returns how many keys of an account are revoked or expired.
    pub async fn count_ended_keys(&self, account: i64, now: Timestamp) -> Result<i64> {
        const SQL: &str = "
            SELECT COUNT(*) FROM api_keys
            WHERE account_id = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)";
        Ok(
            read!(self, pool => sqlx::query_scalar(SQL).bind(account).bind(now.0).fetch_one(pool).await?),
        )
    }

    /// Returns the oldest key of an account that works and is not replaced yet; with `made_by` of
    /// one maker.
    pub async fn find_oldest_active_key(
        &self,
        account: i64,
        made_by: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<ApiKey>> {
        const SQL: &str = concat!(
            "SELECT ",
            key_columns!(),
            " FROM api_keys
             WHERE api_keys.account_id = $1 AND revoked_at IS NULL AND enabled = 1
                 AND rotated_to IS NULL AND (expires_at IS NULL OR expires_at > $2)
                 AND (CAST($3 AS BIGINT) IS NULL OR created_by = $3)
             ORDER BY id
             LIMIT 1"
        );
        Ok(read!(self, pool => {
            sqlx::query_as(SQL)
                .bind(account)
                .bind(now.0)
                .bind(made_by)
                .fetch_optional(pool)
                .await?
        }))
    }
}

/// Returns the pattern of all texts that hold a part, for `LIKE … ESCAPE '!'`.
pub(crate) fn containing(part: &str) -> String {
    let escaped =
        text(&part.to_lowercase()).replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{Act, KeyChange, NewKey, NewUser};

    store_test! {
        async fn a_list_answers_what_is_asked(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            let owner = user.account_id;
            let act = Act::operator(Timestamp(2));
            let mut ids = Vec::new();
            for (number, name, end) in [(0, "ci 100%", None), (1, "CI_old", Some(Timestamp(50))), (2, "prod", None), (3, "off", None)] {
                let key = NewKey {
                    name: name.to_owned(),
                    expires_at: end,
                    environment: (number == 2).then_some(Environment::Production),
                    ..NewKey::plain(&format!("cl_aaaaaaaaaaa{number}"))
                };
                ids.push(store.create_key(owner, &key, None, &act).await.unwrap().now().unwrap().id);
            }
            let off = KeyChange { enabled: Some(false), ..KeyChange::default() };
            store.update_key(owner, ids[3], &off, &act).await.unwrap().unwrap();
            let found = async |filter: KeyFilter, limit: i64| -> Vec<i64> {
                store.list_keys(owner, &filter, limit, Timestamp(50)).await.unwrap().iter().map(|key| key.id).collect()
            };
            assert_eq!(found(KeyFilter::default(), 10).await, [ids[3], ids[2], ids[1], ids[0]]);
            assert_eq!(found(KeyFilter { before: Some(ids[2]), ..KeyFilter::default() }, 1).await, [ids[1]]);
            let status = |status| KeyFilter { status: Some(status), ..KeyFilter::default() };
            assert_eq!(found(status(KeyStatus::Active), 10).await, [ids[2], ids[0]]);
            assert_eq!(found(status(KeyStatus::Expired), 10).await, [ids[1]]);
            assert_eq!(found(status(KeyStatus::Disabled), 10).await, [ids[3]]);
            assert!(found(status(KeyStatus::Revoked), 10).await.is_empty());
            let name = |name: &str| KeyFilter { name: Some(name.to_owned()), ..KeyFilter::default() };
            assert_eq!(found(name("ci"), 10).await, [ids[1], ids[0]]);
            assert_eq!(found(name("0%"), 10).await, [ids[0]]);
            assert_eq!(found(name("i_"), 10).await, [ids[1]]);
            let production = KeyFilter { environment: Some(Environment::Production), ..KeyFilter::default() };
            assert_eq!(found(production, 10).await, [ids[2]]);
            assert_eq!(store.list_living_keys(owner, Timestamp(50)).await.unwrap().len(), 3);
            store.revoke_key(owner, ids[0], &act).await.unwrap();
            let ended = async |name: Option<&str>, before: Option<i64>, limit: i64| -> Vec<i64> {
                let keys = store.list_ended_keys(owner, name, before, limit, Timestamp(50)).await.unwrap();
                keys.iter().map(|key| key.id).collect()
            };
            assert_eq!(ended(None, None, 10).await, [ids[1], ids[0]]);
            assert_eq!(ended(None, None, 1).await, [ids[1]]);
            assert_eq!(ended(None, Some(ids[1]), 10).await, [ids[0]]);
            assert_eq!(ended(Some("0%"), None, 10).await, [ids[0]]);
            assert_eq!(store.count_ended_keys(owner, Timestamp(49)).await.unwrap(), 1);
            assert_eq!(store.count_ended_keys(owner, Timestamp(50)).await.unwrap(), 2);
            assert_eq!(store.count_ended_keys(owner + 1, Timestamp(50)).await.unwrap(), 0);
            let oldest = store.find_oldest_active_key(owner, None, Timestamp(50)).await.unwrap().unwrap();
            assert_eq!(oldest.id, ids[2]);
        }
    }
}
