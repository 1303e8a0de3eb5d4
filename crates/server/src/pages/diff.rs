use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use store::ScoredScan;
use ui::Section;
use ui::pages::diff::{Choice, Diff};

use super::answer::{go, page};
use super::visitor::Visitor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ops;

/// The newest scans, to choose among.
const CHOICES: i64 = 50;

#[derive(Deserialize)]
pub(super) struct Against {
    against: Option<i64>,
    /// The other scan, where both are chosen.
    to: Option<i64>,
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
    if let (Some(against), Some(to)) = (wanted.against, wanted.to) {
        return Ok(go(&format!("/scans/{to}/diff?against={against}")));
    }
    let mut view = ops::reports::diff(&app, &visitor, id, wanted.against).await?;
    words.diff(&mut view);
    let mut scans = app.store.list_scores(visitor.account(), &view.domain, CHOICES).await?;
    for chosen in [view.before.job_id, view.after.job_id].into_iter().flatten() {
        if !scans.iter().any(|scan| scan.id == chosen) {
            scans.extend(app.store.find_score(visitor.account(), chosen).await?);
        }
    }
    let choices = |chosen: Option<i64>| {
        let choice = |scan: &ScoredScan| Choice {
            id: scan.id,
            is_chosen: Some(scan.id) == chosen,
            label: format!("{}: {} {}", words.exact(scan.completed_at), scan.grade, scan.score),
        };
        scans.iter().map(choice).collect::<Vec<_>>()
    };
    let heading = words.t1("What changed: {}", &view.domain);
    Ok(page(&Diff {
        frame: visitor.frame(heading, Section::Domains),
        id,
        now: app.clock.now(),
        earlier: choices(view.before.job_id),
        later: choices(view.after.job_id),
        view,
    }))
}
