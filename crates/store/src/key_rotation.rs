//! Replacing a key by a successor that may do the same.
//!
//! One transaction makes the successor and sets the end of the old key, so that after a crash there
//! is either the old key as it was or both. Racers wait for each other at the row of the account;
//! the state of the old key is judged after that.

use model::{AuditAction, Environment, KeyStatus, SECOND_MS, Timestamp};
use serde_json::json;

use crate::api_keys::{ApiKey, FIND, LOCK_ACCOUNT, key_columns, target};
use crate::audit::audit;
use crate::generation::RAISE;
use crate::once::{Claim, claim, settle};
use crate::rows;
use crate::{Act, Once, Result, Store, write};

/// The successor of a key, as far as it does not copy it.
#[derive(Debug, Clone)]
pub struct Rotation {
    pub key_id: String,
    /// HMAC of the whole token, hex.
    pub hash: String,
    pub pepper_version: i64,
    /// How long the old key still works; 0 for not at all.
    pub grace_ms: i64,
    /// The successor ends at this time at the latest.
    pub latest_end: Option<Timestamp>,
}

/// What became of a rotation.
#[derive(Debug, Clone, PartialEq)]
pub enum Rotated {
    /// Both keys, as they are now.
    Now {
        old: Box<ApiKey>,
        new: Box<ApiKey>,
    },
    /// The same request made this successor before.
    Before(Box<ApiKey>),
    /// The idempotency key stands for another request.
    KeyReused,
    NotFound,
    /// The key is revoked, expired, switched off or has a successor already.
    Refused(KeyStatus),
}

impl Rotation {
    /// Returns when the successor ends: it lives as long as its predecessor was to live.
    fn end(&self, old: &ApiKey, now: Timestamp) -> Option<Timestamp> {
        let lived = old.expires_at.map(|end| now.plus_ms(end.ms_since(old.created_at)));
        match (lived, self.latest_end) {
            (Some(end), Some(latest)) => Some(end.min(latest)),
            (end, latest) => end.or(latest),
        }
    }
}

impl Store {
    /// Makes the successor of a living key and lets the old one end after the grace period, or at
    /// its own end when that comes first.
    pub async fn rotate_key(
        &self,
        account: i64,
        id: i64,
        rotation: &Rotation,
        once: Option<&Once>,
        act: &Act,
    ) -> Result<Rotated> {
        const INSERT: &str = concat!(
            "INSERT INTO api_keys (account_id, key_id, hash, pepper_version, name, description,
                 environment, scopes, ip_allowlist, domains, per_minute, enabled, created_at,
                 created_by, expires_at, rotated_from)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $14, $15)
             RETURNING ",
            key_columns!()
        );
        const END_OLD: &str = concat!(
            "UPDATE api_keys SET rotated_to = $3, rotated_at = $4, expires_at = $5
             WHERE account_id = $1 AND id = $2
             RETURNING ",
            key_columns!()
        );
        let now = act.at;
        let rotated = write!(self, tx => {
            match claim!(tx, account, once, now) {
                Claim::First => {}
                Claim::Other => return Ok(Rotated::KeyReused),
                Claim::Made(id) => {
                    let key = sqlx::query_as(FIND).bind(account).bind(id).fetch_one(&mut *tx).await?;
                    return Ok(Rotated::Before(Box::new(key)));
                }
            }
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            let old: Option<ApiKey> =
                sqlx::query_as(FIND).bind(account).bind(id).fetch_optional(&mut *tx).await?;
            let Some(old) = old else {
                settle!(tx, account, once, None);
                return Ok(Rotated::NotFound);
            };
            let status = old.status(now);
            if status != KeyStatus::Active {
                settle!(tx, account, once, None);
                return Ok(Rotated::Refused(status));
            }
            let new: ApiKey = sqlx::query_as(INSERT)
                .bind(account)
                .bind(&rotation.key_id)
                .bind(&rotation.hash)
                .bind(rotation.pepper_version)
                .bind(&old.name)
                .bind(&old.description)
                .bind(old.environment.map(Environment::as_str))
                .bind(rows::json(&old.scopes)?)
                .bind(rows::json(&old.ip_allowlist)?)
                .bind(rows::json(&old.domains)?)
                .bind(old.per_minute)
                .bind(now.0)
                .bind(old.created_by)
                .bind(rotation.end(&old, now).map(|end| end.0))
                .bind(old.id)
                .fetch_one(&mut *tx)
                .await?;
            let grace_end = now.plus_ms(rotation.grace_ms);
            let end = old.expires_at.map_or(grace_end, |own| own.min(grace_end));
            let old: ApiKey = sqlx::query_as(END_OLD)
                .bind(account)
                .bind(id)
                .bind(new.id)
                .bind(now.0)
                .bind(end.0)
                .fetch_one(&mut *tx)
                .await?;
            let detail = json!({
                "successor": new.key_id,
                "grace_period_seconds": rotation.grace_ms / SECOND_MS,
                "ends_at": end,
            });
            audit!(self, tx, account, act, AuditAction::ApiKeyRotated, Some(&target(&old.key_id)), detail);
            settle!(tx, account, once, Some(new.id));
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(Rotated::Now { old: Box::new(old), new: Box::new(new) })
        });
        self.publish_generation().await?;
        Ok(rotated)
    }
}

