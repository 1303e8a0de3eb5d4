//! The domains that an account has reports of, and how their scores went.

use model::{Grade, ModuleId, Timestamp};

use crate::key_lists::containing;
use crate::rows::{json, row, text};
use crate::scans::scan_columns;
use crate::{Result, Scan, Store, read};

row! {
    /// The score of one completed scan.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ScoredScan {
        pub id: i64,
        pub domain: String,
        pub completed_at: Timestamp,
        pub score: i64,
        pub grade: Grade,
        pub critical_issues: i64,
        pub high_issues: i64,
        /// `None` for scans from before it was kept.
        pub catalogue_version: Option<i64>,
    }
}

/// Which domains a list shows.
#[derive(Debug, Clone, Default)]
pub struct DomainFilter {
    /// A part of the name.
    pub part: Option<String>,
    pub order: DomainOrder,
    /// Only domains that come after this one: the place where the last page ended.
    pub after: Option<String>,
}

/// What comes first in a list of domains. Scores and times are those of the newest scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DomainOrder {
    #[default]
    Name,
    NameReversed,
    Best,
    Worst,
    Newest,
    Oldest,
}

impl Store {
    /// Returns the newest `each` scores of up to `limit` domains of an account: domains in the order of
    /// the filter, the scores of one from the oldest to the newest. Scans of some modules count only for
    /// domains that were never scanned whole.
    ///
    /// Steps from name to name along an index, so that it takes as long as there are names to look
    /// at, however many scans stand behind them: those of a page by name, all of them in any other
    /// order. `CROSS JOIN` keeps SQLite from beginning with the scans.
    pub async fn list_scanned_domains(
        &self,
        account: i64,
        filter: &DomainFilter,
        limit: i64,
        each: i64,
    ) -> Result<Vec<ScoredScan>> {
        // `whole` is looked up once a domain, not once a scan.
        macro_rules! listing {
            ($start:literal, $page:expr) => {
                concat!(
                    "WITH RECURSIVE names (domain) AS (
                        SELECT (SELECT domain FROM scans
                            WHERE account_id = $1 AND status = 'completed' AND domain > ",
                    $start,
                    "       ORDER BY domain LIMIT 1)
                        UNION ALL
                        SELECT (SELECT scans.domain FROM scans
                            WHERE scans.account_id = $1 AND scans.status = 'completed'
                                AND scans.domain > names.domain
                            ORDER BY scans.domain LIMIT 1)
                        FROM names WHERE names.domain IS NOT NULL
                    ), known (domain, whole) AS (
                        SELECT names.domain, (
                            SELECT requested_modules FROM scans
                            WHERE scans.account_id = $1 AND scans.status = 'completed'
                                AND scans.domain = names.domain AND scans.requested_modules = '[]'
                            LIMIT 1)
                        FROM names
                        WHERE names.domain IS NOT NULL
                            AND (CAST($3 AS TEXT) IS NULL OR names.domain LIKE $3 ESCAPE '!')
                    ), ",
                    $page,
                    ", since (domain, whole, place, oldest) AS (
                        SELECT page.domain, page.whole, page.place, COALESCE((
                            SELECT id FROM scans
                            WHERE scans.account_id = $1 AND scans.status = 'completed'
                                AND scans.domain = page.domain
                                AND (page.whole IS NULL OR scans.requested_modules = page.whole)
                            ORDER BY id DESC LIMIT 1 OFFSET $5), 0)
                        FROM page
                    )
                    SELECT s.id, s.domain, s.completed_at, s.score, s.grade, s.critical_issues,
                        s.high_issues, s.catalogue_version
                    FROM since CROSS JOIN scans s
                    WHERE s.account_id = $1 AND s.status = 'completed' AND s.domain = since.domain
                        AND s.id >= since.oldest
                        AND (since.whole IS NULL OR s.requested_modules = since.whole)
                    ORDER BY since.place, s.domain, s.id"
                )
            };
        }
        macro_rules! sorted {
            ($after:literal, $order:literal) => {
                listing!(
                    "''",
                    concat!(
                        "newest (domain, whole, id, score) AS (
                            SELECT known.domain, known.whole, s.id, s.score
                            FROM known CROSS JOIN scans s
                            WHERE s.id = (
                                SELECT id FROM scans
                                WHERE scans.account_id = $1 AND scans.status = 'completed'
                                    AND scans.domain = known.domain
                                    AND (known.whole IS NULL OR scans.requested_modules = known.whole)
                                ORDER BY id DESC LIMIT 1)
                        ), page (domain, whole, place) AS (
                            SELECT domain, whole, ROW_NUMBER() OVER (ORDER BY ",
                        $order,
                        ") FROM newest WHERE $2 = '' OR ",
                        $after,
                        " ORDER BY ",
                        $order,
                        " LIMIT $4)"
                    )
                )
            };
        }
        let sql = match filter.order {
            DomainOrder::Name => listing!(
                "$2",
                "page (domain, whole, place) AS (SELECT domain, whole, 0 FROM known LIMIT $4)"
            ),
            DomainOrder::NameReversed => sorted!("domain < $2", "domain DESC"),
            DomainOrder::Best => sorted!(
                "(score, id) < (SELECT score, id FROM newest WHERE domain = $2)",
                "score DESC, id DESC"
            ),
            DomainOrder::Worst => sorted!(
                "(score, id) > (SELECT score, id FROM newest WHERE domain = $2)",
                "score, id"
            ),
            DomainOrder::Newest => {
                sorted!("id < (SELECT id FROM newest WHERE domain = $2)", "id DESC")
            }
            DomainOrder::Oldest => {
                sorted!("id > (SELECT id FROM newest WHERE domain = $2)", "id")
            }
        };
        Ok(read!(self, pool => sqlx::query_as(sql)
            .bind(account)
            .bind(filter.after.as_deref().map_or("".into(), text))
            .bind(filter.part.as_deref().map(containing))
            .bind(limit)
            .bind(each - 1)
            .fetch_all(pool)
            .await?))
    }

