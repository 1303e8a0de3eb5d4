//! Scans as pages: the list, the form, the progress, the report, the files.
//!
//! The scan's own path shows its progress while it runs and its report afterwards, so that leaving
//! and coming back need no thought.

use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue};
use model::{ModuleId, ScanProfile, ScanSource, ScanStatus, Severity};
use report::ReportView;
use serde::Deserialize;
use store::{Scan, ScanFilter};
use ui::Section;
use ui::pages::Field;
use ui::pages::ownership::Claim;
use ui::pages::scans::{
    FindingFilter, LiveScan, ModuleRow, NewScan, Report, ScanRow, Scans, SeverityTab,
};

use super::answer::{go, page, refused};
use super::domains;
use super::form::{Form, Nothing, nonce, once};
use super::paging::{self, PAGE};
use super::refusal::query;
use super::visitor::Visitor;
use crate::api::{report_file, watch_scan};
use crate::app::App;
use crate::auth::{ScansWrite, report_id};
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::scans::Wish;
use crate::progress::ModuleDone;

/// Tells nginx to pass events on at once.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    status: String,
    before: Option<i64>,
}

/// The list of scans.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Filter>,
) -> Result<Response> {
    let words = visitor.words();
    let domain = wanted.domain.trim().to_ascii_lowercase();
    let filter = ScanFilter {
        domain: (!domain.is_empty()).then(|| domain.clone()),
        status: ScanStatus::parse(&wanted.status),
        before: wanted.before,
        ..ScanFilter::default()
    };
    let scans = app.store.list_scans(visitor.account(), &filter, PAGE).await?;
    let last = ("before", scans.last().map(|last| last.id.to_string()));
    let pairs = [("domain", &*domain), ("status", &*wanted.status)];
    let next = paging::next("/scans", &pairs, scans.len(), last);
    let mut frame = visitor.frame(words.t("Scans"), Section::Scans);
    frame.action =
        frame.may_scan().then(|| (words.t("New scan").to_owned(), "/scans/new".to_owned()));
    Ok(page(&Scans {
        frame,
        rows: scans.into_iter().map(|scan| row(&app, &visitor, scan)).collect(),
        is_filtered: filter.domain.is_some() || filter.status.is_some(),
        domain: wanted.domain,
        status: wanted.status,
        statuses: ScanStatus::ALL.iter().map(|status| status.as_str()).collect(),
        next,
        base_url: app.base_url.clone(),
    }))
}

pub(super) fn row(app: &App, visitor: &Visitor, scan: Scan) -> ScanRow {
    let at = scan.completed_at.unwrap_or(scan.queued_at);
    let duration = scan.duration_ms.and_then(|ms| u64::try_from(ms).ok());
    ScanRow {
        id: scan.id,
        status: scan.status,
        grade: scan.grade,
        score: scan.score,
        findings: [scan.critical_issues, scan.high_issues, scan.medium_issues, scan.low_issues],
        source: scan.source.as_str(),
        when: visitor.words().time(at, app.clock.now()),
        duration: duration.map(|ms| format!("{:.1} s", Duration::from_millis(ms).as_secs_f64())),
        failure: scan.failure_reason,
        domain: scan.domain,
    }
}

#[derive(Deserialize)]
pub(super) struct Suggestion {
    #[serde(default)]
    domain: String,
}

/// The form as it is shown first, or again with what is wrong.
#[derive(Default)]
struct Draft {
    domain: Field,
    modules: Vec<String>,
    profile: ScanProfile,
    claim: Option<Claim>,
}

pub(super) async fn show_form(
    visitor: Visitor,
    Query(suggested): Query<Suggestion>,
) -> Result<Response> {
    let domain = Field::of(suggested.domain);
    Ok(page(&form(&visitor, Draft { domain, ..Draft::default() })?))
}

fn form(visitor: &Visitor, draft: Draft) -> Result<NewScan> {
    let modules = scan::catalogue::MODULES.iter();
    let is_chosen = |id: ModuleId| draft.modules.iter().any(|word| word == id.as_str());
    Ok(NewScan {
        frame: visitor.frame(visitor.words().t("New scan"), Section::Scans),
        nonce: nonce()?,
        modules: modules.map(|module| (module.id, module.title, is_chosen(module.id))).collect(),
        domain: draft.domain,
        is_intrusive: draft.profile == ScanProfile::Intrusive,
        claim: draft.claim,
    })
}

