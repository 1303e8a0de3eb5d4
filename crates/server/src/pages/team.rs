//! Settings → Team: who is in, who is invited, and changing that.
//!
//! Everybody sees the team; what somebody may not do is not offered. Whether it may be done is decided
//! by [`crate::ops::team`], whose refusals are said beside the field they are about.

use axum::extract::{Path, Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use model::{Scope, TeamRole};
use serde::Deserialize;
use store::{Invitation, Member};
use ui::pages::Field;
use ui::pages::team::{ChangeMember, InvitationRow, Invite, MemberRow, RemoveMember, Team};
use ui::{Section, Words};

use super::answer::{page, refused};
use super::done::{Done, Told};
use super::entry::problem_of;
use super::form::{Form, Nothing};
use super::profile::gone;
use super::visitor::{Guest, Visitor};
use crate::app::App;
use crate::auth::AccountWrite;
use crate::error::{Error, Result};
use crate::limits::doors::{self, Door};
use crate::ops;
use crate::ops::team::KeysChoice;

const HERE: &str = "/settings/team";
const INVITE: &str = "/settings/team/invite";
/// People that the page shows; plans have fewer seats.
const MOST_MEMBERS: i64 = 2_000;
/// Keys that are named when somebody leaves.
const NAMED_KEYS: usize = 20;

/// The team.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(told): Query<Told>,
) -> Result<Response> {
    let (words, now) = (visitor.words(), app.clock.now());
    let members = app.store.list_members(visitor.account(), MOST_MEMBERS, now).await?;
    let invitations = app.store.list_invitations(visitor.account(), now).await?;
    let manages = visitor.may(Scope::AccountWrite);
    let mut frame = visitor.frame(words.t("Team"), Section::Team);
    let used = words.number(i64::try_from(members.len()).unwrap_or(i64::MAX));
    frame.lead =
        words.t2("{} of {} seats taken.", used, words.number(visitor.principal().plan_seats));
    if manages {
        frame.action = Some((words.t("Invite").to_owned(), INVITE.to_owned()));
    }
    frame.notices.extend(told.notice(words));
    let owners = members.iter().filter(|member| member.team_role == TeamRole::Owner).count();
    let row = |member| member_row(&app, &visitor, member, owners);
    Ok(page(&Team {
        frame,
        members: members.into_iter().map(row).collect(),
        invitations: invitations
            .into_iter()
            .map(|one| invitation_row(&app, &visitor, one))
            .collect(),
        manages,
    }))
}

fn member_row(app: &App, visitor: &Visitor, member: Member, owners: usize) -> MemberRow {
    let is_self = member.id == visitor.principal().user_id;
    let is_last_owner = member.team_role == TeamRole::Owner && owners < 2;
    let is_in_reach = visitor.may(Scope::AccountWrite) && member.team_role <= visitor.role();
    MemberRow {
        id: member.id,
        is_self,
        is_confirmed: member.email_verified_at.is_some(),
        role: member.team_role,
        keys: member.living_keys,
        has_second_factor: member.second_factors > 0,
        last_seen: member.last_seen_at.map(|at| visitor.words().time(at, app.clock.now())),
        since: visitor.words().time(member.created_at, app.clock.now()),
        may_change: is_in_reach && !is_last_owner,
        may_remove: (is_self || is_in_reach) && !is_last_owner,
        name: member.name,
        email: member.email,
    }
}

fn invitation_row(app: &App, visitor: &Visitor, invitation: Invitation) -> InvitationRow {
    let (words, now) = (visitor.words(), app.clock.now());
    InvitationRow {
        id: invitation.id,
        role: invitation.role,
        sent: words.time(invitation.created_at, now),
        ends: words.time(invitation.expires_at, now),
        may_resend: visitor.may(Scope::AccountWrite) && invitation.role <= visitor.role(),
        email: invitation.email,
    }
}

