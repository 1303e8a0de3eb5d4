//! Sign-ins: starting, listing and ending them.
//!
//! The `sid` is what a JWT carries and stays between the server and the token; people see and name a
//! session by its number. An ended session stays as a row until it would have expired anyway. When
//! one was last used is written in batches and decides nothing.

use model::{AuditAction, FactorKind, Timestamp};
use serde_json::json;

use crate::accounts::{Principal, principal_columns};
use crate::api_keys::LOCK_ACCOUNT;
use crate::audit::audit;
use crate::generation::RAISE;
use crate::rows::{row, text};
use crate::{Act, Result, Store, read, write};

/// A sign-in.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Random, unguessable; the `sid` of the JWT.
    pub id: String,
    pub user_id: i64,
    /// The user's epoch when the proof began.
    pub epoch: i64,
    pub expires_at: Timestamp,
    pub ip: Option<String>,
    pub agent: Option<String>,
    /// What was proven besides the password.
    pub second_factor: Option<FactorKind>,
}

row! {
    /// A running session, as its user sees it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Session {
        pub id: i64,
        /// The `sid` of the JWT; not for showing.
        pub sid: String,
        pub created_at: Timestamp,
        pub expires_at: Timestamp,
        pub last_seen_at: Timestamp,
        pub ip: Option<String>,
        pub agent: Option<String>,
    }
}

/// That a session was used.
#[derive(Debug, Clone)]
pub struct SessionUse {
    pub sid: String,
    pub at: Timestamp,
    pub ip: Option<String>,
}

/// A session that was found, with who it is.
#[derive(Debug, Clone)]
pub struct SessionPrincipal {
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// When the person behind it last proved who they are.
    pub proved_at: Timestamp,
    pub principal: Principal,
}

/// Returns how the audit log names a session.
fn target(id: i64) -> String {
    format!("session:{id}")
}

/// Ends the sessions of a user but one, inside a transaction, and voids sign-ins that have begun. Gives
/// how many sessions were running.
macro_rules! end_sessions {
    ($tx:ident, $account:expr, $user:expr, $keep:expr, $now:expr) => {{
        const EPOCH: &str = "UPDATE users SET sign_in_epoch = sign_in_epoch + 1 WHERE id = $1";
        const END: &str = "
            UPDATE sessions SET ended_at = $3
            WHERE user_id = $1 AND ended_at IS NULL AND sid <> $2";
        let keep: Option<&str> = $keep;
        // A sign-in holds the account's row as well: it comes before and is ended here, or after and
        // sees the new epoch.
        sqlx::query($crate::api_keys::LOCK_ACCOUNT).bind($account).execute(&mut *$tx).await?;
        sqlx::query(EPOCH).bind($user).execute(&mut *$tx).await?;
        sqlx::query(END)
            .bind($user)
            .bind(keep.unwrap_or(""))
            .bind($now.0)
            .execute(&mut *$tx)
            .await?
            .rows_affected()
    }};
}
pub(crate) use end_sessions;

impl Store {
    /// Records a sign-in to an account. Returns whether the user is still there, and still signs in as
    /// when the proof began.
    pub async fn start_session(
        &self,
        account: i64,
        session: &NewSession,
        act: &Act,
    ) -> Result<bool> {
        const SQL: &str = "
            INSERT INTO sessions (sid, user_id, created_at, expires_at, last_seen_at, proved_at, ip,
                agent)
            SELECT $1, id, $3, $4, $3, $3, $5, $6 FROM users
            WHERE id = $2 AND account_id = $7 AND sign_in_epoch = $8
            RETURNING id";
        // The user cannot be removed while the account's row is held.
        Ok(write!(self, tx => {
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            let id: Option<i64> = sqlx::query_scalar(SQL)
                .bind(&session.id)
                .bind(session.user_id)
                .bind(act.at.0)
                .bind(session.expires_at.0)
                .bind(&session.ip)
                .bind(session.agent.as_deref().map(text))
                .bind(account)
                .bind(session.epoch)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(id) = id else { return Ok(false) };
            audit!(self, tx, account, act, AuditAction::SessionStarted, Some(&target(id)), json!({ "agent": session.agent, "second_factor": session.second_factor }));
            Ok(true)
        }))
    }

