use askama::Template;

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

/// The sessions of a person.
#[derive(Debug, Template)]
#[template(path = "security.html")]
pub struct Security {
    pub frame: Frame,
    pub rows: Vec<SessionRow>,
}
