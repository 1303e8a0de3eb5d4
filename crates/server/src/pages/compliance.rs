//! What a report shows of a framework's controls. Printed as it stands, so nothing hides behind
//! script.

use axum::extract::{Query, State};
use axum::response::Response;
use report::{ControlResult, ReportView};
use serde::Deserialize;
use store::DomainFilter;
use ui::Section;
use ui::pages::compliance::{Compliance, FrameworkTab, Source};

use super::answer::page;
use super::refusal::query;
use super::titles;
use super::visitor::Visitor;
use crate::api::csv;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ops;

/// Domains that can be chosen.
const CHOICES: i64 = 200;

#[derive(Deserialize)]
pub(super) struct Wish {
    /// A scan's id; goes before the domain.
    scan: Option<i64>,
    #[serde(default)]
    domain: String,
    #[serde(default)]
    framework: String,
}

/// The controls of one framework, as a scan or the newest scan of a domain shows them.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Wish>,
) -> Result<Response> {
    let words = visitor.words();
    let every = DomainFilter::default();
    let known = app.store.list_scanned_domains(visitor.account(), &every, CHOICES, 1).await?;
    let newest = known.iter().max_by_key(|scan| scan.completed_at);
    let id = match (wanted.scan, wanted.domain.trim()) {
        (Some(id), _) => Some(id),
        (None, "") => newest.map(|scan| scan.id),
        (None, domain) => {
            let whole = ops::reports::latest(&app, &visitor, domain).await?;
            // Part of a report is better than none: the page says what was seen.
            let any = || known.iter().find(|scan| scan.domain == domain).map(|scan| scan.id);
            whole.map(|scan| scan.id).or_else(any)
        }
    };
    let view = match id {
        Some(id) => Some(ops::reports::find(&app, &visitor, id).await?),
        None => None,
    };
    let framework = scan::compliance::find_framework(&wanted.framework);
    let framework = framework.unwrap_or(&scan::compliance::FRAMEWORKS[0]).id;
    let mut domains: Vec<String> = known.into_iter().map(|scan| scan.domain).collect();
    let domain = view.as_ref().map_or(wanted.domain, |view| view.domain.clone());
    if !domain.is_empty() && !domains.is_empty() && !domains.contains(&domain) {
        domains.insert(0, domain.clone());
    }
    let source = match (view, id) {
        (Some(view), Some(id)) => Some(source(&app, &visitor, view, id, framework)?),
        _ => None,
    };
    let mut frame = visitor.frame(words.t("Compliance"), Section::Compliance);
    frame.lead = words.t("Evidence from outside for the controls of a framework.").to_owned();
    Ok(page(&Compliance {
        frame,
        domains,
        domain,
        framework: framework.to_owned(),
        source,
        titles: titles::of_check,
    }))
}

fn source(
    app: &App,
    visitor: &Visitor,
    mut view: ReportView,
    id: i64,
    framework: &str,
) -> Result<Source> {
    let tabs = scan::compliance::FRAMEWORKS.iter().map(|one| FrameworkTab {
        name: one.name.to_owned(),
        path: format!("/compliance?{}", query(&[("scan", &id.to_string()), ("framework", one.id)])),
        is_chosen: one.id == framework,
    });
    let accepted = view.issues.iter().filter(|issue| issue.accepted.is_some());
    let accepted = accepted.map(|issue| issue.id.clone()).collect();
    Ok(Source {
        scan: id,
        domain: view.domain.clone(),
        when: visitor.words().time(view.scanned_at, app.clock.now()),
        framework: view.compliance.remove(framework).ok_or(Error::NotFound)?,
        tabs: tabs.collect(),
        accepted,
    })
}

/// The same as a table for auditors: a row a control, with what it is judged by.
pub(super) async fn table(
    State(app): State<App>,
    visitor: Visitor,
    Query(wanted): Query<Wish>,
) -> Result<Response> {
    const HEAD: [&str; 12] = [
        "framework",
        "version",
        "domain",
        "scan_id",
        "scanned_at",
        "control",
        "about",
        "evidence_kind",
        "result",
        "failed_checks",
        "passed_checks",
        "note",
    ];
    let id = wanted.scan.ok_or(Error::NotFound)?;
    let view = ops::reports::find(&app, &visitor, id).await?;
    let known = scan::compliance::find_framework(&wanted.framework).ok_or(Error::NotFound)?;
    let framework = view.compliance.get(known.id).ok_or(Error::NotFound)?;
    let mut out = String::new();
    csv::push_row(&mut out, HEAD);
    let (scan, at) = (id.to_string(), view.scanned_at.to_string());
    for control in &framework.controls {
        let result = match control.result {
            ControlResult::Gap => "gap",
            ControlResult::MetAsFarAsVisible => "met_as_far_as_visible",
            ControlResult::NotVisible => "not_visible",
        };
        let (failed, passed) = (control.findings.join(" "), control.passed.join(" "));
        let cells = [
            &framework.name,
            &framework.version,
            &view.domain,
            &scan,
            &at,
            &control.id,
            &control.about,
            &control.kind,
            result,
            &failed,
            &passed,
            control.note.as_deref().unwrap_or_default(),
        ];
        csv::push_row(&mut out, cells);
    }
    Ok(csv::file(&format!("{}-{}.csv", known.id, view.domain), out))
}
