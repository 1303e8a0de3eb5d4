//! Where the link of an invitation leads. The token in the form is the proof, as in [`super::links`].

use axum::extract::{Form, Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;
use store::Invitation;
use ui::pages::Field;
use ui::pages::team::{JoinTeam, role_meaning, role_name};
use ui::{Frame, Section};

use super::answer::{page, refused};
use super::entry::problem_of;
use super::links::{Asked, Letter, Link, Sent, said, spent};
use super::refusal::query;
use super::visitor::{Guest, Visitor};
use crate::app::App;
use crate::auth::password::MIN_CHARACTERS;
use crate::auth::sign_in::Origin;
use crate::error::{Error, Result};
use crate::limits::doors::{self, Door};
use crate::mail::team_letters;
use crate::ops;

#[derive(Deserialize)]
pub(super) struct Joining {
    token: String,
    name: String,
    password: String,
}

pub(super) async fn show(
    State(app): State<App>,
    visitor: Result<Visitor>,
    guest: Guest,
    link: Asked<Link>,
) -> Result<Response> {
    let Query(link) = link.map_err(|_| Error::NotFound)?;
    Ok(match ops::team::find_invitation(&app, &link.token).await? {
        Some(invitation) => {
            page(&form(&app, &guest, &visitor, invitation, link.token, Field::default()).await?)
        }
        None => spent(&guest, Letter::Invitation),
    })
}

async fn form(
    app: &App,
    guest: &Guest,
    visitor: &Result<Visitor>,
    invitation: Invitation,
    token: String,
    name: Field,
) -> Result<JoinTeam> {
    let (words, now) = (guest.words, app.clock.now());
    let letter = app.store.find_invitation_letter(invitation.id, now).await?;
    let inviter = letter.as_ref().and_then(team_letters::known_inviter).map(str::to_owned);
    let title = words.t("Join a team");
    // Whoever is signed in keeps the token of their session, to sign out with.
    let (frame, signed_in_as) = match visitor {
        Ok(visitor) => (
            Frame { who: None, ..visitor.frame(title, Section::Elsewhere) },
            Some(visitor.principal().user_email.clone()),
        ),
        Err(_) => (guest.frame(title), None),
    };
    Ok(JoinTeam {
        frame,
        here: format!("/team/join?{}", query(&[("token", &token)])),
        token,
        email: invitation.email,
        inviter,
        until: words.time(invitation.expires_at, now),
        signed_in_as,
        role: role_name(words, invitation.role),
        may: role_meaning(words, invitation.role),
        name,
        password: Field::default(),
        min_characters: MIN_CHARACTERS,
        obstacle: None,
    })
}

pub(super) async fn join(
    State(app): State<App>,
    visitor: Result<Visitor>,
    guest: Guest,
    parts: Parts,
    sent: Sent<Joining>,
) -> Result<Response> {
    let Form(sent) = sent.map_err(|_| Error::NotFound)?;
    doors::enter(&app, &parts, Door::Link)?;
    let Some(invitation) = ops::team::find_invitation(&app, &sent.token).await? else {
        return Ok(spent(&guest, Letter::Invitation));
    };
    let origin = Origin::of(&app, &parts);
    let name = Some(sent.name.clone());
    let (problems, obstacle) =
        match ops::team::join(&app, &sent.token, &sent.password, name, origin).await {
            Ok(_) => {
                let text = guest.words.t("Sign in with your address and the password.");
                return Ok(page(&said(&guest, guest.words.t("You are in the team"), text)));
            }
            Err(Error::Invalid(problems)) => (problems, None),
            Err(Error::SeatLimitReached) => {
                let text = guest.words.t("Every seat of the team is taken. Ask who invited you.");
                (Vec::new(), Some(text.to_owned()))
            }
            Err(Error::Conflict(text)) => (Vec::new(), Some(guest.words.problem(&text))),
            Err(error) => return Err(error),
        };
    if problems.iter().any(|problem| problem.field == "token") {
        return Ok(spent(&guest, Letter::Invitation));
    }
    let name = Field { value: sent.name, problem: problem_of(guest.words, &problems, "name") };
    let mut shown = form(&app, &guest, &visitor, invitation, sent.token, name).await?;
    shown.password.problem = problem_of(guest.words, &problems, "password");
    shown.obstacle = obstacle;
    Ok(refused(&shown))
}
