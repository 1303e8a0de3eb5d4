//! Settings → API Keys: the list, as a page and as a table.
//!
//! The living keys of an account are bounded, so they are read as a whole: what is to be said about
//! them, the search, the order and the pages all come from one query. The ended ones are not, and are
//! read page by page.

use axum::extract::{Query, State};
use axum::response::Response;
use model::{DAY_MS, Granularity, KeyStatus, Scope, Timestamp};
use serde::Deserialize;
use store::ApiKey;
use ui::pages::api_keys::{ApiKeys, FreshKey, Hygiene, KeyRow, status_name};
use ui::parts::{Order, SortHead, percent, spark};
use ui::{Section, Words};

use super::answer::page;
use super::paging::{self, PAGE};
use super::sorting;
use super::usage::is_refusal;
use super::visitor::Visitor;
use crate::api::csv;
use crate::app::App;
use crate::error::Result;
use crate::ops::key_hygiene::used_after_rotation;

pub(super) const HERE: &str = "/settings/api-keys";
/// Age after which a key should be replaced.
const ROTATION_DAYS: i64 = 90;
/// Days without use after which a key is worth a question.
const IDLE_DAYS: i64 = 30;
/// Days before the end from which it is said.
const SOON_DAYS: i64 = 14;
/// Days that a new key may wait for its first use.
const FIRST_USE_DAYS: i64 = 7;
/// Days of the small charts.
const CHART_DAYS: i64 = 14;
/// Ended keys that are read at once for the table.
const AT_ONCE: i64 = 1_000;

/// Something about a living key that its owner should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remark {
    Old,
    Unused,
    Idle,
    Ending,
}

impl Remark {
    /// Every remark, the most urgent first.
    const ALL: [Self; 4] = [Self::Ending, Self::Old, Self::Idle, Self::Unused];

    /// Returns the word in addresses.
    fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::Unused => "unused",
            Self::Idle => "idle",
            Self::Ending => "expiring",
        }
    }

    fn applies(self, key: &ApiKey, now: Timestamp) -> bool {
        let status = key.status(now);
        let is_current = status == KeyStatus::Active;
        let days_since = |at: Timestamp| now.ms_since(at) / DAY_MS;
        match self {
            Self::Old => is_current && days_since(key.created_at) > ROTATION_DAYS,
            Self::Unused => {
                let waited = days_since(key.created_at) >= FIRST_USE_DAYS;
                is_current && key.last_used_at.is_none() && waited
            }
            Self::Idle => {
                is_current && key.last_used_at.is_some_and(|at| days_since(at) >= IDLE_DAYS)
            }
            Self::Ending => {
                let works = matches!(status, KeyStatus::Active | KeyStatus::Expiring);
                works && key.expires_at.is_some_and(|end| -days_since(end) <= SOON_DAYS)
            }
        }
    }

    /// Returns what stands beside a key.
    fn chip(self, words: Words, key: &ApiKey, now: Timestamp) -> String {
        match self {
            Self::Old => words.t("Older than 90 days: rotate").to_owned(),
            Self::Unused => words.t("Never used").to_owned(),
            Self::Idle => words.t("Idle for 30 days").to_owned(),
            Self::Ending => words.t1("Expires {}", words.ago(key.expires_at.unwrap_or(now), now)),
        }
    }

    /// Returns what stands above the list.
    fn said(self, words: Words, keys: i64) -> String {
        match self {
            Self::Old => words.tn(keys, "1 older than 90 days", "{} older than 90 days"),
            Self::Unused => words.tn(keys, "1 never used", "{} never used"),
            Self::Idle => words.tn(keys, "1 idle", "{} idle"),
            Self::Ending => words.tn(keys, "1 expiring", "{} expiring"),
        }
    }
}

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Created,
    Used,
}

const WAYS: &[(&str, (Column, Order))] = &[
    ("-created", (Column::Created, Order::Descending)),
    ("created", (Column::Created, Order::Ascending)),
    ("name", (Column::Name, Order::Ascending)),
    ("-name", (Column::Name, Order::Descending)),
    ("used", (Column::Used, Order::Ascending)),
    ("-used", (Column::Used, Order::Descending)),
];

/// Which keys are shown, and how.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    show: String,
    /// A part of the name or of the public half.
    #[serde(default)]
    q: String,
    /// A [`Remark`].
    #[serde(default)]
    only: String,
    /// One of [`WAYS`].
    #[serde(default)]
    sort: String,
    /// The page of living keys, from 1 on.
    page: Option<usize>,
    /// The ended keys below this one.
    before: Option<i64>,
}

impl Wanted {
    fn shows_ended(&self) -> bool {
        self.show == "revoked"
    }

    fn remark(&self) -> Option<Remark> {
        Remark::ALL.into_iter().find(|remark| remark.as_str() == self.only)
    }

    /// Returns an address of the list that differs in some parts from this one.
    fn path(&self, place: &str, changed: &[(&str, &str)]) -> String {
        let show = if self.shows_ended() { "revoked" } else { "" };
        let own =
            [("show", show), ("q", self.q.trim()), ("only", &*self.only), ("sort", &*self.sort)];
        let kept =
            own.into_iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
        paging::path(place, kept.chain(changed.iter().copied()))
    }

