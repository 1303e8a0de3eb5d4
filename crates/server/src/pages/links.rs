//! Where the links in letters lead, and the page that asks for one.
//!
//! The token in the form is the proof, and it belongs to whoever reads the letters, so these forms
//! need no other: they work in a browser that is signed in as somebody else, too.

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use model::DAY_MS;
use serde::Deserialize;
use store::{KeysOnReset, LinkHolder};
use ui::pages::Field;
use ui::pages::links::{ForgotPassword, ResetPassword, VerifyEmail};
use ui::pages::message::Message;

use super::answer::{page, refused};
use super::entry::problem_of;
use super::visitor::Guest;
use crate::app::App;
use crate::auth::password::MIN_CHARACTERS;
use crate::auth::sign_in::Origin;
use crate::error::{Error, Result};
use crate::limits::doors::{self, Door};
use crate::ops;
use crate::ops::email::Confirmed;

#[derive(Deserialize)]
pub(super) struct Link {
    pub(super) token: String,
}

#[derive(Deserialize)]
pub(super) struct Forgotten {
    email: String,
}

#[derive(Deserialize)]
pub(super) struct NewPassword {
    token: String,
    password: String,
    /// Present when the box is ticked.
    revoke_api_keys: Option<String>,
}

/// Days for which keys are named beside a forgotten password: whoever took the password may have made
/// them.
const RECENT_DAYS: i64 = 30;
/// Keys that are named.
const NAMED_KEYS: usize = 20;

/// What a letter's link was for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Letter {
    Address,
    Password,
    Invitation,
}

pub(super) type Sent<T> = std::result::Result<Form<T>, FormRejection>;
pub(super) type Asked<T> = std::result::Result<Query<T>, QueryRejection>;

pub(super) async fn show_forgotten(guest: Guest) -> Response {
    page(&forgotten_page(&guest, Field::default()))
}

fn forgotten_page(guest: &Guest, email: Field) -> ForgotPassword {
    ForgotPassword { frame: guest.frame(guest.words.t("Reset password")), email }
}

pub(super) async fn forget(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    sent: Sent<Forgotten>,
) -> Result<Response> {
    doors::enter(&app, &parts, Door::Letter)?;
    let Form(sent) = sent.map_err(|_| Error::NotFound)?;
    match ops::passwords::forgot(&app, &sent.email).await {
        Ok(()) => Ok(page(&check_mail(&app, &guest))),
        Err(Error::Invalid(problems)) => {
            let email =
                Field { value: sent.email, problem: problem_of(guest.words, &problems, "email") };
            Ok(refused(&forgotten_page(&guest, email)))
        }
        Err(error) => Err(error),
    }
}

/// Says that a letter is on its way, whoever asked and for whatever address.
pub(super) fn check_mail(app: &App, guest: &Guest) -> Message {
    let words = guest.words;
    let text = words.t("If the address is good, a letter is on its way.");
    let mut shown = said(guest, words.t("Check your mail"), text);
    if app.mailer.folder().is_some() {
        let text = words.t("This service has no mail server: its letters are files that the operator reads. Ask them for yours.");
        shown.paragraphs.push(text.to_owned());
    }
    shown
}

pub(super) async fn show_verification(guest: Guest, link: Asked<Link>) -> Result<Response> {
    let Query(link) = link.map_err(|_| Error::NotFound)?;
    let frame = guest.frame(guest.words.t("Confirm your e-mail address"));
    Ok(page(&VerifyEmail { frame, token: link.token }))
}

pub(super) async fn verify(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    sent: Sent<Link>,
) -> Result<Response> {
    doors::enter(&app, &parts, Door::Link)?;
    let Form(link) = sent.map_err(|_| Error::NotFound)?;
    match ops::email::verify(&app, &link.token, Origin::of(&app, &parts)).await {
        Ok(Confirmed::Address) => {
            let text = guest.words.t("You can scan and make API keys now.");
            Ok(page(&said(&guest, guest.words.t("Your address is confirmed"), text)))
        }
        Ok(Confirmed::ChangeAllowed) => {
            let text = guest.words.t("Open the link in the letter to the new address.");
            Ok(page(&said(&guest, guest.words.t("One more letter is on its way"), text)))
        }
        Ok(Confirmed::Changed) => {
            let text = guest.words.t("Sign in with it from now on; the password is the same.");
            Ok(page(&said(&guest, guest.words.t("You have a new address"), text)))
        }
        Err(Error::Invalid(_)) => Ok(spent(&guest, Letter::Address)),
        Err(error) => Err(error),
    }
}

