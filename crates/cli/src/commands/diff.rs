use std::io::Write;
use std::path::{Path, PathBuf};

use report::{DiffView, ReportView};

use crate::failure::{Failure, GATE, Result};

/// Compare two reports of a domain
///
/// Takes report objects as `scan --json` prints them and the API gives them, the earlier one first.
/// Exit codes: 0, or 1 with --fail-on-new when there is a new finding.
#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// File with the earlier report
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// File with the later report
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    /// Print the API's object
    #[arg(long)]
    json: bool,
    /// Fail when a check failed that did not before
    #[arg(long)]
    fail_on_new: bool,
}

pub(crate) fn diff(out: &mut dyn Write, args: &DiffArgs) -> Result<()> {
    let (before, after) = (read(&args.before)?, read(&args.after)?);
    if before.domain != after.domain {
        let problem =
            format!("reports of `{}` and `{}` are not one domain's", before.domain, after.domain);
        return Err(Failure::usage(problem));
    }
    let diff = DiffView::of(&before, &after);
    match args.json {
        true => {
            let text = serde_json::to_string_pretty(&diff)
                .map_err(|error| Failure::other(error.to_string()))?;
            writeln!(out, "{text}")?;
        }
        false => write!(out, "{}", diff.to_text())?,
    }
    match args.fail_on_new && !diff.new.is_empty() {
        true => Err(Failure::new(GATE, format!("FAIL: {} new (--fail-on-new)", diff.new.len()))),
        false => Ok(()),
    }
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

    #[test]
    fn a_file_that_is_no_report_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let args =
            DiffArgs { before: path.clone(), after: path.clone(), json: false, fail_on_new: false };
        let refused = diff(&mut Vec::new(), &args).unwrap_err().to_string();
        assert!(refused.contains("cannot be read"), "{refused}");
        std::fs::write(&path, "{}").unwrap();
        let refused = diff(&mut Vec::new(), &args).unwrap_err().to_string();
        assert!(refused.contains("report.json is no report"), "{refused}");
    }
}
