//! What somebody wants to know first. Each part asks for itself: one that cannot be read says so in its
//! place, and the others stand.

use axum::extract::{Query, State};
use axum::response::Response;
use model::{DAY_MS, Grade, Outcome, Scope, Severity};
use serde::Deserialize;
use store::{AlertFilter, ApiKey, AttemptGrouping, DomainFilter, ScanFilter, ScoredScan};
use ui::pages::overview::{Choices, Figure, Need, Overview, Step};
use ui::parts::{Point, scores};
use ui::{Html, Section, Words};

use super::answer::page;
use super::form::nonce;
use super::titles;
use super::usage::{attempts, chart, refused, requests};
use super::visitor::Visitor;
use super::{alerts, domains, key_list, scans, usage};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::usage_report::Outcomes;
use crate::request_id;

/// Rows of each list.
const FEW: usize = 5;
/// Domains that are looked through.
const DOMAINS: i64 = 500;
/// Domains whose reports are opened for what needs somebody.
const OPENED: usize = 3;
/// Addresses that are counted one by one.
const ADDRESSES: i64 = 1_000;
/// Days that the chart of requests can show; the second is shown first.
const RANGES: [i64; 4] = [7, 14, 30, 90];
/// Days and scores of the chart of a domain.
const SCORE_DAYS: i64 = 90;
const SCORES: i64 = 200;

#[derive(Deserialize)]
pub(super) struct Wanted {
    days: Option<i64>,
    #[serde(default)]
    domain: String,
}

pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    let words = visitor.words();
    let account = visitor.account();
    let few = i64::try_from(FEW).unwrap_or(i64::MAX);
    let days = wanted.days.filter(|days| RANGES.contains(days)).unwrap_or(RANGES[1]);
    let every = DomainFilter::default();
    let found = app.store.list_scanned_domains(account, &every, DOMAINS, 2).await;
    let found = read(found.map_err(Error::from));
    let newest = found.as_deref().map(newest);
    let latest = app.store.list_scans(account, &ScanFilter::default(), few).await;
    let latest = read(latest.map_err(Error::from));
    let now = app.clock.now();
    let keys = read(app.store.list_living_keys(account, now).await.map_err(Error::from));
    let ended = app.store.list_ended_keys(account, None, None, few, now).await;
    let ended = read(ended.map_err(Error::from));
    let cards = vec![
        domains_card(words, newest.as_deref()),
        average_card(words, newest.as_deref(), found.as_deref()),
        requests_card(&app, &visitor).await,
        attempts_card(&app, &visitor).await,
    ];
    let steps = steps(
        &visitor,
        latest.as_ref().map(Vec::len),
        keys.as_deref().zip(ended.as_deref()).map(|(living, ended)| living.iter().chain(ended)),
    );
    let choice = match wanted.domain.trim() {
        "" => newest.iter().flatten().max_by_key(|scan| scan.completed_at),
        name => newest.iter().flatten().find(|scan| scan.domain == name),
    };
    let domain = choice.map(|scan| scan.domain.clone());
    let score_chart = match &domain {
        Some(domain) => read(score_chart(&app, &visitor, domain).await),
        None => None,
    };
    let used = read(ops::usage::scans_this_month(&app, account).await);
    let mut frame = visitor.frame(words.t("Overview"), Section::Overview);
    frame.lead = words.t1("Plan “{}”", &visitor.principal().plan_id);
    if let Some(used) = used {
        let limit = words.number(visitor.principal().plan_scans_per_month);
        let used = words.t2("{} of {} scans used", words.number(used), limit);
        let anew = words.t1("Starts anew {}.", words.ago(ops::usage::next_month(now), now));
        frame.lead = format!("{}: {used}. {anew}", frame.lead);
    }
    frame.notices.extend(read(usage::nearly_used_up(&app, &visitor).await).flatten());
    frame.action =
        frame.may_scan().then(|| (words.t("New scan").to_owned(), "/scans/new".to_owned()));
    let needy = keys.as_deref().map(|keys| {
        let rows = keys.iter().map(|key| key_list::row(&app, &visitor, key));
        rows.filter(|row| row.is_alive() && !row.remarks.is_empty()).take(FEW).collect()
    });
    Ok(page(&Overview {
        frame,
        nonce: nonce()?,
        cards,
        steps,
        needs: read(needs(&app, &visitor, newest.as_deref().unwrap_or_default()).await),
        days,
        ranges: RANGES.to_vec(),
        chart: read(requests(&app, account, days).await).map(|report| chart(words, &report)),
        score_chart,
        choices: Choices {
            chosen: domain,
            domains: newest.iter().flatten().map(|scan| scan.domain.clone()).collect(),
        },
        keys: needy,
        scans: latest.map(|latest| {
            latest.into_iter().map(|scan| scans::row(&app, &visitor, scan)).collect()
        }),
    }))
}

