use askama::Template;

use crate::{Frame, Html};

/// An entry of the audit log.
#[derive(Debug, Clone)]
pub struct EntryRow {
    pub number: i64,
    pub when: Html,
    pub actor: String,
    /// For instance `api_key.created`.
    pub action: String,
    pub target: Option<String>,
    pub ip: Option<String>,
    /// What else is known, as JSON; empty for nothing.
    pub detail: String,
}

/// The audit log.
#[derive(Debug, Template)]
#[template(path = "audit_log.html")]
pub struct AuditLog {
    pub frame: Frame,
    pub rows: Vec<EntryRow>,
    /// The chosen action, or an empty text for all.
    pub action: String,
    pub actions: Vec<&'static str>,
    pub actor: String,
    pub is_filtered: bool,
    /// The path of the next page.
    pub next: Option<String>,
}
