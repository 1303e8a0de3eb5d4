//! Alerts of an account: listed, read. `alert_raising` makes them, `alert_digests` tells of those
//! whose letters found no room, `alert_settings` is what an account wants to be told of.

use model::{AlertType, Severity, Timestamp};

use crate::key_lists::containing;
use crate::rows::row;
use crate::{Result, Store, read, write};

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

row! {
    /// How many alerts a rule has raised.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct AlertCount {
        pub alert_type: AlertType,
        pub alerts: i64,
    }
}

/// Which alerts a list shows; `None` leaves a question open.
#[derive(Debug, Clone, Default)]
pub struct AlertFilter {
    pub is_read: Option<bool>,
    pub severity: Option<Severity>,
    pub alert_type: Option<AlertType>,
    pub domain_id: Option<i64>,
    /// A part of the domain's name.
    pub domain: Option<String>,
    pub order: AlertOrder,
    /// Only those after this one in the order: the place where the last page ended.
    pub after: Option<i64>,
}

/// What comes first in a list of alerts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AlertOrder {
    #[default]
    Newest,
    Oldest,
    MostSevere,
    LeastSevere,
}

impl Store {
    /// Returns how often each rule has raised an alert since a time; a rule without any is left out.
    pub async fn count_alerts_by_type(
        &self,
        account: i64,
        since: Timestamp,
    ) -> Result<Vec<AlertCount>> {
        const SQL: &str = "
            SELECT alert_type, COUNT(*) AS alerts FROM alerts
            WHERE account_id = $1 AND created_at >= $2
            GROUP BY alert_type
            ORDER BY alert_type";
        Ok(read!(self, pool => {
            sqlx::query_as(SQL).bind(account).bind(since.0).fetch_all(pool).await?
        }))
    }

    /// Returns up to `limit` alerts of an account. By severity all of them are looked at.
    pub async fn list_alerts(
        &self,
        account: i64,
        filter: &AlertFilter,
        limit: i64,
    ) -> Result<Vec<Alert>> {
        macro_rules! ordered {
            ($after:expr, $order:expr) => {
                concat!(
                    "SELECT id, alert_type, severity, title, message, old_value, new_value, is_read,
                        created_at, scan_id, domain_id, domain, key_id
                    FROM alerts
                    WHERE account_id = $1
                        AND (CAST($2 AS BIGINT) IS NULL OR is_read = $2)
                        AND (CAST($3 AS TEXT) IS NULL OR severity = $3)
                        AND (CAST($4 AS TEXT) IS NULL OR alert_type = $4)
                        AND (CAST($5 AS BIGINT) IS NULL OR domain_id = $5)
                        AND (CAST($6 AS BIGINT) IS NULL OR ",
                    $after,
                    ")
                        AND (CAST($8 AS TEXT) IS NULL OR domain LIKE $8 ESCAPE '!')
                    ORDER BY ",
                    $order,
                    " LIMIT $7"
                )
            };
        }
        // 4 for `critical` to 0 for `info`.
        macro_rules! rank {
            () => {
                "(CASE severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2
                    WHEN 'low' THEN 1 ELSE 0 END)"
            };
        }
        macro_rules! beyond {
            ($than:literal) => {
                concat!(
                    "(",
                    rank!(),
                    ", id) ",
                    $than,
                    " (
                        (SELECT ",
                    rank!(),
                    " FROM alerts WHERE account_id = $1 AND id = $6), $6)"
                )
            };
        }
        let sql = match filter.order {
            AlertOrder::Newest => ordered!("id < $6", "id DESC"),
            AlertOrder::Oldest => ordered!("id > $6", "id"),
            AlertOrder::MostSevere => {
                ordered!(beyond!("<"), concat!(rank!(), " DESC, id DESC"))
            }
            AlertOrder::LeastSevere => ordered!(beyond!(">"), concat!(rank!(), ", id")),
        };
        Ok(read!(self, pool => sqlx::query_as(sql)
            .bind(account)
            .bind(filter.is_read.map(i64::from))
            .bind(filter.severity.map(Severity::as_str))
            .bind(filter.alert_type.map(AlertType::as_str))
            .bind(filter.domain_id)
            .bind(filter.after)
            .bind(limit)
            .bind(filter.domain.as_deref().map(containing))
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

    /// Returns how many of the newest thousand alerts of an account nobody has read, at most `most`.
    pub async fn count_unread_alerts(&self, account: i64, most: i64) -> Result<i64> {
        const SQL: &str = "
            SELECT COUNT(*) FROM (
                SELECT is_read FROM alerts WHERE account_id = $1 ORDER BY id DESC LIMIT 1000
            ) newest
            WHERE is_read = 0";
        let found: i64 = read!(self, pool => {
            sqlx::query_scalar(SQL).bind(account).fetch_one(pool).await?
        });
        Ok(found.min(most))
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
    use crate::alert_raising::tests::alert;
    use crate::testing::store_test;
    use crate::{NewAlert, NewUser};

    store_test! {
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
            assert_eq!(store.count_unread_alerts(ann, 10).await.unwrap(), 2);
            assert_eq!(store.count_unread_alerts(ann, 1).await.unwrap(), 1);
            assert_eq!(store.count_unread_alerts(bob, 10).await.unwrap(), 0);
            let older = AlertFilter { after: Some(oldest + 1), ..AlertFilter::default() };
            assert_eq!(found(older).await.len(), 1);
            let low = AlertFilter { severity: Some(Severity::Low), ..AlertFilter::default() };
            assert!(found(low).await.is_empty());
            let other = AlertFilter { alert_type: Some(AlertType::ExpiredKeyUsed), ..AlertFilter::default() };
            assert!(found(other).await.is_empty());
            let domain = AlertFilter { domain_id: Some(1), ..AlertFilter::default() };
            assert!(found(domain).await.is_empty());
            let named = AlertFilter { domain: Some("shop".to_owned()), ..AlertFilter::default() };
            assert!(found(named).await.is_empty(), "none of them is about a domain");
            let graver = NewAlert { severity: Severity::Critical, ..alert("4") };
            store.raise_alert(ann, &graver, Timestamp(6)).await.unwrap();
            store.raise_alert(ann, &alert("5"), Timestamp(7)).await.unwrap();
            for (order, expected) in [
                (AlertOrder::Newest, [5, 4, 3, 2, 1]),
                (AlertOrder::Oldest, [1, 2, 3, 4, 5]),
                (AlertOrder::MostSevere, [4, 5, 3, 2, 1]),
                (AlertOrder::LeastSevere, [1, 2, 3, 5, 4]),
            ] {
                let mut after = None;
                let mut places = Vec::new();
                loop {
                    let filter = AlertFilter { order, after, ..AlertFilter::default() };
                    let page = store.list_alerts(ann, &filter, 2).await.unwrap();
                    let Some(last) = page.last() else { break };
                    after = Some(last.id);
                    places.extend(page.iter().map(|alert| alert.id - oldest + 1));
                }
                assert_eq!(places, expected, "{order:?}");
            }
            store.read_alerts(ann).await.unwrap();
            assert!(found(unread).await.is_empty());
            assert!(store.list_alerts(bob, &AlertFilter::default(), 10).await.unwrap().is_empty());
        }
    }
}
