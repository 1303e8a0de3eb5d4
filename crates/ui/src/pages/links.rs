use askama::Template;

use super::Field;
use crate::{Frame, Html};

/// Asks for the address whose password is forgotten.
#[derive(Debug, Template)]
#[template(path = "forgot_password.html")]
pub struct ForgotPassword {
    pub frame: Frame,
    pub email: Field,
}

/// Where a link to set a password leads.
#[derive(Debug, Template)]
#[template(path = "reset_password.html")]
pub struct ResetPassword {
    pub frame: Frame,
    /// What the link holds.
    pub token: String,
    pub password: Field,
    /// Whether the keys go as well.
    pub revokes_keys: bool,
    /// The keys that the user made lately, with when, and how many more there are.
    pub keys: Vec<(String, Html)>,
    pub more_keys: i64,
    /// Characters that a password has at least.
    pub min_characters: usize,
}

/// Where a link to confirm an address leads. Programs that look at links in letters must not use it
/// up, so it takes a click.
#[derive(Debug, Template)]
#[template(path = "verify_email.html")]
pub struct VerifyEmail {
    pub frame: Frame,
    /// What the link holds.
    pub token: String,
}
