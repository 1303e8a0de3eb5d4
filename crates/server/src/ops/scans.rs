//! Scans as accounts order and see them: what may be scanned, how many, and who may look.

use model::{DomainName, ModuleId, Report, ScanProfile, ScanSource, ScanStatus};
use store::{Canceled, NewScan, Once, Queued, Scan, ScanAllowance, ScanFilter};

use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, FieldProblem, Result};
use crate::jobs::run_scan;
use crate::limits::CONCURRENT_SCANS;
use crate::ops::{alerts, ownership};

/// What somebody is told to wait, in seconds, whose scans must end first. Nobody knows when one ends.
const WAIT_FOR_AN_END: u32 = 5;

/// What somebody wants scanned, as they wrote it.
pub(crate) struct Wish<'a> {
    pub(crate) domain: &'a str,
    /// Ids of modules; all when empty.
    pub(crate) modules: &'a [String],
    pub(crate) profile: ScanProfile,
    pub(crate) source: ScanSource,
    pub(crate) once: Option<&'a Once>,
}

/// Queues a scan, if the domain is proven to be the account's where the profile is intrusive, and if the account's month has one left and fewer are under way than its plan allows.
/// A repeated request gets what it made.
pub(crate) async fn request(app: &App, caller: &Identity, wish: &Wish<'_>) -> Result<Scan> {
    let domain = scannable(app, wish.domain)?;
    caller.require_domain(&domain)?;
    let principal = caller.principal();
    let requested_modules = modules(wish.modules)?;
    let consent = match wish.profile {
        ScanProfile::Safe => None,
        ScanProfile::Intrusive => Some(ownership::consent(app, caller, &domain).await?),
    };
    let new = NewScan {
        domain,
        source: wish.source,
        api_key_id: caller.key().map(|key| key.id),
        requested_modules,
        consent,
    };
    let allowance = ScanAllowance {
        a_month: principal.plan_scans_per_month,
        at_once: principal.plan_concurrent_scans,
    };
    let now = app.clock.now();
    let account = principal.user_account_id;
    let job = run_scan::due(now);
    match app.store.queue_scan(account, &new, &job, allowance, wish.once, now).await? {
        Queued::Now(scan) => {
            app.scan_counts.forget(account);
            app.wake.wake();
            alerts::scans_taken(app, principal);
            Ok(scan)
        }
        Queued::Before(scan) => Ok(scan),
        Queued::KeyReused => Err(Error::IdempotencyKeyReused),
        Queued::MonthUsedUp => {
            // The line was crossed by a scan whose server may have died right after.
            alerts::scans_taken(app, principal);
            Err(Error::QuotaExceeded { limit: allowance.a_month })
        }
        Queued::TooManyAtOnce => Err(Error::RateLimited {
            limit: allowance.at_once,
            window: CONCURRENT_SCANS,
            retry_after: WAIT_FOR_AN_END,
        }),
    }
}

/// Reads a domain and refuses one that only a laboratory has, unless this is one.
pub(crate) fn scannable(app: &App, text: &str) -> Result<DomainName> {
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
        // In one order, and all of them are none: scans that look at the same are written alike.
        true if known.len() == ModuleId::ALL.len() => Ok(Vec::new()),
        true => Ok(ModuleId::ALL.iter().copied().filter(|one| known.contains(one)).collect()),
        false => {
            problems.truncate(5);
            Err(Error::Invalid(problems))
        }
    }
}

/// Returns a scan that the caller may see.
pub(crate) async fn find(app: &App, caller: &Identity, id: i64) -> Result<Scan> {
    let scan = app.store.find_scan(caller.principal().user_account_id, id).await?;
    scan.filter(|scan| caller.may_see(&scan.domain)).ok_or(Error::NotFound)
}

/// Returns up to `limit` scans that the caller may see, newest first.
///
/// For a key with a list of domains, a stretch of the account's scans that holds few of them makes
/// a short answer, never an endless search; what it was cut off at is the second value.
pub(crate) async fn list(
    app: &App,
    caller: &Identity,
    filter: &ScanFilter,
    limit: usize,
) -> Result<(Vec<Scan>, Option<i64>)> {
    const STRETCH: i64 = 100;
    const STRETCHES: usize = 20;
    let account = caller.principal().user_account_id;
    let is_restricted = caller.key().is_some_and(|key| !key.domains.is_empty());
    if !is_restricted {
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        return Ok((app.store.list_scans(account, filter, most).await?, None));
    }
    let mut filter = filter.clone();
    let mut seen = Vec::new();
    for _ in 0..STRETCHES {
        let stretch = app.store.list_scans(account, &filter, STRETCH).await?;
        let Some(last) = stretch.last().map(|scan| scan.id) else { return Ok((seen, None)) };
        seen.extend(stretch.into_iter().filter(|scan| caller.may_see(&scan.domain)));
        if seen.len() >= limit {
            seen.truncate(limit);
            return Ok((seen, None));
        }
        filter.before = Some(last);
    }
    Ok((seen, filter.before))
}

/// Stops a scan. One that has ended stays as it is.
pub(crate) async fn cancel(app: &App, caller: &Identity, id: i64) -> Result<Scan> {
    find(app, caller, id).await?;
    let account = caller.principal().user_account_id;
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
pub(crate) async fn report(app: &App, caller: &Identity, id: i64) -> Result<Report> {
    let scan = find(app, caller, id).await?;
    let missing = || {
        Error::ScanNotComplete(match scan.status {
            ScanStatus::Queued | ScanStatus::Running => {
                format!("The scan is {}. Ask again once it is completed.", scan.status)
            }
            status => format!("The scan is {status}, so there is no report."),
        })
    };
    app.store.find_report(caller.principal().user_account_id, id).await?.ok_or_else(missing)
}
