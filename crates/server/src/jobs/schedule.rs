//! Queues the jobs that come back by themselves, each once in a period, whichever node is first.
//!
//! The key of the queued job names its period, so that nodes and restarts agree; a period in which no
//! server ran is left out. To add a job: a row in [`PERIODIC`].

use std::time::Duration;

use model::{HOUR_MS, MINUTE_MS};
use store::NewJob;

use super::{prune_usage, remind_of_keys, watch_usage};
use crate::app::App;

/// What comes back, and after how many milliseconds.
const PERIODIC: [(&str, i64); 3] =
    [(prune_usage::KIND, HOUR_MS), (remind_of_keys::KIND, HOUR_MS), (watch_usage::KIND, MINUTE_MS)];
const ATTEMPTS: i64 = 3;
/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(1);

/// Queues what is due, from the start on, until the server closes.
pub(super) async fn run(app: App) {
    let mut queued = [None; PERIODIC.len()];
    loop {
        for ((kind, period_ms), queued) in PERIODIC.into_iter().zip(&mut queued) {
            let now = app.clock.now();
            let period = now.0.div_euclid(period_ms);
            if *queued == Some(period) {
                continue;
            }
            let job = NewJob { kind, payload: String::new(), run_at: now, max_attempts: ATTEMPTS };
            match app.store.enqueue_once(&job, &format!("{kind}:{period}"), now).await {
                Ok(_) => {
                    *queued = Some(period);
                    app.wake.wake();
                }
                Err(error) => tracing::error!(%error, kind, "a job could not be queued"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            () = app.closing.cancelled() => return,
        }
    }
}
