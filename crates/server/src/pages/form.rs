//! Forms of our own pages, told from those of others.
//!
//! Two locks. The browser's word: `Sec-Fetch-Site` must be `same-origin` (or `none`), or, where a
//! browser does not send it, `Origin` must name the host that was asked. And a token in the form, an
//! HMAC of the session, or before sign-in of a cookie that stands for the browser (OWASP names it a
//! pre-session: nobody can sign others in as somebody else), masked anew on each page so that
//! compression tells nothing of it.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use http::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use http::{HeaderMap, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use store::Once;
use subtle::ConstantTimeEq;

use super::answer::with_cookie;
use super::cookies::{self, Keeping};
use crate::app::App;
use crate::auth::secrets::{Secrets, hex};
use crate::auth::token::random_base62;
use crate::auth::{Credential, Identity};
use crate::error::{Error, Result};

const TOKEN_BYTES: usize = 16;

/// Who a form is shown to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holder<'a> {
    Session {
        id: &'a str,
        user: i64,
    },
    /// A browser before sign-in, by its cookie.
    Browser(&'a str),
}

impl Holder<'_> {
    /// Returns what a token proves, in parts of [`TOKEN_BYTES`].
    fn proofs(self, secrets: &Secrets, key_id: &str) -> Option<Vec<u8>> {
        let proof = |about: &str| proof(secrets, key_id, about);
        match self {
            Self::Session { id, user } => {
                Some([proof(&format!("session {id}"))?, proof(&format!("user {user}"))?].concat())
            }
            Self::Browser(id) => Some(proof(&format!("browser {id}"))?.to_vec()),
        }
    }
}

fn proof(secrets: &Secrets, key_id: &str, about: &str) -> Option<[u8; TOKEN_BYTES]> {
    let mut mac = secrets.jwt_mac(key_id)?;
    mac.update(format!("form of {about}").as_bytes());
    mac.finalize().into_bytes()[..TOKEN_BYTES].try_into().ok()
}

/// The hidden field that shows a form to be one of ours: `<key>.<proofs, masked>`, of a session with
/// `~<user>` behind it, so that it can be told whose form it was when the session is no more.
pub(super) struct FormToken(pub(super) String);

impl FormToken {
    pub(super) fn of(secrets: &Secrets, holder: Holder) -> Result<Self> {
        let key_id = secrets.jwt_key_id();
        let plain = holder.proofs(secrets, &key_id);
        let plain = plain.ok_or_else(|| Error::Internal(anyhow::anyhow!("no signing key")))?;
        let mut bytes = vec![0; plain.len()];
        getrandom::fill(&mut bytes).map_err(|error| Error::Internal(error.into()))?;
        for at in 0..plain.len() {
            bytes.push(plain[at] ^ bytes[at]);
        }
        let user = match holder {
            Holder::Session { user, .. } => format!("~{user}"),
            Holder::Browser(_) => String::new(),
        };
        // The key's name goes along: forms outlive a rotation.
        Ok(Self(format!("{key_id}.{}{user}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    fn fits(text: &str, secrets: &Secrets, holder: Holder) -> bool {
        let Some((key_id, proofs, _)) = unmasked(text) else { return false };
        let plain = holder.proofs(secrets, key_id);
        plain.is_some_and(|plain| bool::from(proofs.ct_eq(&plain)))
    }

    /// Returns the user who was shown the form, whether or not their session goes on.
    pub(super) fn user(text: &str, secrets: &Secrets) -> Option<i64> {
        let (key_id, proofs, user) = unmasked(text)?;
        let plain = proof(secrets, key_id, &format!("user {}", user?))?;
        bool::from(proofs.get(TOKEN_BYTES..)?.ct_eq(&plain)).then_some(user?)
    }
}

/// Returns the parts of a token: the name of its key, what it proves, and for whom.
fn unmasked(text: &str) -> Option<(&str, Vec<u8>, Option<i64>)> {
    let (key_id, rest) = text.rsplit_once('.')?;
    let (masked, user) = match rest.split_once('~') {
        Some((masked, user)) => (masked, Some(user.parse().ok()?)),
        None => (rest, None),
    };
    let masked = URL_SAFE_NO_PAD.decode(masked).ok()?;
    let (mask, body) = masked.split_at(masked.len() / 2);
    (mask.len() == body.len() && !mask.is_empty()).then_some(())?;
    Some((key_id, mask.iter().zip(body).map(|(mask, byte)| mask ^ byte).collect(), user))
}

/// A form sent from one of our pages, by whoever the cookies say.
pub(super) struct Form<T>(pub(super) T);

/// A form that does what a guest may do, from a page without navigation: whoever is signed in may send
/// it all the same, under the token of their browser.
pub(super) struct GuestForm<T>(pub(super) T);

/// A form with nothing in it but its token.
#[derive(Deserialize)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) form_token: Option<String>,
}

/// Whose tokens are good for a form while somebody is signed in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Good {
    Session,
    SessionOrBrowser,
}

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        receive(request, app, Good::Session).await.map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<App> for GuestForm<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        receive(request, app, Good::SessionOrBrowser).await.map(Self)
    }
}

