use askama::Template;

use super::Field;
use crate::{Frame, Html};

/// One sign-in.
#[derive(Debug, Clone)]
pub struct SessionRow {
    pub id: i64,
    /// Whether it is the one that looks.
    pub is_current: bool,
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

/// The sessions and passkeys of a person.
#[derive(Debug, Template)]
#[template(path = "security.html")]
pub struct Security {
    pub frame: Frame,
    pub rows: Vec<SessionRow>,
    pub passkeys: Vec<PasskeyRow>,
    /// Whether browsers make passkeys for this service.
    pub can_add_passkeys: bool,
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
