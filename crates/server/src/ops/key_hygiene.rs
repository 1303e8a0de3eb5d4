//! What is wrong with an account's living keys, and what to do about it.
//!
//! Pure: keys and a time in, findings out. A key can stand under several findings.
//!
//! To add a finding: a variant with its two sentences and its condition in [`Finding::applies`].

use model::{DAY_MS, KeyStatus, Scope, Timestamp};
use store::ApiKey;

/// Age at which a key is due for rotation, in days.
pub(crate) const ROTATION_DAYS: i64 = 90;
const UNUSED_DAYS: i64 = 30;
const IDLE_DAYS: i64 = 90;
const SOON_DAYS: i64 = 30;

/// Something that is wrong with keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding {
    Exposed,
    OldKeyInUse,
    RotationDue,
    EndsSoon,
    NeverUsed,
    Idle,
    NoEnd,
    AllScopes,
    Disabled,
}

impl Finding {
    /// Every finding, the most urgent first.
    pub(crate) const ALL: [Self; 9] = [
        Self::Exposed,
        Self::OldKeyInUse,
        Self::RotationDue,
        Self::EndsSoon,
        Self::NeverUsed,
        Self::Idle,
        Self::NoEnd,
        Self::AllScopes,
        Self::Disabled,
    ];

    /// Returns the word for programs.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::OldKeyInUse => "old_key_in_use",
            Self::RotationDue => "rotation_due",
            Self::EndsSoon => "ends_soon",
            Self::NeverUsed => "never_used",
            Self::Idle => "idle",
            Self::NoEnd => "no_end",
            Self::AllScopes => "all_scopes",
            Self::Disabled => "disabled",
        }
    }

    /// Returns what is wrong.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Exposed => "Somebody reported the whole key; it is no secret any more.",
            Self::OldKeyInUse => "The key was replaced, but something still uses it.",
            Self::RotationDue => "The key is older than 90 days.",
            Self::EndsSoon => "The key ends within 30 days.",
            Self::NeverUsed => "The key was made over 30 days ago and never used.",
            Self::Idle => "The key was not used for 90 days.",
            Self::NoEnd => "The key never ends by itself.",
            Self::AllScopes => "The key may do everything, keys and account included.",
            Self::Disabled => "The key is switched off, but could be switched on again.",
        }
    }

    /// Returns what to do.
    pub(crate) fn next_step(self) -> &'static str {
        match self {
            Self::Exposed => "Rotate it without a grace period, or revoke it.",
            Self::OldKeyInUse => "Give the successor to what `last_used_*` names, then revoke it.",
            Self::RotationDue | Self::EndsSoon => "Rotate it.",
            Self::NeverUsed | Self::Idle => "Revoke it if nothing needs it.",
            Self::NoEnd => "Set `expires_at`, or rotate it on a schedule.",
            Self::AllScopes => "Make a key with the scopes that are needed and revoke this one.",
            Self::Disabled => "Revoke it if it is not to come back.",
        }
    }

    fn applies(self, key: &ApiKey, now: Timestamp) -> bool {
        let status = key.status(now);
        let works = matches!(status, KeyStatus::Active | KeyStatus::Expiring);
        let is_current = status == KeyStatus::Active;
        let older_than = |at: Timestamp, days: i64| now.ms_since(at) > days * DAY_MS;
        match self {
            Self::Exposed => works && key.exposed_at.is_some(),
            Self::OldKeyInUse => status == KeyStatus::Expiring && used_after_rotation(key),
            Self::RotationDue => is_current && older_than(key.created_at, ROTATION_DAYS),
            Self::EndsSoon => {
                let is_soon = |end: Timestamp| end.ms_since(now) <= SOON_DAYS * DAY_MS;
                is_current && key.expires_at.is_some_and(is_soon)
            }
            Self::NeverUsed => {
                is_current && key.last_used_at.is_none() && older_than(key.created_at, UNUSED_DAYS)
            }
            Self::Idle => {
                is_current && key.last_used_at.is_some_and(|at| older_than(at, IDLE_DAYS))
            }
            Self::NoEnd => is_current && key.expires_at.is_none(),
            Self::AllScopes => works && Scope::ALL.iter().all(|scope| key.scopes.contains(scope)),
            Self::Disabled => status == KeyStatus::Disabled,
        }
    }
}

/// Returns whether a replaced key was used since.
pub(crate) fn used_after_rotation(key: &ApiKey) -> bool {
    key.rotated_at.zip(key.last_used_at).is_some_and(|(rotated, used)| used > rotated)
}

/// Returns every finding with the keys it is about; findings about no key are left out.
pub(crate) fn findings(keys: &[ApiKey], now: Timestamp) -> Vec<(Finding, Vec<&ApiKey>)> {
    let about = |finding: &Finding| {
        let keys: Vec<&ApiKey> = keys.iter().filter(|key| finding.applies(key, now)).collect();
        (*finding, keys)
    };
    Finding::ALL.iter().map(about).filter(|(_, keys)| !keys.is_empty()).collect()
}