    /// Returns the head of a column that is sorted one way first.
    fn head(&self, label: &'static str, first: &'static str) -> SortHead {
        let (chosen, _) = sorting::chosen(WAYS, &self.sort);
        sorting::head(label, first, chosen, |way| self.path(HERE, &[("sort", way)]))
    }

    /// Returns those of the living keys that are wanted, in their order.
    fn chosen(&self, mut keys: Vec<ApiKey>, now: Timestamp) -> Vec<ApiKey> {
        let part = self.q.trim().to_lowercase();
        let remark = self.remark();
        keys.retain(|key| {
            let is_found = key.name.to_lowercase().contains(&part)
                || key.key_id.to_lowercase().contains(&part);
            is_found && remark.is_none_or(|remark| remark.applies(key, now))
        });
        let (_, (column, order)) = sorting::chosen(WAYS, &self.sort);
        match column {
            Column::Name => keys.sort_by_cached_key(|key| (key.name.to_lowercase(), key.id)),
            Column::Created => keys.sort_by_key(|key| (key.created_at, key.id)),
            Column::Used => keys.sort_by_key(|key| (key.last_used_at, key.id)),
        }
        if order == Order::Descending {
            keys.reverse();
        }
        keys
    }
}

/// The list of keys.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    Ok(page(&list_page(&app, &visitor, &wanted, None).await?))
}

pub(super) async fn list_page(
    app: &App,
    visitor: &Visitor,
    wanted: &Wanted,
    fresh: Option<FreshKey>,
) -> Result<ApiKeys> {
    let (words, now, account) = (visitor.words(), app.clock.now(), visitor.account());
    let living = app.store.list_living_keys(account, now).await?;
    let alive = i64::try_from(living.len()).unwrap_or(i64::MAX);
    let hygiene = match wanted.shows_ended() {
        true => Vec::new(),
        false => hygiene(words, wanted, &living, now),
    };
    let (keys, next) = match wanted.shows_ended() {
        true => ended_page(app, visitor, wanted, now).await?,
        false => living_page(wanted, living, now),
    };
    let mut frame = visitor.frame(words.t("API Keys"), Section::ApiKeys);
    frame.lead = words.t("Keys let servers and pipelines use the API as you.").to_owned();
    if alive > 0 && frame.may(Scope::KeysWrite) {
        let label = words.t("Create API Key").to_owned();
        frame.action = Some((label, "/settings/api-keys/new".to_owned()));
    }
    Ok(ApiKeys {
        frame,
        alive,
        revoked: app.store.count_ended_keys(account, now).await?,
        rows: rows(app, visitor, &keys).await?,
        shows_revoked: wanted.shows_ended(),
        hygiene,
        search: wanted.q.trim().to_owned(),
        only: wanted.only.clone(),
        sort: wanted.sort.clone(),
        is_filtered: !wanted.q.trim().is_empty() || wanted.remark().is_some(),
        heads: [
            wanted.head(words.t("Name"), "name"),
            wanted.head(words.t("Created"), "-created"),
            wanted.head(words.t("Last used"), "-used"),
        ],
        next,
        csv: wanted.path("/settings/api-keys.csv", &[]),
        fresh,
        base_url: app.base_url.clone(),
    })
}

fn hygiene(words: Words, wanted: &Wanted, living: &[ApiKey], now: Timestamp) -> Vec<Hygiene> {
    let about = |remark: Remark| {
        let keys = living.iter().filter(|key| remark.applies(key, now)).count();
        let is_chosen = wanted.remark() == Some(remark);
        (keys > 0).then(|| Hygiene {
            said: remark.said(words, i64::try_from(keys).unwrap_or(i64::MAX)),
            path: format!("{HERE}?only={}", remark.as_str()),
            is_chosen,
        })
    };
    Remark::ALL.into_iter().filter_map(about).collect()
}

fn living_page(
    wanted: &Wanted,
    living: Vec<ApiKey>,
    now: Timestamp,
) -> (Vec<ApiKey>, Option<String>) {
    let chosen = wanted.chosen(living, now);
    let size = usize::try_from(PAGE).unwrap_or(50);
    let number = wanted.page.unwrap_or(1).max(1);
    let before = (number - 1).saturating_mul(size);
    let has_more = chosen.len() > before.saturating_add(size);
    let next = has_more.then(|| wanted.path(HERE, &[("page", &(number + 1).to_string())]));
    (chosen.into_iter().skip(before).take(size).collect(), next)
}

