use askama::Template;
use model::TeamRole;

use super::Field;
use crate::words::texts;
use crate::{Frame, Words};

/// Where the link of an invitation leads.
#[derive(Debug, Template)]
#[template(path = "join_team.html")]
pub struct JoinTeam {
    pub frame: Frame,
    /// What the link holds.
    pub token: String,
    /// The address that is invited.
    pub email: String,
    /// What the role is called, and what it may do.
    pub role: &'static str,
    pub may: &'static str,
    pub name: Field,
    pub password: Field,
    /// Characters that a password has at least.
    pub min_characters: usize,
    /// Why nobody can join at present.
    pub obstacle: Option<String>,
}

/// Returns what a role is called.
pub fn role_name(words: Words, role: TeamRole) -> &'static str {
    let [viewer, member, admin, owner] = texts!["Viewer", "Member", "Admin", "Owner"];
    words.t(match role {
        TeamRole::Viewer => viewer,
        TeamRole::Member => member,
        TeamRole::Admin => admin,
        TeamRole::Owner => owner,
    })
}

/// Returns what somebody of a role may do.
pub fn role_meaning(words: Words, role: TeamRole) -> &'static str {
    let [viewer, member, admin, owner] = texts![
        "Looks at everything and changes nothing",
        "Scans, watches domains, makes own API keys",
        "Everything but changing owners and deleting the account",
        "Everything",
    ];
    words.t(match role {
        TeamRole::Viewer => viewer,
        TeamRole::Member => member,
        TeamRole::Admin => admin,
        TeamRole::Owner => owner,
    })
}
