//! What can go wrong while serving a request: one enum, one table of codes, one body.
//!
//! A variant exists only when a caller would act on it differently; its row in [`CODES`] gives
//! status, family, meaning and advice, and nothing else names a status. `Display` is written for
//! the client. The inside of [`Error::Internal`] is logged, once, and never sent.
//!
//! `into_response` leaves the body to [`crate::request_id`], which knows the request's id and also
//! dresses refusals that never were an [`Error`] (wrong method, panic in a layer).
//!
//! To add a code: a row, a variant, an arm in [`Error::code`]; then `cargo xtask docs`.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use model::{DomainName, Scope, TeamRole};
use store::{ApiKey, StoreError};

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// One row of `docs/errors.md`.
pub struct Code {
    /// The precise cause, `code` in the body.
    pub code: &'static str,
    /// The family, `error` in the body.
    pub family: &'static str,
    pub status: u16,
    pub meaning: &'static str,
    pub advice: &'static str,
}

macro_rules! codes {
    ($($name:ident: $status:literal $family:literal / $code:literal, $meaning:literal, $advice:literal;)+) => {
        $(pub(crate) static $name: Code = Code {
            code: $code, family: $family, status: $status, meaning: $meaning, advice: $advice,
        };)+

        /// Every code, in the order of `docs/errors.md`.
        pub static CODES: &[&Code] = &[$(&$name),+];
    };
}
codes! {
    INVALID_REQUEST: 400 "invalid_request" / "invalid_request",
        "The request cannot be read: broken JSON, a missing field, a wrong type.",
        "Mend what `message` names and send it again.";
    INVALID_DOMAIN: 400 "invalid_domain" / "invalid_domain",
        "The text is not a host name that can be scanned.",
        "Send a public host name such as `example.com`.";
    UNAUTHORIZED: 401 "unauthorized" / "unauthorized",
        "The credential is missing, malformed, unknown, revoked, expired or ended, or the subscription has lapsed. Deliberately one answer for all.",
        "Check that the key is complete and alive and that the account is paid.";
    ACCOUNT_DISABLED: 403 "account_disabled" / "account_disabled",
        "The operator has disabled the account.", "Ask the operator.";
    ACCOUNT_SUSPENDED: 403 "account_suspended" / "account_suspended",
        "The operator has suspended the account.", "Ask the operator.";
    QUOTA_EXCEEDED: 403 "quota_exceeded" / "quota_exceeded",
        "The plan's scans of this month are used up.", "Wait for the next month or choose a larger plan.";
    PLAN_UPGRADE_REQUIRED: 403 "plan_upgrade_required" / "plan_upgrade_required",
        "The plan does not include this.", "Choose the plan that `message` names.";
    DOMAIN_LIMIT_REACHED: 403 "domain_limit_reached" / "domain_limit_reached",
        "The plan's watched domains are used up.", "Remove one or choose a larger plan.";
    DOMAIN_NOT_ALLOWED: 403 "forbidden" / "domain_not_allowed",
        "The key has a list of domains, and this is none of them.", "Use a key without such a list, or one whose list has the domain.";
    OWNERSHIP_NOT_PROVEN: 403 "ownership_not_proven" / "ownership_not_proven",
        "The intrusive profile and the badge are for domains that are proven to be the account's, and neither record nor file was found.",
        "Publish the record or the file that `GET /v1/ownership/{domain}` names; a scan may ask for the safe profile instead.";
    KEY_LIMIT_REACHED: 403 "key_limit_reached" / "key_limit_reached",
        "The account has 500 living keys.", "Revoke keys that nothing needs; `GET /v1/auth/api-keys/hygiene` names some.";
    SEAT_LIMIT_REACHED: 403 "seat_limit_reached" / "seat_limit_reached",
        "The seats of the team's plan are taken.", "Remove somebody from the team or choose a larger plan.";
    INSUFFICIENT_SCOPE: 403 "insufficient_scope" / "insufficient_scope",
        "The key, or the role in the team of the user behind the credential, lacks the scope that `message` names.",
        "Use a key that has it, or ask an owner of the account for another role.";
    INSUFFICIENT_ROLE: 403 "forbidden" / "insufficient_role",
        "The user's role in the team does not allow this.", "Ask somebody whose role `message` names.";
    SIGN_IN_REQUIRED: 403 "forbidden" / "sign_in_required",
        "An API key cannot do this; it takes a signed-in user.", "Sign in and send the JWT.";
    STEP_UP_REQUIRED: 403 "step_up_required" / "step_up_required",
        "This takes a sign-in, or a proof of who you are, of the last five minutes.",
        "Send the password, or a code of the second factor, to `POST /v1/auth/step-up`, or answer `POST /v1/auth/step-up/passkey/start` with a passkey, then repeat the request.";
    MFA_REQUIRED: 403 "mfa_required" / "mfa_required",
        "The password is not enough: the user has a second factor.",
        "Send `totp`, the six digits of the authenticator, or `recovery_code` as well.";
    SIGN_UP_CLOSED: 403 "forbidden" / "sign_up_closed",
        "This instance does not let people make accounts by themselves.", "Ask the operator for one.";
    FOREIGN_FORM: 403 "forbidden" / "foreign_form",
        "A form was sent from another site, or the page it stood on is too old.",
        "Open the page again and send the form from there.";
    EMAIL_NOT_VERIFIED: 403 "forbidden" / "email_not_verified",
        "The user has not confirmed their e-mail address yet, and this costs something or makes credentials.",
        "Open the link in the letter, or ask for a new one at `/v1/auth/email/resend`.";
    IP_NOT_ALLOWED: 403 "ip_not_allowed" / "ip_not_allowed",
        "The key may not be used from this address.", "Add the address to the key's list.";
    NOT_FOUND: 404 "not_found" / "not_found",
        "There is no such thing, or it is somebody else's.", "Check the address and the id.";
    METHOD_NOT_ALLOWED: 405 "method_not_allowed" / "method_not_allowed",
        "The address exists, but not with this method.", "Use a method that `Allow` lists.";
    NOT_ACCEPTABLE: 406 "not_acceptable" / "not_acceptable",
        "None of the formats in `Accept` is available.", "Ask for JSON.";
    REQUEST_TIMEOUT: 408 "request_timeout" / "request_timeout",
        "The request took too long to arrive or to be answered.", "Send it again.";
    CONFLICT: 409 "conflict" / "conflict",
        "It exists already, or somebody else was faster.", "Read the present state first.";
    PASSKEYS_UNAVAILABLE: 409 "conflict" / "passkeys_unavailable",
        "Browsers make and use passkeys only for a host name over https, and this instance does not know itself by one.",
        "Ask the operator to set `server.public_url` to an https:// address with a host name; `http://localhost` does for trying.";
    KEY_CHOICE_REQUIRED: 409 "conflict" / "key_choice_required",
        "Somebody is to leave who made API keys that are alive; `api_keys` lists up to 100 of them.",
        "Say what happens to them: `?keys=revoke` or `?keys=transfer`.";
    SCAN_NOT_COMPLETE: 409 "scan_not_complete" / "scan_not_complete",
        "The scan has no report yet, or ended without one.", "Wait until its status is `completed`.";
    PAYLOAD_TOO_LARGE: 413 "payload_too_large" / "payload_too_large",
        "The body is larger than 64 KiB.", "Send less.";
    UNSUPPORTED_MEDIA_TYPE: 415 "unsupported_media_type" / "unsupported_media_type",
        "The body is not announced as JSON.", "Send `Content-Type: application/json`.";
    VALIDATION_FAILED: 422 "validation_failed" / "validation_failed",
        "The request can be read, but fields in it are not acceptable.", "Mend what `errors` lists.";
    IDEMPOTENCY_KEY_REUSED: 422 "validation_failed" / "idempotency_key_reused",
        "The `Idempotency-Key` was used for another request within the last 24 hours.",
        "Take a new key for each new request; repeat a key only with the same body.";
    RATE_LIMIT_EXCEEDED: 429 "rate_limit_exceeded" / "rate_limit_exceeded",
        "Too many requests, or too many scans at the same time.", "Wait for the seconds in `Retry-After`.";
    INTERNAL: 500 "internal_server_error" / "internal_server_error",
        "Something broke on our side. The log has it under the request id.", "Report the request id.";
    UNAVAILABLE: 503 "service_unavailable" / "service_unavailable",
        "The service is overloaded or its database does not answer.", "Try again after `Retry-After`.";
}

