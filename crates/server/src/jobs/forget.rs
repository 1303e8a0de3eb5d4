//! Forgets what has ended and decides nothing any more: sessions, links, invitations and enrolments that
//! have expired, letters that were sent (they name addresses), idempotency keys. Not a job of the queue:
//! each server does it, and doing it twice finds nothing.

use std::time::Duration;

use model::{DAY_MS, Timestamp};
use store::StoreError;

use super::{send_mail, write_letter};
use crate::app::App;
use crate::ops::second_factors::ENROLMENT_MS;

const INTERVAL: Duration = Duration::from_secs(10 * 60);
/// Rows that go in one transaction, so that nobody waits for long.
const PORTION: i64 = 1_000;
/// How long a shared link that has expired is still listed.
const SHARES_MS: i64 = 30 * DAY_MS;

/// Forgets at the start and every ten minutes until the server closes.
pub(super) async fn run(app: App) {
    loop {
        match forget(&app, app.clock.now()).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "what has ended was forgotten"),
            Err(error) => tracing::warn!(%error, "what has ended could not be forgotten"),
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = app.closing.cancelled() => return,
        }
    }
}

async fn forget(app: &App, now: Timestamp) -> Result<u64, StoreError> {
    let store = &app.store;
    let mut rows = store.forget_sessions(now, PORTION).await?;
    rows += store.forget_links(now, PORTION).await?;
    rows += store.forget_invitations(now, PORTION).await?;
    rows += store.forget_totp_enrolments(now.plus_ms(-ENROLMENT_MS), PORTION).await?;
    rows += store.forget_idempotency_keys(now, PORTION).await?;
    rows += store.forget_challenges(now, PORTION).await?;
    rows += store.forget_shares(now.plus_ms(-SHARES_MS), PORTION).await?;
    for kind in [send_mail::KIND, write_letter::KIND] {
        rows += store.forget_jobs(kind, now.plus_ms(-DAY_MS), PORTION).await?;
    }
    Ok(rows)
}
