//! One API key: what it is and may do, what it was used for and refused, its name, its addresses and
//! its switch.
//!
//! Everything that is counted comes from rows of the key alone, so the page costs the same however
//! busy the rest of the account is.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{DAY_MS, Granularity, HOUR_MS, Outcome, Timestamp};
use serde::Deserialize;
use store::{ApiKey, CallerGrouping, CallerUse, KeyChange, LoggedRequest, RequestFilter, RouteUse};
use ui::pages::Field;
use ui::pages::api_keys::{
    CallerRow, KeyPage, KeyRequests, RequestRow, RouteRow, SpikeRow, outcome_name,
};
use ui::{Section, Words};

use super::answer::{page, refused};
use super::api_keys::{find, last_use, networks, old_key};
use super::done::{Done, Told};
use super::entry::problem_of;
use super::form::Form;
use super::key_list::row;
use super::paging::{self, PAGE};
use super::usage::{Range, draw, is_refusal, ranges};
use super::visitor::Visitor;
use crate::api::csv;
use crate::app::App;
use crate::auth::KeysWrite;
use crate::error::{Error, FieldProblem, Result};
use crate::ops;
use crate::ops::spikes::{self, Spike, spikes};
use crate::ops::usage_report::{Outcomes, series};

/// Refused requests that are shown, the latest, and the days that they are from.
const MOST_REFUSED: i64 = 100;
const REFUSED_DAYS: i64 = 30;
/// Addresses and programs that are shown, the busiest.
const MOST_CALLERS: i64 = 20;
/// Spikes that are listed, the latest.
const MOST_SPIKES: usize = 10;

pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(range): Query<Range>,
    Query(told): Query<Told>,
) -> Result<Response> {
    let key = find(&app, &visitor, &id).await?;
    let mut shown = key_page(&app, &visitor, key, range.days()).await?;
    shown.frame.notices.extend(told.notice(visitor.words()));
    Ok(page(&shown))
}

async fn key_page(app: &App, visitor: &Visitor, key: ApiKey, days: i64) -> Result<KeyPage> {
    let (words, now, account) = (visitor.words(), app.clock.now(), visitor.account());
    let counted = counted(app, account, &key, days).await?;
    let (from, to) = counted.time;
    let callers =
        async |by| app.store.callers_of_key(account, key.id, by, (from, to), MOST_CALLERS).await;
    let addresses = callers(CallerGrouping::Ip).await?;
    let programs = callers(CallerGrouping::Agent).await?;
    let routes =
        app.store.routes_of_key(account, key.id, counted.granularity, counted.time).await?;
    let since = now.plus_ms(-REFUSED_DAYS * DAY_MS);
    let time = (since, now.plus_ms(1));
    let refusals =
        app.store.list_refused_requests_of_key(account, key.id, time, MOST_REFUSED).await?;
    let after_end = key.revoked_at.map(|end| refusals.iter().filter(|one| one.at >= end).count());
    let created_by = match key.created_by {
        Some(user) => app.store.find_member(account, user, now).await?,
        None => None,
    };
    let before = match key.rotated_from {
        Some(before) => app.store.find_key(account, before).await?,
        None => None,
    };
    let is_replaced = key.rotated_to.is_some();
    let old = if is_replaced { Some(&key) } else { before.as_ref() };
    let is_marked = |at: Timestamp| {
        counted.spikes.iter().any(|spike| counted.granularity.start_of(spike.at) == at)
    };
    let latest = counted.spikes.iter().rev().take(MOST_SPIKES);
    Ok(KeyPage {
        frame: visitor.frame(key.name.clone(), Section::ApiKeys),
        row: row(app, visitor, &key),
        scopes: key.scopes.iter().map(|scope| scope.as_str()).collect(),
        revoked: key
            .revoked_at
            .map(|at| (words.time(at, now), key.revoked_by.clone().unwrap_or_default())),
        attempts_since: after_end.map(|count| i64::try_from(count).unwrap_or(i64::MAX)),
        created_by: created_by.map(|member| member.email),
        successor: key.rotated_to,
        old: old.and_then(|old| old_key(app, visitor, old)),
        ranges: ranges(words),
        days,
        chart: draw(words, counted.granularity, &counted.series, &is_marked),
        spikes: latest.map(|spike| spike_row(words, key.id, spike)).collect(),
        routes: route_rows(routes),
        addresses: addresses.into_iter().map(|one| caller(words, now, one, None)).collect(),
        programs: programs
            .into_iter()
            .map(|one| {
                let program = words.program(one.caller.as_deref());
                caller(words, now, one, Some(program))
            })
            .collect(),
        refused: refusals.into_iter().map(|one| request_row(words, now, one)).collect(),
        name: Field::of(&key.name),
        description: Field::of(key.description.as_deref().unwrap_or_default()),
        addresses_field: Field::of(key.ip_allowlist.join(", ")),
        last_use: last_use(words, &key, now),
        ip_allowlist: key.ip_allowlist,
        domains: key.domains,
        base_url: app.base_url.clone(),
    })
}

