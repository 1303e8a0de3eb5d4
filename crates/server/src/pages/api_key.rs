//! One API key: what it is and may do, what it was used for and refused, its name and its switch.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{DAY_MS, Outcome};
use serde::Deserialize;
use store::{ApiKey, KeyChange, LoggedRequest, RequestFilter};
use ui::Section;
use ui::pages::Field;
use ui::pages::api_keys::{KeyPage, RefusedRequest, outcome_name};

use super::answer::{page, refused};
use super::api_keys::{find, row};
use super::done::{Done, Told};
use super::entry::problem_of;
use super::form::Form;
use super::usage::{chart, requests};
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::KeysWrite;
use crate::error::{Error, FieldProblem, Result};
use crate::ops;

/// Days that the page looks back.
const DAYS: i64 = 30;
/// Refused requests that are shown, the latest.
const MOST: usize = 100;
const REFUSALS: [Outcome; 4] =
    [Outcome::Unauthorized, Outcome::Forbidden, Outcome::QuotaExceeded, Outcome::RateLimited];

pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(told): Query<Told>,
) -> Result<Response> {
    let key = find(&app, &visitor, &id).await?;
    let mut shown = key_page(&app, &visitor, key).await?;
    shown.frame.notices.extend(told.notice(visitor.words()));
    Ok(page(&shown))
}

async fn key_page(app: &App, visitor: &Visitor, key: ApiKey) -> Result<KeyPage> {
    let (words, now) = (visitor.words(), app.clock.now());
    let used = requests(app, visitor.account(), DAYS, Some(key.key_id.clone())).await?;
    let refused =
        latest_refused(app, visitor, &key).await?.into_iter().map(|request| RefusedRequest {
            at: words.time(request.at, now),
            why: outcome_name(words, request.outcome),
            what: format!("{} {}", request.method, request.path),
            ip: request.ip,
            program: words.program(request.agent.as_deref()),
        });
    Ok(KeyPage {
        frame: visitor.frame(key.name.clone(), Section::ApiKeys),
        row: row(app, visitor, &key),
        scopes: key.scopes.iter().map(|scope| scope.as_str()).collect(),
        revoked: key
            .revoked_at
            .map(|at| (words.time(at, now), key.revoked_by.clone().unwrap_or_default())),
        chart: chart(words, &used),
        refused: refused.collect(),
        name: Field::of(&key.name),
        description: Field::of(key.description.as_deref().unwrap_or_default()),
        ip_allowlist: key.ip_allowlist,
        domains: key.domains,
        last_used_by: key.last_used_agent.map(|agent| (words.program(Some(&agent)), agent)),
        last_used_endpoint: key.last_used_endpoint,
    })
}

/// Returns the latest requests with a key that were refused, for whatever reason, newest first.
async fn latest_refused(app: &App, visitor: &Visitor, key: &ApiKey) -> Result<Vec<LoggedRequest>> {
    let now = app.clock.now();
    let mut refused = Vec::new();
    for outcome in REFUSALS {
        let filter = RequestFilter {
            key_id: Some(key.key_id.clone()),
            outcome: Some(outcome),
            ..RequestFilter::between(now.plus_ms(-DAYS * DAY_MS), now.plus_ms(1))
        };
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        refused.extend(app.store.list_requests(visitor.account(), &filter, most).await?);
    }
    refused.sort_by_key(|request| std::cmp::Reverse((request.at, request.id)));
    refused.truncate(MOST);
    Ok(refused)
}

#[derive(Deserialize)]
pub(super) struct Naming {
    name: String,
    description: String,
}

/// Changes the name and the note.
pub(super) async fn rename(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(sent): Form<Naming>,
) -> Result<Response> {
    visitor.require::<KeysWrite>(&app)?;
    let key = find(&app, &visitor, &id).await?;
    let (name, description) = (sent.name, sent.description);
    let change = KeyChange {
        name: Some(name.clone()),
        description: Some(description.clone()),
        ..KeyChange::default()
    };
    match ops::api_keys::change(&app, &visitor, key.id, change).await {
        Ok(changed) => changed.map(|key| saved(&key)).ok_or(Error::NotFound),
        Err(Error::Invalid(problems)) => {
            let of = |value, field, problems: &[FieldProblem]| Field {
                value,
                problem: problem_of(visitor.words(), problems, field),
            };
            let name = of(name, "name", &problems);
            let description = of(description, "description", &problems);
            let shown = key_page(&app, &visitor, key).await?;
            Ok(refused(&KeyPage { name, description, ..shown }))
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
pub(super) struct Switch {
    enabled: bool,
}

/// Switches a key off, or on again.
pub(super) async fn switch(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(sent): Form<Switch>,
) -> Result<Response> {
    visitor.require::<KeysWrite>(&app)?;
    let key = find(&app, &visitor, &id).await?;
    let change = KeyChange { enabled: Some(sent.enabled), ..KeyChange::default() };
    let changed = ops::api_keys::change(&app, &visitor, key.id, change).await?;
    changed.map(|key| saved(&key)).ok_or(Error::NotFound)
}

fn saved(key: &ApiKey) -> Response {
    Done::Saved.at(&format!("/settings/api-keys/{}", key.id))
}