/// Starts a scan and leads to it. Sending the form twice starts one.
pub(super) async fn start(
    State(app): State<App>,
    visitor: Visitor,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response> {
    visitor.require::<ScansWrite>(&app)?;
    let of = |name: &str| {
        let named = sent.iter().filter(move |(have, _)| have == name);
        named.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let (domain, modules) = (of("domain").pop().unwrap_or_default(), of("modules"));
    let profile = of("profile").pop().and_then(|word| ScanProfile::parse(&word));
    let profile = profile.unwrap_or_default();
    let once = once(&of("nonce").pop().unwrap_or_default());
    let wish = Wish {
        domain: domain.trim(),
        modules: &modules,
        profile,
        source: ScanSource::Dashboard,
        once: Some(&once),
    };
    match ops::scans::request(&app, &visitor, &wish).await {
        Ok(scan) => Ok(go(&format!("/scans/{}", scan.id))),
        Err(Error::InvalidDomain(problem)) => {
            let domain = Field { value: domain, problem: Some(problem) };
            Ok(refused(&form(&visitor, Draft { domain, modules, profile, claim: None })?))
        }
        Err(Error::OwnershipNotProven { domain: name, seen, .. }) => {
            let problem = visitor.words().t1("Nothing shows yet that {} is yours:", &name);
            let problem = Some(format!("{problem} {seen}"));
            let found = ops::ownership::claim(&app, &visitor, &name)?;
            let claim = Some(domains::claim(&found, None));
            let domain = Field { value: domain, problem };
            Ok(refused(&form(&visitor, Draft { domain, modules, profile, claim })?))
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    severity: String,
    #[serde(default)]
    module: String,
    #[serde(default)]
    q: String,
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
) -> Result<Response> {
    let scan = find(&app, &visitor, &id).await?;
    if scan.status != ScanStatus::Completed {
        return Ok(page(&live(&app, &visitor, scan)));
    }
    let view = ops::reports::find(&app, &visitor, scan.id).await?;
    let earlier = ops::reports::before(&app, &visitor, &scan).await?;
    let filter = FindingFilter {
        severity: Severity::parse(&wanted.severity),
        module: ModuleId::parse(&wanted.module),
        text: wanted.q.trim().to_owned(),
    };
    Ok(page(&Report {
        frame: visitor.frame(view.domain.clone(), Section::Scans),
        id: scan.id,
        now: app.clock.now(),
        severities: severities(scan.id, &view, &filter),
        filter,
        has_earlier: earlier.is_some(),
        report_id: report_id::of(&app.secrets, scan.id),
        titles: title,
        view,
    }))
}

/// Returns the severities to choose among, with what else is asked about kept.
fn severities(scan: i64, view: &ReportView, filter: &FindingFilter) -> Vec<SeverityTab> {
    let tab = |severity: Option<Severity>, count: usize| {
        let module = filter.module.map_or("", ModuleId::as_str);
        let pairs = [
            ("severity", severity.map_or("", Severity::as_str)),
            ("module", module),
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

pub(super) fn title(id: ModuleId) -> &'static str {
    let module = scan::catalogue::MODULES.iter().find(|module| module.id == id);
    module.map_or(id.as_str(), |module| module.title)
}

fn done_modules(app: &App, scan: &Scan) -> Vec<ModuleDone> {
    match app.progress.watch(scan.id) {
        Some(modules) => modules.borrow().clone(),
        None => serde_json::from_value(scan.progress.clone()).unwrap_or_default(),
    }
}

fn live(app: &App, visitor: &Visitor, scan: Scan) -> LiveScan {
    let words = visitor.words();
    let done = done_modules(app, &scan);
    let wanted =
        |id: ModuleId| scan.requested_modules.is_empty() || scan.requested_modules.contains(&id);
    let modules = ModuleId::ALL.iter().copied().filter(|id| wanted(*id)).map(|id| ModuleRow {
        id,
        title: title(id),
        is_done: done.iter().any(|module| module.module == id),
    });
    let heading = match scan.status.ended() {
        false => words.t1("Scanning {}", &scan.domain),
        true => scan.domain.clone(),
    };
    let mut frame = visitor.frame(heading, Section::Scans);
    frame.refresh = (!scan.status.ended()).then_some(2);
    LiveScan {
        frame,
        id: scan.id,
        status: scan.status,
        modules: modules.collect(),
        done: done.len(),
        failure: scan.failure_reason,
        domain: scan.domain,
    }
}

/// The events of a scan, for the script.
pub(super) async fn events(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    let scan = find(&app, &visitor, &id).await?;
    let mut response = watch_scan(app, visitor.account(), scan.id).await?.into_response();
    response.headers_mut().insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

pub(super) async fn cancel(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    visitor.require::<ScansWrite>(&app)?;
    let scan = find(&app, &visitor, &id).await?;
    ops::scans::cancel(&app, &visitor, scan.id).await?;
    Ok(go(&format!("/scans/{}", scan.id)))
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
