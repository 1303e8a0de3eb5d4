//! Usage and plan: how full the limits are and what all plans have, requests by outcome, by key and by
//! person, the months before.
//!
//! The overview and the page of a key draw the same chart: [`requests`] reads, [`chart`] draws.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Response;
use model::{DAY_MS, Granularity, Outcome, Timestamp};
use serde::Deserialize;
use store::AttemptFilter;
use ui::pages::admin::NUMBERS;
use ui::pages::usage::{KeyUsageRow, Meter, MonthRow, PersonRow, PlanLimits, Usage};
use ui::parts::{Bar, bars, quota_notice};
use ui::{Html, Notice, Section, Words, utc_date};

use super::admin::numbers_of;
use super::answer::page;
use super::visitor::Visitor;
use crate::api::csv;
use crate::app::App;
use crate::error::Result;
use crate::limits::{Limits, Standing};
use crate::ops;
use crate::ops::usage_report::{self, OfKey, Outcomes, by_period};

/// Months that are looked back on.
const MONTHS: i64 = 12;
/// People that are counted; plans have fewer seats.
const MOST_MEMBERS: i64 = 2_000;

#[derive(Default, Deserialize)]
pub(super) struct Range {
    days: Option<i64>,
}

/// Days that can be looked at.
const DAYS: [i64; 4] = [1, 7, 30, 90];

impl Range {
    pub(super) fn days(&self) -> i64 {
        self.days.filter(|days| DAYS.contains(days)).unwrap_or(7)
    }
}

/// Returns the times that can be looked at, with their labels.
pub(super) fn ranges(words: Words) -> Vec<(i64, &'static str)> {
    let labels = [words.t("24 hours"), words.t("7 days"), words.t("30 days"), words.t("90 days")];
    DAYS.into_iter().zip(labels).collect()
}

/// What the account used, and what its plan allows.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(range): Query<Range>,
) -> Result<Response> {
    let (words, account, days) = (visitor.words(), visitor.account(), range.days());
    let requests = requests(&app, account, days).await?;
    let of_keys = of_keys(&app, account, &requests).await?;
    let makers = makers(&app, account).await?;
    let mut frame = visitor.frame(words.t("Usage & Plan"), Section::Usage);
    frame.lead = words.t1("Plan “{}”", &visitor.principal().plan_id);
    // The link leads here.
    let notice = nearly_used_up(&app, &visitor).await?;
    frame.notices.extend(notice.map(|notice| Notice { link: None, ..notice }));
    Ok(page(&Usage {
        frame,
        meters: meters(&app, &visitor).await?,
        ranges: ranges(words),
        days,
        chart: chart(words, &requests),
        people: people(words, &of_keys, &makers),
        keys: keys(of_keys),
        months: months(&app, account).await?,
        labels: NUMBERS.iter().map(|label| words.t(label)).collect(),
        plans: plans(&app, &visitor).await?,
    }))
}

/// Returns the warning of an account that has used most of its month.
pub(super) async fn nearly_used_up(app: &App, visitor: &Visitor) -> Result<Option<Notice>> {
    let (words, now) = (visitor.words(), app.clock.now());
    let used = ops::usage::scans_this_month(app, visitor.account()).await?;
    let anew = words.ago(ops::usage::next_month(now), now);
    Ok(quota_notice(words, used, visitor.principal().plan_scans_per_month, &anew))
}

/// Returns the address of who made each key.
async fn makers(app: &App, account: i64) -> Result<BTreeMap<i64, String>> {
    Ok(app.store.makers_of_keys(account).await?.into_iter().collect())
}

