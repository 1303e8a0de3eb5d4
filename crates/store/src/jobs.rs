//! The queue: jobs that survive a crash.
//!
//! A worker claims a job for the length of a lease and renews it while it works. A worker that dies
//! lets its lease run out, and the job is claimed again, up to its number of attempts; after that
//! it is `dead`, and whoever buries it ends what it was for.

use model::Timestamp;

use crate::rows::{row, text};
use crate::{Pool, Result, Store, read, write};

row! {
    /// A claimed job.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Job {
        pub id: i64,
        pub kind: String,
        pub payload: String,
        pub attempts: i64,
        pub max_attempts: i64,
    }
}

/// A job to be.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub kind: &'static str,
    pub payload: String,
    pub run_at: Timestamp,
    pub max_attempts: i64,
}

/// Which jobs a worker looks at, so that a queue full of one kind holds up no other.
#[derive(Debug, Clone, Copy)]
pub enum Lane {
    /// Jobs of this kind.
    Only(&'static str),
    /// Jobs of any other kind.
    AllBut(&'static str),
}

pub(crate) const INSERT_JOB: &str = "
    INSERT INTO jobs (kind, payload, state, run_at, attempts, max_attempts, lease_until, created_at)
    VALUES ($1, $2, 'ready', $3, 0, $4, 0, $5)";

/// Queues a job inside a transaction.
macro_rules! insert_job {
    ($tx:ident, $job:expr, $now:expr) => {
        sqlx::query(crate::jobs::INSERT_JOB)
            .bind($job.kind)
            .bind(&$job.payload)
            .bind($job.run_at.0)
            .bind($job.max_attempts)
            .bind($now.0)
            .execute(&mut *$tx)
            .await?
    };
}
pub(crate) use insert_job;

impl Store {
    /// Claims the job of a lane that has been due longest, for `lease_ms`.
    pub async fn claim_job(
        &self,
        worker: &str,
        lane: Lane,
        now: Timestamp,
        lease_ms: i64,
    ) -> Result<Option<Job>> {
        /// The same statement for both; PostgreSQL also has to step over rows that another node is
        /// claiming at this moment.
        macro_rules! claim {
            ($which:literal, $lock:literal) => {
                concat!(
                    "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_owner = $1,
                         lease_until = $3
                     WHERE id = (
                         SELECT id FROM jobs
                         WHERE run_at <= $2 AND attempts < max_attempts AND kind ", $which, " $4
                             AND (state = 'ready' OR (state = 'running' AND lease_until <= $2))
                         ORDER BY run_at, id
                         LIMIT 1 ", $lock, ")
                     RETURNING id, kind, payload, attempts, max_attempts"
                )
            };
        }
        let (sql, kind) = match (&self.pool, lane) {
            (Pool::Sqlite { .. }, Lane::Only(kind)) => (claim!("=", ""), kind),
            (Pool::Sqlite { .. }, Lane::AllBut(kind)) => (claim!("<>", ""), kind),
            (Pool::Postgres(_), Lane::Only(kind)) => (claim!("=", "FOR UPDATE SKIP LOCKED"), kind),
            (Pool::Postgres(_), Lane::AllBut(kind)) => {
                (claim!("<>", "FOR UPDATE SKIP LOCKED"), kind)
            }
        };
        Ok(write!(self, tx => {
            Ok(sqlx::query_as(sql)
                .bind(worker)
                .bind(now.0)
                .bind(now.plus_ms(lease_ms).0)
                .bind(kind)
                .fetch_optional(&mut *tx)
                .await?)
        }))
    }

    /// Lengthens the leases of everything a worker is running.
    pub async fn renew_leases(&self, worker: &str, until: Timestamp) -> Result<()> {
        const SQL: &str =
            "UPDATE jobs SET lease_until = $2 WHERE lease_owner = $1 AND state = 'running'";
        write!(self, tx => {
            sqlx::query(SQL).bind(worker).bind(until.0).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }

    /// Marks a job as done.
    pub async fn finish_job(&self, id: i64, worker: &str) -> Result<()> {
        const SQL: &str = "UPDATE jobs SET state = 'done' WHERE id = $1 AND lease_owner = $2 AND state = 'running'";
        write!(self, tx => {
            sqlx::query(SQL).bind(id).bind(worker).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }

    /// Puts a job back for another attempt at `run_at`, with what went wrong.
    pub async fn retry_job(
        &self,
        id: i64,
        worker: &str,
        run_at: Timestamp,
        error: &str,
    ) -> Result<()> {
        const SQL: &str = "
            UPDATE jobs SET state = 'ready', run_at = $3, last_error = $4
            WHERE id = $1 AND lease_owner = $2 AND state = 'running'";
        write!(self, tx => {
            sqlx::query(SQL).bind(id).bind(worker).bind(run_at.0).bind(text(error)).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }

    /// Hands back everything a worker is running, without counting the attempt: it is shutting down.
    pub async fn release_jobs(&self, worker: &str) -> Result<u64> {
        const SQL: &str = "
            UPDATE jobs SET state = 'ready', attempts = attempts - 1, lease_until = 0
            WHERE lease_owner = $1 AND state = 'running'";
        Ok(
            write!(self, tx => { Ok(sqlx::query(SQL).bind(worker).execute(&mut *tx).await?.rows_affected()) }),
        )
    }

    /// Makes every running job claimable at once. Only for a store that no other process works on:
    /// whoever held the leases is dead.
    pub async fn release_leases_of_the_dead(&self) -> Result<u64> {
        const SQL: &str = "UPDATE jobs SET lease_until = 0 WHERE state = 'running'";
        Ok(write!(self, tx => { Ok(sqlx::query(SQL).execute(&mut *tx).await?.rows_affected()) }))
    }

    /// Returns the jobs whose attempts are used up and that nobody is running.
    ///
    /// Whoever asks ends what each was for, then buries it, in that order: a crash in between finds
    /// the job here again.
    pub async fn spent_jobs(&self, now: Timestamp) -> Result<Vec<Job>> {
        const SQL: &str = "
            SELECT id, kind, payload, attempts, max_attempts FROM jobs
            WHERE attempts >= max_attempts
                AND (state = 'ready' OR (state = 'running' AND lease_until <= $1))
            ORDER BY id
            LIMIT 100";
        Ok(read!(self, pool => sqlx::query_as(SQL).bind(now.0).fetch_all(pool).await?))
    }

    /// Takes a spent job out of the queue for good.
    pub async fn bury_job(&self, id: i64) -> Result<()> {
        const SQL: &str = "
            UPDATE jobs SET state = 'dead'
            WHERE id = $1 AND attempts >= max_attempts AND state IN ('ready', 'running')";
        write!(self, tx => {
            sqlx::query(SQL).bind(id).execute(&mut *tx).await?;
            Ok(())
        });
        Ok(())
    }

    /// Forgets up to `limit` jobs of a kind that ended and were due at `until` or before. What is to
    /// be queued once stays, since its row is what says that it was. Returns how many.
    pub async fn forget_jobs(&self, kind: &str, until: Timestamp, limit: i64) -> Result<u64> {
        const SQL: &str = "
            DELETE FROM jobs WHERE id IN (
                SELECT id FROM jobs
                WHERE state IN ('done', 'dead', 'canceled') AND run_at <= $2 AND kind = $1
                    AND unique_key IS NULL
                ORDER BY id LIMIT $3)";
        Ok(write!(self, tx => {
            Ok(sqlx::query(SQL)
                .bind(kind)
                .bind(until.0)
                .bind(limit)
                .execute(&mut *tx)
                .await?
                .rows_affected())
        }))
    }

    /// Returns how many jobs wait or run.
    pub async fn queue_depth(&self) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM jobs WHERE state IN ('ready', 'running')";
        Ok(read!(self, pool => sqlx::query_scalar(SQL).fetch_one(pool).await?))
    }

    /// Returns how many jobs of each kind wait or run.
    pub async fn queue_depths(&self) -> Result<Vec<(String, i64)>> {
        const SQL: &str = "
            SELECT kind, COUNT(*) FROM jobs WHERE state IN ('ready', 'running')
            GROUP BY kind ORDER BY kind";
        Ok(read!(self, pool => sqlx::query_as(SQL).fetch_all(pool).await?))
    }

    /// Queues a job, unless one with that key was ever queued. Returns whether it was queued now.
    pub async fn enqueue_once(&self, job: &NewJob, key: &str, now: Timestamp) -> Result<bool> {
        const SQL: &str = "
            INSERT INTO jobs (kind, payload, state, run_at, attempts, max_attempts, lease_until,
                created_at, unique_key)
            VALUES ($1, $2, 'ready', $3, 0, $4, 0, $5, $6)
            ON CONFLICT (unique_key) DO NOTHING";
        let queued = write!(self, tx => {
            Ok(sqlx::query(SQL)
                .bind(job.kind)
                .bind(&job.payload)
                .bind(job.run_at.0)
                .bind(job.max_attempts)
                .bind(now.0)
                .bind(key)
                .execute(&mut *tx)
                .await?
                .rows_affected())
        });
        Ok(queued > 0)
    }

    /// Queues a job.
    pub async fn enqueue(&self, job: &NewJob, now: Timestamp) -> Result<()> {
        write!(self, tx => {
            sqlx::query(INSERT_JOB)
                .bind(job.kind)
                .bind(&job.payload)
                .bind(job.run_at.0)
                .bind(job.max_attempts)
                .bind(now.0)
                .execute(&mut *tx)
                .await?;
            Ok(())
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::testing::store_test;

    async fn enqueue(store: &Store, jobs: i64) {
        for job in 0..jobs {
            let job = NewJob {
                kind: "run_scan",
                payload: job.to_string(),
                run_at: Timestamp(job),
                max_attempts: 2,
            };
            store.enqueue(&job, Timestamp(0)).await.unwrap();
        }
    }

    store_test! {
        async fn eight_workers_claim_each_job_once(store: Store, _address: String) {
            enqueue(&store, 40).await;
            let workers: Vec<_> = (0..8).map(|worker| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut claimed = Vec::new();
                    while let Some(job) = store.claim_job(&format!("w{worker}"), Lane::Only("run_scan"), Timestamp(100), 1_000).await.unwrap() {
                        claimed.push(job.id);
                    }
                    claimed
                })
            }).collect();
            let mut all = Vec::new();
            for worker in workers {
                all.extend(worker.await.unwrap());
            }
            assert_eq!(all.len(), 40);
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 40);
        }

        async fn two_schedulers_queue_one_job(store: Store, _address: String) {
            let job = NewJob { kind: "run_schedule", payload: "7".to_owned(), run_at: Timestamp(5), max_attempts: 2 };
            let (first, second) = tokio::join!(
                store.enqueue_once(&job, "schedule 7 at 5", Timestamp(5)),
                store.enqueue_once(&job, "schedule 7 at 5", Timestamp(5)),
            );
            assert!(first.unwrap() ^ second.unwrap());
            assert!(store.claim_job("a", Lane::AllBut("run_schedule"), Timestamp(5), 10).await.unwrap().is_none());
            let claimed = store.claim_job("a", Lane::AllBut("run_scan"), Timestamp(5), 10).await.unwrap().unwrap();
            store.finish_job(claimed.id, "a").await.unwrap();
            assert!(!store.enqueue_once(&job, "schedule 7 at 5", Timestamp(6)).await.unwrap());
            assert!(store.enqueue_once(&job, "schedule 7 at 9", Timestamp(6)).await.unwrap());
        }

        async fn a_dead_workers_job_comes_back_until_its_attempts_are_used_up(store: Store, _address: String) {
            enqueue(&store, 1).await;
            let first = store.claim_job("a", Lane::Only("run_scan"), Timestamp(10), 5).await.unwrap().unwrap();
            assert_eq!(first.attempts, 1);
            assert!(store.claim_job("b", Lane::Only("run_scan"), Timestamp(14), 5).await.unwrap().is_none());
            store.renew_leases("a", Timestamp(20)).await.unwrap();
            assert!(store.claim_job("b", Lane::Only("run_scan"), Timestamp(16), 5).await.unwrap().is_none());
            assert_eq!(store.claim_job("b", Lane::Only("run_scan"), Timestamp(20), 5).await.unwrap().unwrap().attempts, 2);
            // The first worker wakes up too late: the job is no longer its own.
            store.finish_job(first.id, "a").await.unwrap();
            assert_eq!(store.queue_depth().await.unwrap(), 1);
            assert!(store.claim_job("c", Lane::Only("run_scan"), Timestamp(30), 5).await.unwrap().is_none());
            assert_eq!(store.spent_jobs(Timestamp(30)).await.unwrap().len(), 1);
            store.bury_job(first.id).await.unwrap();
            assert!(store.spent_jobs(Timestamp(30)).await.unwrap().is_empty());
            assert_eq!(store.queue_depth().await.unwrap(), 0);
        }

        async fn what_ended_is_forgotten_and_what_happens_once_is_not(store: Store, _address: String) {
            enqueue(&store, 3).await;
            let once = NewJob { kind: "run_scan", payload: String::new(), run_at: Timestamp(0), max_attempts: 2 };
            store.enqueue_once(&once, "a", Timestamp(0)).await.unwrap();
            for _ in 0..3 {
                let job = store.claim_job("a", Lane::Only("run_scan"), Timestamp(10), 5).await.unwrap().unwrap();
                store.finish_job(job.id, "a").await.unwrap();
            }
            assert_eq!(store.forget_jobs("send_mail", Timestamp(9), 10).await.unwrap(), 0);
            assert_eq!(store.forget_jobs("run_scan", Timestamp(0), 10).await.unwrap(), 1);
            assert_eq!(store.forget_jobs("run_scan", Timestamp(9), 10).await.unwrap(), 1);
            assert_eq!(store.queue_depth().await.unwrap(), 1);
            assert!(!store.enqueue_once(&once, "a", Timestamp(0)).await.unwrap());
        }

        async fn handing_back_costs_no_attempt(store: Store, _address: String) {
            enqueue(&store, 1).await;
            store.claim_job("a", Lane::Only("run_scan"), Timestamp(10), 1_000).await.unwrap().unwrap();
            assert_eq!(store.release_jobs("a").await.unwrap(), 1);
            let again = store.claim_job("b", Lane::Only("run_scan"), Timestamp(11), 1_000).await.unwrap().unwrap();
            assert_eq!(again.attempts, 1);
            store.retry_job(again.id, "b", Timestamp(50), "broke").await.unwrap();
            assert!(store.claim_job("b", Lane::Only("run_scan"), Timestamp(49), 1_000).await.unwrap().is_none());
            assert!(store.claim_job("b", Lane::Only("run_scan"), Timestamp(50), 1_000).await.unwrap().is_some());
        }

        async fn a_restart_takes_over_at_once(store: Store, _address: String) {
            enqueue(&store, 1).await;
            store.claim_job("dead", Lane::Only("run_scan"), Timestamp(10), 1_000_000).await.unwrap().unwrap();
            assert_eq!(store.release_leases_of_the_dead().await.unwrap(), 1);
            assert!(store.claim_job("new", Lane::Only("run_scan"), Timestamp(11), 1_000).await.unwrap().is_some());
        }
    }
}
