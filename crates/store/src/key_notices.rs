use model::Timestamp;

use crate::api_keys::{ApiKey, key_columns, key_owner};
use crate::jobs::INSERT_JOB;
use crate::rows::row;
use crate::{NewJob, Result, Store, read, write};

row! {
    /// Whom to write to about a key: who made it, or the account's first owner.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct KeyOwner {
        pub email: String,
        /// `None` while nobody has shown that the address is theirs.
        pub email_verified_at: Option<Timestamp>,
    }
}

/// A living key with whom to write to about it.
#[derive(Debug, Clone)]
pub struct WatchedKey {
    pub key: ApiKey,
    pub owner: KeyOwner,
}

impl Store {
    /// Returns up to `limit` keys of any account that work and either end before `ends_before` or
    /// were made before `made_before`, by id, those after `after`.
    pub async fn list_watched_keys(
        &self,
        after: i64,
        ends_before: Timestamp,
        made_before: Timestamp,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<WatchedKey>> {
        use sqlx::FromRow;
        const SQL: &str = concat!(
            "SELECT u.email, u.email_verified_at, ",
            key_columns!(),
            " FROM api_keys
             JOIN users u ON u.id = ",
            key_owner!(),
            "
             WHERE api_keys.id > $1 AND api_keys.revoked_at IS NULL AND api_keys.enabled = 1
                 AND (api_keys.expires_at IS NULL OR api_keys.expires_at > $4)
                 AND (api_keys.expires_at < $2 OR api_keys.created_at < $3)
             ORDER BY api_keys.id
             LIMIT $5"
        );
        read!(self, pool => {
            let rows = sqlx::query(SQL)
                .bind(after)
                .bind(ends_before.0)
                .bind(made_before.0)
                .bind(now.0)
                .bind(limit)
                .fetch_all(pool)
                .await?;
            let watched = rows.iter().map(|row| {
                Ok(WatchedKey { key: ApiKey::from_row(row)?, owner: KeyOwner::from_row(row)? })
            });
            watched.collect()
        })
    }

    /// Returns whom to write to about a key.
    pub async fn find_key_owner(&self, account: i64, id: i64) -> Result<Option<KeyOwner>> {
        const SQL: &str = concat!(
            "SELECT u.email, u.email_verified_at FROM api_keys
             JOIN users u ON u.id = ",
            key_owner!(),
            " WHERE api_keys.account_id = $1 AND api_keys.id = $2"
        );
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(account).bind(id).fetch_optional(pool).await?
        }))
    }

    /// Queues a letter about a key, unless the same notice was queued before. Returns whether it
    /// was queued now.
    pub async fn queue_key_notice(
        &self,
        id: i64,
        notice: &str,
        job: &NewJob,
        now: Timestamp,
    ) -> Result<bool> {
        const SQL: &str = "
            INSERT INTO key_notices (api_key_id, notice, at) VALUES ($1, $2, $3)
            ON CONFLICT (api_key_id, notice) DO NOTHING";
        Ok(write!(self, tx => {
            let is_new = sqlx::query(SQL)
                .bind(id)
                .bind(notice)
                .bind(now.0)
                .execute(&mut *tx)
                .await?
                .rows_affected() > 0;
            if is_new {
                sqlx::query(INSERT_JOB)
                    .bind(job.kind)
                    .bind(&job.payload)
                    .bind(job.run_at.0)
                    .bind(job.max_attempts)
                    .bind(now.0)
                    .execute(&mut *tx)
                    .await?;
            }
            Ok(is_new)
        }))
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{Act, NewKey, NewUser};

    store_test! {
        async fn a_notice_is_queued_once_however_many_ask(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            let new = NewKey { expires_at: Some(Timestamp(100)), ..NewKey::plain("cl_aaaaaaaaaaaa") };
            let key = store.create_key(user.account_id, &new, None, &Act::operator(Timestamp(10))).await.unwrap().now().unwrap();
            let watched = async |after, ends, made| store.list_watched_keys(after, Timestamp(ends), Timestamp(made), 10, Timestamp(50)).await.unwrap().len();
            assert_eq!(watched(0, 101, 0).await, 1);
            assert_eq!(watched(0, 100, 11).await, 1);
            assert_eq!(watched(0, 100, 10).await, 0);
            assert_eq!(watched(key.id, 101, 11).await, 0);
            assert_eq!(store.find_key_owner(user.account_id, key.id).await.unwrap().unwrap().email, "a@example.com");
            let racers: Vec<_> = (0..10).map(|_| {
                let (store, id) = (store.clone(), key.id);
                tokio::spawn(async move {
                    let job = NewJob { kind: "send_mail", payload: "{}".to_owned(), run_at: Timestamp(1), max_attempts: 1 };
                    store.queue_key_notice(id, "expiry_1d", &job, Timestamp(50)).await.unwrap()
                })
            }).collect();
            let mut queued = 0;
            for racer in racers {
                queued += usize::from(racer.await.unwrap());
            }
            assert_eq!((queued, store.queue_depth().await.unwrap()), (1, 1));
        }
    }
}
