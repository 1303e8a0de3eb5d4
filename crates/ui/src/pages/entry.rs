use askama::Template;

use super::Field;
use crate::Frame;

/// The sign-in page.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    pub frame: Frame,
    pub email: Field,
    /// Where to go afterwards, a path of our own.
    pub next: String,
    pub can_sign_up: bool,
    /// Whether the account asks for a code besides the password.
    pub asks_code: bool,
    /// Whether browsers know passkeys for this service.
    pub takes_passkeys: bool,
    /// What is wrong with the passkey that was sent.
    pub passkey_problem: Option<String>,
}

/// The sign-up page.
#[derive(Debug, Template)]
#[template(path = "sign_up.html")]
pub struct SignUp {
    pub frame: Frame,
    pub name: Field,
    pub email: Field,
    pub password: Field,
    /// Characters that a password has at least.
    pub min_characters: usize,
}

/// The set-up of the first administrator.
#[derive(Debug, Template)]
#[template(path = "setup.html")]
pub struct SetUp {
    pub frame: Frame,
    /// What the link holds.
    pub token: String,
    pub email: Field,
    pub password: Field,
    /// Characters that a password has at least.
    pub min_characters: usize,
    /// Whether browsers will keep a session: not over plain http from elsewhere.
    pub is_guarded: bool,
}
