//! Settings → API Keys: the list, the form, one key, and the question before one ends.

use askama::Template;
use model::{KeyStatus, Outcome, Scope, Timestamp};

use super::Field;
use crate::words::texts;
use crate::{Frame, Html, Words};

/// A key in the list.
#[derive(Debug, Clone)]
pub struct KeyRow {
    pub id: i64,
    pub name: String,
    /// The public half.
    pub key_id: String,
    pub status: KeyStatus,
    pub environment: Option<&'static str>,
    pub created: Html,
    pub expires: Option<Html>,
    /// When it was last used; `None` for never.
    pub last_used: Option<Html>,
    pub last_used_ip: Option<String>,
    /// What an owner should look at, in words.
    pub remarks: Vec<String>,
    /// Whether who looks may rotate and revoke it.
    pub may_change: bool,
}

impl KeyRow {
    /// Returns whether the key can still be used or switched on again.
    pub fn is_alive(&self) -> bool {
        !matches!(self.status, KeyStatus::Revoked | KeyStatus::Expired)
    }
}

/// The list of keys.
#[derive(Debug, Template)]
#[template(path = "api_keys.html")]
pub struct ApiKeys {
    pub frame: Frame,
    pub rows: Vec<KeyRow>,
    pub shows_revoked: bool,
    pub alive: i64,
    pub revoked: i64,
    /// The key that was just made, shown this once.
    pub fresh: Option<FreshKey>,
    pub base_url: String,
}

impl ApiKeys {
    /// Returns whether who looks may make keys.
    pub fn may_create(&self) -> bool {
        self.frame.may(Scope::KeysWrite)
    }
}

/// A key that was just made.
#[derive(Debug, Clone)]
pub struct FreshKey {
    pub name: String,
    /// The whole key.
    pub secret: String,
}

/// The form for a new key.
#[derive(Debug, Template)]
#[template(path = "api_key_new.html")]
pub struct NewKey {
    pub frame: Frame,
    /// Makes sending the form twice harmless.
    pub nonce: String,
    pub name: Field,
    /// `30`, `90`, `365` or `never`.
    pub expiry: Field,
    /// `full`, `read` or `scan`.
    pub access: Field,
    pub ip_allowlist: Field,
    pub description: Field,
}

/// One key with what can be done to it.
#[derive(Debug, Template)]
#[template(path = "api_key.html")]
pub struct KeyPage {
    pub frame: Frame,
    pub row: KeyRow,
    /// What stands in the form that changes them.
    pub name: Field,
    pub description: Field,
    pub scopes: Vec<&'static str>,
    pub ip_allowlist: Vec<String>,
    pub domains: Vec<String>,
    /// How people call the program, and how it calls itself.
    pub last_used_by: Option<(String, String)>,
    pub last_used_endpoint: Option<String>,
    /// The requests of the last thirty days.
    pub chart: Html,
    /// The latest of them that were refused.
    pub refused: Vec<RefusedRequest>,
    pub revoked: Option<(Html, String)>,
}

/// A request that was refused.
#[derive(Debug, Clone)]
pub struct RefusedRequest {
    pub at: Html,
    pub why: &'static str,
    /// Method and route.
    pub what: String,
    pub ip: Option<String>,
    pub program: String,
}

/// Returns what became of a request.
pub fn outcome_name(words: Words, outcome: Outcome) -> &'static str {
    let [ok, wrong, refused, forbidden, quota, rate, broken] = texts![
        "Answered",
        "The request was wrong",
        "The key was refused",
        "The key may not do this",
        "Monthly scans used up",
        "Too many requests",
        "Something broke on our side",
    ];
    words.t(match outcome {
        Outcome::Ok => ok,
        Outcome::ClientError => wrong,
        Outcome::Unauthorized => refused,
        Outcome::Forbidden => forbidden,
        Outcome::QuotaExceeded => quota,
        Outcome::RateLimited => rate,
        Outcome::ServerError => broken,
    })
}

/// The question before a key is revoked or rotated.
#[derive(Debug, Template)]
#[template(path = "api_key_confirm.html")]
pub struct ConfirmKey {
    pub frame: Frame,
    pub row: KeyRow,
    pub act: KeyAct,
    pub nonce: String,
}

/// What is about to be done to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAct {
    Revoke,
    Rotate,
}

/// Returns the day of a moment, for fields.
pub fn day(at: Timestamp) -> String {
    crate::time::utc_date(at)
}
