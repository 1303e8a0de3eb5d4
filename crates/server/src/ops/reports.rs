//! Reports as accounts read them: one, or two beside each other.

use model::{Report, ScanStatus};
use report::{DiffView, Format, Kind, ReportView};
use store::Scan;

use super::{accepted_risks, plans, scans};
use crate::app::App;
use crate::auth::{Identity, report_id};
use crate::error::{Error, Result};

/// Returns the report of a completed scan to be printed in a format, if the caller's plan has it.
pub(crate) async fn view(
    app: &App,
    caller: &Identity,
    id: i64,
    format: Format,
) -> Result<ReportView> {
    if let Some(gate) = gate(format) {
        plans::require_gate(app, caller.principal(), gate).await?;
    }
    let mut view = find(app, caller, id).await?;
    attest(app, &mut view);
    Ok(view)
}

/// Signs a report, as its JSON, with the key of this instance.
pub(crate) fn attest(app: &App, view: &mut ReportView) {
    if let Some(scan) = view.job_id {
        let id = report_id::of(&app.secrets, scan);
        app.secrets.sign_report(|key| key.attest_report(&id, view));
    }
}

/// Prints an attested report as a file, which is attested itself where its format has a place for that.
pub(crate) async fn file(
    app: &App,
    view: ReportView,
    format: Format,
    kind: Kind,
) -> Result<Vec<u8>> {
    let report_id = view.attestation.as_ref().map(|attestation| attestation.report_id.clone());
    // Breaking lines and packing a PDF takes its time, and other requests wait for this thread.
    let printing = tokio::task::spawn_blocking(move || match format {
        Format::Pdf => kind.pdf(&view),
        Format::Html => kind.html(&view).into_bytes(),
        _ => format.print(std::slice::from_ref(&view)),
    });
    let printed = printing.await.map_err(|error| Error::Internal(error.into()))?;
    Ok(match (report_id, format) {
        (Some(id), Format::Pdf) => app.secrets.sign_report(|key| key.attest_pdf(&id, printed)),
        (Some(id), Format::Html) => app.secrets.sign_report(|key| key.attest_html(&id, printed)),
        _ => printed,
    })
}

/// Returns what unlocks a format. JSON is everybody's: it is what the API speaks.
fn gate(format: Format) -> Option<&'static str> {
    match format {
        Format::Json => None,
        Format::Html => Some("html"),
        Format::Csv => Some("csv"),
        // For code-scanning views, CI servers and merge requests.
        Format::Sarif | Format::Junit | Format::Markdown => Some("sarif"),
        Format::Pdf => Some("pdf"),
    }
}

/// Returns the report of a completed scan, with its id, since when each finding is found and whether its
/// risk is accepted.
pub(crate) async fn find(app: &App, caller: &Identity, id: i64) -> Result<ReportView> {
    let report = scans::report(app, caller, id).await?;
    with_words(app, caller.principal().user_account_id, id, &report).await
}

/// Returns the report of a scan of an account, for whoever was shown that they may see it.
pub(crate) async fn of_account(app: &App, account: i64, id: i64) -> Result<ReportView> {
    let report = app.store.find_report(account, id).await?.ok_or(Error::NotFound)?;
    with_words(app, account, id, &report).await
}

async fn with_words(app: &App, account: i64, id: i64, report: &Report) -> Result<ReportView> {
    let first_seen = app.store.find_first_seen(account, id).await?;
    let mut view = ReportView { job_id: Some(id), ..ReportView::of(report) };
    let in_modules = view.modules.values_mut().flat_map(|module| &mut module.issues);
    for issue in view.issues.iter_mut().chain(in_modules) {
        issue.first_seen_at = first_seen.get(&issue.id).copied();
    }
    accepted_risks::mark(app, account, &mut view).await?;
    Ok(view)
}

/// Returns the newest completed scan of a domain with all modules. One of some of them has a score too,
/// which is another thing.
pub(crate) async fn latest(app: &App, caller: &Identity, domain: &str) -> Result<Option<Scan>> {
    let account = caller.principal().user_account_id;
    let found = app.store.find_last_scan(account, domain, &[], None).await?;
    Ok(found.filter(|scan| caller.may_see(&scan.domain)))
}

/// Returns the completed scan before another one that looked at the same modules.
pub(crate) async fn before(app: &App, caller: &Identity, scan: &Scan) -> Result<Option<Scan>> {
    let (domain, modules) = (&scan.domain, &scan.requested_modules);
    let account = caller.principal().user_account_id;
    let found = app.store.find_last_scan(account, domain, modules, Some(scan.id)).await?;
    Ok(found.filter(|scan| caller.may_see(&scan.domain)))
}

/// Returns what changed up to a scan since another one of the domain, the one before it of the same
/// modules unless another is named.
pub(crate) async fn diff(
    app: &App,
    caller: &Identity,
    id: i64,
    against: Option<i64>,
) -> Result<DiffView> {
    let scan = scans::find(app, caller, id).await?;
    let after = find(app, caller, id).await?;
    let other = match against {
        None => before(app, caller, &scan).await?.ok_or_else(|| {
            let problem =
                "is needed: no earlier scan of the domain with the same modules was completed";
            Error::invalid("against", problem)
        })?,
        Some(against) => {
            let found = match scans::find(app, caller, against).await {
                Ok(found) => Some(found),
                Err(Error::NotFound) => None,
                Err(error) => return Err(error),
            };
            let fits =
                |other: &Scan| other.domain == scan.domain && other.status == ScanStatus::Completed;
            found.filter(fits).ok_or_else(|| {
                let problem = format!("is no completed scan of `{}`", scan.domain);
                Error::invalid("against", problem)
            })?
        }
    };
    let before = find(app, caller, other.id).await?;
    Ok(match other.id <= id {
        true => DiffView::of(&before, &after),
        false => DiffView::of(&after, &before),
    })
}
