//! Where the link of an invitation leads. The token in the form is the proof, as in [`super::links`].

use axum::extract::{Form, Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;
use store::Invitation;
use ui::pages::Field;
use ui::pages::team::{JoinTeam, role_meaning, role_name};

use super::answer::{page, refused};
use super::entry::problem_of;
use super::links::{Asked, Link, Sent, said, spent};
use super::visitor::Guest;
use crate::app::App;
use crate::auth::password::MIN_CHARACTERS;
use crate::auth::sign_in::Origin;
use crate::error::{Error, Result};
use crate::limits::doors::{self, Door};
use crate::ops;

#[derive(Deserialize)]
pub(super) struct Joining {
    token: String,
    name: String,
    password: String,
}

pub(super) async fn show(
    State(app): State<App>,
    guest: Guest,
    link: Asked<Link>,
) -> Result<Response> {
    let Query(link) = link.map_err(|_| Error::NotFound)?;
    Ok(match ops::team::find_invitation(&app, &link.token).await? {
        Some(invitation) => page(&form(&guest, invitation, link.token, Field::default())),
        None => spent(&guest),
    })
}

fn form(guest: &Guest, invitation: Invitation, token: String, name: Field) -> JoinTeam {
    JoinTeam {
        frame: guest.frame(guest.words.t("Join a team")),
        token,
        email: invitation.email,
        role: role_name(guest.words, invitation.role),
        may: role_meaning(guest.words, invitation.role),
        name,
        password: Field::default(),
        min_characters: MIN_CHARACTERS,
        obstacle: None,
    }
}

pub(super) async fn join(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    sent: Sent<Joining>,
) -> Result<Response> {
    let Form(sent) = sent.map_err(|_| Error::NotFound)?;
    doors::enter(&app, &parts, Door::Link)?;
    let Some(invitation) = ops::team::find_invitation(&app, &sent.token).await? else {
        return Ok(spent(&guest));
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
            Err(Error::Conflict(text)) => (Vec::new(), Some(text)),
            Err(error) => return Err(error),
        };
    if problems.iter().any(|problem| problem.field == "token") {
        return Ok(spent(&guest));
    }
    let name = Field { value: sent.name, problem: problem_of(guest.words, &problems, "name") };
    let mut shown = form(&guest, invitation, sent.token, name);
    shown.password.problem = problem_of(guest.words, &problems, "password");
    shown.obstacle = obstacle;
    Ok(refused(&shown))
}
