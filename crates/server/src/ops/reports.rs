use report::{Format, ReportView};

use super::{plans, scans};
use crate::app::App;
use crate::auth::Identity;
use crate::error::Result;

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
    let report = scans::report(app, caller, id).await?;
    Ok(ReportView { job_id: Some(id), ..ReportView::of(&report) })
}

/// Returns what unlocks a format. JSON is everybody's: it is what the API speaks.
fn gate(format: Format) -> Option<&'static str> {
    match format {
        Format::Json => None,
        Format::Html => Some("html"),
        Format::Csv => Some("csv"),
        Format::Sarif => Some("sarif"),
    }
}
