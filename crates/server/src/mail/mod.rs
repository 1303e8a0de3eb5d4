//! Letters to people, sent by a job of their own so that no request waits for a mail server.
//!
//! [`queue`] takes a letter whose text is harmless in the database: nothing secret stands in a job.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::auth::token::random_base62;
use crate::error::Result;
use crate::jobs::send_mail;

/// A letter without anything secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// Queues a letter.
pub(crate) async fn queue(app: &App, to: &str, letter: &Letter) -> Result<()> {
    let now = app.clock.now();
    app.store.enqueue(&send_mail::due(to, letter, now)?, now).await?;
    app.wake.wake();
    Ok(())
}

/// Writes a letter into the folder of letters: what happens to mail when no server is configured.
pub(crate) fn file(folder: &Path, to: &str, letter: &Letter) -> anyhow::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let path = folder.join(format!("{}.eml", random_base62(20)?));
    let mut file = std::fs::File::options().write(true).create_new(true).mode(0o600).open(path)?;
    write!(file, "To: {to}\r\nSubject: {}\r\n\r\n{}", letter.subject, letter.text)?;
    Ok(())
}
