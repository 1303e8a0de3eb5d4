//! Alerts of an account: raised once an occasion, listed, read.
//!
//! The occasion names what happened and its period (`revoked_key_used:KEY_ID:DAY`). The database
//! holds each at most once, so nodes and restarts cannot tell of it twice; the letter is queued in
//! the same transaction, so it is sent exactly when the alert is there.

use model::{AlertType, Severity, Timestamp};

use crate::jobs::INSERT_JOB;
use crate::rows::{row, text};
use crate::{NewJob, Result, Store, read, write};

row! {
    /// Something that an account should look at.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Alert {
        pub id: i64,
        pub alert_type: AlertType,
        pub severity: Severity,
        pub title: String,
        pub message: String,
        pub old_value: Option<String>,
        pub new_value: Option<String>,
        pub is_read: bool,
        pub created_at: Timestamp,
        pub scan_id: Option<i64>,
        pub domain_id: Option<i64>,
        pub domain: Option<String>,
        /// The public half of the key it is about.
        pub key_id: Option<String>,
    }
}

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
    pub key_id: Option<String>,
    /// What it tells of and in which period; raised once an account.
    pub occasion: String,
    /// The letter that tells of it, if one is to be sent.
    pub letter: Option<NewJob>,
}

/// Which alerts a list shows; `None` leaves a question open.
#[derive(Debug, Clone, Default)]
pub struct AlertFilter {
    pub is_read: Option<bool>,
    pub severity: Option<Severity>,
    pub alert_type: Option<AlertType>,
    pub domain_id: Option<i64>,
    /// Only ids below this one.
    pub before: Option<i64>,
}

