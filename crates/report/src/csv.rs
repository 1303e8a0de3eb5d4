//! Findings as CSV (RFC 4180), one row each; a report without findings still has its row. What could
//! not be judged has rows too, or a table with few of them would look like a good domain: the last
//! column says what a row is.
//!
//! Spreadsheets run cells that begin like a formula. Such cells get an apostrophe in front, since
//! targets choose what stands in them.

use crate::acceptance::AcceptedView;
use crate::escape;
use crate::json::{ControlRef, IssueView, ReportView};

const COLUMNS: usize = 19;

const HEADER: [&str; COLUMNS] = [
    "domain",
    "scanned_at",
    "score",
    "grade",
    "severity",
    "module",
    "check",
    "title",
    "evidence",
    "remediation",
    "points",
    "gain",
    "references",
    "controls",
    "careful",
    "accepted_until",
    "accepted_by",
    "accepted_reason",
    "result",
];

/// Prints the findings of several reports as one table.
pub fn table(views: &[ReportView]) -> String {
    let mut out = String::new();
    push_row(&mut out, HEADER.map(str::to_owned));
    for view in views {
        for issue in &view.issues {
            push_row(&mut out, row(view, issue));
        }
        if view.issues.is_empty() {
            let (about, result) = match &view.unscored {
                Some(reason) => (format!("no score: {reason}"), "unscored"),
                None => ("no findings".to_owned(), "no_findings"),
            };
            push_row(&mut out, beside(view, ["", "", &about, ""], result));
        }
        for gap in &view.not_tested {
            let (module, check) = (gap.module.as_str(), gap.check.as_deref().unwrap_or_default());
            let cells = [module, check, "Not tested", &gap.reason];
            push_row(&mut out, beside(view, cells, "not_tested"));
        }
        for skipped in &view.scope.skipped {
            let title = format!("Not connected to {}", skipped.address);
            push_row(&mut out, beside(view, ["", "", &title, &skipped.reason], "skipped"));
        }
    }
    out
}

/// A row that is no finding: module, check, title and evidence.
fn beside(view: &ReportView, told: [&str; 4], result: &str) -> [String; COLUMNS] {
    let mut cells: [String; COLUMNS] = Default::default();
    cells[..4].clone_from_slice(&scan(view));
    cells[5..9].clone_from_slice(&told.map(str::to_owned));
    result.clone_into(&mut cells[COLUMNS - 1]);
    cells
}

fn scan(view: &ReportView) -> [String; 4] {
    let score = view.score.map_or(String::new(), |score| score.to_string());
    let grade = view.grade.map_or(String::new(), |grade| grade.to_string());
    [view.domain.clone(), view.scanned_at.to_string(), score, grade]
}

fn row(view: &ReportView, issue: &IssueView) -> [String; COLUMNS] {
    let [domain, scanned_at, score, grade] = scan(view);
    let accepted =
        |say: fn(&AcceptedView) -> String| issue.accepted.as_ref().map(say).unwrap_or_default();
    let control = |control: &ControlRef| format!("{} {}", control.framework, control.control);
    [
        domain,
        scanned_at,
        score,
        grade,
        issue.severity.to_string(),
        issue.module.to_string(),
        issue.id.clone(),
        issue.title.clone(),
        issue.evidence.clone(),
        issue.remediation.clone(),
        issue.points.to_string(),
        issue.gain.to_string(),
        issue.references.join("; "),
        issue.controls.iter().map(control).collect::<Vec<_>>().join("; "),
        issue.careful.clone().unwrap_or_default(),
        accepted(AcceptedView::day),
        accepted(|one| one.by.clone().unwrap_or_default()),
        accepted(|one| one.reason.clone()),
        "failed".to_owned(),
    ]
}

fn push_row(out: &mut String, cells: [String; COLUMNS]) {
    out.push_str(&cells.each_ref().map(|cell| field(cell)).join(","));
    out.push_str("\r\n");
}

/// Prints one cell: quoted where it has to be, and never the beginning of a formula.
pub fn field(text: &str) -> String {
    let text = escape::terminal(text);
    // Full-width signs count: some spreadsheets normalise them.
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{text}") } else { text.into_owned() };
    match text.contains(['"', ',', ';', '\'']) || text.starts_with(' ') || text.ends_with(' ') {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::SkippedView;
    use crate::sample;

    #[test]
    fn the_table_keeps_its_columns() {
        let mut view = sample::view();
        view.issues.iter_mut().for_each(|issue| issue.controls.truncate(2));
        let table = table(&[view, ReportView::of(&sample::unscored())]);
        insta::assert_snapshot!(table.replace("\r\n", "\n"));
    }

    #[test]
    fn what_was_not_looked_at_has_rows_of_its_own() {
        let mut view = sample::view();
        let address = "10.0.0.1".parse().unwrap();
        view.scope.skipped = vec![SkippedView { address, reason: "a private address".to_owned() }];
        let table = table(&[view]);
        assert!(
            table.contains(",,,Not connected to 10.0.0.1,a private address,,,,,,,,,,skipped\r\n")
        );
        assert!(table.contains("open_ports,,Not tested,no answer in time,,,,,,,,,,not_tested\r\n"));
    }

    #[test]
    fn cells_never_start_a_formula() {
        assert_eq!(field("=1+1"), "\"'=1+1\"");
        assert_eq!(field("  @SUM(A1)"), "\"'  @SUM(A1)\"");
        assert_eq!(field("-all"), "\"'-all\"");
        assert_eq!(field("\t=1"), "\\t=1");
        assert_eq!(field("v=spf1 -all"), "v=spf1 -all");
        assert_eq!(field("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }

    #[test]
    fn a_line_is_a_row_whatever_the_target_says() {
        let view = sample::view();
        let rows = view.total_issues + view.not_tested.len() + view.scope.skipped.len();
        assert_eq!(table(&[view]).lines().count(), 1 + rows);
    }
}
