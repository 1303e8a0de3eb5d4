//! When an account is told of unusual use, and how: one struct a rule, all made by one table.
//!
//! A change names what is to be different and leaves the rest as it is; [`AlertRulesChange::problems`]
//! says what in it makes no sense, before it is applied. What is stored is the whole, so that a later
//! default reaches only those who never chose.
//!
//! To add a rule: a variant of [`AlertType`] and a row in `rules!`, both of one name.

use serde::{Deserialize, Serialize};

use crate::{AlertChannel, AlertType};

/// Says what would be right, when a threshold is not.
type Check<T> = fn(&T) -> Option<String>;

macro_rules! rules {
    ($(
        $(#[doc = $doc:literal])+
        $field:ident: $alert_type:ident, $rule:ident, $change:ident {
            $(
                $(#[doc = $threshold_doc:literal])+
                $threshold:ident: $type:ty = $default:expr, $check:expr;
            )*
        }
    )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
            #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
            #[serde(default)]
            pub struct $rule {
                /// Whether the rule raises alerts.
                pub enabled: bool,
                /// How the account is told. Without `dashboard` an alert stands in the list as read.
                pub channels: Vec<AlertChannel>,
                $( $(#[doc = $threshold_doc])+ pub $threshold: $type, )*
            }

            impl Default for $rule {
                fn default() -> Self {
                    Self {
                        enabled: true,
                        channels: AlertChannel::ALL.to_vec(),
                        $( $threshold: $default, )*
                    }
                }
            }

            #[doc = concat!("What is to change in a [`", stringify!($rule), "`]. What is absent stays.")]
            #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
            #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
            pub struct $change {
                /// Whether the rule raises alerts.
                #[serde(skip_serializing_if = "Option::is_none")]
                pub enabled: Option<bool>,
                /// How the account is told: one way at least. Without `dashboard` an alert stands in
                /// the list as read.
                #[serde(skip_serializing_if = "Option::is_none")]
                pub channels: Option<Vec<AlertChannel>>,
                $(
                    $(#[doc = $threshold_doc])+
                    #[serde(skip_serializing_if = "Option::is_none")]
                    pub $threshold: Option<$type>,
                )*
            }
        )+

        /// Every rule of an account.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(default)]
        pub struct AlertRules { $( $(#[doc = $doc])+ pub $field: $rule, )+ }

        /// What is to change in an account's rules. What is absent stays.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct AlertRulesChange { $(
            $(#[doc = $doc])+
            #[serde(skip_serializing_if = "Option::is_none")]
            pub $field: Option<$change>,
        )+ }

        impl AlertRules {
            /// Changes what a change names.
            pub fn apply(&mut self, change: &AlertRulesChange) {
                $( if let Some(change) = &change.$field {
                    let rule = &mut self.$field;
                    rule.enabled = change.enabled.unwrap_or(rule.enabled);
                    if let Some(channels) = &change.channels { rule.channels.clone_from(channels); }
                    $( if let Some(threshold) = &change.$threshold {
                        rule.$threshold.clone_from(threshold);
                    } )*
                } )+
            }

            /// Returns whether alerts of a type are raised.
            pub fn enabled(&self, alert_type: AlertType) -> bool {
                match alert_type { $( AlertType::$alert_type => self.$field.enabled, )+ }
            }

            /// Returns how the account is told of alerts of a type.
            pub fn channels(&self, alert_type: AlertType) -> &[AlertChannel] {
                match alert_type { $( AlertType::$alert_type => &self.$field.channels, )+ }
            }
        }

        impl AlertRulesChange {
            /// Returns each field that makes no sense, as `rule.field`, with what would be right.
            pub fn problems(&self) -> Vec<(String, String)> {
                let mut problems = Vec::new();
                let mut complain = |field: &str, problem: Option<String>| {
                    problems.extend(problem.map(|problem| (field.to_owned(), problem)));
                };
                $( if let Some(change) = &self.$field {
                    let problem = change.channels.as_ref().and_then(channels_problem);
                    complain(concat!(stringify!($field), ".channels"), problem);
                    $(
                        let check: Check<$type> = $check;
                        let problem = change.$threshold.as_ref().and_then(check);
                        complain(concat!(stringify!($field), ".", stringify!($threshold)), problem);
                    )*
                } )+
                problems
            }
        }
    };
}

rules! {
    /// Many more requests than usual: more within an hour than the median of the week before allows.
    request_spike: RequestSpike, RequestSpikeRule, RequestSpikeRuleChange {
        /// How many times the median of this hour on the seven days before, 2 to 100.
        factor: i64 = 3, within::<2, 100>;
        /// Requests within an hour that are never too many, 1 to 1,000,000,000.
        min_per_hour: i64 = 100, within::<1, 1_000_000_000>;
    }
    /// Many refused credentials that name one key, or the account's users, within minutes.
    failed_auth_burst: FailedAuthBurst, FailedAuthBurstRule, FailedAuthBurstRuleChange {
        /// Attempts, 2 to 1,000,000.
        attempts: i64 = 20, within::<2, 1_000_000>;
        /// Minutes that they fall within, 1 to 60.
        minutes: i64 = 5, within::<1, 60>;
    }
    /// A key was used from a network, a /24 of IPv4 or a /48 of IPv6, that is new to it.
    new_network: NewNetwork, NewNetworkRule, NewNetworkRuleChange {
        /// Hours after a key was made in which every network is new, 0 to 720.
        after_hours: i64 = 24, within::<0, 720>;
    }
    /// The whole secret of a revoked key was sent.
    revoked_key_used: RevokedKeyUsed, RevokedKeyUsedRule, RevokedKeyUsedRuleChange {}
    /// The whole secret of an expired key was sent.
    expired_key_used: ExpiredKeyUsed, ExpiredKeyUsedRule, ExpiredKeyUsedRuleChange {}
    /// Somebody reported the whole of a living key. The letter about that is sent in any case.
    key_exposed: KeyExposed, KeyExposedRule, KeyExposedRuleChange {}
    /// The month's scans are used up to a line, once a month for each.
    quota: Quota, QuotaRule, QuotaRuleChange {
        /// The lines, in percent: one to ten different ones from 1 to 100, the lowest first.
        percent: Vec<i64> = vec![50, 75, 90, 100], lines;
    }
    /// A key is old, once a key.
    rotation_due: RotationDue, RotationDueRule, RotationDueRuleChange {
        /// Age in days, 1 to 3650. Letters begin 15 days before and come again each week after.
        days: i64 = 90, within::<1, 3_650>;
    }
    /// A key was not used for long, once until it is used again.
    idle_key: IdleKey, IdleKeyRule, IdleKeyRuleChange {
        /// Days since the last use, or since it was made, 1 to 3650.
        days: i64 = 90, within::<1, 3_650>;
    }
    /// A limit of the plan refused a request, be it the rate or the month's scans, once a day.
    limit_reached: LimitReached, LimitReachedRule, LimitReachedRuleChange {}
}

#[expect(clippy::ptr_arg, reason = "the argument of `and_then` on what a field holds")]
fn channels_problem(channels: &Vec<AlertChannel>) -> Option<String> {
    let is_twice = channels.iter().enumerate().any(|(at, one)| channels[..at].contains(one));
    (channels.is_empty() || is_twice).then(|| {
        format!(
            "must hold one of {} or both, once; to be told nothing, set `enabled`",
            AlertChannel::list()
        )
    })
}

fn within<const LEAST: i64, const MOST: i64>(value: &i64) -> Option<String> {
    (!(LEAST..=MOST).contains(value)).then(|| format!("must be between {LEAST} and {MOST}"))
}

#[expect(clippy::ptr_arg, reason = "a `Check` of what the field holds")]
fn lines(percent: &Vec<i64>) -> Option<String> {
    let is_rising = percent.windows(2).all(|pair| pair[0] < pair[1]);
    let is_good = is_rising
        && (1..=10).contains(&percent.len())
        && percent.iter().all(|line| (1..=100).contains(line));
    (!is_good).then(|| "must hold 1 to 10 different numbers from 1 to 100, rising".to_owned())
}

macro_rules! preferences {
    ($( $(#[doc = $doc:literal])+ $field:ident, )+) => {
        /// What else an account wants to be told of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(default)]
        pub struct AlertPreferences { $( $(#[doc = $doc])+ pub $field: bool, )+ }

        impl Default for AlertPreferences {
            fn default() -> Self {
                Self { $( $field: true, )+ }
            }
        }

        /// What is to change in an account's preferences. What is absent stays.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct AlertPreferencesChange { $(
            $(#[doc = $doc])+
            #[serde(skip_serializing_if = "Option::is_none")]
            pub $field: Option<bool>,
        )+ }

        impl AlertPreferences {
            /// Changes what a change names.
            pub fn apply(&mut self, change: &AlertPreferencesChange) {
                $( self.$field = change.$field.unwrap_or(self.$field); )+
            }
        }
    };
}

preferences! {
    /// A watched domain's score has dropped. For the watching of domains.
    score_drop,
    /// A watched domain has a new critical issue. For the watching of domains.
    critical_issue,
    /// A watched domain's certificate ends soon. For the watching of domains.
    cert_expiry,
    /// A watched domain's records, issuer, TLS or headers have changed. For the watching of domains.
    config_change,
    /// Whether letters about alerts are sent at all. Letters about keys and passwords always are.
    email,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(text: &str) -> AlertRulesChange {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_change_leaves_the_rest_as_it_is() {
        let mut rules = AlertRules::default();
        rules.apply(&change(
            r#"{"quota":{"percent":[80]},"idle_key":{"enabled":false,"channels":["email"]}}"#,
        ));
        let mut expected = AlertRules::default();
        expected.quota.percent = vec![80];
        expected.idle_key.enabled = false;
        expected.idle_key.channels = vec![AlertChannel::Email];
        assert_eq!(rules, expected);
        assert!(!rules.enabled(AlertType::IdleKey) && rules.enabled(AlertType::Quota));
        assert_eq!(rules.channels(AlertType::IdleKey), [AlertChannel::Email]);
    }

    #[test]
    fn nonsense_is_named_field_by_field() {
        for (text, field) in [
            (r#"{"request_spike":{"factor":1}}"#, "request_spike.factor"),
            (r#"{"request_spike":{"min_per_hour":0}}"#, "request_spike.min_per_hour"),
            (r#"{"failed_auth_burst":{"attempts":-1}}"#, "failed_auth_burst.attempts"),
            (r#"{"failed_auth_burst":{"minutes":61}}"#, "failed_auth_burst.minutes"),
            (r#"{"new_network":{"after_hours":721}}"#, "new_network.after_hours"),
            (r#"{"quota":{"percent":[]}}"#, "quota.percent"),
            (r#"{"quota":{"percent":[75,50]}}"#, "quota.percent"),
            (r#"{"quota":{"percent":[50,50]}}"#, "quota.percent"),
            (r#"{"quota":{"percent":[0]}}"#, "quota.percent"),
            (r#"{"rotation_due":{"days":0}}"#, "rotation_due.days"),
            (r#"{"idle_key":{"days":3651}}"#, "idle_key.days"),
            (r#"{"limit_reached":{"channels":[]}}"#, "limit_reached.channels"),
            (r#"{"limit_reached":{"channels":["email","email"]}}"#, "limit_reached.channels"),
        ] {
            let problems = change(text).problems();
            assert_eq!(problems.len(), 1, "{text}");
            assert_eq!(problems[0].0, field);
        }
        assert!(change(r#"{"quota":{"percent":[1,100]},"idle_key":{}}"#).problems().is_empty());
    }

    #[test]
    fn what_was_stored_before_a_rule_existed_is_read() {
        let rules: AlertRules = serde_json::from_str(r#"{"quota":{"enabled":false}}"#).unwrap();
        assert!(!rules.quota.enabled && rules.idle_key.enabled);
        assert_eq!(rules.quota.percent, [50, 75, 90, 100]);
    }
}
