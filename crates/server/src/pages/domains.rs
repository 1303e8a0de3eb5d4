//! The domains with a report, and one of them over time.

use std::collections::BTreeSet;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{DAY_MS, DomainName, ModuleId, Ownership};
use report::PasteView;
use scan::ownership::file_url;
use serde::Deserialize;
use store::{DomainFilter, DomainOrder, RiskFilter, ScoredScan};
use ui::pages::domains::{BadgeSnippets, Domain, DomainRow, Domains, HistoryRow};
use ui::pages::ownership::Claim;
use ui::parts::{Mark, Point, SortHead, scores, spark};
use ui::{Section, Words};

use super::answer::page;
use super::done::{Done, Told};
use super::form::{Form, Nothing};
use super::paging::{self, PAGE};
use super::visitor::Visitor;
use super::{accepted_risks, sorting, titles};
use crate::api::csv;
use crate::app::App;
use crate::auth::ScansWrite;
use crate::error::{Error, Result};
use crate::ops;

const HERE: &str = "/domains";
/// Scores in the small line of a domain.
const FEW: i64 = 20;
/// Scores in the history of one domain.
const MANY: i64 = 90;
/// Turns within a week that make a score unsteady.
const UNSTEADY: usize = 2;
/// Reports that are opened to tell by what.
const OPENED: usize = 8;

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    q: String,
    /// One of [`WAYS`].
    #[serde(default)]
    sort: String,
    after: Option<String>,
}

const WAYS: &[(&str, DomainOrder)] = &[
    ("name", DomainOrder::Name),
    ("-name", DomainOrder::NameReversed),
    ("score", DomainOrder::Worst),
    ("-score", DomainOrder::Best),
    ("-when", DomainOrder::Newest),
    ("when", DomainOrder::Oldest),
];

impl Filter {
    fn of_store(&self) -> DomainFilter {
        let part = self.q.trim();
        DomainFilter {
            part: (!part.is_empty()).then(|| part.to_owned()),
            order: self.sorting().1,
            after: self.after.clone(),
        }
    }

    fn sorting(&self) -> (&'static str, DomainOrder) {
        sorting::chosen(WAYS, &self.sort)
    }

    fn pairs(&self) -> [(&'static str, &str); 2] {
        [("q", self.q.trim()), ("sort", &self.sort)]
    }

    /// Returns the heads of the columns that the list can be sorted by: name, score and time.
    fn heads(&self, words: Words) -> [SortHead; 3] {
        let path = |way: &str| paging::path(HERE, [("q", self.q.trim()), ("sort", way)]);
        let chosen = self.sorting().0;
        [
            sorting::head(words.t("Domain"), "name", chosen, path),
            sorting::head(words.t("Score"), "score", chosen, path),
            sorting::head(words.t("When"), "-when", chosen, path),
        ]
    }
}

/// The list of domains.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    let words = visitor.words();
    let filter = wanted.of_store();
    let found = app.store.list_scanned_domains(visitor.account(), &filter, PAGE, FEW).await?;
    let of_one = found.chunk_by(|one, next| one.domain == next.domain);
    let rows: Vec<_> = of_one.filter_map(|scans| row(&app, &visitor, scans)).collect();
    let last = rows.last().map(|row| row.domain.clone());
    let next = paging::next(HERE, &wanted.pairs(), rows.len(), ("after", last));
    let mut frame = visitor.frame(words.t("Domains"), Section::Domains);
    frame.action =
        frame.may_scan().then(|| (words.t("New scan").to_owned(), "/scans/new".to_owned()));
    Ok(page(&Domains {
        frame,
        rows,
        part: wanted.q.trim().to_owned(),
        heads: wanted.heads(words),
        first: wanted.after.as_ref().map(|_| paging::path(HERE, wanted.pairs())),
        csv: paging::path("/domains.csv", wanted.pairs()),
        sort: wanted.sort,
        next,
    }))
}

