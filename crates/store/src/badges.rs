//! Domains whose newest score anybody may see.

use model::{Grade, Timestamp};

use crate::rows::{row, text};
use crate::{Result, Store, read, write};

row! {
    /// What a badge shows.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct BadgeScore {
        pub score: i64,
        pub grade: Grade,
        pub completed_at: Timestamp,
    }
}

impl Store {
    /// Switches the badge of a domain on, which an account has scanned with all modules. Returns whether
    /// it has.
    pub async fn switch_badge_on(
        &self,
        account: i64,
        domain: &str,
        now: Timestamp,
    ) -> Result<bool> {
        const KNOWN: &str = "
            SELECT COUNT(*) FROM (SELECT id FROM scans
                WHERE account_id = $1 AND status = 'completed' AND domain = $2
                    AND requested_modules = '[]'
                LIMIT 1) known";
        const SQL: &str = "
            INSERT INTO badges (account_id, domain, created_at) VALUES ($1, $2, $3)
            ON CONFLICT (account_id, domain) DO NOTHING";
        Ok(write!(self, tx => {
            let known: i64 =
                sqlx::query_scalar(KNOWN).bind(account).bind(text(domain)).fetch_one(&mut *tx).await?;
            if known > 0 {
                sqlx::query(SQL).bind(account).bind(text(domain)).bind(now.0).execute(&mut *tx).await?;
            }
            Ok(known > 0)
        }))
    }

    /// Switches the badge of a domain off.
    pub async fn switch_badge_off(&self, account: i64, domain: &str) -> Result<()> {
        const SQL: &str = "DELETE FROM badges WHERE account_id = $1 AND domain = $2";
        write!(self, tx => {
            sqlx::query(SQL).bind(account).bind(text(domain)).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }

    /// Returns whether an account has the badge of a domain switched on.
    pub async fn has_badge(&self, account: i64, domain: &str) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM badges WHERE account_id = $1 AND domain = $2";
        let found: i64 = read!(self, pool => {
            sqlx::query_scalar(SQL).bind(account).bind(text(domain)).fetch_one(pool).await?
        });
        Ok(found > 0)
    }

    /// Returns the newest score of a domain among the accounts that have its badge switched on and may
    /// work. Only scans of all modules count: whoever asks for the best one alone has no grade to show.
    pub async fn find_badge(&self, domain: &str) -> Result<Option<BadgeScore>> {
        const SQL: &str = "
            SELECT s.score, s.grade, s.completed_at
            FROM badges b
            JOIN accounts a ON a.id = b.account_id AND a.state = 'active'
            JOIN scans s ON s.id = (SELECT id FROM scans
                WHERE account_id = b.account_id AND status = 'completed' AND domain = $1
                    AND requested_modules = '[]'
                ORDER BY id DESC LIMIT 1)
            WHERE b.domain = $1
            ORDER BY s.completed_at DESC
            LIMIT 1";
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(text(domain)).fetch_optional(pool).await?))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::{ModuleId, Role};

    use super::*;
    use crate::testing::store_test;
    use crate::{Ended, NewJob, NewScan, NewUser, Queued, ScanAllowance};

    async fn account(store: &Store, email: &str) -> i64 {
        let user = NewUser::plain(email, Role::User);
        store.create_user(&user, Timestamp(1)).await.unwrap().unwrap().account_id
    }

    async fn scored(store: &Store, account: i64, score: u8, at: i64) {
        scored_with(store, account, &[], score, at).await;
    }

    async fn scored_with(store: &Store, account: i64, modules: &[ModuleId], score: u8, at: i64) {
        let job = NewJob {
            kind: "run_scan",
            payload: String::new(),
            run_at: Timestamp(1),
            max_attempts: 3,
        };
        let allowance = ScanAllowance { a_month: 9, at_once: 9 };
        let new = NewScan { requested_modules: modules.to_vec(), ..NewScan::plain("example.com") };
        let queued =
            store.queue_scan(account, &new, &job, allowance, None, Timestamp(1)).await.unwrap();
        let Queued::Now(scan) = queued else { panic!("{queued:?}") };
        let ended = Ended {
            score,
            grade: Grade::of(score),
            critical_issues: 0,
            high_issues: 0,
            medium_issues: 0,
            low_issues: 0,
            info_issues: 0,
            duration_ms: 5,
            catalogue_version: 7,
        };
        let none = serde_json::json!([]);
        let done =
            store.finish_scan(scan.id, &ended, "{}", &BTreeMap::new(), &none, Timestamp(at)).await;
        assert!(done.unwrap());
    }

    store_test! {
        async fn a_badge_shows_the_newest_score_of_those_who_switched_it_on(store: Store, _address: String) {
            let (ann, bob) = (account(&store, "a@example.com").await, account(&store, "b@example.com").await);
            let shown = async || store.find_badge("example.com").await.unwrap().map(|badge| badge.score);
            assert!(!store.switch_badge_on(ann, "example.com", Timestamp(1)).await.unwrap(), "never scanned");
            scored(&store, ann, 80, 10).await;
            scored(&store, bob, 60, 20).await;
            assert_eq!(shown().await, None);
            for _ in 0..2 {
                assert!(store.switch_badge_on(ann, "example.com", Timestamp(1)).await.unwrap());
            }
            assert_eq!(shown().await, Some(80));
            assert!(store.has_badge(ann, "example.com").await.unwrap() && !store.has_badge(bob, "example.com").await.unwrap());
            scored(&store, ann, 90, 15).await;
            assert_eq!(shown().await, Some(90));
            assert!(store.switch_badge_on(bob, "example.com", Timestamp(1)).await.unwrap());
            assert_eq!(shown().await, Some(60));
            store.switch_badge_off(bob, "example.com").await.unwrap();
            store.switch_badge_off(ann, "example.com").await.unwrap();
            assert_eq!(shown().await, None);
        }

        async fn a_scan_of_the_best_module_is_no_badge(store: Store, _address: String) {
            let ann = account(&store, "a@example.com").await;
            let shown = async || store.find_badge("example.com").await.unwrap().map(|badge| badge.score);
            scored_with(&store, ann, &[ModuleId::Cookies], 100, 10).await;
            assert!(!store.switch_badge_on(ann, "example.com", Timestamp(1)).await.unwrap());
            scored(&store, ann, 40, 20).await;
            assert!(store.switch_badge_on(ann, "example.com", Timestamp(1)).await.unwrap());
            scored_with(&store, ann, &[ModuleId::Cookies], 100, 30).await;
            assert_eq!(shown().await, Some(40));
        }
    }
}
