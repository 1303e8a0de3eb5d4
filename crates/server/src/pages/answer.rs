use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER, SET_COOKIE,
};
use http::{HeaderName, HeaderValue, StatusCode};

/// No inline style, no inline script, nothing from elsewhere, and no way to write HTML from script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), \
                           gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
                           usb=(), clipboard-write=(self)";

/// Returns a page with its headers. The referrer stays on this site: without it a browser sends
/// `Origin: null` with our own forms.
pub(super) fn page(page: &impl Template) -> Response {
    html(ui::render(page))
}

fn html(text: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "same-origin"),
        (PERMISSIONS_POLICY, PERMISSIONS),
    ];
    (headers, text).into_response()
}

/// Returns a page that says what is wrong with what was sent, on top and beside each field.
pub(super) fn refused(template: &impl Template) -> Response {
    let page = html(ui::with_summary(&ui::render(template)));
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// Returns a page for whoever tried too often: what was typed stays, and it says how long to wait.
pub(super) fn limited(template: &impl Template, seconds: u32) -> Response {
    let mut response = refused(template);
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

/// Leads the browser on to a path of ours after a form.
pub(super) fn go(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    response
}

/// Adds a cookie to an answer.
pub(super) fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Returns a path to lead to if it is one of ours, else the overview: a link must not turn a
/// sign-in into a way off this site.
pub(super) fn own_path(path: &str) -> &str {
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() < 2_000
        && path.bytes().all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'\\');
    if is_own { path } else { "/overview" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_off_the_site() {
        assert_eq!(own_path("/scans?x=1"), "/scans?x=1");
        for odd in ["", "//evil", "https://evil", "/\\evil", "scans", "/a b", "/a\nb", "/\t/evil"] {
            assert_eq!(own_path(odd), "/overview", "{odd}");
        }
    }
}
