//! Links under which anybody sees one report of an account. The token of a link is stored as its keyed
//! hash; ending a link removes its row, and so does its end in time, a while later.

use model::{AuditAction, Timestamp};
use serde_json::json;

use crate::api_keys::LOCK_ACCOUNT;
use crate::audit::audit;
use crate::once::{Claim, claim, settle};
use crate::rows::{row, text};
use crate::{Act, Once, Result, Store, read, write};

/// Living links that one report may have.
const MAX_ALIVE: i64 = 50;

row! {
    /// A link to a report, without what opens it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Share {
        pub id: i64,
        pub scan_id: i64,
        pub name: String,
        pub has_password: bool,
        pub hides_evidence: bool,
        pub hides_addresses: bool,
        pub created_at: Timestamp,
        /// As in the audit log.
        pub created_by: String,
        pub expires_at: Timestamp,
        pub views: i64,
        pub last_viewed_at: Option<Timestamp>,
    }
}

row! {
    /// The report behind a link that is good.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SharedScan {
        pub id: i64,
        pub account_id: i64,
        pub scan_id: i64,
        pub password_hash: Option<String>,
        pub hides_evidence: bool,
        pub hides_addresses: bool,
        pub expires_at: Timestamp,
    }
}

macro_rules! share_columns {
    () => {
        "id, scan_id, name, CASE WHEN password_hash IS NULL THEN CAST(0 AS BIGINT) ELSE CAST(1 AS BIGINT) END AS has_password,
         hides_evidence, hides_addresses, created_at, created_by, expires_at, views, last_viewed_at"
    };
}

/// A link to be.
#[derive(Debug, Clone)]
pub struct NewShare {
    pub scan_id: i64,
    pub name: String,
    /// The keyed hash of the token, hex.
    pub hash: String,
    /// PHC form.
    pub password_hash: Option<String>,
    pub hides_evidence: bool,
    pub hides_addresses: bool,
    pub expires_at: Timestamp,
}

/// What became of the wish for a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShareMade {
    Now(Share),
    /// The same request made it before; this is its present state.
    Before(Share),
    /// The same request made one that is ended.
    Ended,
    /// The idempotency key stands for another request.
    KeyReused,
    /// The report has 50 that are good.
    TooMany,
}

fn target(scan: i64) -> String {
    format!("scan:{scan}")
}