/// Returns the roles that whoever looks may give: owners are made by owners alone.
fn roles(visitor: &Visitor) -> Vec<TeamRole> {
    TeamRole::ALL.iter().copied().filter(|role| *role <= visitor.role()).collect()
}

pub(super) async fn show_invite(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    visitor.require::<AccountWrite>(&app)?;
    visitor.fresh(&app)?;
    let role = Field::of(TeamRole::Member.as_str());
    Ok(page(&invite_form(&visitor, Field::default(), role)))
}

fn invite_form(visitor: &Visitor, email: Field, role: Field) -> Invite {
    let frame = visitor.frame(visitor.words().t("Invite somebody"), Section::Team);
    Invite { frame, email, role, roles: roles(visitor) }
}

#[derive(Deserialize)]
pub(super) struct Invited {
    email: String,
    role: String,
}

/// Sends an invitation. Sent twice it is one: within two minutes only the role changes.
pub(super) async fn invite(
    State(app): State<App>,
    visitor: Visitor,
    parts: Parts,
    Form(sent): Form<Invited>,
) -> Result<Response> {
    visitor.require::<AccountWrite>(&app)?;
    visitor.fresh(&app)?;
    doors::enter(&app, &parts, Door::Invitation)?;
    let inviting = match TeamRole::parse(&sent.role) {
        Some(role) => ops::team::invite(&app, &visitor, sent.email.trim(), role, None).await,
        None => Err(Error::invalid("role", visitor.words().t("Choose a role."))),
    };
    let (mut email, mut role) = (Field::of(sent.email), Field::of(sent.role));
    match inviting {
        Ok(_) => return Ok(Done::InvitationSent.at(HERE)),
        Err(Error::Invalid(problems)) => {
            email.problem = problem_of(visitor.words(), &problems, "email");
            role.problem = problem_of(visitor.words(), &problems, "role");
        }
        Err(Error::Conflict(text)) => email.problem = Some(text),
        Err(error @ Error::SeatLimitReached) => email.problem = Some(error.to_string()),
        Err(error @ Error::InsufficientRole(_)) => role.problem = Some(error.to_string()),
        Err(error) => return Err(error),
    }
    Ok(refused(&invite_form(&visitor, email, role)))
}

/// Sends an open invitation once more, with a new link.
pub(super) async fn resend(
    State(app): State<App>,
    visitor: Visitor,
    parts: Parts,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    visitor.require::<AccountWrite>(&app)?;
    visitor.fresh(&app)?;
    doors::enter(&app, &parts, Door::Invitation)?;
    let open = app.store.list_invitations(visitor.account(), app.clock.now()).await?;
    let found = open.into_iter().find(|invitation| invitation.id.to_string() == id);
    let Invitation { email, role, .. } = found.ok_or(Error::NotFound)?;
    ops::team::invite(&app, &visitor, &email, role, None).await?;
    Ok(Done::InvitationSent.at(HERE))
}

/// Withdraws an open invitation.
pub(super) async fn withdraw(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    visitor.require::<AccountWrite>(&app)?;
    let id = id.parse().map_err(|_| Error::NotFound)?;
    ops::team::withdraw(&app, &visitor, id).await?;
    Ok(Done::InvitationWithdrawn.at(HERE))
}

async fn find(app: &App, visitor: &Visitor, id: &str) -> Result<MemberRow> {
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let members = app.store.list_members(visitor.account(), MOST_MEMBERS, app.clock.now()).await?;
    let owners = members.iter().filter(|member| member.team_role == TeamRole::Owner).count();
    let member = members.into_iter().find(|member| member.id == id).ok_or(Error::NotFound)?;
    Ok(member_row(app, visitor, member, owners))
}

/// The form that gives a member another role.
pub(super) async fn show_member(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    visitor.require::<AccountWrite>(&app)?;
    let member = find(&app, &visitor, &id).await?;
    visitor.fresh(&app)?;
    let role = Field::of(member.role.as_str());
    Ok(page(&member_form(&visitor, member, role)))
}

