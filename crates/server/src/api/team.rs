//! The team: who has access to the account, with which role, and how somebody leaves. How one comes
//! is in [`super::team_invitations`].

use axum::Json;
use axum::extract::State;
use model::{TeamRole, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Leaver, Member};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Body, Path, Query};
use super::team_invitations::InvitationView;
use crate::app::App;
use crate::auth::{AccountRead, AccountWrite, Caller, FreshSignIn, SignedIn};
use crate::error::{NamedKey, Result};
use crate::ops;
use crate::ops::team::KeysChoice;

/// Most people that are listed; plans have fewer seats.
const MAX_MEMBERS: i64 = 2_000;

/// The people of an account.
#[derive(Serialize, ToSchema)]
pub(super) struct TeamView {
    /// The oldest first.
    members: Vec<MemberView>,
    /// Open invitations, newest first. They take no seat until they are accepted.
    invitations: Vec<InvitationView>,
    seats_used: usize,
    seat_limit: i64,
}

/// One of the people of an account.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberView {
    /// The user's id.
    id: i64,
    email: String,
    name: Option<String>,
    role: TeamRole,
    created_at: Timestamp,
    email_verified: bool,
    /// Keys that they made and that are neither revoked nor expired.
    living_keys: i64,
    /// Whether signing in takes a second factor.
    mfa: bool,
    /// When a sign-in of theirs was last used; null when they never signed in.
    last_seen_at: Option<Timestamp>,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.id,
            email: member.email,
            name: member.name,
            role: member.team_role,
            created_at: member.created_at,
            email_verified: member.email_verified_at.is_some(),
            living_keys: member.living_keys,
            mfa: member.second_factors > 0,
            last_seen_at: member.last_seen_at,
        }
    }
}

/// What changes on a member; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub(super) struct MemberChange {
    role: Option<TeamRole>,
}

/// What happens to the keys of somebody who leaves.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LeaveQuery {
    /// Needed when the member made keys that are alive: `revoke` ends them, `transfer` makes them
    /// those of whoever removes the member.
    keys: Option<KeysWord>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KeysWord {
    Revoke,
    Transfer,
}

/// Somebody who has left.
#[derive(Serialize, ToSchema)]
pub(super) struct LeaverView {
    id: i64,
    email: String,
    /// Living keys that they made and that are revoked now.
    keys_revoked: Vec<NamedKey>,
    /// Living keys that they made and that are the caller's now. Whoever left has seen them: rotate
    /// them soon.
    keys_transferred: Vec<NamedKey>,
}

impl From<Leaver> for LeaverView {
    fn from(leaver: Leaver) -> Self {
        let (revoked, transferred): (Vec<_>, Vec<_>) =
            leaver.keys.into_iter().partition(|key| key.revoked_at.is_some());
        Self {
            id: leaver.member.id,
            email: leaver.member.email,
            keys_revoked: revoked.into_iter().map(NamedKey::from).collect(),
            keys_transferred: transferred.into_iter().map(NamedKey::from).collect(),
        }
    }
}

/// See the team
///
/// Who has access to the account and with which role, who is invited, and how many seats the plan has.
#[utoipa::path(
    get, path = "/v1/team", tag = "team",
    responses((status = 200, body = TeamView)),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn get_team(
    State(app): State<App>,
    caller: Caller<AccountRead>,
) -> Result<Json<TeamView>> {
    let (account, now) = (caller.principal().user_account_id, app.clock.now());
    let members = app.store.list_members(account, MAX_MEMBERS, now).await?;
    let invitations = app.store.list_invitations(account, now).await?;
    Ok(Json(TeamView {
        seats_used: members.len(),
        members: members.into_iter().map(Into::into).collect(),
        invitations: invitations.into_iter().map(Into::into).collect(),
        seat_limit: caller.principal().plan_seats,
    }))
}

/// Change a member's role
///
/// Holds for every request that starts after the answer, also for those with keys that the member
/// made. Takes the role admin; owners are made and changed by owners alone, and one always stays. The
/// caller must have proved within the last five minutes who they are.
#[utoipa::path(
    patch, path = "/v1/team/members/{id}", tag = "team",
    params(("id" = i64, Path, description = "The user's id")),
    request_body = MemberChange,
    responses((status = 200, body = MemberView)),
    security(("session" = [])),
)]
pub(super) async fn change_member(
    State(app): State<App>,
    caller: FreshSignIn<SignedIn<AccountWrite>>,
    Path(id): Path<i64>,
    Body(wanted): Body<MemberChange>,
) -> Result<Json<MemberView>> {
    let member = ops::team::change_role(&app, &caller, id, wanted.role).await?;
    Ok(Json(member.into()))
}

/// Remove a member, or leave
///
/// Every sign-in of the member ends with the answer. Keys that the member made and that are alive are
/// revoked or handed to the caller, as `keys` says; without that word they are listed and nothing
/// happens (409). Everybody may leave by themselves; the last owner may not. The caller must have
/// proved within the last five minutes who they are.
#[utoipa::path(
    delete, path = "/v1/team/members/{id}", tag = "team",
    params(("id" = i64, Path, description = "The user's id"), LeaveQuery),
    responses((status = 200, body = LeaverView)),
    security(("session" = [])),
)]
pub(super) async fn remove_member(
    State(app): State<App>,
    caller: FreshSignIn,
    Path(id): Path<i64>,
    Query(query): Query<LeaveQuery>,
) -> Result<Json<LeaverView>> {
    let keys = query.keys.map(|word| match word {
        KeysWord::Revoke => KeysChoice::Revoke,
        KeysWord::Transfer => KeysChoice::Transfer,
    });
    let leaver = ops::team::remove(&app, &caller, id, keys).await?;
    Ok(Json(leaver.into()))
}
