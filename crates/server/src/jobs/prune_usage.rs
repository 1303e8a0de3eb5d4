//! Deletes what is older than the operator wants it kept: requests, counts, failed attempts, and with
//! them jobs that ended long ago. What holds credentials or addresses is `forget`'s, and goes sooner.
//!
//! Queued once an hour. Running it twice is harmless: the second finds nothing. Rows go in steps, so
//! that whoever writes meanwhile waits for one step at most.

use std::time::Duration;

use model::{DAY_MS, Granularity, HOUR_MS};
use store::{BATCH_MEMORY_MS, Old};

use crate::app::App;

pub(crate) const KIND: &str = "prune_usage";
/// Rows of a step.
const STEP: i64 = 2_000;
/// Between two steps, so that others get to write.
const PAUSE: Duration = Duration::from_millis(5);

/// Longer than the hour that the key of a repeated job stands for.
const ENDED_JOB_DAYS: i64 = 7;

pub(crate) async fn run(app: &App) -> anyhow::Result<()> {
    let keep = &app.config.usage;
    let requests = i64::from(keep.request_log_days.get()) * DAY_MS;
    let days = i64::from(keep.day_days.get()) * DAY_MS;
    let kept = [
        (Old::Requests, requests),
        (Old::FailedAttempts, requests),
        (Old::Counts(Granularity::Minute), i64::from(keep.minute_hours.get()) * HOUR_MS),
        (Old::Counts(Granularity::Hour), i64::from(keep.hour_days.get()) * DAY_MS),
        (Old::Counts(Granularity::Day), days),
        (Old::KeyNetworks, days),
        (Old::UsageBatches, BATCH_MEMORY_MS),
        (Old::AlertLetters, 2 * DAY_MS),
        (Old::EndedJobs, ENDED_JOB_DAYS * DAY_MS),
    ];
    let now = app.clock.now();
    for (old, age) in kept {
        while app.store.prune(old, now.plus_ms(-age), STEP).await? > 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}
