//! The domains with a report, and one of them over time.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{DomainName, Ownership};
use report::PasteView;
use scan::ownership::file_url;
use serde::Deserialize;
use store::{DomainFilter, ScoredScan};
use ui::Section;
use ui::pages::domains::{BadgeSnippets, Domain, DomainRow, Domains, HistoryRow};
use ui::pages::ownership::Claim;
use ui::parts::{Point, scores, spark};

use super::answer::page;
use super::done::{Done, Told};
use super::form::{Form, Nothing};
use super::paging::{self, PAGE};
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::ScansWrite;
use crate::error::{Error, Result};
use crate::ops;

const HERE: &str = "/domains";
/// Scores in the small line of a domain.
const FEW: i64 = 20;
/// Scores in the history of one domain.
const MANY: i64 = 90;

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    q: String,
    after: Option<String>,
}

/// The list of domains, by name.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    let words = visitor.words();
    let part = wanted.q.trim().to_owned();
    let filter =
        DomainFilter { part: (!part.is_empty()).then(|| part.clone()), after: wanted.after };
    let found = app.store.list_scanned_domains(visitor.account(), &filter, PAGE, FEW).await?;
    let of_one = found.chunk_by(|one, next| one.domain == next.domain);
    let rows: Vec<_> = of_one.filter_map(|scans| row(&app, &visitor, scans)).collect();
    let last = rows.last().map(|row| row.domain.clone());
    let next = paging::next(HERE, &[("q", &part)], rows.len(), ("after", last));
    let mut frame = visitor.frame(words.t("Domains"), Section::Domains);
    frame.action =
        frame.may_scan().then(|| (words.t("New scan").to_owned(), "/scans/new".to_owned()));
    Ok(page(&Domains { frame, rows, part, next }))
}

/// The row of a domain with its scans, the oldest first.
fn row(app: &App, visitor: &Visitor, scans: &[ScoredScan]) -> Option<DomainRow> {
    let words = visitor.words();
    let newest = scans.last()?;
    let went: Vec<i64> = scans.iter().map(|scan| scan.score).collect();
    Some(DomainRow {
        domain: newest.domain.clone(),
        scan: newest.id,
        grade: Some(newest.grade),
        score: newest.score,
        change: match scans {
            [.., before, last] => Some((last.score - before.score) * 1_000),
            _ => None,
        },
        critical: newest.critical_issues,
        high: newest.high_issues,
        spark: spark(words, &went),
        when: words.time(newest.completed_at, app.clock.now()),
    })
}

/// One domain over time.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(domain): Path<String>,
    Query(told): Query<Told>,
) -> Result<Response> {
    Ok(page(&one(&app, &visitor, &domain, &told, None).await?))
}

/// The same after looking whether the domain is proven to be the account's.
pub(super) async fn check_ownership(
    State(app): State<App>,
    visitor: Visitor,
    Path(domain): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    visitor.require::<ScansWrite>(&app)?;
    // A domain without a page is not looked at.
    one(&app, &visitor, &domain, &Told::default(), None).await?;
    let domain = DomainName::parse(&domain).map_err(|_| Error::NotFound)?;
    let claim = ops::ownership::claim(&app, &visitor, &domain)?;
    let (found, _) = ops::ownership::check(&app, &claim).await?;
    Ok(page(&one(&app, &visitor, domain.as_str(), &Told::default(), Some(found)).await?))
}

async fn one(
    app: &App,
    visitor: &Visitor,
    domain: &str,
    told: &Told,
    found: Option<Ownership>,
) -> Result<Domain> {
    let (words, now) = (visitor.words(), app.clock.now());
    let domain = DomainName::parse(domain).map_err(|_| Error::NotFound)?;
    let scored = app.store.list_scores(visitor.account(), domain.as_str(), MANY).await?;
    if scored.is_empty() {
        return Err(Error::NotFound);
    }
    let points = scored.iter().rev();
    let points = points.map(|scan| Point { at: scan.completed_at, score: scan.score });
    let before = scored.iter().skip(1).map(Some).chain([None]);
    let rows = scored.iter().zip(before).map(|(scan, before)| HistoryRow {
        id: scan.id,
        grade: Some(scan.grade),
        score: scan.score,
        change: before.map(|before| (scan.score - before.score) * 1_000),
        critical: scan.critical_issues,
        high: scan.high_issues,
        when: words.time(scan.completed_at, now),
    });
    let badge = app.store.has_badge(visitor.account(), domain.as_str()).await?;
    let badge = badge.then(|| snippets(app, &domain));
    let claim = claim(&ops::ownership::claim(app, visitor, &domain)?, found);
    let mut frame = visitor.frame(domain.as_str(), Section::Domains);
    frame.notices.extend(told.notice(words));
    let again = format!("/scans/new?{}", super::refusal::query(&[("domain", domain.as_str())]));
    frame.action = frame.may_scan().then(|| (words.t("Scan again").to_owned(), again));
    Ok(Domain {
        frame,
        domain: domain.as_str().to_owned(),
        chart: scores(words, &points.collect::<Vec<_>>()),
        rows: rows.collect(),
        badge,
        claim,
    })
}

/// Returns what shows that a domain is the account's, for a page.
pub(super) fn claim(claim: &ops::ownership::Claim, found: Option<Ownership>) -> Claim {
    let text = claim.challenge.text();
    let record = format!("{}. 3600 IN TXT \"{text}\"", claim.record_name());
    Claim {
        covers: claim.covers().to_owned(),
        record: [PasteView { tool: "DNS".to_owned(), text: record }],
        file: file_url(&claim.domain),
        content: text.to_owned(),
        found,
    }
}

/// Returns what to paste to show the badge of a domain. It leads to the page where reports are verified.
fn snippets(app: &App, domain: &DomainName) -> BadgeSnippets {
    let url = &app.base_url;
    let picture = format!("{url}/v1/badge/{domain}.svg");
    BadgeSnippets {
        markdown: format!("[![Security of {domain}]({picture})]({url}/verify)"),
        html: format!(
            "<a href=\"{url}/verify\"><img src=\"{picture}\" alt=\"Security of {domain}\" height=\"20\"></a>"
        ),
    }
}

#[derive(Deserialize)]
pub(super) struct Switch {
    badge: String,
}

/// Switches the badge of a domain on or off.
pub(super) async fn switch_badge(
    State(app): State<App>,
    visitor: Visitor,
    Path(domain): Path<String>,
    Form(sent): Form<Switch>,
) -> Result<Response> {
    visitor.require::<ScansWrite>(&app)?;
    let domain = DomainName::parse(&domain).map_err(|_| Error::NotFound)?;
    ops::badges::switch(&app, &visitor, &domain, sent.badge == "on").await?;
    Ok(Done::Saved.at(&format!("{HERE}/{domain}")))
}
