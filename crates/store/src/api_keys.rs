//! API keys: making, reading, changing, and who stands behind one.
//!
//! `key_lists` finds many, `key_rotation` replaces one, `key_revocation` ends them, `key_leaks` is
//! what happens to one that leaked, `key_notices` tells their owners, `key_policies` is what an
//! account demands of its keys.
//!
//! A secret is never stored, only its keyed hash. A revoked key stays for ever and can neither be
//! changed nor brought back. Every change raises the generation, so a cached key is stale at once;
//! only the last use does not, since it decides nothing.

use model::{AuditAction, Environment, KeyStatus, Scope, Timestamp};
use serde_json::json;

use crate::accounts::{Principal, principal_columns};
use crate::audit::audit;
use crate::generation::RAISE;
use crate::once::{Claim, claim, settle};
use crate::rows::{self, row, text};
use crate::{Act, Once, Result, Store, read, write};

row! {
    /// An API key without anything of its secret.
    #[derive(Debug, Clone, PartialEq)]
    pub struct ApiKey {
        pub id: i64,
        pub account_id: i64,
        /// The public half, `cl_` and twelve characters.
        pub key_id: String,
        pub name: String,
        pub description: Option<String>,
        pub environment: Option<Environment>,
        pub scopes: Vec<Scope>,
        pub ip_allowlist: Vec<String>,
        pub domains: Vec<String>,
        pub per_minute: Option<i64>,
        pub enabled: bool,
        pub created_at: Timestamp,
        pub created_by: Option<i64>,
        pub expires_at: Option<Timestamp>,
        pub last_used_at: Option<Timestamp>,
        pub last_used_ip: Option<String>,
        pub last_used_agent: Option<String>,
        pub last_used_endpoint: Option<String>,
        pub rotated_from: Option<i64>,
        pub rotated_to: Option<i64>,
        /// When the successor was made.
        pub rotated_at: Option<Timestamp>,
        /// When somebody showed that they have the whole key.
        pub exposed_at: Option<Timestamp>,
        pub revoked_at: Option<Timestamp>,
        pub revoked_by: Option<String>,
    }
}

row! {
    /// How many keys are stored under a version of the pepper.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PepperCount {
        pub version: i64,
        pub living: i64,
        pub revoked: i64,
    }
}

macro_rules! key_columns {
    () => {
        "api_keys.id, api_keys.account_id, api_keys.key_id, api_keys.name, api_keys.description, api_keys.environment, api_keys.scopes,
         api_keys.ip_allowlist, api_keys.domains, api_keys.per_minute, api_keys.enabled, api_keys.created_at, api_keys.created_by,
         api_keys.expires_at, api_keys.last_used_at, api_keys.last_used_ip, api_keys.last_used_agent, api_keys.last_used_endpoint,
         api_keys.rotated_from, api_keys.rotated_to, api_keys.rotated_at, api_keys.exposed_at,
         api_keys.revoked_at, api_keys.revoked_by"
    };
}
pub(crate) use key_columns;

/// The user behind a key: who made it, or the account's first owner when nobody in particular did.
macro_rules! key_owner {
    () => {
        "COALESCE(api_keys.created_by, (SELECT MIN(id) FROM users
             WHERE account_id = api_keys.account_id AND team_role = 'owner'))"
    };
}
pub(crate) use key_owner;

impl ApiKey {
    /// Returns what the key is good for at a time. The end of validity is exclusive.
    pub fn status(&self, now: Timestamp) -> KeyStatus {
        if self.revoked_at.is_some() {
            KeyStatus::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            KeyStatus::Expired
        } else if !self.enabled {
            KeyStatus::Disabled
        } else if self.rotated_to.is_some() {
            KeyStatus::Expiring
        } else {
            KeyStatus::Active
        }
    }
}

/// A key to be.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub key_id: String,
    /// HMAC of the whole token, hex.
    pub hash: String,
    pub pepper_version: i64,
    pub name: String,
    pub description: Option<String>,
    pub environment: Option<Environment>,
    pub scopes: Vec<Scope>,
    pub ip_allowlist: Vec<String>,
    pub domains: Vec<String>,
    pub per_minute: Option<i64>,
    pub created_by: Option<i64>,
    pub expires_at: Option<Timestamp>,
}

