//! Scans from the queue to the report, and the month's quota that pays for them. How one gets into
//! the queue is in `scan_queue`.
//!
//! `queued` → `running` → `completed`, `failed` or `canceled`. A scan ends once: every function that
//! ends one does so only while it is queued or running, and tells whether it was the one. A refund
//! hangs on that same change, so a month never gets a scan back twice.
//!
//! Functions without an account are for the worker that holds the scan's job.

use std::collections::BTreeMap;

use model::{Grade, ModuleId, ScanProfile, ScanSource, ScanStatus, Timestamp};
use serde::de::DeserializeOwned;

use crate::key_lists::containing;
use crate::rows::{json, row, text};
use crate::{Result, Store, StoreError, read, write};

row! {
    /// A scan without its report.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Scan {
        pub id: i64,
        pub account_id: i64,
        pub domain: String,
        pub status: ScanStatus,
        pub source: ScanSource,
        pub requested_modules: Vec<ModuleId>,
        pub profile: ScanProfile,
        pub queued_at: Timestamp,
        pub started_at: Option<Timestamp>,
        pub completed_at: Option<Timestamp>,
        pub failure_reason: Option<String>,
        pub progress: serde_json::Value,
        pub score: Option<i64>,
        pub grade: Option<Grade>,
        pub critical_issues: i64,
        pub high_issues: i64,
        pub medium_issues: i64,
        pub low_issues: i64,
        pub info_issues: i64,
        pub duration_ms: Option<i64>,
    }
}

macro_rules! scan_columns {
    () => {
        "id, account_id, domain, status, source, requested_modules, profile, queued_at,
         started_at, completed_at, failure_reason, progress, score, grade, critical_issues, high_issues,
         medium_issues, low_issues, info_issues, duration_ms"
    };
}
pub(crate) use scan_columns;

/// Numbers of a finished scan.
#[derive(Debug, Clone)]
pub struct Ended {
    pub score: u8,
    pub grade: Grade,
    pub critical_issues: i64,
    pub high_issues: i64,
    pub medium_issues: i64,
    pub low_issues: i64,
    pub info_issues: i64,
    pub duration_ms: i64,
    /// Raised whenever checks change.
    pub catalogue_version: i64,
}

/// Whether a failed scan is given back to the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refund {
    Yes,
    No,
}

/// What became of a wish to stop a scan.
#[derive(Debug)]
pub enum Canceled {
    Done(Scan),
    /// It had ended before.
    Ended(Scan),
    NotFound,
}

/// Which scans a list shows.
#[derive(Debug, Clone, Default)]
pub struct ScanFilter {
    pub domain: Option<String>,
    pub status: Option<ScanStatus>,
    /// A part of the domain's name.
    pub part: Option<String>,
    pub grade: Option<Grade>,
    pub source: Option<ScanSource>,
    /// Queued at or after.
    pub from: Option<Timestamp>,
    /// Queued before.
    pub to: Option<Timestamp>,
    /// Which comes first.
    pub order: ScanOrder,
    /// Only those that come after the scan with this id: the place where the last page ended.
    pub before: Option<i64>,
}

/// Which scans of a list come first. By score only those are listed that have one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScanOrder {
    #[default]
    Newest,
    Oldest,
    Best,
    Worst,
}

/// Gives a scan back to its month, once.
const REFUND: &str = "
    UPDATE quota_usage SET scans = scans - 1
    WHERE scans > 0 AND EXISTS (
        SELECT 1 FROM scans
        WHERE scans.id = $1 AND scans.refunded_at IS NULL
            AND scans.account_id = quota_usage.account_id AND scans.month = quota_usage.month)";
const MARK_REFUNDED: &str =
    "UPDATE scans SET refunded_at = $2 WHERE id = $1 AND refunded_at IS NULL";

