//! Links to a report: those there are, and what others see who open one.

use askama::Template;
use model::{ModuleId, Timestamp};
use report::{IssueView, ReportView};

use super::Field;
use crate::{Frame, Html, Words};

/// One link.
#[derive(Debug, Clone)]
pub struct ShareRow {
    pub id: i64,
    pub name: String,
    pub created: Html,
    pub expires: Html,
    pub has_expired: bool,
    pub has_password: bool,
    pub hides_evidence: bool,
    pub hides_addresses: bool,
    pub views: i64,
    pub last_viewed: Option<Html>,
}

/// The links to a report, and the form for a new one.
#[derive(Debug, Template)]
#[template(path = "shares.html")]
pub struct Shares {
    pub frame: Frame,
    pub scan: i64,
    pub rows: Vec<ShareRow>,
    /// A link that was made just now, with its token.
    pub fresh: Option<String>,
    pub nonce: String,
    pub name: Field,
    /// Days; one of [`Self::DAYS`].
    pub days: Field,
    pub password_problem: Option<String>,
    pub hides_evidence: bool,
    pub hides_addresses: bool,
}

impl Shares {
    /// Days that a link can be good for.
    pub const DAYS: [&'static str; 4] = ["7", "30", "90", "365"];

    /// Returns the choices of how long, in words, and whether each is chosen.
    pub fn choices(&self) -> Vec<(&'static str, String, bool)> {
        let label = |days: &'static str| self.frame.t1("{} days", days);
        Self::DAYS.into_iter().map(|days| (days, label(days), self.days.value == days)).collect()
    }
}

/// The question for the password of a link.
#[derive(Debug, Template)]
#[template(path = "share_locked.html")]
pub struct ShareLocked {
    pub frame: Frame,
    pub problem: Option<String>,
}

/// A report as others see it.
#[derive(Debug, Template)]
#[template(path = "shared_report.html")]
pub struct SharedReport {
    pub frame: Frame,
    pub now: Timestamp,
    pub until: Html,
    pub view: ReportView,
    /// The module's titles.
    pub titles: fn(Words, ModuleId) -> &'static str,
}

impl SharedReport {
    /// Says how many risks are accepted.
    pub fn accepted(&self) -> String {
        super::scans::accepted(&self.frame, &self.view)
    }

    /// Returns the score as the gauge wants it.
    pub fn score(&self) -> Option<i64> {
        self.view.score.map(i64::from)
    }

    /// Returns a module's title.
    pub fn title(&self, module: &ModuleId) -> &'static str {
        (self.titles)(self.frame.words, *module)
    }

    /// Returns the id of the report.
    pub fn report_id(&self) -> &str {
        self.view.attestation.as_ref().map_or("", |attestation| &attestation.report_id)
    }

    /// Returns the controls that a finding is evidence for, with the names of their frameworks.
    pub fn controls(&self, issue: &IssueView) -> String {
        super::scans::controls(&self.view, issue)
    }
}