    /// Records that the person behind a running session proved again who they are. Returns whether
    /// the session is running.
    pub async fn renew_proof(&self, account: i64, sid: &str, act: &Act) -> Result<bool> {
        const SQL: &str = "
            UPDATE sessions SET proved_at = $2
            WHERE sid = $1 AND ended_at IS NULL AND expires_at > $2
            RETURNING id";
        let renewed = write!(self, tx => {
            let id: Option<i64> = sqlx::query_scalar(SQL).bind(sid).bind(act.at.0).fetch_optional(&mut *tx).await?;
            if let Some(id) = id {
                audit!(self, tx, account, act, AuditAction::SessionProved, Some(&target(id)), json!({}));
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(id.is_some())
        });
        self.publish_generation().await?;
        Ok(renewed)
    }

    /// Ends a session by its `sid`. Returns whether it was running.
    pub async fn end_session(&self, account: i64, sid: &str, act: &Act) -> Result<bool> {
        const SQL: &str = "
            UPDATE sessions SET ended_at = $2 WHERE sid = $1 AND ended_at IS NULL RETURNING id";
        let ended = write!(self, tx => {
            let id: Option<i64> = sqlx::query_scalar(SQL).bind(sid).bind(act.at.0).fetch_optional(&mut *tx).await?;
            if let Some(id) = id {
                audit!(self, tx, account, act, AuditAction::SessionEnded, Some(&target(id)), json!({}));
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(id.is_some())
        });
        self.publish_generation().await?;
        Ok(ended)
    }

    /// Ends a user's session by its number. Returns whether it was running.
    pub async fn end_own_session(
        &self,
        account: i64,
        user: i64,
        id: i64,
        act: &Act,
    ) -> Result<bool> {
        const SQL: &str = "
            UPDATE sessions SET ended_at = $3
            WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3";
        let ended = write!(self, tx => {
            let ended = sqlx::query(SQL).bind(id).bind(user).bind(act.at.0).execute(&mut *tx).await?.rows_affected() > 0;
            if ended {
                audit!(self, tx, account, act, AuditAction::SessionEnded, Some(&target(id)), json!({}));
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(ended)
        });
        self.publish_generation().await?;
        Ok(ended)
    }

    /// Ends every session of a user but the one with the `sid` `keep`. Returns how many.
    pub async fn end_sessions(
        &self,
        account: i64,
        user: i64,
        keep: Option<&str>,
        act: &Act,
    ) -> Result<u64> {
        let ended = write!(self, tx => {
            let ended = end_sessions!(tx, account, user, keep, act.at);
            let target = format!("user:{user}");
            audit!(self, tx, account, act, AuditAction::SessionEnded, Some(&target), json!({ "sessions": ended }));
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(ended)
        });
        self.publish_generation().await?;
        Ok(ended)
    }

    /// Returns the running sessions of a user, newest first; at most the newest 100.
    pub async fn list_sessions(&self, user: i64, now: Timestamp) -> Result<Vec<Session>> {
        const SQL: &str = "
            SELECT s.id, s.sid, s.created_at, s.expires_at, s.last_seen_at, s.ip, s.agent
            FROM sessions s
            JOIN users u ON u.id = s.user_id
            WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.expires_at > $2
                AND s.created_at >= u.tokens_valid_after
            ORDER BY s.id DESC
            LIMIT 100";
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(user).bind(now.0).fetch_all(pool).await?))
    }

    /// Writes when sessions were last used, and from where. An older use changes nothing.
    pub async fn record_session_uses(&self, uses: &[SessionUse]) -> Result<()> {
        const SQL: &str = "
            UPDATE sessions SET last_seen_at = $2, ip = COALESCE($3, ip)
            WHERE sid = $1 AND last_seen_at < $2";
        write!(self, tx => {
            for used in uses {
                sqlx::query(SQL)
                    .bind(&used.sid)
                    .bind(used.at.0)
                    .bind(&used.ip)
                    .execute(&mut *tx)
                    .await?;
            }
            Ok(())
        });
        Ok(())
    }

    /// Records in an account's log that somebody tried to sign in as its user and failed.
    pub async fn record_failed_sign_in(
        &self,
        account: i64,
        user: i64,
        reason: model::AuthFailure,
        act: &Act,
    ) -> Result<()> {
        write!(self, tx => {
            let target = format!("user:{user}");
            audit!(self, tx, account, act, AuditAction::SignInFailed, Some(&target), json!({ "reason": reason }));
            Ok(())
        });
        Ok(())
    }

    /// Forgets up to `limit` sessions that have expired. Returns how many.
    pub async fn forget_sessions(&self, now: Timestamp, limit: i64) -> Result<u64> {
        const SQL: &str = "
            DELETE FROM sessions WHERE id IN (
                SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY id LIMIT $2)";
        Ok(write!(self, tx => {
            Ok(sqlx::query(SQL).bind(now.0).bind(limit).execute(&mut *tx).await?.rows_affected())
        }))
    }

    /// Returns a session, ended or not, with its user.
    pub async fn find_session(&self, sid: &str) -> Result<Option<SessionPrincipal>> {
        use sqlx::{FromRow, Row};
        const SQL: &str = concat!(
            "SELECT s.expires_at, s.ended_at, s.proved_at, ",
            principal_columns!(),
            "
             FROM sessions s
             JOIN users u ON u.id = s.user_id
             JOIN accounts a ON a.id = u.account_id
             JOIN plans p ON p.id = a.plan_id
             WHERE s.sid = $1"
        );
        read!(self, pool => {
            let Some(row) = sqlx::query(SQL).bind(text(sid)).fetch_optional(pool).await? else {
                return Ok(None);
            };
            Ok(Some(SessionPrincipal {
                expires_at: Timestamp(row.try_get("expires_at")?),
                ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Timestamp),
                proved_at: Timestamp(row.try_get("proved_at")?),
                principal: Principal::from_row(&row)?,
            }))
        })
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{NewJob, NewUser};

    fn act(at: i64) -> Act {
        Act { actor: "user:1".to_owned(), ip: None, at: Timestamp(at) }
    }

    async fn signed_in(store: &Store, user: &crate::User, ids: &[&str]) {
        for id in ids {
            let session = NewSession {
                id: (*id).to_owned(),
                user_id: user.id,
                epoch: 0,
                expires_at: Timestamp(99),
                ip: None,
                agent: None,
                second_factor: None,
            };
            store.start_session(user.account_id, &session, &act(2)).await.unwrap();
        }
    }

    store_test! {
        async fn a_new_password_ends_every_other_session(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            signed_in(&store, &user, &["one", "two"]).await;
            let notice = NewJob { kind: "test", payload: String::new(), run_at: Timestamp(3), max_attempts: 1 };
            store.set_password(user.account_id, user.id, "new", Some("two"), &notice, &act(3)).await.unwrap();
            let ended = |id: &'static str| {
                let store = store.clone();
                async move { store.find_session(id).await.unwrap().unwrap().ended_at }
            };
            assert_eq!(ended("one").await, Some(Timestamp(3)));
            assert_eq!(ended("two").await, None);
            assert_eq!(store.queue_depth().await.unwrap(), 1);
            assert!(store.end_session(user.account_id, "two", &act(4)).await.unwrap());
            assert!(!store.end_session(user.account_id, "two", &act(5)).await.unwrap());
            assert!(store.find_session("three").await.unwrap().is_none());
        }

        async fn a_running_session_alone_proves_again(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            signed_in(&store, &user, &["one", "two"]).await;
            let proved = |id: &'static str| {
                let store = store.clone();
                async move { store.find_session(id).await.unwrap().unwrap().proved_at }
            };
            assert_eq!(proved("one").await, Timestamp(2));
            assert!(store.renew_proof(user.account_id, "one", &act(7)).await.unwrap());
            assert_eq!((proved("one").await, proved("two").await), (Timestamp(7), Timestamp(2)));
            assert!(store.end_session(user.account_id, "two", &act(8)).await.unwrap());
            assert!(!store.renew_proof(user.account_id, "two", &act(9)).await.unwrap());
            assert!(!store.renew_proof(user.account_id, "one", &act(99)).await.unwrap());
            assert_eq!((proved("one").await, proved("two").await), (Timestamp(7), Timestamp(2)));
        }

