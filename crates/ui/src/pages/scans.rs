//! A scan in the list, while it runs, and its report.

use askama::Template;
use model::{Grade, ModuleId, ScanStatus, Severity};
use report::{IssueView, ReportView};

use super::Field;
use crate::{Frame, Html};

/// A scan in the list.
#[derive(Debug, Clone)]
pub struct ScanRow {
    pub id: i64,
    pub domain: String,
    pub status: ScanStatus,
    pub grade: Option<Grade>,
    pub score: Option<i64>,
    /// Critical, high, medium, low.
    pub findings: [i64; 4],
    pub source: &'static str,
    pub when: Html,
    pub duration: Option<String>,
    pub failure: Option<String>,
}

/// The list of scans.
#[derive(Debug, Template)]
#[template(path = "scans.html")]
pub struct Scans {
    pub frame: Frame,
    pub rows: Vec<ScanRow>,
    pub domain: String,
    /// The chosen state, or an empty text for all.
    pub status: String,
    pub statuses: Vec<&'static str>,
    /// The path of the next page.
    pub next: Option<String>,
    pub is_filtered: bool,
    pub base_url: String,
}

/// The form for a new scan.
#[derive(Debug, Template)]
#[template(path = "scan_new.html")]
pub struct NewScan {
    pub frame: Frame,
    pub nonce: String,
    pub domain: Field,
    /// Modules with their titles, and whether each is chosen.
    pub modules: Vec<(ModuleId, &'static str, bool)>,
}

/// A module of a running scan.
#[derive(Debug, Clone)]
pub struct ModuleRow {
    pub id: ModuleId,
    pub title: &'static str,
    pub is_done: bool,
}

/// A scan that has no report yet, or never will.
#[derive(Debug, Template)]
#[template(path = "scan_live.html")]
pub struct LiveScan {
    pub frame: Frame,
    pub id: i64,
    pub status: ScanStatus,
    pub modules: Vec<ModuleRow>,
    pub done: usize,
    pub failure: Option<String>,
    pub domain: String,
}

impl LiveScan {
    /// Returns whether something is still to come.
    pub fn is_open(&self) -> bool {
        matches!(self.status, ScanStatus::Queued | ScanStatus::Running)
    }
}

/// The report of a scan.
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub struct Report {
    pub frame: Frame,
    pub id: i64,
    pub when: Html,
    pub view: ReportView,
    /// The chosen severity; `None` for all.
    pub severity: Option<Severity>,
    /// The module's titles.
    pub titles: fn(ModuleId) -> &'static str,
}

impl Report {
    /// Returns the findings of the chosen severity.
    pub fn issues(&self) -> Vec<&IssueView> {
        let is_chosen = |issue: &&IssueView| self.severity.is_none_or(|one| one == issue.severity);
        self.view.issues.iter().filter(is_chosen).collect()
    }

    /// Returns the score as the gauge wants it.
    pub fn score(&self) -> Option<i64> {
        self.view.score.map(i64::from)
    }

    /// Returns how many findings there are of each severity.
    pub fn counts(&self) -> [(Severity, usize); 5] {
        [
            (Severity::Critical, self.view.critical_issues),
            (Severity::High, self.view.high_issues),
            (Severity::Medium, self.view.medium_issues),
            (Severity::Low, self.view.low_issues),
            (Severity::Info, self.view.info_issues),
        ]
    }

    /// Returns a module's title.
    pub fn title(&self, module: &ModuleId) -> &'static str {
        (self.titles)(*module)
    }
}
