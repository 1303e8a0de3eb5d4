//! What a sign-in takes besides the password: the secret of an authenticator app, recovery codes.
//!
//! Secrets come sealed and codes hashed; this file never sees one. An enrolment waits beside the
//! factor it may replace until a first code confirms it. A code is good once: which step was taken
//! last and how many tries the present step has left are decided in one statement, so of fifty equal
//! codes at once one wins. Recovery codes stand for every factor and go with the last one.
//!
//! Whatever changes the factors ends the user's other sessions and queues a letter, in one
//! transaction. To add a kind of factor: its count in `principal_columns!`, its row in
//! [`SecondFactors`], its deletion in [`Store::reset_second_factors`], and a clause in
//! [`DROP_LONELY_CODES`].

use model::{AuditAction, Timestamp};
use serde_json::json;

use crate::audit::audit;
use crate::generation::RAISE;
use crate::jobs::insert_job;
use crate::rows::row;
use crate::sessions::end_sessions;
use crate::{Act, NewJob, Result, Store, read, write};

row! {
    /// The second factors of a user.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SecondFactors {
        /// When the authenticator app was confirmed; `None` without one.
        pub totp_confirmed_at: Option<Timestamp>,
        pub recovery_codes_left: i64,
    }
}

impl SecondFactors {
    /// Returns how many factors a sign-in can be completed with. Recovery codes stand in for them and
    /// do not count.
    pub fn count(&self) -> i64 {
        i64::from(self.totp_confirmed_at.is_some())
    }
}

/// An authenticator app to be.
#[derive(Debug)]
pub struct NewTotp<'a> {
    /// The sealed secret of the enrolment that is confirmed.
    pub secret: &'a str,
    /// The step whose code confirmed it, which is thereby used up.
    pub step: i64,
    /// The keyed hashes, hex, of the recovery codes that take the place of earlier ones.
    pub recovery_codes: &'a [String],
    /// The `sid` of the session that goes on.
    pub keep: &'a str,
    /// The job that tells the user.
    pub notice: &'a NewJob,
}

/// What became of a try at a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotpTried {
    Taken,
    /// It fits no step, or one that is used up.
    Wrong,
    /// The present step has seen as many wrong codes as it may.
    Spent,
}

/// Recovery codes are worth nothing beside no factor.
const DROP_LONELY_CODES: &str = "
    DELETE FROM recovery_codes
    WHERE user_id = $1 AND NOT EXISTS (SELECT 1 FROM totp_factors f WHERE f.user_id = $1)";

/// Puts recovery codes in the place of a user's earlier ones, inside a transaction.
macro_rules! put_recovery_codes {
    ($tx:ident, $user:expr, $hashes:expr, $now:expr) => {{
        const FORGET: &str = "DELETE FROM recovery_codes WHERE user_id = $1";
        const PUT: &str =
            "INSERT INTO recovery_codes (user_id, hash, created_at) VALUES ($1, $2, $3)";
        sqlx::query(FORGET).bind($user).execute(&mut *$tx).await?;
        for hash in $hashes {
            sqlx::query(PUT).bind($user).bind(hash).bind($now.0).execute(&mut *$tx).await?;
        }
    }};
}

fn target(user: i64) -> String {
    format!("user:{user}")
}

