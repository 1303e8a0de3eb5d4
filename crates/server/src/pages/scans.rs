//! Scans as pages: the list, the report, the files. The form is in [`super::new_scan`], the progress
//! in [`super::live`].
//!
//! The scan's own path shows its progress while it runs and its report afterwards, so that leaving
//! and coming back need no thought.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{DAY_MS, Grade, ModuleId, ScanSource, ScanStatus, Severity, Timestamp};
use report::ReportView;
use serde::Deserialize;
use store::{Scan, ScanFilter, ScanOrder};
use ui::pages::accepted_risks::AcceptForm;
use ui::pages::scans::{Change, FindingFilter, Report, ScanRow, Scans, SeverityTab};
use ui::parts::SortHead;
use ui::{Section, Words};

use super::answer::{go, page};
use super::done::Told;
use super::form::nonce;
use super::paging::{self, PAGE};
use super::refusal::query;
use super::visitor::Visitor;
use super::{evidence, live, sorting, titles};
use crate::api::{csv, report_file};
use crate::app::App;
use crate::auth::report_id;
use crate::error::{Error, Result};
use crate::ops;

const HERE: &str = "/scans";

const WAYS: &[(&str, ScanOrder)] = &[
    ("-started", ScanOrder::Newest),
    ("started", ScanOrder::Oldest),
    ("score", ScanOrder::Worst),
    ("-score", ScanOrder::Best),
];

/// What the list is asked for, as it stands in the address.
#[derive(Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    grade: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    source: String,
    /// Days, in UTC.
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// One of [`WAYS`].
    #[serde(default)]
    sort: String,
    before: Option<i64>,
}

impl Filter {
    fn of_store(&self) -> ScanFilter {
        let part = self.domain.trim();
        let day = |text: &str| Timestamp::parse(&format!("{text}T00:00:00Z"));
        ScanFilter {
            part: (!part.is_empty()).then(|| part.to_owned()),
            grade: Grade::parse(&self.grade),
            status: ScanStatus::parse(&self.status),
            source: ScanSource::parse(&self.source),
            from: day(&self.from),
            to: day(&self.to).map(|day| day.plus_ms(DAY_MS)),
            order: self.sorting().1,
            before: self.before,
            ..ScanFilter::default()
        }
    }

    fn sorting(&self) -> (&'static str, ScanOrder) {
        sorting::chosen(WAYS, &self.sort)
    }

    /// Returns the heads of the columns that the list can be sorted by: the score and the time.
    fn heads(&self, words: Words) -> [SortHead; 2] {
        let path = |way: &str| paging::path(HERE, self.asked().into_iter().chain([("sort", way)]));
        let chosen = self.sorting().0;
        [
            sorting::head(words.t("Score"), "score", chosen, path),
            sorting::head(words.t("Started"), "-started", chosen, path),
        ]
    }

