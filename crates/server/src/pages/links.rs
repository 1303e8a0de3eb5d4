//! Where the links in letters lead, and the page that asks for one.
//!
//! The token in the form is the proof, and it belongs to whoever reads the letters, so these forms
//! need no other: they work in a browser that is signed in as somebody else, too.

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Form, Query, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use store::KeysOnReset;
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
        Ok(()) => Ok(page(&check_mail(&guest))),
        Err(Error::Invalid(problems)) => {
            let email =
                Field { value: sent.email, problem: problem_of(guest.words, &problems, "email") };
            Ok(refused(&forgotten_page(&guest, email)))
        }
        Err(error) => Err(error),
    }
}

/// Says that a letter is on its way, whoever asked and for whatever address.
pub(super) fn check_mail(guest: &Guest) -> Message {
    let words = guest.words;
    said(
        guest,
        words.t("Check your mail"),
        words.t("If the address is good, a letter is on its way."),
    )
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
        Err(Error::Invalid(_)) => Ok(spent(&guest)),
        Err(error) => Err(error),
    }
}

pub(super) async fn show_reset(
    State(app): State<App>,
    guest: Guest,
    link: Asked<Link>,
) -> Result<Response> {
    let Query(link) = link.map_err(|_| Error::NotFound)?;
    Ok(match ops::passwords::is_good_link(&app, &link.token).await? {
        true => page(&reset_page(&guest, link.token, None)),
        false => spent(&guest),
    })
}

fn reset_page(guest: &Guest, token: String, problem: Option<String>) -> ResetPassword {
    ResetPassword {
        frame: guest.frame(guest.words.t("Set a new password")),
        token,
        password: Field { value: String::new(), problem },
        min_characters: MIN_CHARACTERS,
    }
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
            Ok(match problem_of(guest.words, &problems, "new_password") {
                Some(problem) => refused(&reset_page(&guest, sent.token, Some(problem))),
                None => spent(&guest),
            })
        }
        Err(error) => Err(error),
    }
}

pub(super) fn spent(guest: &Guest) -> Response {
    let words = guest.words;
    let text = words.t("It was used, has ended, or a newer one was sent. Ask for a new letter.");
    let page = page(&said(guest, words.t("This link is not good any more"), text));
    (StatusCode::NOT_FOUND, page).into_response()
}

pub(super) fn said(guest: &Guest, title: &str, text: &str) -> Message {
    Message {
        frame: guest.frame(title),
        paragraphs: vec![text.to_owned()],
        request_id: None,
        links: vec![(guest.words.t("Sign in").to_owned(), "/login".to_owned())],
    }
}
