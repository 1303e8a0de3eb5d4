use askama::Template;
use report::ReportView;

use super::Field;
use crate::Frame;

/// A scan for anybody, and the beginning of its report.
#[derive(Debug, Template)]
#[template(path = "free_scan.html")]
pub struct FreeScan {
    pub frame: Frame,
    pub domain: Field,
    /// Seconds to wait, when the scans of this hour are used up.
    pub wait: Option<u32>,
    /// What came of the scan, with the worst findings alone.
    pub report: Option<ReportView>,
    pub can_sign_up: bool,
}

impl FreeScan {
    /// Returns a score as the gauge wants it.
    pub fn score(&self, report: &ReportView) -> Option<i64> {
        report.score.map(i64::from)
    }

    /// Returns how many findings there are.
    pub fn findings(&self, report: &ReportView) -> String {
        let count = i64::try_from(report.total_issues).unwrap_or(i64::MAX);
        self.frame.words.tn(count, "1 finding", "{} findings")
    }

    /// Returns how many findings are not shown.
    pub fn more(&self, report: &ReportView) -> i64 {
        i64::try_from(report.total_issues - report.issues.len()).unwrap_or(i64::MAX)
    }
}
