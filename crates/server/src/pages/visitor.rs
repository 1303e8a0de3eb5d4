//! Who looks at a page, and the frame around it.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use model::{Role, Scope};
use ui::{Frame, Notice, Section, Theme, Tone, Who, Words};

use super::cookies::{self, Keeping};
use super::form::{FormToken, Holder, holder};
use crate::app::App;
use crate::auth::Identity;
use crate::error::{Error, Result};
use crate::limits;

/// What anybody's browser says about how it wants pages.
pub(super) struct Guest {
    pub(super) words: Words,
    pub(super) theme: Theme,
    /// The product whose configuration is wanted first.
    product: &'static str,
    pub(super) keeping: Keeping,
    /// Empty where the browser cannot keep the cookie that it goes with.
    form_token: String,
}

impl Guest {
    pub(super) fn of(app: &App, headers: &http::HeaderMap) -> Result<Self> {
        let form_token = match cookies::presession(app, headers) {
            Some(id) => FormToken::of(&app.secrets, Holder::Browser(&id))?.0,
            None => String::new(),
        };
        Ok(Self {
            words: Words { lang: cookies::language(headers), zone: cookies::zone(headers) },
            theme: cookies::theme(headers),
            product: cookies::product(headers),
            keeping: Keeping::of(app, headers),
            form_token,
        })
    }

    /// Returns the frame of a page without navigation.
    pub(super) fn frame(&self, title: impl Into<String>) -> Frame {
        let mut frame = Frame::new(title, Section::Elsewhere, self.words, self.theme);
        frame.form_token.clone_from(&self.form_token);
        frame.product = self.product;
        frame
    }
}

impl FromRequestParts<App> for Guest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Self::of(app, &parts.headers)
    }
}

/// A signed-in person. Whoever is not is sent to the sign-in page, and back afterwards.
pub(super) struct Visitor {
    identity: Identity,
    pub(super) session_id: String,
    /// With the form token of the session.
    guest: Guest,
    /// Unread alerts, as many as pages count.
    unread: i64,
}

impl Deref for Visitor {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let visitor = Self::known(app, parts).await?;
        limits::admit(app, parts, &visitor.identity)?;
        Ok(visitor)
    }
}

/// A visitor who operates the instance. For everybody else there is no such page.
pub(super) struct Operator(Visitor);

impl Deref for Operator {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.0
    }
}

impl FromRequestParts<App> for Operator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let visitor = Visitor::from_request_parts(parts, app).await?;
        match visitor.principal().user_role {
            Role::Admin => Ok(Self(visitor)),
            Role::User => Err(Error::NotFound),
        }
    }
}

impl Visitor {
    /// Returns who is signed in, without a look at their limits: for pages that say that something
    /// went wrong.
    pub(super) async fn known(app: &App, parts: &Parts) -> Result<Self> {
        let token = cookies::session(app, parts).ok_or(Error::Unauthorized { sent: false })?;
        let identity = Identity::of_token(app, token, parts).await?;
        let Some(holder @ Holder::Session { id, .. }) = holder(&identity) else {
            return Err(Error::Unauthorized { sent: true });
        };
        let form_token = FormToken::of(&app.secrets, holder)?.0;
        let session_id = id.to_owned();
        let guest = Guest { form_token, ..Guest::of(app, &parts.headers)? };
        let account = identity.principal().user_account_id;
        let unread = app.store.count_unread_alerts(account, Frame::MOST_UNREAD).await?;
        Ok(Self { identity, session_id, guest, unread })
    }

    pub(super) fn words(&self) -> Words {
        self.guest.words
    }

    pub(super) fn keeping(&self) -> Keeping {
        self.guest.keeping
    }

    pub(super) fn theme(&self) -> Theme {
        self.guest.theme
    }

    pub(super) fn account(&self) -> i64 {
        self.principal().user_account_id
    }

    /// Returns whether the role of who looks may do that.
    pub(super) fn may(&self, scope: Scope) -> bool {
        self.role().scopes().contains(&scope)
    }

    /// Returns the frame of a page, with the navigation.
    pub(super) fn frame(&self, title: impl Into<String>, section: Section) -> Frame {
        let user = self.principal();
        let words = self.words();
        let mut frame = Frame { section, ..self.guest.frame(title) };
        frame.who = Some(Who {
            email: user.user_email.clone(),
            scopes: self.role().scopes(),
            is_operator: user.user_role == Role::Admin,
        });
        frame.unread = self.unread;
        if self.keeping() == Keeping::Bare {
            frame.notices.push(Notice {
                tone: Tone::Warning,
                text: words
                    .t("Your session travels unencrypted: anybody on the network can take it over.")
                    .to_owned(),
                link: None,
            });
        }
        frame
    }
}
