//! Letters to people, sent by a job of their own so that no request waits for a mail server.
//!
//! [`queue`] takes a letter whose text is harmless in the database. A letter that carries a link is
//! ordered by its occasion ([`letters`]) and written when it is sent, so no token ever stands in a
//! job. [`Mailer`] hands letters to the mail server, or to files when there is none.
//!
//! Letters are plain text. Nothing that a stranger may choose (a name, say) stands in a letter to an
//! address that is not confirmed: we would carry their words to anybody.

mod email_letters;
mod factor_letter;
pub(crate) mod letters;
mod mailer;
pub(crate) mod team_letters;

use model::Timestamp;
use serde::{Deserialize, Serialize};
use store::Store;

use crate::app::App;
use crate::error::Result;
use crate::jobs::{send_mail, write_letter};

pub use mailer::MailProblem;
pub(crate) use mailer::Mailer;

/// A letter without anything secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// Queues a letter.
pub(crate) async fn queue(app: &App, to: &str, letter: &Letter) -> Result<()> {
    queue_beside(&app.store, to, letter, app.clock.now()).await?;
    app.wake.wake();
    Ok(())
}

/// Queues a letter from beside the server, which looks for one every second.
pub(crate) async fn queue_beside(
    store: &Store,
    to: &str,
    letter: &Letter,
    now: Timestamp,
) -> Result<()> {
    Ok(store.enqueue(&send_mail::due(to, letter, now)?, now).await?)
}

/// Queues a letter that is written when it is sent.
pub(crate) async fn order(app: &App, occasion: &letters::Occasion) -> Result<()> {
    let now = app.clock.now();
    app.store.enqueue(&write_letter::due(occasion, now)?, now).await?;
    app.wake.wake();
    Ok(())
}
