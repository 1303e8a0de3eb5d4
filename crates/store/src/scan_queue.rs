//! How a scan gets into the queue: the month's quota, how many may be under way, one job.
//!
//! The row of the month is taken first. It makes requests of one account follow each other, so the
//! statement that counts what is under way sees every scan that was let in before; only around the
//! turn of a month do two rows stand for one account. What is under way is read from the scans
//! themselves: a node that dies leaves no place taken for good, because its scans go on elsewhere or
//! are given up.

use model::{AuditAction, DomainName, ModuleId, Proof, ScanProfile, ScanSource, Timestamp};
use serde_json::json;

use crate::audit::audit;
use crate::jobs::INSERT_JOB;
use crate::once::{Claim, claim, settle};
use crate::rows;
use crate::scans::scan_columns;
use crate::{Act, NewJob, Once, Result, Scan, Store, read, write};

/// A scan to be.
#[derive(Debug, Clone)]
pub struct NewScan {
    pub domain: DomainName,
    pub source: ScanSource,
    pub api_key_id: Option<i64>,
    pub requested_modules: Vec<ModuleId>,
    /// What makes the scan intrusive; it is kept in the audit log.
    pub consent: Option<Consent>,
}

/// Who wants attacks tried, and what shows that the domain is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub act: Act,
    pub proof: Proof,
    /// The name of the record or the URL of the file.
    pub place: String,
}

#[cfg(test)]
impl NewScan {
    /// A scan of everything.
    pub(crate) fn plain(domain: &str) -> Self {
        Self {
            domain: DomainName::parse(domain).unwrap(),
            source: ScanSource::Api,
            api_key_id: None,
            requested_modules: Vec::new(),
            consent: None,
        }
    }
}

/// What an account's plan lets it scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanAllowance {
    /// Scans of a calendar month.
    pub a_month: i64,
    /// Scans that are queued or running at the same time.
    pub at_once: i64,
}

/// What became of the wish for a scan.
#[derive(Debug, Clone, PartialEq)]
pub enum Queued {
    Now(Scan),
    /// The same request queued it before; this is its present state.
    Before(Scan),
    /// The idempotency key stands for another request.
    KeyReused,
    MonthUsedUp,
    /// As many are queued or running as the plan allows. Nothing was taken.
    TooManyAtOnce,
}

impl Store {
    /// Takes one scan from the account's month and queues it with its job, whose payload becomes
    /// the scan's id. Anything but [`Queued::Now`] changes nothing.
    pub async fn queue_scan(
        &self,
        account: i64,
        scan: &NewScan,
        job: &NewJob,
        allowance: ScanAllowance,
        once: Option<&Once>,
        now: Timestamp,
    ) -> Result<Queued> {
        const TAKE: &str = "
            INSERT INTO quota_usage (account_id, month, scans) VALUES ($1, $2, 1)
            ON CONFLICT (account_id, month) DO UPDATE SET scans = quota_usage.scans + 1
            WHERE quota_usage.scans < $3";
        const GIVE_BACK: &str =
            "UPDATE quota_usage SET scans = scans - 1 WHERE account_id = $1 AND month = $2";
        const MADE: &str =
            concat!("SELECT ", scan_columns!(), " FROM scans WHERE account_id = $1 AND id = $2");
        const SCAN: &str = concat!(
            "INSERT INTO scans (account_id, api_key_id, domain, status, source, requested_modules,
                 profile, month, queued_at, progress, critical_issues, high_issues, medium_issues,
                 low_issues, info_issues)
             SELECT $1, $2, $3, 'queued', $4, $5, $9, $6, $7, '[]', 0, 0, 0, 0, 0
             WHERE (SELECT COUNT(*) FROM scans
                    WHERE account_id = $1 AND status IN ('queued', 'running')) < $8
             RETURNING ",
            scan_columns!()
        );
        if allowance.a_month < 1 {
            return Ok(Queued::MonthUsedUp);
        }
        let month = now.month();
        let profile = match scan.consent {
            Some(_) => ScanProfile::Intrusive,
            None => ScanProfile::Safe,
        };
        let modules = rows::json(&scan.requested_modules)?;
        let queued = write!(self, tx => {
            match claim!(tx, account, once, now) {
                Claim::First => {}
                Claim::Other => return Ok(Queued::KeyReused),
                Claim::Made(id) => {
                    let scan = sqlx::query_as(MADE).bind(account).bind(id).fetch_one(&mut *tx).await?;
                    return Ok(Queued::Before(scan));
                }
            }
            let taken = sqlx::query(TAKE)
                .bind(account)
                .bind(month.as_str())
                .bind(allowance.a_month)
                .execute(&mut *tx)
                .await?;
            if taken.rows_affected() == 0 {
                settle!(tx, account, once, None);
                return Ok(Queued::MonthUsedUp);
            }
            let queued: Option<Scan> = sqlx::query_as(SCAN)
                .bind(account)
                .bind(scan.api_key_id)
                .bind(scan.domain.as_str())
                .bind(scan.source.as_str())
                .bind(&modules)
                .bind(month.as_str())
                .bind(now.0)
                .bind(allowance.at_once)
                .bind(profile.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            let Some(queued) = queued else {
                sqlx::query(GIVE_BACK).bind(account).bind(month.as_str()).execute(&mut *tx).await?;
                settle!(tx, account, once, None);
                return Ok(Queued::TooManyAtOnce);
            };
            sqlx::query(INSERT_JOB)
                .bind(job.kind)
                .bind(queued.id.to_string())
                .bind(job.run_at.0)
                .bind(job.max_attempts)
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
            if let Some(consent) = &scan.consent {
                let target = format!("scan:{}", queued.id);
                let detail = json!({
                    "domain": scan.domain,
                    "proof": consent.proof,
                    "place": consent.place,
                });
                let action = AuditAction::ScanIntrusiveRequested;
                audit!(self, tx, account, &consent.act, action, Some(&target), detail);
            }
            settle!(tx, account, once, Some(queued.id));
            Ok(Queued::Now(queued))
        });
        Ok(queued)
    }