#[cfg(feature = "testing")]
impl Rotation {
    /// Returns a rotation for tests.
    pub fn plain(key_id: &str, grace_ms: i64) -> Self {
        Self {
            key_id: key_id.to_owned(),
            hash: "11".to_owned(),
            pepper_version: 1,
            grace_ms,
            latest_end: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{KeyFilter, NewKey, NewUser};

    async fn key(store: &Store, end: Option<i64>) -> ApiKey {
        let user = NewUser::plain("a@example.com", Role::User);
        let owner = store.create_user(&user, Timestamp(1)).await.unwrap().unwrap().account_id;
        let key = NewKey { expires_at: end.map(Timestamp), ..NewKey::plain("cl_aaaaaaaaaaaa") };
        store
            .create_key(owner, &key, None, &Act::operator(Timestamp(10)))
            .await
            .unwrap()
            .now()
            .unwrap()
    }

    store_test! {
        async fn the_successor_lives_as_long_as_its_predecessor_was_to(store: Store, _address: String) {
            let key = key(&store, Some(110)).await;
            let act = Act::operator(Timestamp(60));
            let rotated = store.rotate_key(key.account_id, key.id, &Rotation::plain("cl_bbbbbbbbbbbb", 500), None, &act).await.unwrap();
            let Rotated::Now { old, new } = rotated else { panic!("{rotated:?}") };
            assert_eq!((old.expires_at, old.rotated_to, old.rotated_at), (Some(Timestamp(110)), Some(new.id), Some(Timestamp(60))));
            assert_eq!((new.expires_at, new.rotated_from), (Some(Timestamp(160)), Some(key.id)));
            assert_eq!(old.status(Timestamp(60)), KeyStatus::Expiring);
            let again = store.rotate_key(key.account_id, key.id, &Rotation::plain("cl_cccccccccccc", 0), None, &act).await.unwrap();
            assert_eq!(again, Rotated::Refused(KeyStatus::Expiring));
            let limited = Rotation { latest_end: Some(Timestamp(99)), ..Rotation::plain("cl_dddddddddddd", 0) };
            let Rotated::Now { old, new } = store.rotate_key(key.account_id, new.id, &limited, None, &act).await.unwrap() else { panic!() };
            assert_eq!((old.status(Timestamp(60)), new.expires_at), (KeyStatus::Expired, Some(Timestamp(99))));
        }

        async fn of_many_rotations_at_once_one_makes_a_successor(store: Store, _address: String) {
            let key = key(&store, None).await;
            let racers: Vec<_> = (10..60).map(|racer| {
                let (store, account, id) = (store.clone(), key.account_id, key.id);
                tokio::spawn(async move {
                    let rotation = Rotation::plain(&format!("cl_bbbbbbbbbb{racer}"), 500);
                    store.rotate_key(account, id, &rotation, None, &Act::operator(Timestamp(20))).await.unwrap()
                })
            }).collect();
            let mut made = 0;
            for racer in racers {
                match racer.await.unwrap() {
                    Rotated::Now { .. } => made += 1,
                    Rotated::Refused(KeyStatus::Expiring) => {}
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(made, 1);
            assert_eq!(store.list_keys(key.account_id, &KeyFilter::default(), 10, Timestamp(20)).await.unwrap().len(), 2);
        }

        async fn a_rotation_and_a_revocation_at_once_leave_one_right_state(store: Store, _address: String) {
            let key = key(&store, None).await;
            let account = key.account_id;
            let rotating = tokio::spawn({
                let store = store.clone();
                async move { store.rotate_key(account, key.id, &Rotation::plain("cl_bbbbbbbbbbbb", 500), None, &Act::operator(Timestamp(20))).await.unwrap() }
            });
            store.revoke_key(account, key.id, &Act::operator(Timestamp(20))).await.unwrap();
            let rotated = rotating.await.unwrap();
            let old = store.find_key(account, key.id).await.unwrap().unwrap();
            assert_eq!(old.status(Timestamp(21)), KeyStatus::Revoked);
            match rotated {
                Rotated::Now { new, .. } => assert_eq!(old.rotated_to, Some(new.id)),
                Rotated::Refused(KeyStatus::Revoked) => assert_eq!(old.rotated_to, None),
                other => panic!("{other:?}"),
            }
        }

        async fn a_rotation_that_is_cut_off_leaves_one_usable_state(store: Store, _address: String) {
            let key = key(&store, None).await;
            for steps in 0..40 {
                let rotation = Rotation::plain(&format!("cl_bbbbbbbbbb{}", 10 + steps), 500);
                let act = Act::operator(Timestamp(20));
                let rotating = store.rotate_key(key.account_id, key.id, &rotation, None, &act);
                let mut rotating = std::pin::pin!(rotating);
                // Drops the future after a number of polls, wherever it stands then.
                let mut polls = 0;
                std::future::poll_fn(|context| {
                    polls += 1;
                    match rotating.as_mut().poll(context) {
                        std::task::Poll::Pending if polls <= steps => std::task::Poll::Pending,
                        _ => std::task::Poll::Ready(()),
                    }
                }).await;
            }
            let now = Timestamp(21);
            let keys = store.list_keys(key.account_id, &KeyFilter::default(), 10, now).await.unwrap();
            let active = keys.iter().filter(|key| key.status(now) == KeyStatus::Active).count();
            assert_eq!(active, 1, "{keys:?}");
            match keys.as_slice() {
                [only] => assert_eq!(only.rotated_to, None),
                [new, old] => assert_eq!((old.rotated_to, new.rotated_from), (Some(new.id), Some(old.id))),
                more => panic!("{more:?}"),
            }
        }
    }
}
