//! Invitations to the team. The link in the letter is the one proof that whoever joins reads the mail
//! of that address, so it is in no answer.

use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use http::StatusCode;
use model::{TeamRole, Timestamp};
use serde::{Deserialize, Serialize};
use store::Invitation;
use utoipa::ToSchema;

use super::extract::{Body, IdempotencyHeader, OnceBody, Path};
use crate::app::App;
use crate::auth::sign_in::Origin;
use crate::auth::{AccountRead, AccountWrite, Caller, FreshSignIn, SignedIn};
use crate::error::Result;
use crate::limits::doors::{self, Door};
use crate::ops;

/// An open invitation.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationView {
    id: i64,
    email: String,
    role: TeamRole,
    /// The id of the user who invites.
    invited_by: i64,
    created_at: Timestamp,
    /// The link is good until then.
    expires_at: Timestamp,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            invited_by: invitation.invited_by,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}

/// Open invitations, newest first; at most 100.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationsView {
    invitations: Vec<InvitationView>,
}

/// Who is invited.
#[derive(Deserialize, ToSchema)]
pub(super) struct InvitationRequest {
    email: String,
    role: TeamRole,
}

/// Somebody joins, with the link from the letter as proof.
#[derive(Deserialize, ToSchema)]
pub(super) struct Acceptance {
    /// What stands after `token=` in the link.
    token: String,
    /// At least 15 characters that are not easy to guess.
    password: String,
    name: Option<String>,
}

/// Who joined.
#[derive(Serialize, ToSchema)]
pub(super) struct JoinedView {
    id: i64,
    email: String,
    role: TeamRole,
}

/// Invite somebody
///
/// Sends a letter with a link that is good for seven days and once. Another invitation of the same
/// address takes the place of the first, whose link then ends; within two minutes only the role
/// changes. Takes the role admin, a free seat, and for the role owner an owner. The caller must have
/// proved within the last five minutes who they are. 30 invitations an hour and network.
#[utoipa::path(
    post, path = "/v1/team/invitations", tag = "team",
    params(IdempotencyHeader),
    request_body = InvitationRequest,
    responses((status = 201, body = InvitationView)),
    security(("session" = [])),
)]
pub(super) async fn invite(
    State(app): State<App>,
    caller: FreshSignIn<SignedIn<AccountWrite>>,
    parts: Parts,
    OnceBody(wish, once): OnceBody<InvitationRequest>,
) -> Result<(StatusCode, Json<InvitationView>)> {
    doors::enter(&app, &parts, Door::Invitation)?;
    let inviting = ops::team::invite(&app, &caller, &wish.email, wish.role, once.as_ref());
    Ok((StatusCode::CREATED, Json(inviting.await?.into())))
}

/// List open invitations
#[utoipa::path(
    get, path = "/v1/team/invitations", tag = "team",
    responses((status = 200, body = InvitationsView)),
    security(("bearer" = ["account:read"])),
)]
pub(super) async fn list_invitations(
    State(app): State<App>,
    caller: Caller<AccountRead>,
) -> Result<Json<InvitationsView>> {
    let account = caller.principal().user_account_id;
    let invitations = app.store.list_invitations(account, app.clock.now()).await?;
    let invitations = invitations.into_iter().map(Into::into).collect();
    Ok(Json(InvitationsView { invitations }))
}

/// Withdraw an invitation
///
/// Its link is not good any more. Takes the role admin.
#[utoipa::path(
    delete, path = "/v1/team/invitations/{id}", tag = "team",
    params(("id" = i64, Path)),
    responses((status = 204)),
    security(("session" = [])),
)]
pub(super) async fn withdraw_invitation(
    State(app): State<App>,
    caller: SignedIn<AccountWrite>,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    ops::team::withdraw(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Join a team
///
/// Makes a user of the invited address in the account that invites. Nobody is signed in by it. A link
/// that is used up, ended or unknown is refused with one answer. An address that has a user already is
/// told so (409): a person belongs to one account.
#[utoipa::path(
    post, path = "/v1/team/invitations/accept", tag = "team",
    request_body = Acceptance,
    responses((status = 201, body = JoinedView)),
)]
pub(super) async fn accept_invitation(
    State(app): State<App>,
    parts: Parts,
    Body(sent): Body<Acceptance>,
) -> Result<(StatusCode, Json<JoinedView>)> {
    doors::enter(&app, &parts, Door::Link)?;
    let origin = Origin::of(&app, &parts);
    let user = ops::team::join(&app, &sent.token, &sent.password, sent.name, origin).await?;
    let view = JoinedView { id: user.id, email: user.email, role: user.team_role };
    Ok((StatusCode::CREATED, Json(view)))
}
