use askama::Template;
use model::{Scope, Severity};

use crate::{Frame, Html};

/// An alert in the list.
#[derive(Debug, Clone)]
pub struct AlertRow {
    pub id: i64,
    pub severity: Severity,
    pub title: String,
    pub message: String,
    pub when: Html,
    pub is_read: bool,
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
    /// The path of the next page.
    pub next: Option<String>,
}

impl Alerts {
    /// Returns whether who looks may mark alerts as read.
    pub fn may_read(&self) -> bool {
        self.frame.may(Scope::AlertsWrite)
    }

    /// Returns whether one of the shown was not read yet.
    pub fn has_unread(&self) -> bool {
        self.rows.iter().any(|row| !row.is_read)
    }
}
