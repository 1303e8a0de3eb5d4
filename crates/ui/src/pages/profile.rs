//! What a person is called, how pages look to them, and the way out with or without their data.

use askama::Template;

use super::Field;
use crate::words::texts;
use crate::{Frame, Theme, Words};

/// A choice of a few: the word that is sent, its label, and whether it is the present one.
pub type Choice = (&'static str, &'static str, bool);

/// What a person says about themselves and how they want pages.
#[derive(Debug, Template)]
#[template(path = "profile.html")]
pub struct Profile {
    pub frame: Frame,
    pub email: String,
    /// Whether a letter to the address was answered.
    pub is_confirmed: bool,
    /// What the role is called, and what it may do.
    pub role: &'static str,
    pub may: &'static str,
    pub name: Field,
    /// The address that is wanted instead.
    pub new_email: Field,
    pub languages: Vec<Choice>,
    /// Names of time zones, and which is the present one.
    pub zones: Vec<(&'static str, bool)>,
    pub themes: Vec<Choice>,
    /// Products whose configuration may be shown first.
    pub products: [&'static str; 6],
    /// Whether the role may take the account's data along.
    pub may_export: bool,
    /// Whether the role may delete the account.
    pub may_delete: bool,
}

/// The form that deletes the account.
#[derive(Debug, Template)]
#[template(path = "account_delete.html")]
pub struct DeleteAccount {
    pub frame: Frame,
    /// The address that is to be typed.
    pub email: String,
    pub typed: Field,
    /// What is wrong with the password.
    pub password_problem: Option<String>,
    /// Why the account cannot be deleted at present.
    pub obstacle: Option<String>,
}

/// Returns what a theme is called.
pub fn theme_name(words: Words, theme: Theme) -> &'static str {
    let [system, light, dark] = texts!["As the system", "Light", "Dark"];
    words.t(match theme {
        Theme::System => system,
        Theme::Light => light,
        Theme::Dark => dark,
    })
}