pub(super) async fn show_reset(
    State(app): State<App>,
    guest: Guest,
    link: Asked<Link>,
) -> Result<Response> {
    let Query(link) = link.map_err(|_| Error::NotFound)?;
    Ok(match ops::passwords::find_link(&app, &link.token).await? {
        Some(holder) => page(&reset_page(&app, &guest, link.token, &holder).await?),
        None => spent(&guest, Letter::Password),
    })
}

async fn reset_page(
    app: &App,
    guest: &Guest,
    token: String,
    holder: &LinkHolder,
) -> Result<ResetPassword> {
    let now = app.clock.now();
    let keys = app.store.list_living_keys(holder.account_id, now).await?;
    let mut keys: Vec<_> = keys
        .into_iter()
        .filter(|key| key.created_by == Some(holder.user_id))
        .filter(|key| now.ms_since(key.created_at) < RECENT_DAYS * DAY_MS)
        .map(|key| (key.name, guest.words.time(key.created_at, now)))
        .collect();
    let more = keys.len().saturating_sub(NAMED_KEYS);
    keys.truncate(NAMED_KEYS);
    Ok(ResetPassword {
        frame: guest.frame(guest.words.t("Set a new password")),
        token,
        password: Field::default(),
        revokes_keys: false,
        keys,
        more_keys: i64::try_from(more).unwrap_or(i64::MAX),
        min_characters: MIN_CHARACTERS,
    })
}

pub(super) async fn reset(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    sent: Sent<NewPassword>,
) -> Result<Response> {
    doors::enter(&app, &parts, Door::Link)?;
    let Form(sent) = sent.map_err(|_| Error::NotFound)?;
    let keys = match sent.revoke_api_keys {
        Some(_) => KeysOnReset::Revoke,
        None => KeysOnReset::Keep,
    };
    let origin = Origin::of(&app, &parts);
    match ops::passwords::reset(&app, &sent.token, &sent.password, keys, origin).await {
        Ok(()) => {
            let text = guest.words.t("Every sign-in has ended. Sign in with the new password.");
            Ok(page(&said(&guest, guest.words.t("Your password is set"), text)))
        }
        Err(Error::Invalid(problems)) => {
            let problem = problem_of(guest.words, &problems, "new_password");
            let holder = ops::passwords::find_link(&app, &sent.token).await?;
            let (Some(problem), Some(holder)) = (problem, holder) else {
                return Ok(spent(&guest, Letter::Password));
            };
            let mut shown = reset_page(&app, &guest, sent.token, &holder).await?;
            shown.password.problem = Some(problem);
            shown.revokes_keys = sent.revoke_api_keys.is_some();
            Ok(refused(&shown))
        }
        Err(error) => Err(error),
    }
}

/// Says that a link is used up or has ended, and where there is a new one.
pub(super) fn spent(guest: &Guest, letter: Letter) -> Response {
    let words = guest.words;
    let text = words.t("It was used, has ended, or a newer one was sent.");
    let mut shown = said(guest, words.t("This link is not good any more"), text);
    let link = |label: &str, path: &str| (label.to_owned(), path.to_owned());
    match letter {
        Letter::Address => {
            shown.paragraphs.push(words.t("Your profile says whether the address is confirmed, and sends another letter.").to_owned());
            shown.links = vec![link(words.t("To the profile"), "/settings/profile")];
        }
        Letter::Password => {
            shown.links.insert(0, link(words.t("Send a new link"), "/password/forgot"));
        }
        Letter::Invitation => {
            shown
                .paragraphs
                .push(words.t("Ask who invited you for another invitation.").to_owned());
        }
    }
    (StatusCode::NOT_FOUND, page(&shown)).into_response()
}

pub(super) fn said(guest: &Guest, title: &str, text: &str) -> Message {
    Message {
        links: vec![(guest.words.t("Sign in").to_owned(), "/login".to_owned())],
        ..Message::of(guest.frame(title), text)
    }
}
