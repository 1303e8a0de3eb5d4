use std::io::Write;
use std::path::Path;

use http::Method;
use report::{DiffView, ReportView};

use super::place::RemoteArgs;
use crate::failure::{Failure, GATE, Result};

/// Compare two reports of a domain
///
/// Takes files with report objects, as `scan --json` prints them and the API gives them, the earlier one
/// first, or the ids of two scans on a server; with one id, its scan is compared with the one before.
/// Exit codes: 0, or 1 with --fail-on-new when there is a new finding, 2 wrong usage, 4 key refused,
/// 6 server not reachable.
#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// File with the earlier report, or the id of a scan
    #[arg(value_name = "BEFORE")]
    before: String,
    /// File with the later report, or the id of a scan
    #[arg(value_name = "AFTER")]
    after: Option<String>,
    /// Print the API's object
    #[arg(long)]
    json: bool,
    /// Fail when a check failed that did not before; information does not count
    #[arg(long)]
    fail_on_new: bool,
    #[command(flatten)]
    server: RemoteArgs,
}

pub(crate) async fn diff(out: &mut dyn Write, args: &DiffArgs) -> Result<()> {
    let diff = match (args.before.parse::<i64>(), args.after.as_deref()) {
        (Ok(only), None) => of_scans(args, only, None).await?,
        (Ok(before), Some(after)) if !Path::new(&args.before).exists() => {
            let after =
                after.parse().map_err(|_| Failure::usage(format!("`{after}` is no scan's id")))?;
            of_scans(args, after, Some(before)).await?
        }
        (_, Some(after)) => of_files(Path::new(&args.before), Path::new(after))?,
        (Err(_), None) => {
            return Err(Failure::usage("there is nothing to compare with").hint("name two files"));
        }
    };
    match args.json {
        true => {
            let text = serde_json::to_string_pretty(&diff)
                .map_err(|error| Failure::other(error.to_string()))?;
            writeln!(out, "{text}")?;
        }
        false => write!(out, "{}", diff.to_text())?,
    }
    let regressions = diff.regressions();
    let (accepted, new): (Vec<_>, Vec<_>) =
        regressions.partition(|new| new.issue.accepted.is_some());
    if args.fail_on_new && !accepted.is_empty() {
        writeln!(anstream::stderr(), "{} accepted", accepted.len())?;
    }
    let new = new.len();
    match args.fail_on_new && new > 0 {
        true => Err(Failure::new(GATE, format!("FAIL: {new} new (--fail-on-new)"))),
        false => Ok(()),
    }
}

async fn of_scans(args: &DiffArgs, after: i64, before: Option<i64>) -> Result<DiffView> {
    let against = before.map(|before| format!("?against={before}")).unwrap_or_default();
    let path = format!("/v1/scan/jobs/{after}/diff{against}");
    let diff = args.server.client()?.send(Method::GET, &path, None).await?;
    serde_json::from_value(diff).map_err(Failure::unreadable)
}

fn of_files(before: &Path, after: &Path) -> Result<DiffView> {
    let (before, after) = (read(before)?, read(after)?);
    if before.domain != after.domain {
        let problem =
            format!("reports of `{}` and `{}` are not one domain's", before.domain, after.domain);
        return Err(Failure::usage(problem));
    }
    Ok(DiffView::of(&before, &after))
}

fn read(path: &Path) -> Result<ReportView> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{shown} cannot be read: {error}")))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("{shown} is no report: {error}"))
            .hint("`compliancelayer scan DOMAIN --json` prints one")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_is_no_report_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let args = |before: &str, after: Option<&Path>| DiffArgs {
            before: before.to_owned(),
            after: after.map(|path| path.display().to_string()),
            json: false,
            fail_on_new: false,
            server: RemoteArgs::default(),
        };
        let both = args(&path.display().to_string(), Some(&path));
        let refused = diff(&mut Vec::new(), &both).await.unwrap_err().to_string();
        assert!(refused.contains("cannot be read"), "{refused}");
        std::fs::write(&path, "{}").unwrap();
        let refused = diff(&mut Vec::new(), &both).await.unwrap_err().to_string();
        assert!(refused.contains("report.json is no report"), "{refused}");
        let alone = args(&path.display().to_string(), None);
        assert_eq!(diff(&mut Vec::new(), &alone).await.unwrap_err().code, 2);
        let mixed = args("12", Some(&path));
        assert_eq!(diff(&mut Vec::new(), &mixed).await.unwrap_err().code, 2);
    }
}