async fn ended_page(
    app: &App,
    visitor: &Visitor,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<(Vec<ApiKey>, Option<String>)> {
    let part = Some(wanted.q.trim()).filter(|part| !part.is_empty());
    let keys = app.store.list_ended_keys(visitor.account(), part, wanted.before, PAGE, now).await?;
    let last = ("before", keys.last().map(|last| last.id.to_string()));
    let pairs = [("show", "revoked"), ("q", part.unwrap_or_default())];
    let next = paging::next(HERE, &pairs, keys.len(), last);
    Ok((keys, next))
}

/// Returns rows with their small charts: one query for all of them.
async fn rows(app: &App, visitor: &Visitor, keys: &[ApiKey]) -> Result<Vec<KeyRow>> {
    let (words, now) = (visitor.words(), app.clock.now());
    let today = Granularity::Day.start_of(now);
    let from = today.plus_ms(-(CHART_DAYS - 1) * DAY_MS);
    let living: Vec<i64> = keys.iter().filter(|key| is_alive(key, now)).map(|key| key.id).collect();
    let time = (from, today.plus_ms(DAY_MS));
    let points =
        app.store.usage_of_keys(visitor.account(), &living, Granularity::Day, time).await?;
    let row = |key: &ApiKey| {
        let mut row = self::row(app, visitor, key);
        if !is_alive(key, now) {
            return row;
        }
        let mut days = vec![0_i64; usize::try_from(CHART_DAYS).unwrap_or(0)];
        let (mut all, mut refused) = (0, 0);
        for point in points.iter().filter(|point| point.api_key_id == key.id) {
            let day = usize::try_from(point.starts_at.ms_since(from) / DAY_MS);
            if let Some(day) = day.ok().and_then(|day| days.get_mut(day)) {
                *day += point.requests;
            }
            all += point.requests;
            refused += if is_refusal(point.outcome) { point.requests } else { 0 };
        }
        row.days = Some(spark(words, &days));
        row.refused = percent(words, refused, all);
        row
    };
    Ok(keys.iter().map(row).collect())
}

fn is_alive(key: &ApiKey, now: Timestamp) -> bool {
    !matches!(key.status(now), KeyStatus::Revoked | KeyStatus::Expired)
}

/// Returns a key for a list, without its chart.
pub(super) fn row(app: &App, visitor: &Visitor, key: &ApiKey) -> KeyRow {
    let (words, now) = (visitor.words(), app.clock.now());
    let is_own = key.created_by == Some(visitor.principal().user_id);
    let status = key.status(now);
    let applying = Remark::ALL.into_iter().filter(|remark| remark.applies(key, now));
    let mut remarks: Vec<String> = applying.map(|remark| remark.chip(words, key, now)).collect();
    match status {
        KeyStatus::Disabled => remarks.push(words.t("Switched off").to_owned()),
        KeyStatus::Expiring if used_after_rotation(key) => {
            remarks.push(words.t("Replaced, still in use").to_owned());
        }
        KeyStatus::Expiring => remarks.push(words.t("Replaced").to_owned()),
        _ => {}
    }
    KeyRow {
        id: key.id,
        name: key.name.clone(),
        key_id: key.key_id.clone(),
        status,
        state: status_name(words, status),
        environment: key.environment.map(model::Environment::as_str),
        created: words.time(key.created_at, now),
        expires: key.expires_at.map(|at| words.time(at, now)),
        last_used: key.last_used_at.map(|at| words.time(at, now)),
        last_used_ip: key.last_used_ip.clone(),
        days: None,
        refused: String::new(),
        remarks,
        may_change: visitor.may(Scope::KeysWrite) && (visitor.role().manages_every_key() || is_own),
    }
}

/// The same keys as a table, all of them.
pub(super) async fn table(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    const FILE: &str = "api-keys.csv";
    let (now, account) = (app.clock.now(), visitor.account());
    if !wanted.shows_ended() {
        let living = app.store.list_living_keys(account, now).await?;
        let mut out = String::new();
        csv::push_row(&mut out, COLUMNS);
        for key in wanted.chosen(living, now) {
            push(&mut out, &key, now);
        }
        return Ok(csv::file(FILE, out));
    }
    Ok(csv::streamed_file(FILE, &COLUMNS, move |before| {
        let (app, part) = (app.clone(), wanted.q.trim().to_owned());
        async move {
            let part = Some(part.as_str()).filter(|part| !part.is_empty());
            let keys = app.store.list_ended_keys(account, part, before, AT_ONCE, now).await?;
            let Some(last) = keys.last().map(|last| last.id) else { return Ok(None) };
            let mut out = String::new();
            keys.iter().for_each(|key| push(&mut out, key, now));
            Ok(Some((out, last)))
        }
    }))
}

const COLUMNS: [&str; 11] = [
    "id",
    "key_id",
    "name",
    "status",
    "environment",
    "scopes",
    "created_at",
    "expires_at",
    "last_used_at",
    "last_used_ip",
    "revoked_at",
];

fn push(out: &mut String, key: &ApiKey, now: Timestamp) {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let cells = [
        key.id.to_string(),
        key.key_id.clone(),
        key.name.clone(),
        key.status(now).to_string(),
        key.environment.map(|environment| environment.to_string()).unwrap_or_default(),
        scopes.join(" "),
        key.created_at.to_string(),
        time(key.expires_at),
        time(key.last_used_at),
        key.last_used_ip.clone().unwrap_or_default(),
        time(key.revoked_at),
    ];
    csv::push_row(out, cells.iter().map(String::as_str));
}
