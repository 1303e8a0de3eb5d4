//! Teams: the people of one account, what each may do there, and how one comes and goes.
//!
//! What a role may do stands in `model::TeamRole`. Who is asked about people (only owners make,
//! change and remove owners; one owner stays; seats) is decided by the store in the transaction that
//! acts, because two changes may race; here the outcomes become errors and letters. A person belongs
//! to one account.

use model::{LinkPurpose, TeamRole};
use store::{
    Act, Invitation, Invited, Joined, KeysOfLeaver, Leaver, Member, MemberRemoved, NewInvitation,
    NewPerson, Once, RoleChanged, User,
};

use super::accounts::{MAX_NAME, email_problem, is_line};
use super::passwords::{self, spent_link};
use crate::app::App;
use crate::auth::password::SecondFactor;
use crate::auth::sign_in::Origin;
use crate::auth::{AccountWrite, Identity, verified};
use crate::error::{Error, FieldProblem, NamedKey, Result};
use crate::mail::letters::{INVITATION_MS, Occasion};
use crate::mail::{self, team_letters};

/// What happens to the keys of somebody who leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeysChoice {
    Revoke,
    /// They belong to whoever removes the member.
    Transfer,
}

/// Keys that a refusal names.
const NAMED_KEYS: usize = 100;

/// Invites an address. A letter with a link is on its way, unless a repeated request is answered.
pub(crate) async fn invite(
    app: &App,
    caller: &Identity,
    email: &str,
    role: TeamRole,
    once: Option<&Once>,
) -> Result<Invitation> {
    let owner = caller.principal();
    // We carry a letter to somebody: for people who themselves can be reached.
    verified(app, owner)?;
    if let Some(problem) = email_problem(email) {
        return Err(Error::invalid("email", problem));
    }
    let act = caller.act(app);
    let new = NewInvitation {
        email: email.to_owned(),
        role,
        expires_at: act.at.plus_ms(INVITATION_MS),
        seats: owner.plan_seats,
    };
    match app.store.invite(owner.user_account_id, owner.user_id, &new, once, &act).await? {
        Invited::Now(invitation) => {
            mail::order(app, &Occasion::Invited { invitation_id: invitation.id }).await?;
            Ok(invitation)
        }
        Invited::Before(invitation) => Ok(invitation),
        Invited::Ended => {
            let text = "The invitation that this request made is not open any more.";
            Err(Error::Conflict(text.to_owned()))
        }
        Invited::KeyReused => Err(Error::IdempotencyKeyReused),
        Invited::IsMember => {
            Err(Error::Conflict("This address is one of the team's already.".to_owned()))
        }
        Invited::SeatsTaken => Err(Error::SeatLimitReached),
        Invited::TooMany => {
            let text = "There are 100 open invitations. Withdraw some, or wait for their end.";
            Err(Error::Conflict(text.to_owned()))
        }
        Invited::OwnersOnly => Err(Error::InsufficientRole(TeamRole::Owner)),
    }
}

