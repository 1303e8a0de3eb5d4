//! The pages, one file a noun, each with its template. The server fills them.

pub mod accepted_risks;
pub mod admin;
pub mod alert_settings;
pub mod alerts;
pub mod api_keys;
pub mod audit_log;
pub mod comparison;
pub mod compliance;
pub mod confirm;
pub mod diff;
pub mod docs;
pub mod domains;
pub mod entry;
pub mod evidence;
pub mod free_scan;
pub mod key_policy;
pub mod links;
pub mod message;
pub mod overview;
pub mod ownership;
pub mod profile;
pub mod scans;
pub mod second_factors;
pub mod security;
pub mod shares;
pub mod team;
pub mod usage;
pub mod verification;

/// One field of a form as it is shown again: what was typed and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    pub value: String,
    pub problem: Option<String>,
}

impl Field {
    /// Returns a field with a value and nothing wrong.
    pub fn of(value: impl Into<String>) -> Self {
        Self { value: value.into(), problem: None }
    }
}