/// Returns what was read; what was not is for the log, and its part of the page says so.
fn read<T>(found: Result<T>) -> Option<T> {
    found.map_err(|error| request_id::log_internal(&error, "-")).ok()
}

/// Returns the newest scan of each domain.
fn newest(found: &[ScoredScan]) -> Vec<ScoredScan> {
    let of_one = found.chunk_by(|one, next| one.domain == next.domain);
    of_one.filter_map(|scans| scans.last().cloned()).collect()
}

fn domains_card(words: Words, newest: Option<&[ScoredScan]>) -> Figure {
    let label = words.t("Domains");
    let Some(newest) = newest else { return Figure::failed(label) };
    let many = i64::try_from(newest.len()).unwrap_or(i64::MAX);
    let bad = newest.iter().filter(|scan| scan.critical_issues > 0).count();
    let value = words.number(many);
    Figure {
        label,
        value: Some(if many < DOMAINS { value } else { format!("{value}+") }),
        remark: words.tn(
            i64::try_from(bad).unwrap_or(i64::MAX),
            "One with critical findings.",
            "{} with critical findings.",
        ),
        path: "/domains",
    }
}

fn average_card(
    words: Words,
    newest: Option<&[ScoredScan]>,
    found: Option<&[ScoredScan]>,
) -> Figure {
    let label = words.t("Average score");
    let (Some(newest), Some(found)) = (newest, found) else { return Figure::failed(label) };
    let mean = |scores: &[i64]| {
        let many = i64::try_from(scores.len()).ok().filter(|many| *many > 0)?;
        Some((scores.iter().sum::<i64>() * 2 + many) / (many * 2))
    };
    let now: Vec<i64> = newest.iter().map(|scan| scan.score).collect();
    // Where a domain was scanned once, it stood then as it stands.
    let before = found.chunk_by(|one, next| one.domain == next.domain);
    let before: Vec<i64> = before.filter_map(|scans| Some(scans.first()?.score)).collect();
    let (now, before) = (mean(&now), mean(&before));
    let grade = now.and_then(|mean| u8::try_from(mean).ok()).map(Grade::of);
    let remark = match now.zip(before).map(|(now, before)| now - before) {
        None => words.t("No domain has a score yet.").to_owned(),
        Some(0) => words.t("As at the scans before.").to_owned(),
        Some(points @ 1..) => words.t1("Up {} since the scans before.", points),
        Some(points) => words.t1("Down {} since the scans before.", -points),
    };
    let value = now.zip(grade).map(|(mean, grade)| format!("{mean} {grade}"));
    Figure {
        label, value: Some(value.unwrap_or_else(|| "–".to_owned())), remark, path: "/domains"
    }
}

async fn requests_card(app: &App, visitor: &Visitor) -> Figure {
    let words = visitor.words();
    let label = words.t("API requests, 7 days");
    let Some(week) = read(requests(app, visitor.account(), 7).await) else {
        return Figure::failed(label);
    };
    let mut outcomes = Outcomes::default();
    week.series.iter().for_each(|(_, day)| outcomes.join(day));
    let (sum, away) = (outcomes.sum(), refused(&outcomes) + outcomes.of(Outcome::RateLimited));
    // Tenths of a percent, rounded half up.
    let share = (away * 2_000 + sum).checked_div(sum * 2).unwrap_or(0);
    let share = words.points(share * 100);
    Figure {
        label,
        value: Some(words.number(sum)),
        remark: words.t1("{} % refused.", share.trim_start_matches('+')),
        path: "/settings/usage",
    }
}

async fn attempts_card(app: &App, visitor: &Visitor) -> Figure {
    let (words, now) = (visitor.words(), app.clock.now());
    let label = words.t("Failed attempts, 24 hours");
    let day = attempts(now.plus_ms(-DAY_MS), now);
    let by = AttemptGrouping::Ip;
    let failed = app.store.group_failed_attempts(visitor.account(), &day, by, ADDRESSES).await;
    let Some(failed) = read(failed.map_err(Error::from)) else { return Figure::failed(label) };
    Figure {
        label,
        value: Some(words.number(failed.iter().map(|group| group.attempts).sum::<i64>())),
        remark: words.tn(
            i64::try_from(failed.len()).unwrap_or(i64::MAX),
            "From one address.",
            "From {} addresses.",
        ),
        path: "/settings/security#refused",
    }
}

