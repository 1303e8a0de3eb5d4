use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use ui::Section;
use ui::pages::diff::{Choice, Diff};

use super::answer::page;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ops;

/// Scans that can be chosen to compare with.
const CHOICES: i64 = 50;

#[derive(Deserialize)]
pub(super) struct Against {
    against: Option<i64>,
}

/// What changed between a scan and another one of its domain.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(wanted): Query<Against>,
) -> Result<Response> {
    let words = visitor.words();
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let view = ops::reports::diff(&app, &visitor, id, wanted.against).await?;
    let other = [view.before.job_id, view.after.job_id];
    let other = other.into_iter().flatten().find(|one| *one != id).unwrap_or(id);
    let scans = app.store.list_scores(visitor.account(), &view.domain, CHOICES).await?;
    let choices = scans.into_iter().filter(|scan| scan.id != id).map(|scan| Choice {
        id: scan.id,
        is_chosen: scan.id == other,
        label: format!("{}: {} {}", words.exact(scan.completed_at), scan.grade, scan.score),
    });
    let heading = words.t1("What changed: {}", &view.domain);
    Ok(page(&Diff {
        frame: visitor.frame(heading, Section::Domains),
        id,
        now: app.clock.now(),
        choices: choices.collect(),
        view,
    }))
}
