//! The way in and out: front page, sign in, sign up, sign out, language.

use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::response::Response;
use http::header::SET_COOKIE;
use serde::Deserialize;
use ui::Words;
use ui::pages::Field;
use ui::pages::entry::{SignIn, SignUp};
use ui::pages::message::Message;
use ui::{Frame, Section};

use super::answer::{go, limited, own_path, page, refused, with_cookie};
use super::cookies::{self, Keeping};
use super::form::{Form, GuestForm};
use super::links::check_mail;
use super::refusal::{page_before, query};
use super::visitor::{Guest, Visitor};
use crate::app::App;
use crate::auth::password::MIN_CHARACTERS;
use crate::auth::sign_in::{Origin, Signed};
use crate::error::{Error, FieldProblem, Result};
use crate::limits::doors::{self, Door};
use crate::ops;
use crate::ops::accounts::{self, Applicant, Registered};
use crate::ops::second_factors::Code;
use crate::visit::Visit;

/// Where to go after signing in.
#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    #[serde(default)]
    next: String,
    email: String,
    password: String,
    /// Sent once the page has asked for it.
    code: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Registration {
    name: String,
    email: String,
    password: String,
    /// Present when the box is ticked.
    agrees: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Language {
    language: String,
}

/// Leads signed-in people to their overview and others to the sign-in page.
pub(super) async fn front(visitor: Result<Visitor>) -> Response {
    match visitor {
        Ok(_) => go("/overview"),
        Err(_) => go("/login"),
    }
}

pub(super) async fn show_sign_in(
    State(app): State<App>,
    visitor: Result<Visitor>,
    guest: Guest,
    Query(to): Query<Next>,
) -> Response {
    match visitor {
        Ok(visitor) if visitor.fresh(&app).is_ok() => go(own_path(&to.next)),
        visitor => {
            let known = visitor.as_ref().ok().map(|visitor| visitor.principal());
            let email = Field::of(known.map_or("", |user| &user.user_email));
            let asks_code = known.is_some_and(|user| user.user_second_factors > 0);
            let frame = sign_in_frame(&guest, &visitor);
            page(&SignIn { asks_code, ..sign_in_page(&app, frame, email, to.next) })
        }
    }
}

/// Returns the frame for who is not signed in, or is and proves again who they are: their form needs
/// the token of their session.
pub(super) fn sign_in_frame(guest: &Guest, visitor: &Result<Visitor>) -> Frame {
    let title = guest.words.t("Sign in");
    match visitor {
        Ok(visitor) => visitor.frame(title, Section::Elsewhere),
        Err(_) => guest.frame(title),
    }
}

pub(super) fn sign_in_page(app: &App, frame: Frame, email: Field, next: String) -> SignIn {
    SignIn {
        frame,
        email,
        next,
        can_sign_up: app.config.auth.allow_sign_up,
        can_scan_for_free: app.config.scan.allow_free_scans,
        wait: None,
        asks_code: false,
        takes_passkeys: ops::passkeys::are_possible(app),
        passkey_problem: None,
    }
}

/// Signs in. The answer leads to a page that looks whether the browser kept the cookie.
pub(super) async fn sign_in(
    State(app): State<App>,
    visitor: Result<Visitor>,
    guest: Guest,
    parts: Parts,
    GuestForm(sent): GuestForm<Credentials>,
) -> Result<Response> {
    if guest.keeping == Keeping::Impossible {
        return Ok(page(&no_cookies(&guest)));
    }
    let (words, had_code) = (guest.words, sent.code.is_some());
    let Credentials { next, email, password, code } = sent;
    let sent = accounts::Credentials { email, password, code: code.map(Code::typed) };
    let signing_in = match doors::enter(&app, &parts, Door::SignIn) {
        Ok(()) => {
            let (origin, visit) = (Origin::of(&app, &parts), Visit::of(&parts));
            accounts::sign_in(&app, &sent, origin, &visit).await
        }
        Err(error) => Err(error),
    };
    let (problem, asks_code, wait) = match signing_in {
        Ok((_, signed)) => return Ok(enter(&guest, &signed, &next)),
        Err(Error::MfaRequired) => {
            (words.t("Enter the password once more, and the code beside it."), true, None)
        }
        // The password was right, as above.
        Err(Error::LateCode) => (
            words.t("This code was shown some minutes ago. Check the clock of the device with your authenticator, or type the code faster."),
            true,
            None,
        ),
        // Whether the account has a second factor shows in neither answer.
        Err(Error::Unauthorized { .. }) if had_code => {
            (words.t("This address, password and code do not go together."), true, None)
        }
        Err(Error::Unauthorized { .. }) => {
            (words.t("This address and password do not go together."), false, None)
        }
        Err(Error::RateLimited { retry_after, .. }) => {
            (words.t("Too many attempts. Nothing was tried now."), had_code, Some(retry_after))
        }
        Err(error) => return Err(error),
    };
    let email = Field { value: sent.email, problem: Some(problem.to_owned()) };
    let frame = sign_in_frame(&guest, &visitor);
    let shown = SignIn { asks_code, wait, ..sign_in_page(&app, frame, email, next) };
    Ok(match wait {
        Some(seconds) => limited(&shown, seconds),
        None => refused(&shown),
    })
}

pub(super) fn enter(guest: &Guest, signed: &Signed, next: &str) -> Response {
    let path = format!("/login/check?{}", query(&[("next", own_path(next))]));
    with_cookie(go(&path), guest.keeping.set(&signed.token))
}

/// Goes on if the cookie came back, and says what happened if it did not.
pub(super) async fn check_cookie(
    visitor: Result<Visitor>,
    guest: Guest,
    Query(to): Query<Next>,
) -> Response {
    match visitor {
        Ok(_) => go(own_path(&to.next)),
        Err(_) => page(&no_cookies(&guest)),
    }
}

pub(super) fn no_cookies(guest: &Guest) -> Message {
    let words = guest.words;
    let frame = guest.frame(words.t("Your browser cannot keep you signed in"));
    let why = words.t("The session cookie is only sent over encrypted connections, and this page came over plain http.");
    let mut shown = Message::of(frame, why);
    shown.paragraphs.push(words
        .t("Two ways out: serve ComplianceLayer over https (set server.public_url), or, on a network you trust, set server.insecure_cookies = true.")
        .to_owned());
    shown.links = vec![(words.t("Sign in").to_owned(), "/login".to_owned())];
    shown
}

/// Ends the session and forgets the cookie.
pub(super) async fn sign_out(
    State(app): State<App>,
    visitor: Visitor,
    Form(to): Form<Next>,
) -> Result<Response> {
    app.store.end_session(visitor.account(), &visitor.session_id, &visitor.act(&app)).await?;
    let next = if to.next.is_empty() { "/login" } else { own_path(&to.next) };
    Ok(with_cookie(go(next), visitor.keeping().clear()))
}

pub(super) async fn show_sign_up(State(app): State<App>, guest: Guest) -> Result<Response> {
    if !app.config.auth.allow_sign_up {
        return Err(Error::SignUpClosed);
    }
    Ok(page(&sign_up_page(&app, &guest).await?))
}

async fn sign_up_page(app: &App, guest: &Guest) -> Result<SignUp> {
    let words = guest.words;
    let plan = app.store.find_plan(&app.config.plans.default).await?;
    let plan = plan.map(|plan| {
        words.t2("Plan “{}”: {} scans a month.", &plan.id, words.number(plan.scans_per_month))
    });
    let after = match app.config.auth.require_email_verification {
        true => words.t("We send you a letter. Scans and keys wait until you open its link."),
        false => words.t("The account works at once."),
    };
    Ok(SignUp {
        frame: guest.frame(words.t("Create account")),
        name: Field::default(),
        email: Field::default(),
        password: Field::default(),
        agrees: false,
        agrees_problem: None,
        min_characters: MIN_CHARACTERS,
        about: plan.into_iter().chain([after.to_owned()]).collect(),
        wait: None,
    })
}

pub(super) async fn sign_up(
    State(app): State<App>,
    guest: Guest,
    parts: Parts,
    GuestForm(sent): GuestForm<Registration>,
) -> Result<Response> {
    if guest.keeping == Keeping::Impossible {
        return Ok(page(&no_cookies(&guest)));
    }
    let words = guest.words;
    let Registration { name, email, password, agrees } = sent;
    let agrees = agrees.is_some();
    let applicant = Applicant { email: email.clone(), password, name: Some(name.clone()) };
    let registering = match doors::enter(&app, &parts, Door::SignUp) {
        Ok(()) if agrees => accounts::register(&app, applicant, Origin::of(&app, &parts)).await,
        Ok(()) => Err(Error::Invalid(Vec::new())),
        Err(error) => Err(error),
    };
    let mut wait = None;
    let problems = match registering {
        Ok(Registered::SignedIn(created)) => return Ok(enter(&guest, &created.1, "")),
        Ok(Registered::LetterSent) => return Ok(page(&check_mail(&app, &guest))),
        Err(Error::Invalid(problems)) => problems,
        Err(error @ Error::Conflict(_)) => vec![FieldProblem::new("email", error.to_string())],
        Err(Error::RateLimited { retry_after, .. }) => {
            wait = Some(retry_after);
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    let of = |field: &str| problem_of(words, &problems, field);
    let missing = words.t("Without this nobody gets an account here.");
    let shown = SignUp {
        name: Field { value: name, problem: of("name") },
        email: Field { value: email, problem: of("email") },
        password: Field { value: String::new(), problem: of("password") },
        agrees,
        agrees_problem: (!agrees).then(|| missing.to_owned()),
        wait,
        ..sign_up_page(&app, &guest).await?
    };
    Ok(match wait {
        Some(seconds) => limited(&shown, seconds),
        None => refused(&shown),
    })
}

/// Returns what is wrong with a field.
pub(super) fn problem_of(words: Words, problems: &[FieldProblem], field: &str) -> Option<String> {
    let named = problems.iter().filter(|problem| {
        problem.field == field || problem.field.starts_with(&format!("{field}["))
    });
    let texts: Vec<String> = named.map(|problem| words.problem(&problem.message)).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// Remembers a language and goes back.
pub(super) async fn choose_language(
    parts: Parts,
    GuestForm(sent): GuestForm<Language>,
) -> Result<Response> {
    let lang = ui::Lang::parse(&sent.language)
        .ok_or_else(|| Error::invalid("language", "is none that is spoken here"))?;
    let back = page_before(&parts.headers);
    let mut response = go(own_path(back.as_deref().unwrap_or("/login")));
    if let Some(cookie) = cookies::remember(cookies::LANGUAGE, lang.tag()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
