//! An authenticator app, written from RFC 4226 and RFC 4648 without a look at the server's own.

use hmac::{Hmac, KeyInit, Mac};
use model::SECOND_MS;
use serde_json::{Value, json};
use sha1::Sha1;

use crate::support::{Client, Reply, TestApp};

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(crate) struct Authenticator(Vec<u8>);

impl Authenticator {
    /// Takes a secret in base32.
    pub(crate) fn new(secret: &str) -> Self {
        let bits: String =
            secret.chars().map(|c| format!("{:05b}", ALPHABET.find(c).unwrap())).collect();
        let byte = |at: usize| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap();
        Self((0..bits.len() / 8).map(byte).collect())
    }

    /// Takes the secret of a user's enrolment, which nobody has confirmed yet.
    pub(crate) async fn begin(user: &Client) -> Self {
        let reply = user.post("/v1/auth/mfa/totp/enroll", json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        Self::new(reply.body["secret"].as_str().unwrap())
    }

    /// Enrols a user, and returns the authenticator with the recovery codes.
    pub(crate) async fn enrol(app: &TestApp, user: &Client) -> (Self, Vec<String>) {
        let authenticator = Self::begin(user).await;
        let confirmed = confirm(user, &authenticator.code(app)).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        let codes = confirmed.body["recovery_codes"].as_array().unwrap();
        (authenticator, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
    }

    /// Returns the secret.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns what the app shows now.
    pub(crate) fn code(&self, app: &TestApp) -> String {
        self.code_in(app, 0)
    }

    /// Waits for the next code.
    pub(crate) fn next(&self, app: &TestApp) -> String {
        app.clock.advance(30 * SECOND_MS);
        self.code(app)
    }

    /// Returns what it shows that many steps from now.
    pub(crate) fn code_in(&self, app: &TestApp, steps: i64) -> String {
        let step = app.clock.now().unix_seconds() / 30 + steps;
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).unwrap();
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let at = usize::from(hash[hash.len() - 1] % 16);
        let number = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// Returns six digits that are not good now, nor a moment ago, nor in a moment.
    pub(crate) fn wrong(&self, app: &TestApp) -> String {
        let good: Vec<_> = (-1..=1).map(|steps| self.code_in(app, steps)).collect();
        (0..4).map(|n| format!("{n:06}")).find(|code| !good.contains(code)).unwrap()
    }
}

pub(crate) async fn confirm(user: &Client, code: &str) -> Reply {
    user.post("/v1/auth/mfa/totp/confirm", json!({ "code": code })).await
}

/// Signs in with whatever else is sent.
pub(crate) async fn sign_in(app: &TestApp, email: &str, password: &str, beside: Value) -> Reply {
    let mut sent = json!({ "email": email, "password": password });
    for (name, value) in beside.as_object().unwrap() {
        sent[name] = value.clone();
    }
    app.anonymous().post("/v1/auth/login", sent).await
}
