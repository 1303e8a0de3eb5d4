//! Usage and plan: how full the limits are, requests by outcome, by key, and what was refused.
//!
//! The overview and the page of a key draw the same chart: [`requests`] reads, [`chart`] draws.

use axum::extract::{Query, State};
use axum::response::Response;
use model::{DAY_MS, Granularity, Outcome, Timestamp};
use serde::Deserialize;
use store::{AttemptFilter, AttemptGroup, AttemptGrouping};
use ui::pages::usage::{KeyUsageRow, Meter, RefusedRow, Usage};
use ui::parts::{Bar, bars};
use ui::{Html, Section, Words, utc_date};

use super::answer::page;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::Result;
use crate::limits::{Limits, Standing};
use crate::ops;
use crate::ops::usage_report::{Outcomes, UsageReport, UsageWish};

/// Rows of each list of refused credentials.
const MOST: i64 = 10;

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
    let words = visitor.words();
    let account = visitor.account();
    let days = range.days();
    let report = requests(&app, account, days, None).await?;
    let now = app.clock.now();
    let filter = attempts(now.plus_ms(-days * DAY_MS), now);
    let groups = |by| app.store.group_failed_attempts(account, &filter, by, MOST);
    let by_ip = groups(AttemptGrouping::Ip).await?;
    let by_key = groups(AttemptGrouping::ApiKey).await?;
    let row = |group: AttemptGroup, what: fn(&AttemptGroup) -> Option<String>| RefusedRow {
        what: what(&group),
        attempts: group.attempts,
        last: words.time(group.last_at, now),
    };
    let plan = &visitor.principal().plan_id;
    let mut frame = visitor.frame(words.t("Usage & Plan"), Section::Usage);
    frame.lead = words.t1("Plan “{}”", plan);
    Ok(page(&Usage {
        frame,
        meters: meters(&app, &visitor).await?,
        ranges: ranges(words),
        days,
        chart: chart(words, &report),
        keys: keys(report),
        refused_by_ip: by_ip
            .into_iter()
            .map(|group| row(group, |group| group.ip.clone()))
            .collect(),
        refused_by_key: by_key
            .into_iter()
            .map(|group| row(group, |group| group.key_id.clone()))
            .collect(),
    }))
}

/// Returns what finds every refused credential of a time, up to now.
pub(super) fn attempts(from: Timestamp, now: Timestamp) -> AttemptFilter {
    let to = now.plus_ms(1);
    AttemptFilter { from, to, key_id: None, reason: None, ip: None, before: None }
}

async fn meters(app: &App, visitor: &Visitor) -> Result<Vec<Meter>> {
    let words = visitor.words();
    let now = app.clock.now();
    let user = visitor.principal();
    let used = ops::usage::scans_this_month(app, visitor.account()).await?;
    let meter = |label: &str, used: i64, limit: i64, remark: String| Meter {
        label: label.to_owned(),
        used,
        limit,
        said: words.t2("{} of {}", words.number(used), words.number(limit)),
        remark,
    };
    let anew = words.t1("Starts anew {}.", words.ago(ops::usage::next_month(now), now));
    let mut meters =
        vec![meter(words.t("Scans this month"), used, user.plan_scans_per_month, anew)];
    for Standing { window, limit, room, .. } in app.limiter.standings(&Limits::of(visitor), now) {
        let label = match window {
            "minute" => words.t("Requests a minute"),
            "hour" => words.t("Requests an hour"),
            _ => words.t("Requests a day"),
        };
        let remark = words.t("Counted over any such time, not by the clock.").to_owned();
        meters.push(meter(label, limit - room.remaining, limit, remark));
    }
    Ok(meters)
}

/// Returns the requests of the last days, hour by hour for one day.
pub(super) async fn requests(
    app: &App,
    account: i64,
    days: i64,
    key_id: Option<String>,
) -> Result<UsageReport> {
    let granularity = if days > 1 { Granularity::Day } else { Granularity::Hour };
    let now = app.clock.now();
    let wish = UsageWish {
        granularity,
        from: Some(now.plus_ms(granularity.ms() - days * DAY_MS)),
        to: None,
        key_id,
        endpoint: None,
        outcome: None,
    };
    ops::usage_report::report(app, account, wish).await
}

/// Returns the chart of a report.
pub(super) fn chart(words: Words, report: &UsageReport) -> Html {
    draw(words, report.granularity, &report.series, &|_| false)
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

fn keys(report: UsageReport) -> Vec<KeyUsageRow> {
    let row = |key: ops::usage_report::OfKey| KeyUsageRow {
        name: key.name,
        key_id: key.key_id,
        requests: key.outcomes.sum(),
        refused: refused(&key.outcomes) + key.outcomes.of(Outcome::RateLimited),
    };
    let mut rows: Vec<_> = report.keys.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.requests));
    rows
}
