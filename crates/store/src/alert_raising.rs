//! How an alert comes to be, and with it its letter.
//!
//! `raise!` does it inside any transaction, so that an alert is there exactly when what it tells of
//! is. Three things keep it quiet, each decided by the database in one statement, so that nodes and
//! restarts cannot say it twice: the hold of a rule that has fired and was not released since, the
//! occasion, which there is once, and the day's letters, a letter a key and [`LETTERS_A_DAY`] in all.
//! An alert whose letter finds no room waits for the digest.
//!
//! Order inside a transaction: hold, alert, letters; one order everywhere, so that two writers never
//! wait for each other.

use model::{AlertType, DAY_MS, Severity, Timestamp};

use crate::rows::row;
use crate::{NewJob, Result, Store, read, write};

/// Letters about alerts that an account gets on a day, the digest aside.
pub const LETTERS_A_DAY: i64 = 10;

/// An alert to be.
#[derive(Debug, Clone)]
pub struct NewAlert {
    pub alert_type: AlertType,
    pub severity: Severity,
    /// One line.
    pub title: String,
    pub message: String,
    pub old_value: Option<String>,
    pub new_value: Option<String>,
    /// The public half of the key it is about.
    pub key_id: Option<String>,
    /// What it tells of and in which period; raised once an account.
    pub occasion: String,
    /// What the rule is silent about from now on, until [`Store::release_hold`].
    pub hold: Option<String>,
    /// Whether the account does not want to find it unread.
    pub is_read: bool,
    /// The letter that tells of it, if one is to be sent.
    pub letter: Option<NewJob>,
}

row! {
    /// A rule that has fired and was not released since.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Hold {
        pub rule: AlertType,
        pub subject: String,
    }
}

pub(crate) const HOLD: &str = "
    INSERT INTO alert_holds (account_id, rule, subject, fired_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id, rule, subject) DO NOTHING";
pub(crate) const RELEASE: &str =
    "DELETE FROM alert_holds WHERE account_id = $1 AND rule = $2 AND subject = $3";
pub(crate) const INSERT_ALERT: &str = "
    INSERT INTO alerts (account_id, alert_type, severity, title, message, old_value, new_value,
        is_read, created_at, key_id, occasion)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (account_id, occasion) DO NOTHING";
pub(crate) const TAKE_LETTER: &str = "
    INSERT INTO alert_letters (account_id, subject, day, letters) VALUES ($1, $2, $3, 1)
    ON CONFLICT (account_id, subject, day) DO UPDATE SET letters = alert_letters.letters + 1
    WHERE alert_letters.letters < $4";
pub(crate) const WAIT: &str =
    "UPDATE alerts SET letter_waits = 1 WHERE account_id = $1 AND occasion = $2";

