//! The HTTP API. Every route stands on this page; each resource has one file.
//!
//! A handler parses text into model types, calls one function and shapes the answer. Its
//! arguments are its rules: `Caller<P>` is the permission and stands before `Body`, because who
//! you are is asked before what you sent; a handler without one is public.
//!
//! To add a route: a handler with its `#[utoipa::path]` in the file of its noun, one line here, a
//! test in `tests/it/<noun>.rs`, `cargo xtask docs`. `tests/it/routes.rs` finds it by itself.

mod accept;
mod accepted_risks;
mod admin_keys;
mod admin_overview;
mod admin_plans;
mod admin_users;
mod alert_settings;
mod alerts;
mod api_keys;
mod audit_log;
mod badge;
mod batch;
mod catalogue;
mod comparison;
mod conditional;
pub(crate) mod csv;
mod deletion;
mod description;
mod email;
mod export;
mod extract;
mod failed_auth;
mod free_scan;
mod health;
mod key_hygiene;
mod key_lifecycle;
mod key_policy;
mod leaks;
mod me;
mod ownership;
mod passkey_sign_in;
mod passkeys;
mod password;
mod report_pdf;
mod report_schema;
mod request_log;
mod scan_diff;
mod scan_events;
mod scan_report;
mod scans;
mod second_factors;
mod sessions;
mod shares;
mod sign_in;
mod step_up;
mod stream;
mod team;
mod team_invitations;
mod usage;
mod verification;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use audit_log::{AUDIT_EXPORT, whole as audit_file};
pub use catalogue::check_catalogue;
pub(crate) use export::export as export_file;
pub use report_schema::report_schema;
pub(crate) use scan_events::watch as watch_scan;
pub(crate) use scan_report::file as report_file;

use crate::app::App;
use crate::error::ErrorBody;
use crate::{access_log, bounds, headers, metrics, packing, pages, recording, request_id, visit};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "ComplianceLayer",
        description = "Scans domains and maps what it finds to compliance frameworks.",
        license(name = "Apache-2.0 OR MIT")
    ),
    components(schemas(ErrorBody))
)]
struct Document;

