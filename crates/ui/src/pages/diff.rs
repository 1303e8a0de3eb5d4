use askama::Template;
use model::Timestamp;
use report::{DiffIssue, DiffView, ModuleChange};

use crate::{Frame, Html};

/// A scan to compare with.
#[derive(Debug, Clone)]
pub struct Choice {
    pub id: i64,
    pub is_chosen: bool,
    pub label: String,
}

/// What changed between two scans.
#[derive(Debug, Template)]
#[template(path = "diff.html")]
pub struct Diff {
    pub frame: Frame,
    /// The scan whose page it is.
    pub id: i64,
    pub view: DiffView,
    pub now: Timestamp,
    pub choices: Vec<Choice>,
}

impl Diff {
    /// Returns the groups that are open: heading, what it means, findings.
    pub fn groups(&self) -> Vec<(&'static str, &'static str, &[DiffIssue])> {
        let (frame, view) = (&self.frame, &self.view);
        let all = [
            (frame.t("New"), "", &*view.new),
            (frame.t("Fixed"), "", &*view.fixed),
            (
                frame.t("Changed"),
                frame.t("Found both times, but not in the same way."),
                &*view.changed,
            ),
            (
                frame.t("Newly seen"),
                frame.t("Found now; the earlier scan could not judge it."),
                &*view.newly_seen,
            ),
            (
                frame.t("No longer seen"),
                frame.t("Found before; the later scan could not judge it, so nobody knows."),
                &*view.no_longer_seen,
            ),
        ];
        all.into_iter().filter(|(.., issues)| !issues.is_empty()).collect()
    }

    /// Returns the gauge of the later scan.
    pub fn gauge(&self) -> Html {
        self.frame.gauge(&self.view.after.grade, self.view.after.score.map(i64::from))
    }

    /// Returns the change of the score as thousandths, as points are written.
    pub fn change(&self) -> Option<i64> {
        self.view.score_change.map(|points| i64::from(points) * 1_000)
    }

    /// Returns how much a module won or lost, where both scans judged it.
    pub fn module_change(&self, module: &ModuleChange) -> Option<i64> {
        let points = i64::from(module.after?) - i64::from(module.before?);
        Some(points * 1_000)
    }
}