impl Store {
    /// Marks a scan as running. `None` when it has ended.
    pub async fn start_scan(&self, id: i64, now: Timestamp) -> Result<Option<Scan>> {
        const SQL: &str = concat!(
            "UPDATE scans SET status = 'running', started_at = COALESCE(started_at, $2)
             WHERE id = $1 AND status IN ('queued', 'running')
             RETURNING ",
            scan_columns!()
        );
        Ok(write!(self, tx => {
            Ok(sqlx::query_as(SQL).bind(id).bind(now.0).fetch_optional(&mut *tx).await?)
        }))
    }

    /// Stores which modules are done, while the scan runs.
    pub async fn save_progress(&self, id: i64, progress: &serde_json::Value) -> Result<()> {
        const SQL: &str = "UPDATE scans SET progress = $2 WHERE id = $1 AND status = 'running'";
        let progress = json(progress)?;
        write!(self, tx => {
            sqlx::query(SQL).bind(id).bind(&progress).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }

    /// Ends a scan with its report and the times since when its findings are found. Returns whether
    /// it had not ended before: the first report wins.
    pub async fn finish_scan(
        &self,
        id: i64,
        ended: &Ended,
        report: &str,
        first_seen: &BTreeMap<String, Timestamp>,
        progress: &serde_json::Value,
        now: Timestamp,
    ) -> Result<bool> {
        const SCAN: &str = "
            UPDATE scans SET status = 'completed', completed_at = $2, score = $3, grade = $4,
                critical_issues = $5, high_issues = $6, medium_issues = $7, low_issues = $8,
                info_issues = $9, duration_ms = $10, progress = $11,
                catalogue_version = $12
            WHERE id = $1 AND status IN ('queued', 'running')";
        const REPORT: &str = "INSERT INTO reports (scan_id, body, first_seen) VALUES ($1, $2, $3)";
        let progress = json(progress)?;
        let first_seen = json(first_seen)?;
        Ok(write!(self, tx => {
            let done = sqlx::query(SCAN)
                .bind(id)
                .bind(now.0)
                .bind(i64::from(ended.score))
                .bind(ended.grade.as_str())
                .bind(ended.critical_issues)
                .bind(ended.high_issues)
                .bind(ended.medium_issues)
                .bind(ended.low_issues)
                .bind(ended.info_issues)
                .bind(ended.duration_ms)
                .bind(&progress)
                .bind(ended.catalogue_version)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            if done > 0 {
                sqlx::query(REPORT).bind(id).bind(report).bind(&first_seen).execute(&mut *tx).await?;
            }
            Ok(done > 0)
        }))
    }

    /// Ends a scan without a score. Returns whether it had not ended before.
    pub async fn fail_scan(
        &self,
        id: i64,
        reason: &str,
        refund: Refund,
        now: Timestamp,
    ) -> Result<bool> {
        const SQL: &str = "
            UPDATE scans SET status = 'failed', completed_at = $2, failure_reason = $3
            WHERE id = $1 AND status IN ('queued', 'running')";
        Ok(write!(self, tx => {
            let done = sqlx::query(SQL).bind(id).bind(now.0).bind(text(reason)).execute(&mut *tx).await?.rows_affected();
            if done > 0 && refund == Refund::Yes {
                sqlx::query(REFUND).bind(id).execute(&mut *tx).await?;
                sqlx::query(MARK_REFUNDED).bind(id).bind(now.0).execute(&mut *tx).await?;
            }
            Ok(done > 0)
        }))
    }

    /// Stops a scan. One that has not started is given back to the month.
    pub async fn cancel_scan(&self, account: i64, id: i64, now: Timestamp) -> Result<Canceled> {
        const FIND: &str =
            concat!("SELECT ", scan_columns!(), " FROM scans WHERE account_id = $1 AND id = $2");
        const CANCEL: &str = concat!(
            "UPDATE scans SET status = 'canceled', completed_at = $3
             WHERE account_id = $1 AND id = $2 AND status IN ('queued', 'running')
             RETURNING ",
            scan_columns!()
        );
        const JOB: &str = "
            UPDATE jobs SET state = 'canceled' WHERE kind = 'run_scan' AND payload = $1 AND state = 'ready'";
        Ok(write!(self, tx => {
            let canceled: Option<Scan> =
                sqlx::query_as(CANCEL).bind(account).bind(id).bind(now.0).fetch_optional(&mut *tx).await?;
            match canceled {
                Some(scan) => {
                    if scan.started_at.is_none() {
                        sqlx::query(REFUND).bind(id).execute(&mut *tx).await?;
                        sqlx::query(MARK_REFUNDED).bind(id).bind(now.0).execute(&mut *tx).await?;
                    }
                    sqlx::query(JOB).bind(id.to_string()).execute(&mut *tx).await?;
                    Ok(Canceled::Done(scan))
                }
                None => {
                    let found: Option<Scan> =
                        sqlx::query_as(FIND).bind(account).bind(id).fetch_optional(&mut *tx).await?;
                    Ok(found.map_or(Canceled::NotFound, Canceled::Ended))
                }
            }
        }))
    }

    /// Returns one scan of an account.
    pub async fn find_scan(&self, account: i64, id: i64) -> Result<Option<Scan>> {
        const SQL: &str =
            concat!("SELECT ", scan_columns!(), " FROM scans WHERE account_id = $1 AND id = $2");
        Ok(
            read!(self, pool => sqlx::query_as(SQL).bind(account).bind(id).fetch_optional(pool).await?),
        )
    }

    /// Returns an account's scans.
    pub async fn list_scans(
        &self,
        account: i64,
        filter: &ScanFilter,
        limit: i64,
    ) -> Result<Vec<Scan>> {
        // One text for each set of questions that an index answers: with `$9 IS NULL OR …` none would.
        macro_rules! ordered {
            ($filter:literal, $after:literal, $order:literal) => {
                concat!(
                    "SELECT ",
                    scan_columns!(),
                    " FROM scans
                     WHERE account_id = $1 AND ",
                    $after,
                    " AND queued_at >= $3 AND queued_at < $4
                        AND (CAST($6 AS TEXT) IS NULL OR domain LIKE $6 ESCAPE '!')
                        AND (CAST($7 AS TEXT) IS NULL OR grade = $7)
                        AND (CAST($8 AS TEXT) IS NULL OR source = $8) ",
                    $filter,
                    " ORDER BY ",
                    $order,
                    " LIMIT $5"
                )
            };
        }
        macro_rules! listing {
            ($filter:literal) => {
                match filter.order {
                    ScanOrder::Newest => ordered!($filter, "id < $2", "id DESC"),
                    ScanOrder::Oldest => ordered!($filter, "id > $2", "id"),
                    ScanOrder::Best => ordered!(
                        $filter,
                        "score IS NOT NULL AND ($2 = 9223372036854775807 OR (score, id) < (
                            (SELECT score FROM scans WHERE account_id = $1 AND id = $2), $2))",
                        "score DESC, id DESC"
                    ),
                    ScanOrder::Worst => ordered!(
                        $filter,
                        "score IS NOT NULL AND ($2 = 0 OR (score, id) > (
                            (SELECT score FROM scans WHERE account_id = $1 AND id = $2), $2))",
                        "score, id"
                    ),
                }
            };
        }
        let start = match filter.order {
            ScanOrder::Newest | ScanOrder::Best => i64::MAX,
            ScanOrder::Oldest | ScanOrder::Worst => 0,
        };
        let (sql, words) = match (filter.domain.as_deref().map(text), filter.status) {
            (None, None) => (listing!(""), Vec::new()),
            (Some(domain), None) => (listing!("AND domain = $9"), vec![domain]),
            (None, Some(status)) => (listing!("AND status = $9"), vec![status.as_str().into()]),
            (Some(domain), Some(status)) => {
                (listing!("AND domain = $9 AND status = $10"), vec![domain, status.as_str().into()])
            }
        };
        Ok(read!(self, pool => {
            let mut query = sqlx::query_as(sql)
                .bind(account)
                .bind(filter.before.unwrap_or(start))
                .bind(filter.from.map_or(i64::MIN, |time| time.0))
                .bind(filter.to.map_or(i64::MAX, |time| time.0))
                .bind(limit)
                .bind(filter.part.as_deref().map(containing))
                .bind(filter.grade.map(Grade::as_str))
                .bind(filter.source.map(ScanSource::as_str));
            for word in &words {
                query = query.bind(&**word);
            }
            query.fetch_all(pool).await?
        }))
    }

    /// Returns the stored report of an account's scan.
    pub async fn find_report(&self, account: i64, scan: i64) -> Result<Option<model::Report>> {
        self.find_report_as(account, scan).await
    }

    /// Returns as much of the stored report of an account's scan as `T` reads.
    pub async fn find_report_as<T: DeserializeOwned>(
        &self,
        account: i64,
        scan: i64,
    ) -> Result<Option<T>> {
        const SQL: &str = "
            SELECT reports.body FROM reports
            JOIN scans ON scans.id = reports.scan_id
            WHERE scans.account_id = $1 AND scans.id = $2";
        let body: Option<String> = read!(self, pool => sqlx::query_scalar(SQL).bind(account).bind(scan).fetch_optional(pool).await?);
        let Some(body) = body else { return Ok(None) };
        serde_json::from_str(&body).map(Some).map_err(|error| StoreError::Value(error.to_string()))
    }

    /// Returns since when the findings of an account's scan are found, by check; empty when it has
    /// no report.
    pub async fn find_first_seen(
        &self,
        account: i64,
        scan: i64,
    ) -> Result<BTreeMap<String, Timestamp>> {
        const SQL: &str = "
            SELECT reports.first_seen FROM reports
            JOIN scans ON scans.id = reports.scan_id
            WHERE scans.account_id = $1 AND scans.id = $2";
        let found: Option<String> = read!(self, pool => sqlx::query_scalar(SQL).bind(account).bind(scan).fetch_optional(pool).await?);
        let found = found.as_deref().unwrap_or("{}");
        serde_json::from_str(found).map_err(|error| StoreError::Value(error.to_string()))
    }

    /// Returns how many scans of an account run at this moment.
    pub async fn count_running(&self, account: i64) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM scans WHERE account_id = $1 AND status = 'running'";
        Ok(read!(self, pool => sqlx::query_scalar(SQL).bind(account).fetch_one(pool).await?))
    }

    /// Returns how many scans an account has used up in each of the last `limit` months with any, the
    /// latest first.
    pub async fn scans_by_month(&self, account: i64, limit: i64) -> Result<Vec<(String, i64)>> {
        const SQL: &str = "
            SELECT month, scans FROM quota_usage
            WHERE account_id = $1
            ORDER BY month DESC
            LIMIT $2";
        Ok(
            read!(self, pool => sqlx::query_as(SQL).bind(account).bind(limit).fetch_all(pool).await?),
        )
    }

    /// Returns how many scans an account has used up in the month of `now`.
    pub async fn scans_this_month(&self, account: i64, now: Timestamp) -> Result<i64> {
        const SQL: &str = "SELECT scans FROM quota_usage WHERE account_id = $1 AND month = $2";
        let month = now.month();
        let used: Option<i64> = read!(self, pool => {
            sqlx::query_scalar(SQL).bind(account).bind(month.as_str()).fetch_optional(pool).await?
        });
        Ok(used.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{Lane, NewJob, NewScan, NewUser, Queued, ScanAllowance};

    const NOW: Timestamp = Timestamp(1_795_509_096_007);

    async fn account(store: &Store, email: &str) -> i64 {
        let user = NewUser::plain(email, Role::User);
        store.create_user(&user, NOW).await.unwrap().unwrap().account_id
    }

    fn job() -> NewJob {
        NewJob { kind: "run_scan", payload: String::new(), run_at: NOW, max_attempts: 3 }
    }

    async fn queue(store: &Store, account: i64, limit: i64) -> Option<Scan> {
        let scan = NewScan::plain("example.com");
        let allowance = ScanAllowance { a_month: limit, at_once: 1_000 };
        match store.queue_scan(account, &scan, &job(), allowance, None, NOW).await.unwrap() {
            Queued::Now(scan) => Some(scan),
            Queued::MonthUsedUp => None,
            other => panic!("{other:?}"),
        }
    }

    fn ended() -> Ended {
        Ended {
            score: 80,
            grade: Grade::B,
            critical_issues: 0,
            high_issues: 1,
            medium_issues: 2,
            low_issues: 3,
            info_issues: 4,
            duration_ms: 5,
            catalogue_version: 7,
        }
    }

    store_test! {
        async fn a_failed_scan_is_given_back_once(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let scan = queue(&store, owner, 3).await.unwrap();
            queue(&store, owner, 3).await.unwrap();
            store.start_scan(scan.id, NOW).await.unwrap().unwrap();
            assert_eq!(store.count_running(owner).await.unwrap(), 1);
            assert!(store.fail_scan(scan.id, "it sent \0", Refund::Yes, NOW).await.unwrap());
            assert!(!store.fail_scan(scan.id, "again", Refund::Yes, NOW).await.unwrap());
            assert!(!store.finish_scan(scan.id, &ended(), "{}", &BTreeMap::new(), &serde_json::json!([]), NOW).await.unwrap());
            assert_eq!(store.scans_this_month(owner, NOW).await.unwrap(), 1);
            assert!(store.start_scan(scan.id, NOW).await.unwrap().is_none());
        }

        async fn of_racing_ends_one_wins_and_the_month_gets_one_back(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            for left in 0..10 {
                let scan = queue(&store, owner, 100).await.unwrap();
                let used = store.scans_this_month(owner, NOW).await.unwrap();
                assert_eq!(used, left + 1);
                let racers: Vec<_> = (0..6).map(|racer| {
                    let (store, id) = (store.clone(), scan.id);
                    tokio::spawn(async move {
                        match racer % 3 {
                            0 => store.finish_scan(id, &ended(), "{}", &BTreeMap::new(), &serde_json::json!([]), NOW).await.unwrap(),
                            1 => store.fail_scan(id, "broke", Refund::Yes, NOW).await.unwrap(),
                            _ => matches!(store.cancel_scan(owner, id, NOW).await.unwrap(), Canceled::Done(_)),
                        }
                    })
                }).collect();
                let mut winners = 0;
                for racer in racers {
                    winners += usize::from(racer.await.unwrap());
                }
                assert_eq!(winners, 1);
                let scan = store.find_scan(owner, scan.id).await.unwrap().unwrap();
                let given_back = i64::from(scan.status != ScanStatus::Completed);
                assert_eq!(store.scans_this_month(owner, NOW).await.unwrap(), used - given_back);
                // Keeps the count in step with the loop, whoever won.
                if given_back == 1 {
                    queue(&store, owner, 100).await.unwrap();
                }
            }
        }

        async fn a_scan_ends_once(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let scan = queue(&store, owner, 3).await.unwrap();
            store.start_scan(scan.id, NOW).await.unwrap().unwrap();
            let (first, second) = tokio::join!(
                async { store.finish_scan(scan.id, &ended(), "{}", &BTreeMap::new(), &serde_json::json!([]), NOW).await.unwrap() },
                async { matches!(store.cancel_scan(owner, scan.id, NOW).await.unwrap(), Canceled::Done(_)) },
            );
            assert!(first ^ second, "exactly one of finishing and canceling wins");
            assert_eq!(store.scans_this_month(owner, NOW).await.unwrap(), 1);
        }

        async fn a_scan_that_never_started_costs_nothing(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let stranger = account(&store, "b@example.com").await;
            let scan = queue(&store, owner, 3).await.unwrap();
            assert!(matches!(store.cancel_scan(stranger, scan.id, NOW).await.unwrap(), Canceled::NotFound));
            assert!(matches!(store.cancel_scan(owner, scan.id, NOW).await.unwrap(), Canceled::Done(_)));
            assert!(matches!(store.cancel_scan(owner, scan.id, NOW).await.unwrap(), Canceled::Ended(_)));
            assert_eq!(store.scans_this_month(owner, NOW).await.unwrap(), 0);
            assert!(store.claim_job("worker", Lane::Only("run_scan"), NOW, 1_000).await.unwrap().is_none());
        }

        async fn pages_are_stable_and_a_stranger_sees_nothing(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let stranger = account(&store, "b@example.com").await;
            for _ in 0..5 {
                queue(&store, owner, 100).await.unwrap();
            }
            let first = store.list_scans(owner, &ScanFilter::default(), 2).await.unwrap();
            queue(&store, owner, 100).await.unwrap();
            let next = ScanFilter { before: Some(first[1].id), ..ScanFilter::default() };
            let second = store.list_scans(owner, &next, 2).await.unwrap();
            assert_eq!(second[0].id, first[1].id - 1);
            let none = ScanFilter { domain: Some("other.example".to_owned()), ..ScanFilter::default() };
            assert!(store.list_scans(owner, &none, 9).await.unwrap().is_empty());
            let queued = ScanFilter { status: Some(ScanStatus::Queued), from: Some(NOW), ..ScanFilter::default() };
            assert_eq!(store.list_scans(owner, &queued, 9).await.unwrap().len(), 6);
            let counted = async |filter: ScanFilter| store.list_scans(owner, &filter, 9).await.unwrap().len();
            let part = |part: &str| ScanFilter { part: Some(part.to_owned()), ..ScanFilter::default() };
            assert_eq!((counted(part("AMPLE.c")).await, counted(part("e%e")).await), (6, 0));
            let by = |source| ScanFilter { source: Some(source), ..ScanFilter::default() };
            assert_eq!((counted(by(ScanSource::Api)).await, counted(by(ScanSource::Cli)).await), (6, 0));
            store.finish_scan(first[0].id, &ended(), "{}", &BTreeMap::new(), &serde_json::json!([]), NOW).await.unwrap();
            let graded = |grade| ScanFilter { grade: Some(grade), ..ScanFilter::default() };
            assert_eq!((counted(graded(Grade::B)).await, counted(graded(Grade::A)).await), (1, 0));
            store.finish_scan(second[0].id, &Ended { score: 90, ..ended() }, "{}", &BTreeMap::new(), &serde_json::json!([]), NOW).await.unwrap();
            store.finish_scan(second[1].id, &ended(), "{}", &BTreeMap::new(), &serde_json::json!([]), NOW).await.unwrap();
            let [best, old, new] = [second[0].id, second[1].id, first[0].id];
            for (order, expected) in [
                (ScanOrder::Best, vec![best, new, old]),
                (ScanOrder::Worst, vec![old, new, best]),
                (ScanOrder::Oldest, (1..=6).collect()),
                (ScanOrder::Newest, (1..=6).rev().collect()),
            ] {
                let mut found = Vec::new();
                let mut filter = ScanFilter { order, ..ScanFilter::default() };
                loop {
                    let page = store.list_scans(owner, &filter, 2).await.unwrap();
                    let Some(last) = page.last() else { break };
                    filter.before = Some(last.id);
                    found.extend(page.iter().map(|scan| scan.id));
                }
                assert_eq!(found, expected, "{order:?}");
            }
            assert!(store.list_scans(stranger, &ScanFilter::default(), 9).await.unwrap().is_empty());
            assert!(store.find_scan(stranger, first[0].id).await.unwrap().is_none());
            assert!(store.find_report(stranger, first[0].id).await.unwrap().is_none());
        }
    }
}