impl Store {
    /// Stores a link to a report of an account.
    pub async fn create_share(
        &self,
        account: i64,
        share: &NewShare,
        once: Option<&Once>,
        act: &Act,
    ) -> Result<ShareMade> {
        const SQL: &str = concat!(
            "INSERT INTO shares (account_id, scan_id, name, hash, password_hash, hides_evidence,
                 hides_addresses, created_at, created_by, expires_at, views)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0
             WHERE (SELECT COUNT(*) FROM shares
                 WHERE account_id = $1 AND scan_id = $2 AND expires_at > $8) < $11
             RETURNING ",
            share_columns!()
        );
        const FIND: &str =
            concat!("SELECT ", share_columns!(), " FROM shares WHERE account_id = $1 AND id = $2");
        let made = write!(self, tx => {
            match claim!(tx, account, once, act.at) {
                Claim::First => {}
                Claim::Other => return Ok(ShareMade::KeyReused),
                Claim::Made(id) => {
                    let share: Option<Share> =
                        sqlx::query_as(FIND).bind(account).bind(id).fetch_optional(&mut *tx).await?;
                    return Ok(share.map_or(ShareMade::Ended, ShareMade::Before));
                }
            }
            sqlx::query(LOCK_ACCOUNT).bind(account).execute(&mut *tx).await?;
            let made: Option<Share> = sqlx::query_as(SQL)
                .bind(account)
                .bind(share.scan_id)
                .bind(text(&share.name))
                .bind(&share.hash)
                .bind(&share.password_hash)
                .bind(i64::from(share.hides_evidence))
                .bind(i64::from(share.hides_addresses))
                .bind(act.at.0)
                .bind(&act.actor)
                .bind(share.expires_at.0)
                .bind(MAX_ALIVE)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(made) = made else {
                settle!(tx, account, once, None);
                return Ok(ShareMade::TooMany);
            };
            let detail = json!({
                "share": made.id,
                "name": made.name,
                "expires_at": made.expires_at,
                "has_password": made.has_password,
            });
            audit!(self, tx, account, act, AuditAction::ReportShared, Some(&target(share.scan_id)), detail);
            settle!(tx, account, once, Some(made.id));
            Ok(ShareMade::Now(made))
        });
        Ok(made)
    }

    /// Returns the links to a report, the newest first; ended ones are not among them.
    pub async fn list_shares(&self, account: i64, scan: i64) -> Result<Vec<Share>> {
        const SQL: &str = concat!(
            "SELECT ",
            share_columns!(),
            " FROM shares WHERE account_id = $1 AND scan_id = $2 ORDER BY id DESC"
        );
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(account).bind(scan).fetch_all(pool).await?))
    }

    /// Ends a link for good. Returns whether there was one.
    pub async fn end_share(&self, account: i64, scan: i64, id: i64, act: &Act) -> Result<bool> {
        const SQL: &str = "
            DELETE FROM shares WHERE account_id = $1 AND scan_id = $2 AND id = $3 RETURNING name";
        Ok(write!(self, tx => {
            let name: Option<String> = sqlx::query_scalar(SQL)
                .bind(account)
                .bind(scan)
                .bind(id)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(name) = &name {
                let detail = json!({ "share": id, "name": name });
                audit!(self, tx, account, act, AuditAction::ReportUnshared, Some(&target(scan)), detail);
            }
            Ok(name.is_some())
        }))
    }

    /// Returns the report behind a link, if the link is good and its account may work.
    pub async fn find_shared(&self, hash: &str, now: Timestamp) -> Result<Option<SharedScan>> {
        const SQL: &str = "
            SELECT s.id, s.account_id, s.scan_id, s.password_hash, s.hides_evidence,
                s.hides_addresses, s.expires_at
            FROM shares s
            JOIN accounts a ON a.id = s.account_id
            WHERE s.hash = $1 AND s.expires_at > $2 AND a.state = 'active'";
        Ok(
            read!(self, pool => sqlx::query_as(SQL).bind(hash).bind(now.0).fetch_optional(pool).await?),
        )
    }

    /// Counts a look at a shared report.
    pub async fn count_view(&self, share: i64, now: Timestamp) -> Result<()> {
        const SQL: &str = "UPDATE shares SET views = views + 1, last_viewed_at = $2 WHERE id = $1";
        write!(self, tx => {
            sqlx::query(SQL).bind(share).bind(now.0).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }

    /// Returns the account of a scan that is completed, if that account may work: for whoever holds a
    /// proof that the report was issued.
    pub async fn find_scan_owner(&self, scan: i64) -> Result<Option<i64>> {
        const SQL: &str = "
            SELECT s.account_id FROM scans s
            JOIN accounts a ON a.id = s.account_id
            WHERE s.id = $1 AND s.status = 'completed' AND a.state = 'active'";
        Ok(read!(self, pool => sqlx::query_scalar(SQL).bind(scan).fetch_optional(pool).await?))
    }

    /// Forgets up to `limit` links that ended before `until`. Returns how many.
    pub async fn forget_shares(&self, until: Timestamp, limit: i64) -> Result<u64> {
        const SQL: &str = "
            DELETE FROM shares WHERE id IN (
                SELECT id FROM shares WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
        Ok(write!(self, tx => {
            Ok(sqlx::query(SQL).bind(until.0).bind(limit).execute(&mut *tx).await?.rows_affected())
        }))
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{NewJob, NewScan, NewUser, Queued, ScanAllowance};

    fn act(at: i64) -> Act {
        Act { actor: "user:1".to_owned(), ip: None, at: Timestamp(at) }
    }

    fn new(scan_id: i64, hash: &str) -> NewShare {
        NewShare {
            scan_id,
            name: "For the broker".to_owned(),
            hash: hash.to_owned(),
            password_hash: None,
            hides_evidence: true,
            hides_addresses: false,
            expires_at: Timestamp(100),
        }
    }

    async fn scan(store: &Store, email: &str) -> (i64, i64) {
        let user = NewUser::plain(email, Role::User);
        let account = store.create_user(&user, Timestamp(1)).await.unwrap().unwrap().account_id;
        let job = NewJob {
            kind: "run_scan",
            payload: String::new(),
            run_at: Timestamp(1),
            max_attempts: 3,
        };
        let allowance = ScanAllowance { a_month: 9, at_once: 9 };
        let new = NewScan::plain("example.com");
        match store.queue_scan(account, &new, &job, allowance, None, Timestamp(1)).await.unwrap() {
            Queued::Now(scan) => (account, scan.id),
            other => panic!("{other:?}"),
        }
    }

    store_test! {
        async fn a_link_is_good_until_its_end_or_until_it_is_ended(store: Store, _address: String) {
            let (owner, scan_id) = scan(&store, "a@example.com").await;
            let (stranger, _) = scan(&store, "b@example.com").await;
            let ShareMade::Now(one) = store.create_share(owner, &new(scan_id, "one"), None, &act(5)).await.unwrap() else { panic!() };
            assert!(one.hides_evidence && !one.hides_addresses && !one.has_password && one.views == 0);
            let found = store.find_shared("one", Timestamp(99)).await.unwrap().unwrap();
            assert_eq!((found.account_id, found.scan_id), (owner, scan_id));
            assert!(store.find_shared("one", Timestamp(100)).await.unwrap().is_none());
            assert!(store.find_shared("two", Timestamp(99)).await.unwrap().is_none());
            store.count_view(one.id, Timestamp(7)).await.unwrap();
            let listed = store.list_shares(owner, scan_id).await.unwrap();
            assert_eq!((listed[0].views, listed[0].last_viewed_at), (1, Some(Timestamp(7))));
            assert!(store.list_shares(stranger, scan_id).await.unwrap().is_empty());
            assert!(!store.end_share(stranger, scan_id, one.id, &act(8)).await.unwrap());
            assert!(store.end_share(owner, scan_id, one.id, &act(8)).await.unwrap());
            assert!(!store.end_share(owner, scan_id, one.id, &act(8)).await.unwrap());
            assert!(store.find_shared("one", Timestamp(9)).await.unwrap().is_none());
            let log = store.list_audit_log(owner, None, 2).await.unwrap();
            let actions: Vec<_> = log.iter().map(|entry| entry.action.as_str()).collect();
            assert_eq!(actions, ["report.unshared", "report.shared"]);
        }

        async fn a_repeated_request_makes_one_link_and_no_report_has_too_many(store: Store, _address: String) {
            let (owner, scan_id) = scan(&store, "a@example.com").await;
            let once = Once::plain("key", "asked");
            let make = async |hash: &str, once: Option<&Once>| store.create_share(owner, &new(scan_id, hash), once, &act(5)).await.unwrap();
            let ShareMade::Now(first) = make("one", Some(&once)).await else { panic!() };
            assert_eq!(make("two", Some(&once)).await, ShareMade::Before(first.clone()));
            assert_eq!(make("two", Some(&Once::plain("key", "other"))).await, ShareMade::KeyReused);
            for number in 1..MAX_ALIVE {
                assert!(matches!(make(&format!("more {number}"), None).await, ShareMade::Now(_)));
            }
            assert_eq!(make("last", None).await, ShareMade::TooMany);
            assert!(store.end_share(owner, scan_id, first.id, &act(6)).await.unwrap());
            assert_eq!(make("two", Some(&once)).await, ShareMade::Ended);
            assert_eq!(store.forget_shares(Timestamp(99), 9).await.unwrap(), 0);
            assert_eq!(store.forget_shares(Timestamp(100), 9).await.unwrap(), 9);
        }
    }
}
