//! Errors as pages: what happened, in words, and a next step.
//!
//! [`layer`] turns what a handler refused into a page; a sign-in that is missing or not fresh into the
//! way there, with what was typed kept for the way back ([`super::kept`]). [`outermost`] does the same
//! for what goes wrong around handlers. Every error has its words in [`said_of`]: none is shown as the
//! API says it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, REFERER, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use model::TeamRole;
use ui::pages::message::Message;
use ui::pages::team::role_name;
use ui::{Frame, Section, Words};

use super::answer::{go, page, with_cookie};
use super::kept;
use super::visitor::{Guest, Visitor};
use crate::app::App;
use crate::error::{Error, Raised};
use crate::request_id::{self, RequestId};
use crate::visit::Visit;

/// Turns what a handler refused into a page; a sign-in that is missing or not fresh into the way there.
pub(super) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let (request, sent) = match kept::look(Request::from_parts(parts, body)).await {
        Ok(looked) => looked,
        Err(error) => return said(&app, &asked, &error, None).await,
    };
    let mut response = next.run(request).await;
    let error = match response.extensions_mut().remove::<Raised>() {
        Some(Raised(error)) => error,
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            Arc::new(Error::MethodNotAllowed)
        }
        None => return brought_back(&app, &asked, response).await,
    };
    if response.extensions().get::<Plain>().is_some() {
        response.extensions_mut().insert(Raised(error));
        return response;
    }
    // A form is sent from a page, and that is where one goes back to.
    let action = asked.uri.path();
    let from = match asked.method {
        Method::GET => asked.uri.path_and_query().map(|path| path.as_str().to_owned()),
        _ => kept::page_of(action, &asked.headers),
    };
    let field = match (&sent, &from, &*error) {
        (
            Some(sent),
            Some(page),
            Error::Unauthorized { .. }
            | Error::StepUpRequired
            | Error::ForeignForm
            | Error::RateLimited { .. }
            | Error::Unavailable { .. }
            | Error::Internal(_),
        ) => kept::keep(&app, &asked.headers, action, page, sent),
        _ => None,
    };
    let shown = match &*error {
        Error::Unauthorized { .. } | Error::StepUpRequired => {
            let next = from.filter(|path| path != "/overview").unwrap_or_default();
            go(&match next.is_empty() {
                true => "/login".to_owned(),
                false => format!("/login?{}", query(&[("next", &next)])),
            })
        }
        error => {
            let mut shown = said(&app, &asked, error, from).await;
            if let Some(seconds) = response.headers_mut().remove(RETRY_AFTER) {
                shown.headers_mut().insert(RETRY_AFTER, seconds);
            }
            shown
        }
    };
    with_cookie(shown, field)
}

async fn brought_back(app: &App, asked: &Parts, response: Response) -> Response {
    let visit = Visit::of(asked);
    match visit.identity().filter(|_| asked.method == Method::GET) {
        Some(identity) => {
            let user = identity.principal().user_id;
            kept::bring_back(app, &asked.headers, asked.uri.path(), user, response).await
        }
        None => response,
    }
}

