use std::net::IpAddr;

use axum::http::request::Parts;
use http::header::USER_AGENT;
use model::Timestamp;
use store::{Act, NewSession, Principal};

use super::jwt::{self, Claims};
use super::token::random_base62;
use crate::app::App;
use crate::error::{Error, Result};

const MAX_AGENT: usize = 200;

/// Where a sign-in comes from.
pub(crate) struct Origin {
    pub(crate) ip: Option<IpAddr>,
    pub(crate) agent: Option<String>,
}

impl Origin {
    pub(crate) fn of(app: &App, parts: &Parts) -> Self {
        let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        Self {
            ip: crate::client_ip::client_ip(app, parts),
            agent: agent.map(|agent| agent[..agent.len().min(MAX_AGENT)].to_owned()),
        }
    }
}

/// A token for the next 24 hours.
pub(crate) struct Signed {
    pub(crate) token: String,
    pub(crate) expires_at: Timestamp,
}

/// Starts a session and signs the token that goes with it.
pub(crate) async fn start_session(
    app: &App,
    account_id: i64,
    user_id: i64,
    valid_after: Timestamp,
    origin: Origin,
) -> Result<Signed> {
    let now = app.clock.now();
    // A token must not look older than the moment that voided earlier ones in the same second.
    let issued_at = now.unix_seconds().max(valid_after.plus_ms(999).unix_seconds());
    let claims = Claims {
        user_id,
        session_id: random()?,
        issued_at,
        expires_at: issued_at + jwt::LIFETIME_SECONDS,
    };
    let session = NewSession {
        id: claims.session_id.clone(),
        user_id,
        expires_at: claims.expiry(),
        ip: origin.ip.map(|ip| ip.to_string()),
        agent: origin.agent,
    };
    let act = origin_act(user_id, session.ip.clone(), now);
    if !app.store.start_session(account_id, &session, &act).await? {
        return Err(Error::Unauthorized { sent: false });
    }
    let token = jwt::sign(&app.secrets, &claims, &random()?);
    Ok(Signed { token, expires_at: claims.expiry() })
}

/// Starts a session for somebody who proved to be that user.
pub(crate) async fn start(app: &App, principal: &Principal, origin: Origin) -> Result<Signed> {
    let valid_after = principal.user_tokens_valid_after;
    start_session(app, principal.user_account_id, principal.user_id, valid_after, origin).await
}

fn origin_act(user_id: i64, ip: Option<String>, at: Timestamp) -> Act {
    Act { actor: format!("user:{user_id}"), ip, at }
}

/// Returns 131 random bits.
fn random() -> Result<String> {
    random_base62(22).map_err(|error| Error::Internal(error.into()))
}