/// What was asked in a time, by key, as a table.
pub(super) async fn table(
    State(app): State<App>,
    visitor: Visitor,
    Query(range): Query<Range>,
) -> Result<Response> {
    let account = visitor.account();
    let requests = requests(&app, account, range.days()).await?;
    let makers = makers(&app, account).await?;
    let mut out = String::new();
    let names = Outcome::ALL.iter().map(|outcome| outcome.as_str());
    csv::push_row(&mut out, ["key_id", "name", "created_by", "requests"].into_iter().chain(names));
    for key in of_keys(&app, account, &requests).await? {
        let maker = makers.get(&key.api_key_id).cloned().unwrap_or_default();
        let numbers = Outcome::ALL.iter().map(|outcome| key.outcomes.of(*outcome).to_string());
        let sum = key.outcomes.sum().to_string();
        let texts = [key.key_id.unwrap_or_default(), key.name.unwrap_or_default(), maker, sum];
        let cells: Vec<String> = texts.into_iter().chain(numbers).collect();
        csv::push_row(&mut out, cells.iter().map(String::as_str));
    }
    Ok(csv::file("usage.csv", out))
}

/// Returns what finds every refused credential of a time, up to now.
pub(super) fn attempts(from: Timestamp, now: Timestamp) -> AttemptFilter {
    let to = now.plus_ms(1);
    AttemptFilter { from, to, key_id: None, reason: None, ip: None, before: None }
}

async fn meters(app: &App, visitor: &Visitor) -> Result<Vec<Meter>> {
    let words = visitor.words();
    let now = app.clock.now();
    let (account, user) = (visitor.account(), visitor.principal());
    let used = ops::usage::scans_this_month(app, account).await?;
    let running = app.store.count_running(account).await?;
    let members = app.store.list_members(account, MOST_MEMBERS, now).await?;
    let meter = |label: &str, used: i64, limit: i64, remark: String| Meter {
        label: label.to_owned(),
        used,
        limit,
        said: words.t2("{} of {}", words.number(used), words.number(limit)),
        remark,
    };
    let limit = user.plan_scans_per_month;
    let mut anew = words.t1("Starts anew {}.", words.ago(ops::usage::next_month(now), now));
    if let Some(end) = ops::usage::used_up_at(used, limit, now) {
        anew = format!("{} {anew}", words.t1("At this pace used up on {}.", utc_date(end)));
    }
    let mut meters = vec![meter(words.t("Scans this month"), used, limit, anew)];
    for Standing { window, limit, room, .. } in app.limiter.standings(&Limits::of(visitor), now) {
        let label = match window {
            "minute" => words.t("Requests a minute"),
            "hour" => words.t("Requests an hour"),
            _ => words.t("Requests a day"),
        };
        let remark = words.t("Counted over any such time, not by the clock.").to_owned();
        meters.push(meter(label, limit - room.remaining, limit, remark));
    }
    let remark = words.t("Others wait until one of them is done.").to_owned();
    let running = meter(words.t("Scans running now"), running, user.plan_concurrent_scans, remark);
    let people = i64::try_from(members.len()).unwrap_or(i64::MAX);
    let remark = String::new();
    meters.extend([running, meter(words.t("People in the team"), people, user.plan_seats, remark)]);
    Ok(meters)
}

/// Returns the months before, the latest first, each with its share of the busiest.
async fn months(app: &App, account: i64) -> Result<Vec<MonthRow>> {
    let months = app.store.scans_by_month(account, MONTHS).await?;
    let most = months.iter().map(|(_, scans)| *scans).max().unwrap_or(0).max(1);
    Ok(months.into_iter().map(|(month, scans)| MonthRow { month, scans, most }).collect())
}

/// Returns what every plan allows.
async fn plans(app: &App, visitor: &Visitor) -> Result<Vec<PlanLimits>> {
    let own = visitor.principal().plan();
    let limits = |plan: model::Plan| PlanLimits {
        is_present: plan.id == own.id,
        // What was agreed with this account alone stands in place of its plan's numbers.
        numbers: if plan.id == own.id { numbers_of(&own) } else { numbers_of(&plan) },
        id: plan.id,
    };
    Ok(app.store.list_plans().await?.into_iter().map(limits).collect())
}