fn member_form(visitor: &Visitor, member: MemberRow, role: Field) -> ChangeMember {
    let frame = visitor.frame(visitor.words().t("Change role"), Section::Team);
    ChangeMember { frame, member, role, roles: roles(visitor) }
}

#[derive(Deserialize)]
pub(super) struct RoleChange {
    role: String,
}

pub(super) async fn change_role(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(sent): Form<RoleChange>,
) -> Result<Response> {
    visitor.require::<AccountWrite>(&app)?;
    let member = find(&app, &visitor, &id).await?;
    visitor.fresh(&app)?;
    let changing = match TeamRole::parse(&sent.role) {
        Some(role) => ops::team::change_role(&app, &visitor, member.id, Some(role)).await,
        None => Err(Error::Conflict(visitor.words().t("Choose a role.").to_owned())),
    };
    let problem = match changing {
        Ok(_) => return Ok(Done::RoleChanged.at(HERE)),
        Err(Error::Conflict(text)) => text,
        Err(error @ Error::InsufficientRole(_)) => error.to_string(),
        Err(error) => return Err(error),
    };
    let role = Field { value: sent.role, problem: Some(problem) };
    Ok(refused(&member_form(&visitor, member, role)))
}

/// The question before somebody leaves.
pub(super) async fn ask_to_remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response> {
    let member = find(&app, &visitor, &id).await?;
    if !member.is_self {
        visitor.require::<AccountWrite>(&app)?;
    }
    visitor.fresh(&app)?;
    Ok(page(&remove_form(&app, &visitor, member, None).await?))
}

async fn remove_form(
    app: &App,
    visitor: &Visitor,
    member: MemberRow,
    problem: Option<String>,
) -> Result<RemoveMember> {
    let now = app.clock.now();
    let keys = app.store.list_living_keys(visitor.account(), now).await?;
    let theirs = keys.into_iter().filter(|key| key.created_by == Some(member.id));
    let names: Vec<String> = theirs.map(|key| key.name).take(NAMED_KEYS).collect();
    let named = i64::try_from(names.len()).unwrap_or(i64::MAX);
    Ok(RemoveMember {
        frame: visitor.frame(title(visitor.words(), &member), Section::Team),
        more_keys: (member.keys - named).max(0),
        keys: names,
        member,
        problem,
    })
}

fn title(words: Words, member: &MemberRow) -> &'static str {
    match member.is_self {
        true => words.t("Leave the team?"),
        false => words.t("Remove from the team?"),
    }
}

#[derive(Deserialize)]
pub(super) struct Removal {
    /// Sent where there are keys to say something about.
    keys: Option<String>,
}

/// Removes a member, or lets who looks leave.
pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    guest: Guest,
    Path(id): Path<String>,
    Form(sent): Form<Removal>,
) -> Result<Response> {
    let member = find(&app, &visitor, &id).await?;
    if !member.is_self {
        visitor.require::<AccountWrite>(&app)?;
    }
    visitor.fresh(&app)?;
    let keys = match sent.keys.as_deref() {
        Some("revoke") => Some(KeysChoice::Revoke),
        Some("transfer") => Some(KeysChoice::Transfer),
        _ => None,
    };
    let problem = match ops::team::remove(&app, &visitor, member.id, keys).await {
        Ok(_) if member.is_self => {
            let title = guest.words.t("You have left the team");
            let text =
                guest.words.t("Your user is deleted. The address is free for a new account.");
            return Ok(gone(&visitor, &guest, title, text));
        }
        Ok(_) => return Ok(Done::MemberRemoved.at(HERE)),
        Err(Error::Invalid(problems)) => problem_of(visitor.words(), &problems, "keys"),
        Err(error @ Error::KeyChoiceRequired { .. }) => Some(error.to_string()),
        Err(error) => return Err(error),
    };
    Ok(refused(&remove_form(&app, &visitor, member, problem).await?))
}
