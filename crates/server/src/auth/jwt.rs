//! JSON Web Tokens, HS256 and nothing else (RFC 7519, RFC 8725).
//!
//! The algorithm is decided here, before a header is looked at, so there is nothing to confuse:
//! the header must be the one text that every token of ours begins with, the signature one by a key
//! of our ring, and the claims exactly what [`sign`] writes. A header that may say nothing needs no
//! `kid`: the few keys of the ring are tried in turn. Base64url is strict and unpadded, JSON members stand
//! once, every claim is required and type-checked, `exp` has no leeway. A token is good only
//! together with its session, which `auth::session` looks up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use model::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::secrets::Secrets;
use crate::strict_json;

/// How long a sign-in lasts.
pub(crate) const LIFETIME_SECONDS: i64 = 24 * 60 * 60;
/// How far a clock that issued a token may be ahead of ours.
const LEEWAY_SECONDS: i64 = 30;
const MAX_BYTES: usize = 4 * 1024;
const ISSUER: &str = "compliancelayer";
/// `{"alg":"HS256","typ":"JWT"}`, as the founding text shows it.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
const VERSION: i64 = 1;

/// What a token says, all of it checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) user_id: i64,
    pub(crate) session_id: String,
    /// Unix seconds.
    pub(crate) issued_at: i64,
    /// Unix seconds, exclusive.
    pub(crate) expires_at: i64,
}

impl Claims {
    pub(crate) fn expiry(&self) -> Timestamp {
        Timestamp(self.expires_at.saturating_mul(1000))
    }
}

/// Signs a token. `id` is its `jti`.
pub(crate) fn sign(secrets: &Secrets, claims: &Claims, id: &str) -> String {
    let payload = json!({
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": claims.user_id.to_string(),
        "iat": claims.issued_at,
        "nbf": claims.issued_at,
        "exp": claims.expires_at,
        "jti": id,
        "sid": claims.session_id,
        "ver": VERSION,
    });
    let mut token = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(payload.to_string()));
    let mut mac = secrets.jwt_signer();
    mac.update(token.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    token.push('.');
    token.push_str(&signature);
    token
}

#[derive(Deserialize)]
struct Payload {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
    sid: String,
    ver: i64,
}