/// One field that is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct FieldProblem {
    pub(crate) field: String,
    pub(crate) message: String,
}

impl FieldProblem {
    pub(crate) fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }
}

/// An API key by what names it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct NamedKey {
    id: i64,
    /// The public half.
    key_id: String,
    name: String,
}

impl From<ApiKey> for NamedKey {
    fn from(key: ApiKey) -> Self {
        Self { id: key.id, key_id: key.key_id, name: key.name }
    }
}

/// What can go wrong while serving a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    InvalidRequest(String),
    #[error("{0}")]
    InvalidDomain(String),
    /// `sent` tells whether there was a credential at all; it decides a header, never the body.
    #[error("Invalid or missing authentication")]
    Unauthorized { sent: bool },
    /// A wrong code that was right some minutes ago. For the API it is like any other.
    #[error("Invalid or missing authentication")]
    LateCode,
    #[error("This account is disabled. Contact the operator.")]
    AccountDisabled,
    #[error("This account is suspended. Contact the operator.")]
    AccountSuspended,
    #[error("The plan's {limit} scans a month are used up.")]
    QuotaExceeded { limit: i64 },
    #[error("This needs the plan `{plan}` or a larger one.")]
    PlanUpgradeRequired { plan: String },
    #[error("This API key is not for the domain `{}`.", .0.as_str())]
    DomainNotAllowed(DomainName),
    #[error(
        "Nothing shows that `{domain}` is yours ({seen}). Publish the TXT record `{record}` with the text \
         `{value}`, or the file that `GET /v1/ownership/{domain}` names, then ask again."
    )]
    OwnershipNotProven { domain: DomainName, record: String, value: String, seen: String },
    #[error("The account has as many living API keys as it may. Revoke some first.")]
    KeyLimitReached,
    #[error("Every seat of the team is taken.")]
    SeatLimitReached,
    #[error("This takes the scope `{0}`, which the API key or the role in the team does not have.")]
    InsufficientScope(Scope),
    #[error("This takes the role `{0}` in the team.")]
    InsufficientRole(TeamRole),
    #[error("An API key cannot do this. Sign in and send the token.")]
    SignInRequired,
    #[error(
        "Prove again who you are: send the password, or a code of your second factor, to \
         `POST /v1/auth/step-up`, then repeat this."
    )]
    StepUpRequired,
    /// Only for somebody who proved the password.
    #[error(
        "This takes your second factor: send `totp`, the six digits that your authenticator shows, \
         or `recovery_code`."
    )]
    MfaRequired,
    #[error("Sign-up is closed on this instance. Ask the operator for an account.")]
    SignUpClosed,
    #[error("This form does not come from our page, or the page is too old. Open it again.")]
    ForeignForm,
    #[error("Confirm your e-mail address first: open the link in the letter we sent you.")]
    EmailNotVerified,
    #[error("This API key may not be used from this address.")]
    IpNotAllowed,
    /// Also what a stranger gets: we do not tell them that the thing exists.
    #[error("There is no such thing here.")]
    NotFound,
    #[error("This method does not work here.")]
    MethodNotAllowed,
    #[error("None of the formats you accept is available.")]
    NotAcceptable,
    #[error("The request took too long.")]
    Timeout,
    #[error("{0}")]
    Conflict(String),
    #[error(
        "Passkeys need a host name and https: the operator has to set `server.public_url` to such an \
         address."
    )]
    PasskeysUnavailable,
    #[error(
        "{alive} living API keys were made by this user. Say `keys=revoke` or `keys=transfer`."
    )]
    KeyChoiceRequired { alive: usize, keys: Vec<NamedKey> },
    #[error("{0}")]
    ScanNotComplete(String),
    #[error("The body is larger than 64 KiB.")]
    TooLarge,
    #[error("Send the body as `Content-Type: application/json`.")]
    UnsupportedMediaType,
    #[error("{}", list(.0))]
    Invalid(Vec<FieldProblem>),
    #[error("This `Idempotency-Key` stands for another request. Take a new one.")]
    IdempotencyKeyReused,
    #[error("Rate limit exceeded. Retry in {retry_after} seconds.")]
    RateLimited { limit: i64, window: &'static str, retry_after: u32 },
    /// The cause is for the log. The client gets this sentence.
    #[error("Something broke on our side.")]
    Internal(#[source] anyhow::Error),
    #[error("The service is busy. Try again soon.")]
    Unavailable { retry_after: u32 },
}

fn list(problems: &[FieldProblem]) -> String {
    let texts = problems.iter().map(|problem| format!("`{}` {}", problem.field, problem.message));
    texts.collect::<Vec<_>>().join("; ")
}

impl Error {
    /// Returns one field's problem as an error.
    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldProblem::new(field, message)])
    }

    pub(crate) fn code(&self) -> &'static Code {
        match self {
            Self::InvalidRequest(_) => &INVALID_REQUEST,
            Self::InvalidDomain(_) => &INVALID_DOMAIN,
            Self::Unauthorized { .. } | Self::LateCode => &UNAUTHORIZED,
            Self::AccountDisabled => &ACCOUNT_DISABLED,
            Self::AccountSuspended => &ACCOUNT_SUSPENDED,
            Self::QuotaExceeded { .. } => &QUOTA_EXCEEDED,
            Self::PlanUpgradeRequired { .. } => &PLAN_UPGRADE_REQUIRED,
            Self::DomainNotAllowed(_) => &DOMAIN_NOT_ALLOWED,
            Self::OwnershipNotProven { .. } => &OWNERSHIP_NOT_PROVEN,
            Self::KeyLimitReached => &KEY_LIMIT_REACHED,
            Self::SeatLimitReached => &SEAT_LIMIT_REACHED,
            Self::InsufficientScope(_) => &INSUFFICIENT_SCOPE,
            Self::InsufficientRole(_) => &INSUFFICIENT_ROLE,
            Self::SignInRequired => &SIGN_IN_REQUIRED,
            Self::StepUpRequired => &STEP_UP_REQUIRED,
            Self::MfaRequired => &MFA_REQUIRED,
            Self::SignUpClosed => &SIGN_UP_CLOSED,
            Self::ForeignForm => &FOREIGN_FORM,
            Self::EmailNotVerified => &EMAIL_NOT_VERIFIED,
            Self::IpNotAllowed => &IP_NOT_ALLOWED,
            Self::NotFound => &NOT_FOUND,
            Self::MethodNotAllowed => &METHOD_NOT_ALLOWED,
            Self::NotAcceptable => &NOT_ACCEPTABLE,
            Self::Timeout => &REQUEST_TIMEOUT,
            Self::Conflict(_) => &CONFLICT,
            Self::PasskeysUnavailable => &PASSKEYS_UNAVAILABLE,
            Self::KeyChoiceRequired { .. } => &KEY_CHOICE_REQUIRED,
            Self::ScanNotComplete(_) => &SCAN_NOT_COMPLETE,
            Self::TooLarge => &PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => &UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => &VALIDATION_FAILED,
            Self::IdempotencyKeyReused => &IDEMPOTENCY_KEY_REUSED,
            Self::RateLimited { .. } => &RATE_LIMIT_EXCEEDED,
            Self::Internal(_) => &INTERNAL,
            Self::Unavailable { .. } => &UNAVAILABLE,
        }
    }

    /// Returns the error that a bare status stands for, for refusals that never were one of ours.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status.as_u16() {
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            406 => Self::NotAcceptable,
            408 => Self::Timeout,
            413 => Self::TooLarge,
            415 => Self::UnsupportedMediaType,
            503 => Self::Unavailable { retry_after: 1 },
            400..500 => Self::InvalidRequest("The request cannot be read.".to_owned()),
            other => Self::Internal(anyhow::anyhow!("an unexplained status {other}")),
        }
    }

    /// Returns the body.
    pub(crate) fn body(&self, request_id: &str) -> ErrorBody {
        let code = self.code();
        let message = self.to_string();
        let mut body = ErrorBody {
            error: code.family,
            detail: message.clone(),
            message,
            status: code.status,
            code: code.code,
            request_id: request_id.to_owned(),
            errors: None,
            api_keys: None,
            limit: None,
            window: None,
            retry_after: None,
        };
        match self {
            Self::Invalid(problems) => body.errors = Some(problems.clone()),
            Self::KeyChoiceRequired { keys, .. } => body.api_keys = Some(keys.clone()),
            Self::RateLimited { limit, window, retry_after } => {
                body.limit = Some(*limit);
                body.window = Some(window);
                body.retry_after = Some(*retry_after);
            }
            _ => {}
        }
        body
    }
}

