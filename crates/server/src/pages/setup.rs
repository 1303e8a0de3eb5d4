//! The set-up of a new instance: its first administrator, and how it stands.
//!
//! What is chosen here is the person's (name, address, password, and language and time zone of their
//! browser); what belongs to the instance is in its settings, and is said with how it can be changed.
//! The page exists for whoever has the link of the first start, until there is an administrator. Who
//! was shown it and comes too late is told so; to everybody else it never was.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use hmac::Mac;
use http::HeaderMap;
use http::header::HOST;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use ui::pages::Field;
use ui::pages::entry::{Instance, SetUp};
use ui::pages::message::Message;
use ui::{Lang, Words, Zone};

use super::answer::{page, refused, with_cookie};
use super::cookies::{self, Keeping};
use super::entry::{enter, problem_of};
use super::form::GuestForm;
use super::visitor::Guest;
use crate::app::App;
use crate::auth::password::MIN_CHARACTERS;
use crate::auth::secrets::{self, hex};
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
    /// That the page was shown with the right token.
    #[serde(default)]
    shown: String,
    #[serde(default)]
    name: String,
    email: String,
    password: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    zone: String,
}

/// Shows the form to whoever has the link, as long as there is no administrator.
pub(super) async fn show(
    State(app): State<App>,
    guest: Guest,
    headers: HeaderMap,
    link: std::result::Result<Query<Link>, QueryRejection>,
) -> Result<Response> {
    let Query(link) = link.map_err(|_| Error::NotFound)?;
    admit(&app, &link.token).await?;
    Ok(page(&form(&app, &guest, &headers, link.token)))
}

/// Makes the first administrator and signs them in.
pub(super) async fn submit(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    GuestForm(sent): GuestForm<Submission>,
) -> Result<Response> {
    if app.store.has_admin().await? && was_shown(&app, &sent) {
        return Ok(page(&too_late(&guest)));
    }
    admit(&app, &sent.token).await?;
    let Submission { token, name, email, password, language, zone, .. } = sent;
    let applicant = Applicant { email: email.clone(), password, name: Some(name.clone()) };
    let problems = match ops::accounts::set_up(&app, applicant).await {
        Ok(Some(user)) => {
            secrets::forget_setup_token(&app.config.data_dir)
                .map_err(|problem| Error::Internal(problem.into()))?;
            if guest.keeping == Keeping::Impossible {
                return Ok(page(&done(&guest)));
            }
            let origin = Origin::of(&app, &parts);
            let signed = sign_in::start_session(&app, &Proven::new(&user), origin, None).await?;
            let lang = Lang::parse(&language).map(Lang::tag);
            let zone = Zone::parse(&zone).map(Zone::name);
            let choices = [(cookies::LANGUAGE, lang), (cookies::ZONE, zone)];
            let chosen = choices.into_iter().filter_map(|(name, value)| Some((name, value?)));
            return Ok(chosen.fold(enter(&guest, &signed, ""), |response, (name, value)| {
                with_cookie(response, cookies::remember(name, value))
            }));
        }
        Ok(None) => return Ok(page(&too_late(&guest))),
        Err(Error::Invalid(problems)) => problems,
        Err(error @ Error::Conflict(_)) => vec![FieldProblem::new("email", error.to_string())],
        Err(error) => return Err(error),
    };
    let of = |field: &str| problem_of(guest.words, &problems, field);
    let shown = form(&app, &guest, &parts.headers, token);
    Ok(refused(&SetUp {
        name: Field { value: name, problem: of("name") },
        email: Field { value: email, problem: of("email") },
        password: Field { value: String::new(), problem: of("password") },
        language: Lang::parse(&language).unwrap_or(shown.language),
        zone: Zone::parse(&zone).unwrap_or(shown.zone),
        ..shown
    }))
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

/// Returns what shows later that the page was shown with a token that was right then: the token itself
/// is gone once there is an administrator.
fn proof(app: &App, token: &str) -> String {
    let mut seal = app.secrets.seal("set-up page");
    seal.update(token.as_bytes());
    hex(&seal.finalize().into_bytes())
}

fn was_shown(app: &App, sent: &Submission) -> bool {
    bool::from(proof(app, &sent.token).as_bytes().ct_eq(sent.shown.as_bytes()))
}

fn form(app: &App, guest: &Guest, headers: &HeaderMap, token: String) -> SetUp {
    let words = guest.words;
    SetUp {
        frame: guest.frame(words.t("Set up ComplianceLayer")),
        shown: proof(app, &token),
        token,
        name: Field::default(),
        email: Field::default(),
        password: Field::default(),
        min_characters: MIN_CHARACTERS,
        is_guarded: guest.keeping != Keeping::Impossible,
        language: words.lang,
        zone: words.zone,
        instance: instance(app, words, headers),
    }
}

fn instance(app: &App, words: Words, headers: &HeaderMap) -> Instance {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let (scheme, named) = app.base_url.split_once("://").unwrap_or_default();
    let open = app.config.auth.allow_sign_up;
    Instance {
        public_url: app.base_url.clone(),
        seen_host: host.to_owned(),
        is_other_host: !host.eq_ignore_ascii_case(named.trim_end_matches('/')),
        is_encrypted: scheme == "https",
        sign_up: match open {
            true => words.t("Anybody may make an account (auth.allow_sign_up)."),
            false => words.t("Accounts are made by operators and invitations alone (auth.allow_sign_up)."),
        },
        mail: match app.mailer.folder() {
            None => words.t("Letters leave through the mail server (mail.smtp_url)."),
            Some(_) => words.t("There is no mail server (mail.smtp_url): letters are files in the folder “mail” of the data folder."),
        },
        data: app.config.data_dir.display().to_string(),
        has_database_elsewhere: app.config.database_url().starts_with("postgres"),
    }
}

fn done(guest: &Guest) -> Message {
    let words = guest.words;
    ended(
        guest,
        words.t("ComplianceLayer is set up"),
        words.t("The administrator was made. Sign in over https, or use the API."),
    )
}

fn too_late(guest: &Guest) -> Message {
    let words = guest.words;
    ended(
        guest,
        words.t("The set-up was just completed"),
        words.t("Somebody with the same link was faster, and is the administrator now. Nothing was made of what you sent. If that was you, sign in."),
    )
}

fn ended(guest: &Guest, title: &str, text: &str) -> Message {
    Message {
        links: vec![(guest.words.t("Sign in").to_owned(), "/login".to_owned())],
        ..Message::of(guest.frame(title), text)
    }
}
