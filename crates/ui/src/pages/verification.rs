use askama::Template;
use model::Grade;

use super::Field;
use crate::{Frame, Html};

/// A report that was issued here, in short.
#[derive(Debug, Clone)]
pub struct IssuedReport {
    pub report_id: String,
    pub domain: String,
    pub grade: Option<Grade>,
    pub score: Option<u8>,
    pub scanned: Html,
}

/// What became of the question.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// A report has that id.
    Issued(IssuedReport),
    /// The file is what was issued; the report itself may be gone.
    Unchanged(Option<IssuedReport>),
    /// No report has that id.
    Unknown,
    /// The file is not what was issued here.
    Changed,
    /// The file says nothing that could be compared.
    NotAttested,
}

/// Whether a report was issued here.
#[derive(Debug, Template)]
#[template(path = "verify_report.html")]
pub struct VerifyReport {
    pub frame: Frame,
    pub id: Field,
    pub file_problem: Option<String>,
    pub verdict: Option<Verdict>,
}

impl VerifyReport {
    /// Returns the report that the verdict is about.
    pub fn report(&self) -> Option<&IssuedReport> {
        match &self.verdict {
            Some(Verdict::Issued(report) | Verdict::Unchanged(Some(report))) => Some(report),
            _ => None,
        }
    }
}