/// Returns the number of a day since 1970, in UTC.
pub(crate) fn day(at: Timestamp) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// Raises an alert inside a transaction: `raise!(tx, account, new, now)`. Evaluates to whether the
/// account was not told of it before.
macro_rules! raise {
    ($tx:ident, $account:expr, $new:expr, $now:expr $(,)?) => {{
        use crate::alert_raising as raising;
        let (account, new, now): (i64, &raising::NewAlert, model::Timestamp) =
            ($account, $new, $now);
        let is_free = match &new.hold {
            Some(subject) => {
                let held = sqlx::query(raising::HOLD)
                    .bind(account)
                    .bind(new.alert_type.as_str())
                    .bind(subject)
                    .bind(now.0)
                    .execute(&mut *$tx)
                    .await?;
                held.rows_affected() > 0
            }
            None => true,
        };
        let is_new = is_free && {
            let inserted = sqlx::query(raising::INSERT_ALERT)
                .bind(account)
                .bind(new.alert_type.as_str())
                .bind(new.severity.as_str())
                .bind(crate::rows::text(&new.title))
                .bind(crate::rows::text(&new.message))
                .bind(new.old_value.as_deref().map(crate::rows::text))
                .bind(new.new_value.as_deref().map(crate::rows::text))
                .bind(i64::from(new.is_read))
                .bind(now.0)
                .bind(&new.key_id)
                .bind(&new.occasion)
                .execute(&mut *$tx)
                .await?;
            inserted.rows_affected() > 0
        };
        if let Some(subject) = new.hold.as_ref().filter(|_| is_free && !is_new) {
            // It was told of earlier in the period; what lasts into the next one is told of then.
            sqlx::query(raising::RELEASE)
                .bind(account)
                .bind(new.alert_type.as_str())
                .bind(subject)
                .execute(&mut *$tx)
                .await?;
        }
        if let Some(job) = new.letter.as_ref().filter(|_| is_new) {
            let mut has_room = true;
            let of_key = new.key_id.as_deref().map(|key_id| (key_id, 1));
            for (subject, most) in of_key.into_iter().chain([("", raising::LETTERS_A_DAY)]) {
                has_room = has_room
                    && sqlx::query(raising::TAKE_LETTER)
                        .bind(account)
                        .bind(subject)
                        .bind(raising::day(now))
                        .bind(most)
                        .execute(&mut *$tx)
                        .await?
                        .rows_affected()
                        > 0;
            }
            if has_room {
                sqlx::query(crate::jobs::INSERT_JOB)
                    .bind(job.kind)
                    .bind(&job.payload)
                    .bind(job.run_at.0)
                    .bind(job.max_attempts)
                    .bind(now.0)
                    .execute(&mut *$tx)
                    .await?;
            } else {
                sqlx::query(raising::WAIT)
                    .bind(account)
                    .bind(&new.occasion)
                    .execute(&mut *$tx)
                    .await?;
            }
        }
        is_new
    }};
}
pub(crate) use raise;

impl Store {
    /// Raises an alert. Returns whether the account was not told of it before.
    pub async fn raise_alert(&self, account: i64, new: &NewAlert, now: Timestamp) -> Result<bool> {
        Ok(write!(self, tx => { Ok(raise!(tx, account, new, now)) }))
    }

    /// Returns whether an account was told of an occasion.
    pub async fn was_told(&self, account: i64, occasion: &str) -> Result<bool> {
        const SQL: &str = "SELECT 1 FROM alerts WHERE account_id = $1 AND occasion = $2";
        Ok(read!(self, pool => {
            sqlx::query(SQL).bind(account).bind(occasion).fetch_optional(pool).await?.is_some()
        }))
    }

