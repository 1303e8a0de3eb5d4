//! Links in letters: confirming an address, setting a new password, changing the address.
//!
//! A user has one good link for each purpose; a newer one voids the older. What is stored is the
//! keyed hash of a token, made by the server; using it up is one `DELETE`, so of two users of one
//! link one wins. A link is void once its user has another address.

use model::{AuditAction, LinkPurpose, Timestamp};
use serde_json::json;

use crate::audit::audit;
use crate::generation::RAISE;
use crate::jobs::insert_job;
use crate::rows::{row, text};
use crate::sessions::end_sessions;
use crate::{Act, NewJob, Result, Store, read, write};

/// A link to be.
#[derive(Debug, Clone)]
pub struct NewLink {
    pub user_id: i64,
    pub purpose: LinkPurpose,
    /// The keyed hash of the token, hex.
    pub hash: String,
    /// The address the letter goes to.
    pub email: String,
    /// The address that the user wants instead, in links about that.
    pub wanted_email: Option<String>,
    pub expires_at: Timestamp,
}

row! {
    /// Whom a good link belongs to.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LinkHolder {
        pub user_id: i64,
        pub account_id: i64,
        pub email: String,
        pub name: Option<String>,
        /// The address that the user wants instead.
        pub wanted_email: Option<String>,
    }
}

/// What a reset does to the API keys that the user made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysOnReset {
    Keep,
    Revoke,
}

/// A new password by link.
#[derive(Debug)]
pub struct Reset<'a> {
    /// The keyed hash of the link's token.
    pub link: &'a str,
    pub password_hash: &'a str,
    pub keys: KeysOnReset,
    /// The job that tells the user.
    pub notice: &'a NewJob,
}

/// Uses a link up inside a transaction; gives its [`LinkHolder`], or `None`.
macro_rules! take_link {
    ($tx:ident, $purpose:expr, $hash:expr, $now:expr) => {{
        const TAKE: &str = "
            DELETE FROM user_tokens
            WHERE hash = $1 AND purpose = $2 AND expires_at > $3
                AND email = (SELECT u.email FROM users u WHERE u.id = user_tokens.user_id)
            RETURNING user_id, wanted_email";
        const WHOSE: &str = "
            SELECT id AS user_id, account_id, email, name, CAST($2 AS TEXT) AS wanted_email
            FROM users WHERE id = $1";
        let taken: Option<(i64, Option<String>)> = sqlx::query_as(TAKE)
            .bind($hash)
            .bind($purpose.as_str())
            .bind($now.0)
            .fetch_optional(&mut *$tx)
            .await?;
        let holder: Option<crate::LinkHolder> = match taken {
            Some((user, wanted)) => {
                sqlx::query_as(WHOSE).bind(user).bind(wanted).fetch_optional(&mut *$tx).await?
            }
            None => None,
        };
        holder
    }};
}
pub(crate) use take_link;

pub(crate) fn of_user(act: &Act, user: i64) -> Act {
    Act { actor: format!("user:{user}"), ..act.clone() }
}

impl Store {
    /// Keeps a link, voiding an earlier one of the same user and purpose that was made at
    /// `replace_until` or before. Returns whether it is kept: a fresher one stays in its place.
    pub async fn put_link(
        &self,
        link: &NewLink,
        replace_until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        const SQL: &str = "
            INSERT INTO user_tokens (user_id, purpose, hash, email, created_at, expires_at, wanted_email)
            VALUES ($1, $2, $3, $4, $5, $6, $8)
            ON CONFLICT (user_id, purpose) DO UPDATE
            SET hash = excluded.hash, email = excluded.email, created_at = excluded.created_at,
                expires_at = excluded.expires_at, wanted_email = excluded.wanted_email
            WHERE user_tokens.created_at <= $7 OR user_tokens.email <> excluded.email
                OR user_tokens.wanted_email <> excluded.wanted_email";
        let kept = write!(self, tx => {
            Ok(sqlx::query(SQL)
                .bind(link.user_id)
                .bind(link.purpose.as_str())
                .bind(&link.hash)
                .bind(text(&link.email))
                .bind(now.0)
                .bind(link.expires_at.0)
                .bind(replace_until.0)
                .bind(link.wanted_email.as_deref().map(text))
                .execute(&mut *tx)
                .await?
                .rows_affected())
        });
        Ok(kept > 0)
    }

