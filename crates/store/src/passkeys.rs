//! Passkeys of users: adding, listing, renaming, removing, and that one was used.
//!
//! What is stored is a public key, so nothing here lets anybody in. A challenge is good once: the
//! transaction that acts on its answer keeps its hash, so of two answers at once one finds it taken,
//! on whichever node. A signature counter that does not grow is refused in the same statement that
//! writes the new one.

use model::{AuditAction, Timestamp};
use serde_json::json;

use crate::accounts::{Principal, principal_columns};
use crate::audit::audit;
use crate::generation::RAISE;
use crate::jobs::INSERT_JOB;
use crate::once::{Claim, claim, settle};
use crate::rows::{self, row, text};
use crate::{Act, NewJob, Once, Result, Store, read, write};

row! {
    /// A passkey.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Passkey {
        pub id: i64,
        pub user_id: i64,
        /// base64url.
        pub credential_id: String,
        /// A COSE key, base64url.
        pub public_key: String,
        /// 0 for authenticators that do not count.
        pub sign_count: i64,
        pub name: String,
        pub transports: Vec<String>,
        pub backup_eligible: bool,
        pub backed_up: bool,
        pub created_at: Timestamp,
        pub last_used_at: Option<Timestamp>,
    }
}

/// A passkey to be.
#[derive(Debug, Clone)]
pub struct NewPasskey {
    pub user_id: i64,
    pub credential_id: String,
    pub public_key: String,
    pub sign_count: i64,
    pub name: String,
    pub transports: Vec<String>,
    pub backup_eligible: bool,
    pub backed_up: bool,
}

/// A challenge that was answered well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredChallenge {
    /// SHA-256 of the challenge, hex.
    pub hash: String,
    pub expires_at: Timestamp,
}

/// What became of the wish to add a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeyMade {
    Now(Passkey),
    /// The same request made it before; this is its present state, `None` when it was removed.
    Before(Option<Passkey>),
    /// The idempotency key stands for another request.
    KeyReused,
    /// The challenge was answered before.
    ChallengeSpent,
    /// Somebody has a passkey with that credential id.
    Known,
    /// The user has as many as they may.
    TooMany,
}

/// That a passkey signed a challenge.
#[derive(Debug, Clone)]
pub struct PasskeyUse {
    pub id: i64,
    pub user_id: i64,
    /// The count that was signed.
    pub sign_count: i64,
    pub backed_up: bool,
    pub challenge: AnsweredChallenge,
}

/// What became of a passkey's use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyUsed {
    Now,
    /// The challenge was answered before.
    ChallengeSpent,
    /// The count is not above the one that was seen before: there may be a copy.
    CounterWentBack,
    /// The passkey was removed in the meantime.
    Removed,
}

/// A passkey with whom it belongs to.
#[derive(Debug)]
pub struct PasskeyLogin {
    pub passkey: Passkey,
    pub principal: Principal,
}

/// Passkeys that a user may have.
const MAX_OF_USER: i64 = 10;

macro_rules! passkey_columns {
    () => {
        "passkeys.id, passkeys.user_id, passkeys.credential_id, passkeys.public_key,
         passkeys.sign_count, passkeys.name, passkeys.transports, passkeys.backup_eligible,
         passkeys.backed_up, passkeys.created_at, passkeys.last_used_at"
    };
}

const FIND: &str =
    concat!("SELECT ", passkey_columns!(), " FROM passkeys WHERE user_id = $1 AND id = $2");

/// Makes one of two racers about a user's passkeys wait.
const LOCK_USER: &str = "UPDATE users SET role = role WHERE id = $1";

/// Returns how the audit log names a passkey.
fn target(id: i64) -> String {
    format!("passkey:{id}")
}

/// Keeps a challenge inside a transaction. Gives whether nobody has answered it before.
macro_rules! spend {
    ($tx:ident, $challenge:expr) => {{
        const SPEND: &str = "
            INSERT INTO answered_challenges (hash, expires_at) VALUES ($1, $2)
            ON CONFLICT (hash) DO NOTHING";
        let challenge: &AnsweredChallenge = $challenge;
        sqlx::query(SPEND)
            .bind(&challenge.hash)
            .bind(challenge.expires_at.0)
            .execute(&mut *$tx)
            .await?
            .rows_affected()
            > 0
    }};
}

