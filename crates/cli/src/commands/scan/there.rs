use http::Method;
use model::{DomainName, ScanProfile};
use report::escape::terminal;
use report::{DiffView, ReportView};
use serde_json::{Value, json};

use super::ScanArgs;
use super::gate::Judged;
use super::progress::Progress;
use crate::client::Client;
use crate::failure::{Failure, NOT_TESTED, Result, USAGE};

/// Scans on a server.
pub(super) async fn scan(
    client: &Client,
    domain: &DomainName,
    args: &ScanArgs,
    progress: &Progress,
) -> Result<Judged> {
    let profile = match args.intrusive {
        true => ScanProfile::Intrusive,
        false => ScanProfile::Safe,
    };
    let wish = json!({ "domain": domain, "modules": args.modules, "profile": profile });
    let job = client.send(Method::POST, "/v1/scan", Some(wish)).await?;
    let id = job["job_id"].as_i64().ok_or_else(|| Failure::unreadable("it is no scan"))?;
    let mut counted = 0;
    let ended = client.wait_for_scan(id, |module| {
        counted += 1;
        progress.count();
        if module["duration_ms"] != 0 || args.place.server.verbose {
            progress.say(domain, &line(module));
        }
    });
    let ended = ended.await;
    progress.count_rest(counted);
    let ended = ended?;
    if ended["status"] != "completed" {
        let reason = ended["failure_reason"].as_str().unwrap_or("the scan was cancelled");
        return Err(Failure::new(NOT_TESTED, terminal(reason)));
    }
    let report = client.send(Method::GET, &format!("/v1/scan/jobs/{id}/report"), None).await?;
    let view: ReportView = serde_json::from_value(report).map_err(Failure::unreadable)?;
    let diff = match args.gates.wants_last_scan() {
        true => diff(client, id).await?,
        false => None,
    };
    if args.gates.wants_last_scan() && diff.is_none() {
        progress.say(domain, "  Nothing to compare with: this is the first scan of these modules");
    }
    Ok(Judged { view, diff })
}

/// One finished module, as the server tells it.
fn line(module: &Value) -> String {
    let seconds = module["duration_ms"].as_f64().unwrap_or(0.0) / 1_000.0;
    let name = terminal(module["module"].as_str().unwrap_or_default());
    match (module["status"].as_str(), module["findings"].as_u64()) {
        (Some("ok") | None, Some(1)) => format!("   Checked {name:<14} 1 finding    {seconds:.1}s"),
        (Some("ok") | None, found) => {
            let found = format!("{} findings", found.unwrap_or(0));
            format!("   Checked {name:<14} {found:<12} {seconds:.1}s")
        }
        (Some(status), _) => {
            let status = terminal(status).replace('_', " ");
            format!("   Skipped {name:<14} {status}")
        }
    }
}

/// Returns what changed since the last scan of the same modules; `None` when there is none.
async fn diff(client: &Client, id: i64) -> Result<Option<DiffView>> {
    match client.send(Method::GET, &format!("/v1/scan/jobs/{id}/diff"), None).await {
        Ok(diff) => serde_json::from_value(diff).map(Some).map_err(Failure::unreadable),
        Err(failure) if failure.code == USAGE => Ok(None),
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_one_harmless_line() {
        let ok = json!({ "module": "tls", "status": "ok", "findings": 2, "duration_ms": 1_940 });
        assert_eq!(line(&ok), "   Checked tls            2 findings   1.9s");
        let odd = json!({ "module": "\u{1b}[2J", "status": "not_tested\n", "duration_ms": 1 });
        assert_eq!(line(&odd), "   Skipped \\u{1b}[2J      not tested\\n");
    }
}
