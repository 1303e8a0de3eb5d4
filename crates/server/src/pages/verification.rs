//! Whether a report was issued here: by its id, or by the file itself. For anybody.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use report::{Doubt, ReportView};
use serde::Deserialize;
use ui::pages::Field;
use ui::pages::verification::{IssuedReport, Verdict, VerifyReport};

use super::answer::{page, refused};
use super::upload;
use super::visitor::Guest;
use crate::app::App;
use crate::auth::report_id;
use crate::error::{Error, Result};
use crate::limits::doors::{self, Door};
use crate::ops::verification::{self, Checked};

/// The largest form with a file.
pub(super) const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// Nothing longer is looked up.
const LONGEST_ID: usize = 100;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    id: String,
}

/// The question, and what is known about a report's id.
pub(super) async fn show(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let id: String = asked.id.trim().chars().take(LONGEST_ID).collect();
    let mut shown = form(&guest);
    if id.is_empty() {
        return Ok(page(&shown));
    }
    doors::enter(&app, &parts, Door::PublicReport)?;
    shown.verdict = Some(match verification::issued(&app, &id).await {
        Ok(issued) => Verdict::Issued(in_short(&app, &guest, issued.view)),
        Err(Error::NotFound) => Verdict::Unknown,
        Err(error) => return Err(error),
    });
    shown.id = Field::of(id);
    Ok(page(&shown))
}

/// Compares a file with what it says about itself.
pub(super) async fn check(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<Response> {
    doors::enter(&app, &parts, Door::PublicReport)?;
    let mut shown = form(&guest);
    let words = guest.words;
    let Ok(body) = body else {
        shown.file_problem = Some(words.t("The file is larger than 4 MB.").to_owned());
        return Ok(refused(&shown));
    };
    let file = upload::part(&parts.headers, &body, "file").filter(|file| !file.is_empty());
    let Some(file) = file else {
        shown.file_problem = Some(words.t("Choose a file.").to_owned());
        return Ok(refused(&shown));
    };
    shown.verdict = Some(match verification::check(&app, file.to_vec()).await? {
        Checked::Unchanged(view) => {
            Verdict::Unchanged(view.map(|view| in_short(&app, &guest, *view)))
        }
        Checked::Doubtful(Doubt::NotAttested) => Verdict::NotAttested,
        Checked::Doubtful(Doubt::Changed | Doubt::UnknownKey(_)) => Verdict::Changed,
    });
    Ok(page(&shown))
}

fn form(guest: &Guest) -> VerifyReport {
    let words = guest.words;
    let mut frame = guest.frame(words.t("Verify a report"));
    frame.lead =
        words.t("Whether a report was issued here, and whether its file is unchanged.").to_owned();
    VerifyReport { frame, id: Field::default(), file_problem: None, verdict: None }
}

fn in_short(app: &App, guest: &Guest, view: ReportView) -> IssuedReport {
    IssuedReport {
        report_id: report_id::of(&app.secrets, view.job_id.unwrap_or_default()),
        grade: view.grade,
        score: view.score,
        scanned: guest.words.time(view.scanned_at, app.clock.now()),
        domain: view.domain,
    }
}
