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
    /// Scans to choose for then and for now.
    pub earlier: Vec<Choice>,
    pub later: Vec<Choice>,
}

impl Diff {
    /// Returns the groups that are open: heading, what it means, findings.
    pub fn groups(&self) -> Vec<(&'static str, &'static str, Vec<&DiffIssue>)> {
        let (frame, view) = (&self.frame, &self.view);
        let (worse, changed): (Vec<_>, Vec<_>) = view.changed.iter().partition(|it| is_worse(it));
        let all = [
            (frame.t("New"), "", view.new.iter().collect()),
            (frame.t("Fixed"), "", view.fixed.iter().collect()),
            (frame.t("Worse"), frame.t("Found both times, and now it weighs more."), worse),
            (frame.t("Changed"), frame.t("Found both times, but not in the same way."), changed),
            (
                frame.t("Newly seen"),
                frame.t("Found now; the earlier scan could not judge it."),
                view.newly_seen.iter().collect(),
            ),
            (
                frame.t("No longer seen"),
                frame.t("Found before; the later scan could not judge it, so nobody knows."),
                view.no_longer_seen.iter().collect(),
            ),
        ];
        all.into_iter().filter(|(.., issues)| !issues.is_empty()).collect()
    }

    /// Returns the gauge of the later scan.
    pub fn gauge(&self) -> Html {
        self.frame.gauge(&self.view.after.grade, self.view.after.score.map(i64::from))
    }

    /// Returns the score then and now with what made the difference: `81 → 87 = +8 fixed −2 new`.
    pub fn line(&self) -> Option<String> {
        let (before, after) = self.view.before.score.zip(self.view.after.score)?;
        let sum = |list: &[DiffIssue]| list.iter().map(|it| it.change_milli).sum::<i64>();
        let parts = [
            (sum(&self.view.fixed), self.frame.t("fixed")),
            (sum(&self.view.new), self.frame.t("new")),
            (sum(&self.view.changed) + sum(&self.view.unchanged), self.frame.t("changed")),
            (sum(&self.view.newly_seen), self.frame.t("newly seen")),
            (sum(&self.view.no_longer_seen), self.frame.t("no longer seen")),
            (self.view.rounding_milli, self.frame.t("rounding")),
            (self.view.cap_adjustment_milli, self.frame.t("cap")),
        ];
        let there = parts.into_iter().filter(|(milli, _)| *milli != 0);
        let there: Vec<_> =
            there.map(|(milli, word)| format!("{} {word}", self.frame.points(&milli))).collect();
        let equals = if there.is_empty() { "" } else { " = " };
        Some(format!("{before} → {after}{equals}{}", there.join(" ")))
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

/// Returns whether a finding of both scans is graver now, or costs more.
fn is_worse(told: &DiffIssue) -> bool {
    told.severity_before.is_some_and(|before| told.issue.severity > before) || told.change_milli < 0
}
