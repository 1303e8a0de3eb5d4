//! What scans look at, and what that is evidence for: the same for everybody, as long as the program
//! runs.

use std::sync::LazyLock;

use axum::response::Response;
use http::HeaderMap;
use model::{ModuleId, Severity};
use scan::catalogue::MODULES;
use scan::compliance::{FRAMEWORKS, Kind};
use serde::Serialize;
use utoipa::ToSchema;

use super::conditional::{Constant, IfNoneMatch};

static CHECKS: LazyLock<Constant> = LazyLock::new(|| Constant::new(&checks()));
static LIST_OF_FRAMEWORKS: LazyLock<Constant> = LazyLock::new(|| Constant::new(&frameworks()));

/// Every check there is.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckListView {
    catalogue_version: u32,
    checks: Vec<CheckView>,
}

/// One check of the catalogue.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckView {
    id: &'static str,
    module: ModuleId,
    title: &'static str,
    severity: Severity,
    points: u8,
    /// The highest score a report can have while this check fails.
    cap: Option<u8>,
    /// Whether it is made in intrusive scans of proven domains alone.
    intrusive: bool,
    standard: &'static str,
    why: &'static str,
    remediation: &'static str,
    /// What the remediation can break and how to go safely.
    careful: Option<&'static str>,
    paste: Vec<PasteText>,
    controls: Vec<CatalogueControl>,
}

/// Text to paste into one product's configuration; `{domain}` stands for the domain.
#[derive(Serialize, ToSchema)]
pub(super) struct PasteText {
    tool: &'static str,
    text: &'static str,
}

/// A control that a check gives evidence for.
#[derive(Serialize, ToSchema)]
pub(super) struct CatalogueControl {
    framework: &'static str,
    control: &'static str,
    /// Whether the control's text is about what the check looks at.
    direct: bool,
}

/// The frameworks findings are mapped to.
#[derive(Serialize, ToSchema)]
pub(super) struct FrameworkListView {
    frameworks: Vec<FrameworkItem>,
}

/// One framework, in one edition.
#[derive(Serialize, ToSchema)]
pub(super) struct FrameworkItem {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    controls: Vec<ControlItem>,
}

/// A control and the checks that give evidence for it.
#[derive(Serialize, ToSchema)]
pub(super) struct ControlItem {
    id: &'static str,
    about: &'static str,
    direct: bool,
    checks: Vec<&'static str>,
}

/// The catalogue of checks
#[utoipa::path(
    get, path = "/v1/checks", tag = "catalogue",
    params(IfNoneMatch),
    responses(
        (status = 200, body = CheckListView, headers(("ETag" = String, description = "Names this very body."))),
        (status = 304, description = "What `If-None-Match` names still holds."),
    ),
)]
pub(super) async fn list_checks(headers: HeaderMap) -> Response {
    CHECKS.answer(&headers)
}

/// Returns the catalogue of checks, as `/v1/checks` answers with it.
pub fn check_catalogue() -> serde_json::Value {
    serde_json::to_value(checks()).expect("keys are strings and no member refuses to be written")
}

fn checks() -> CheckListView {
    let checks = MODULES.iter().flat_map(|module| {
        module.checks().map(|check| CheckView {
            id: check.id,
            module: module.id,
            title: check.title,
            severity: check.severity,
            points: check.points(),
            cap: check.cap,
            intrusive: check.intrusive,
            standard: check.standard,
            why: check.why,
            remediation: check.fix,
            careful: check.careful,
            paste: check
                .paste
                .iter()
                .map(|paste| PasteText { tool: paste.tool.name(), text: paste.text })
                .collect(),
            controls: FRAMEWORKS
                .iter()
                .flat_map(|framework| {
                    let controls = framework
                        .controls
                        .iter()
                        .filter(|control| control.groups.contains(&check.group));
                    controls.map(|control| CatalogueControl {
                        framework: framework.id,
                        control: control.id,
                        direct: control.kind == Kind::Direct,
                    })
                })
                .collect(),
        })
    });
    CheckListView {
        catalogue_version: scan::catalogue::CATALOGUE_VERSION,
        checks: checks.collect(),
    }
}

/// The compliance frameworks
#[utoipa::path(
    get, path = "/v1/compliance/frameworks", tag = "catalogue",
    params(IfNoneMatch),
    responses(
        (status = 200, body = FrameworkListView, headers(("ETag" = String, description = "Names this very body."))),
        (status = 304, description = "What `If-None-Match` names still holds."),
    ),
)]
pub(super) async fn list_frameworks(headers: HeaderMap) -> Response {
    LIST_OF_FRAMEWORKS.answer(&headers)
}

fn frameworks() -> FrameworkListView {
    let frameworks = FRAMEWORKS.iter().map(|framework| FrameworkItem {
        id: framework.id,
        name: framework.name,
        version: framework.version,
        controls: framework
            .controls
            .iter()
            .map(|control| ControlItem {
                id: control.id,
                about: control.about,
                direct: control.kind == Kind::Direct,
                checks: scan::catalogue::catalogue()
                    .filter(|check| control.groups.contains(&check.group))
                    .map(|check| check.id)
                    .collect(),
            })
            .collect(),
    });
    FrameworkListView { frameworks: frameworks.collect() }
}