/// What may be changed on a key; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct KeyChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub enabled: Option<bool>,
    pub ip_allowlist: Option<Vec<String>>,
    /// Takes effect only when it is earlier than the present one.
    pub expires_at: Option<Timestamp>,
}

impl KeyChange {
    /// Returns what is asked for, for the audit log.
    fn detail(&self) -> serde_json::Value {
        let mut detail = serde_json::Map::new();
        let fields = [
            ("name", self.name.as_ref().map(|name| json!(name))),
            ("description", self.description.as_ref().map(|text| json!(text))),
            ("enabled", self.enabled.map(|enabled| json!(enabled))),
            ("ip_allowlist", self.ip_allowlist.as_ref().map(|list| json!(list))),
            ("expires_at", self.expires_at.map(|end| json!(end))),
        ];
        for (field, value) in fields {
            detail.extend(value.map(|value| (field.to_owned(), value)));
        }
        detail.into()
    }
}

/// Returns how the audit log names a key.
pub(crate) fn target(key_id: &str) -> String {
    format!("key:{key_id}")
}

/// A key that was found by its public half, with its owner.
#[derive(Debug, Clone)]
pub struct KeyPrincipal {
    pub key: ApiKey,
    pub hash: String,
    pub pepper_version: i64,
    pub principal: Principal,
}

/// What became of the wish to make a key.
#[derive(Debug, Clone, PartialEq)]
pub enum KeyMade {
    Now(ApiKey),
    /// The same request made it before; this is its present state.
    Before(ApiKey),
    /// The idempotency key stands for another request.
    KeyReused,
    /// The account has as many living keys as it may.
    TooMany,
    /// Whoever makes it was removed in this moment.
    MakerGone,
}

#[cfg(feature = "testing")]
impl KeyMade {
    /// Returns the key that was made now; for tests.
    pub fn now(self) -> Option<ApiKey> {
        match self {
            Self::Now(key) => Some(key),
            Self::Before(_) | Self::KeyReused | Self::TooMany | Self::MakerGone => None,
        }
    }
}

/// A hash under a newer pepper, to stand in place of the present one.
#[derive(Debug, Clone)]
pub struct Rehash {
    pub id: i64,
    /// The hash that is replaced; another one by now is left alone.
    pub old: String,
    pub new: String,
    pub pepper_version: i64,
}

/// The last time a key was used.
#[derive(Debug, Clone)]
pub struct KeyUse {
    pub id: i64,
    pub at: Timestamp,
    pub ip: Option<String>,
    pub agent: Option<String>,
    /// Method and path template.
    pub endpoint: String,
}

/// Most keys of an account that are alive and not replaced.
const MAX_ALIVE: i64 = 500;

/// Makes one of two racers about an account's keys wait.
pub(crate) const LOCK_ACCOUNT: &str = "UPDATE accounts SET plan_id = plan_id WHERE id = $1";

pub(crate) const FIND: &str = concat!(
    "SELECT ",
    key_columns!(),
    " FROM api_keys WHERE api_keys.account_id = $1 AND api_keys.id = $2"
);

