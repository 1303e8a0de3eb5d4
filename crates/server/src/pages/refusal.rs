//! Errors as pages.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, REFERER, RETRY_AFTER};
use http::{HeaderMap, Method, StatusCode, Uri};
use ui::Frame;
use ui::pages::message::Message;

use super::answer::{go, page};
use super::visitor::Guest;
use crate::app::App;
use crate::error::{Error, Raised};
use crate::request_id::{self, RequestId};

/// Turns what a handler refused into a page; a sign-in that is missing or not fresh
/// into the way there.
pub(super) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    // A form is sent from a page, and what was typed is lost: the page is where one goes back to.
    let method = request.method().clone();
    let path = match method {
        Method::GET => request.uri().path_and_query().map(|path| path.as_str().to_owned()),
        _ => page_before(&headers),
    };
    let id = request.extensions().get::<RequestId>().cloned();
    let mut response = next.run(request).await;
    let Some(Raised(error)) = response.extensions_mut().remove::<Raised>() else {
        return response;
    };
    if let Error::Unauthorized { .. } | Error::StepUpRequired = &*error {
        let next = path.filter(|path| path != "/overview").unwrap_or_default();
        return go(&match next.is_empty() {
            true => "/login".to_owned(),
            false => format!("/login?{}", query(&[("next", &next)])),
        });
    }
    let id = id.as_ref().map_or("-", |id| &*id.0);
    request_id::log_internal(&error, id);
    let retry_after = response.headers_mut().remove(RETRY_AFTER);
    // What was refused of a form is asked again from the page that it stands on.
    let again = if method == Method::GET { None } else { path };
    let mut shown = said(&app, &method, &headers, &error, id, again);
    if let Some(seconds) = retry_after {
        shown.headers_mut().insert(RETRY_AFTER, seconds);
    }
    shown
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

/// Answers for a path that leads nowhere: a page for browsers, our error for everybody else.
pub(crate) async fn absent(State(app): State<App>, request: Request) -> Response {
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    match accept {
        Some(accept) if accept.contains("text/html") => {
            said(&app, request.method(), request.headers(), &Error::NotFound, "-", None)
        }
        _ => Error::NotFound.into_response(),
    }
}

fn said(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    error: &Error,
    id: &str,
    again: Option<String>,
) -> Response {
    let guest = match Guest::of(app, headers) {
        Ok(guest) => guest,
        Err(error) => return error.into_response(),
    };
    let words = guest.words;
    let overview = (words.t("To the overview").to_owned(), "/overview".to_owned());
    let keys = (words.t("API Keys").to_owned(), "/settings/api-keys".to_owned());
    let again = (words.t("Try again").to_owned(), again.unwrap_or_default());
    let (title, text, links) = match error {
        Error::NotFound => (
            words.t("Nothing here"),
            words.t("There is no such page, or you may not see it.").to_owned(),
            vec![overview],
        ),
        Error::AccountSuspended | Error::AccountDisabled => (
            words.t("Account suspended"),
            words.t("Nobody can work with this account now. Ask the operator of this service.").to_owned(),
            Vec::new(),
        ),
        Error::QuotaExceeded { limit } => (
            words.t("Monthly scans used up"),
            words.t1("All {} scans of this month are used. The next month brings new ones; a larger plan has more.", limit),
            vec![overview, (words.t("Usage & Plan").to_owned(), "/settings/usage".to_owned())],
        ),
        Error::PlanUpgradeRequired { plan } => (
            words.t("Not in your plan"),
            words.t1("This needs the plan “{}” or a larger one.", plan),
            vec![(words.t("Usage & Plan").to_owned(), "/settings/usage".to_owned())],
        ),
        Error::RateLimited { retry_after, .. } | Error::Unavailable { retry_after } => (
            words.t("One moment"),
            words.t1("Too much at once. Try again in {} seconds.", retry_after),
            vec![again, keys],
        ),
        Error::IdempotencyKeyReused => (
            words.t("Already done"),
            words.t("This form was sent before and took effect once.").to_owned(),
            vec![keys],
        ),
        Error::ForeignForm => (
            words.t("Open the page again"),
            words.t("This form does not come from our page, or the page is too old. Nothing was changed.").to_owned(),
            vec![overview],
        ),
        Error::Internal(_) => (
            words.t("Something broke on our side"),
            words.t("Nothing of yours is lost. If it happens again, tell the operator the id below.").to_owned(),
            vec![overview],
        ),
        other => (words.t("That did not work"), other.to_string(), vec![overview]),
    };
    let status = StatusCode::from_u16(error.code().status).unwrap_or(StatusCode::BAD_REQUEST);
    let request_id = matches!(error, Error::Internal(_)).then(|| id.to_owned());
    // What was only asked for may be asked for again.
    let refresh = match error {
        Error::RateLimited { retry_after, .. } | Error::Unavailable { retry_after }
            if method == Method::GET =>
        {
            Some((*retry_after).max(1))
        }
        _ => None,
    };
    let frame = Frame { refresh, ..guest.frame(title) };
    let message = Message { frame, paragraphs: vec![text], request_id, links };
    (status, page(&message)).into_response()
}