/// The requests of a time, period by period.
struct Counted {
    granularity: Granularity,
    time: (Timestamp, Timestamp),
    series: Vec<(Timestamp, Outcomes)>,
    spikes: Vec<Spike>,
}

/// Counts the requests with a key: by the hour for one day, by the day for more.
async fn counted(app: &App, account: i64, key: &ApiKey, days: i64) -> Result<Counted> {
    let granularity = if days > 1 { Granularity::Day } else { Granularity::Hour };
    let now = app.clock.now();
    let to = granularity.start_of(now).plus_ms(granularity.ms());
    let time = (to.plus_ms(-days * DAY_MS), to);
    let points = app.store.usage_of_key(account, key.id, granularity, time).await?;
    let series = series(granularity, time, &points);
    let before = time.0.plus_ms(-spikes::DAYS * DAY_MS);
    let hours = (before, now.plus_ms(1));
    let mut by_hour = BTreeMap::new();
    for point in app.store.usage_of_key(account, key.id, Granularity::Hour, hours).await? {
        if point.outcome != Outcome::Unauthorized {
            *by_hour.entry(point.starts_at).or_insert(0) += point.requests;
        }
    }
    let spikes = spikes(&by_hour, time.0, key.created_at);
    Ok(Counted { granularity, time, series, spikes })
}

fn spike_row(words: Words, key: i64, spike: &Spike) -> SpikeRow {
    let to = spike.at.plus_ms(HOUR_MS);
    SpikeRow {
        hour: words.exact(spike.at),
        requests: spike.requests,
        usual: spike.usual,
        path: format!("/settings/api-keys/{key}/requests?from={}&to={}", spike.at.0, to.0),
    }
}

/// Sums the requests of each route up, the busiest first.
fn route_rows(uses: Vec<RouteUse>) -> Vec<RouteRow> {
    let mut rows: Vec<RouteRow> = Vec::new();
    for one in uses {
        if rows.last().is_none_or(|last| last.route != one.route) {
            rows.push(RouteRow { route: one.route, requests: 0, refused: 0 });
        }
        if let Some(row) = rows.last_mut() {
            row.requests += one.requests;
            row.refused += if is_refusal(one.outcome) { one.requests } else { 0 };
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.requests));
    rows
}

/// `named` is how people call the program; an address stands as it is.
fn caller(words: Words, now: Timestamp, one: CallerUse, named: Option<String>) -> CallerRow {
    let full = named.is_some().then(|| one.caller.clone()).flatten();
    CallerRow {
        who: named.or(one.caller),
        full,
        requests: one.requests,
        refused: one.refused,
        last: words.time(one.last_at, now),
    }
}

