//! Letters about API keys. Each names the key by its public half, who did it and what to do next;
//! none holds anything of a secret.
//!
//! The words of whoever uses a key (its name, the agent, where it was found) reach confirmed
//! addresses alone: otherwise anybody could have us write their words to anybody. [`Told`] is a key
//! as its owner may be told of it, and every letter takes one.

use std::ops::Deref;

use model::Timestamp;
use store::{Act, ApiKey, KeyOwner, Principal};

use crate::mail::Letter;

/// A key as its owner may be told of it.
pub(crate) struct Told(ApiKey);

impl Told {
    /// Leaves out whatever strangers may have chosen when the address is not confirmed.
    pub(crate) fn of(key: &ApiKey, owner: &KeyOwner) -> Self {
        let mut key = key.clone();
        if owner.email_verified_at.is_none() {
            key.name.clone_from(&key.key_id);
            key.last_used_agent = None;
        }
        Self(key)
    }
}

impl Deref for Told {
    type Target = ApiKey;

    fn deref(&self) -> &ApiKey {
        &self.0
    }
}

/// Returns a signed-in user, or who made the key that asks, as the reader of a letter.
pub(crate) fn reader(principal: &Principal) -> KeyOwner {
    KeyOwner {
        email: principal.user_email.clone(),
        email_verified_at: principal.user_email_verified_at,
    }
}

const IF_NOT_YOU: &str = "If you do not know of this, revoke the key at once, change your password \
                          and look at the audit log.";

fn letter(subject: String, paragraphs: &[String]) -> Letter {
    Letter { subject, text: paragraphs.join("\n\n") + "\n" }
}

fn named(key: &Told) -> String {
    format!("Name: {}\nKey: {}…", key.name, key.key_id)
}

fn done(act: &Act) -> String {
    let place = act.ip.as_deref().unwrap_or("an unknown address");
    format!("When: {}\nBy: {}\nFrom: {place}", act.at, act.actor)
}

/// A key was made.
pub(crate) fn created(key: &Told, act: &Act) -> Letter {
    letter(
        format!("New API key: {}", key.name),
        &[
            "An API key was made for your account.".to_owned(),
            format!("{}\n{}", named(key), done(act)),
            IF_NOT_YOU.to_owned(),
        ],
    )
}

/// A key was replaced by a successor.
pub(crate) fn rotated(old: &Told, new: &ApiKey, act: &Act) -> Letter {
    let end = match old.expires_at {
        Some(end) if end > act.at => format!("The old key works until {end}."),
        _ => "The old key has stopped working.".to_owned(),
    };
    letter(
        format!("API key rotated: {}", old.name),
        &[
            format!("An API key of your account was replaced. {end}"),
            format!("{}\nSuccessor: {}…\n{}", named(old), new.key_id, done(act)),
            IF_NOT_YOU.to_owned(),
        ],
    )
}

/// Keys were revoked by somebody else than who made them.
pub(crate) fn revoked(keys: &[Told], act: &Act) -> Letter {
    const MOST: usize = 50;
    let subject = match keys {
        [key] => format!("API key revoked: {}", key.name),
        keys => format!("{} API keys revoked", keys.len()),
    };
    let mut list: Vec<String> = keys.iter().take(MOST).map(named).collect();
    if keys.len() > MOST {
        list.push(format!("… and {} more", keys.len() - MOST));
    }
    letter(
        subject,
        &[
            "These API keys were revoked. What uses them is refused from now on.".to_owned(),
            list.join("\n\n"),
            done(act),
            "If you do not know of this, change your password and look at the audit log."
                .to_owned(),
        ],
    )
}

/// Somebody showed that they have the whole key, and it was revoked.
pub(crate) fn leaked_and_revoked(key: &Told, found_at: Option<&str>, at: Timestamp) -> Letter {
    letter(
        format!("Leaked API key revoked: {}", key.name),
        &[
            "Somebody reported a whole API key of your account, so it is no secret any more. It was \
             revoked at once."
                .to_owned(),
            leak(key, found_at, at),
            "Make a new key, give it to what used this one, and remove the old one from where it \
             was found. The audit log and the list of requests show whether somebody used it."
                .to_owned(),
        ],
    )
}

/// Somebody showed that they have the whole key; it goes on working.
pub(crate) fn leaked_and_flagged(key: &Told, found_at: Option<&str>, at: Timestamp) -> Letter {
    letter(
        format!("LEAKED API key, act now: {}", key.name),
        &[
            "Somebody reported a whole API key of your account, so it is no secret any more. Your \
             key policy says `notify`, so THE KEY STILL WORKS."
                .to_owned(),
            leak(key, found_at, at),
            "Rotate it without a grace period or revoke it now. The audit log and the list of \
             requests show whether somebody used it."
                .to_owned(),
        ],
    )
}

fn leak(key: &Told, found_at: Option<&str>, at: Timestamp) -> String {
    let place = found_at.unwrap_or("a place that was not named");
    format!("{}\nReported: {at}\nFound at: {place}", named(key))
}

/// A key ends soon.
pub(crate) fn ends_soon(key: &Told, end: Timestamp, days: i64) -> Letter {
    let when = match days {
        1 => "within a day".to_owned(),
        days => format!("within {days} days"),
    };
    letter(
        format!("API key ends {when}: {}", key.name),
        &[
            format!(
                "An API key of your account ends at {end}. What still uses it then is refused."
            ),
            format!("{}\n{}", named(key), last_use(key)),
            "Rotate it: the successor may do the same, and the old key works on while you switch."
                .to_owned(),
        ],
    )
}

/// A key is old.
pub(crate) fn rotation_due(key: &Told, age_days: i64, due_days: i64) -> Letter {
    letter(
        format!("Rotate your API key: {}", key.name),
        &[
            format!(
                "An API key of your account is {age_days} days old. Keys should be replaced every \
                 {due_days} days."
            ),
            format!("{}\n{}", named(key), last_use(key)),
            "Rotate it, or revoke it if nothing needs it any more.".to_owned(),
        ],
    )
}

/// The grace period of a replaced key ends soon, and it is still used.
pub(crate) fn still_in_use(key: &Told, end: Timestamp, hours: i64) -> Letter {
    let when = match hours {
        1 => "an hour".to_owned(),
        hours => format!("{hours} hours"),
    };
    letter(
        format!("Old API key still in use, it ends within {when}: {}", key.name),
        &[
            format!(
                "You replaced this API key, but something still uses it. It ends at {end}; from \
                 then on that is refused."
            ),
            format!("{}\n{}", named(key), last_use(key)),
            "Give the successor to what is named above.".to_owned(),
        ],
    )
}

fn last_use(key: &Told) -> String {
    let Some(at) = key.last_used_at else { return "Last used: never".to_owned() };
    format!(
        "Last used: {at}\nFrom: {}\nWith: {}\nFor: {}",
        key.last_used_ip.as_deref().unwrap_or("an unknown address"),
        key.last_used_agent.as_deref().unwrap_or("an unnamed program"),
        key.last_used_endpoint.as_deref().unwrap_or("-"),
    )
}
