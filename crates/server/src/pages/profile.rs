//! Settings → Profile: a person's name and how pages look to them, and the way out of the account with
//! or without its data.

use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_DISPOSITION;
use model::TeamRole;
use serde::Deserialize;
use ui::pages::Field;
use ui::pages::profile::{DeleteAccount, Profile, theme_name};
use ui::pages::team::{role_meaning, role_name};
use ui::{Lang, Section, Theme, Zone};

use super::answer::{page, refused, with_cookie};
use super::cookies;
use super::done::{Done, Told};
use super::entry::problem_of;
use super::form::{Form, Nothing};
use super::links::said;
use super::password::wrong_password;
use super::visitor::{Guest, Visitor};
use crate::api::export_file;
use crate::app::App;
use crate::error::{Error, FieldProblem, Result};
use crate::limits::doors::{self, Door};
use crate::ops;
use crate::visit::Visit;

const HERE: &str = "/settings/profile";

pub(super) async fn show(visitor: Visitor, Query(told): Query<Told>) -> Response {
    let mut shown = profile(&visitor);
    shown.frame.notices.extend(told.notice(visitor.words()));
    page(&shown)
}

fn profile(visitor: &Visitor) -> Profile {
    let (words, role, user) = (visitor.words(), visitor.role(), visitor.principal());
    let language = |lang: &Lang| (lang.tag(), lang.name(), *lang == words.lang);
    let theme =
        |theme: &Theme| (theme.as_str(), theme_name(words, *theme), *theme == visitor.theme());
    Profile {
        frame: visitor.frame(words.t("Profile"), Section::Profile),
        email: user.user_email.clone(),
        is_confirmed: user.user_email_verified_at.is_some(),
        role: role_name(words, role),
        may: role_meaning(words, role),
        name: Field::of(user.user_name.as_deref().unwrap_or_default()),
        new_email: Field::default(),
        languages: Lang::ALL.iter().map(language).collect(),
        zones: Zone::all().map(|zone| (zone.name(), zone == words.zone)).collect(),
        themes: Theme::ALL.iter().map(theme).collect(),
        products: ui::parts::PREFERRED,
        may_export: role >= TeamRole::Admin,
        may_delete: role >= TeamRole::Owner,
    }
}

#[derive(Deserialize)]
pub(super) struct Name {
    name: String,
}

