//! Signing in with a passkey, and adding and removing one. The browser's answer comes in a field of a
//! form, which script fills: nothing else can ask for it.

use axum::extract::{Path, State};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Deserialize;
use ui::pages::Field;
use ui::pages::entry::SignIn;
use ui::pages::security::NewPasskey;
use ui::{Section, Words};

use super::answer::{go, page, refused};
use super::cookies::Keeping;
use super::entry::{enter, no_cookies, problem_of, sign_in_frame, sign_in_page};
use super::form::{Form, GuestForm, Nothing};
use super::refusal::query;
use super::security::HERE;
use super::visitor::{Guest, Visitor};
use crate::app::App;
use crate::auth::sign_in::Origin;
use crate::auth::webauthn::json;
use crate::error::{Error, FieldProblem, Result};
use crate::limits::doors::{self, Door};
use crate::ops;
use crate::visit::Visit;

/// A passkey's answer to a sign-in.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    next: String,
    credential: String,
}

/// A passkey that the browser made.
#[derive(Deserialize)]
pub(super) struct Made {
    name: String,
    credential: String,
}

/// Signs in. Whatever is wrong with the answer is one sentence.
pub(super) async fn sign_in(
    State(app): State<App>,
    visitor: Result<Visitor>,
    guest: Guest,
    parts: Parts,
    GuestForm(sent): GuestForm<Answer>,
) -> Result<Response> {
    if guest.keeping == Keeping::Impossible {
        return Ok(page(&no_cookies(&guest)));
    }
    doors::enter(&app, &parts, Door::SignIn)?;
    let (origin, visit) = (Origin::of(&app, &parts), Visit::of(&parts));
    let signing_in = match json::read(&sent.credential) {
        Ok(credential) => ops::passkeys::finish_sign_in(&app, &credential, origin, &visit).await,
        Err(_) => Err(Error::Unauthorized { sent: false }),
    };
    match signing_in {
        Ok((_, signed)) => Ok(enter(&guest, &signed, &sent.next)),
        Err(Error::Unauthorized { .. }) => {
            let problem = guest.words.t("This passkey does not sign anybody in here.").to_owned();
            let frame = sign_in_frame(&guest, &visitor);
            let shown = sign_in_page(&app, frame, Field::default(), sent.next);
            Ok(refused(&SignIn { passkey_problem: Some(problem), ..shown }))
        }
        Err(error) => Err(error),
    }
}

/// The page that adds a passkey.
pub(super) async fn show_form(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    visitor.fresh(&app)?;
    Ok(page(&form(&app, &visitor, Field::default(), None).await?))
}

async fn form(
    app: &App,
    visitor: &Visitor,
    name: Field,
    problem: Option<String>,
) -> Result<NewPasskey> {
    let options = ops::passkeys::start_registration(app, visitor, &visitor.session_id).await?;
    let options = serde_json::to_string(&options).map_err(|error| Error::Internal(error.into()))?;
    let words: Words = visitor.words();
    let frame = visitor.frame(words.t("Add passkey"), Section::Security);
    Ok(NewPasskey { frame, name, problem, options })
}

/// Adds a passkey.
pub(super) async fn add(
    State(app): State<App>,
    visitor: Visitor,
    Form(sent): Form<Made>,
) -> Result<Response> {
    if visitor.fresh(&app).is_err() {
        return Ok(prove_again());
    }
    let Made { name, credential } = sent;
    let adding = match json::read(&credential) {
        Ok(credential) => {
            let (session, name) = (&visitor.session_id, Some(name.clone()));
            ops::passkeys::finish_registration(&app, &visitor, session, &credential, name, None)
                .await
        }
        Err(problem) => Err(Error::invalid("credential", problem.to_string())),
    };
    let problems = match adding {
        Ok(_) => return Ok(go(HERE)),
        Err(Error::Invalid(problems)) => problems,
        Err(error @ Error::Conflict(_)) => vec![FieldProblem::new("credential", error.to_string())],
        Err(error) => return Err(error),
    };
    let name = Field { value: name, problem: problem_of(visitor.words(), &problems, "name") };
    let problem = problem_of(visitor.words(), &problems, "credential");
    Ok(refused(&form(&app, &visitor, name, problem).await?))
}

/// Removes a passkey.
pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    if visitor.fresh(&app).is_err() {
        return Ok(prove_again());
    }
    let id = id.parse().map_err(|_| Error::NotFound)?;
    ops::passkeys::remove(&app, &visitor, id).await?;
    Ok(go(HERE))
}

/// Leads to the sign-in page and back here: what was sent is not kept.
fn prove_again() -> Response {
    go(&format!("/login?{}", query(&[("next", HERE)])))
}