/// Turns what goes wrong around a handler into a page, for a browser that asked for one.
pub(crate) async fn outermost(State(app): State<App>, request: Request, next: Next) -> Response {
    if !wants_page(request.headers()) || request.uri().path().starts_with("/v1/") {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let asked = parts.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    match response.extensions_mut().remove::<Raised>() {
        Some(Raised(error)) => said(&app, &asked, &error, None).await,
        None => response,
    }
}

/// Returns the path of the page that a browser comes from.
pub(super) fn page_before(headers: &HeaderMap) -> Option<String> {
    let page = headers.get(REFERER)?.to_str().ok()?.parse::<Uri>().ok()?;
    page.path_and_query().map(|path| path.as_str().to_owned())
}

/// Returns a query of names and values.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// An error that stays what it is for the API.
#[derive(Clone)]
struct Plain;

/// Answers for a path that leads nowhere: a page for browsers, our error for everybody else.
pub(super) async fn absent(request: Request) -> Response {
    let mut response = Error::NotFound.into_response();
    if !wants_page(request.headers()) {
        response.extensions_mut().insert(Plain);
    }
    response
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Returns the page of an error, with the navigation for whoever is signed in. `from` is the page that
/// was asked for, or that a form was sent from.
async fn said(app: &App, asked: &Parts, error: &Error, from: Option<String>) -> Response {
    let id = asked.extensions.get::<RequestId>().map_or("-", |id| &*id.0);
    request_id::log_internal(error, id);
    let guest = match Guest::of(app, &asked.headers) {
        Ok(guest) => guest,
        Err(error) => return error.into_response(),
    };
    let visitor = Visitor::known(app, asked).await.ok();
    let role = visitor.as_ref().map(|visitor| visitor.role());
    let Said { title, text, mut links } = said_of(error, guest.words, role);
    let frame = match &visitor {
        Some(visitor) => visitor.frame(title, Section::Elsewhere),
        None => guest.frame(title),
    };
    let wait = match error {
        Error::RateLimited { retry_after, .. } | Error::Unavailable { retry_after } => {
            Some((*retry_after).max(1))
        }
        _ => None,
    };
    if wait.is_some() || matches!(error, Error::Internal(_) | Error::ForeignForm | Error::Timeout) {
        let back = from.unwrap_or_default();
        let back = super::answer::own_path(&back).to_owned();
        links.insert(0, (guest.words.t("Try again").to_owned(), back));
    }
    // What was only asked for may be asked for again by itself.
    let refresh = wait.filter(|_| asked.method == Method::GET);
    let message = Message {
        frame: Frame { refresh, ..frame },
        paragraphs: vec![text],
        request_id: matches!(error, Error::Internal(_)).then(|| id.to_owned()),
        links,
        wait,
        offers_letter: visitor.is_some() && matches!(error, Error::EmailNotVerified),
    };
    let status = StatusCode::from_u16(error.code().status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, page(&message)).into_response();
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What a page says of an error.
struct Said {
    title: &'static str,
    text: String,
    links: Vec<(String, String)>,
}

fn said_of(error: &Error, words: Words, role: Option<TeamRole>) -> Said {
    let said = |title: &'static str, text: String, links: &[&(String, String)]| Said {
        title,
        text,
        links: links.iter().map(|link| (*link).clone()).collect(),
    };
    let link = |label: &str, path: &str| (label.to_owned(), path.to_owned());
    let overview = &link(words.t("To the overview"), "/overview");
    let sign_in = &link(words.t("Sign in"), "/login");
    let usage = &link(words.t("Usage & Plan"), "/settings/usage");
    let keys = &link(words.t("API Keys"), "/settings/api-keys");
    let team = &link(words.t("Team"), "/settings/team");
    let other_account = &link(words.t("Sign in with another account"), "/login");
    // Whoever is not signed in has no overview to go to.
    let home = if role.is_some() { overview } else { sign_in };
    match error {
        Error::NotFound => said(words.t("Nothing here"), words.t("There is no such page, or you may not see it.").to_owned(), &[home]),
        Error::MethodNotAllowed => {
            said(words.t("Nothing here"), words.t("This address only takes a form, and its page is another one.").to_owned(), &[home])
        }
        Error::AccountSuspended => said(
            words.t("Account suspended"),
            words.t("Nobody can work with this account now; its keys are refused, and nothing is lost. Ask the operator of this service.").to_owned(),
            &[other_account],
        ),
        Error::AccountDisabled => said(
            words.t("Account switched off"),
            words.t("The operator of this service has switched this account off. Ask them if you think that is a mistake.").to_owned(),
            &[other_account],
        ),
        Error::QuotaExceeded { limit } => said(
            words.t("Monthly scans used up"),
            words.t1("All {} scans of this month are used. The next month brings new ones; a larger plan has more.", words.number(*limit)),
            &[usage, overview],
        ),
        Error::PlanUpgradeRequired { plan } => said(
            words.t("Not in your plan"),
            words.t1("This needs the plan “{}” or a larger one.", plan),
            &[usage, overview],
        ),
        Error::SeatLimitReached => said(
            words.t("Not in your plan"),
            words.t("Every seat of the team is taken. A larger plan has more; or remove somebody first.").to_owned(),
            &[team, usage],
        ),
        Error::KeyLimitReached => said(
            words.t("Too many API keys"),
            words.t("The account has as many working API keys as it may. Revoke some that nothing needs.").to_owned(),
            &[keys],
        ),
        Error::RateLimited { .. } => {
            said(words.t("One moment"), words.t("That was too much at once. Nothing is lost.").to_owned(), &[])
        }
        Error::Unavailable { .. } => said(
            words.t("One moment"),
            words.t("The service is busy or is starting again. Nothing of yours is lost.").to_owned(),
            &[],
        ),
        Error::Timeout => {
            said(words.t("One moment"), words.t("The answer took too long. It may have been done all the same: look first.").to_owned(), &[home])
        }
        Error::IdempotencyKeyReused => {
            said(words.t("Already done"), words.t("This form was sent before and took effect once.").to_owned(), &[home])
        }
        Error::ForeignForm => said(
            words.t("Open the page again"),
            words.t("This form does not come from our page, or the page is too old. Nothing was changed.").to_owned(),
            &[home],
        ),
        Error::Internal(_) => said(
            words.t("Something broke on our side"),
            words.t("Nothing of yours is lost. If it happens again, tell the operator the id below.").to_owned(),
            &[home],
        ),
        Error::EmailNotVerified => said(
            words.t("Confirm your e-mail address first"),
            words.t("Scans and keys wait until you open the link in the letter we sent you. The other pages work.").to_owned(),
            &[overview],
        ),
        Error::InsufficientScope(_) => said(
            words.t("Not for your role"),
            match role {
                Some(role) => words.t1("Your role in the team is “{}”, and this takes another one. Ask an owner or an admin of the team.", role_name(words, role)),
                None => words.t("The role does not allow this.").to_owned(),
            },
            &[team, overview],
        ),
        Error::InsufficientRole(least) => said(
            words.t("Not for your role"),
            words.t1("This takes the role “{}” in the team. Ask an owner of the team.", role_name(words, *least)),
            &[team, overview],
        ),
        Error::SignUpClosed => said(
            words.t("Sign-up is closed"),
            words.t("Nobody makes an account by themselves here. Ask the operator of this service, or somebody whose team you are to join.").to_owned(),
            &[sign_in],
        ),
        Error::PasskeysUnavailable => said(
            words.t("That did not work"),
            words.t("Passkeys need https and a host name. The operator of this service can set that up.").to_owned(),
            &[home],
        ),
        Error::OwnershipNotProven { domain, .. } => Said {
            links: vec![link(words.t("Show how to prove it"), &format!("/domains/{}#ownership", domain.as_str()))],
            ..said(
                words.t("That did not work"),
                words.t1("Nothing shows yet that {} is yours. Publish the record or the file, then ask again.", domain.as_str()),
                &[],
            )
        },
        Error::DomainNotAllowed(_) | Error::IpNotAllowed | Error::MfaRequired => {
            said(words.t("That did not work"), words.t("You may not do this from here.").to_owned(), &[home])
        }
        Error::SignInRequired
        | Error::Unauthorized { .. }
        | Error::LateCode
        | Error::StepUpRequired => {
            said(words.t("Sign in"), words.t("Sign in to go on.").to_owned(), &[sign_in])
        }
        Error::TooLarge => {
            said(words.t("That did not work"), words.t("That is more than fits into one form. Send less.").to_owned(), &[home])
        }
        Error::InvalidRequest(_) | Error::NotAcceptable | Error::UnsupportedMediaType => said(
            words.t("That did not work"),
            words.t("What the browser sent cannot be read. Open the page again and try once more.").to_owned(),
            &[home],
        ),
        Error::KeyChoiceRequired { .. } => said(
            words.t("That did not work"),
            words.t("They have made keys that work. Say what happens to those.").to_owned(),
            &[team],
        ),
        Error::InvalidDomain(problem) => {
            said(words.t("That did not work"), words.t1("The domain {}", words.problem(problem)), &[home])
        }
        Error::Conflict(text) | Error::ScanNotComplete(text) => {
            said(words.t("That did not work"), words.problem(text), &[home])
        }
        Error::Invalid(problems) => {
            let texts = problems.iter().map(|problem| words.problem(&problem.message));
            let text = words.t1("What was sent {}", texts.collect::<Vec<_>>().join("; "));
            said(words.t("That did not work"), text, &[home])
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Said by the API alone: pages neither send nor ask for that.
    const FOR_PROGRAMS: [&str; 3] = [
        "No authenticator waits for its first code. Begin with `POST /v1/auth/mfa/totp/enroll`; an \
         enrolment waits for 15 minutes.",
        "cannot be sent together with `totp`",
        "must be later than `from`",
    ];
    const CALLS: [&str; 4] =
        ["Error::Conflict(", "Error::ScanNotComplete(", "Error::invalid(", "FieldProblem::new("];

    /// Returns the literals of a call, with a number in place of each value.
    fn literals(source: &str) -> Vec<String> {
        let (mut depth, mut text, mut texts) = (0, None::<String>, Vec::new());
        let mut letters = source.chars();
        while let Some(letter) = letters.next() {
            match (&mut text, letter) {
                (Some(_), '"') => texts.extend(text.take()),
                (Some(text), '\\') => match letters.next() {
                    Some('\n') => {
                        let rest = letters.as_str().trim_start();
                        letters = rest.chars();
                    }
                    other => text.extend(other),
                },
                (Some(text), '{') => {
                    text.push('7');
                    letters.by_ref().take_while(|letter| *letter != '}').for_each(drop);
                }
                (Some(text), other) => text.push(other),
                (None, '"') => text = Some(String::new()),
                (None, '(') => depth += 1,
                (None, ')') if depth == 0 => break,
                (None, ')') => depth -= 1,
                (None, _) => {}
            }
        }
        texts
    }

    #[test]
    fn what_is_said_about_a_field_has_words_in_every_language() {
        let (mut folders, mut known, mut unknown) = (vec!["ops", "auth"], 0, Vec::new());
        while let Some(folder) = folders.pop() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
            for file in std::fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                let Ok(source) = std::fs::read_to_string(&path) else { continue };
                let source = source.split("#[cfg(test)]").next().unwrap();
                for call in CALLS {
                    for (at, _) in source.match_indices(call) {
                        let texts = literals(&source[at + call.len()..]);
                        // The first names the field.
                        let names = usize::from(call.contains("invalid") || call.contains("new"));
                        match texts.get(names..).and_then(|texts| texts.last()) {
                            Some(text) if ui::is_said(text) => known += 1,
                            Some(text) if !FOR_PROGRAMS.contains(&&**text) => {
                                unknown.push(text.clone());
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
        assert!(known > 20, "only {known} texts were found");
        assert!(unknown.is_empty(), "`ui::problems` does not list {unknown:#?}");
    }

    #[test]
    fn every_error_is_said_in_words_and_leads_somewhere() {
        let text = || "`domain` is odd".to_owned();
        let all = [
            Error::InvalidRequest(text()),
            Error::InvalidDomain(text()),
            Error::AccountDisabled,
            Error::AccountSuspended,
            Error::QuotaExceeded { limit: 10 },
            Error::PlanUpgradeRequired { plan: "starter".to_owned() },
            Error::KeyLimitReached,
            Error::SeatLimitReached,
            Error::InsufficientScope(model::Scope::ScansWrite),
            Error::InsufficientRole(TeamRole::Owner),
            Error::SignInRequired,
            Error::MfaRequired,
            Error::SignUpClosed,
            Error::ForeignForm,
            Error::EmailNotVerified,
            Error::NotFound,
            Error::MethodNotAllowed,
            Error::Timeout,
            Error::PasskeysUnavailable,
            Error::TooLarge,
            Error::IdempotencyKeyReused,
            Error::Unavailable { retry_after: 5 },
            Error::Internal(anyhow::anyhow!("hunter2")),
        ];
        for lang in ui::Lang::ALL {
            for error in &all {
                let said = said_of(error, Words::from(*lang), Some(TeamRole::Viewer));
                assert!(!said.title.is_empty() && !said.text.contains(['`', '{']), "{}", said.text);
                assert!(!said.text.contains("hunter2"));
                // These can be tried again, which [`super::said`] offers.
                let again = matches!(error, Error::Unavailable { .. });
                assert!(again || !said.links.is_empty(), "{error:?}");
            }
        }
    }
}
