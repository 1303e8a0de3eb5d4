//! From the `Authorization` header to the account behind it.
//!
//! What fails here fails as the one constant 401, whatever the reason; only an account that is
//! known and may not work gets a 403. The hot path asks no database: one look at the generation,
//! one at the cache, one HMAC.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::request::Parts;
use http::header::AUTHORIZATION;
use model::{
    AccountState, ApiToken, AuthFailure, KeyStatus, MINUTE_MS, Scope, TeamRole, Timestamp,
};
use store::{Act, ApiKey, KeyPrincipal, Principal, SessionPrincipal};

use super::permission::Permission;
use super::{jwt, key_end};
use crate::app::App;
use crate::client_ip::client_ip;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::ops::alerts;
use crate::visit::{Named, RefusedCredential, Visit};

/// A request whose credential is good and whose account may work.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) credential: Credential,
    /// Where the request comes from.
    pub(crate) ip: Option<IpAddr>,
}

/// How a caller proved who they are.
#[derive(Clone)]
pub(crate) enum Credential {
    Key(Arc<KeyPrincipal>),
    Session { id: String, expires_at: Timestamp, found: Arc<SessionPrincipal> },
}

/// How long a proof counts for dangerous acts.
const FRESH_MS: i64 = 5 * MINUTE_MS;

const REFUSED: Error = Error::Unauthorized { sent: true };

impl Identity {
    /// Finds out who is asking.
    pub(crate) async fn of(app: &App, parts: &Parts) -> Result<Self> {
        let text = credential_text(parts)?;
        let visit = Visit::of(parts);
        let ip = client_ip(app, parts);
        let credential = match text.starts_with("cl_") {
            true => key(app, text, ip, &visit).await?,
            false => session(app, text).await?,
        };
        standing(credential.principal())?;
        if let Credential::Session { id, .. } = &credential {
            app.session_uses.record(id, app.clock.now(), ip);
        }
        if let Credential::Key(found) = &credential {
            app.key_uses.record(&found.key, app.clock.now(), ip, parts);
            key_end::announce(app, &found.key, &visit);
        }
        let identity = Self { credential, ip };
        visit.identify(&identity);
        Ok(identity)
    }

    /// Finds out who signed in with a token that came another way than by `Authorization`.
    pub(crate) async fn of_token(app: &App, token: &str, parts: &Parts) -> Result<Self> {
        let credential = session(app, token).await?;
        standing(credential.principal())?;
        let identity = Self { credential, ip: client_ip(app, parts) };
        Visit::of(parts).identify(&identity);
        Ok(identity)
    }

    pub(crate) fn principal(&self) -> &Principal {
        self.credential.principal()
    }

    /// Returns the key that was sent; `None` for a signed-in user.
    pub(crate) fn key(&self) -> Option<&ApiKey> {
        match &self.credential {
            Credential::Key(found) => Some(&found.key),
            Credential::Session { .. } => None,
        }
    }

    /// Returns the role in the team of the user behind the credential, as it is now.
    pub(crate) fn role(&self) -> TeamRole {
        self.principal().user_team_role
    }

    /// Returns what the credential may do: what the role allows, and of a key no more than its own
    /// scopes. A key that its maker may no longer have made gives less from that moment on.
    pub(crate) fn scopes(&self) -> Vec<Scope> {
        let mut scopes = self.role().scopes().to_vec();
        if let Some(key) = self.key() {
            scopes.retain(|scope| key.scopes.contains(scope));
        }
        scopes
    }

    /// Refuses a credential that may not do what `P` stands for.
    pub(crate) fn require<P: Permission>(&self, app: &App) -> Result<()> {
        if let Some(missing) = P::missing(&self.scopes(), self.role()) {
            return Err(Error::InsufficientScope(missing));
        }
        match P::NEEDS_VERIFIED_EMAIL {
            true => verified(app, self.principal()),
            false => Ok(()),
        }
    }

    /// Refuses a user who is less than `least` in the team.
    pub(crate) fn require_role(&self, least: TeamRole) -> Result<()> {
        match self.role() >= least {
            true => Ok(()),
            false => Err(Error::InsufficientRole(least)),
        }
    }

    /// Refuses a sign-in whose last proof is no longer fresh. A key passes: its scopes say what it
    /// may do.
    pub(crate) fn fresh(&self, app: &App) -> Result<()> {
        match &self.credential {
            Credential::Session { found, .. }
                if app.clock.now().ms_since(found.proved_at) >= FRESH_MS =>
            {
                Err(Error::StepUpRequired)
            }
            _ => Ok(()),
        }
    }

    /// Returns who does something now, for the record: a public key id or a user.
    pub(crate) fn act(&self, app: &App) -> Act {
        let actor = match self.key() {
            Some(key) => format!("key:{}", key.key_id),
            None => format!("user:{}", self.principal().user_id),
        };
        Act { actor, ip: self.ip.map(|ip| ip.to_string()), at: app.clock.now() }
    }

