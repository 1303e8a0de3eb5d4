//! A scan in the list, while it runs, and its report.

use askama::Template;
use model::{Grade, ModuleId, ScanStatus, Severity, Timestamp};
use report::{IssueView, ReportView};

use super::Field;
use super::ownership::Claim;
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
    pub is_intrusive: bool,
    /// What is missing for it, once it was asked for in vain.
    pub claim: Option<Claim>,
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

/// Which findings are shown; what is left out is not asked about.
#[derive(Debug, Clone, Default)]
pub struct FindingFilter {
    pub severity: Option<Severity>,
    pub module: Option<ModuleId>,
    /// Stands somewhere in the finding, whatever the case.
    pub text: String,
}

impl FindingFilter {
    /// Returns whether anything is asked about.
    pub fn is_set(&self) -> bool {
        self.severity.is_some() || self.module.is_some() || !self.text.is_empty()
    }

    fn lets_through(&self, issue: &IssueView) -> bool {
        let text = self.text.to_lowercase();
        self.severity.is_none_or(|one| one == issue.severity)
            && self.module.is_none_or(|one| one == issue.module)
            && (text.is_empty()
                || [&issue.id, &issue.title, &issue.evidence, &issue.remediation]
                    .iter()
                    .any(|have| have.to_lowercase().contains(&text)))
    }
}

/// A severity to choose, or all of them.
#[derive(Debug, Clone)]
pub struct SeverityTab {
    pub severity: Option<Severity>,
    pub count: usize,
    pub path: String,
}

/// The report of a scan.
#[derive(Debug, Template)]
#[template(path = "report.html")]
pub struct Report {
    pub frame: Frame,
    pub id: i64,
    pub now: Timestamp,
    pub view: ReportView,
    pub filter: FindingFilter,
    pub severities: Vec<SeverityTab>,
    /// What the report is called where it is verified.
    pub report_id: String,
    /// Whether there is an earlier report of the domain.
    pub has_earlier: bool,
    /// The module's titles.
    pub titles: fn(ModuleId) -> &'static str,
}

impl Report {
    /// Returns the chosen findings by family, the part of a check's id before the dot: inside one
    /// only the dearest costs points. The family with the worst finding stands first.
    pub fn families(&self) -> Vec<Vec<&IssueView>> {
        let mut families: Vec<Vec<&IssueView>> = Vec::new();
        for issue in self.view.issues.iter().filter(|issue| self.filter.lets_through(issue)) {
            match families.iter_mut().find(|have| family(have[0]) == family(issue)) {
                Some(have) => have.push(issue),
                None => families.push(vec![issue]),
            }
        }
        families
    }

    /// Returns the score as the gauge wants it.
    pub fn score(&self) -> Option<i64> {
        self.view.score.map(i64::from)
    }

    /// Returns the modules with findings, and their titles.
    pub fn modules(&self) -> Vec<(ModuleId, &'static str)> {
        let mut ids: Vec<_> = self.view.issues.iter().map(|issue| issue.module).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(|id| (id, (self.titles)(id))).collect()
    }

    /// Returns a module's title.
    pub fn title(&self, module: &ModuleId) -> &'static str {
        (self.titles)(*module)
    }

    /// Returns the controls that a finding is evidence for, with the names of their frameworks.
    pub fn controls(&self, issue: &IssueView) -> String {
        controls(&self.view, issue)
    }

    /// Returns the points that a finding took from the score; `None` for one that took nothing.
    pub fn lost(&self, issue: &IssueView) -> Option<String> {
        let lines = self.view.ledger.lines.iter().filter(|line| line.check == issue.id);
        let milli: i64 = lines.map(|line| line.lost_milli).sum();
        let points = self.frame.points(&milli);
        (milli > 0).then(|| points.trim_start_matches('+').to_owned())
    }

    /// Returns the lines of the score's account: what it is for, and thousandths of a point.
    pub fn account(&self) -> Vec<(String, i64)> {
        let ledger = &self.view.ledger;
        let title = |check: &str| {
            let issue = self.view.issues.iter().find(|issue| issue.id == check);
            issue.map_or_else(|| check.to_owned(), |issue| issue.title.clone())
        };
        let lines = ledger.lines.iter().map(|line| (title(&line.check), -line.lost_milli));
        let rest = [
            (self.frame.t("Rounding").to_owned(), -ledger.rounding_milli),
            (self.frame.t("Cap on the score").to_owned(), -ledger.cap_adjustment_milli),
        ];
        lines.chain(rest.into_iter().filter(|(_, milli)| *milli != 0)).collect()
    }
}

/// Lists controls by framework: `PCI DSS 4.2.1, 6.4.3 · HIPAA 164.312(e)(1)`.
pub(super) fn controls(view: &ReportView, issue: &IssueView) -> String {
    let mut lists: Vec<(&str, String)> = Vec::new();
    for control in &issue.controls {
        match lists.iter_mut().find(|(id, _)| *id == control.framework) {
            Some((_, list)) => {
                list.push_str(", ");
                list.push_str(&control.control);
            }
            None => {
                let framework = view.compliance.get(&control.framework);
                let name =
                    framework.map_or(control.framework.as_str(), |framework| &framework.name);
                lists.push((&control.framework, format!("{name} {}", control.control)));
            }
        }
    }
    lists.into_iter().map(|(_, list)| list).collect::<Vec<_>>().join(" · ")
}

fn family(issue: &IssueView) -> &str {
    issue.id.split('.').next().unwrap_or(&issue.id)
}