/// Withdraws an open invitation: its link is not good any more.
pub(crate) async fn withdraw(app: &App, caller: &Identity, id: i64) -> Result<()> {
    let account = caller.principal().user_account_id;
    match app.store.withdraw_invitation(account, id, &caller.act(app)).await? {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

/// Returns the invitation behind a link; `None` when the link is not good. It stays good.
pub(crate) async fn find_invitation(app: &App, token: &str) -> Result<Option<Invitation>> {
    let hash = app.secrets.hash_link(LinkPurpose::JoinTeam, token);
    Ok(app.store.find_invitation(&hash, app.clock.now()).await?)
}

/// Makes the user that an invitation is for. Nobody is signed in by it. What is refused leaves the
/// link good.
pub(crate) async fn join(
    app: &App,
    token: &str,
    password: &str,
    name: Option<String>,
    origin: Origin,
) -> Result<User> {
    let invitation = find_invitation(app, token).await?.ok_or_else(spent_link)?;
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let mut problems = Vec::new();
    if name.as_ref().is_some_and(|name| !is_line(name, MAX_NAME)) {
        let problem = format!("must be one line of at most {MAX_NAME} characters");
        problems.push(FieldProblem::new("name", problem));
    }
    let context = [invitation.email.as_str(), name.as_deref().unwrap_or_default()];
    if let Some(problem) = passwords::objection(app, password, &context, SecondFactor::None).await?
    {
        problems.push(FieldProblem::new("password", problem));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let person = NewPerson { name, password_hash: app.passwords.hash(password).await? };
    let hash = app.secrets.hash_link(LinkPurpose::JoinTeam, token);
    let ip = origin.ip.map(|ip| ip.to_string());
    // The store puts the new user in its place.
    let act = Act { actor: "link".to_owned(), ip, at: app.clock.now() };
    match app.store.join_team(&hash, &person, &act).await? {
        Joined::Done(user) => Ok(user),
        Joined::Spent => Err(spent_link()),
        Joined::AddressTaken => {
            let text = "This address has a user already, and a person belongs to one account. \
                        Leave or delete that account first, or ask to be invited under another \
                        address. The invitation stays open.";
            Err(Error::Conflict(text.to_owned()))
        }
        Joined::SeatsTaken => Err(Error::SeatLimitReached),
    }
}

/// Gives a member another role; nothing changes without one. It holds for every request from now on,
/// also for those with keys that the member made.
pub(crate) async fn change_role(
    app: &App,
    caller: &Identity,
    user: i64,
    role: Option<TeamRole>,
) -> Result<Member> {
    let owner = caller.principal();
    let act = caller.act(app);
    let Some(role) = role else {
        let member = app.store.find_member(owner.user_account_id, user, act.at).await?;
        return member.ok_or(Error::NotFound);
    };
    let changing =
        app.store.change_role(owner.user_account_id, owner.user_id, user, role, &act).await?;
    match changing {
        RoleChanged::Done(member, was) => {
            if was != role && user != owner.user_id {
                let letter = team_letters::role_changed(app, was, role, &act);
                mail::queue(app, &member.email, &letter).await?;
            }
            Ok(member)
        }
        RoleChanged::NotFound => Err(Error::NotFound),
        RoleChanged::OwnersOnly => Err(Error::InsufficientRole(TeamRole::Owner)),
        RoleChanged::LastOwner => Err(last_owner()),
    }
}

/// Removes a member, or lets the caller leave. Sessions end at once; keys that the member made and
/// that are alive are revoked or handed to the caller, as the caller must say.
pub(crate) async fn remove(
    app: &App,
    caller: &Identity,
    user: i64,
    keys: Option<KeysChoice>,
) -> Result<Leaver> {
    let owner = caller.principal();
    let leaves = user == owner.user_id;
    if !leaves {
        caller.require::<AccountWrite>(app)?;
    }
    let keys = match keys {
        Some(KeysChoice::Transfer) if leaves => {
            let problem = "must be `revoke` for who leaves by themselves; keys are handed over when \
                           somebody else removes you";
            return Err(Error::invalid("keys", problem));
        }
        Some(KeysChoice::Transfer) => Some(KeysOfLeaver::HandTo(owner.user_id)),
        Some(KeysChoice::Revoke) => Some(KeysOfLeaver::Revoke),
        None => None,
    };
    let act = caller.act(app);
    let (account, by) = (owner.user_account_id, owner.user_id);
    match app.store.remove_member(account, by, user, keys, &act).await? {
        MemberRemoved::Done(leaver) => {
            let letter = team_letters::removed(app, &leaver.keys, &act);
            mail::queue(app, &leaver.member.email, &letter).await?;
            Ok(*leaver)
        }
        MemberRemoved::NotFound => Err(Error::NotFound),
        MemberRemoved::OwnersOnly => Err(Error::InsufficientRole(TeamRole::Owner)),
        MemberRemoved::LastOwner => Err(last_owner()),
        MemberRemoved::Operator => {
            let text = "This user operates the instance and cannot be removed from a team.";
            Err(Error::Conflict(text.to_owned()))
        }
        MemberRemoved::KeysAlive(keys) => Err(Error::KeyChoiceRequired {
            alive: keys.len(),
            keys: keys.into_iter().take(NAMED_KEYS).map(NamedKey::from).collect(),
        }),
    }
}

fn last_owner() -> Error {
    let text = "An account has an owner. Make somebody else one first.";
    Error::Conflict(text.to_owned())
}