impl Store {
    /// Raises an alert and queues its letter. Returns whether the occasion was new.
    pub async fn raise_alert(&self, account: i64, new: &NewAlert, now: Timestamp) -> Result<bool> {
        const SQL: &str = "
            INSERT INTO alerts (account_id, alert_type, severity, title, message, old_value,
                new_value, is_read, created_at, key_id, occasion)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)
            ON CONFLICT (account_id, occasion) DO NOTHING";
        Ok(write!(self, tx => {
            let raised = sqlx::query(SQL)
                .bind(account)
                .bind(new.alert_type.as_str())
                .bind(new.severity.as_str())
                .bind(text(&new.title))
                .bind(text(&new.message))
                .bind(new.old_value.as_deref().map(text))
                .bind(new.new_value.as_deref().map(text))
                .bind(now.0)
                .bind(&new.key_id)
                .bind(&new.occasion)
                .execute(&mut *tx)
                .await?
                .rows_affected() > 0;
            if let Some(job) = new.letter.as_ref().filter(|_| raised) {
                sqlx::query(INSERT_JOB)
                    .bind(job.kind)
                    .bind(&job.payload)
                    .bind(job.run_at.0)
                    .bind(job.max_attempts)
                    .bind(now.0)
                    .execute(&mut *tx)
                    .await?;
            }
            Ok(raised)
        }))
    }

    /// Returns up to `limit` alerts of an account, newest first.
    pub async fn list_alerts(
        &self,
        account: i64,
        filter: &AlertFilter,
        limit: i64,
    ) -> Result<Vec<Alert>> {
        const SQL: &str = "
            SELECT id, alert_type, severity, title, message, old_value, new_value, is_read,
                created_at, scan_id, domain_id, domain, key_id
            FROM alerts
            WHERE account_id = $1
                AND (CAST($2 AS BIGINT) IS NULL OR is_read = $2)
                AND (CAST($3 AS TEXT) IS NULL OR severity = $3)
                AND (CAST($4 AS TEXT) IS NULL OR alert_type = $4)
                AND (CAST($5 AS BIGINT) IS NULL OR domain_id = $5)
                AND (CAST($6 AS BIGINT) IS NULL OR id < $6)
            ORDER BY id DESC
            LIMIT $7";
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(filter.is_read.map(i64::from))
            .bind(filter.severity.map(Severity::as_str))
            .bind(filter.alert_type.map(AlertType::as_str))
            .bind(filter.domain_id)
            .bind(filter.before)
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Marks one alert of an account as read. Returns whether there is one.
    pub async fn read_alert(&self, account: i64, id: i64) -> Result<bool> {
        const SQL: &str = "UPDATE alerts SET is_read = 1 WHERE account_id = $1 AND id = $2";
        Ok(write!(self, tx => {
            let read = sqlx::query(SQL).bind(account).bind(id).execute(&mut *tx).await?;
            Ok(read.rows_affected() > 0)
        }))
    }

    /// Marks every alert of an account as read.
    pub async fn read_alerts(&self, account: i64) -> Result<()> {
        const SQL: &str = "UPDATE alerts SET is_read = 1 WHERE account_id = $1 AND is_read = 0";
        write!(self, tx => {
            sqlx::query(SQL).bind(account).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::NewUser;
    use crate::testing::store_test;

    fn alert(occasion: &str) -> NewAlert {
        NewAlert {
            alert_type: AlertType::RevokedKeyUsed,
            severity: Severity::High,
            title: "Revoked key used\0".to_owned(),
            message: "Somebody has it".to_owned(),
            old_value: None,
            new_value: Some("192.0.2.1".to_owned()),
            key_id: Some("cl_aaaaaaaaaaaa".to_owned()),
            occasion: occasion.to_owned(),
            letter: Some(NewJob {
                kind: "send_mail",
                payload: "{}".to_owned(),
                run_at: Timestamp(1),
                max_attempts: 1,
            }),
        }
    }

    store_test! {
        async fn an_occasion_is_told_of_once_even_when_nodes_race(store: Store, _address: String) {
            let user = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap();
            let owner = user.account_id;
            let racers: Vec<_> = (0..10).map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.raise_alert(owner, &alert("x:1"), Timestamp(5)).await.unwrap() })
            }).collect();
            let mut raised = 0;
            for racer in racers {
                raised += i64::from(racer.await.unwrap());
            }
            assert_eq!((raised, store.queue_depth().await.unwrap()), (1, 1));
            assert!(store.raise_alert(owner, &alert("x:2"), Timestamp(6)).await.unwrap());
            assert_eq!(store.list_alerts(owner, &AlertFilter::default(), 10).await.unwrap().len(), 2);
        }

        async fn alerts_are_found_and_read_by_their_account_alone(store: Store, _address: String) {
            let ann = store.create_user(&NewUser::plain("a@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap().account_id;
            let bob = store.create_user(&NewUser::plain("b@example.com", Role::User), Timestamp(1)).await.unwrap().unwrap().account_id;
            for occasion in ["1", "2", "3"] {
                store.raise_alert(ann, &alert(occasion), Timestamp(5)).await.unwrap();
            }
            let found = async |filter: AlertFilter| store.list_alerts(ann, &filter, 10).await.unwrap();
            let all = found(AlertFilter::default()).await;
            assert_eq!((all.len(), all[0].title.as_str()), (3, "Revoked key used\u{fffd}"));
            let (newest, oldest) = (all[0].id, all[2].id);
            assert!(!store.read_alert(bob, newest).await.unwrap());
            store.read_alerts(bob).await.unwrap();
            assert!(store.read_alert(ann, newest).await.unwrap());
            let unread = AlertFilter { is_read: Some(false), ..AlertFilter::default() };
            assert_eq!(found(unread.clone()).await.len(), 2);
            let older = AlertFilter { before: Some(oldest + 1), ..AlertFilter::default() };
            assert_eq!(found(older).await.len(), 1);
            let low = AlertFilter { severity: Some(Severity::Low), ..AlertFilter::default() };
            assert!(found(low).await.is_empty());
            let other = AlertFilter { alert_type: Some(AlertType::ExpiredKeyUsed), ..AlertFilter::default() };
            assert!(found(other).await.is_empty());
            let domain = AlertFilter { domain_id: Some(1), ..AlertFilter::default() };
            assert!(found(domain).await.is_empty());
            store.read_alerts(ann).await.unwrap();
            assert!(found(unread).await.is_empty());
            assert!(store.list_alerts(bob, &AlertFilter::default(), 10).await.unwrap().is_empty());
        }
    }
}
