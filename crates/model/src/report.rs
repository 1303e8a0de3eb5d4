//! What a scan found, as it is stored.
//!
//! A report keeps ids, verdicts and evidence; titles, advice and controls are added by the crate
//! `report` from the catalogue when it is shown, so that a text can be corrected for old reports.
//! What must not change silently is the judgement: `catalogue_version` says which rules judged.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{DomainName, Grade, ModuleId, Ownership, ScanProfile, Severity, Timestamp};

/// One scan's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub domain: DomainName,
    pub scanned_at: Timestamp,
    pub duration_ms: u64,
    /// The program's version, for instance `0.1.0`.
    pub engine_version: String,
    /// Raised whenever a check is added, removed or judges differently.
    pub catalogue_version: u32,
    /// 0 to 100, or why there is none.
    pub score: Result<u8, Unscored>,
    pub coverage: Coverage,
    /// The lowest cap that applies, whether or not it bites.
    pub cap: Option<Cap>,
    pub ledger: Ledger,
    /// The planned modules, in the order of the catalogue.
    pub modules: Vec<ModuleReport>,
    pub scope: ScanScope,
    /// What the probes fetched; the judgement can be made again from it.
    pub evidence: serde_json::Value,
}

impl Report {
    /// Returns the letter, if there is a score.
    ///
    /// An incomplete report is never an A; its score is capped at 89 as well.
    pub fn grade(&self) -> Option<Grade> {
        self.score.as_ref().ok().map(|score| Grade::of(*score))
    }

    /// Returns every finding, module by module.
    pub fn findings(&self) -> impl Iterator<Item = (&ModuleReport, &Finding)> {
        self.modules
            .iter()
            .flat_map(|module| module.findings.iter().map(move |finding| (module, finding)))
    }

    /// Returns the number of findings of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings().filter(|(_, finding)| finding.severity == severity).count()
    }
}

/// Why a report has no score. None of these says anything about the domain's quality.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Unscored {
    #[error("the domain does not exist (NXDOMAIN)")]
    NoSuchDomain,
    #[error("every address of the domain is one this instance refuses to scan: {0}")]
    Refused(String),
    #[error("the domain is on this instance's exclusion list")]
    Excluded,
    /// Our resolver gave no answer; the caller is not charged.
    #[error("the domain could not be looked up: {0}")]
    ResolverFailed(String),
    #[error("nothing could be tested: {0}")]
    NothingTested(String),
}

impl Unscored {
    /// Returns whether the fault is ours, so that the scan is not charged.
    pub fn is_our_fault(&self) -> bool {
        matches!(self, Self::ResolverFailed(_))
    }
}

/// How much of what was planned could be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Weight of the planned modules that do apply.
    pub planned: u32,
    /// Weight of those that were judged, each by the share of its checks that gave a verdict, in
    /// whole numbers.
    pub tested: u32,
    /// The same in thousandths; none in reports from before shares were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_milli: Option<u32>,
}

impl Coverage {
    /// Returns the coverage of so much weight, the tested in thousandths.
    pub fn of(planned: u32, tested_milli: u32) -> Self {
        Self { planned, tested: (tested_milli + 500) / 1_000, tested_milli: Some(tested_milli) }
    }

    /// Returns the share that was judged, 0 to 100, rounded down; 0 when nothing was planned.
    pub fn percent(self) -> u8 {
        let tested = self.tested_milli.unwrap_or(self.tested * 1_000);
        (tested / 10).checked_div(self.planned).unwrap_or(0).min(100) as u8
    }

    /// Returns whether too little was judged for the grade to stand for the whole.
    pub fn is_incomplete(self) -> bool {
        self.percent() < 60
    }
}

/// An upper bound on the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// 34, 54, 74 or 89.
    pub at: u8,
    /// The check that set it, or `coverage` when too little was judged.
    pub by: String,
}

/// How 100 became the score: `100 - lines - cap_adjustment = score`, exactly.
///
/// In thousandths of a point, so that the sum has no rounding of its own; `rounding` is what the
/// one rounding at the end took (positive) or gave (negative).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    pub lines: Vec<LedgerLine>,
    pub rounding_milli: i64,
    pub cap_adjustment_milli: i64,
}

/// What one finding cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    pub check: String,
    pub module: ModuleId,
    pub lost_milli: i64,
}

/// What became of one module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModuleReport {
    pub id: ModuleId,
    pub status: ModuleStatus,
    /// 0 to 100 when `status` is `ok`.
    pub score: Option<u8>,
    pub duration_ms: u64,
    /// Failed checks, worst first.
    pub findings: Vec<Finding>,
    /// Ids of checks that passed.
    pub passed: Vec<String>,
    /// Checks that could not be judged, with the reason.
    pub not_tested: Vec<NotTested>,
    /// Ids of checks that do not apply, with the reason.
    pub not_applicable: Vec<NotTested>,
}

/// Whether a module was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status", content = "reason")]
pub enum ModuleStatus {
    Ok,
    NotApplicable(String),
    /// Never scored and never shown as passed.
    NotTested(String),
}

impl ModuleStatus {
    /// Returns the word the API uses.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotApplicable(_) => "not_applicable",
            Self::NotTested(_) => "not_tested",
        }
    }

    /// Returns why the module was not judged.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Ok => None,
            Self::NotApplicable(reason) | Self::NotTested(reason) => Some(reason),
        }
    }
}

/// A failed check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The check's id.
    pub check: String,
    pub severity: Severity,
    /// What was seen, as a clause: `the record ends in "+all"`.
    pub seen: String,
    /// Points this finding took from its module; 0 when a worse one of its topic was charged.
    pub points: u8,
    /// What mending this alone would add to the score, in points.
    pub gain: u8,
}

/// A check without a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotTested {
    pub check: String,
    pub reason: String,
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanScope {
    /// Addresses of the domain that were scanned.
    pub addresses: Vec<IpAddr>,
    /// Addresses that were refused, with the reason.
    pub skipped: Vec<SkippedAddress>,
    /// TCP connections opened.
    pub connections: u32,
    /// DNS questions asked.
    pub dns_queries: u32,
    /// What was asked for; intrusive probes ran only when `ownership` is proven too.
    #[serde(default)]
    pub profile: ScanProfile,
    /// What came of asking who owns the domain; absent when nothing intrusive was asked for.
    #[serde(default)]
    pub ownership: Option<Ownership>,
    /// Addresses that turned us away for asking too much.
    #[serde(default)]
    pub throttled: Vec<Throttled>,
}

/// An address that turned us away, after which fewer connections were open at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttled {
    pub address: IpAddr,
    /// Questions that were asked once more.
    pub asked_again: u32,
}

/// An address we did not connect to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedAddress {
    pub address: IpAddr,
    pub reason: String,
}
