use model::{DomainName, ModuleId, Report, ScanSource, ScanStatus};
use store::{Canceled, NewScan, Once, Queued, Scan};

use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, FieldProblem, Result};
use crate::jobs::run_scan;

/// What somebody wants scanned, as they wrote it.
pub(crate) struct Wish<'a> {
    pub(crate) domain: &'a str,
    /// Ids of modules; all when empty.
    pub(crate) modules: &'a [String],
    pub(crate) source: ScanSource,
    pub(crate) once: Option<&'a Once>,
}

/// Queues a scan, if the account's month has one left. A repeated request gets what it made.
pub(crate) async fn request(app: &App, caller: &Identity, wish: &Wish<'_>) -> Result<Scan> {
    let domain = scannable(app, wish.domain)?;
    let principal = caller.principal();
    let new = NewScan {
        domain,
        source: wish.source,
        api_key_id: caller.key().map(|key| key.id),
        requested_modules: modules(wish.modules)?,
    };
    let limit = principal.plan_scans_per_month;
    let now = app.clock.now();
    let account = principal.user_account_id;
    let job = run_scan::due(now);
    match app.store.queue_scan(account, &new, &job, limit, wish.once, now).await? {
        Queued::Now(scan) => {
            app.scan_counts.forget(account);
            app.wake.wake();
            Ok(scan)
        }
        Queued::Before(scan) => Ok(scan),
        Queued::KeyReused => Err(Error::IdempotencyKeyReused),
        Queued::MonthUsedUp => Err(Error::QuotaExceeded { limit }),
    }
}

/// Reads a domain and refuses one that only a laboratory has, unless this is one.
fn scannable(app: &App, text: &str) -> Result<DomainName> {
    let refused = |problem: String| Error::InvalidDomain(format!("`domain` {problem}."));
    let domain = DomainName::parse(text).map_err(|problem| refused(problem.to_string()))?;
    match domain.laboratory_label() {
        Some(label) if !app.config.scan.allow_private_networks => Err(refused(format!(
            "ends in `.{label}`, which is reserved for tests and never on the public internet"
        ))),
        _ => Ok(domain),
    }
}

fn modules(ids: &[String]) -> Result<Vec<ModuleId>> {
    let mut known = Vec::new();
    let mut problems = Vec::new();
    for id in ids {
        match ModuleId::parse(id) {
            Some(module) if !known.contains(&module) => known.push(module),
            Some(_) => {}
            None => {
                let id: String = id.chars().take(40).collect();
                let message = format!("holds `{id}`, which is none of {}", ModuleId::list());
                problems.push(FieldProblem::new("modules", message));
            }
        }
    }
    match problems.is_empty() {
        true => Ok(known),
        false => {
            problems.truncate(5);
            Err(Error::Invalid(problems))
        }
    }
}

/// Stops a scan. One that has ended stays as it is.
pub(crate) async fn cancel(app: &App, account: i64, id: i64) -> Result<Scan> {
    match app.store.cancel_scan(account, id, app.clock.now()).await? {
        Canceled::Done(scan) => {
            app.progress.cancel(id);
            app.scan_counts.forget(account);
            Ok(scan)
        }
        Canceled::Ended(scan) => Ok(scan),
        Canceled::NotFound => Err(Error::NotFound),
    }
}

/// Returns the report of a completed scan.
pub(crate) async fn report(app: &App, account: i64, id: i64) -> Result<Report> {
    let scan = app.store.find_scan(account, id).await?.ok_or(Error::NotFound)?;
    let missing = || {
        Error::ScanNotComplete(match scan.status {
            ScanStatus::Queued | ScanStatus::Running => {
                format!("The scan is {}. Ask again once it is completed.", scan.status)
            }
            status => format!("The scan is {status}, so there is no report."),
        })
    };
    app.store.find_report(account, id).await?.ok_or_else(missing)
}
