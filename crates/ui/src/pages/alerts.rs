use askama::Template;
use model::{AlertType, Scope, Severity};

use super::alert_settings::rule_words;
use crate::parts::SortHead;
use crate::{Frame, Html};

/// An alert in the list.
#[derive(Debug, Clone)]
pub struct AlertRow {
    pub id: i64,
    pub severity: Severity,
    pub title: String,
    pub message: String,
    /// Before and after, where the alert tells of a change.
    pub change: Option<(String, String)>,
    pub domain: Option<String>,
    pub when: Html,
    pub is_read: bool,
    /// What it is about: the key's page, or what changed in a scan.
    pub path: Option<String>,
    /// The public half of the key it is about, for the audit log and the usage.
    pub key_id: Option<String>,
}

/// The list of alerts.
#[derive(Debug, Template)]
#[template(path = "alerts.html")]
pub struct Alerts {
    pub frame: Frame,
    pub rows: Vec<AlertRow>,
    pub shows_all: bool,
    /// What is asked for, as it was sent; an empty text leaves a question open.
    pub severity: String,
    pub rule: String,
    pub domain: String,
    pub sort: String,
    pub is_filtered: bool,
    /// The heads of the severity and the time, to sort by.
    pub heads: [SortHead; 2],
    /// Whether something else than the newest comes first.
    pub is_sorted: bool,
    /// Where the list is as a table.
    pub csv: String,
    /// The same list without and with what was read.
    pub tabs: [String; 2],
    /// The path of the first page, from any other.
    pub first: Option<String>,
    /// The path of the next page.
    pub next: Option<String>,
}

impl Alerts {
    /// Returns whether who looks may mark alerts as read.
    pub fn may_read(&self) -> bool {
        self.frame.may(Scope::AlertsWrite)
    }

    /// Returns the severities to choose: value, word, whether it is chosen.
    pub fn severities(&self) -> Vec<(&'static str, &'static str, bool)> {
        let choice = |one: &Severity| {
            let word = crate::parts::severity_word(self.frame.words, *one);
            (one.as_str(), word, self.severity == one.as_str())
        };
        Severity::ALL.iter().rev().map(choice).collect()
    }

    /// Returns the rules to choose: value, word, whether it is chosen.
    pub fn rules(&self) -> Vec<(&'static str, &'static str, bool)> {
        let choice = |one: &AlertType| {
            (one.as_str(), rule_words(self.frame.words, *one).0, self.rule == one.as_str())
        };
        AlertType::ALL.iter().map(choice).collect()
    }

    /// Returns whether one of the shown was not read yet.
    pub fn has_unread(&self) -> bool {
        self.rows.iter().any(|row| !row.is_read)
    }
}