/// Changes the name.
pub(super) async fn rename(
    State(app): State<App>,
    visitor: Visitor,
    Form(sent): Form<Name>,
) -> Result<Response> {
    match ops::accounts::rename(&app, &visitor, &sent.name).await {
        Ok(()) => Ok(Done::Saved.at(HERE)),
        Err(Error::Invalid(problems)) => {
            let name =
                Field { value: sent.name, problem: problem_of(visitor.words(), &problems, "name") };
            Ok(refused(&Profile { name, ..profile(&visitor) }))
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
pub(super) struct NewEmail {
    email: String,
}

/// Orders the first letter of a change of the address.
pub(super) async fn change_email(
    State(app): State<App>,
    visitor: Visitor,
    parts: Parts,
    Form(sent): Form<NewEmail>,
) -> Result<Response> {
    doors::enter(&app, &parts, Door::Letter)?;
    match ops::email::ask_to_change(&app, &visitor, &sent.email).await {
        Ok(()) => Ok(Done::EmailChangeAsked.at(HERE)),
        Err(Error::Invalid(problems)) => {
            let new_email = Field {
                value: sent.email,
                problem: problem_of(visitor.words(), &problems, "email"),
            };
            Ok(refused(&Profile { new_email, ..profile(&visitor) }))
        }
        Err(error) => Err(error),
    }
}

/// Orders another letter to confirm the address.
pub(super) async fn send_letter(
    State(app): State<App>,
    visitor: Visitor,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    match ops::email::resend(&app, &visitor).await {
        // Confirmed meanwhile, as the page then says.
        Ok(()) | Err(Error::Conflict(_)) => Ok(Done::LetterSent.at(HERE)),
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
pub(super) struct Appearance {
    language: String,
    zone: String,
    theme: String,
    #[serde(default)]
    product: String,
}

/// Remembers how pages look, in the browser.
pub(super) async fn choose_appearance(
    _: Visitor,
    Form(sent): Form<Appearance>,
) -> Result<Response> {
    let lang = Lang::parse(&sent.language)
        .ok_or_else(|| Error::invalid("language", "is none that is spoken here"))?;
    let zone =
        Zone::parse(&sent.zone).ok_or_else(|| Error::invalid("zone", "is none that we know"))?;
    let theme = Theme::parse(&sent.theme)
        .ok_or_else(|| Error::invalid("theme", "is none that there is"))?;
    let choices = [
        (cookies::LANGUAGE, lang.tag()),
        (cookies::ZONE, zone.name()),
        (cookies::THEME, theme.as_str()),
        (cookies::PRODUCT, cookies::preferred(&sent.product)),
    ];
    Ok(choices.into_iter().fold(Done::Saved.at(HERE), |response, (name, value)| {
        with_cookie(response, cookies::remember(name, value))
    }))
}

/// Answers with everything that the account has.
pub(super) async fn export(
    State(app): State<App>,
    visitor: Visitor,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    const NAME: HeaderValue =
        HeaderValue::from_static("attachment; filename=\"compliancelayer-account.json\"");
    visitor.fresh(&app)?;
    let mut file = export_file(app, &visitor).await?;
    file.headers_mut().insert(CONTENT_DISPOSITION, NAME);
    Ok(file)
}

#[derive(Deserialize)]
pub(super) struct Farewell {
    email: String,
    password: String,
}

pub(super) async fn ask_to_delete(State(app): State<App>, visitor: Visitor) -> Result<Response> {
    visitor.require_role(TeamRole::Owner)?;
    visitor.fresh(&app)?;
    Ok(page(&farewell(&visitor, String::new(), &[])))
}

fn farewell(visitor: &Visitor, typed: String, problems: &[FieldProblem]) -> DeleteAccount {
    DeleteAccount {
        frame: visitor.frame(visitor.words().t("Delete the account?"), Section::Profile),
        email: visitor.principal().user_email.clone(),
        typed: Field { value: typed, problem: problem_of(visitor.words(), problems, "email") },
        password_problem: wrong_password(visitor.words(), problems),
        obstacle: None,
    }
}

/// Deletes the account.
pub(super) async fn delete(
    State(app): State<App>,
    visitor: Visitor,
    guest: Guest,
    visit: Visit,
    Form(sent): Form<Farewell>,
) -> Result<Response> {
    visitor.require_role(TeamRole::Owner)?;
    visitor.fresh(&app)?;
    let Farewell { email, password } = sent;
    if !email.trim().eq_ignore_ascii_case(&visitor.principal().user_email) {
        let words = visitor.words();
        let problem = FieldProblem::new("email", words.t("This is not the address of your user."));
        return Ok(refused(&farewell(&visitor, email, &[problem])));
    }
    match ops::deletion::delete_own(&app, &visitor, &password, &visit).await {
        Ok(()) => Ok(gone(
            &visitor,
            &guest,
            guest.words.t("The account is deleted"),
            guest.words.t("Every key and every sign-in of it has ended."),
        )),
        Err(Error::Invalid(problems)) => Ok(refused(&farewell(&visitor, email, &problems))),
        Err(Error::Conflict(text)) => {
            Ok(refused(&DeleteAccount { obstacle: Some(text), ..farewell(&visitor, email, &[]) }))
        }
        Err(error) => Err(error),
    }
}

/// Says to somebody whose user is gone what has happened, and forgets their session.
pub(super) fn gone(visitor: &Visitor, guest: &Guest, title: &str, text: &str) -> Response {
    with_cookie(page(&said(guest, title, text)), visitor.keeping().clear())
}
