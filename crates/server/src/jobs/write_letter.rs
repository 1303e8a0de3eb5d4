//! Writes one letter and sends it. Running it twice sends two, of which the later one's link is
//! good.

use anyhow::Context;
use model::Timestamp;
use store::{Job, NewJob};

use super::send_mail::ATTEMPTS;
use crate::app::App;
use crate::error::{Error, Result};
use crate::mail::letters::{self, Attempt, Occasion};

pub(crate) const KIND: &str = "write_letter";

/// Returns the job that writes and sends a letter.
pub(crate) fn due(occasion: &Occasion, now: Timestamp) -> Result<NewJob> {
    let payload = serde_json::to_string(occasion).map_err(|error| Error::Internal(error.into()))?;
    Ok(NewJob { kind: KIND, payload, run_at: now, max_attempts: ATTEMPTS })
}

pub(crate) async fn run(app: &App, job: &Job) -> anyhow::Result<()> {
    let occasion: Occasion =
        serde_json::from_str(&job.payload).context("the payload is an occasion")?;
    let attempt = if job.attempts > 1 { Attempt::Again } else { Attempt::First };
    match letters::write(app, &occasion, attempt).await? {
        Some((to, letter)) => app.mailer.send(&to, &letter, app.clock.now()).await,
        None => Ok(()),
    }
}
