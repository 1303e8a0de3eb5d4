use axum::extract::State;
use axum::response::Response;
use model::{DAY_MS, KeyStatus, Outcome, Scope};
use store::{AlertFilter, AttemptGrouping, ScanFilter};
use ui::Section;
use ui::pages::overview::{Card, Overview, Step};

use super::answer::page;
use super::usage::{attempts, chart, refused, requests};
use super::visitor::Visitor;
use super::{alerts, key_list, scans, usage};
use crate::app::App;
use crate::error::Result;
use crate::ops;
use crate::ops::usage_report::Outcomes;

/// Rows of each list.
const FEW: i64 = 5;
/// Addresses that are counted one by one.
const ADDRESSES: i64 = 1_000;

/// What somebody wants to know first.
pub(super) async fn show(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    let (words, now) = (visitor.words(), app.clock.now());
    let account = visitor.account();
    let store = &app.store;
    let used = ops::usage::scans_this_month(&app, account).await?;
    let limit = visitor.principal().plan_scans_per_month;
    let latest = store.list_scans(account, &ScanFilter::default(), FEW).await?;
    let keys = store.list_living_keys(account, now).await?;
    let ended = store.list_ended_keys(account, None, None, FEW, now).await?;
    let unread = AlertFilter { is_read: Some(false), ..AlertFilter::default() };
    let unread = store.list_alerts(account, &unread, FEW).await?;
    let fortnight = requests(&app, account, 14).await?;
    let mut week = Outcomes::default();
    fortnight.series.iter().rev().take(7).for_each(|(_, day)| week.join(day));
    let since = attempts(now.plus_ms(-DAY_MS), now);
    let failed =
        store.group_failed_attempts(account, &since, AttemptGrouping::Ip, ADDRESSES).await?;
    let refusals: i64 = failed.iter().map(|group| group.attempts).sum();
    let works = |status| matches!(status, KeyStatus::Active | KeyStatus::Expiring);
    let living = keys.iter().filter(|key| works(key.status(now))).count();
    let was_used = keys.iter().chain(&ended).any(|key| key.last_used_at.is_some());
    let steps = [
        (words.t("Scan a domain"), "/scans/new", !latest.is_empty()),
        (
            words.t("Create an API Key"),
            "/settings/api-keys/new",
            !keys.is_empty() || !ended.is_empty(),
        ),
        (words.t("Call the API with it"), "/settings/api-keys", was_used),
    ];
    let steps = steps.map(|(text, path, is_done)| Step { text, path, is_done });
    let is_new = visitor.may(Scope::ScansWrite) && steps.iter().any(|step| !step.is_done);
    let turned_away = refused(&week) + week.of(Outcome::RateLimited);
    let count = |number: usize| words.number(i64::try_from(number).unwrap_or(i64::MAX));
    let cards = vec![
        Card {
            label: words.t("Scans this month"),
            value: words.t2("{} of {}", words.number(used), words.number(limit)),
            remark: words.t1("Starts anew {}.", words.ago(ops::usage::next_month(now), now)),
            path: "/settings/usage",
        },
        Card {
            label: words.t("API requests, 7 days"),
            value: words.number(week.sum()),
            remark: words.t1("{} refused.", words.number(turned_away)),
            path: "/settings/usage",
        },
        Card {
            label: words.t("Failed attempts, 24 hours"),
            value: words.number(refusals),
            remark: words.tn(
                i64::try_from(failed.len()).unwrap_or(i64::MAX),
                "From one address.",
                "From {} addresses.",
            ),
            path: "/settings/security#refused",
        },
        Card {
            label: words.t("Working API Keys"),
            value: count(living),
            remark: String::new(),
            path: "/settings/api-keys",
        },
    ];
    let rows = keys.iter().map(|key| key_list::row(&app, &visitor, key));
    let needy = rows.filter(|row| row.is_alive() && !row.remarks.is_empty());
    let mut frame = visitor.frame(words.t("Overview"), Section::Overview);
    frame.lead = words.t1("Plan “{}”", &visitor.principal().plan_id);
    frame.notices.extend(usage::nearly_used_up(&app, &visitor).await?);
    frame.action =
        frame.may_scan().then(|| (words.t("New scan").to_owned(), "/scans/new".to_owned()));
    Ok(page(&Overview {
        frame,
        cards,
        steps: if is_new { steps.into() } else { Vec::new() },
        alerts: unread.into_iter().map(|alert| alerts::row(&app, &visitor, alert)).collect(),
        chart: chart(words, &fortnight),
        keys: needy.take(usize::try_from(FEW).unwrap_or(5)).collect(),
        scans: latest.into_iter().map(|scan| scans::row(&app, &visitor, scan)).collect(),
    }))
}
