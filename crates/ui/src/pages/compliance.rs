use askama::Template;
use report::{ControlResult, ControlView, FrameworkView};

use crate::{Frame, Html, Words};

/// A framework to choose.
#[derive(Debug, Clone)]
pub struct FrameworkTab {
    pub name: String,
    pub path: String,
    pub is_chosen: bool,
}

/// The report that is looked at.
#[derive(Debug, Clone)]
pub struct Source {
    pub scan: i64,
    pub domain: String,
    pub when: Html,
    /// The chosen framework.
    pub framework: FrameworkView,
    pub tabs: Vec<FrameworkTab>,
    /// Checks whose risk is accepted: their gaps are gaps.
    pub accepted: Vec<String>,
}

/// What a scan shows of a framework's controls.
#[derive(Debug, Template)]
#[template(path = "compliance.html")]
pub struct Compliance {
    pub frame: Frame,
    /// Domains to choose, and the one that was.
    pub domains: Vec<String>,
    pub domain: String,
    /// The word of the chosen framework.
    pub framework: String,
    /// `None` when nothing was scanned, or nothing of the domain.
    pub source: Option<Source>,
    /// The title of a check.
    pub titles: fn(Words, &str) -> &str,
}

impl Compliance {
    /// Returns the result of a control in words, with the class of its chip.
    pub fn result(&self, control: &ControlView) -> (&'static str, &'static str) {
        match control.result {
            ControlResult::Gap => (self.frame.t("Gap"), "high"),
            ControlResult::MetAsFarAsVisible => (self.frame.t("Met as far as visible"), "passed"),
            ControlResult::NotVisible => (self.frame.t("Not visible from outside"), "info"),
        }
    }

    /// Returns whether evidence is about the control itself or about a part of it, in words.
    pub fn kind(&self, control: &ControlView) -> &'static str {
        match control.kind.as_str() {
            "direct" => self.frame.t("Direct evidence"),
            _ => self.frame.t("Supporting evidence"),
        }
    }

    /// Returns a check's title.
    pub fn title<'a>(&self, check: &'a str) -> &'a str {
        (self.titles)(self.frame.words, check)
    }
}
