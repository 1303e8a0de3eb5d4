//! Settings → API Keys: the list, the form, one key, and the question before one ends.

use askama::Template;
use model::{KeyStatus, Outcome, Scope, Timestamp};

use super::Field;
use crate::parts::SortHead;
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
    /// The same for people.
    pub state: &'static str,
    pub environment: Option<&'static str>,
    pub created: Html,
    pub expires: Option<Html>,
    /// When it was last used; `None` for never.
    pub last_used: Option<Html>,
    pub last_used_ip: Option<String>,
    /// How many requests each of the last fourteen days had, drawn; `None` where it is not shown.
    pub days: Option<Html>,
    /// The share of them that was refused.
    pub refused: String,
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
    /// What is to be looked after among the active keys.
    pub hygiene: Vec<Hygiene>,
    /// What was searched for.
    pub search: String,
    /// The remark that the list is narrowed to, and the order, as the address has them.
    pub only: String,
    pub sort: String,
    pub is_filtered: bool,
    /// The heads of name, created and last used.
    pub heads: [SortHead; 3],
    /// The path of the next page, and of the whole list as a table.
    pub next: Option<String>,
    pub csv: String,
    /// The key that was just made, shown this once.
    pub fresh: Option<FreshKey>,
    pub base_url: String,
}

/// How many keys there is something to say about.
#[derive(Debug, Clone)]
pub struct Hygiene {
    /// As in `2 are older than 90 days`.
    pub said: String,
    /// The list of them.
    pub path: String,
    /// Whether the list shows them alone.
    pub is_chosen: bool,
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
    /// What it may do.
    pub scopes: Vec<&'static str>,
    /// The key that it takes the place of.
    pub old: Option<OldKey>,
}

/// A key that has a successor, and whether something still uses it.
#[derive(Debug, Clone)]
pub struct OldKey {
    pub id: i64,
    pub name: String,
    /// The public half.
    pub key_id: String,
    /// When it ends by itself.
    pub ends: Option<Html>,
    /// Whether it was used since its successor was made.
    pub is_used: bool,
    pub last_use: Option<KeyUse>,
    /// Whether who looks may end it now.
    pub may_end: bool,
}

/// The last use of a key.
#[derive(Debug, Clone)]
pub struct KeyUse {
    pub at: Html,
    pub ip: Option<String>,
    /// Method and route.
    pub endpoint: Option<String>,
    /// How people call the program.
    pub program: String,
    /// How the program calls itself.
    pub agent: Option<String>,
}

/// The form for a new key.
#[derive(Debug, Template)]
#[template(path = "api_key_new.html")]
pub struct NewKey {
    pub frame: Frame,
    /// Makes sending the form twice harmless.
    pub nonce: String,
    pub name: Field,
    /// `30`, `90`, `365`, `date` or `never`.
    pub expiry: Field,
    /// The last day, when a date was chosen.
    pub last_day: String,
    /// `full`, `read` or `scan`.
    pub access: Field,
    pub ip_allowlist: Field,
    pub description: Field,
}

impl NewKey {
    /// Returns whether a field is where whoever fills the form goes on: the first that is wrong, and
    /// the name in a fresh form.
    fn first_wrong(&self, field: &str) -> bool {
        let fields = [
            ("name", &self.name),
            ("expiry", &self.expiry),
            ("access", &self.access),
            ("ip_allowlist", &self.ip_allowlist),
            ("description", &self.description),
        ];
        let wrong = fields.iter().find(|(_, one)| one.problem.is_some());
        wrong.map_or("name", |(name, _)| *name) == field
    }
}

/// One key with what can be done to it.
#[derive(Debug, Template)]
#[template(path = "api_key.html")]
pub struct KeyPage {
    pub frame: Frame,
    pub row: KeyRow,
    /// What stands in the forms that change them.
    pub name: Field,
    pub description: Field,
    pub addresses_field: Field,
    pub scopes: Vec<&'static str>,
    pub ip_allowlist: Vec<String>,
    pub domains: Vec<String>,
    /// Who made it, when it was one of the team.
    pub created_by: Option<String>,
    pub last_use: Option<KeyUse>,
    /// The key that takes its place.
    pub successor: Option<i64>,
    /// Of a rotation under way, the key that goes: this one or the one before it.
    pub old: Option<OldKey>,
    /// Days that can be looked at, with their labels.
    pub ranges: Vec<(i64, &'static str)>,
    pub days: i64,
    /// The requests of that time.
    pub chart: Html,
    /// The hours of it that stand out, the latest first.
    pub spikes: Vec<SpikeRow>,
    pub routes: Vec<RouteRow>,
    pub addresses: Vec<CallerRow>,
    pub programs: Vec<CallerRow>,
    /// The latest requests that were refused.
    pub refused: Vec<RequestRow>,
    pub revoked: Option<(Html, String)>,
    /// How often it was tried since it was revoked, of the refused requests that are shown.
    pub attempts_since: Option<i64>,
    pub base_url: String,
}

/// An hour with many more requests than usual.
#[derive(Debug, Clone)]
pub struct SpikeRow {
    pub hour: String,
    pub requests: i64,
    pub usual: i64,
    /// The list of the requests.
    pub path: String,
}

/// The requests to one route.
#[derive(Debug, Clone)]
pub struct RouteRow {
    pub route: String,
    pub requests: i64,
    pub refused: i64,
}

/// The requests from one address or by one program.
#[derive(Debug, Clone)]
pub struct CallerRow {
    pub who: Option<String>,
    /// How a program calls itself.
    pub full: Option<String>,
    pub requests: i64,
    pub refused: i64,
    pub last: Html,
}

/// One request.
#[derive(Debug, Clone)]
pub struct RequestRow {
    pub at: Html,
    /// What became of it.
    pub outcome: &'static str,
    pub status: i64,
    /// Method and route.
    pub what: String,
    pub ip: Option<String>,
    pub program: String,
    pub request_id: String,
}

/// Requests with a key, one by one.
#[derive(Debug, Template)]
#[template(path = "api_key_requests.html")]
pub struct KeyRequests {
    pub frame: Frame,
    pub id: i64,
    pub name: String,
    /// The public half.
    pub key_id: String,
    pub rows: Vec<RequestRow>,
    pub next: Option<String>,
}

/// Returns what a state is called.
pub fn status_name(words: Words, status: KeyStatus) -> &'static str {
    let [active, replaced, disabled, expired, revoked] =
        texts!["Active", "Replaced", "Switched off", "Expired", "Revoked"];
    words.t(match status {
        KeyStatus::Active => active,
        KeyStatus::Expiring => replaced,
        KeyStatus::Disabled => disabled,
        KeyStatus::Expired => expired,
        KeyStatus::Revoked => revoked,
    })
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
    pub last_use: Option<KeyUse>,
    /// Requests with it since midnight (UTC).
    pub today: i64,
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
