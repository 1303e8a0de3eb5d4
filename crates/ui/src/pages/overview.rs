use askama::Template;
use model::Severity;

use super::api_keys::KeyRow;
use super::scans::ScanRow;
use crate::{Frame, Html};

/// A number that matters, with what it means.
#[derive(Debug, Clone)]
pub struct Card {
    pub label: &'static str,
    pub value: String,
    pub remark: String,
    pub path: &'static str,
}

/// A card that may fail alone.
#[derive(Debug, Clone)]
pub struct Figure {
    pub label: &'static str,
    /// `None` when it could not be read.
    pub value: Option<String>,
    pub remark: String,
    pub path: &'static str,
}

impl Figure {
    /// Returns the card of what could not be read.
    pub fn failed(label: &'static str) -> Self {
        Self { label, value: None, remark: String::new(), path: "/overview" }
    }
}

/// What is to be done on a new account, in this order.
#[derive(Debug, Clone)]
pub struct Step {
    pub text: &'static str,
    pub path: &'static str,
    pub is_done: bool,
}

/// Something that somebody has to look at.
#[derive(Debug, Clone)]
pub struct Need {
    pub severity: Severity,
    pub title: String,
    /// The domain, if it is about one.
    pub about: String,
    pub when: Html,
    pub path: String,
}

/// Domains whose scores can be drawn.
#[derive(Debug, Clone)]
pub struct Choices {
    pub domains: Vec<String>,
    pub chosen: Option<String>,
}

/// The first page after signing in. What is `None` could not be read.
#[derive(Debug, Template)]
#[template(path = "overview.html")]
pub struct Overview {
    pub frame: Frame,
    /// For a scan that is started here.
    pub nonce: String,
    pub cards: Vec<Figure>,
    /// Empty once all of them were done.
    pub steps: Vec<Step>,
    pub needs: Option<Vec<Need>>,
    /// Days of the chart, and those to choose.
    pub days: i64,
    pub ranges: Vec<i64>,
    pub chart: Option<Html>,
    pub score_chart: Option<Html>,
    pub choices: Choices,
    pub scans: Option<Vec<ScanRow>>,
    /// Keys that someone should look after.
    pub keys: Option<Vec<KeyRow>>,
}

impl Overview {
    /// Returns whether the first scan is still to be made.
    pub fn begins(&self) -> bool {
        self.steps.first().is_some_and(|step| !step.is_done)
    }

    /// Returns where another range of the chart is, with the domain kept.
    pub fn range_path(&self, days: &i64) -> String {
        let domain = self.choices.chosen.as_ref().map(|name| format!("&domain={name}"));
        format!("/overview?days={days}{}#requests", domain.unwrap_or_default())
    }
}
