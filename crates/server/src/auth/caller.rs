use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use model::Role;
use store::Act;

use super::identity::{Credential, Identity};
use super::permission::{AnyScope, Permission};
use crate::app::App;
use crate::error::{Error, Result};
use crate::limits;

/// Who is asking, proven to hold the permission `P`.
///
/// A handler that takes neither this nor [`SignedIn`] is public; `tests/it/routes.rs` lists those by
/// name.
pub(crate) struct Caller<P> {
    identity: Identity,
    permission: PhantomData<P>,
}

impl<P> Deref for Caller<P> {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl<P: Permission> FromRequestParts<App> for Caller<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let identity = Identity::of(app, parts).await?;
        limits::admit(app, parts, &identity)?;
        identity.require::<P>(app)?;
        Ok(Self { identity, permission: PhantomData })
    }
}

/// The caller `C`, who proved within the last five minutes who they are if they signed in.
///
/// For what an unattended screen or a stolen token must not do: making credentials, changing
/// factors, taking the data away.
pub(crate) struct FreshSignIn<C = SignedIn>(C);

impl<C> Deref for FreshSignIn<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C> FromRequestParts<App> for FreshSignIn<C>
where
    C: FromRequestParts<App, Rejection = Error> + Deref<Target = Identity>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = C::from_request_parts(parts, app).await?;
        caller.fresh(app)?;
        Ok(Self(caller))
    }
}

/// A signed-in user with the permission `P`. An API key does not get in.
pub(crate) struct SignedIn<P = AnyScope> {
    identity: Identity,
    pub(crate) session_id: String,
    permission: PhantomData<P>,
}

impl<P> Deref for SignedIn<P> {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl<P: Permission> FromRequestParts<App> for SignedIn<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let identity = Identity::of(app, parts).await?;
        limits::admit(app, parts, &identity)?;
        match &identity.credential {
            Credential::Key(_) => Err(Error::SignInRequired),
            Credential::Session { id, .. } => {
                identity.require::<P>(app)?;
                let session_id = id.clone();
                Ok(Self { identity, session_id, permission: PhantomData })
            }
        }
    }
}

/// A signed-in user who operates the instance. To everybody else, and to every API key, there is no
/// such place.
pub(crate) struct Admin {
    identity: Identity,
}

impl Admin {
    /// Returns who does something now, in the log of the account that it is done to.
    pub(crate) fn act(&self, app: &App) -> Act {
        self.identity.act_as_admin(app)
    }
}

impl Deref for Admin {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let identity = Identity::of(app, parts).await?;
        limits::admit(app, parts, &identity)?;
        let is_admin = identity.principal().user_role == Role::Admin;
        match &identity.credential {
            Credential::Session { .. } if is_admin => Ok(Self { identity }),
            Credential::Session { .. } | Credential::Key(_) => Err(Error::NotFound),
        }
    }
}
