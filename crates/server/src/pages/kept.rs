//! Forms that were sent when their sender had to sign in again: a session had ended, or its proof was no
//! longer fresh.
//!
//! What was typed waits in a cookie of the browser, sealed and for the same person, for ten minutes.
//! So it needs no row that could be read or that another server would have to know, and goes with the
//! browser. Whose form it was, its token says, though the session is gone. Nothing is sent by itself:
//! the page comes back with the form filled, as after a refusal ([`ui::refill`]).
//!
//! Invariant: what is secret is not kept. [`NEVER`] names those fields; a test reads the templates for
//! passwords and codes that are missing there.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method, StatusCode};
use model::{MINUTE_MS, Timestamp};
use serde::{Deserialize, Serialize};
use ui::Words;

use super::answer::with_cookie;
use super::cookies::{self, Keeping};
use super::form::{FormToken, Token, is_form, read};
use super::refusal::page_before;
use crate::app::App;
use crate::error::{Error, Result};

/// How long a form waits.
const KEPT_MS: i64 = 10 * MINUTE_MS;
/// Browsers keep cookies of 4,096 bytes with their name and attributes.
const LONGEST: usize = 3_900;
/// Our own pages are far smaller.
const LARGEST_PAGE: usize = 8 * 1024 * 1024;

/// Fields that are secret, or good for one page.
const NEVER: [&str; 8] = [
    "form_token",
    "nonce",
    "token",
    "credential",
    "password",
    "current_password",
    "new_password",
    "code",
];

/// Where forms stand that lead to a path which shows something else, or nothing.
const STANDS_ON: [(&str, &str); 6] = [
    ("/scans", "/scans/new"),
    ("/settings/api-keys", "/settings/api-keys/new"),
    ("/settings/profile/email", "/settings/profile"),
    ("/settings/profile/appearance", "/settings/profile"),
    ("/settings/profile/letter", "/settings/profile"),
    ("/settings/profile/export", "/settings/profile"),
];

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// Unix milliseconds.
    at: i64,
    /// The path of the page with the form.
    page: String,
    /// Where the form leads.
    action: String,
    fields: Vec<(String, String)>,
}

/// Returns a request with the form that it brings; nothing for any other request.
pub(super) async fn look(request: Request) -> Result<(Request, Option<Bytes>)> {
    if request.method() != Method::POST || !is_form(request.headers()) {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    let sent = Bytes::from_request(request, &()).await.map_err(|_| Error::TooLarge)?;
    Ok((Request::from_parts(parts, Body::from(sent.clone())), Some(sent)))
}

/// Returns the page that a form was sent from.
pub(super) fn page_of(action: &str, headers: &HeaderMap) -> Option<String> {
    let before = page_before(headers);
    // A form that was refused once is sent from its own path.
    match before.as_deref().and_then(|page| page.split('?').next()) {
        Some(page) if page != action => before,
        _ => {
            let known = STANDS_ON.iter().find(|(leads_to, _)| *leads_to == action);
            known.map(|(_, page)| (*page).to_owned()).or(before)
        }
    }
}

/// Seals a form for who was shown it, and returns the field that makes the browser keep it.
pub(super) fn keep(
    app: &App,
    headers: &HeaderMap,
    action: &str,
    page: &str,
    sent: &[u8],
) -> Option<http::HeaderValue> {
    let token = read::<Token>(sent).ok()?.form_token?;
    let user = FormToken::user(&token, &app.secrets)?;
    let mut fields: Vec<(String, String)> = read(sent).ok()?;
    fields.retain(|(name, _)| !NEVER.contains(&name.as_str()));
    if fields.is_empty() {
        return None;
    }
    let kept = Kept {
        at: app.clock.now().0,
        page: page.split('?').next().unwrap_or(page).to_owned(),
        action: action.to_owned(),
        fields,
    };
    let plain = serde_json::to_vec(&kept).ok()?;
    let sealed = app.secrets.form_seal().seal(&owner(user), &plain).ok()?;
    if sealed.len() > LONGEST {
        tracing::debug!(path = action, "a form is too long to be kept");
        return None;
    }
    Keeping::of(app, headers).keep(&sealed, KEPT_MS / 1_000)
}

/// Returns a page that was asked for with the form that waits for it, once, filled.
pub(super) async fn bring_back(
    app: &App,
    headers: &HeaderMap,
    path: &str,
    user: i64,
    response: Response,
) -> Response {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if response.status() != StatusCode::OK
        || !kind.is_some_and(|kind| kind.starts_with("text/html"))
    {
        return response;
    }
    let sealed = cookies::kept(app, headers);
    let Some(kept) = sealed.and_then(|sealed| open(app, user, &sealed)) else { return response };
    if kept.page != path {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let page = to_bytes(body, LARGEST_PAGE).await.unwrap_or_default();
    let words = Words::from(cookies::language(headers));
    let notice = words
        .t("What you had typed is back in this form, except for passwords. Nothing was sent yet.");
    let filled = std::str::from_utf8(&page)
        .ok()
        .and_then(|page| ui::refill(page, path, &kept.action, &kept.fields, notice));
    let Some(filled) = filled else { return Response::from_parts(parts, Body::from(page)) };
    parts.headers.remove(CONTENT_LENGTH);
    let response = Response::from_parts(parts, Body::from(filled));
    with_cookie(response, Keeping::of(app, headers).keep("", 0))
}

fn open(app: &App, user: i64, sealed: &str) -> Option<Kept> {
    let plain = app.secrets.form_seal().open(&owner(user), sealed).ok()?;
    let kept: Kept = serde_json::from_slice(&plain).ok()?;
    let age = app.clock.now().ms_since(Timestamp(kept.at));
    (0..KEPT_MS).contains(&age).then_some(kept)
}

fn owner(user: i64) -> String {
    format!("form of user:{user}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_pages_ask_for_in_secret_is_never_kept() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/templates");
        let mut secrets = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for input in text.split("<input ").skip(1) {
                let input = input.split('>').next().unwrap();
                if input.contains("type=\"password\"") || input.contains("one-time-code") {
                    let name = input.split(" name=\"").nth(1).unwrap().split('"').next().unwrap();
                    assert!(NEVER.contains(&name), "{name} would be kept");
                    secrets += 1;
                }
            }
        }
        assert!(secrets > 8, "{secrets} fields were found");
    }

    #[test]
    fn the_page_of_a_form_is_where_it_can_be_filled_again() {
        let from =
            |page: &str| HeaderMap::from_iter([(http::header::REFERER, page.parse().unwrap())]);
        let page = |action, page: &str| page_of(action, &from(page));
        assert_eq!(
            page("/settings/api-keys", "http://x/settings/api-keys/new").as_deref(),
            Some("/settings/api-keys/new")
        );
        assert_eq!(
            page("/settings/api-keys", "http://x/settings/api-keys").as_deref(),
            Some("/settings/api-keys/new"),
            "after a refusal"
        );
        assert_eq!(
            page("/admin/users/7", "http://x/admin/users/7").as_deref(),
            Some("/admin/users/7")
        );
        assert_eq!(page_of("/scans", &HeaderMap::new()).as_deref(), Some("/scans/new"));
        assert_eq!(page_of("/x", &HeaderMap::new()), None);
    }
}