impl Store {
    /// Returns which second factors a user has.
    pub async fn second_factors(&self, user: i64) -> Result<SecondFactors> {
        const SQL: &str = "
            SELECT (SELECT confirmed_at FROM totp_factors WHERE user_id = $1) AS totp_confirmed_at,
                (SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1) AS recovery_codes_left";
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(user).fetch_one(pool).await?))
    }

    /// Keeps the sealed secret of an enrolment, in the place of an earlier one. Until a code confirms
    /// it nothing else changes.
    pub async fn put_totp_enrolment(&self, user: i64, secret: &str, now: Timestamp) -> Result<()> {
        const SQL: &str = "
            INSERT INTO totp_enrolments (user_id, secret, created_at) VALUES ($1, $2, $3)
            ON CONFLICT (user_id) DO UPDATE
            SET secret = excluded.secret, created_at = excluded.created_at";
        write!(self, tx => {
            sqlx::query(SQL).bind(user).bind(secret).bind(now.0).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }

    /// Returns the sealed secret of an enrolment that began after `since`.
    pub async fn find_totp_enrolment(&self, user: i64, since: Timestamp) -> Result<Option<String>> {
        const SQL: &str =
            "SELECT secret FROM totp_enrolments WHERE user_id = $1 AND created_at > $2";
        Ok(read!(self, pool => sqlx::query_scalar(SQL)
            .bind(user)
            .bind(since.0)
            .fetch_optional(pool)
            .await?))
    }

    /// Forgets up to `limit` enrolments that nobody confirmed by `until`. Returns how many.
    pub async fn forget_totp_enrolments(&self, until: Timestamp, limit: i64) -> Result<u64> {
        const SQL: &str = "
            DELETE FROM totp_enrolments WHERE user_id IN (
                SELECT user_id FROM totp_enrolments WHERE created_at <= $1
                ORDER BY user_id LIMIT $2)";
        Ok(write!(self, tx => {
            Ok(sqlx::query(SQL).bind(until.0).bind(limit).execute(&mut *tx).await?.rows_affected())
        }))
    }

    /// Makes an enrolment the user's authenticator, with new recovery codes, and ends every other
    /// session. Returns whether the enrolment was still there: of two confirmations one wins.
    pub async fn confirm_totp(
        &self,
        account: i64,
        user: i64,
        new: &NewTotp<'_>,
        act: &Act,
    ) -> Result<bool> {
        const TAKE: &str =
            "DELETE FROM totp_enrolments WHERE user_id = $1 AND secret = $2 RETURNING user_id";
        const PUT: &str = "
            INSERT INTO totp_factors (user_id, secret, confirmed_at, last_step, tried_step, failures)
            VALUES ($1, $2, $3, $4, $4, 0)
            ON CONFLICT (user_id) DO UPDATE
            SET secret = excluded.secret, confirmed_at = excluded.confirmed_at,
                last_step = excluded.last_step, tried_step = excluded.tried_step, failures = 0";
        let confirmed = write!(self, tx => {
            let taken: Option<i64> =
                sqlx::query_scalar(TAKE).bind(user).bind(new.secret).fetch_optional(&mut *tx).await?;
            if taken.is_none() {
                return Ok(false);
            }
            sqlx::query(PUT)
                .bind(user)
                .bind(new.secret)
                .bind(act.at.0)
                .bind(new.step)
                .execute(&mut *tx)
                .await?;
            put_recovery_codes!(tx, user, new.recovery_codes, act.at);
            let ended = end_sessions!(tx, account, user, Some(new.keep), act.at);
            insert_job!(tx, new.notice, act.at);
            audit!(self, tx, account, act, AuditAction::TotpEnrolled, Some(&target(user)), json!({ "sessions_ended": ended }));
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(true)
        });
        self.publish_generation().await?;
        Ok(confirmed)
    }

    /// Returns the sealed secret of a user's authenticator.
    pub async fn find_totp(&self, user: i64) -> Result<Option<String>> {
        const SQL: &str = "SELECT secret FROM totp_factors WHERE user_id = $1";
        Ok(read!(self, pool => sqlx::query_scalar(SQL).bind(user).fetch_optional(pool).await?))
    }

    /// Tries a code at the authenticator with that sealed secret, while step `now` runs. `fits` is the
    /// step whose code it is, if any; `most` wrong codes use the present step up.
    pub async fn try_totp(
        &self,
        user: i64,
        secret: &str,
        fits: Option<i64>,
        now: i64,
        most: i64,
    ) -> Result<TotpTried> {
        const SQL: &str = "
            UPDATE totp_factors
            SET last_step = CASE WHEN $3 > last_step THEN $3 ELSE last_step END,
                failures = CASE WHEN $3 > last_step THEN 0
                    WHEN tried_step = $4 THEN failures + 1 ELSE 1 END,
                tried_step = $4
            WHERE user_id = $1 AND secret = $2 AND (tried_step <> $4 OR failures < $5)
            RETURNING failures";
        let failures: Option<i64> = write!(self, tx => {
            Ok(sqlx::query_scalar(SQL)
                .bind(user)
                .bind(secret)
                .bind(fits.unwrap_or(-1))
                .bind(now)
                .bind(most)
                .fetch_optional(&mut *tx)
                .await?)
        });
        Ok(match failures {
            Some(0) => TotpTried::Taken,
            Some(_) => TotpTried::Wrong,
            None => TotpTried::Spent,
        })
    }

    /// Takes a user's authenticator away, ends every session but `keep`, and with the last factor
    /// voids the recovery codes. Returns whether there was one.
    pub async fn remove_totp(
        &self,
        account: i64,
        user: i64,
        keep: &str,
        notice: &NewJob,
        act: &Act,
    ) -> Result<bool> {
        const TAKE: &str = "DELETE FROM totp_factors WHERE user_id = $1 RETURNING user_id";
        const ENROLMENT: &str = "DELETE FROM totp_enrolments WHERE user_id = $1";
        let removed = write!(self, tx => {
            let taken: Option<i64> = sqlx::query_scalar(TAKE).bind(user).fetch_optional(&mut *tx).await?;
            if taken.is_none() {
                return Ok(false);
            }
            sqlx::query(ENROLMENT).bind(user).execute(&mut *tx).await?;
            sqlx::query(DROP_LONELY_CODES).bind(user).execute(&mut *tx).await?;
            let ended = end_sessions!(tx, account, user, Some(keep), act.at);
            insert_job!(tx, notice, act.at);
            audit!(self, tx, account, act, AuditAction::TotpRemoved, Some(&target(user)), json!({ "sessions_ended": ended }));
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(true)
        });
        self.publish_generation().await?;
        Ok(removed)
    }

    /// Uses a recovery code up. Returns whether it was good: of two uses at once one is.
    pub async fn use_recovery_code(
        &self,
        account: i64,
        user: i64,
        hash: &str,
        notice: &NewJob,
        act: &Act,
    ) -> Result<bool> {
        const TAKE: &str =
            "DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2 RETURNING id";
        const LEFT: &str = "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1";
        Ok(write!(self, tx => {
            let taken: Option<i64> =
                sqlx::query_scalar(TAKE).bind(user).bind(hash).fetch_optional(&mut *tx).await?;
            if taken.is_none() {
                return Ok(false);
            }
            let left: i64 = sqlx::query_scalar(LEFT).bind(user).fetch_one(&mut *tx).await?;
            insert_job!(tx, notice, act.at);
            audit!(self, tx, account, act, AuditAction::RecoveryCodeUsed, Some(&target(user)), json!({ "left": left }));
            Ok(true)
        }))
    }

    /// Puts new recovery codes in the place of all earlier ones, given as keyed hashes. Returns
    /// whether the user has a factor that they stand for.
    pub async fn replace_recovery_codes(
        &self,
        account: i64,
        user: i64,
        hashes: &[String],
        notice: &NewJob,
        act: &Act,
    ) -> Result<bool> {
        // Locked, so that the factor cannot go between the question and the codes.
        const FACTOR: &str =
            "UPDATE totp_factors SET failures = failures WHERE user_id = $1 RETURNING user_id";
        Ok(write!(self, tx => {
            let factor: Option<i64> = sqlx::query_scalar(FACTOR).bind(user).fetch_optional(&mut *tx).await?;
            if factor.is_none() {
                return Ok(false);
            }
            put_recovery_codes!(tx, user, hashes, act.at);
            insert_job!(tx, notice, act.at);
            audit!(self, tx, account, act, AuditAction::RecoveryCodesReplaced, Some(&target(user)), json!({ "codes": hashes.len() }));
            Ok(true)
        }))
    }

    /// Takes every second factor and passkey of a user away, for they may be on a device that was
    /// lost, and ends all their sessions. Returns whether there was one; without, nothing changes.
    pub async fn reset_second_factors(
        &self,
        account: i64,
        user: i64,
        notice: &NewJob,
        act: &Act,
    ) -> Result<bool> {
        const FACTORS: &str = "DELETE FROM totp_factors WHERE user_id = $1";
        const PASSKEYS: &str = "DELETE FROM passkeys WHERE user_id = $1";
        const ENROLMENT: &str = "DELETE FROM totp_enrolments WHERE user_id = $1";
        const TOKENS: &str = "UPDATE users SET tokens_valid_after = $2 WHERE id = $1";
        let reset = write!(self, tx => {
            let factors = sqlx::query(FACTORS).bind(user).execute(&mut *tx).await?.rows_affected();
            let passkeys = sqlx::query(PASSKEYS).bind(user).execute(&mut *tx).await?.rows_affected();
            if factors + passkeys == 0 {
                return Ok(false);
            }
            sqlx::query(ENROLMENT).bind(user).execute(&mut *tx).await?;
            sqlx::query(DROP_LONELY_CODES).bind(user).execute(&mut *tx).await?;
            sqlx::query(TOKENS).bind(user).bind(act.at.0).execute(&mut *tx).await?;
            let ended = end_sessions!(tx, account, user, None, act.at);
            insert_job!(tx, notice, act.at);
            audit!(self, tx, account, act, AuditAction::SecondFactorsReset, Some(&target(user)), json!({ "passkeys": passkeys, "sessions_ended": ended }));
            sqlx::query(RAISE).execute(&mut *tx).await?;
            Ok(true)
        });
        self.publish_generation().await?;
        Ok(reset)
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

    async fn user(store: &Store) -> User {
        let user = NewUser::plain("a@example.com", Role::User);
        store.create_user(&user, Timestamp(1)).await.unwrap().unwrap()
    }

    /// Enrols an authenticator whose last taken step is 10, with two recovery codes.
    async fn enrolled(store: &Store) -> User {
        let user = user(store).await;
        store.put_totp_enrolment(user.id, "sealed", Timestamp(5)).await.unwrap();
        let codes = ["one".to_owned(), "two".to_owned()];
        let notice = notice();
        let new = NewTotp {
            secret: "sealed",
            step: 10,
            recovery_codes: &codes,
            keep: "",
            notice: &notice,
        };
        assert!(store.confirm_totp(user.account_id, user.id, &new, &act(6)).await.unwrap());
        user
    }

    store_test! {
        async fn an_enrolment_changes_nothing_until_it_is_confirmed_and_that_once(store: Store, _address: String) {
            let user = user(&store).await;
            store.put_totp_enrolment(user.id, "first", Timestamp(4)).await.unwrap();
            store.put_totp_enrolment(user.id, "second", Timestamp(5)).await.unwrap();
            let none = SecondFactors { totp_confirmed_at: None, recovery_codes_left: 0 };
            assert_eq!(store.second_factors(user.id).await.unwrap(), none);
            assert_eq!(store.find_totp_enrolment(user.id, Timestamp(5)).await.unwrap(), None);
            assert_eq!(store.find_totp_enrolment(user.id, Timestamp(4)).await.unwrap().as_deref(), Some("second"));
            let codes = ["one".to_owned()];
            let racers: Vec<_> = (0..8).map(|_| {
                let (store, codes, notice) = (store.clone(), codes.clone(), notice());
                tokio::spawn(async move {
                    let new = NewTotp { secret: "second", step: 1, recovery_codes: &codes, keep: "", notice: &notice };
                    store.confirm_totp(user.account_id, user.id, &new, &act(6)).await.unwrap()
                })
            }).collect();
            let mut winners = 0;
            for racer in racers {
                winners += usize::from(racer.await.unwrap());
            }
            assert_eq!((winners, store.queue_depth().await.unwrap()), (1, 1));
            let some = SecondFactors { totp_confirmed_at: Some(Timestamp(6)), recovery_codes_left: 1 };
            assert_eq!(store.second_factors(user.id).await.unwrap(), some);
            let login = store.find_login("a@example.com").await.unwrap().unwrap();
            assert_eq!(login.principal.user_second_factors, 1);
            store.put_totp_enrolment(user.id, "third", Timestamp(7)).await.unwrap();
            assert_eq!(store.find_totp(user.id).await.unwrap().as_deref(), Some("second"));
            assert_eq!(store.forget_totp_enrolments(Timestamp(6), 9).await.unwrap(), 0);
            assert_eq!(store.forget_totp_enrolments(Timestamp(7), 9).await.unwrap(), 1);
        }

        async fn of_fifty_equal_codes_one_is_taken(store: Store, _address: String) {
            let user = enrolled(&store).await.id;
            let racers: Vec<_> = (0..50).map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.try_totp(user, "sealed", Some(12), 12, 3).await.unwrap() })
            }).collect();
            let mut tried = Vec::new();
            for racer in racers {
                tried.push(racer.await.unwrap());
            }
            let count = |outcome| tried.iter().filter(|tried| **tried == outcome).count();
            assert_eq!((count(TotpTried::Taken), count(TotpTried::Wrong), count(TotpTried::Spent)), (1, 3, 46));
        }

        async fn three_wrong_codes_use_a_step_up_and_the_next_begins_anew(store: Store, _address: String) {
            let user = enrolled(&store).await.id;
            let attempt = async |fits: Option<i64>, now| store.try_totp(user, "sealed", fits, now, 3).await.unwrap();
            for used in [Some(9), Some(10), None] {
                assert_eq!(attempt(used, 11).await, TotpTried::Wrong);
            }
            assert_eq!(attempt(Some(11), 11).await, TotpTried::Spent, "even the right one");
            assert_eq!(attempt(None, 12).await, TotpTried::Wrong);
            assert_eq!(attempt(Some(13), 12).await, TotpTried::Taken);
            assert_eq!(attempt(Some(12), 12).await, TotpTried::Wrong, "an earlier step is used up as well");
            assert_eq!(store.try_totp(user, "other", Some(99), 99, 3).await.unwrap(), TotpTried::Spent);
        }

        async fn a_recovery_code_is_good_once_and_goes_with_the_last_factor(store: Store, _address: String) {
            let user = enrolled(&store).await;
            let (account, id) = (user.account_id, user.id);
            let racers: Vec<_> = (0..8).map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.use_recovery_code(account, id, "one", &notice(), &act(7)).await.unwrap() })
            }).collect();
            let mut winners = 0;
            for racer in racers {
                winners += usize::from(racer.await.unwrap());
            }
            assert_eq!(winners, 1);
            let renewed = ["three".to_owned(), "four".to_owned()];
            assert!(store.replace_recovery_codes(account, id, &renewed, &notice(), &act(8)).await.unwrap());
            assert!(!store.use_recovery_code(account, id, "two", &notice(), &act(8)).await.unwrap(), "void");
            assert!(store.use_recovery_code(account, id, "three", &notice(), &act(8)).await.unwrap());
            let stranger = store.create_user(&NewUser::plain("b@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            assert!(!store.use_recovery_code(stranger.account_id, stranger.id, "four", &notice(), &act(8)).await.unwrap());
            assert!(store.remove_totp(account, id, "", &notice(), &act(9)).await.unwrap());
            assert!(!store.remove_totp(account, id, "", &notice(), &act(9)).await.unwrap());
            assert_eq!(store.second_factors(id).await.unwrap().recovery_codes_left, 0);
            assert!(!store.replace_recovery_codes(account, id, &renewed, &notice(), &act(9)).await.unwrap());
            assert!(!store.reset_second_factors(account, id, &notice(), &act(9)).await.unwrap());
        }

        async fn the_operator_takes_every_factor_and_voids_every_token(store: Store, _address: String) {
            let user = enrolled(&store).await;
            let (account, id) = (user.account_id, user.id);
            store.put_totp_enrolment(id, "another", Timestamp(7)).await.unwrap();
            assert!(store.reset_second_factors(account, id, &notice(), &Act::operator(Timestamp(8))).await.unwrap());
            let login = store.find_login("a@example.com").await.unwrap().unwrap();
            assert_eq!((login.principal.user_second_factors, login.principal.user_tokens_valid_after), (0, Timestamp(8)));
            assert_eq!(store.find_totp_enrolment(id, Timestamp(0)).await.unwrap(), None);
            let log = store.list_audit_log(account, None, 9).await.unwrap();
            assert_eq!((log[0].actor.as_str(), log[0].action.as_str()), ("operator", "second_factors.reset"));
        }
    }
}