/// The same list as a table.
pub(super) async fn table(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    const HEAD: [&str; 8] =
        ["domain", "scan_id", "grade", "score", "score_before", "critical", "high", "completed_at"];
    let (account, filter) = (visitor.account(), wanted.of_store());
    Ok(csv::streamed_file("domains.csv", &HEAD, move |after| {
        let (app, filter) = (app.clone(), DomainFilter { after, ..filter.clone() });
        async move {
            let found = app.store.list_scanned_domains(account, &filter, csv::PAGE, 2).await?;
            let Some(last) = found.last().map(|last| last.domain.clone()) else { return Ok(None) };
            let mut out = String::new();
            found.chunk_by(|one, next| one.domain == next.domain).for_each(|it| push(&mut out, it));
            Ok(Some((out, last)))
        }
    }))
}

/// Appends the row of a domain with its newest two scans, the older first.
fn push(out: &mut String, scans: &[ScoredScan]) {
    let [earlier @ .., newest] = scans else { return };
    let cells = [
        newest.domain.clone(),
        newest.id.to_string(),
        newest.grade.to_string(),
        newest.score.to_string(),
        earlier.last().map_or_else(String::new, |before| before.score.to_string()),
        newest.critical_issues.to_string(),
        newest.high_issues.to_string(),
        newest.completed_at.to_string(),
    ];
    csv::push_row(out, cells.iter().map(String::as_str));
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
    let went = |count: fn(&ScoredScan) -> i64| {
        spark(words, &scored.iter().rev().map(count).collect::<Vec<_>>())
    };
    let marks = marks(app, visitor, &scored).await?;
    let badge = app.store.has_badge(visitor.account(), domain.as_str()).await?;
    let badge = badge.then(|| snippets(app, &domain));
    let claim = claim(&ops::ownership::claim(app, visitor, &domain)?, found);
    let mut frame = visitor.frame(domain.as_str(), Section::Domains);
    frame.lead = super::live::unicode(domain.as_str());
    frame.notices.extend(told.notice(words));
    let again = format!("/scans/new?{}", super::refusal::query(&[("domain", domain.as_str())]));
    frame.action = frame.may_scan().then(|| (words.t("Scan again").to_owned(), again));
    Ok(Domain {
        frame,
        domain: domain.as_str().to_owned(),
        chart: scores(words, &points.collect::<Vec<_>>(), &marks),
        went: [went(|scan| scan.critical_issues), went(|scan| scan.high_issues)],
        unsteady: unsteady(app, visitor, &scored).await?,
        rows: rows.collect(),
        badge,
        claim,
        accepted: accepted_risks::rows(app, visitor, domain.as_str()).await?,
    })
}

/// Returns what else than the domain changed its scores, given the newest first.
pub(super) async fn marks(
    app: &App,
    visitor: &Visitor,
    scored: &[ScoredScan],
) -> Result<Vec<Mark>> {
    let words = visitor.words();
    let changed = scored.windows(2).filter_map(|pair| {
        let (version, before) = (pair[0].catalogue_version?, pair[1].catalogue_version?);
        let text = || words.t2("The checks changed: catalogue {} after {}", version, before);
        (version != before).then(|| Mark { at: pair[0].completed_at, text: text() })
    });
    let Some(newest) = scored.first() else { return Ok(Vec::new()) };
    let filter = RiskFilter { domain: Some(newest.domain.clone()), ..RiskFilter::default() };
    let accepted = app.store.list_accepted_risks(visitor.account(), &filter, MANY).await?;
    let accepted = accepted.into_iter().map(|risk| Mark {
        at: risk.created_at,
        text: words.t1("Risk accepted: {}", titles::of_check(words, &risk.check_id)),
    });
    Ok(changed.chain(accepted).collect())
}

