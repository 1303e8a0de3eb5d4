//! Accepted risks on the pages of a report and of a domain. The marks at findings are
//! `accepted_note.html`, with the forms around them in `accepted_risk.html`.

use super::Field;
use crate::{Frame, Html};

/// The form that accepts the risk of a finding. A page has one at each of its findings.
#[derive(Debug, Clone)]
pub struct AcceptForm {
    /// The check of the form that was sent in vain; empty when none was.
    check: String,
    reason: Field,
    days: Field,
    date: Field,
}

impl Default for AcceptForm {
    fn default() -> Self {
        Self {
            check: String::new(),
            reason: Field::default(),
            days: Field::of(Self::USUAL_DAYS),
            date: Field::default(),
        }
    }
}

impl AcceptForm {
    /// Days that can be chosen.
    pub const DAYS: [&'static str; 3] = ["30", "90", "365"];
    /// Those chosen at first.
    pub const USUAL_DAYS: &'static str = "90";

    /// Returns a form that was sent in vain, with what was typed.
    pub fn again(check: impl Into<String>, reason: Field, days: Field, date: Field) -> Self {
        Self { check: check.into(), reason, days, date }
    }

    /// Returns whether it was this finding's form that was sent in vain.
    pub fn is_of(&self, check: &str) -> bool {
        self.check == check
    }

    /// Returns the form at a finding: as it was typed, or fresh.
    pub fn at(&self, check: &str) -> Self {
        if self.is_of(check) { self.clone() } else { Self::default() }
    }

    /// Returns the reason as it was typed.
    pub fn reason(&self) -> &Field {
        &self.reason
    }

    /// Returns the date as it was typed.
    pub fn date(&self) -> &Field {
        &self.date
    }

    /// Returns what is wrong with how long, whichever way it was said.
    pub fn end_problem(&self) -> Option<&str> {
        self.date.problem.as_deref().or(self.days.problem.as_deref())
    }

    /// Returns the choices of how long, in words, and whether each is chosen.
    pub fn choices(&self, frame: &Frame) -> Vec<(&'static str, String, bool)> {
        let label = |days: &'static str| frame.t1("{} days", days);
        Self::DAYS.into_iter().map(|days| (days, label(days), self.days.value == days)).collect()
    }
}

/// An acceptance that is open, in the list of a domain.
#[derive(Debug, Clone)]
pub struct AcceptedRow {
    pub id: i64,
    /// The check's title.
    pub title: String,
    pub reason: String,
    /// The address of who answers for it; `None` once they have left.
    pub by: Option<String>,
    pub since: Html,
    /// The day it ends on, in UTC.
    pub until: String,
}