/// The requests of the last days, hour by hour for one day.
pub(super) struct Requests {
    granularity: Granularity,
    time: (Timestamp, Timestamp),
    pub(super) series: Vec<(Timestamp, Outcomes)>,
}

/// Returns the requests of the last days, the present one included.
pub(super) async fn requests(app: &App, account: i64, days: i64) -> Result<Requests> {
    let granularity = if days > 1 { Granularity::Day } else { Granularity::Hour };
    let to = granularity.start_of(app.clock.now()).plus_ms(granularity.ms());
    let time = (to.plus_ms(-days * DAY_MS), to);
    let series = by_period(app, account, granularity, time).await?;
    Ok(Requests { granularity, time, series })
}

/// Returns the same requests by key.
async fn of_keys(app: &App, account: i64, requests: &Requests) -> Result<Vec<OfKey>> {
    usage_report::of_keys(app, account, requests.granularity, requests.time).await
}

/// Returns the chart of requests.
pub(super) fn chart(words: Words, requests: &Requests) -> Html {
    draw(words, requests.granularity, &requests.series, &|_| false)
}

/// Returns the chart of a series. `is_marked` says which periods stand out.
pub(super) fn draw(
    words: Words,
    granularity: Granularity,
    series: &[(Timestamp, Outcomes)],
    is_marked: &dyn Fn(Timestamp) -> bool,
) -> Html {
    let series = series.iter().map(|(at, outcomes)| Bar {
        label: match granularity {
            Granularity::Day => utc_date(*at)[5..].to_owned(),
            _ => words.time_of_day(*at),
        },
        accepted: outcomes.sum() - refused(outcomes) - outcomes.of(Outcome::RateLimited),
        limited: outcomes.of(Outcome::RateLimited),
        refused: refused(outcomes),
        is_marked: is_marked(*at),
    });
    bars(words, "requests", words.t("API requests by outcome"), &series.collect::<Vec<_>>())
}

/// Outcomes of requests that were refused.
const REFUSALS: [Outcome; 4] =
    [Outcome::Unauthorized, Outcome::Forbidden, Outcome::QuotaExceeded, Outcome::RateLimited];

/// Returns whether a request that ended so was refused, for whatever reason.
pub(super) fn is_refusal(outcome: Outcome) -> bool {
    REFUSALS.contains(&outcome)
}

/// Returns how many requests were refused for another reason than a rate.
pub(super) fn refused(outcomes: &Outcomes) -> i64 {
    let refusals = [Outcome::Unauthorized, Outcome::Forbidden, Outcome::QuotaExceeded];
    refusals.iter().map(|outcome| outcomes.of(*outcome)).sum()
}

fn keys(keys: Vec<OfKey>) -> Vec<KeyUsageRow> {
    let row = |key: OfKey| KeyUsageRow {
        path: (key.api_key_id > 0).then(|| format!("/settings/api-keys/{}", key.api_key_id)),
        name: key.name,
        key_id: key.key_id,
        requests: key.outcomes.sum(),
        refused: refused(&key.outcomes) + key.outcomes.of(Outcome::RateLimited),
    };
    let mut rows: Vec<_> = keys.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.requests));
    rows
}

/// Sums the requests of keys up by who made them. What people did signed in is nobody's in
/// particular: such requests are counted together.
fn people(words: Words, keys: &[OfKey], makers: &BTreeMap<i64, String>) -> Vec<PersonRow> {
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for key in keys {
        let who = match key.api_key_id {
            0 => words.t("Signed-in people"),
            id => makers.get(&id).map_or(words.t("Nobody of the team"), String::as_str),
        };
        let sum = sums.entry(who).or_default();
        sum.0 += key.outcomes.sum();
        sum.1 += refused(&key.outcomes) + key.outcomes.of(Outcome::RateLimited);
    }
    let row = |(who, (requests, refused)): (&str, (i64, i64))| PersonRow {
        who: who.to_owned(),
        requests,
        refused,
    };
    let mut rows: Vec<_> = sums.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.requests));
    rows
}
