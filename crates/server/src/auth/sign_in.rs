use std::net::IpAddr;

use axum::http::request::Parts;
use http::header::USER_AGENT;
use model::{FactorKind, Timestamp};
use store::{Act, NewSession, Principal, User};

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

/// Somebody who proved who they are.
pub(crate) struct Proven {
    account_id: i64,
    user_id: i64,
    valid_after: Timestamp,
    epoch: i64,
}

impl Proven {
    /// Somebody who was a user already when the proof began.
    pub(crate) fn known(user: &Principal) -> Self {
        Self {
            account_id: user.user_account_id,
            user_id: user.user_id,
            valid_after: user.user_tokens_valid_after,
            epoch: user.user_sign_in_epoch,
        }
    }

    /// Somebody who has just become a user.
    pub(crate) fn new(user: &User) -> Self {
        let (account_id, user_id) = (user.account_id, user.id);
        Self { account_id, user_id, valid_after: Timestamp(0), epoch: 0 }
    }
}

/// A token for the next 24 hours.
pub(crate) struct Signed {
    pub(crate) token: String,
    pub(crate) expires_at: Timestamp,
}

/// Starts a session and signs the token that goes with it. `second_factor` is what was proven besides
/// the password. Refused when password, factors or sessions were changed since the proof began.
pub(crate) async fn start_session(
    app: &App,
    user: &Proven,
    origin: Origin,
    second_factor: Option<FactorKind>,
) -> Result<Signed> {
    let Proven { account_id, user_id, valid_after, epoch } = *user;
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
        epoch,
        expires_at: claims.expiry(),
        ip: origin.ip.map(|ip| ip.to_string()),
        agent: origin.agent,
        second_factor,
    };
    let act = act(user_id, origin.ip, now);
    if !app.store.start_session(account_id, &session, &act).await? {
        return Err(Error::Unauthorized { sent: false });
    }
    let token = jwt::sign(&app.secrets, &claims, &random()?);
    Ok(Signed { token, expires_at: claims.expiry() })
}

/// Returns an act of a user who is about to be signed in.
pub(crate) fn act(user_id: i64, ip: Option<IpAddr>, at: Timestamp) -> Act {
    Act { actor: format!("user:{user_id}"), ip: ip.map(|ip| ip.to_string()), at }
}

/// Returns 131 random bits.
fn random() -> Result<String> {
    random_base62(22).map_err(|error| Error::Internal(error.into()))
}