    /// Returns the completed scan of a domain before one that looked at the same modules. Scores of
    /// others are not to be compared.
    pub async fn find_alike_before(&self, scan: &Scan) -> Result<Option<ScoredScan>> {
        const SQL: &str = "
            SELECT id, domain, completed_at, score, grade, critical_issues, high_issues,
                catalogue_version
            FROM scans
            WHERE account_id = $1 AND status = 'completed' AND domain = $2 AND id < $3
                AND requested_modules = $4
            ORDER BY id DESC LIMIT 1";
        let modules = json(&scan.requested_modules)?;
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(scan.account_id)
            .bind(text(&scan.domain))
            .bind(scan.id)
            .bind(&modules)
            .fetch_optional(pool)
            .await?))
    }

    /// Returns the score of one completed scan of an account.
    pub async fn find_score(&self, account: i64, scan: i64) -> Result<Option<ScoredScan>> {
        const SQL: &str = "
            SELECT id, domain, completed_at, score, grade, critical_issues, high_issues,
                catalogue_version
            FROM scans
            WHERE account_id = $1 AND status = 'completed' AND id = $2";
        Ok(
            read!(self, pool => sqlx::query_as(SQL).bind(account).bind(scan).fetch_optional(pool).await?),
        )
    }

    /// Returns the newest scores of one domain of an account, the newest first; those of scans of some
    /// modules only while it was never scanned whole.
    pub async fn list_scores(
        &self,
        account: i64,
        domain: &str,
        limit: i64,
    ) -> Result<Vec<ScoredScan>> {
        const SQL: &str = "
            SELECT id, domain, completed_at, score, grade, critical_issues, high_issues,
                catalogue_version
            FROM scans
            WHERE account_id = $1 AND status = 'completed' AND domain = $2
                AND (requested_modules = '[]' OR NOT EXISTS (
                    SELECT 1 FROM scans whole
                    WHERE whole.account_id = $1 AND whole.status = 'completed'
                        AND whole.domain = $2 AND whole.requested_modules = '[]'))
            ORDER BY id DESC
            LIMIT $3";
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(text(domain))
            .bind(limit)
            .fetch_all(pool)
            .await?))
    }

    /// Returns the newest completed scan of a domain that was asked for just these modules, none for all
    /// of them; only scans before `before`, if one is given. Scores of others say something else.
    pub async fn find_last_scan(
        &self,
        account: i64,
        domain: &str,
        modules: &[ModuleId],
        before: Option<i64>,
    ) -> Result<Option<Scan>> {
        const SQL: &str = concat!(
            "SELECT ",
            scan_columns!(),
            " FROM scans
             WHERE account_id = $1 AND status = 'completed' AND domain = $2
                AND requested_modules = $3 AND id < $4
             ORDER BY id DESC
             LIMIT 1"
        );
        let modules = json(modules)?;
        Ok(read!(self, pool => sqlx::query_as(SQL)
            .bind(account)
            .bind(text(domain))
            .bind(modules.as_str())
            .bind(before.unwrap_or(i64::MAX))
            .fetch_optional(pool)
            .await?))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::{ModuleId, Role};

    use super::*;
    use crate::testing::store_test;
    use crate::{Ended, NewJob, NewScan, NewUser, Queued, ScanAllowance};

    const NOW: Timestamp = Timestamp(1_795_509_096_007);

    async fn account(store: &Store, email: &str) -> i64 {
        let user = NewUser::plain(email, Role::User);
        store.create_user(&user, NOW).await.unwrap().unwrap().account_id
    }

    async fn queue(store: &Store, account: i64, domain: &str, modules: &[ModuleId]) -> i64 {
        let job = NewJob { kind: "run_scan", payload: String::new(), run_at: NOW, max_attempts: 3 };
        let allowance = ScanAllowance { a_month: 1_000, at_once: 1_000 };
        let scan = NewScan { requested_modules: modules.to_vec(), ..NewScan::plain(domain) };
        match store.queue_scan(account, &scan, &job, allowance, None, NOW).await.unwrap() {
            Queued::Now(scan) => scan.id,
            other => panic!("{other:?}"),
        }
    }

    async fn scored(store: &Store, account: i64, domain: &str, score: u8) {
        ended(store, queue(store, account, domain, &[]).await, score).await;
    }

    async fn ended(store: &Store, id: i64, score: u8) {
        let ended = Ended {
            score,
            grade: Grade::of(score),
            critical_issues: 0,
            high_issues: 1,
            medium_issues: 0,
            low_issues: 0,
            info_issues: 0,
            duration_ms: 5,
            catalogue_version: 7,
        };
        let none = serde_json::json!([]);
        let seen = BTreeMap::new();
        assert!(store.finish_scan(id, &ended, "{}", &seen, &none, NOW).await.unwrap());
    }

    store_test! {
        async fn each_domain_stands_once_with_its_newest_scores(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let stranger = account(&store, "b@example.com").await;
            for score in [50, 60, 70] {
                scored(&store, owner, "b.example", score).await;
                scored(&store, owner, "a.example", score + 1).await;
            }
            scored(&store, owner, "c.example", 99).await;
            scored(&store, stranger, "secret.example", 10).await;
            queue(&store, owner, "queued.example", &[]).await;
            let shown = async |part: Option<&str>, after: Option<&str>, limit: i64| {
                let (part, after) = (part.map(str::to_owned), after.map(str::to_owned));
                let filter = DomainFilter { part, after, ..DomainFilter::default() };
                let rows = store.list_scanned_domains(owner, &filter, limit, 2).await.unwrap();
                rows.into_iter().map(|row| format!("{} {}", row.domain, row.score)).collect::<Vec<_>>()
            };
            let first = ["a.example 61", "a.example 71", "b.example 60", "b.example 70"];
            assert_eq!(shown(None, None, 2).await, first);
            assert_eq!(shown(None, Some("b.example"), 2).await, ["c.example 99"]);
            assert_eq!(shown(Some("b.ex"), None, 9).await, first[2..]);
            assert!(shown(Some("%"), None, 9).await.is_empty());
            let scores = store.list_scores(owner, "a.example", 2).await.unwrap();
            assert_eq!(scores.iter().map(|row| row.score).collect::<Vec<_>>(), [71, 61]);
            let one = store.find_score(owner, scores[1].id).await.unwrap();
            assert_eq!(one.as_ref(), Some(&scores[1]));
            assert_eq!(store.find_score(stranger, scores[1].id).await.unwrap(), None);
            let newest = store.find_scan(owner, scores[0].id).await.unwrap().unwrap();
            let before = async |scan: &Scan| store.find_alike_before(scan).await.unwrap();
            assert_eq!(before(&newest).await.as_ref(), Some(&scores[1]));
            assert_eq!(before(&Scan { id: 1, ..newest.clone() }).await, None);
            assert_eq!(before(&Scan { account_id: stranger, ..newest.clone() }).await, None);
            let part = Scan { requested_modules: vec![ModuleId::Waf], ..newest };
            assert_eq!(before(&part).await, None, "it did not look at the same");
            assert!(store.list_scores(stranger, "a.example", 2).await.unwrap().is_empty());
        }

        async fn domains_are_sorted_by_what_their_newest_scan_says(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            for (domain, score) in [("b.example", 10), ("a.example", 80), ("c.example", 60), ("b.example", 70)] {
                scored(&store, owner, domain, score).await;
            }
            ended(&store, queue(&store, owner, "c.example", &[ModuleId::Cookies]).await, 100).await;
            let shown = async |order, after: Option<&str>| {
                let filter = DomainFilter { order, after: after.map(str::to_owned), part: Some("exam".to_owned()) };
                let rows = store.list_scanned_domains(owner, &filter, 2, 1).await.unwrap();
                rows.iter().map(|row| row.domain[..1].to_owned()).collect::<String>()
            };
            for (order, all) in [
                (DomainOrder::Name, "abc"),
                (DomainOrder::NameReversed, "cba"),
                (DomainOrder::Best, "abc"),
                (DomainOrder::Worst, "cba"),
                (DomainOrder::Newest, "bca"),
                (DomainOrder::Oldest, "acb"),
            ] {
                let first = shown(order, None).await;
                let last = format!("{}.example", &first[1..]);
                let rest = shown(order, Some(&last)).await;
                assert_eq!(first + &rest, all, "{order:?}");
            }
        }

        async fn a_scan_of_some_modules_is_not_taken_for_one_of_all(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let cookies = [ModuleId::Cookies];
            let last = async |modules: &[ModuleId], before| {
                let found = store.find_last_scan(owner, "a.example", modules, before).await.unwrap();
                found.map(|scan| scan.id)
            };
            let whole = queue(&store, owner, "a.example", &[]).await;
            assert_eq!(last(&[], None).await, None, "it has not ended");
            ended(&store, whole, 60).await;
            let part = queue(&store, owner, "a.example", &cookies).await;
            ended(&store, part, 100).await;
            assert_eq!((last(&[], None).await, last(&cookies, None).await), (Some(whole), Some(part)));
            assert_eq!((last(&[], Some(whole)).await, last(&cookies, Some(part)).await), (None, None));
            let other = queue(&store, owner, "b.example", &cookies).await;
            ended(&store, other, 90).await;
            let listed = store.list_scanned_domains(owner, &DomainFilter::default(), 9, 2).await.unwrap();
            assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [whole, other]);
            for (domain, scan) in [("a.example", whole), ("b.example", other)] {
                let scores = store.list_scores(owner, domain, 9).await.unwrap();
                assert_eq!(scores.iter().map(|one| one.id).collect::<Vec<_>>(), [scan], "{domain}");
            }
        }
    }
}