        async fn a_sign_in_that_began_before_all_sessions_ended_starts_none(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            signed_in(&store, &user, &["kept"]).await;
            let seen = async || store.find_session("kept").await.unwrap().unwrap().principal.user_sign_in_epoch;
            let before = seen().await;
            store.end_sessions(user.account_id, user.id, Some("kept"), &act(3)).await.unwrap();
            let starts = async |sid: &str, epoch| {
                let session = NewSession { id: sid.to_owned(), user_id: user.id, epoch, expires_at: Timestamp(99), ip: None, agent: None, second_factor: None };
                store.start_session(user.account_id, &session, &act(4)).await.unwrap()
            };
            assert!(!starts("late", before).await);
            assert!(store.find_session("late").await.unwrap().is_none());
            assert!(starts("anew", seen().await).await);
        }

        async fn a_session_is_ended_by_its_own_user_alone(store: Store, _address: String) {
            let ann = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            let bob = store.create_user(&NewUser::plain("b@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            signed_in(&store, &ann, &["one", "two", "three"]).await;
            let listed = store.list_sessions(ann.id, Timestamp(3)).await.unwrap();
            assert_eq!(listed.iter().map(|session| session.sid.as_str()).collect::<Vec<_>>(), ["three", "two", "one"]);
            assert!(store.list_sessions(bob.id, Timestamp(3)).await.unwrap().is_empty());
            let two = listed[1].id;
            assert!(!store.end_own_session(bob.account_id, bob.id, two, &act(4)).await.unwrap());
            assert!(store.end_own_session(ann.account_id, ann.id, two, &act(4)).await.unwrap());
            assert!(!store.end_own_session(ann.account_id, ann.id, two, &act(4)).await.unwrap());
            assert_eq!(store.end_sessions(ann.account_id, ann.id, Some("one"), &act(5)).await.unwrap(), 1);
            let left = store.list_sessions(ann.id, Timestamp(6)).await.unwrap();
            assert_eq!(left.len(), 1);
            store.record_session_uses(&[
                SessionUse { sid: "one".to_owned(), at: Timestamp(9), ip: Some("192.0.2.7".to_owned()) },
                SessionUse { sid: "one".to_owned(), at: Timestamp(8), ip: Some("192.0.2.8".to_owned()) },
            ]).await.unwrap();
            let left = store.list_sessions(ann.id, Timestamp(6)).await.unwrap();
            assert_eq!((left[0].last_seen_at, left[0].ip.as_deref()), (Timestamp(9), Some("192.0.2.7")));
            assert!(store.list_sessions(ann.id, Timestamp(99)).await.unwrap().is_empty());
            assert_eq!(store.forget_sessions(Timestamp(98), 10).await.unwrap(), 0);
            assert_eq!(store.forget_sessions(Timestamp(99), 2).await.unwrap(), 2);
            assert_eq!(store.forget_sessions(Timestamp(99), 2).await.unwrap(), 1);
        }
    }
}
