//! Sends one letter. Running it twice sends it twice, which is better than never.

use anyhow::Context;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Job, NewJob};

use crate::app::App;
use crate::error::{Error, Result};
use crate::mail::Letter;

pub(crate) const KIND: &str = "send_mail";
/// Pauses double up to 68 minutes, so this many take about a day.
pub(crate) const ATTEMPTS: i64 = 32;

#[derive(Serialize, Deserialize)]
struct Payload {
    to: String,
    letter: Letter,
}

/// Returns the job that sends a letter.
pub(crate) fn due(to: &str, letter: &Letter, now: Timestamp) -> Result<NewJob> {
    let payload = Payload { to: to.to_owned(), letter: letter.clone() };
    let payload = serde_json::to_string(&payload).map_err(|error| Error::Internal(error.into()))?;
    Ok(NewJob { kind: KIND, payload, run_at: now, max_attempts: ATTEMPTS })
}

pub(crate) async fn run(app: &App, job: &Job) -> anyhow::Result<()> {
    let payload: Payload =
        serde_json::from_str(&job.payload).context("the payload is a letter and its receiver")?;
    app.mailer.send(&payload.to, &payload.letter, app.clock.now()).await
}