/// Returns what is to be done on a new account; nothing once all of it was.
fn steps<'k>(
    visitor: &Visitor,
    scans: Option<usize>,
    keys: Option<impl Iterator<Item = &'k ApiKey>>,
) -> Vec<Step> {
    let words = visitor.words();
    let (Some(scans), Some(keys)) = (scans, keys) else { return Vec::new() };
    let keys: Vec<_> = keys.collect();
    let was_used = keys.iter().any(|key| key.last_used_at.is_some());
    let steps = [
        (words.t("Scan a domain"), "/scans/new", scans > 0),
        (words.t("Create an API Key"), "/settings/api-keys/new", !keys.is_empty()),
        (words.t("Call the API with it"), "/settings/api-keys", was_used),
    ];
    let is_new = visitor.may(Scope::ScansWrite) && steps.iter().any(|(.., is_done)| !is_done);
    let steps = steps.map(|(text, path, is_done)| Step { text, path, is_done });
    if is_new { steps.into() } else { Vec::new() }
}

/// Returns what somebody has to look at: the worst findings of the newest scans, then alerts.
async fn needs(app: &App, visitor: &Visitor, newest: &[ScoredScan]) -> Result<Vec<Need>> {
    let (words, now) = (visitor.words(), app.clock.now());
    let mut bad: Vec<&ScoredScan> =
        newest.iter().filter(|scan| scan.critical_issues + scan.high_issues > 0).collect();
    bad.sort_by_key(|scan| std::cmp::Reverse((scan.critical_issues, scan.high_issues)));
    let mut needs = Vec::new();
    for scan in bad.into_iter().take(OPENED) {
        let Some(report) = app.store.find_report(visitor.account(), scan.id).await? else {
            continue;
        };
        let since = app.store.find_first_seen(visitor.account(), scan.id).await?;
        let worst = report.findings().filter(|(_, finding)| finding.severity >= Severity::High);
        needs.extend(worst.map(|(_, finding)| Need {
            severity: finding.severity,
            title: titles::of_check(words, &finding.check).to_owned(),
            about: scan.domain.clone(),
            when: since.get(&finding.check).map_or_else(Html::default, |at| words.time(*at, now)),
            path: format!("/scans/{}#{}", scan.id, finding.check),
        }));
    }
    needs.sort_by_key(|need| std::cmp::Reverse(need.severity));
    needs.truncate(FEW);
    let unread = AlertFilter { is_read: Some(false), ..AlertFilter::default() };
    let few = i64::try_from(FEW).unwrap_or(i64::MAX);
    let alerts = app.store.list_alerts(visitor.account(), &unread, few).await?;
    needs.extend(alerts.into_iter().map(|alert| {
        let row = alerts::row(app, visitor, alert);
        let about = row.domain.unwrap_or_default();
        let path = row.path.unwrap_or_else(|| "/alerts".to_owned());
        Need { severity: row.severity, title: row.title, about, when: row.when, path }
    }));
    Ok(needs)
}

/// Returns how the score of a domain went in the last months.
async fn score_chart(app: &App, visitor: &Visitor, domain: &str) -> Result<Html> {
    let since = app.clock.now().plus_ms(-SCORE_DAYS * DAY_MS);
    let scored = app.store.list_scores(visitor.account(), domain, SCORES).await?;
    let recent = scored.iter().rev().filter(|scan| scan.completed_at >= since);
    let points = recent.map(|scan| Point { at: scan.completed_at, score: scan.score });
    let marks = domains::marks(app, visitor, &scored).await?;
    Ok(scores(visitor.words(), &points.collect::<Vec<_>>(), &marks))
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;

    fn scored(domain: &str, score: u8, critical: i64) -> ScoredScan {
        ScoredScan {
            id: 1,
            domain: domain.to_owned(),
            completed_at: Timestamp(0),
            score: score.into(),
            grade: Grade::of(score),
            critical_issues: critical,
            high_issues: 0,
            catalogue_version: None,
        }
    }

    #[test]
    fn cards_tell_how_domains_stand_and_what_could_not_be_read() {
        let words = Words::default();
        let found = [scored("a", 60, 1), scored("a", 70, 1), scored("b", 81, 0)];
        let of_each = newest(&found);
        assert_eq!(of_each.len(), 2);
        let card = average_card(words, Some(&of_each), Some(&found));
        assert_eq!(
            (card.value.as_deref(), card.remark.as_str()),
            (Some("76 B"), "Up 5 since the scans before.")
        );
        let card = domains_card(words, Some(&of_each));
        assert_eq!(
            (card.value.as_deref(), card.remark.as_str()),
            (Some("2"), "One with critical findings.")
        );
        assert_eq!(average_card(words, Some(&[]), Some(&[])).value.as_deref(), Some("–"));
        assert_eq!(domains_card(words, None).value, None, "a card that failed has no number");
    }
}
