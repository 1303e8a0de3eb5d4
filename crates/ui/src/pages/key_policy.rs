use askama::Template;
use model::LeakPolicy;

use super::Field;
use super::profile::Choice;
use crate::words::texts;
use crate::{Frame, Words};

/// What an account demands of its keys.
#[derive(Debug, Template)]
#[template(path = "key_policy.html")]
pub struct KeyPolicy {
    pub frame: Frame,
    /// Whether who looks may change it.
    pub may_change: bool,
    pub leak_policies: Vec<Choice>,
    /// Days, or nothing for no bound.
    pub max_lifetime_days: Field,
}

/// Returns what happens to a key that somebody reports as leaked.
pub fn leak_policy_meaning(words: Words, policy: LeakPolicy) -> &'static str {
    let [revoke, notify] = texts![
        "Revoke it at once, and tell its owner",
        "Let it go on working, and tell its owner",
    ];
    words.t(match policy {
        LeakPolicy::Revoke => revoke,
        LeakPolicy::Notify => notify,
    })
}
