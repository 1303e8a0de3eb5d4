//! A scan for anybody: the form, and the beginning of the report in the answer to it. Nothing is kept,
//! so there is no address to come back to.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;
use ui::pages::Field;
use ui::pages::free_scan::FreeScan;

use super::answer::{limited, page, refused};
use super::entry::problem_of;
use super::form::GuestForm;
use super::visitor::Guest;
use crate::app::App;
use crate::error::{Error, Result};
use crate::limits::doors::{self, Door};
use crate::ops;

/// Findings that are shown.
const TOP: usize = 3;

#[derive(Deserialize)]
pub(super) struct Wanted {
    domain: String,
}

pub(super) async fn show(State(app): State<App>, guest: Guest) -> Result<Response> {
    there_are(&app)?;
    Ok(page(&form(&app, &guest, Field::default())))
}

/// Scans and answers with what came of it. A typing error takes none of the scans of an hour.
pub(super) async fn scan(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    GuestForm(sent): GuestForm<Wanted>,
) -> Result<Response> {
    there_are(&app)?;
    let scanning = match ops::scans::scannable(&app, &sent.domain)
        .and_then(|_| doors::enter(&app, &parts, Door::FreeScan))
    {
        Ok(()) => ops::free_scan::scan(&app, &sent.domain).await,
        Err(error) => Err(error),
    };
    let words = guest.words;
    let mut shown = form(&app, &guest, Field::of(sent.domain));
    match scanning {
        Ok(mut report) => {
            shown.frame.title = words.t1("Free scan of {}", &report.domain);
            report.issues.truncate(TOP);
            words.report(&mut report);
            shown.report = Some(report);
            Ok(page(&shown))
        }
        Err(Error::InvalidDomain(problem)) => {
            shown.domain.problem = Some(words.problem(&problem));
            Ok(refused(&shown))
        }
        Err(Error::Invalid(problems)) => {
            shown.domain.problem = problem_of(words, &problems, "domain");
            Ok(refused(&shown))
        }
        Err(Error::RateLimited { retry_after, .. }) => {
            let text = words.t("Five scans an hour are free for everybody of a network, and they are used up. With an account there are more.");
            shown.domain.problem = Some(text.to_owned());
            shown.wait = Some(retry_after);
            Ok(limited(&shown, retry_after))
        }
        Err(Error::Unavailable { retry_after }) => {
            let text = words.t("Others are scanning just now.");
            shown.domain.problem = Some(text.to_owned());
            shown.wait = Some(retry_after);
            Ok(limited(&shown, retry_after))
        }
        Err(error) => Err(error),
    }
}

fn there_are(app: &App) -> Result<()> {
    match app.config.scan.allow_free_scans {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

fn form(app: &App, guest: &Guest, domain: Field) -> FreeScan {
    let words = guest.words;
    let mut frame = guest.frame(words.t("Free scan"));
    frame.lead = words
        .t("What anybody can see of a domain from outside, graded. Without an account.")
        .to_owned();
    FreeScan { frame, domain, wait: None, report: None, can_sign_up: app.config.auth.allow_sign_up }
}
