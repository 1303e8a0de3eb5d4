use askama::Template;

use super::Field;
use crate::{Frame, Lang, Zone};

/// The sign-in page.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    pub frame: Frame,
    pub email: Field,
    /// Where to go afterwards, a path of our own.
    pub next: String,
    pub can_sign_up: bool,
    pub can_scan_for_free: bool,
    /// Seconds to wait, after too many attempts.
    pub wait: Option<u32>,
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
    /// Whether the box is ticked, and what is wrong if it is not.
    pub agrees: bool,
    pub agrees_problem: Option<String>,
    /// Characters that a password has at least.
    pub min_characters: usize,
    /// What an account is, and what happens next.
    pub about: Vec<String>,
    /// Seconds to wait, after too many attempts.
    pub wait: Option<u32>,
}

/// The set-up of the first administrator.
#[derive(Debug, Template)]
#[template(path = "setup.html")]
pub struct SetUp {
    pub frame: Frame,
    /// What the link holds.
    pub token: String,
    /// That this page was shown to whoever has the link.
    pub shown: String,
    pub name: Field,
    pub email: Field,
    pub password: Field,
    /// Characters that a password has at least.
    pub min_characters: usize,
    /// Whether browsers will keep a session: not over plain http from elsewhere.
    pub is_guarded: bool,
    /// What is chosen for this browser.
    pub language: Lang,
    pub zone: Zone,
    pub instance: Instance,
}

/// How a new instance stands, and what its settings say.
#[derive(Debug)]
pub struct Instance {
    /// How it knows itself.
    pub public_url: String,
    /// What the browser asked for.
    pub seen_host: String,
    /// Whether that is another name.
    pub is_other_host: bool,
    pub is_encrypted: bool,
    /// Who may make an account, and how letters leave.
    pub sign_up: &'static str,
    pub mail: &'static str,
    /// The data folder.
    pub data: String,
    pub has_database_elsewhere: bool,
}

impl SetUp {
    /// Returns every language.
    pub fn languages(&self) -> &'static [Lang] {
        Lang::ALL
    }

    /// Returns every time zone.
    pub fn zones(&self) -> Vec<Zone> {
        Zone::all().collect()
    }
}
