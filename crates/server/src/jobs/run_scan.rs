//! Scans the domain of one queued scan and stores the report.
//!
//! Running it twice is harmless: `finish_scan` and `fail_scan` end a scan once, and the quota was
//! taken when it was queued.

use std::collections::BTreeMap;

use anyhow::Context;
use model::{DomainName, Report, ScanProfile, ScanStatus, Severity, Timestamp};
use scan::{Order, Progress};
use store::{Ended, Job, NewJob, Refund, Scan, ScanFilter};

use crate::app::App;
use crate::progress::ModuleDone;

pub(crate) const KIND: &str = "run_scan";
/// Runs before a scan is given up; one that is handed back on shutdown does not count.
const ATTEMPTS: i64 = 3;

/// Returns the job for a scan that is about to be queued; its id is filled in by the store.
pub(crate) fn due(now: Timestamp) -> NewJob {
    NewJob { kind: KIND, payload: String::new(), run_at: now, max_attempts: ATTEMPTS }
}

pub(crate) async fn run(app: &App, job: &Job) -> anyhow::Result<()> {
    let id: i64 = job.payload.parse().context("the payload is the id of a scan")?;
    let Some(scan) = app.store.start_scan(id, app.clock.now()).await? else {
        // Cancelled, or ended by an earlier attempt.
        return Ok(());
    };
    let domain = DomainName::parse(&scan.domain).context("a stored domain is valid")?;
    // Whoever asked proved it then; the engine wants to see it again.
    let intrusive = (scan.profile == ScanProfile::Intrusive)
        .then(|| app.secrets.ownership_challenge(scan.account_id, &domain));
    let order =
        Order { domain, modules: scan.requested_modules.clone(), now: app.clock.now(), intrusive };
    let running = app.progress.begin(id);
    let report_progress = |event: Progress| {
        if let Progress::Finished(module) = event {
            running.module(ModuleDone::of(&module));
        }
    };
    let report = tokio::select! {
        report = app.engine.scan(&order, &report_progress) => report,
        () = running.canceled() => return Ok(()),
    };
    let now = app.clock.now();
    match &report.score {
        Ok(score) => {
            let count = |severity| i64::try_from(report.count(severity)).unwrap_or(i64::MAX);
            let ended = Ended {
                score: *score,
                grade: model::Grade::of(*score),
                critical_issues: count(Severity::Critical),
                high_issues: count(Severity::High),
                medium_issues: count(Severity::Medium),
                low_issues: count(Severity::Low),
                info_issues: count(Severity::Info),
                duration_ms: i64::try_from(report.duration_ms).unwrap_or(i64::MAX),
                catalogue_version: i64::from(report.catalogue_version),
            };
            let body = serde_json::to_string(&report)?;
            let progress = serde_json::to_value(running.modules())?;
            let first_seen = first_seen(app, &scan, &report, now).await?;
            app.store.finish_scan(id, &ended, &body, &first_seen, &progress, now).await?;
        }
        Err(unscored) => {
            let refund = if unscored.is_our_fault() { Refund::Yes } else { Refund::No };
            app.store.fail_scan(id, &unscored.to_string(), refund, now).await?;
            app.scan_counts.forget(scan.account_id);
        }
    }
    Ok(())
}

/// Returns since when each finding is found without a break, as the domain's last report had it. A
/// check that could not be judged this time is carried along: not to see it mends nothing.
async fn first_seen(
    app: &App,
    scan: &Scan,
    report: &Report,
    now: Timestamp,
) -> anyhow::Result<BTreeMap<String, Timestamp>> {
    let account = scan.account_id;
    let earlier = ScanFilter {
        domain: Some(scan.domain.clone()),
        status: Some(ScanStatus::Completed),
        before: Some(scan.id),
        ..ScanFilter::default()
    };
    let last = app.store.list_scans(account, &earlier, 1).await?.pop();
    let mut known = match last {
        Some(last) => app.store.find_first_seen(account, last.id).await?,
        None => BTreeMap::new(),
    };
    for module in &report.modules {
        for mended in module.passed.iter().chain(module.not_applicable.iter().map(|it| &it.check)) {
            known.remove(mended);
        }
    }
    for (_, finding) in report.findings() {
        known.entry(finding.check.clone()).or_insert(now);
    }
    Ok(known)
}

/// Ends the scan of a job that failed too often. The fault is ours, so it is given back.
pub(crate) async fn give_up(app: &App, job: &Job) -> anyhow::Result<()> {
    let id: i64 = job.payload.parse().context("the payload is the id of a scan")?;
    let reason = "the scan failed several times on our side; it was not charged";
    app.store.fail_scan(id, reason, Refund::Yes, app.clock.now()).await?;
    Ok(())
}