/// The body of every error, whatever raised it.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct ErrorBody {
    /// The family of the cause.
    error: &'static str,
    /// What happened, for people.
    message: String,
    status: u16,
    /// Equal to `message`.
    detail: String,
    /// The precise cause.
    code: &'static str,
    /// The id under which the log has it.
    request_id: String,
    /// The fields that are not acceptable, with `validation_failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldProblem>>,
    /// The keys that something is to be said about, with `key_choice_required`.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_keys: Option<Vec<NamedKey>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

/// The error a response stands for, on its way to [`crate::request_id`].
#[derive(Clone)]
pub(crate) struct Raised(pub(crate) Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code().status)
            .expect("the table of codes holds valid statuses");
        let mut response = status.into_response();
        let headers = response.headers_mut();
        match &self {
            Self::Unauthorized { .. } | Self::LateCode => {
                let challenge = match &self {
                    Self::Unauthorized { sent: true } => {
                        r#"Bearer realm="compliancelayer", error="invalid_token""#
                    }
                    _ => r#"Bearer realm="compliancelayer""#,
                };
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
            Self::InsufficientScope(scope) => {
                let challenge = format!(
                    r#"Bearer realm="compliancelayer", error="insufficient_scope", scope="{scope}""#
                );
                if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                    headers.insert(WWW_AUTHENTICATE, challenge);
                }
            }
            Self::RateLimited { retry_after, .. } | Self::Unavailable { retry_after } => {
                headers.insert(RETRY_AFTER, HeaderValue::from((*retry_after).max(1)));
            }
            _ => {}
        }
        response.extensions_mut().insert(Raised(Arc::new(self)));
        response
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error.is_outage() {
            true => {
                tracing::error!(error = %error, "the database does not answer");
                Self::Unavailable { retry_after: 5 }
            }
            false => Self::Internal(error.into()),
        }
    }
}