    /// Returns how many scans of all accounts wait in the queue before that one.
    pub async fn count_queued_before(&self, id: i64) -> Result<i64> {
        // The first condition is that of the index, to the letter.
        const SQL: &str = "
            SELECT COUNT(*) FROM scans
            WHERE status IN ('queued', 'running') AND status = 'queued' AND id < $1";
        Ok(read!(self, pool => sqlx::query_scalar(SQL).bind(id).fetch_one(pool).await?))
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::testing::store_test;
    use crate::{NewUser, Refund};

    const NOW: Timestamp = Timestamp(1_795_509_096_007);

    async fn account(store: &Store, email: &str) -> i64 {
        let user = NewUser::plain(email, Role::User);
        store.create_user(&user, NOW).await.unwrap().unwrap().account_id
    }

    fn job() -> NewJob {
        NewJob { kind: "run_scan", payload: String::new(), run_at: NOW, max_attempts: 3 }
    }

    fn month_of(a_month: i64) -> ScanAllowance {
        ScanAllowance { a_month, at_once: 1_000 }
    }

    async fn ask(store: &Store, account: i64, allowance: ScanAllowance) -> Queued {
        let scan = NewScan::plain("example.com");
        store.queue_scan(account, &scan, &job(), allowance, None, NOW).await.unwrap()
    }

    store_test! {
        async fn the_quota_holds_when_fifty_requests_race(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let racers: Vec<_> = (0..50).map(|_| {
                let store = store.clone();
                tokio::spawn(async move { matches!(ask(&store, owner, month_of(3)).await, Queued::Now(_)) })
            }).collect();
            let mut queued = 0;
            for racer in racers {
                queued += usize::from(racer.await.unwrap());
            }
            assert_eq!(queued, 3);
            assert_eq!(store.scans_this_month(owner, NOW).await.unwrap(), 3);
        }

        async fn fifty_equal_requests_queue_and_charge_one_scan(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let scan = NewScan::plain("example.com");
            let ask = |fingerprint: &str, limit, at| {
                let (store, scan, once) = (store.clone(), scan.clone(), Once::plain("k", fingerprint));
                async move { store.queue_scan(owner, &scan, &job(), month_of(limit), Some(&once), at).await.unwrap() }
            };
            // What is refused leaves no trace of the key.
            assert_eq!(ask("a", 0, NOW).await, Queued::MonthUsedUp);
            let racers: Vec<_> = (0..50).map(|_| tokio::spawn(ask("b", 3, NOW))).collect();
            let (mut now, mut ids) = (0, std::collections::BTreeSet::new());
            for racer in racers {
                match racer.await.unwrap() {
                    Queued::Now(scan) => { now += 1; ids.insert(scan.id); }
                    Queued::Before(scan) => { ids.insert(scan.id); }
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!((now, ids.len()), (1, 1));
            assert_eq!(store.scans_this_month(owner, NOW).await.unwrap(), 1);
            assert_eq!(ask("c", 3, NOW).await, Queued::KeyReused);
            let stranger = account(&store, "b@example.com").await;
            let other = store.queue_scan(stranger, &scan, &job(), month_of(1), Some(&Once::plain("k", "b")), NOW).await.unwrap();
            assert!(matches!(other, Queued::Now(_)), "{other:?}");
            // Used up, and then a day later the key is free again.
            let spent = store.queue_scan(stranger, &scan, &job(), month_of(1), Some(&Once::plain("k2", "b")), NOW).await.unwrap();
            assert_eq!(spent, Queued::MonthUsedUp);
            let tomorrow = NOW.plus_ms(model::DAY_MS);
            assert_eq!(store.forget_idempotency_keys(tomorrow.plus_ms(-1), 100).await.unwrap(), 0);
            assert!(matches!(ask("c", 3, tomorrow).await, Queued::Now(_)));
            assert_eq!(store.forget_idempotency_keys(tomorrow, 100).await.unwrap(), 1);
        }

        async fn no_more_are_under_way_than_the_plan_allows_when_fifty_race(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let few = ScanAllowance { a_month: 100, at_once: 4 };
            let racers: Vec<_> = (0..50).map(|_| {
                let store = store.clone();
                tokio::spawn(async move { ask(&store, owner, few).await })
            }).collect();
            let mut ids = Vec::new();
            for racer in racers {
                match racer.await.unwrap() {
                    Queued::Now(scan) => ids.push(scan.id),
                    other => assert_eq!(other, Queued::TooManyAtOnce),
                }
            }
            assert_eq!(ids.len(), 4);
            assert_eq!(store.scans_this_month(owner, NOW).await.unwrap(), 4, "a refusal is not charged");
            // One that runs keeps its place, one that has ended makes room for one.
            store.start_scan(ids[0], NOW).await.unwrap().unwrap();
            assert_eq!(ask(&store, owner, few).await, Queued::TooManyAtOnce);
            assert!(store.fail_scan(ids[0], "broke", Refund::No, NOW).await.unwrap());
            assert!(matches!(ask(&store, owner, few).await, Queued::Now(_)));
            assert_eq!(ask(&store, owner, few).await, Queued::TooManyAtOnce);
            // A month that is used up is the reason that waiting does not cure.
            let spent = ScanAllowance { a_month: 5, at_once: 4 };
            assert_eq!(ask(&store, owner, spent).await, Queued::MonthUsedUp);
            let stranger = account(&store, "b@example.com").await;
            assert!(matches!(ask(&store, stranger, few).await, Queued::Now(_)));
        }

        async fn an_intrusive_scan_is_queued_with_who_consented(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let consent = Consent {
                act: Act { actor: "key:abc".to_owned(), ip: Some("192.0.2.1".to_owned()), at: NOW },
                proof: Proof::Record,
                place: "_compliancelayer.example.com".to_owned(),
            };
            let scan = NewScan { consent: Some(consent), ..NewScan::plain("example.com") };
            let (due, once) = (job(), Once::plain("k", "a"));
            let ask = |limit| store.queue_scan(owner, &scan, &due, month_of(limit), Some(&once), NOW);
            let entries = async || {
                let log = store.list_audit_log(owner, None, 10).await.unwrap();
                log.into_iter().filter(|entry| entry.action == "scan.intrusive_requested").collect::<Vec<_>>()
            };
            assert_eq!(ask(0).await.unwrap(), Queued::MonthUsedUp);
            assert_eq!(entries().await.len(), 0, "what is refused was not done");
            let Queued::Now(queued) = ask(9).await.unwrap() else { panic!("there is room") };
            assert_eq!(queued.profile, ScanProfile::Intrusive);
            assert!(matches!(ask(9).await.unwrap(), Queued::Before(_)));
            let entries = entries().await;
            assert_eq!(entries.len(), 1, "a repeat asks for nothing new");
            assert_eq!((entries[0].actor.as_str(), entries[0].ip.as_deref()), ("key:abc", Some("192.0.2.1")));
            assert_eq!(entries[0].target, Some(format!("scan:{}", queued.id)));
            let detail = json!({ "domain": "example.com", "proof": "record", "place": "_compliancelayer.example.com" });
            assert_eq!(entries[0].detail, detail);
            let Queued::Now(safe) = store.queue_scan(owner, &NewScan::plain("example.com"), &due, month_of(9), None, NOW).await.unwrap() else { panic!("there is room") };
            assert_eq!(safe.profile, ScanProfile::Safe);
        }

        async fn a_scan_refused_for_the_crowd_leaves_its_idempotency_key_free(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let one = ScanAllowance { a_month: 9, at_once: 1 };
            let Queued::Now(first) = ask(&store, owner, one).await else { panic!("there is room") };
            let scan = NewScan::plain("example.com");
            let (due, once) = (job(), Once::plain("k", "a"));
            let again = || store.queue_scan(owner, &scan, &due, one, Some(&once), NOW);
            assert_eq!(again().await.unwrap(), Queued::TooManyAtOnce);
            store.cancel_scan(owner, first.id, NOW).await.unwrap();
            assert!(matches!(again().await.unwrap(), Queued::Now(_)));
            let Queued::Before(made) = again().await.unwrap() else { panic!("a repeat needs no place") };
            assert_eq!(store.find_made(owner, &once).await.unwrap(), Some(made.id));
            assert_eq!(store.find_made(owner, &Once::plain("k", "b")).await.unwrap(), None);
            let stranger = account(&store, "b@example.com").await;
            assert_eq!(store.find_made(stranger, &once).await.unwrap(), None);
        }

        async fn those_who_wait_before_are_counted(store: Store, _address: String) {
            let owner = account(&store, "a@example.com").await;
            let stranger = account(&store, "b@example.com").await;
            let mut ids = Vec::new();
            for account in [owner, stranger, owner] {
                let Queued::Now(scan) = ask(&store, account, month_of(9)).await else { panic!("there is room") };
                ids.push(scan.id);
            }
            let before = async || store.count_queued_before(ids[2]).await.unwrap();
            assert_eq!(before().await, 2);
            store.start_scan(ids[0], NOW).await.unwrap().unwrap();
            assert_eq!(before().await, 1, "one that runs waits no more");
            store.cancel_scan(stranger, ids[1], NOW).await.unwrap();
            assert_eq!(before().await, 0);
        }
    }
}
