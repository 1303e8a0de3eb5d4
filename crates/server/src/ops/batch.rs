//! Several domains scanned by one request, which waits for them as long as a request may.
//!
//! Each domain is a scan like any other: taken from the month when it is accepted, bounded by how many
//! the plan allows at once. As one ends the next is accepted, so a batch of fifty keeps the plan's limit.
//! What has not ended in time goes on by itself; what was not accepted in time was not charged.

use std::collections::VecDeque;
use std::time::Duration;

use model::{DomainName, ScanProfile, ScanSource, ScanStatus};
use report::ReportView;
use sha2::{Digest, Sha256};
use store::{Once, Scan};
use tokio::time::Instant;

use super::scans::{self, Wish};
use super::{plans, reports};
use crate::app::App;
use crate::auth::Identity;
use crate::auth::secrets::hex;
use crate::error::{Error, Result};
use crate::limits::CONCURRENT_SCANS;

/// The most domains of one request.
pub(crate) const MOST: usize = 50;
/// How long the answer is waited for; reading the reports comes on top.
const PATIENCE: Duration = Duration::from_secs(23);
/// How often the scans are looked at.
const POLL: Duration = Duration::from_millis(150);

/// What became of one domain.
pub(crate) struct Row {
    pub(crate) domain: String,
    /// `None` when it was not accepted.
    pub(crate) scan: Option<Scan>,
    pub(crate) report: Option<ReportView>,
    /// Why there is no report.
    pub(crate) error: Option<String>,
}

/// Scans domains and returns them in the order in which they were named, each once.
///
/// # Errors
///
/// Those of a single scan when not one domain was accepted.
pub(crate) async fn scan(
    app: &App,
    caller: &Identity,
    domains: &[String],
    once: Option<&Once>,
) -> Result<Vec<Row>> {
    plans::require_gate(app, caller.principal(), "batch").await?;
    let mut rows = rows(app, caller, domains)?;
    let until = Instant::now() + PATIENCE;
    let mut waiting: VecDeque<usize> = (0..rows.len()).collect();
    let mut refusal = None;
    loop {
        while let Some(at) = waiting.front().copied() {
            match request(app, caller, &rows[at].domain, once).await {
                Ok(scan) => rows[at].scan = Some(scan),
                Err(error @ Error::RateLimited { window: CONCURRENT_SCANS, .. }) => {
                    refusal.get_or_insert(error);
                    break;
                }
                Err(error @ Error::QuotaExceeded { .. }) => {
                    let reason = error.to_string();
                    waiting.iter().for_each(|at| rows[*at].error = Some(reason.clone()));
                    waiting.clear();
                    refusal = Some(error);
                    break;
                }
                Err(error) => return Err(error),
            }
            waiting.pop_front();
        }
        let is_running = look(app, caller, &mut rows).await?;
        let has_any = rows.iter().any(|row| row.scan.is_some());
        let is_over = Instant::now() >= until || app.closing.is_cancelled();
        // Scans that were under way before may take the whole time: with none accepted, say so at once.
        if is_over || (!is_running && waiting.is_empty()) || !has_any {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = app.closing.cancelled() => {}
        }
    }
    if let Some(refusal) = refusal.filter(|_| rows.iter().all(|row| row.scan.is_none())) {
        return Err(refusal);
    }
    for row in &mut rows {
        end(app, caller, row).await?;
    }
    Ok(rows)
}

/// Reads the names; refuses them all if one cannot be scanned, before anything is charged.
fn rows(app: &App, caller: &Identity, domains: &[String]) -> Result<Vec<Row>> {
    if !(1..=MOST).contains(&domains.len()) {
        return Err(Error::invalid("domains", format!("must name 1 to {MOST} domains")));
    }
    let mut names: Vec<DomainName> = Vec::new();
    for text in domains {
        let domain = scans::scannable(app, text)?;
        caller.require_domain(&domain)?;
        if !names.contains(&domain) {
            names.push(domain);
        }
    }
    let row = |name: DomainName| Row {
        domain: name.as_str().to_owned(),
        scan: None,
        report: None,
        error: None,
    };
    Ok(names.into_iter().map(row).collect())
}

async fn request(app: &App, caller: &Identity, domain: &str, once: Option<&Once>) -> Result<Scan> {
    // One key for the request stands for as many things as it makes.
    let once = once.map(|once| Once {
        key: hex(&Sha256::digest(format!("{} {domain}", once.key))),
        fingerprint: once.fingerprint.clone(),
    });
    let wish = Wish {
        domain,
        modules: &[],
        profile: ScanProfile::Safe,
        source: ScanSource::Batch,
        once: once.as_ref(),
    };
    scans::request(app, caller, &wish).await
}

/// Looks at the scans that have not ended. Returns whether one is still under way.
async fn look(app: &App, caller: &Identity, rows: &mut [Row]) -> Result<bool> {
    let account = caller.principal().user_account_id;
    let mut is_running = false;
    for scan in rows.iter_mut().filter_map(|row| row.scan.as_mut()) {
        if scan.status.ended() {
            continue;
        }
        if let Some(found) = app.store.find_scan(account, scan.id).await? {
            *scan = found;
        }
        is_running |= !scan.status.ended();
    }
    Ok(is_running)
}

/// Adds the report of a scan, or why there is none.
async fn end(app: &App, caller: &Identity, row: &mut Row) -> Result<()> {
    let account = caller.principal().user_account_id;
    match &row.scan {
        Some(scan) if scan.status == ScanStatus::Completed => {
            row.report = Some(reports::of_account(app, account, scan.id).await?);
        }
        Some(scan) if scan.status.ended() => {
            let reason = scan.failure_reason.clone();
            row.error = Some(reason.unwrap_or_else(|| format!("the scan is {}", scan.status)));
        }
        Some(_) => row.error = Some("still running".to_owned()),
        None => {
            let reason = "not started: as many scans as the plan allows at once were under way";
            row.error.get_or_insert_with(|| reason.to_owned());
        }
    }
    Ok(())
}
