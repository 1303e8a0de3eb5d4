//! Work that outlives a request: the queue's consumers.
//!
//! Each worker claims a job for the length of a lease and renews it while it runs. A server that dies lets its leases run out, and another takes over; on the embedded store,
//! which one server owns, that happens at the next start at once. Whatever a job does may happen
//! twice; each says in its file why that is harmless.
//!
//! On shutdown workers stop claiming, running jobs are dropped and handed back without counting the
//! attempt.
//!
//! Scans have workers of their own, so that mail and housekeeping never wait behind them.
//!
//! To add a job: a file with its `KIND` and `run`, an arm in [`run`]; if it comes back by itself, a row
//! in `schedule`.

pub(crate) mod erase_account;
mod forget;
pub(crate) mod prune_usage;
pub(crate) mod remind_of_keys;
pub(crate) mod run_scan;
mod schedule;
pub(crate) mod send_mail;
pub(crate) mod watch_usage;
pub(crate) mod write_letter;

use std::time::Duration;

use model::SECOND_MS;
use store::{Job, Lane};
use tokio::sync::Notify;

use crate::app::App;
use crate::auth::token::random_base62;

/// How long a worker owns a job without renewing.
const LEASE_MS: i64 = 20 * SECOND_MS;
/// How often a lease is renewed, and how often spent jobs are looked for.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long an idle worker sleeps when nobody wakes it: another node may have queued something.
const IDLE: Duration = Duration::from_secs(1);

/// Scans may fill the queue; mail and the like do not wait behind them.
const SCANS: Lane = Lane::Only(run_scan::KIND);
const HOUSEKEEPING: Lane = Lane::AllBut(run_scan::KIND);
/// Workers for everything but scans.
const HOUSEKEEPERS: usize = 2;

/// Wakes idle workers of this process.
#[derive(Default)]
pub(crate) struct Wake {
    scans: Notify,
    housekeeping: Notify,
}

impl Wake {
    fn of(&self, lane: Lane) -> &Notify {
        match lane {
            Lane::Only(_) => &self.scans,
            Lane::AllBut(_) => &self.housekeeping,
        }
    }

    /// Says that there is something to do.
    pub(crate) fn wake(&self) {
        self.scans.notify_one();
        self.housekeeping.notify_one();
    }
}

/// Starts the workers and their heartbeat.
pub(crate) async fn start(app: &App) -> anyhow::Result<()> {
    if app.store.is_embedded() {
        let orphans = app.store.release_leases_of_the_dead().await?;
        if orphans > 0 {
            tracing::info!(jobs = orphans, "work of an earlier run goes on");
        }
    }
    app.tasks.spawn(bury(app.clone()));
    app.tasks.spawn(forget::run(app.clone()));
    app.tasks.spawn(schedule::run(app.clone()));
    for _ in 0..app.config.scan.concurrency.get() {
        app.tasks.spawn(work(app.clone(), random_base62(12)?, SCANS));
    }
    for _ in 0..HOUSEKEEPERS {
        app.tasks.spawn(work(app.clone(), random_base62(12)?, HOUSEKEEPING));
    }
    Ok(())
}

/// `worker` is a name of its own, so that what is handed back at the end is this one's alone.
async fn work(app: App, worker: String, lane: Lane) {
    while !app.closing.is_cancelled() {
        let claimed = match app.store.claim_job(&worker, lane, app.clock.now(), LEASE_MS).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(%error, "no job could be claimed");
                None
            }
        };
        let Some(job) = claimed else {
            tokio::select! {
                () = app.wake.of(lane).notified() => {}
                () = tokio::time::sleep(IDLE) => {}
                () = app.closing.cancelled() => {}
            }
            continue;
        };
        // One wake-up may stand for several jobs, so the next worker looks too.
        app.wake.of(lane).notify_one();
        // A task of its own, so that a panic ends the job and not the worker.
        let mut running = tokio::spawn(run(app.clone(), job.clone()));
        let outcome = loop {
            tokio::select! {
                outcome = &mut running => break Some(outcome),
                () = tokio::time::sleep(HEARTBEAT) => {
                    let until = app.clock.now().plus_ms(LEASE_MS);
                    if let Err(error) = app.store.renew_leases(&worker, until).await {
                        tracing::error!(%error, job.id, "a lease could not be renewed");
                    }
                }
                () = app.closing.cancelled() => {
                    running.abort();
                    let _aborted = running.await;
                    break None;
                }
            }
        };
        let Some(outcome) = outcome else { break };
        if let Err(error) = settle(&app, &worker, &job, outcome).await {
            // The lease runs out and the job comes back.
            tracing::error!(%error, job.id, "a job could not be settled");
        }
    }
    if let Err(error) = app.store.release_jobs(&worker).await {
        tracing::warn!(%error, "running jobs could not be handed back; they come back by themselves");
    }
}

async fn settle(
    app: &App,
    worker: &str,
    job: &Job,
    outcome: Result<anyhow::Result<()>, tokio::task::JoinError>,
) -> anyhow::Result<()> {
    let error = match outcome {
        Ok(Ok(())) => {
            app.metrics.job(&job.kind, "done");
            return Ok(app.store.finish_job(job.id, worker).await?);
        }
        Ok(Err(error)) => format!("{error:#}"),
        Err(panic) => panic.to_string(),
    };
    app.metrics.job(&job.kind, "failed");
    tracing::error!(error, job.id, job.kind, attempt = job.attempts, "a job failed");
    // A mail server may be away for hours; nothing else waits that long.
    let most = match job.kind.as_str() {
        send_mail::KIND | write_letter::KIND => 12,
        _ => 8,
    };
    let pause = SECOND_MS << job.attempts.clamp(0, most);
    app.store.retry_job(job.id, worker, app.clock.now().plus_ms(pause), &error).await?;
    Ok(())
}

async fn run(app: App, job: Job) -> anyhow::Result<()> {
    match job.kind.as_str() {
        run_scan::KIND => run_scan::run(&app, &job).await,
        prune_usage::KIND => prune_usage::run(&app).await,
        remind_of_keys::KIND => remind_of_keys::run(&app).await,
        watch_usage::KIND => watch_usage::run(&app).await,
        erase_account::KIND => erase_account::run(&app, &job).await,
        send_mail::KIND => send_mail::run(&app, &job).await,
        write_letter::KIND => write_letter::run(&app, &job).await,
        other => anyhow::bail!("no job is called `{other}`; a newer server may know it"),
    }
}

/// Ends what spent jobs were for, then takes them out of the queue: a crash in between finds them
/// again.
async fn bury(app: App) {
    loop {
        let burying = async {
            for job in app.store.spent_jobs(app.clock.now()).await? {
                tracing::error!(job.id, job.kind, "a job was given up");
                if job.kind == run_scan::KIND {
                    run_scan::give_up(&app, &job).await?;
                }
                app.store.bury_job(job.id).await?;
            }
            anyhow::Ok(())
        };
        if let Err(error) = burying.await {
            tracing::error!(%error, "spent jobs could not be buried");
        }
        tokio::select! {
            () = tokio::time::sleep(HEARTBEAT) => {}
            () = app.closing.cancelled() => return,
        }
    }
}
