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
    Session(&'a str),
    /// A browser before sign-in, by its cookie.
    Browser(&'a str),
}

/// The hidden field that shows a form to be one of ours.
pub(super) struct FormToken(pub(super) String);

impl FormToken {
    pub(super) fn of(secrets: &Secrets, holder: Holder) -> Result<Self> {
        let key_id = secrets.jwt_key_id();
        let plain = plain_token(secrets, &key_id, holder);
        let plain = plain.ok_or_else(|| Error::Internal(anyhow::anyhow!("no signing key")))?;
        let mut bytes = [0; 2 * TOKEN_BYTES];
        getrandom::fill(&mut bytes[..TOKEN_BYTES])
            .map_err(|error| Error::Internal(error.into()))?;
        for at in 0..TOKEN_BYTES {
            bytes[TOKEN_BYTES + at] = plain[at] ^ bytes[at];
        }
        // The key's name goes along: forms outlive a rotation.
        Ok(Self(format!("{key_id}.{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    fn fits(text: &str, secrets: &Secrets, holder: Holder) -> bool {
        let Some((key_id, masked)) = text.rsplit_once('.') else { return false };
        let Ok(masked) = URL_SAFE_NO_PAD.decode(masked) else { return false };
        let Some(plain) = plain_token(secrets, key_id, holder) else { return false };
        if masked.len() != 2 * TOKEN_BYTES {
            return false;
        }
        let (mask, body) = masked.split_at(TOKEN_BYTES);
        let unmasked: Vec<u8> = mask.iter().zip(body).map(|(mask, byte)| mask ^ byte).collect();
        bool::from(unmasked.ct_eq(&plain))
    }
}

fn plain_token(secrets: &Secrets, key_id: &str, holder: Holder) -> Option<[u8; TOKEN_BYTES]> {
    let (kind, id) = match holder {
        Holder::Session(id) => ("session", id),
        Holder::Browser(id) => ("browser", id),
    };
    let mut mac = secrets.jwt_mac(key_id)?;
    mac.update(format!("form of {kind} {id}").as_bytes());
    mac.finalize().into_bytes()[..TOKEN_BYTES].try_into().ok()
}

/// A form sent from one of our pages, by whoever the cookies say.
pub(super) struct Form<T>(pub(super) T);

/// A form with nothing in it but its token.
#[derive(Deserialize)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
struct Token {
    form_token: Option<String>,
}

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        if !is_same_origin(request.headers()) {
            return Err(Error::ForeignForm);
        }
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
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
        let browser = cookies::presession(app, &headers);
        let holder = match session.as_ref().map(|identity| &identity.credential) {
            Some(Credential::Session { id, .. }) => Some(Holder::Session(id)),
            _ => browser.as_deref().map(Holder::Browser),
        };
        // Where no cookie can be kept there is nothing to be bound to, and nobody signs in.
        if Keeping::of(app, &headers) != Keeping::Impossible {
            let token = read::<Token>(&bytes)?.form_token.unwrap_or_default();
            if !holder.is_some_and(|holder| FormToken::fits(&token, &app.secrets, holder)) {
                return Err(Error::ForeignForm);
            }
        }
        read(&bytes).map(Self)
    }
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

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
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
        let one = Holder::Session("one");
        let token = FormToken::of(&secrets, one).unwrap().0;
        assert!(FormToken::fits(&token, &secrets, one));
        assert!(!FormToken::fits(&token, &secrets, Holder::Session("two")));
        assert!(!FormToken::fits(&token, &secrets, Holder::Browser("one")));
        assert_ne!(token, FormToken::of(&secrets, one).unwrap().0, "it is masked anew");
        for odd in ["", ".", "1.", "1.AAAA", "2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(!FormToken::fits(odd, &secrets, one), "{odd}");
        }
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
