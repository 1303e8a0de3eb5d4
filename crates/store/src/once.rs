//! Requests that take effect once, however often they are sent.
//!
//! `claim!` is the first statement of the transaction that makes a thing, `settle!` the last: of two
//! equal requests at once the second waits for the first and finds what it made. A crash in between
//! leaves neither the thing nor the claim. Nothing of an answer is stored, so no secret is.

use model::{DAY_MS, Timestamp};

use crate::{Result, Store, read, write};

/// How long a key is remembered.
pub(crate) const MEMORY_MS: i64 = DAY_MS;

/// A request that is to take effect once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// SHA-256, hex, of the key that the client chose.
    pub key: String,
    /// SHA-256, hex, of what is asked for.
    pub fingerprint: String,
}

/// What became of the wish to make something once.
#[derive(Debug, Clone, PartialEq)]
pub enum Made<T> {
    /// It was made now.
    Now(T),
    /// The same request made it before; this is its present state.
    Before(T),
    /// The idempotency key stands for another request.
    KeyReused,
}

#[cfg(feature = "testing")]
impl<T> Made<T> {
    /// Returns what was made now; for tests.
    pub fn now(self) -> Option<T> {
        match self {
            Self::Now(made) => Some(made),
            Self::Before(_) | Self::KeyReused => None,
        }
    }
}

/// What a transaction finds when it claims a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nobody used the key yet.
    First,
    /// The same request made this row.
    Made(i64),
    /// The key stands for another request.
    Other,
}

/// Takes the key, or a key older than a day. No row when it is in use.
pub(crate) const CLAIM: &str = "
    INSERT INTO idempotency_keys (account_id, key, fingerprint, thing, created_at)
    VALUES ($1, $2, $3, 0, $4)
    ON CONFLICT (account_id, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, thing = 0, created_at = excluded.created_at
    WHERE idempotency_keys.created_at <= $5
    RETURNING thing";
pub(crate) const USED: &str =
    "SELECT fingerprint, thing FROM idempotency_keys WHERE account_id = $1 AND key = $2";
pub(crate) const SETTLE: &str =
    "UPDATE idempotency_keys SET thing = $3 WHERE account_id = $1 AND key = $2";
pub(crate) const UNCLAIM: &str = "DELETE FROM idempotency_keys WHERE account_id = $1 AND key = $2";

/// Claims an `Option<&Once>` inside a transaction; gives a [`Claim`].
macro_rules! claim {
    ($tx:ident, $account:expr, $once:expr, $now:expr) => {
        match $once {
            None => crate::once::Claim::First,
            Some(once) => {
                let first: Option<i64> = sqlx::query_scalar(crate::once::CLAIM)
                    .bind($account)
                    .bind(&once.key)
                    .bind(&once.fingerprint)
                    .bind($now.0)
                    .bind($now.0.saturating_sub(crate::once::MEMORY_MS))
                    .fetch_optional(&mut *$tx)
                    .await?;
                match first {
                    Some(_) => crate::once::Claim::First,
                    None => {
                        let (fingerprint, thing): (String, i64) = sqlx::query_as(crate::once::USED)
                            .bind($account)
                            .bind(&once.key)
                            .fetch_one(&mut *$tx)
                            .await?;
                        match fingerprint == once.fingerprint {
                            true => crate::once::Claim::Made(thing),
                            false => crate::once::Claim::Other,
                        }
                    }
                }
            }
        }
    };
}
pub(crate) use claim;

/// Ends a first claim: with the row that was made, or with `None` when nothing was.
macro_rules! settle {
    ($tx:ident, $account:expr, $once:expr, $thing:expr) => {
        if let Some(once) = $once {
            let made: Option<i64> = $thing;
            let query = match made {
                Some(_) => sqlx::query(crate::once::SETTLE),
                None => sqlx::query(crate::once::UNCLAIM),
            };
            let query = query.bind($account).bind(&once.key);
            let query = match made {
                Some(thing) => query.bind(thing),
                None => query,
            };
            query.execute(&mut *$tx).await?;
        }
    };
}
pub(crate) use settle;

impl Store {
    /// Returns what a request that was sent before has made.
    pub async fn find_made(&self, account: i64, once: &Once) -> Result<Option<i64>> {
        let used: Option<(String, i64)> = read!(self, pool => {
            sqlx::query_as(USED).bind(account).bind(&once.key).fetch_optional(pool).await?
        });
        Ok(used.filter(|(fingerprint, _)| *fingerprint == once.fingerprint).map(|(_, thing)| thing))
    }

    /// Forgets up to `limit` keys that are older than a day. Returns how many.
    pub async fn forget_idempotency_keys(&self, now: Timestamp, limit: i64) -> Result<u64> {
        const SQL: &str = "
            DELETE FROM idempotency_keys WHERE (account_id, key) IN (
                SELECT account_id, key FROM idempotency_keys
                WHERE created_at <= $1 ORDER BY created_at LIMIT $2)";
        Ok(write!(self, tx => {
            let until = now.0.saturating_sub(MEMORY_MS);
            Ok(sqlx::query(SQL).bind(until).bind(limit).execute(&mut *tx).await?.rows_affected())
        }))
    }
}

#[cfg(feature = "testing")]
impl Once {
    /// Returns a request for tests.
    pub fn plain(key: &str, fingerprint: &str) -> Self {
        Self { key: key.to_owned(), fingerprint: fingerprint.to_owned() }
    }
}
