//! Pages for people. Each file has the handlers of one noun and fills the pages of `ui`.
//!
//! [`visitor`] says who looks, [`form`] tells our forms from those of others, [`answer`] puts the
//! headers on, [`refusal`] turns an [`crate::error::Error`] into a page or sends the visitor to
//! sign in. Pages call the same `ops` and `store` as the API; what a page can do, the API can too.
//!
//! To add a page: its struct and template in `ui`, a handler in the file of its noun, a line here,
//! a test in `tests/it/pages.rs`.

mod accepted_risks;
mod admin;
mod alert_settings;
mod alerts;
mod answer;
mod api_key;
mod api_keys;
mod audit_log;
mod authenticator;
mod comparison;
mod compliance;
mod cookies;
mod diff;
mod docs;
mod docs_samples;
mod domains;
mod done;
mod entry;
mod evidence;
mod form;
mod free_scan;
mod join;
mod kept;
mod key_list;
mod key_policy;
mod links;
mod live;
mod new_scan;
mod overview;
mod paging;
mod passkeys;
mod password;
mod plans;
mod profile;
mod refusal;
mod scans;
mod security;
mod setup;
mod shares;
mod sorting;
mod team;
mod titles;
mod upload;
mod usage;
mod verification;
mod visitor;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::app::App;
use crate::error::{Error, Result};

pub(crate) use refusal::outermost;