async fn receive<T: DeserializeOwned>(request: Request, app: &App, good: Good) -> Result<T> {
    if !is_same_origin(request.headers()) {
        return Err(Error::ForeignForm);
    }
    if !is_form(request.headers()) {
        return Err(Error::UnsupportedMediaType);
    }
    let (parts, body) = request.into_parts();
    let headers = parts.headers.clone();
    let session = match cookies::session(app, &parts) {
        Some(token) => Identity::of_token(app, token, &parts).await.ok(),
        None => None,
    };
    let body = Request::from_parts(parts, body);
    let bytes = Bytes::from_request(body, app).await.map_err(|_| Error::TooLarge)?;
    // Where no cookie can be kept there is nothing to be bound to, and nobody signs in.
    if Keeping::of(app, &headers) != Keeping::Impossible {
        let token = read::<Token>(&bytes)?.form_token.unwrap_or_default();
        let fits = |holder: Holder<'_>| FormToken::fits(&token, &app.secrets, holder);
        let of_session = session.as_ref().and_then(holder);
        let is_browsers = of_session.is_none() || good == Good::SessionOrBrowser;
        let browser = cookies::presession(app, &headers).filter(|_| is_browsers);
        if !of_session.is_some_and(fits) && !browser.is_some_and(|id| fits(Holder::Browser(&id))) {
            return Err(Error::ForeignForm);
        }
    }
    read(&bytes)
}

/// Returns who the forms of a session are shown to.
pub(super) fn holder(identity: &Identity) -> Option<Holder<'_>> {
    let user = identity.principal().user_id;
    match &identity.credential {
        Credential::Session { id, .. } => Some(Holder::Session { id, user }),
        Credential::Key(_) => None,
    }
}

/// Returns whether a request brings a form as browsers send it without files.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// Gives every browser that is shown a page something to bind its forms to before sign-in.
pub(super) async fn presession(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    let keeping = Keeping::of(&app, request.headers());
    if cookies::presession(&app, request.headers()).is_some() {
        return Ok(next.run(request).await);
    }
    let Some((pair, field)) = keeping.presession(&nonce()?) else {
        return Ok(next.run(request).await);
    };
    // The page is made as if the browser had brought it already.
    request.headers_mut().append(COOKIE, pair);
    let response = next.run(request).await;
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_page = kind.is_some_and(|kind| kind.starts_with("text/html"));
    Ok(with_cookie(response, is_page.then_some(field)))
}

pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_urlencoded::from_bytes(bytes)
        .map_err(|_| Error::InvalidRequest("The form cannot be read.".to_owned()))
}

/// Returns whether a browser says that the request comes from a page of this host.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    if let Some(site) = text(http::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin" || site == "none";
    }
    let origin = text(ORIGIN).and_then(|origin| origin.parse::<Uri>().ok());
    let origin = origin.as_ref().and_then(Uri::authority).map(|authority| authority.as_str());
    match (origin, text(HOST)) {
        (Some(origin), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

/// Returns a fresh text that makes sending a form twice harmless.
pub(super) fn nonce() -> Result<String> {
    random_base62(22).map_err(|error| Error::Internal(error.into()))
}

/// Returns what makes a form with that nonce take effect once.
pub(super) fn once(nonce: &str) -> Once {
    Once { key: hex(&Sha256::digest(format!("form {nonce}"))), fingerprint: "form".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_own_holder_alone() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(folder.path()).unwrap();
        let session = |id, user| Holder::Session { id, user };
        let one = session("one", 1);
        let token = FormToken::of(&secrets, one).unwrap().0;
        assert!(FormToken::fits(&token, &secrets, one));
        for other in [session("two", 1), session("one", 2), Holder::Browser("one")] {
            assert!(!FormToken::fits(&token, &secrets, other), "{other:?}");
        }
        assert_ne!(token, FormToken::of(&secrets, one).unwrap().0, "it is masked anew");
        for odd in
            ["", ".", "1.", "1.AAAA", "1.~1", "2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
        {
            assert!(!FormToken::fits(odd, &secrets, one), "{odd}");
            assert_eq!(FormToken::user(odd, &secrets), None, "{odd}");
        }
    }

    #[test]
    fn a_token_tells_whose_form_it_was_and_nobody_changes_that() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(folder.path()).unwrap();
        let token = FormToken::of(&secrets, Holder::Session { id: "one", user: 7 }).unwrap().0;
        assert_eq!(FormToken::user(&token, &secrets), Some(7));
        assert_eq!(FormToken::user(&token.replace("~7", "~8"), &secrets), None);
        assert_eq!(FormToken::user(token.split('~').next().unwrap(), &secrets), None);
        let browsers = FormToken::of(&secrets, Holder::Browser("one")).unwrap().0;
        assert_eq!(FormToken::user(&format!("{browsers}~7"), &secrets), None);
    }

    #[test]
    fn forms_of_other_sites_are_told_apart() {
        let from = |fields: &[(&'static str, &str)]| {
            let fields = fields
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
            is_same_origin(&HeaderMap::from_iter(fields))
        };
        assert!(from(&[("sec-fetch-site", "same-origin")]));
        assert!(from(&[("sec-fetch-site", "none")]));
        assert!(!from(&[("sec-fetch-site", "same-site"), ("origin", "http://a"), ("host", "a")]));
        assert!(!from(&[("sec-fetch-site", "cross-site")]));
        assert!(from(&[("origin", "http://nas:8080"), ("host", "nas:8080")]));
        assert!(!from(&[("origin", "http://nas"), ("host", "nas:8080")]));
        assert!(!from(&[("origin", "null"), ("host", "nas")]));
        assert!(!from(&[("host", "nas")]) && !from(&[]));
    }
}