/// Every route of the API.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(health::get_health))
        .routes(routes!(health::get_readiness))
        .routes(routes!(sign_in::register))
        .routes(routes!(sign_in::login))
        .routes(routes!(sign_in::logout))
        .routes(routes!(me::get_me, me::update_me, deletion::delete_me))
        .routes(routes!(export::export_account))
        .routes(routes!(password::change_password))
        .routes(routes!(password::forgot_password))
        .routes(routes!(password::reset_password))
        .routes(routes!(email::verify_email))
        .routes(routes!(email::resend_verification))
        .routes(routes!(email::change_email))
        .routes(routes!(sessions::list_sessions, sessions::end_sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(step_up::step_up))
        .routes(routes!(passkeys::start_passkey_registration))
        .routes(routes!(passkeys::finish_passkey_registration))
        .routes(routes!(passkeys::list_passkeys))
        .routes(routes!(passkeys::rename_passkey, passkeys::remove_passkey))
        .routes(routes!(passkey_sign_in::start_passkey_sign_in))
        .routes(routes!(passkey_sign_in::finish_passkey_sign_in))
        .routes(routes!(passkey_sign_in::start_passkey_step_up))
        .routes(routes!(passkey_sign_in::finish_passkey_step_up))
        .routes(routes!(second_factors::list_second_factors))
        .routes(routes!(second_factors::enroll_totp))
        .routes(routes!(second_factors::confirm_totp))
        .routes(routes!(second_factors::delete_totp))
        .routes(routes!(second_factors::create_recovery_codes))
        .routes(routes!(scans::create_scan))
        .routes(routes!(ownership::get_ownership))
        .routes(routes!(ownership::check_ownership))
        .routes(routes!(free_scan::scan_for_free))
        .routes(routes!(scans::list_recent_scans))
        .routes(routes!(scans::list_scan_history))
        .routes(routes!(scans::get_scan))
        .routes(routes!(scan_report::get_scan_report))
        .routes(routes!(scan_diff::get_scan_diff))
        .routes(routes!(comparison::compare_domains))
        .routes(routes!(batch::scan_batch))
        .routes(routes!(report_pdf::get_report_pdf))
        .routes(routes!(shares::share_report, shares::list_shares))
        .routes(routes!(shares::end_share))
        .routes(routes!(verification::verify_report))
        .routes(routes!(verification::get_report_keys))
        .routes(routes!(badge::get_badge, badge::switch_badge))
        .routes(routes!(accepted_risks::accept_risk, accepted_risks::list_accepted_risks))
        .routes(routes!(accepted_risks::end_accepted_risk))
        .routes(routes!(scans::cancel_scan))
        .routes(routes!(scan_events::watch_scan))
        .routes(routes!(catalogue::list_checks))
        .routes(routes!(catalogue::list_frameworks))
        .routes(routes!(report_schema::get_report_schema))
        .routes(routes!(api_keys::create_api_key, api_keys::list_api_keys))
        .routes(routes!(key_hygiene::get_key_hygiene))
        .routes(routes!(key_lifecycle::get_own_api_key, key_lifecycle::delete_own_api_key))
        .routes(routes!(key_lifecycle::revoke_api_keys))
        .routes(routes!(key_lifecycle::rotate_api_key))
        .routes(routes!(key_lifecycle::regenerate_api_key))
        .routes(routes!(key_policy::get_key_policy, key_policy::update_key_policy))
        .routes(routes!(usage::get_usage))
        .routes(routes!(request_log::list_requests))
        .routes(routes!(failed_auth::list_failed_auth))
        .routes(routes!(usage::get_key_usage))
        .routes(routes!(leaks::report_leaks))
        .routes(routes!(alerts::list_alerts))
        .routes(routes!(alert_settings::get_alert_rules, alert_settings::update_alert_rules))
        .routes(routes!(
            alert_settings::get_alert_preferences,
            alert_settings::update_alert_preferences
        ))
        .routes(routes!(alerts::read_all_alerts))
        .routes(routes!(alerts::read_alert))
        .routes(routes!(audit_log::list_audit_log))
        .routes(routes!(admin_overview::get_overview))
        .routes(routes!(admin_users::list_users))
        .routes(routes!(admin_users::get_user, admin_users::update_user))
        .routes(routes!(admin_plans::list_plans))
        .routes(routes!(admin_plans::put_plan, admin_plans::delete_plan))
        .routes(routes!(admin_keys::list_any_keys))
        .routes(routes!(admin_keys::revoke_any_key))
        .routes(routes!(team::get_team))
        .routes(routes!(team::change_member, team::remove_member))
        .routes(routes!(team_invitations::invite, team_invitations::list_invitations))
        .routes(routes!(team_invitations::withdraw_invitation))
        .routes(routes!(team_invitations::accept_invitation))
        .routes(routes!(api_keys::get_api_key, api_keys::update_api_key, api_keys::delete_api_key))
}

/// Returns the description of the API, as `/openapi.json` serves it.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) = routes().split_for_parts();
    description::complete(&mut document);
    document
}

/// Puts routes, pages and layers together.
pub(crate) fn router(app: App) -> Router {
    let (api, _) = routes().split_for_parts();
    api.route("/openapi.json", get(description::get_description))
        .merge(pages::routes(&app))
        .layer(DefaultBodyLimit::max(bounds::MAX_BODY_BYTES))
        .layer(from_fn(bounds::layer))
        .layer(from_fn_with_state(app.clone(), pages::outermost))
        .layer(from_fn_with_state(app.clone(), headers::layer))
        .layer(from_fn(packing::layer))
        .layer(from_fn_with_state(app.clone(), metrics::layer))
        .layer(from_fn(access_log::layer))
        .layer(from_fn_with_state(app.clone(), recording::layer))
        .layer(from_fn(visit::layer))
        .layer(from_fn(request_id::layer))
        .with_state(app)
}