impl Store {
    /// Stores a new key, unless the account has 500 that are alive and not replaced.
    pub async fn create_key(
        &self,
        account: i64,
        key: &NewKey,
        once: Option<&Once>,
        act: &Act,
    ) -> Result<KeyMade> {
        const SQL: &str = concat!(
            "INSERT INTO api_keys (account_id, key_id, hash, pepper_version, name, description,
                 environment, scopes, ip_allowlist, domains, per_minute, enabled, created_at,
                 created_by, expires_at)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $14
             WHERE (SELECT COUNT(*) FROM api_keys
                 WHERE account_id = $1 AND revoked_at IS NULL AND rotated_to IS NULL
                     AND (expires_at IS NULL OR expires_at > $12)) < $15
             RETURNING ",
            key_columns!()
        );
        const MAKER: &str = "SELECT COUNT(*) FROM users WHERE account_id = $1 AND id = $2";
        let scopes = rows::json(&key.scopes)?;
        let addresses = rows::json(&key.ip_allowlist)?;
        let domains = rows::json(&key.domains)?;
        let created = write!(self, tx => {
            match claim!(tx, account, once, act.at) {
                Claim::First => {}
                Claim::Other => return Ok(KeyMade::KeyReused),
                Claim::Made(id) => {
                    let key = sqlx::query_as(FIND).bind(account).bind(id).fetch_one(&mut *tx).await?;
                    return Ok(KeyMade::Before(key));
                }
            }
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            if let Some(maker) = key.created_by {
                let known: i64 = sqlx::query_scalar(MAKER).bind(account).bind(maker).fetch_one(&mut *tx).await?;
                if known == 0 {
                    settle!(tx, account, once, None);
                    return Ok(KeyMade::MakerGone);
                }
            }
            let created: Option<ApiKey> = sqlx::query_as(SQL)
                .bind(account)
                .bind(&key.key_id)
                .bind(&key.hash)
                .bind(key.pepper_version)
                .bind(text(&key.name))
                .bind(key.description.as_deref().map(text))
                .bind(key.environment.map(Environment::as_str))
                .bind(&scopes)
                .bind(&addresses)
                .bind(&domains)
                .bind(key.per_minute)
                .bind(act.at.0)
                .bind(key.created_by)
                .bind(key.expires_at.map(|end| end.0))
                .bind(MAX_ALIVE)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(created) = created else {
                settle!(tx, account, once, None);
                return Ok(KeyMade::TooMany);
            };
            let detail = json!({ "name": created.name, "scopes": created.scopes });
            audit!(self, tx, account, act, AuditAction::ApiKeyCreated, Some(&target(&created.key_id)), detail);
            settle!(tx, account, once, Some(created.id));
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(KeyMade::Now(created))
        });
        self.publish_generation().await?;
        Ok(created)
    }

    /// Returns one key of an account.
    pub async fn find_key(&self, account: i64, id: i64) -> Result<Option<ApiKey>> {
        Ok(
            read!(self, pool => sqlx::query_as(FIND).bind(account).bind(id).fetch_optional(pool).await?),
        )
    }

    /// Changes a key that is not revoked. `None` when there is no such key.
    pub async fn update_key(
        &self,
        account: i64,
        id: i64,
        change: &KeyChange,
        act: &Act,
    ) -> Result<Option<ApiKey>> {
        const SQL: &str = concat!(
            "UPDATE api_keys SET
                 name = COALESCE($3, name),
                 description = COALESCE($4, description),
                 enabled = COALESCE($5, enabled),
                 ip_allowlist = COALESCE($6, ip_allowlist),
                 expires_at = CASE
                     WHEN $7 IS NOT NULL AND (expires_at IS NULL OR $7 < expires_at) THEN $7
                     ELSE expires_at END
             WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL
             RETURNING ",
            key_columns!()
        );
        let addresses = change.ip_allowlist.as_ref().map(rows::json).transpose()?;
        let changed = write!(self, tx => {
            let changed: Option<ApiKey> = sqlx::query_as(SQL)
                .bind(account)
                .bind(id)
                .bind(change.name.as_deref().map(text))
                .bind(change.description.as_deref().map(text))
                .bind(change.enabled.map(i64::from))
                .bind(&addresses)
                .bind(change.expires_at.map(|end| end.0))
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(key) = &changed {
                audit!(self, tx, account, act, AuditAction::ApiKeyUpdated, Some(&target(&key.key_id)), change.detail());
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(changed)
        });
        self.publish_generation().await?;
        Ok(changed)
    }

    /// Returns the key with that public half, whatever its state, and its owner: who made it, or
    /// the account's first owner.
    pub async fn find_key_principal(&self, key_id: &str) -> Result<Option<KeyPrincipal>> {
        use sqlx::{FromRow, Row};
        const SQL: &str = concat!(
            "SELECT api_keys.hash, api_keys.pepper_version, ",
            key_columns!(),
            ", ",
            principal_columns!(),
            "
             FROM api_keys
             JOIN users u ON u.id = ",
            key_owner!(),
            "
             JOIN accounts a ON a.id = api_keys.account_id
             JOIN plans p ON p.id = a.plan_id
             WHERE api_keys.key_id = $1"
        );
        read!(self, pool => {
            let Some(row) = sqlx::query(SQL).bind(key_id).fetch_optional(pool).await? else {
                return Ok(None);
            };
            Ok(Some(KeyPrincipal {
                key: ApiKey::from_row(&row)?,
                hash: row.try_get("hash")?,
                pepper_version: row.try_get("pepper_version")?,
                principal: Principal::from_row(&row)?,
            }))
        })
    }

    /// Returns how many keys are stored under each version of the pepper.
    pub async fn count_keys_by_pepper(&self) -> Result<Vec<PepperCount>> {
        const SQL: &str = "
            SELECT pepper_version AS version, COUNT(*) - COUNT(revoked_at) AS living,
                COUNT(revoked_at) AS revoked
            FROM api_keys GROUP BY pepper_version ORDER BY pepper_version";
        Ok(read!(self, pool => sqlx::query_as(SQL).fetch_all(pool).await?))
    }

    /// Puts hashes under a newer pepper in place of the present ones. Returns how many were still
    /// the old ones.
    pub async fn rehash_keys(&self, hashes: &[Rehash]) -> Result<u64> {
        const SQL: &str = "
            UPDATE api_keys SET hash = $3, pepper_version = $4
            WHERE id = $1 AND hash = $2";
        let rehashed = write!(self, tx => {
            let mut rehashed = 0;
            for hash in hashes {
                rehashed += sqlx::query(SQL)
                    .bind(hash.id)
                    .bind(&hash.old)
                    .bind(&hash.new)
                    .bind(hash.pepper_version)
                    .execute(&mut *tx)
                    .await?
                    .rows_affected();
            }
            if rehashed > 0 {
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(rehashed)
        });
        self.publish_generation().await?;
        Ok(rehashed)
    }

    /// Returns the keys that a user made since `since`, newest first; at most 100.
    pub async fn list_keys_since(
        &self,
        account: i64,
        user: i64,
        since: Timestamp,
    ) -> Result<Vec<ApiKey>> {
        const SQL: &str = concat!(
            "SELECT ",
            key_columns!(),
            " FROM api_keys
             WHERE account_id = $1 AND created_by = $2 AND created_at >= $3
             ORDER BY id DESC
             LIMIT 100"
        );
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(user)
            .bind(since.0)
            .fetch_all(pool)
            .await?))
    }

    /// Records when and how keys were last used, all in one transaction.
    pub async fn record_key_uses(&self, uses: &[KeyUse]) -> Result<()> {
        const SQL: &str = "
            UPDATE api_keys SET last_used_at = $2, last_used_ip = $3, last_used_agent = $4,
                last_used_endpoint = $5
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        write!(self, tx => {
            for used in uses {
                sqlx::query(SQL)
                    .bind(used.id)
                    .bind(used.at.0)
                    .bind(&used.ip)
                    .bind(used.agent.as_deref().map(text))
                    .bind(&used.endpoint)
                    .execute(&mut *tx)
                    .await?;
            }
            Ok(())
        });
        Ok(())
    }
}