    /// Returns who does something now to somebody else's account, for the log of that account.
    pub(crate) fn act_as_admin(&self, app: &App) -> Act {
        let actor = format!("admin:{}", self.principal().user_id);
        Act { actor, ..self.act(app) }
    }
}

impl Credential {
    pub(crate) fn principal(&self) -> &Principal {
        match self {
            Self::Key(found) => &found.principal,
            Self::Session { found, .. } => &found.principal,
        }
    }
}

/// Decides whether the account may work: a lapsed subscription is the constant 401, a suspended or
/// disabled account a 403.
pub(crate) fn standing(principal: &Principal) -> Result<()> {
    if principal.account_subscription.lapsed() {
        return Err(REFUSED);
    }
    match principal.account_state {
        AccountState::Active => Ok(()),
        AccountState::Suspended => Err(Error::AccountSuspended),
        AccountState::Disabled => Err(Error::AccountDisabled),
    }
}

/// Refuses a user whose address nobody confirmed, on an instance that asks for it.
pub(crate) fn verified(app: &App, principal: &Principal) -> Result<()> {
    let is_asked = app.config.auth.require_email_verification;
    match is_asked && principal.user_email_verified_at.is_none() {
        true => Err(Error::EmailNotVerified),
        false => Ok(()),
    }
}

/// Returns what stands after `Bearer`. A second header, another scheme or odd spacing is refused.
fn credential_text(parts: &Parts) -> Result<&str> {
    let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
    let Some(header) = headers.next() else { return Err(Error::Unauthorized { sent: false }) };
    if headers.next().is_some() {
        return Err(REFUSED);
    }
    let (scheme, text) =
        header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(REFUSED)?;
    scheme.eq_ignore_ascii_case("bearer").then_some(text).ok_or(REFUSED)
}

async fn key(app: &App, text: &str, ip: Option<IpAddr>, visit: &Visit) -> Result<Credential> {
    let token = ApiToken::parse(text).ok_or(REFUSED)?;
    let generation = app.store.auth_generation().await?;
    let found = match app.keys.get(token.key_id(), generation) {
        Some(found) => Some(found),
        None => app.store.find_key_principal(token.key_id()).await?.map(|found| {
            let found = Arc::new(found);
            app.keys.put(token.key_id(), generation, Arc::clone(&found));
            found
        }),
    };
    let stored = found.as_ref().map(|found| (found.pepper_version, found.hash.as_str()));
    let fits = app.secrets.fits(&token, stored);
    let found = found.ok_or(REFUSED)?;
    let failure = match found.key.status(app.clock.now()) {
        _ if !fits => Some((AuthFailure::UnknownSecret, REFUSED)),
        KeyStatus::Disabled => Some((AuthFailure::Disabled, REFUSED)),
        KeyStatus::Expired => Some((AuthFailure::Expired, REFUSED)),
        KeyStatus::Revoked => Some((AuthFailure::Revoked, REFUSED)),
        KeyStatus::Active | KeyStatus::Expiring => match allows_address(&found.key, ip) {
            true => None,
            false => Some((AuthFailure::IpNotAllowed, Error::IpNotAllowed)),
        },
    };
    let Some((reason, error)) = failure else {
        if found.pepper_version != app.secrets.pepper_version() {
            app.key_uses.rehash(&app.secrets, &token, &found);
        }
        return Ok(Credential::Key(found));
    };
    visit.refuse(RefusedCredential {
        account_id: found.key.account_id,
        named: Named::ApiKey(found.key.id),
        reason,
    });
    alerts::dead_key_used(app, &found.key, reason, ip);
    Err(error)
}

async fn session(app: &App, text: &str) -> Result<Credential> {
    let now = app.clock.now();
    let claims = jwt::verify(&app.secrets, text, now).ok_or(REFUSED)?;
    let generation = app.store.auth_generation().await?;
    let found = match app.sessions.get(&claims.session_id, generation) {
        Some(found) => found,
        None => {
            let found = app.store.find_session(&claims.session_id).await?.ok_or(REFUSED)?;
            let found = Arc::new(found);
            app.sessions.put(&claims.session_id, generation, Arc::clone(&found));
            found
        }
    };
    let principal = &found.principal;
    let is_void = found.ended_at.is_some()
        || found.expires_at <= now
        || principal.user_id != claims.user_id
        || claims.issued_at.saturating_mul(1000) < principal.user_tokens_valid_after.0;
    if is_void {
        return Err(REFUSED);
    }
    Ok(Credential::Session { expires_at: claims.expiry(), id: claims.session_id, found })
}

/// Enforces a key's list of addresses; an empty list allows all.
fn allows_address(key: &ApiKey, ip: Option<IpAddr>) -> bool {
    let mut networks = key.ip_allowlist.iter().filter_map(|text| text.parse::<Network>().ok());
    key.ip_allowlist.is_empty() || ip.is_some_and(|ip| networks.any(|network| network.contains(ip)))
}
