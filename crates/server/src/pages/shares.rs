//! Links to a report: the page where they are made and ended, and what whoever opens one sees.
//!
//! A new link is shown in the answer to the form and nowhere else. What a link shows has no navigation
//! and is not for search engines. The token in the path is the proof, as in [`super::links`].

use axum::extract::{Path, Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use report::Redaction;
use serde::Deserialize;
use store::{Scan, Share};
use ui::Section;
use ui::pages::Field;
use ui::pages::shares::{ShareLocked, ShareRow, SharedReport, Shares};

use super::answer::{page, refused};
use super::done::{Done, Told};
use super::entry::problem_of;
use super::form::{Form, Nothing, nonce, once};
use super::links::Sent;
use super::scans::find;
use super::titles;
use super::visitor::{Guest, Visitor};
use crate::app::App;
use crate::auth::ScansWrite;
use crate::client_ip::client_ip;
use crate::error::{Error, Result};
use crate::limits::doors::{self, Door};
use crate::ops;
use crate::ops::shares::{Opened, USUAL_DAYS, Wish};

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// The links to a report.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(told): Query<Told>,
) -> Result<Response> {
    visitor.require::<ScansWrite>(&app)?;
    let scan = find(&app, &visitor, &id).await?;
    let mut shown = shares_page(&app, &visitor, &scan).await?;
    shown.frame.notices.extend(told.notice(visitor.words()));
    Ok(page(&shown))
}

async fn shares_page(app: &App, visitor: &Visitor, scan: &Scan) -> Result<Shares> {
    let words = visitor.words();
    let shares = ops::shares::list(app, visitor, scan.id).await?;
    let heading = words.t1("Share the report of {}", &scan.domain);
    let mut frame = visitor.frame(heading, Section::Scans);
    let lead = words.t("Whoever has a link sees the report, until the link expires or is ended.");
    frame.lead = lead.to_owned();
    Ok(Shares {
        frame,
        scan: scan.id,
        rows: shares.into_iter().map(|share| row(app, visitor, share)).collect(),
        fresh: None,
        nonce: nonce()?,
        name: Field::default(),
        days: Field::of(USUAL_DAYS.to_string()),
        password_problem: None,
        hides_evidence: false,
        hides_addresses: false,
    })
}

fn row(app: &App, visitor: &Visitor, share: Share) -> ShareRow {
    let (words, now) = (visitor.words(), app.clock.now());
    ShareRow {
        id: share.id,
        name: share.name,
        created: words.time(share.created_at, now),
        expires: words.time(share.expires_at, now),
        has_expired: share.expires_at <= now,
        has_password: share.has_password,
        hides_evidence: share.hides_evidence,
        hides_addresses: share.hides_addresses,
        views: share.views,
        last_viewed: share.last_viewed_at.map(|at| words.time(at, now)),
    }
}

#[derive(Deserialize)]
pub(super) struct NewShareForm {
    nonce: String,
    name: String,
    days: String,
    password: String,
    /// Present when the box is ticked, as the next.
    evidence: Option<String>,
    addresses: Option<String>,
}

impl NewShareForm {
    fn wish(&self) -> Wish {
        Wish {
            name: self.name.trim().to_owned(),
            expires_in_days: self.days.parse().unwrap_or(0),
            password: Some(self.password.clone()).filter(|password| !password.is_empty()),
            redaction: Redaction {
                hides_evidence: self.evidence.is_some(),
                hides_addresses: self.addresses.is_some(),
            },
        }
    }
}

/// Makes a link and answers with the one page that shows it.
pub(super) async fn create(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(sent): Form<NewShareForm>,
) -> Result<Response> {
    visitor.require::<ScansWrite>(&app)?;
    let scan = find(&app, &visitor, &id).await?;
    let once = once(&sent.nonce);
    match ops::shares::create(&app, &visitor, scan.id, sent.wish(), Some(&once)).await {
        Ok((_, token)) => {
            let mut shown = shares_page(&app, &visitor, &scan).await?;
            shown.fresh = token.map(|token| ops::shares::url(&app, &token));
            Ok(page(&shown))
        }
        Err(Error::Invalid(problems)) => {
            let mut shown = shares_page(&app, &visitor, &scan).await?;
            shown.name =
                Field { problem: problem_of(visitor.words(), &problems, "name"), value: sent.name };
            shown.days = Field {
                problem: problem_of(visitor.words(), &problems, "expires_in_days"),
                value: sent.days,
            };
            shown.password_problem = problem_of(visitor.words(), &problems, "password");
            shown.hides_evidence = sent.evidence.is_some();
            shown.hides_addresses = sent.addresses.is_some();
            Ok(refused(&shown))
        }
        Err(error) => Err(error),
    }
}

/// Ends a link for good.
pub(super) async fn end(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, share)): Path<(String, String)>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    visitor.require::<ScansWrite>(&app)?;
    let scan = find(&app, &visitor, &id).await?;
    let share = share.parse().map_err(|_| Error::NotFound)?;
    ops::shares::end(&app, &visitor, scan.id, share).await?;
    Ok(Done::ShareEnded.at(&format!("/scans/{}/share", scan.id)))
}

/// What a link shows, or the question for its password.
pub(super) async fn open(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    Path(token): Path<String>,
) -> Result<Response> {
    doors::enter(&app, &parts, Door::PublicReport)?;
    let opened = ops::shares::open(&app, &token, None, None).await?;
    Ok(shown(&app, &guest, opened))
}

#[derive(Deserialize)]
pub(super) struct Unlocking {
    password: String,
}

/// What a link shows to whoever has its password: in the answer itself, so that nothing is kept in the
/// browser.
pub(super) async fn unlock(
    State(app): State<App>,
    guest: Guest,
    Path(token): Path<String>,
    parts: Parts,
    sent: Sent<Unlocking>,
) -> Result<Response> {
    doors::enter(&app, &parts, Door::PublicReport)?;
    let axum::extract::Form(sent) = sent.map_err(|_| Error::NotFound)?;
    let ip = client_ip(&app, &parts);
    let opened = ops::shares::open(&app, &token, Some(&sent.password), ip).await?;
    Ok(shown(&app, &guest, opened))
}

fn shown(app: &App, guest: &Guest, opened: Opened) -> Response {
    let (words, now) = (guest.words, app.clock.now());
    let mut response = match opened {
        Opened::Report(mut shared) => {
            words.report(&mut shared.view);
            page(&SharedReport {
                frame: guest.frame(shared.view.domain.clone()),
                now,
                until: words.time(shared.expires_at, now),
                view: shared.view,
                titles: titles::of_module,
            })
        }
        Opened::Locked { is_wrong } => {
            let problem = is_wrong.then(|| words.t("That is not the password.").to_owned());
            let frame = guest.frame(words.t("A report is shared with you"));
            let locked = ShareLocked { frame, problem };
            if is_wrong { refused(&locked) } else { page(&locked) }
        }
    };
    response.headers_mut().insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex, nofollow"));
    response
}
