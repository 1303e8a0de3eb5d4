//! What an account is told of, and how: one form for every rule and preference.
//!
//! The fields are named as the API names them, `rule.threshold`. The words for them stand here; the
//! server has a test that none is missing.

use askama::Template;
use model::AlertType;

use super::Field;
use crate::words::texts;
use crate::{Frame, Words};

/// A number, or a few of them, that a rule goes by.
#[derive(Debug, Clone)]
pub struct ThresholdRow {
    /// As in `request_spike.factor`.
    pub name: String,
    pub label: &'static str,
    pub field: Field,
}

impl ThresholdRow {
    /// Returns the name as an id that selectors and other people can read.
    pub fn id(&self) -> String {
        self.name.replace('.', "-")
    }
}

/// A rule with its switches.
#[derive(Debug, Clone)]
pub struct RuleRow {
    /// As in `request_spike`.
    pub name: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub is_on: bool,
    /// How many alerts it raised in the last 30 days.
    pub raised: i64,
    /// Whether its alerts stand in the list as unread.
    pub in_list: bool,
    /// Whether a letter is sent.
    pub by_letter: bool,
    /// What is wrong with the ways in which one is told.
    pub problem: Option<String>,
    pub thresholds: Vec<ThresholdRow>,
}

/// A switch of its own.
#[derive(Debug, Clone)]
pub struct PreferenceRow {
    /// As in `score_drop`.
    pub name: String,
    pub label: &'static str,
    pub is_on: bool,
}

/// The form for all of it.
#[derive(Debug, Template)]
#[template(path = "alert_settings.html")]
pub struct AlertSettings {
    pub frame: Frame,
    /// Where a test letter goes; `None` while the address is not confirmed.
    pub email: Option<String>,
    /// Whether whoever looks may change anything.
    pub may_change: bool,
    pub letters: PreferenceRow,
    pub rules: Vec<RuleRow>,
    /// About watched domains.
    pub preferences: Vec<PreferenceRow>,
}

/// Returns what a rule is called and when it raises an alert.
pub fn rule_words(words: Words, rule: AlertType) -> (&'static str, &'static str) {
    let [title, about] = match rule {
        AlertType::KeyExposed => texts![
            "Key reported as leaked",
            "Somebody reported the whole of a living key. The letter about that is sent in any case."
        ],
        AlertType::RevokedKeyUsed => texts![
            "Revoked key used",
            "The whole secret of a revoked key was sent: somebody still has it. Once a day for each key."
        ],
        AlertType::ExpiredKeyUsed => texts![
            "Expired key used",
            "The whole secret of an expired key was sent: something still has it. Once a day for each key."
        ],
        AlertType::FailedAuthBurst => texts![
            "Many refused credentials",
            "Many attempts that name one key, or the users of the account, within minutes."
        ],
        AlertType::NewNetwork => texts![
            "Key used from a new network",
            "A key was used from a network that it was not used from before."
        ],
        AlertType::RequestSpike => texts![
            "Many more requests than usual",
            "More within an hour than the same hour of the seven days before lets expect."
        ],
        AlertType::LimitReached => texts![
            "A limit of the plan refused a request",
            "The rate, or the month’s scans. Once a day."
        ],
        AlertType::Quota => {
            texts!["The month’s scans run out", "Once a month for each of these lines."]
        }
        AlertType::RotationDue => texts![
            "Key is old",
            "Letters begin 15 days before that age and come again each week after it."
        ],
        AlertType::IdleKey => texts![
            "Key is not used",
            "A key that nothing needs should not live. Once, until the key is used again."
        ],
    };
    (words.t(title), words.t(about))
}

/// Returns the label of a threshold; `None` for one that has no words yet.
pub fn threshold_label(words: Words, name: &str) -> Option<&'static str> {
    let [factor, least, attempts, minutes, hours, percent, age, idle] = texts![
        "Times the usual",
        "And at least, requests an hour",
        "Attempts",
        "Within so many minutes",
        "Hours that a new key has to settle",
        "Lines in percent",
        "Age in days",
        "Days without use",
    ];
    let label = match name {
        "request_spike.factor" => factor,
        "request_spike.min_per_hour" => least,
        "failed_auth_burst.attempts" => attempts,
        "failed_auth_burst.minutes" => minutes,
        "new_network.after_hours" => hours,
        "quota.percent" => percent,
        "rotation_due.days" => age,
        "idle_key.days" => idle,
        _ => return None,
    };
    Some(words.t(label))
}

/// Returns the label of a preference; `None` for one that has no words yet.
pub fn preference_label(words: Words, name: &str) -> Option<&'static str> {
    let [score, critical, certificate, change, letters] = texts![
        "Score drop: the score of a domain falls",
        "Critical issue: a domain has a new one",
        "Certificate expiry: a certificate ends soon",
        "Config change: records, issuer, TLS or headers are different",
        "Send letters about alerts. Letters about keys and passwords are sent in any case",
    ];
    let label = match name {
        "score_drop" => score,
        "critical_issue" => critical,
        "cert_expiry" => certificate,
        "config_change" => change,
        "email" => letters,
        _ => return None,
    };
    Some(words.t(label))
}
