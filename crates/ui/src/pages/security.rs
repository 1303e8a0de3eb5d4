//! How a person signs in, where they are signed in, and who tried and was refused.

use askama::Template;
use model::AuthFailure;

use super::Field;
use crate::words::texts;
use crate::{Frame, Html, Words};

/// One sign-in.
#[derive(Debug, Clone)]
pub struct SessionRow {
    pub id: i64,
    /// Whether it is the one that looks.
    pub is_current: bool,
    /// How people call the program.
    pub program: String,
    /// How the program calls itself.
    pub agent: Option<String>,
    pub ip: Option<String>,
    pub created: Html,
    pub last_seen: Html,
}

/// One passkey.
#[derive(Debug, Clone)]
pub struct PasskeyRow {
    pub id: i64,
    pub name: String,
    pub added: Html,
    pub last_used: Option<Html>,
    /// Whether it is copied to other devices of its user.
    pub is_backed_up: bool,
}

/// Refused credentials of one minute that are alike.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    pub reason: &'static str,
    /// The public half of the key that was named, with its mark of omission, or the address.
    pub what: Option<String>,
    pub ip: Option<String>,
    pub program: String,
    pub attempts: i64,
    pub last: Html,
}

/// Refused credentials from one address.
#[derive(Debug, Clone)]
pub struct AddressGroup {
    /// `None` where it is not known.
    pub ip: Option<String>,
    pub attempts: i64,
    pub last: Html,
}

/// Refused credentials with one key, or without any.
#[derive(Debug, Clone)]
pub struct KeyGroup {
    /// Its number, name and public half; `None` for passwords and codes.
    pub key: Option<(i64, String, String)>,
    /// Whether it lives and who looks may revoke it.
    pub may_revoke: bool,
    pub attempts: i64,
    pub last: Html,
}

/// The ways in of a person.
#[derive(Debug, Template)]
#[template(path = "security.html")]
pub struct Security {
    pub frame: Frame,
    /// Since when signing in takes a code of an authenticator; `None` when it does not.
    pub authenticator: Option<Html>,
    /// Recovery codes that were not used.
    pub codes_left: i64,
    pub rows: Vec<SessionRow>,
    pub passkeys: Vec<PasskeyRow>,
    /// Whether browsers make passkeys for this service.
    pub can_add_passkeys: bool,
    /// Whether the only second factor is one that can be lost.
    pub has_one_factor: bool,
    /// What was refused to the account, day by day.
    pub chart: Html,
    pub by_address: Vec<AddressGroup>,
    pub by_key: Vec<KeyGroup>,
    /// The latest of the account.
    pub attempts: Vec<AttemptRow>,
    /// The path of the next page of them.
    pub next: Option<String>,
    /// Days that they are from.
    pub attempt_days: i64,
}

/// The page that adds a passkey, with script alone: only the browser can make one.
#[derive(Debug, Template)]
#[template(path = "passkey_new.html")]
pub struct NewPasskey {
    pub frame: Frame,
    pub name: Field,
    /// What is wrong with what the browser made.
    pub problem: Option<String>,
    /// What the browser is asked for, JSON.
    pub options: String,
}

/// The form for another password.
#[derive(Debug, Template)]
#[template(path = "password_change.html")]
pub struct ChangePassword {
    pub frame: Frame,
    /// What is wrong with the present password.
    pub current_problem: Option<String>,
    /// What is wrong with the new one.
    pub new_problem: Option<String>,
    /// Characters that a password has at least.
    pub min_characters: usize,
}

/// Returns why a credential was refused.
pub fn refusal_reason(words: Words, reason: AuthFailure) -> &'static str {
    let [secret, disabled, expired, revoked, address, password, code, passkey, copy] = texts![
        "Wrong secret of a key",
        "Key that is switched off",
        "Expired key",
        "Revoked key",
        "Key from an address that is not allowed",
        "Wrong password",
        "Wrong code",
        "Passkey that does not fit",
        "Passkey that may be a copy",
    ];
    words.t(match reason {
        AuthFailure::UnknownSecret => secret,
        AuthFailure::Disabled => disabled,
        AuthFailure::Expired => expired,
        AuthFailure::Revoked => revoked,
        AuthFailure::IpNotAllowed => address,
        AuthFailure::WrongPassword => password,
        AuthFailure::WrongCode => code,
        AuthFailure::WrongPasskey => passkey,
        AuthFailure::PasskeyCounter => copy,
    })
}
