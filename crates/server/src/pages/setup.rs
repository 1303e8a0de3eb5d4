use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use ui::pages::Field;
use ui::pages::entry::SetUp;
use ui::pages::message::Message;

use super::answer::{page, refused};
use super::cookies::Keeping;
use super::entry::{enter, problem_of};
use super::form::Form;
use super::visitor::Guest;
use crate::app::App;
use crate::auth::password::MIN_CHARACTERS;
use crate::auth::secrets;
use crate::auth::sign_in::{self, Origin, Proven};
use crate::error::{Error, FieldProblem, Result};
use crate::ops;
use crate::ops::accounts::Applicant;

#[derive(Deserialize)]
pub(super) struct Link {
    token: String,
}

#[derive(Deserialize)]
pub(super) struct Submission {
    token: String,
    email: String,
    password: String,
}

/// Shows the form to whoever has the link, as long as there is no administrator.
pub(super) async fn show(
    State(app): State<App>,
    guest: Guest,
    link: std::result::Result<Query<Link>, QueryRejection>,
) -> Result<Response> {
    let Query(link) = link.map_err(|_| Error::NotFound)?;
    admit(&app, &link.token).await?;
    Ok(page(&form(&guest, link.token, Field::default(), None)))
}

/// Makes the first administrator and signs them in.
pub(super) async fn submit(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    Form(sent): Form<Submission>,
) -> Result<Response> {
    admit(&app, &sent.token).await?;
    let Submission { token, email, password } = sent;
    let applicant = Applicant { email: email.clone(), password, name: None };
    let problems = match ops::accounts::set_up(&app, applicant).await {
        Ok(Some(user)) => {
            secrets::forget_setup_token(&app.config.data_dir)
                .map_err(|problem| Error::Internal(problem.into()))?;
            if guest.keeping == Keeping::Impossible {
                return Ok(page(&done(&guest)));
            }
            let origin = Origin::of(&app, &parts);
            let signed = sign_in::start_session(&app, &Proven::new(&user), origin, None).await?;
            return Ok(enter(&guest, &signed, ""));
        }
        Ok(None) => return Err(Error::NotFound),
        Err(Error::Invalid(problems)) => problems,
        Err(error @ Error::Conflict(_)) => vec![FieldProblem::new("email", error.to_string())],
        Err(error) => return Err(error),
    };
    let email = Field { value: email, problem: problem_of(guest.words, &problems, "email") };
    Ok(refused(&form(&guest, token, email, problem_of(guest.words, &problems, "password"))))
}

/// Lets the holder of the link in. To everybody else the page does not exist.
async fn admit(app: &App, token: &str) -> Result<()> {
    if app.store.has_admin().await? {
        return Err(Error::NotFound);
    }
    let known = secrets::setup_token(&app.config.data_dir)
        .map_err(|problem| Error::Internal(problem.into()))?;
    match bool::from(known.as_bytes().ct_eq(token.as_bytes())) {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

fn form(guest: &Guest, token: String, email: Field, password: Option<String>) -> SetUp {
    SetUp {
        frame: guest.frame(guest.words.t("Set up ComplianceLayer")),
        token,
        email,
        password: Field { value: String::new(), problem: password },
        min_characters: MIN_CHARACTERS,
        is_guarded: guest.keeping != Keeping::Impossible,
    }
}

fn done(guest: &Guest) -> Message {
    let words = guest.words;
    Message {
        frame: guest.frame(words.t("ComplianceLayer is set up")),
        paragraphs: vec![
            words.t("The administrator was made. Sign in over https, or use the API.").to_owned(),
        ],
        request_id: None,
        links: vec![(words.t("Sign in").to_owned(), "/login".to_owned())],
    }
}
