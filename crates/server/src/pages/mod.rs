//! Pages for people: the front page and the set-up of the first administrator.
//!
//! Plain HTML with one style sheet and no script, so the content policy can refuse everything
//! else. Text goes into a page through [`html::escape`] alone.

mod html;
mod setup;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::app::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(front))
        .route("/setup", get(setup::show).post(setup::submit))
        .route("/assets/style.css", get(style))
}

async fn style() -> Response {
    let headers =
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=3600")];
    (headers, include_str!("style.css")).into_response()
}

async fn front(State(app): State<App>) -> Response {
    let base = html::escape(&app.base_url);
    html::page(
        "ComplianceLayer",
        &format!(
            "<h1>ComplianceLayer</h1>\
             <p>Scans domains for what auditors ask about (e-mail authentication, TLS, HTTP headers, \
             cookies) and maps what it finds to compliance frameworks. This is the address of its \
             API.</p>\
             <h2>Use it</h2>\
             <p>Send an API key with each request:</p>\
             <pre><code>curl {base}/v1/auth/me \\\n  -H \"Authorization: Bearer cl_YOUR_API_KEY\"</code></pre>\
             <ul>\
             <li><a href=\"/openapi.json\">Description of the API</a> (OpenAPI 3.1)</li>\
             <li><a href=\"/healthz\">Health</a> and <a href=\"/readyz\">readiness</a></li>\
             </ul>"
        ),
    )
}