/// Returns `docs/errors.md`.
pub fn reference() -> String {
    let mut page = String::from(
        "# Errors\n\n\
         Printed from the program by `cargo xtask docs`. Every error has one body:\n\
         `{error, message, status, detail, code, request_id}`; `error` is the family, `code` the\n\
         precise cause, `detail` equals `message`. `validation_failed` adds\n\
         `errors: [{field, message}]`, `rate_limit_exceeded` adds `limit`, `window` and `retry_after`.\n\n\
         | Status | `error` | `code` | Meaning | What to do |\n| --- | --- | --- | --- | --- |\n",
    );
    for row in CODES {
        page.push_str(&format!(
            "| {} | `{}` | `{}` | {} | {} |\n",
            row.status, row.family, row.code, row.meaning, row.advice
        ));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inside_of_an_error_stays_inside() {
        let error = Error::Internal(anyhow::anyhow!("password hunter2 at db.internal"));
        let body = serde_json::to_string(&error.body("r1")).unwrap();
        assert_eq!(
            body,
            r#"{"error":"internal_server_error","message":"Something broke on our side.","status":500,"detail":"Something broke on our side.","code":"internal_server_error","request_id":"r1"}"#
        );
    }

    #[test]
    fn the_constant_refusal_is_the_documented_one() {
        let sent = serde_json::to_value(Error::Unauthorized { sent: true }.body("r")).unwrap();
        let missing = serde_json::to_value(Error::Unauthorized { sent: false }.body("r")).unwrap();
        assert_eq!(sent, missing);
        assert_eq!(sent["error"], "unauthorized");
        assert_eq!(sent["message"], "Invalid or missing authentication");
        assert_eq!(sent["status"], 401);
    }

    #[test]
    fn every_error_has_a_code_of_its_own() {
        let text = || "x".to_owned();
        let all = [
            Error::InvalidRequest(text()),
            Error::InvalidDomain(text()),
            Error::Unauthorized { sent: true },
            Error::AccountDisabled,
            Error::AccountSuspended,
            Error::QuotaExceeded { limit: 10 },
            Error::PlanUpgradeRequired { plan: text() },
            Error::DomainNotAllowed(DomainName::parse("example.com").unwrap()),
            Error::OwnershipNotProven {
                domain: DomainName::parse("example.com").unwrap(),
                record: text(),
                value: text(),
                seen: text(),
            },
            Error::KeyLimitReached,
            Error::InsufficientScope(Scope::ScansRead),
            Error::SignInRequired,
            Error::StepUpRequired,
            Error::SignUpClosed,
            Error::ForeignForm,
            Error::IpNotAllowed,
            Error::NotFound,
            Error::MethodNotAllowed,
            Error::NotAcceptable,
            Error::Timeout,
            Error::Conflict(text()),
            Error::PasskeysUnavailable,
            Error::ScanNotComplete(text()),
            Error::TooLarge,
            Error::UnsupportedMediaType,
            Error::invalid("name", "is missing"),
            Error::IdempotencyKeyReused,
            Error::RateLimited { limit: 1, window: "minute", retry_after: 1 },
            Error::Internal(anyhow::anyhow!("x")),
            Error::Unavailable { retry_after: 1 },
        ];
        let codes: std::collections::BTreeSet<_> =
            all.iter().map(|error| error.code().code).collect();
        assert_eq!(codes.len(), all.len());
        for error in all {
            let status = error.code().status;
            assert_eq!(error.into_response().status().as_u16(), status);
        }
    }

    #[test]
    fn codes_are_unique_and_explained() {
        for (at, row) in CODES.iter().enumerate() {
            assert!(CODES[..at].iter().all(|earlier| earlier.code != row.code), "{}", row.code);
            assert!(row.meaning.ends_with('.') && row.advice.ends_with('.'), "{}", row.code);
            assert!(StatusCode::from_u16(row.status).is_ok());
        }
    }

    #[test]
    fn a_limit_says_when_to_come_back() {
        let limited = Error::RateLimited { limit: 120, window: "minute", retry_after: 7 };
        let body = serde_json::to_value(limited.body("r")).unwrap();
        assert_eq!(body["message"], "Rate limit exceeded. Retry in 7 seconds.");
        assert_eq!((&body["limit"], &body["window"]), (&120.into(), &"minute".into()));
        assert_eq!(limited.into_response().headers()[RETRY_AFTER], "7");
    }
}