/// Says that the score of a domain goes to and fro, and what comes and goes with it: of some servers
/// behind one name, one may be set up differently.
async fn unsteady(app: &App, visitor: &Visitor, scored: &[ScoredScan]) -> Result<Vec<String>> {
    let since = app.clock.now().plus_ms(-7 * DAY_MS);
    let recent: Vec<_> = scored.iter().take_while(|scan| scan.completed_at >= since).collect();
    let scores: Vec<i64> = recent.iter().map(|scan| scan.score).collect();
    if turns(&scores) < UNSTEADY {
        return Ok(Vec::new());
    }
    let mut alike: Vec<Found> = Vec::new();
    let mut modules = None;
    for scan in recent.iter().take(OPENED) {
        let report = app.store.find_report(visitor.account(), scan.id).await?;
        let Some(report) = report else { continue };
        let looked_at: Vec<ModuleId> = report.modules.iter().map(|module| module.id).collect();
        // Scores of other modules are not to be compared.
        if modules.get_or_insert_with(|| looked_at.clone()) == &looked_at {
            let checks = report.findings().map(|(_, finding)| finding.check.clone()).collect();
            alike.push(Found { score: scan.score, checks });
        }
    }
    Ok(to_and_fro(visitor.words(), &alike))
}

/// What a scan found.
struct Found {
    score: i64,
    checks: BTreeSet<String>,
}

/// Returns how often a score turned around: what only rises, or only falls, never does.
fn turns(scores: &[i64]) -> usize {
    let steps = scores.windows(2).map(|pair| (pair[1] - pair[0]).signum());
    let steps: Vec<_> = steps.filter(|step| *step != 0).collect();
    steps.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn to_and_fro(words: Words, scans: &[Found]) -> Vec<String> {
    let scores: Vec<i64> = scans.iter().map(|scan| scan.score).collect();
    if turns(&scores) < UNSTEADY {
        return Vec::new();
    }
    let changes = scans.windows(2).filter(|pair| pair[0].score != pair[1].score);
    let moved = changes.map(|pair| &pair[0].checks ^ &pair[1].checks);
    let moved: Vec<BTreeSet<String>> = moved.collect();
    let mut said = vec![words.t1("The score changed {} times in 7 days.", moved.len())];
    let always = moved.iter().cloned().reduce(|always, more| &always & &more);
    if let Some(check) = always.iter().flatten().next() {
        let title = titles::of_check(words, check);
        said.push(words.t1(
            "Each time this came or went: {}. Several servers may be set up differently.",
            title,
        ));
    }
    said
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(score: i64, checks: &[&str]) -> Found {
        Found { score, checks: checks.iter().map(|check| (*check).to_owned()).collect() }
    }

    #[test]
    fn a_score_that_goes_to_and_fro_is_told_with_what_comes_and_goes() {
        let (with, without) = (["hsts.missing", "dmarc.monitor-only"], ["dmarc.monitor-only"]);
        let scans: Vec<Found> = (0..4)
            .map(|at| if at % 2 == 0 { found(70, &with) } else { found(80, &without) })
            .collect();
        let said = to_and_fro(Words::default(), &scans);
        assert_eq!(said[0], "The score changed 3 times in 7 days.");
        assert!(said[1].starts_with("Each time this came or went: "), "{said:?}");
        assert!(!said[1].contains("hsts.missing"), "it has a title: {said:?}");
        let rising = [found(60, &with), found(70, &with), found(80, &without), found(90, &[])];
        assert!(to_and_fro(Words::default(), &rising).is_empty(), "it only rises");
        let by_nothing_common =
            [found(70, &["a.x"]), found(80, &[]), found(70, &["b.x"]), found(80, &[])];
        assert_eq!(to_and_fro(Words::default(), &by_nothing_common).len(), 1);
    }

    #[test]
    fn turns_are_counted_not_steps() {
        assert_eq!([turns(&[1, 2, 3]), turns(&[1, 2, 2, 1]), turns(&[1, 2, 1, 2])], [0, 1, 2]);
    }
}
