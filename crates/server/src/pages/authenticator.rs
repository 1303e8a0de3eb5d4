//! Settings → Security: setting up an authenticator app, its recovery codes, and switching it off.
//!
//! Each page asks for a fresh proof of who looks. Recovery codes stand in the answer that makes them
//! and nowhere else, as keys do.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use ui::Section;
use ui::pages::Field;
use ui::pages::confirm::Confirm;
use ui::pages::second_factors::{NewAuthenticator, RecoveryCodes};
use ui::parts::qr;

use super::answer::{go, page, refused};
use super::done::Done;
use super::form::{Form, Nothing};
use super::security::HERE;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::ops::second_factors::{self, Enrolment};
use crate::packing::NeverPacked;

const NEW: &str = "/settings/security/authenticator/new";

#[derive(Deserialize)]
pub(super) struct FirstCode {
    code: String,
}

/// Makes a secret and shows it. Nothing changes before its first code is sent.
pub(super) async fn show_form(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    visitor.fresh(&app)?;
    let enrolment = second_factors::enrol(&app, &visitor).await?;
    let mut response = page(&form(&visitor, enrolment, Field::default()));
    response.extensions_mut().insert(NeverPacked);
    Ok(response)
}

fn form(visitor: &Visitor, enrolment: Enrolment, code: Field) -> NewAuthenticator {
    let words = visitor.words();
    let Enrolment { secret, url, drawing } = enrolment;
    NewAuthenticator {
        frame: visitor.frame(words.t("Set up an authenticator"), Section::Security),
        drawing: qr(words, drawing.side, &drawing.dark),
        secret,
        url,
        code,
    }
}

/// Takes the first code and shows the recovery codes. A wrong one leaves the secret as it is: it is in
/// the app already.
pub(super) async fn confirm(
    State(app): State<App>,
    visitor: Visitor,
    Form(sent): Form<FirstCode>,
) -> Result<Response> {
    visitor.fresh(&app)?;
    match second_factors::confirm(&app, &visitor, &visitor.session_id, &sent.code).await {
        Ok(codes) => Ok(shown(&visitor, codes)),
        Err(Error::Invalid(_)) => match second_factors::waiting(&app, &visitor).await? {
            Some(enrolment) => {
                let problem = visitor.words().t("This is not what the app shows now.").to_owned();
                let code = Field { value: sent.code, problem: Some(problem) };
                Ok(refused(&form(&visitor, enrolment, code)))
            }
            None => Ok(go(NEW)),
        },
        // The secret waited too long, or was confirmed before: another one is to be scanned.
        Err(Error::Conflict(_)) => Ok(go(NEW)),
        Err(error) => Err(error),
    }
}

fn shown(visitor: &Visitor, codes: Vec<String>) -> Response {
    let frame = visitor.frame(visitor.words().t("Recovery codes"), Section::Security);
    page(&RecoveryCodes { frame, codes })
}

pub(super) async fn ask_to_renew(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    visitor.fresh(&app)?;
    let words = visitor.words();
    Ok(page(&Confirm {
        frame: visitor.frame(words.t("New recovery codes"), Section::Security),
        paragraphs: vec![
            words.t("Ten new codes are made and shown once. All earlier ones are void.").to_owned(),
        ],
        button: words.t("Make new codes"),
        is_danger: false,
        back: HERE,
    }))
}

/// Makes new recovery codes and shows them.
pub(super) async fn renew(
    State(app): State<App>,
    visitor: Visitor,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    visitor.fresh(&app)?;
    let codes = second_factors::renew_codes(&app, &visitor).await?;
    Ok(shown(&visitor, codes))
}

pub(super) async fn ask_to_remove(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    visitor.fresh(&app)?;
    let words = visitor.words();
    let texts = [
        words.t("From then on your password alone signs you in. The recovery codes are void."),
        words.t("Every other sign-in of yours ends, and a letter tells you of it."),
    ];
    Ok(page(&Confirm {
        frame: visitor.frame(words.t("Switch the authenticator off?"), Section::Security),
        paragraphs: texts.map(str::to_owned).into(),
        button: words.t("Switch off"),
        is_danger: true,
        back: HERE,
    }))
}

/// Switches the authenticator off.
pub(super) async fn remove(
    State(app): State<App>,
    visitor: Visitor,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    visitor.fresh(&app)?;
    match second_factors::remove(&app, &visitor, &visitor.session_id).await {
        // Off is what was wanted.
        Ok(()) | Err(Error::NotFound) => Ok(Done::AuthenticatorRemoved.at(HERE)),
        Err(error) => Err(error),
    }
}
