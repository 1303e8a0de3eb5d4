//! The audit log: who did what, in words, with what is known beside it.

use askama::Template;
use model::AuditAction;

use crate::words::texts;
use crate::{Frame, Html, Words};

/// An entry of the audit log.
#[derive(Debug, Clone)]
pub struct EntryRow {
    pub number: i64,
    pub when: Html,
    /// Who it was, for people.
    pub who: String,
    /// The same as the log has it; empty where that says no more.
    pub actor: String,
    /// What was done, for people.
    pub what: String,
    /// For instance `api_key.created`.
    pub action: String,
    pub is_refused: bool,
    /// What it was done to, for people, and as the log has it.
    pub target: Option<(String, String)>,
    pub ip: Option<String>,
    /// What else is known.
    pub details: Vec<Detail>,
}

/// Something that is known of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// As the log has it.
    pub name: String,
    /// What it was before, where that is known.
    pub before: Option<String>,
    pub value: String,
}

/// What the log is narrowed to, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct AuditSearch {
    pub action: String,
    pub actor: String,
    pub target: String,
    pub ip: String,
    /// `done`, `refused` or empty.
    pub result: String,
    /// The first and the last day.
    pub from: String,
    pub to: String,
}

/// The audit log.
#[derive(Debug, Template)]
#[template(path = "audit_log.html")]
pub struct AuditLog {
    pub frame: Frame,
    pub rows: Vec<EntryRow>,
    pub search: AuditSearch,
    /// The words of actions, and what they mean.
    pub actions: Vec<(&'static str, &'static str)>,
    /// The addresses of the team.
    pub people: Vec<String>,
    pub is_filtered: bool,
    /// The paths of the files; `None` where the plan has no export.
    pub export: Option<(String, String)>,
    /// The path of the next page.
    pub next: Option<String>,
}

const NAMES: [&str; AuditAction::ALL.len()] = texts![
    "Account created",
    "Account deleted",
    "Account data downloaded",
    "Limits of the account changed",
    "Plan of the account changed",
    "Account suspended or released",
    "Subscription changed",
    "Alert preferences changed",
    "API Key created",
    "API Key reported as leaked",
    "API Key revoked",
    "API Key rotated",
    "API Key handed over",
    "API Key changed",
    "E-mail address changed",
    "E-mail address confirmed",
    "Key policy changed",
    "Passkey added",
    "Passkey removed",
    "Passkey renamed",
    "Passkey used",
    "Password changed",
    "Password reset",
    "Plan changed",
    "Plan deleted",
    "Recovery code used",
    "Recovery codes renewed",
    "Report shared",
    "Report no longer shared",
    "Risk no longer accepted",
    "Risk accepted",
    "Intrusive scan asked for",
    "Second factors reset",
    "Signed out",
    "Identity proved again",
    "Signed in",
    "Sign-in refused",
    "Invitation to the team accepted",
    "Invitation to the team withdrawn",
    "Invited to the team",
    "Removed from the team",
    "Role in the team changed",
    "Authenticator set up",
    "Authenticator removed",
    "Name changed",
];

/// Returns what an action is called.
pub fn action_name(words: Words, action: AuditAction) -> &'static str {
    let at = AuditAction::ALL.iter().position(|one| *one == action);
    at.map_or(action.as_str(), |at| words.t(NAMES[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_have_the_names_that_mean_them() {
        let of = |action| action_name(Words::default(), action);
        assert_eq!(of(AuditAction::AccountCreated), "Account created");
        assert_eq!(of(AuditAction::ApiKeyUpdated), "API Key changed");
        assert_eq!(of(AuditAction::SessionEnded), "Signed out");
        assert_eq!(of(AuditAction::TeamMemberRemoved), "Removed from the team");
        assert_eq!(of(AuditAction::UserRenamed), "Name changed");
    }
}