/// Returns the claims of a token of ours that is good at `now`. `None` for every other text: why it
/// is not good is nobody's business.
pub(crate) fn verify(secrets: &Secrets, token: &str, now: Timestamp) -> Option<Claims> {
    if token.len() > MAX_BYTES {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    if header != HEADER || payload.contains('.') {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !secrets.jwt_signed(signed.as_bytes(), &signature, now) {
        return None;
    }

    let payload: Payload = part(payload)?;
    let now = now.unix_seconds();
    let is_ours = payload.iss == ISSUER && payload.aud == ISSUER && payload.ver == VERSION;
    let is_named = !payload.jti.is_empty() && !payload.sid.is_empty();
    let has_begun = payload.nbf <= now + LEEWAY_SECONDS && payload.iat <= now + LEEWAY_SECONDS;
    let lifetime = payload.exp.checked_sub(payload.iat)?;
    if !is_ours
        || !is_named
        || !has_begun
        || now >= payload.exp
        || !(1..=LIFETIME_SECONDS).contains(&lifetime)
    {
        return None;
    }
    let user_id: i64 = payload.sub.parse().ok()?;
    Some(Claims {
        user_id,
        session_id: payload.sid,
        issued_at: payload.iat,
        expires_at: payload.exp,
    })
}

/// Decodes one part. The decoder refuses padding, other alphabets and unused bits that are not
/// zero.
fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    // An array would do for a struct too, so what is read must be an object.
    let object = strict_json::read(&bytes).ok().filter(Value::is_object)?;
    serde_json::from_value(object).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_509_096_000);

    struct Forge {
        secrets: Secrets,
        _folder: tempfile::TempDir,
    }

    impl Forge {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            Self { secrets: Secrets::open(folder.path()).unwrap(), _folder: folder }
        }

        fn honest(&self) -> String {
            let issued_at = NOW.unix_seconds();
            let claims = Claims {
                user_id: 7,
                session_id: "session".to_owned(),
                issued_at,
                expires_at: issued_at + LIFETIME_SECONDS,
            };
            sign(&self.secrets, &claims, "id")
        }

        fn accepts(&self, token: &str) -> bool {
            verify(&self.secrets, token, NOW).is_some()
        }

        /// Signs whatever it is given with our own key.
        fn signed(&self, header: &str, payload: &str) -> String {
            let signed =
                format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
            let mut mac = self.secrets.jwt_signer();
            mac.update(signed.as_bytes());
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        }
    }

    const PLAIN_HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    fn payload() -> Value {
        let now = NOW.unix_seconds();
        json!({"iss": "compliancelayer", "aud": "compliancelayer", "sub": "7", "iat": now,
               "nbf": now, "exp": now + LIFETIME_SECONDS, "jti": "id", "sid": "session", "ver": 1})
    }

    fn parts(token: &str) -> [String; 3] {
        let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
        parts.try_into().unwrap()
    }

    #[test]
    fn an_honest_token_is_good_until_the_second_it_ends() {
        let forge = Forge::new();
        let token = forge.honest();
        let at = |seconds: i64| verify(&forge.secrets, &token, NOW.plus_ms(seconds * 1000));
        assert_eq!(at(0).unwrap().user_id, 7);
        assert_eq!(at(0).unwrap().session_id, "session");
        assert!(at(86_399).is_some());
        assert!(at(86_400).is_none());
        assert!(at(86_401).is_none());
        assert!(at(-30).is_some());
        assert!(at(-31).is_none());
        assert!(forge.accepts(&forge.signed(PLAIN_HEADER, &payload().to_string())));
    }

    #[test]
    fn a_token_begins_as_the_founding_text_shows() {
        let forge = Forge::new();
        assert!(forge.honest().starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
        assert_eq!(URL_SAFE_NO_PAD.encode(PLAIN_HEADER), HEADER);
    }

    #[test]
    fn no_other_algorithm_is_talked_into() {
        let forge = Forge::new();
        for alg in [
            "none", "None", "nOnE", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "hs256",
            "",
        ] {
            let header = json!({"alg": alg, "typ": "JWT"}).to_string();
            let token = forge.signed(&header, &payload().to_string());
            assert!(!forge.accepts(&token), "{alg}");
            let [header, payload, _] = parts(&token);
            assert!(!forge.accepts(&format!("{header}.{payload}.")), "{alg} without a signature");
            assert!(!forge.accepts(&format!("{header}.{payload}")), "{alg} in two parts");
        }
    }

    #[test]
    fn a_header_says_nothing_but_what_ours_say() {
        let forge = Forge::new();
        for header in [
            r#"{"alg":"HS256","typ":"at+jwt"}"#,
            r#"{"alg":"HS256","typ":"jwt"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"typ":"JWT","alg":"HS256"}"#,
            r#"{"alg":"HS256","typ":"JWT" }"#,
            r#"{"alg":"HS256","typ":"JWT","kid":"1"}"#,
            r#"{"alg":"HS256","typ":"JWT","kid":"../../dev/null"}"#,
            r#"{"alg":"HS256","typ":"JWT","crit":["exp"]}"#,
            r#"{"alg":"HS256","typ":"JWT","jku":"https://evil.example/"}"#,
            r#"{"alg":"HS256","typ":"JWT","jwk":{}}"#,
            r#"{"alg":"HS256","typ":"JWT","x5u":"https://evil.example/"}"#,
            r#"{"alg":"HS256","typ":"JWT","x5c":[]}"#,
            r#"{"alg":"HS256","typ":"JWT","b64":false,"crit":["b64"]}"#,
            r#"{"alg":"none","alg":"HS256","typ":"JWT"}"#,
            r#"["HS256","JWT"]"#,
            "null",
            "",
        ] {
            assert!(!forge.accepts(&forge.signed(header, &payload().to_string())), "{header}");
        }
    }

    #[test]
    fn every_claim_is_required_and_of_its_type() {
        let forge = Forge::new();
        for name in ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "ver"] {
            let mut without = payload();
            without.as_object_mut().unwrap().remove(name);
            assert!(
                !forge.accepts(&forge.signed(PLAIN_HEADER, &without.to_string())),
                "without {name}"
            );
            for wrong in [json!(null), json!([1]), json!({}), json!(true), json!(1.5), json!("")] {
                let mut broken = payload();
                broken[name] = wrong.clone();
                let token = forge.signed(PLAIN_HEADER, &broken.to_string());
                assert!(!forge.accepts(&token), "{name} = {wrong}");
            }
        }
        let now = NOW.unix_seconds();
        for (name, wrong) in [
            ("iss", json!("other")),
            ("aud", json!("other")),
            ("aud", json!(["compliancelayer"])),
            ("sub", json!(7)),
            ("sub", json!("7; --")),
            ("exp", json!(now.to_string())),
            ("exp", json!(now)),
            ("exp", json!(now - 1)),
            ("exp", json!(i64::MAX)),
            ("exp", json!(now + LIFETIME_SECONDS + 1)),
            ("iat", json!(i64::MIN)),
            ("nbf", json!(now + 31)),
            ("iat", json!(now + 31)),
            ("ver", json!(2)),
        ] {
            let mut broken = payload();
            broken[name] = wrong.clone();
            assert!(
                !forge.accepts(&forge.signed(PLAIN_HEADER, &broken.to_string())),
                "{name} = {wrong}"
            );
        }
        let twice = payload().to_string().replacen('{', r#"{"sub":"1","#, 1);
        assert!(!forge.accepts(&forge.signed(PLAIN_HEADER, &twice)));
    }

    #[test]
    fn a_changed_or_misspelt_token_is_refused() {
        let forge = Forge::new();
        let token = forge.honest();
        let [header, payload, signature] = parts(&token);
        let padded = |text: &str| format!("{text}=");
        for broken in [
            String::new(),
            "..".to_owned(),
            format!("{token}."),
            format!(".{token}"),
            format!("{token} "),
            format!(" {token}"),
            format!("{token}?"),
            format!("{token}\n"),
            format!("{header}.{payload}.{}", padded(&signature)),
            format!("{}.{payload}.{signature}", padded(&header)),
            format!("{header}.{payload}.{signature}.{signature}"),
            format!("{header}.{payload}.{}", signature.replace(['-', '_'], "+")),
            format!("{header}.{payload}.{}", &signature[..signature.len() - 1]),
            format!("{header}..{signature}"),
            format!(
                r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#
            ),
        ] {
            // A signature without `-` and `_` is its own replacement.
            assert!(broken == token || !forge.accepts(&broken), "{broken}");
        }
        // 32 bytes leave two unused bits in the last of 43 characters; they must be zero.
        const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let last = signature.chars().last().unwrap();
        let at = ALPHABET.find(last).unwrap();
        let unused_bit_set = ALPHABET.as_bytes()[at | 1] as char;
        let twin = format!("{header}.{payload}.{}{unused_bit_set}", &signature[..42]);
        assert!(twin != token && !forge.accepts(&twin));
        let huge = format!("{}.{payload}.{signature}", "A".repeat(MAX_BYTES));
        assert!(!forge.accepts(&huge));
    }

    #[test]
    fn another_instances_token_is_refused() {
        let (ours, theirs) = (Forge::new(), Forge::new());
        assert!(!ours.accepts(&theirs.honest()));
    }
}