    /// Returns whom a link belongs to, if it is good. It stays good.
    pub async fn find_link(
        &self,
        purpose: LinkPurpose,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<LinkHolder>> {
        const SQL: &str = "
            SELECT u.id AS user_id, u.account_id, u.email, u.name, t.wanted_email
            FROM user_tokens t
            JOIN users u ON u.id = t.user_id AND u.email = t.email
            WHERE t.hash = $1 AND t.purpose = $2 AND t.expires_at > $3";
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(hash)
            .bind(purpose.as_str())
            .bind(now.0)
            .fetch_optional(pool)
            .await?))
    }

    /// Forgets up to `limit` links that have expired. Returns how many.
    pub async fn forget_links(&self, now: Timestamp, limit: i64) -> Result<u64> {
        const SQL: &str = "
            DELETE FROM user_tokens WHERE id IN (
                SELECT id FROM user_tokens WHERE expires_at <= $1 ORDER BY id LIMIT $2)";
        Ok(write!(self, tx => {
            Ok(sqlx::query(SQL).bind(now.0).bind(limit).execute(&mut *tx).await?.rows_affected())
        }))
    }

    /// Confirms the address that a link was sent to. Returns whether the link was good.
    pub async fn verify_email(&self, link: &str, act: &Act) -> Result<bool> {
        const SQL: &str =
            "UPDATE users SET email_verified_at = COALESCE(email_verified_at, $2) WHERE id = $1";
        let verified = write!(self, tx => {
            let holder = take_link!(tx, LinkPurpose::VerifyEmail, link, act.at);
            if let Some(holder) = &holder {
                sqlx::query(SQL).bind(holder.user_id).bind(act.at.0).execute(&mut *tx).await?;
                let (act, target) = (of_user(act, holder.user_id), format!("user:{}", holder.user_id));
                audit!(self, tx, holder.account_id, &act, AuditAction::EmailVerified, Some(&target), json!({}));
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(holder.is_some())
        });
        self.publish_generation().await?;
        Ok(verified)
    }

    /// Sets a password by link: ends every session, voids the user's other links, confirms the
    /// address that the letter reached, and revokes the keys that the user made if that was asked
    /// for. Returns how many keys that were; `None`, and nothing changed, when the link is not good.
    pub async fn reset_password(&self, reset: &Reset<'_>, act: &Act) -> Result<Option<usize>> {
        const PASSWORD: &str = "
            UPDATE users SET password_hash = $2, tokens_valid_after = $3,
                email_verified_at = COALESCE(email_verified_at, $3)
            WHERE id = $1";
        const LINKS: &str = "DELETE FROM user_tokens WHERE user_id = $1";
        const KEYS: &str = "
            UPDATE api_keys SET revoked_at = $3, revoked_by = $4
            WHERE account_id = $1 AND created_by = $2 AND revoked_at IS NULL
            RETURNING key_id";
        let revoked = write!(self, tx => {
            let Some(holder) = take_link!(tx, LinkPurpose::ResetPassword, reset.link, act.at) else {
                return Ok(None);
            };
            let (user, account) = (holder.user_id, holder.account_id);
            let act = of_user(act, user);
            sqlx::query(PASSWORD).bind(user).bind(reset.password_hash).bind(act.at.0).execute(&mut *tx).await?;
            sqlx::query(LINKS).bind(user).execute(&mut *tx).await?;
            let sessions = end_sessions!(tx, account, user, None, act.at);
            let keys: Vec<String> = match reset.keys {
                KeysOnReset::Keep => Vec::new(),
                KeysOnReset::Revoke => sqlx::query_scalar(KEYS)
                    .bind(account)
                    .bind(user)
                    .bind(act.at.0)
                    .bind(&act.actor)
                    .fetch_all(&mut *tx)
                    .await?,
            };
            let target = format!("user:{user}");
            audit!(self, tx, account, &act, AuditAction::PasswordReset, Some(&target), json!({ "sessions_ended": sessions, "keys_revoked": keys.len() }));
            for key_id in &keys {
                let target = crate::api_keys::target(key_id);
                audit!(self, tx, account, &act, AuditAction::ApiKeyRevoked, Some(&target), json!({ "reason": "password_reset" }));
            }
            insert_job!(tx, reset.notice, act.at);
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(Some(keys.len()))
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

    fn act(at: i64) -> Act {
        Act { actor: "link".to_owned(), ip: None, at: Timestamp(at) }
    }

    fn link(user: i64, purpose: LinkPurpose, hash: &str) -> NewLink {
        NewLink {
            user_id: user,
            purpose,
            hash: hash.to_owned(),
            email: "a@example.com".to_owned(),
            wanted_email: None,
            expires_at: Timestamp(100),
        }
    }

    async fn put(store: &Store, link: &NewLink) -> bool {
        store.put_link(link, Timestamp(1), Timestamp(1)).await.unwrap()
    }

    fn notice() -> NewJob {
        NewJob { kind: "test", payload: String::new(), run_at: Timestamp(0), max_attempts: 1 }
    }

    fn reset<'a>(link: &'a str, keys: KeysOnReset, notice: &'a NewJob) -> Reset<'a> {
        Reset { link, password_hash: "new", keys, notice }
    }

    store_test! {
        async fn a_link_is_good_once_until_its_last_millisecond(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            assert!(put(&store, &link(user.id, LinkPurpose::VerifyEmail, "one")).await);
            assert!(!store.verify_email("one", &act(100)).await.unwrap());
            assert!(!store.verify_email("two", &act(99)).await.unwrap());
            let notice = notice();
            let other = store.reset_password(&reset("one", KeysOnReset::Keep, &notice), &act(99)).await.unwrap();
            assert_eq!(other, None, "a link of another purpose");
            assert!(store.find_link(LinkPurpose::ResetPassword, "one", Timestamp(99)).await.unwrap().is_none());
            assert!(store.find_link(LinkPurpose::VerifyEmail, "one", Timestamp(99)).await.unwrap().is_some());
            assert!(store.verify_email("one", &act(99)).await.unwrap());
            assert!(!store.verify_email("one", &act(99)).await.unwrap());
            let login = store.find_login("a@example.com").await.unwrap().unwrap();
            assert_eq!(login.principal.user_email_verified_at, Some(Timestamp(99)));
        }

        async fn a_newer_link_voids_the_older(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            for hash in ["one", "two"] {
                assert!(put(&store, &link(user.id, LinkPurpose::VerifyEmail, hash)).await);
            }
            let late = link(user.id, LinkPurpose::VerifyEmail, "late");
            assert!(!store.put_link(&late, Timestamp(0), Timestamp(2)).await.unwrap(), "a fresh link is left alone");
            let elsewhere = NewLink { email: "old@example.com".to_owned(), ..link(user.id, LinkPurpose::ResetPassword, "three") };
            assert!(put(&store, &elsewhere).await);
            assert!(!store.verify_email("one", &act(2)).await.unwrap());
            assert!(store.verify_email("two", &act(2)).await.unwrap());
            assert!(store.find_link(LinkPurpose::ResetPassword, "three", Timestamp(2)).await.unwrap().is_none());
            assert_eq!(store.forget_links(Timestamp(99), 10).await.unwrap(), 0);
            assert_eq!(store.forget_links(Timestamp(100), 10).await.unwrap(), 1);
        }

        async fn of_two_resets_at_once_one_wins(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            let key = NewKey { created_by: Some(user.id), ..NewKey::plain("cl_aaaaaaaaaaaa") };
            store.create_key(user.account_id, &key, None, &act(1)).await.unwrap();
            store.create_key(user.account_id, &NewKey::plain("cl_bbbbbbbbbbbb"), None, &act(1)).await.unwrap();
            assert!(put(&store, &link(user.id, LinkPurpose::ResetPassword, "one")).await);
            let racers: Vec<_> = (0..8).map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    store.reset_password(&reset("one", KeysOnReset::Revoke, &notice()), &act(5)).await.unwrap()
                })
            }).collect();
            let mut won = Vec::new();
            for racer in racers {
                won.extend(racer.await.unwrap());
            }
            assert_eq!(won, [1], "one reset, one key of the user's own");
            let found = store.find_key_principal("cl_aaaaaaaaaaaa").await.unwrap().unwrap();
            assert_eq!(found.key.revoked_at, Some(Timestamp(5)));
            let other = store.find_key_principal("cl_bbbbbbbbbbbb").await.unwrap().unwrap();
            assert_eq!(other.key.revoked_at, None);
            assert_eq!(other.principal.user_tokens_valid_after, Timestamp(5));
            assert_eq!(store.queue_depth().await.unwrap(), 1);
        }
    }
}