    /// Returns what is asked for, without the place in the list.
    fn pairs(&self) -> [(&'static str, &str); 7] {
        let [domain, grade, status, source, from, to] = self.asked();
        [domain, grade, status, source, from, to, ("sort", &self.sort)]
    }

    /// Returns what the list is narrowed to.
    fn asked(&self) -> [(&'static str, &str); 6] {
        [
            ("domain", self.domain.trim()),
            ("grade", &self.grade),
            ("status", &self.status),
            ("source", &self.source),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    fn path(&self, path: &str) -> String {
        paging::path(path, self.pairs())
    }
}

/// The list of scans.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    let words = visitor.words();
    let filter = wanted.of_store();
    let scans = app.store.list_scans(visitor.account(), &filter, PAGE).await?;
    let last = ("before", scans.last().map(|last| last.id.to_string()));
    let next = paging::next(HERE, &wanted.pairs(), scans.len(), last);
    let mut rows = Vec::new();
    for scan in scans {
        let change = change(&app, &scan).await?;
        let place = match scan.status {
            ScanStatus::Queued => Some(app.store.count_queued_before(scan.id).await?),
            _ => None,
        };
        let mut row = row(&app, &visitor, scan);
        row.change = change;
        if let Some(before) = place {
            row.progress = Some(words.t1("{} before it", words.number(before)));
        }
        rows.push(row);
    }
    let mut frame = visitor.frame(words.t("Scans"), Section::Scans);
    frame.action =
        frame.may_scan().then(|| (words.t("New scan").to_owned(), "/scans/new".to_owned()));
    Ok(page(&Scans {
        frame,
        rows,
        is_filtered: wanted.asked().iter().any(|(_, text)| !text.is_empty()),
        heads: wanted.heads(words),
        is_sorted: wanted.sorting().1 != ScanOrder::Newest,
        first: wanted.before.map(|_| wanted.path(HERE)),
        csv: wanted.path("/scans.csv"),
        nonce: nonce()?,
        domain: wanted.domain,
        grade: wanted.grade,
        status: wanted.status,
        source: wanted.source,
        from: wanted.from,
        to: wanted.to,
        sort: wanted.sort,
        next,
        base_url: app.base_url.clone(),
    }))
}

/// Returns how the score moved since the scan of the domain before that looked at the same.
async fn change(app: &App, scan: &Scan) -> Result<Option<Change>> {
    let Some(score) = scan.score else { return Ok(None) };
    let before = app.store.find_alike_before(scan).await?;
    Ok(before.map(|before| Change {
        points: score - before.score,
        since: before.completed_at,
        path: format!("/scans/{}/diff?against={}", scan.id, before.id),
    }))
}

/// The same list as a table, newest first.
pub(super) async fn table(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    const HEAD: [&str; 14] = [
        "scan_id",
        "domain",
        "status",
        "grade",
        "score",
        "critical",
        "high",
        "medium",
        "low",
        "info",
        "source",
        "queued_at",
        "completed_at",
        "duration_ms",
    ];
    let (account, filter) = (visitor.account(), wanted.of_store());
    Ok(csv::streamed_file("scans.csv", &HEAD, move |before| {
        let (app, filter) = (app.clone(), ScanFilter { before, ..filter.clone() });
        async move {
            let scans = app.store.list_scans(account, &filter, csv::PAGE).await?;
            let Some(last) = scans.last().map(|last| last.id) else { return Ok(None) };
            let mut out = String::new();
            scans.iter().for_each(|scan| push(&mut out, scan));
            Ok(Some((out, last)))
        }
    }))
}

fn push(out: &mut String, scan: &Scan) {
    let number = |number: Option<i64>| number.map_or_else(String::new, |it| it.to_string());
    let judged = scan.score.map(|_| ());
    let count = |count: i64| number(judged.map(|()| count));
    let cells = [
        scan.id.to_string(),
        scan.domain.clone(),
        scan.status.to_string(),
        scan.grade.map_or("", Grade::as_str).to_owned(),
        number(scan.score),
        count(scan.critical_issues),
        count(scan.high_issues),
        count(scan.medium_issues),
        count(scan.low_issues),
        count(scan.info_issues),
        scan.source.to_string(),
        scan.queued_at.to_string(),
        scan.completed_at.map_or_else(String::new, |at| at.to_string()),
        number(scan.duration_ms),
    ];
    csv::push_row(out, cells.iter().map(String::as_str));
}

pub(super) fn row(app: &App, visitor: &Visitor, scan: Scan) -> ScanRow {
    let (words, now) = (visitor.words(), app.clock.now());
    let total = match scan.requested_modules.len() {
        0 => ModuleId::ALL.len(),
        some => some,
    };
    let running = scan.status == ScanStatus::Running;
    let progress = running.then(|| format!("{}/{total}", live::done_modules(app, &scan).len()));
    ScanRow {
        id: scan.id,
        status: scan.status,
        progress,
        grade: scan.grade,
        score: scan.score,
        change: None,
        findings: [scan.critical_issues, scan.high_issues, scan.medium_issues, scan.low_issues],
        source: words.scan_source(scan.source),
        started: words.time(scan.started_at.unwrap_or(scan.queued_at), now),
        duration: scan.duration_ms.and_then(|ms| Some(words.seconds(ms.try_into().ok()?))),
        failure: scan.failure_reason,
        domain: scan.domain,
    }
}

/// Which findings are shown.
#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    severity: String,
    #[serde(default)]
    module: String,
    #[serde(default)]
    framework: String,
    #[serde(default)]
    q: String,
    /// What became of what was typed, from the form.
    #[serde(default)]
    note: String,
}

pub(super) async fn find(app: &App, visitor: &Visitor, id: &str) -> Result<Scan> {
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    app.store.find_scan(visitor.account(), id).await?.ok_or(Error::NotFound)
}

/// The report of a scan; its progress while there is none.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    Query(told): Query<Told>,
) -> Result<Response> {
    let scan = find(&app, &visitor, &id).await?;
    if scan.status != ScanStatus::Completed {
        return Ok(page(&live::of(&app, &visitor, scan, &wanted.note).await?));
    }
    let mut shown = report_page(&app, &visitor, &scan, &wanted).await?;
    shown.frame.notices.extend(told.notice(visitor.words()));
    Ok(page(&shown))
}

/// Returns the page of a report.
pub(super) async fn report_page(
    app: &App,
    visitor: &Visitor,
    scan: &Scan,
    wanted: &Wanted,
) -> Result<Report> {
    let words = visitor.words();
    let mut view = ops::reports::find(app, visitor, scan.id).await?;
    words.report(&mut view);
    let earlier = ops::reports::before(app, visitor, scan).await?;
    let filter = FindingFilter {
        severity: Severity::parse(&wanted.severity),
        module: ModuleId::parse(&wanted.module),
        framework: scan::compliance::find_framework(&wanted.framework)
            .map_or_else(String::new, |framework| framework.id.to_owned()),
        text: wanted.q.trim().to_owned(),
    };
    let mut frame = visitor.frame(view.domain.clone(), Section::Scans);
    frame.lead = live::unicode(&view.domain);
    Ok(Report {
        frame,
        id: scan.id,
        now: app.clock.now(),
        severities: severities(scan.id, &view, &filter),
        filter,
        change: change(app, scan).await?,
        has_earlier: earlier.is_some(),
        nonce: nonce()?,
        report_id: report_id::of(&app.secrets, scan.id),
        titles: titles::of_module,
        check_titles: titles::of_check,
        evidence: evidence::of_module,
        view,
        accept: AcceptForm::default(),
    })
}

/// Returns the severities to choose among, with what else is asked about kept.
fn severities(scan: i64, view: &ReportView, filter: &FindingFilter) -> Vec<SeverityTab> {
    let tab = |severity: Option<Severity>, count: usize| {
        let module = filter.module.map_or("", ModuleId::as_str);
        let pairs = [
            ("severity", severity.map_or("", Severity::as_str)),
            ("module", module),
            ("framework", &filter.framework),
            ("q", &filter.text),
        ];
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let path = match pairs.is_empty() {
            true => format!("/scans/{scan}#findings"),
            false => format!("/scans/{scan}?{}#findings", query(&pairs)),
        };
        SeverityTab { severity, count, path }
    };
    let counted = [
        (Severity::Critical, view.critical_issues),
        (Severity::High, view.high_issues),
        (Severity::Medium, view.medium_issues),
        (Severity::Low, view.low_issues),
        (Severity::Info, view.info_issues),
    ];
    let counted = counted.into_iter().filter(|(_, count)| *count > 0);
    let each = counted.map(|(severity, count)| tab(Some(severity), count));
    [tab(None, view.total_issues)].into_iter().chain(each).collect()
}

#[derive(Deserialize)]
pub(super) struct Format {
    #[serde(default)]
    format: String,
    #[serde(default)]
    kind: String,
    /// The id of a framework.
    #[serde(default)]
    framework: String,
}

/// The report as a file, where the plan has the format.
pub(super) async fn download(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(wanted): Query<Format>,
) -> Result<Response> {
    let scan = find(&app, &visitor, &id).await?;
    if scan.status != ScanStatus::Completed {
        return Ok(go(&format!("/scans/{}", scan.id)));
    }
    let format = report::Format::parse(&wanted.format).ok_or(Error::NotFound)?;
    let kind = match (wanted.kind.as_str(), wanted.framework.as_str()) {
        ("", "") => Some(report::Kind::Full),
        ("", id) => scan::compliance::find_framework(id).map(|one| report::Kind::Framework(one.id)),
        (word, _) => report::Kind::parse(word),
    };
    let kind = kind.ok_or(Error::NotFound)?;
    let view = ops::reports::view(&app, &visitor, scan.id, format).await?;
    report_file(&app, view, format, kind).await
}
