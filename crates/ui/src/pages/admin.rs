//! The pages of whoever operates the instance.

use askama::Template;
use model::{AccountState, SubscriptionStatus};

use super::Field;
use super::overview::Card;
use crate::words::texts;
use crate::{Frame, Html};

/// What the numbers of a plan are, in the order of [`model::PlanOverrides::named`].
pub const NUMBERS: [&str; 7] = texts![
    "Requests a minute",
    "Requests an hour",
    "Requests a day",
    "Scans at the same time",
    "Scans a month",
    "Watched domains",
    "People in the team",
];

/// How the instance stands.
#[derive(Debug, Template)]
#[template(path = "admin.html")]
pub struct Instance {
    pub frame: Frame,
    pub cards: Vec<Card>,
}

/// A user in the list.
#[derive(Debug, Clone)]
pub struct UserRow {
    pub id: i64,
    pub email: String,
    pub name: Option<String>,
    pub plan: String,
    pub subscription: SubscriptionStatus,
    pub state: AccountState,
    pub created: Html,
}

/// The users of the instance.
#[derive(Debug, Template)]
#[template(path = "users.html")]
pub struct Users {
    pub frame: Frame,
    pub rows: Vec<UserRow>,
    pub email: String,
    pub state: String,
    pub plan: String,
    pub states: Vec<&'static str>,
    pub plans: Vec<String>,
    /// The path of the next page.
    pub next: Option<String>,
}

/// One number of a plan as it is typed.
#[derive(Debug, Clone)]
pub struct NumberField {
    /// The name of the field.
    pub name: &'static str,
    pub label: &'static str,
    pub field: Field,
    /// What holds while the field is empty.
    pub otherwise: Option<i64>,
}

/// A sign-in of a user.
#[derive(Debug, Clone)]
pub struct SessionFact {
    /// How people call the program.
    pub program: String,
    pub ip: Option<String>,
    pub last_seen: Html,
}

/// A key of a user's account.
#[derive(Debug, Clone)]
pub struct KeyFact {
    /// The public half.
    pub key_id: String,
    pub state: &'static str,
    pub last_used: Option<Html>,
}

/// Something that a user did.
#[derive(Debug, Clone)]
pub struct TrailRow {
    pub what: String,
    pub target: Option<String>,
    pub ip: Option<String>,
    pub when: Html,
}

/// One user and their account.
#[derive(Debug, Template)]
#[template(path = "user.html")]
pub struct User {
    pub frame: Frame,
    pub row: UserRow,
    pub is_operator: bool,
    pub is_verified: bool,
    pub reason: Option<String>,
    pub team_role: &'static str,
    pub scans: i64,
    pub scans_a_month: i64,
    pub keys: usize,
    /// Where the user is signed in.
    pub sessions: Vec<SessionFact>,
    /// The keys of the account that live, the newest, without anything of their secrets.
    pub key_facts: Vec<KeyFact>,
    /// The latest that the user did.
    pub trail: Vec<TrailRow>,
    pub plans: Vec<String>,
    pub subscriptions: Vec<&'static str>,
    /// The operator's note, as it was typed.
    pub note: Field,
    pub numbers: Vec<NumberField>,
    /// What is wrong with a form that was sent.
    pub problem: Option<String>,
}

impl User {
    /// Returns whether the account may work.
    pub fn is_active(&self) -> bool {
        self.row.state == AccountState::Active
    }
}

/// A plan in the list.
#[derive(Debug, Clone)]
pub struct PlanRow {
    pub id: String,
    pub accounts: i64,
    pub numbers: [i64; 7],
    pub gates: Vec<String>,
    /// Whether new accounts get it.
    pub is_default: bool,
}

/// The plans.
#[derive(Debug, Template)]
#[template(path = "plans.html")]
pub struct Plans {
    pub frame: Frame,
    pub rows: Vec<PlanRow>,
    /// What the numbers are.
    pub labels: Vec<&'static str>,
    pub problem: Option<String>,
}

/// A plan to make or to change.
#[derive(Debug, Template)]
#[template(path = "plan.html")]
pub struct PlanForm {
    pub frame: Frame,
    /// Where the id cannot be chosen any more.
    pub is_there: bool,
    pub id: Field,
    pub numbers: Vec<NumberField>,
    /// Every gate, and whether the plan has it.
    pub gates: Vec<(&'static str, bool)>,
    pub accounts: i64,
    /// Nobody is on it and it is not the plan of new accounts.
    pub can_go: bool,
    pub problem: Option<String>,
}