fn request_row(words: Words, now: Timestamp, request: LoggedRequest) -> RequestRow {
    RequestRow {
        at: words.time(request.at, now),
        outcome: outcome_name(words, request.outcome),
        status: request.status,
        what: format!("{} {}", request.method, request.path),
        ip: request.ip,
        program: words.program(request.agent.as_deref()),
        request_id: request.request_id,
    }
}

/// What was asked with a key, period by period, as a table.
pub(super) async fn table(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(range): Query<Range>,
) -> Result<Response> {
    let key = find(&app, &visitor, &id).await?;
    let counted = counted(&app, visitor.account(), &key, range.days()).await?;
    let mut out = String::new();
    let names = Outcome::ALL.iter().map(|outcome| outcome.as_str());
    csv::push_row(&mut out, ["starts_at", "requests"].into_iter().chain(names));
    for (at, outcomes) in counted.series {
        let numbers = Outcome::ALL.iter().map(|outcome| outcomes.of(*outcome).to_string());
        let cells = [at.to_string(), outcomes.sum().to_string()].into_iter().chain(numbers);
        let cells: Vec<String> = cells.collect();
        csv::push_row(&mut out, cells.iter().map(String::as_str));
    }
    Ok(csv::file("api-key-usage.csv", out))
}

/// A stretch of the log of requests.
#[derive(Deserialize)]
pub(super) struct Stretch {
    /// Milliseconds since 1970.
    from: Option<i64>,
    to: Option<i64>,
    before: Option<i64>,
}

/// The requests with a key one by one, of the last day or of the hour that was asked for.
pub(super) async fn requests(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(stretch): Query<Stretch>,
) -> Result<Response> {
    let (words, now) = (visitor.words(), app.clock.now());
    let key = find(&app, &visitor, &id).await?;
    let to = stretch.to.map_or(now.plus_ms(1), Timestamp);
    let from = stretch.from.map_or(to.plus_ms(-DAY_MS), Timestamp);
    let filter = RequestFilter {
        key_id: Some(key.key_id.clone()),
        before: stretch.before,
        ..RequestFilter::between(from, to)
    };
    let found = app.store.list_requests(visitor.account(), &filter, PAGE).await?;
    let last = ("before", found.last().map(|last| last.id.to_string()));
    let here = format!("/settings/api-keys/{}/requests", key.id);
    let (first, end) = (from.0.to_string(), to.0.to_string());
    let pairs = [("from", first.as_str()), ("to", end.as_str())];
    let next = paging::next(&here, &pairs, found.len(), last);
    let mut frame = visitor.frame(words.t("Requests with a key"), Section::ApiKeys);
    frame.lead = words.t2("From {} to {}", words.exact(from), words.exact(to));
    Ok(page(&KeyRequests {
        frame,
        id: key.id,
        name: key.name,
        key_id: key.key_id,
        rows: found.into_iter().map(|request| request_row(words, now, request)).collect(),
        next,
    }))
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
            let shown = key_page(&app, &visitor, key, Range::default().days()).await?;
            Ok(refused(&KeyPage { name, description, ..shown }))
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
pub(super) struct Addresses {
    /// With commas between; empty for all.
    ip_allowlist: String,
}

/// Changes the addresses that a key may be used from.
pub(super) async fn restrict(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(sent): Form<Addresses>,
) -> Result<Response> {
    visitor.require::<KeysWrite>(&app)?;
    let key = find(&app, &visitor, &id).await?;
    let ip_allowlist = Some(networks(&sent.ip_allowlist));
    let change = KeyChange { ip_allowlist, ..KeyChange::default() };
    match ops::api_keys::change(&app, &visitor, key.id, change).await {
        Ok(changed) => changed.map(|key| saved(&key)).ok_or(Error::NotFound),
        Err(Error::Invalid(problems)) => {
            let problem = problem_of(visitor.words(), &problems, "ip_allowlist");
            let addresses_field = Field { value: sent.ip_allowlist, problem };
            let shown = key_page(&app, &visitor, key, Range::default().days()).await?;
            Ok(refused(&KeyPage { addresses_field, ..shown }))
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