#[cfg(feature = "testing")]
impl NewKey {
    /// Returns a key for tests, with the default scopes.
    pub fn plain(key_id: &str) -> Self {
        Self {
            key_id: key_id.to_owned(),
            hash: "00".to_owned(),
            pepper_version: 1,
            name: "test".to_owned(),
            description: None,
            environment: None,
            scopes: Scope::defaults(),
            ip_allowlist: Vec::new(),
            domains: Vec::new(),
            per_minute: None,
            created_by: None,
            expires_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{NewUser, Revoked};

    async fn account(store: &Store, email: &str) -> i64 {
        let user = NewUser::plain(email, Role::User);
        store.create_user(&user, Timestamp(1)).await.unwrap().unwrap().account_id
    }

    store_test! {
        async fn a_key_is_revoked_once_and_for_ever(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let stranger = account(&store, "b@example.com").await;
            let key = store.create_key(owner, &NewKey::plain("cl_aaaaaaaaaaaa"), None, &Act::operator(Timestamp(2))).await.unwrap().now().unwrap();
            assert_eq!(store.revoke_key(stranger, key.id, &Act::operator(Timestamp(3))).await.unwrap(), Revoked::NotFound);
            assert!(matches!(store.revoke_key(owner, key.id, &Act::operator(Timestamp(3))).await.unwrap(), Revoked::Done(_)));
            assert_eq!(store.revoke_key(owner, key.id, &Act::operator(Timestamp(4))).await.unwrap(), Revoked::Already);
            let change = KeyChange { enabled: Some(true), ..KeyChange::default() };
            assert_eq!(store.update_key(owner, key.id, &change, &Act::operator(Timestamp(5))).await.unwrap(), None);
            let found = store.find_key_principal("cl_aaaaaaaaaaaa").await.unwrap().unwrap();
            assert_eq!(found.key.revoked_at, Some(Timestamp(3)));
            assert_eq!(found.key.status(Timestamp(9)), KeyStatus::Revoked);
            assert_eq!(found.principal.user_email, "a@example.com");
            assert!(store.find_key(stranger, key.id).await.unwrap().is_none());
        }

        async fn the_last_place_among_the_living_is_taken_once(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let create = |number: i64| {
                let store = store.clone();
                async move {
                    let key = NewKey::plain(&format!("cl_aaaaaaaaa{number:03}"));
                    store.create_key(owner, &key, None, &Act::operator(Timestamp(2))).await.unwrap()
                }
            };
            for number in 0..MAX_ALIVE - 1 {
                create(number).await.now().unwrap();
            }
            let racers: Vec<_> = (0..10).map(|racer| tokio::spawn(create(MAX_ALIVE + racer))).collect();
            let mut made = 0;
            for racer in racers {
                match racer.await.unwrap() {
                    KeyMade::Now(_) => made += 1,
                    other => assert_eq!(other, KeyMade::TooMany),
                }
            }
            assert_eq!(made, 1);
        }

        async fn a_hash_is_replaced_only_by_who_knows_it(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let key = store.create_key(owner, &NewKey::plain("cl_aaaaaaaaaaaa"), None, &Act::operator(Timestamp(2))).await.unwrap().now().unwrap();
            let rehash = async |old: &str, new: &str, pepper_version| {
                let rehash = Rehash { id: key.id, old: old.to_owned(), new: new.to_owned(), pepper_version };
                store.rehash_keys(&[rehash]).await.unwrap()
            };
            assert_eq!(rehash("ff", "11", 2).await, 0);
            assert_eq!(rehash("00", "11", 2).await, 1);
            assert_eq!(rehash("00", "22", 3).await, 0);
            let found = store.find_key_principal("cl_aaaaaaaaaaaa").await.unwrap().unwrap();
            assert_eq!((found.hash.as_str(), found.pepper_version), ("11", 2));
        }

        async fn an_expiry_only_comes_nearer(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let key = store.create_key(owner, &NewKey::plain("cl_aaaaaaaaaaaa"), None, &Act::operator(Timestamp(2))).await.unwrap().now().unwrap();
            let until = |end| KeyChange { expires_at: Some(Timestamp(end)), ..KeyChange::default() };
            let changed = store.update_key(owner, key.id, &until(50), &Act::operator(Timestamp(5))).await.unwrap().unwrap();
            assert_eq!(changed.expires_at, Some(Timestamp(50)));
            let changed = store.update_key(owner, key.id, &until(90), &Act::operator(Timestamp(5))).await.unwrap().unwrap();
            assert_eq!(changed.expires_at, Some(Timestamp(50)));
            assert_eq!(changed.status(Timestamp(49)), KeyStatus::Active);
            assert_eq!(changed.status(Timestamp(50)), KeyStatus::Expired);
        }

        async fn an_older_use_never_overwrites_a_newer_one(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let key = store.create_key(owner, &NewKey::plain("cl_aaaaaaaaaaaa"), None, &Act::operator(Timestamp(2))).await.unwrap().now().unwrap();
            let used = |at| KeyUse { id: key.id, at: Timestamp(at), ip: Some("192.0.2.1".to_owned()), agent: None, endpoint: "GET /v1/auth/me".to_owned() };
            store.record_key_uses(&[used(20), used(10)]).await.unwrap();
            let found = store.find_key(owner, key.id).await.unwrap().unwrap();
            assert_eq!(found.last_used_at, Some(Timestamp(20)));
        }
    }
}