macro_rules! enqueue {
    ($tx:ident, $job:expr, $now:expr) => {
        sqlx::query(INSERT_JOB)
            .bind($job.kind)
            .bind(&$job.payload)
            .bind($job.run_at.0)
            .bind($job.max_attempts)
            .bind($now.0)
            .execute(&mut *$tx)
            .await?
    };
}

impl Store {
    /// Adds a passkey to its user, who may have ten, and queues the letter that tells them.
    pub async fn create_passkey(
        &self,
        account: i64,
        passkey: &NewPasskey,
        challenge: &AnsweredChallenge,
        notice: &NewJob,
        once: Option<&Once>,
        act: &Act,
    ) -> Result<PasskeyMade> {
        const SQL: &str = concat!(
            "INSERT INTO passkeys (user_id, credential_id, public_key, sign_count, name, transports,
                 backup_eligible, backed_up, created_at)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
             WHERE (SELECT COUNT(*) FROM passkeys WHERE user_id = $1) < $10
             ON CONFLICT (credential_id) DO NOTHING
             RETURNING ",
            passkey_columns!()
        );
        const KNOWN: &str = "SELECT COUNT(*) FROM passkeys WHERE credential_id = $1";
        let transports = rows::json(&passkey.transports)?;
        let made = write!(self, tx => {
            match claim!(tx, account, once, act.at) {
                Claim::First => {}
                Claim::Other => return Ok(PasskeyMade::KeyReused),
                Claim::Made(id) => {
                    let made = sqlx::query_as(FIND).bind(passkey.user_id).bind(id).fetch_optional(&mut *tx).await?;
                    return Ok(PasskeyMade::Before(made));
                }
            }
            if !spend!(tx, challenge) {
                settle!(tx, account, once, None);
                return Ok(PasskeyMade::ChallengeSpent);
            }
            sqlx::query(LOCK_USER).bind(passkey.user_id).execute(&mut *tx).await?;
            let made: Option<Passkey> = sqlx::query_as(SQL)
                .bind(passkey.user_id)
                .bind(&passkey.credential_id)
                .bind(&passkey.public_key)
                .bind(passkey.sign_count)
                .bind(text(&passkey.name))
                .bind(&transports)
                .bind(i64::from(passkey.backup_eligible))
                .bind(i64::from(passkey.backed_up))
                .bind(act.at.0)
                .bind(MAX_OF_USER)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(made) = made else {
                settle!(tx, account, once, None);
                let known: i64 = sqlx::query_scalar(KNOWN).bind(&passkey.credential_id).fetch_one(&mut *tx).await?;
                return Ok(if known > 0 { PasskeyMade::Known } else { PasskeyMade::TooMany });
            };
            enqueue!(tx, notice, act.at);
            let detail = json!({ "name": made.name, "user": format!("user:{}", made.user_id) });
            audit!(self, tx, account, act, AuditAction::PasskeyAdded, Some(&target(made.id)), detail);
            settle!(tx, account, once, Some(made.id));
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(PasskeyMade::Now(made))
        });
        self.publish_generation().await?;
        Ok(made)
    }

    /// Returns the passkeys of a user, the oldest first.
    pub async fn list_passkeys(&self, user: i64) -> Result<Vec<Passkey>> {
        const SQL: &str = concat!(
            "SELECT ",
            passkey_columns!(),
            " FROM passkeys WHERE user_id = $1 ORDER BY id LIMIT 10"
        );
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(user).fetch_all(pool).await?))
    }

    /// Returns the passkey with that credential id, with whom it belongs to.
    pub async fn find_passkey_login(&self, credential_id: &str) -> Result<Option<PasskeyLogin>> {
        use sqlx::FromRow;
        const SQL: &str = concat!(
            "SELECT ",
            passkey_columns!(),
            ", ",
            principal_columns!(),
            "
             FROM passkeys
             JOIN users u ON u.id = passkeys.user_id
             JOIN accounts a ON a.id = u.account_id
             JOIN plans p ON p.id = a.plan_id
             WHERE passkeys.credential_id = $1"
        );
        read!(self, pool => {
            let Some(row) = sqlx::query(SQL).bind(text(credential_id)).fetch_optional(pool).await? else {
                return Ok(None);
            };
            Ok(Some(PasskeyLogin { passkey: Passkey::from_row(&row)?, principal: Principal::from_row(&row)? }))
        })
    }

    /// Gives a user's passkey another name; `None` leaves it as it is. Returns the passkey, if there
    /// is one.
    pub async fn rename_passkey(
        &self,
        account: i64,
        user: i64,
        id: i64,
        name: Option<&str>,
        act: &Act,
    ) -> Result<Option<Passkey>> {
        const SQL: &str = concat!(
            "UPDATE passkeys SET name = $3 WHERE user_id = $1 AND id = $2 RETURNING ",
            passkey_columns!()
        );
        let Some(name) = name else {
            return Ok(
                read!(self, pool => sqlx::query_as(FIND).bind(user).bind(id).fetch_optional(pool).await?),
            );
        };
        Ok(write!(self, tx => {
            let renamed: Option<Passkey> =
                sqlx::query_as(SQL).bind(user).bind(id).bind(text(name)).fetch_optional(&mut *tx).await?;
            if let Some(passkey) = &renamed {
                audit!(self, tx, account, act, AuditAction::PasskeyRenamed, Some(&target(id)), json!({ "name": passkey.name }));
            }
            Ok(renamed)
        }))
    }

    /// Removes a user's passkey and queues the letter that tells them. Returns whether there was one.
    pub async fn remove_passkey(
        &self,
        account: i64,
        user: i64,
        id: i64,
        notice: &NewJob,
        act: &Act,
    ) -> Result<bool> {
        const SQL: &str = "DELETE FROM passkeys WHERE user_id = $1 AND id = $2 RETURNING name";
        let removed = write!(self, tx => {
            let name: Option<String> = sqlx::query_scalar(SQL).bind(user).bind(id).fetch_optional(&mut *tx).await?;
            if let Some(name) = &name {
                enqueue!(tx, notice, act.at);
                let detail = json!({ "name": name, "user": format!("user:{user}") });
                audit!(self, tx, account, act, AuditAction::PasskeyRemoved, Some(&target(id)), detail);
                sqlx::query(RAISE).execute(&mut *tx).await?;
            }
            Ok(name.is_some())
        });
        self.publish_generation().await?;
        Ok(removed)
    }

    /// Records that a passkey signed a challenge, which is then spent.
    pub async fn use_passkey(
        &self,
        account: i64,
        used: &PasskeyUse,
        act: &Act,
    ) -> Result<PasskeyUsed> {
        const SQL: &str = "
            UPDATE passkeys SET sign_count = $3, backed_up = $4, last_used_at = $5
            WHERE id = $1 AND user_id = $2 AND (sign_count < $3 OR sign_count = 0 AND $3 = 0)";
        const THERE: &str = "SELECT COUNT(*) FROM passkeys WHERE id = $1";
        Ok(write!(self, tx => {
            if !spend!(tx, &used.challenge) {
                return Ok(PasskeyUsed::ChallengeSpent);
            }
            let written = sqlx::query(SQL)
                .bind(used.id)
                .bind(used.user_id)
                .bind(used.sign_count)
                .bind(i64::from(used.backed_up))
                .bind(act.at.0)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            if written == 0 {
                let there: i64 = sqlx::query_scalar(THERE).bind(used.id).fetch_one(&mut *tx).await?;
                return Ok(if there > 0 { PasskeyUsed::CounterWentBack } else { PasskeyUsed::Removed });
            }
            audit!(self, tx, account, act, AuditAction::PasskeyUsed, Some(&target(used.id)), json!({}));
            Ok(PasskeyUsed::Now)
        }))
    }

    /// Forgets up to `limit` answered challenges that have ended. Returns how many.
    pub async fn forget_challenges(&self, now: Timestamp, limit: i64) -> Result<u64> {
        const SQL: &str = "
            DELETE FROM answered_challenges WHERE hash IN (
                SELECT hash FROM answered_challenges
                WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
        Ok(write!(self, tx => {
            Ok(sqlx::query(SQL).bind(now.0).bind(limit).execute(&mut *tx).await?.rows_affected())
        }))
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{NewUser, User};

    fn act(at: i64) -> Act {
        Act { actor: "user:1".to_owned(), ip: None, at: Timestamp(at) }
    }

    fn notice() -> NewJob {
        NewJob { kind: "test", payload: String::new(), run_at: Timestamp(0), max_attempts: 1 }
    }

    fn challenge(hash: &str) -> AnsweredChallenge {
        AnsweredChallenge { hash: hash.to_owned(), expires_at: Timestamp(100) }
    }

    async fn add(
        store: &Store,
        user: &User,
        credential: &str,
        hash: &str,
        once: Option<&Once>,
    ) -> PasskeyMade {
        let new = NewPasskey {
            user_id: user.id,
            credential_id: credential.to_owned(),
            public_key: "key".to_owned(),
            sign_count: 3,
            name: "Lap\0top".to_owned(),
            transports: vec!["usb".to_owned()],
            backup_eligible: false,
            backed_up: false,
        };
        let challenge = challenge(hash);
        store
            .create_passkey(user.account_id, &new, &challenge, &notice(), once, &act(5))
            .await
            .unwrap()
    }

    fn made(outcome: PasskeyMade) -> Passkey {
        match outcome {
            PasskeyMade::Now(passkey) => passkey,
            other => panic!("{other:?}"),
        }
    }

    async fn two_users(store: &Store) -> [User; 2] {
        let user = async |email| {
            let user = NewUser::plain(email, Role::User);
            store.create_user(&user, Timestamp(1)).await.unwrap().unwrap()
        };
        [user("a@example.com").await, user("b@example.com").await]
    }

    async fn actions(store: &Store, account: i64) -> Vec<String> {
        let rows = store.list_audit_log(account, None, 100).await.unwrap();
        rows.into_iter().rev().map(|row| row.action).collect()
    }

    store_test! {
        async fn a_passkey_belongs_to_its_user_alone(store: Store, _address: String) {
            let [ann, bob] = two_users(&store).await;
            let added = made(add(&store, &ann, "one", "c1", None).await);
            assert_eq!((added.name.as_str(), added.sign_count, added.last_used_at), ("Lap\u{fffd}top", 3, None));
            assert_eq!(store.list_passkeys(ann.id).await.unwrap(), std::slice::from_ref(&added));
            assert!(store.list_passkeys(bob.id).await.unwrap().is_empty());
            let login = store.find_passkey_login("one").await.unwrap().unwrap();
            assert_eq!((login.passkey, login.principal.user_email.as_str()), (added.clone(), "a@example.com"));
            assert!(store.find_passkey_login("two\0").await.unwrap().is_none());
            let (theirs, mine) = (bob.account_id, ann.account_id);
            assert_eq!(store.rename_passkey(theirs, bob.id, added.id, Some("x"), &act(6)).await.unwrap(), None);
            assert_eq!(store.rename_passkey(theirs, bob.id, added.id, None, &act(6)).await.unwrap(), None);
            assert!(!store.remove_passkey(theirs, bob.id, added.id, &notice(), &act(6)).await.unwrap());
            let renamed = store.rename_passkey(mine, ann.id, added.id, Some("Key"), &act(6)).await.unwrap().unwrap();
            assert_eq!(renamed.name, "Key");
            assert!(store.remove_passkey(mine, ann.id, added.id, &notice(), &act(7)).await.unwrap());
            assert!(!store.remove_passkey(mine, ann.id, added.id, &notice(), &act(8)).await.unwrap());
            assert!(store.find_passkey_login("one").await.unwrap().is_none());
            assert_eq!(actions(&store, mine).await, ["passkey.added", "passkey.renamed", "passkey.removed"]);
            assert!(actions(&store, theirs).await.is_empty());
            assert_eq!(store.queue_depth().await.unwrap(), 2, "two letters");
        }

        async fn ten_are_enough_and_nobody_shares_one(store: Store, _address: String) {
            let [ann, bob] = two_users(&store).await;
            for number in 0..9 {
                made(add(&store, &ann, &format!("k{number}"), &format!("c{number}"), None).await);
            }
            let racers: Vec<_> = (0..4).map(|racer| {
                let (store, ann) = (store.clone(), ann.clone());
                tokio::spawn(async move { add(&store, &ann, &format!("r{racer}"), &format!("d{racer}"), None).await })
            }).collect();
            let mut outcomes = Vec::new();
            for racer in racers {
                outcomes.push(racer.await.unwrap());
            }
            assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, PasskeyMade::Now(_))).count(), 1);
            assert_eq!(outcomes.iter().filter(|outcome| **outcome == PasskeyMade::TooMany).count(), 3);
            assert_eq!(add(&store, &bob, "k0", "e", None).await, PasskeyMade::Known);
            made(add(&store, &bob, "k10", "f", None).await);
        }

        async fn one_request_adds_one_passkey(store: Store, _address: String) {
            let [ann, _] = two_users(&store).await;
            let (first, other) = (Once::plain("k", "f"), Once::plain("k", "other"));
            let added = made(add(&store, &ann, "one", "c1", Some(&first)).await);
            assert_eq!(add(&store, &ann, "one", "c1", Some(&first)).await, PasskeyMade::Before(Some(added.clone())));
            assert_eq!(add(&store, &ann, "two", "c2", Some(&other)).await, PasskeyMade::KeyReused);
            assert_eq!(add(&store, &ann, "two", "c1", None).await, PasskeyMade::ChallengeSpent);
            store.remove_passkey(ann.account_id, ann.id, added.id, &notice(), &act(6)).await.unwrap();
            assert_eq!(add(&store, &ann, "one", "c1", Some(&first)).await, PasskeyMade::Before(None));
        }

        async fn a_challenge_is_answered_once_and_a_counter_only_grows(store: Store, _address: String) {
            let [ann, _] = two_users(&store).await;
            let added = made(add(&store, &ann, "one", "c0", None).await);
            let with = |hash: &str, sign_count| PasskeyUse {
                id: added.id,
                user_id: ann.id,
                sign_count,
                backed_up: false,
                challenge: challenge(hash),
            };
            let racers: Vec<_> = (0..6).map(|_| {
                let (store, account, used) = (store.clone(), ann.account_id, with("c1", 4));
                tokio::spawn(async move { store.use_passkey(account, &used, &act(9)).await.unwrap() })
            }).collect();
            let mut won = 0;
            for racer in racers {
                won += usize::from(racer.await.unwrap() == PasskeyUsed::Now);
            }
            assert_eq!(won, 1);
            let using = async |hash, count| store.use_passkey(ann.account_id, &with(hash, count), &act(10)).await.unwrap();
            assert_eq!(using("c2", 4).await, PasskeyUsed::CounterWentBack);
            assert_eq!(using("c3", 0).await, PasskeyUsed::CounterWentBack);
            assert_eq!(using("c3", 9).await, PasskeyUsed::ChallengeSpent);
            assert_eq!(using("c4", 9).await, PasskeyUsed::Now);
            let seen = &store.list_passkeys(ann.id).await.unwrap()[0];
            assert_eq!((seen.sign_count, seen.last_used_at), (9, Some(Timestamp(10))));
            assert_eq!(actions(&store, ann.account_id).await, ["passkey.added", "passkey.used", "passkey.used"]);
            store.remove_passkey(ann.account_id, ann.id, added.id, &notice(), &act(11)).await.unwrap();
            assert_eq!(using("c5", 10).await, PasskeyUsed::Removed);
            assert_eq!(store.forget_challenges(Timestamp(99), 10).await.unwrap(), 0);
            assert_eq!(store.forget_challenges(Timestamp(100), 4).await.unwrap(), 4);
            assert_eq!(store.forget_challenges(Timestamp(100), 4).await.unwrap(), 2);
        }
    }
}
