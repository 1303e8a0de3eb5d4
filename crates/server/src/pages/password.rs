use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use ui::pages::security::ChangePassword;
use ui::{Section, Words};

use super::answer::{page, refused};
use super::done::Done;
use super::entry::problem_of;
use super::form::Form;
use super::security::HERE;
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::password::SecondFactor;
use crate::error::{Error, FieldProblem, Result};
use crate::ops;
use crate::visit::Visit;

#[derive(Deserialize)]
pub(super) struct Passwords {
    current_password: String,
    new_password: String,
}

pub(super) async fn show_form(visitor: Visitor) -> Response {
    page(&form(&visitor, &[]))
}

fn form(visitor: &Visitor, problems: &[FieldProblem]) -> ChangePassword {
    let beside = SecondFactor::of(visitor.principal().user_second_factors);
    ChangePassword {
        frame: visitor.frame(visitor.words().t("Change password"), Section::Security),
        current_problem: wrong_password(visitor.words(), problems),
        new_problem: problem_of(visitor.words(), problems, "new_password"),
        min_characters: beside.least_characters(),
    }
}

/// Returns what is wrong with the present password.
pub(super) fn wrong_password(words: Words, problems: &[FieldProblem]) -> Option<String> {
    problem_of(words, problems, "current_password")
        .map(|_| words.t("This is not the present password.").to_owned())
}

/// Changes the password. The present one is the proof, so no other is asked for.
pub(super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    visit: Visit,
    Form(sent): Form<Passwords>,
) -> Result<Response> {
    let keep = Some(visitor.session_id.as_str());
    let Passwords { current_password: current, new_password: new } = &sent;
    match ops::passwords::change(&app, &visitor, keep, current, new, &visit).await {
        Ok(()) => Ok(Done::PasswordChanged.at(HERE)),
        Err(Error::Invalid(problems)) => Ok(refused(&form(&visitor, &problems))),
        Err(error) => Err(error),
    }
}