    /// Returns the rules of an account that have fired and were not released since.
    pub async fn list_holds(&self, account: i64) -> Result<Vec<Hold>> {
        const SQL: &str =
            "SELECT rule, subject FROM alert_holds WHERE account_id = $1 ORDER BY rule, subject";
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(account).fetch_all(pool).await?))
    }

    /// Lets a rule that has fired fire again.
    pub async fn release_hold(&self, account: i64, hold: &Hold) -> Result<()> {
        write!(self, tx => {
            sqlx::query(RELEASE)
                .bind(account)
                .bind(hold.rule.as_str())
                .bind(&hold.subject)
                .execute(&mut *tx)
                .await?;
            Ok(())
        });
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{AlertFilter, NewUser};

    pub(crate) fn alert(occasion: &str) -> NewAlert {
        NewAlert {
            alert_type: AlertType::RevokedKeyUsed,
            severity: Severity::High,
            title: "Revoked key used\0".to_owned(),
            message: "Somebody has it".to_owned(),
            old_value: None,
            new_value: Some("192.0.2.1".to_owned()),
            key_id: Some("cl_aaaaaaaaaaaa".to_owned()),
            occasion: occasion.to_owned(),
            hold: None,
            is_read: false,
            letter: Some(NewJob {
                kind: "send_mail",
                payload: "{}".to_owned(),
                run_at: Timestamp(1),
                max_attempts: 1,
            }),
        }
    }

    async fn account(store: &Store) -> i64 {
        let new = NewUser::plain("a@example.com", Role::User);
        store.create_user(&new, Timestamp(1)).await.unwrap().unwrap().account_id
    }

    /// Raises an alert ten times at once and returns how often it was new.
    async fn race(store: &Store, owner: i64, alerts: Vec<NewAlert>, now: Timestamp) -> i64 {
        let racers: Vec<_> = alerts
            .into_iter()
            .map(|new| {
                let store = store.clone();
                tokio::spawn(async move { store.raise_alert(owner, &new, now).await.unwrap() })
            })
            .collect();
        let mut raised = 0;
        for racer in racers {
            raised += i64::from(racer.await.unwrap());
        }
        raised
    }

    store_test! {
        async fn an_occasion_is_told_of_once_even_when_nodes_race(store: Store, _address: String) {
            let owner = account(&store).await;
            assert_eq!(race(&store, owner, vec![alert("x:1"); 10], Timestamp(5)).await, 1);
            assert_eq!(store.queue_depth().await.unwrap(), 1);
            let told = async |account, occasion| store.was_told(account, occasion).await.unwrap();
            assert!(told(owner, "x:1").await && !told(owner, "x:2").await && !told(owner + 1, "x:1").await);
            assert!(store.raise_alert(owner, &alert("x:2"), Timestamp(6)).await.unwrap());
            assert_eq!(store.list_alerts(owner, &AlertFilter::default(), 10).await.unwrap().len(), 2);
        }

        async fn a_rule_that_fired_is_silent_until_it_is_released(store: Store, _address: String) {
            let owner = account(&store).await;
            let fire = |day: i64| NewAlert { hold: Some("key".to_owned()), ..alert(&format!("spike:{day}")) };
            // Two nodes at midnight: each has a day of its own in mind.
            let racers = (0..10).map(|racer| fire(racer % 2)).collect();
            assert_eq!(race(&store, owner, racers, Timestamp(5)).await, 1);
            assert!(!store.raise_alert(owner, &fire(7), Timestamp(6)).await.unwrap());
            let holds = store.list_holds(owner).await.unwrap();
            assert_eq!(holds, [Hold { rule: AlertType::RevokedKeyUsed, subject: "key".to_owned() }]);
            assert!(store.list_holds(owner + 1).await.unwrap().is_empty());
            store.release_hold(owner, &holds[0]).await.unwrap();
            assert!(store.raise_alert(owner, &fire(7), Timestamp(7)).await.unwrap());
            store.release_hold(owner, &holds[0]).await.unwrap();
            // Released on the same day: once a day is enough, and tomorrow it may fire.
            assert!(!store.raise_alert(owner, &fire(7), Timestamp(8)).await.unwrap());
            assert!(store.list_holds(owner).await.unwrap().is_empty());
            assert!(store.raise_alert(owner, &fire(8), Timestamp(9)).await.unwrap());
        }

        async fn a_key_gets_one_letter_a_day_and_an_account_ten(store: Store, _address: String) {
            let owner = account(&store).await;
            let about = |key: i64, occasion: &str| NewAlert { key_id: Some(format!("cl_{key:012}")), ..alert(occasion) };
            let racers = (0..10).map(|number| about(1, &number.to_string())).collect();
            assert_eq!(race(&store, owner, racers, Timestamp(5)).await, 10);
            assert_eq!(store.queue_depth().await.unwrap(), 1);
            for key in 2..20 {
                assert!(store.raise_alert(owner, &about(key, &format!("other:{key}")), Timestamp(6)).await.unwrap());
            }
            assert_eq!(store.queue_depth().await.unwrap(), LETTERS_A_DAY);
            let tomorrow = Timestamp(DAY_MS);
            assert!(store.raise_alert(owner, &about(1, "tomorrow"), tomorrow).await.unwrap());
            assert_eq!(store.queue_depth().await.unwrap(), LETTERS_A_DAY + 1);
        }
    }
}