pub(crate) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/", get(entry::front))
        .route("/setup", get(setup::show).post(setup::submit))
        .route("/login", get(entry::show_sign_in).post(entry::sign_in))
        .route("/login/passkey", post(passkeys::sign_in))
        .route("/login/check", get(entry::check_cookie))
        .route("/logout", post(entry::sign_out))
        .route("/register", get(entry::show_sign_up).post(entry::sign_up))
        .route("/free-scan", get(free_scan::show).post(free_scan::scan))
        .route("/language", post(entry::choose_language))
        .route("/password/forgot", get(links::show_forgotten).post(links::forget))
        .route("/password/reset", get(links::show_reset).post(links::reset))
        .route("/email/verify", get(links::show_verification).post(links::verify))
        .route("/team/join", get(join::show).post(join::join))
        .route("/docs", get(docs::show))
        .route("/overview", get(overview::show))
        .route("/domains", get(domains::list))
        .route("/domains.csv", get(domains::table))
        .route("/domains/{domain}", get(domains::show))
        .route("/domains/{domain}/accepted-risks/{risk}/end", post(accepted_risks::end_on_domain))
        .route("/domains/{domain}/badge", post(domains::switch_badge))
        .route("/domains/{domain}/ownership", post(domains::check_ownership))
        .route("/compare", get(comparison::show))
        .route("/compare.csv", get(comparison::table))
        .route("/compliance", get(compliance::show))
        .route("/compliance.csv", get(compliance::table))
        .route("/alerts", get(alerts::list))
        .route("/alerts.csv", get(alerts::table))
        .route("/alerts/read", post(alerts::read_many))
        .route("/alerts/read-all", post(alerts::read_all))
        .route("/alerts/{id}/read", post(alerts::read))
        .route("/scans", get(scans::list).post(new_scan::start))
        .route("/scans.csv", get(scans::table))
        .route("/scans/new", get(new_scan::show_form))
        .route("/scans/{id}", get(scans::show))
        .route("/scans/{id}/events", get(live::events))
        .route("/scans/{id}/cancel", post(live::cancel))
        .route("/scans/{id}/report", get(scans::download))
        .route("/scans/{id}/diff", get(diff::show))
        .route("/scans/{id}/evidence", get(evidence::show))
        .route("/scans/{id}/findings/{check}/accept", post(accepted_risks::accept))
        .route("/scans/{id}/accepted-risks/{risk}/end", post(accepted_risks::end_on_report))
        .route("/scans/{id}/share", get(shares::list).post(shares::create))
        .route("/scans/{id}/share/{share}/end", post(shares::end))
        .route("/r/{token}", get(shares::open).post(shares::unlock))
        .route(
            "/verify",
            get(verification::show)
                .post(verification::check)
                .layer(DefaultBodyLimit::max(verification::MAX_BODY_BYTES)),
        )
        .route("/admin", get(admin::show))
        .route("/admin/users", get(admin::users))
        .route("/admin/users/{id}", get(admin::user).post(admin::change))
        .route("/admin/plans", get(plans::list).post(plans::put))
        .route("/admin/plans/{id}", get(plans::show))
        .route("/admin/plans/{id}/delete", post(plans::delete))
        .route("/settings/api-keys", get(key_list::list).post(api_keys::create))
        .route("/settings/api-keys.csv", get(key_list::table))
        .route("/settings/api-keys/new", get(api_keys::show_form))
        .route("/settings/api-keys/policy", get(key_policy::show).post(key_policy::save))
        .route("/settings/api-keys/{id}", get(api_key::show).post(api_key::rename))
        .route("/settings/api-keys/{id}/addresses", post(api_key::restrict))
        .route("/settings/api-keys/{id}/requests", get(api_key::requests))
        .route("/settings/api-keys/{id}/switch", post(api_key::switch))
        .route("/settings/api-keys/{id}/usage.csv", get(api_key::table))
        .route(
            "/settings/api-keys/{id}/revoke",
            get(api_keys::ask_to_revoke).post(api_keys::revoke),
        )
        .route(
            "/settings/api-keys/{id}/rotate",
            get(api_keys::ask_to_rotate).post(api_keys::rotate),
        )
        .route("/settings/security", get(security::show))
        .route("/settings/security/passkeys", post(passkeys::add))
        .route("/settings/security/passkeys/new", get(passkeys::show_form))
        .route("/settings/security/passkeys/{id}/remove", post(passkeys::remove))
        .route("/settings/security/sessions", post(security::end_others))
        .route("/settings/security/sessions/{id}", post(security::end))
        .route("/settings/security/password", get(password::show_form).post(password::change))
        .route(
            "/settings/security/authenticator/new",
            get(authenticator::show_form).post(authenticator::confirm),
        )
        .route(
            "/settings/security/authenticator/remove",
            get(authenticator::ask_to_remove).post(authenticator::remove),
        )
        .route(
            "/settings/security/recovery-codes",
            get(authenticator::ask_to_renew).post(authenticator::renew),
        )
        .route("/settings/profile", get(profile::show).post(profile::rename))
        .route("/settings/profile/email", post(profile::change_email))
        .route("/settings/profile/letter", post(profile::send_letter))
        .route("/settings/profile/appearance", post(profile::choose_appearance))
        .route("/settings/profile/export", post(profile::export))
        .route("/settings/profile/delete", get(profile::ask_to_delete).post(profile::delete))
        .route("/settings/alerts", get(alert_settings::show).post(alert_settings::save))
        .route("/settings/alerts/test", post(alert_settings::send_test))
        .route("/settings/team", get(team::show))
        .route("/settings/team/invite", get(team::show_invite).post(team::invite))
        .route("/settings/team/invitations/{id}/resend", post(team::resend))
        .route("/settings/team/invitations/{id}/withdraw", post(team::withdraw))
        .route("/settings/team/members/{id}", get(team::show_member).post(team::change_role))
        .route("/settings/team/members/{id}/remove", get(team::ask_to_remove).post(team::remove))
        .route("/settings/usage", get(usage::show))
        .route("/settings/usage.csv", get(usage::table))
        .route("/settings/audit-log", get(audit_log::list))
        .route("/settings/audit-log/export", get(audit_log::export))
        .route("/settings/audit-log/verify", post(audit_log::verify))
        .fallback(refusal::absent)
        .layer(from_fn_with_state(app.clone(), refusal::layer))
        .layer(from_fn_with_state(app.clone(), form::presession))
        .route("/assets/{name}", get(asset))
        .route("/docs/api-keys.md", get(key_guide))
}

/// A file that pages load. Its name holds its checksum, so it never changes.
async fn asset(Path(name): Path<String>) -> Result<Response> {
    let path = format!("/assets/{name}");
    let asset = ui::assets::all().iter().find(|asset| asset.path == path).ok_or(Error::NotFound)?;
    let headers =
        [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.text).into_response())
}

/// The page that answers to a replaced key point to.
async fn key_guide() -> Response {
    let text = include_str!("../../../../docs/api-keys.md");
    ([(CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response()
}
