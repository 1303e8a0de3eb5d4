//! The people of an account: who is in, who is invited, and what each may do.

use askama::Template;
use model::TeamRole;

use super::Field;
use crate::words::texts;
use crate::{Frame, Html, Words};

/// Somebody in the team.
#[derive(Debug, Clone)]
pub struct MemberRow {
    pub id: i64,
    pub name: Option<String>,
    pub email: String,
    /// Whether it is the one who looks.
    pub is_self: bool,
    pub is_confirmed: bool,
    pub role: TeamRole,
    /// Keys that they made and that work or can be switched on again.
    pub keys: i64,
    /// Whether a password alone does not sign them in.
    pub has_second_factor: bool,
    /// When a sign-in of theirs was last used.
    pub last_seen: Option<Html>,
    pub since: Html,
    /// Whether whoever looks may give them another role.
    pub may_change: bool,
    /// Whether whoever looks may remove them, or leave.
    pub may_remove: bool,
}

impl MemberRow {
    /// Returns what people call them.
    pub fn called(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.email)
    }
}

/// Somebody who was invited and has not come yet.
#[derive(Debug, Clone)]
pub struct InvitationRow {
    pub id: i64,
    pub email: String,
    pub role: TeamRole,
    pub sent: Html,
    pub ends: Html,
    /// Whether whoever looks may send it again: owners are invited by owners alone.
    pub may_resend: bool,
}

/// The team.
#[derive(Debug, Template)]
#[template(path = "team.html")]
pub struct Team {
    pub frame: Frame,
    pub members: Vec<MemberRow>,
    pub invitations: Vec<InvitationRow>,
    /// Whether whoever looks invites people and withdraws invitations.
    pub manages: bool,
}

impl Team {
    /// Returns every role, the least first.
    pub fn roles(&self) -> &'static [TeamRole] {
        TeamRole::ALL
    }
}

/// The form that invites somebody.
#[derive(Debug, Template)]
#[template(path = "team_invite.html")]
pub struct Invite {
    pub frame: Frame,
    pub email: Field,
    /// The word of the chosen role.
    pub role: Field,
    /// Those that whoever looks may give.
    pub roles: Vec<TeamRole>,
}

/// The form that gives a member another role.
#[derive(Debug, Template)]
#[template(path = "team_member.html")]
pub struct ChangeMember {
    pub frame: Frame,
    pub member: MemberRow,
    /// The word of the chosen role.
    pub role: Field,
    /// Those that whoever looks may give.
    pub roles: Vec<TeamRole>,
}

/// The question before somebody leaves the team.
#[derive(Debug, Template)]
#[template(path = "team_remove.html")]
pub struct RemoveMember {
    pub frame: Frame,
    pub member: MemberRow,
    /// The names of their living keys, and how many more there are.
    pub keys: Vec<String>,
    pub more_keys: i64,
    /// What is wrong with the choice for their keys.
    pub problem: Option<String>,
}

/// Where the link of an invitation leads.
#[derive(Debug, Template)]
#[template(path = "join_team.html")]
pub struct JoinTeam {
    pub frame: Frame,
    /// What the link holds.
    pub token: String,
    /// The path of this page.
    pub here: String,
    /// The address that is invited.
    pub email: String,
    /// Who invites, if that may be told.
    pub inviter: Option<String>,
    /// When the invitation ends.
    pub until: Html,
    /// Whoever is signed in, who is somebody else.
    pub signed_in_as: Option<String>,
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
