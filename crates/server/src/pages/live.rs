//! A scan that has no report yet, or never will: where it stands, what it waits for, why it failed.

use axum::extract::{Path, State};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue};
use model::{ModuleId, ScanStatus};
use serde::Serialize;
use store::{Scan, ScanFilter};
use ui::pages::scans::{LiveScan, ModuleRow, ModuleState};
use ui::{Notice, Section, Tone, Words};

use super::answer::go;
use super::form::{Form, Nothing};
use super::new_scan;
use super::scans::find;
use super::titles;
use super::visitor::Visitor;
use crate::api::watch_scan;
use crate::app::App;
use crate::auth::ScansWrite;
use crate::error::Result;
use crate::ops;
use crate::progress::ModuleDone;

/// Tells nginx to pass events on at once.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// Earlier scans that tell how long one takes.
const EARLIER: i64 = 5;
/// After this long in the queue, people want to know why.
const PATIENCE_MS: i64 = 20_000;

/// Returns the page of a scan without a report.
pub(super) async fn of(app: &App, visitor: &Visitor, scan: Scan, note: &str) -> Result<LiveScan> {
    let words = visitor.words();
    let done = done_modules(app, &scan);
    let waits = scan.status == ScanStatus::Queued;
    let row = |id: ModuleId| {
        let told = done.iter().find(|module| module.module == id);
        let state = match told {
            Some(module) => state(module),
            None if waits => ModuleState::Waiting,
            None => ModuleState::Running,
        };
        let said = told.map(|module| said(words, module)).unwrap_or_default();
        ModuleRow { id, title: titles::of_module(words, id), state, said }
    };
    let asked =
        |id: &&ModuleId| scan.requested_modules.is_empty() || scan.requested_modules.contains(*id);
    let modules = ModuleId::ALL.iter().filter(asked).map(|id| row(*id)).collect();
    let heading = match scan.status.ended() {
        false => words.t1("Scanning {}", &scan.domain),
        true => scan.domain.clone(),
    };
    let mut frame = visitor.frame(heading, Section::Scans);
    frame.lead = unicode(&scan.domain);
    frame.refresh = (!scan.status.ended()).then_some(2);
    if note == "cut" {
        let text = words.t1("Only the domain of what was typed is scanned: {}", &scan.domain);
        frame.notices.push(Notice { tone: Tone::Good, text, link: None });
    }
    Ok(LiveScan {
        frame,
        id: scan.id,
        status: scan.status,
        modules,
        done: done.len(),
        queued: if waits { queued(app, words, &scan).await? } else { Vec::new() },
        seconds_left: seconds_left(app, visitor, &scan).await?,
        again: new_scan::like(&scan.domain, &scan.requested_modules),
        failure: scan.failure_reason,
        domain: scan.domain,
    })
}

/// Returns the name as people of its language write it, where that is another form of it.
pub(super) fn unicode(domain: &str) -> String {
    let parsed = model::DomainName::parse(domain).ok();
    parsed.map(|name| name.to_unicode()).filter(|shown| shown != domain).unwrap_or_default()
}

pub(super) fn done_modules(app: &App, scan: &Scan) -> Vec<ModuleDone> {
    match app.progress.watch(scan.id) {
        Some(modules) => modules.borrow().clone(),
        None => serde_json::from_value(scan.progress.clone()).unwrap_or_default(),
    }
}

fn state(module: &ModuleDone) -> ModuleState {
    if module.status == "not_tested" { ModuleState::Failed } else { ModuleState::Done }
}

/// Returns what came of a module: its findings, and how long it took.
fn said(words: Words, module: &ModuleDone) -> String {
    let findings = i64::try_from(module.findings).unwrap_or(i64::MAX);
    let came = match module.status.as_str() {
        "ok" => words.tn(findings, "1 finding", "{} findings"),
        "not_applicable" => words.t("does not apply").to_owned(),
        _ => words.t("could not be judged").to_owned(),
    };
    format!("{came}, {}", words.seconds(module.duration_ms))
}

/// Returns what a scan in the queue waits for, sentence by sentence.
async fn queued(app: &App, words: Words, scan: &Scan) -> Result<Vec<String>> {
    let before = app.store.count_queued_before(scan.id).await?;
    let mut said = vec![match before {
        0 => words.t("Waiting for a free worker: next in line.").to_owned(),
        _ => words.t1("Waiting for a free worker: {} before you.", words.number(before)),
    }];
    if app.clock.now().ms_since(scan.queued_at) > PATIENCE_MS {
        let text = words.t("That takes longer than usual: every worker is busy, or the service is being started anew. The scan begins by itself, and waiting costs nothing.");
        said.push(text.to_owned());
    }
    Ok(said)
}

/// Returns how long the scan will still take, if the account has some like it to tell by.
async fn seconds_left(app: &App, visitor: &Visitor, scan: &Scan) -> Result<Option<i64>> {
    let Some(started) = scan.started_at.filter(|_| scan.status == ScanStatus::Running) else {
        return Ok(None);
    };
    let completed = |domain| ScanFilter {
        domain,
        status: Some(ScanStatus::Completed),
        ..ScanFilter::default()
    };
    let mut took = Vec::new();
    for domain in [Some(scan.domain.clone()), None] {
        let earlier = app.store.list_scans(visitor.account(), &completed(domain), EARLIER).await?;
        let alike = earlier.into_iter().filter(|one| {
            one.requested_modules == scan.requested_modules && one.profile == scan.profile
        });
        took = alike.filter_map(|one| one.duration_ms).collect();
        if !took.is_empty() {
            break;
        }
    }
    took.sort_unstable();
    let usual = took.get(took.len() / 2).copied();
    let left = usual.map(|usual| (usual - app.clock.now().ms_since(started)) / 1_000);
    Ok(left.filter(|seconds| *seconds > 0))
}

/// A finished module, with the words of the page.
#[derive(Serialize)]
struct ToldModule<'a> {
    #[serde(flatten)]
    module: &'a ModuleDone,
    state: &'static str,
    said: String,
}

/// The events of a scan, for the script.
pub(super) async fn events(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    let scan = find(&app, &visitor, &id).await?;
    let words = visitor.words();
    let tell = move |module: &ModuleDone| {
        let told =
            ToldModule { module, state: state(module).word(words), said: said(words, module) };
        Event::default().event("module").json_data(told).ok()
    };
    let watching = watch_scan(app, visitor.account(), scan.id, Box::new(tell)).await?;
    let mut response = watching.into_response();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_a_module_is_said_in_words() {
        let words = Words::default();
        let module = |status: &str, findings| ModuleDone {
            module: ModuleId::Waf,
            status: status.to_owned(),
            score: None,
            findings,
            duration_ms: 1_912,
        };
        assert_eq!(said(words, &module("ok", 1)), "1 finding, 1.9 s");
        assert_eq!(said(words, &module("ok", 6)), "6 findings, 1.9 s");
        assert_eq!(said(words, &module("not_applicable", 0)), "does not apply, 1.9 s");
        assert_eq!(said(words, &module("not_tested", 0)), "could not be judged, 1.9 s");
        assert_eq!(state(&module("not_tested", 0)), ModuleState::Failed);
    }

    #[test]
    fn a_name_of_another_script_is_shown_in_both_forms() {
        assert_eq!(unicode("xn--bcher-kva.example"), "bücher.example");
        assert_eq!(unicode("example.com"), "");
    }
}
