//! Removes what a deleted account left: scans, reports, usage, alerts, the audit log.
//!
//! Queued twice with the deletion. The second run comes when nothing is on its way any more: requests
//! and last uses are written in batches, on other servers as well. Running it again is harmless: it
//! finds nothing. Rows go in steps, so that whoever writes meanwhile waits for one step at most.

use std::time::Duration;

use anyhow::Context;
use model::{MINUTE_MS, Timestamp};
use store::{Job, NewJob};

use crate::app::App;

pub(crate) const KIND: &str = "erase_account";
/// What was promised is done however long the database is away: with pauses of at most four minutes
/// these take some days.
const ATTEMPTS: i64 = 2_000;
const SECOND_RUN_MS: i64 = 5 * MINUTE_MS;
/// Rows of a step.
const STEP: i64 = 2_000;
/// Between two steps, so that others get to write.
const PAUSE: Duration = Duration::from_millis(5);

/// Returns both runs for an account that is being deleted.
pub(crate) fn due(account: i64, now: Timestamp) -> [NewJob; 2] {
    [now, now.plus_ms(SECOND_RUN_MS)].map(|run_at| NewJob {
        kind: KIND,
        payload: account.to_string(),
        run_at,
        max_attempts: ATTEMPTS,
    })
}

pub(crate) async fn run(app: &App, job: &Job) -> anyhow::Result<()> {
    let account: i64 = job.payload.parse().context("the payload is the id of an account")?;
    while app.store.erase_account(account, STEP).await? > 0 {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
