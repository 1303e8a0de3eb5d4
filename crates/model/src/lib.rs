//! The nouns of the product, without I/O.
//!
//! Whoever holds one of these types need not check again: a [`DomainName`] is a
//! host name that may be looked up, a [`Timestamp`] is a point in time, a
//! [`Scope`] exists. Everything else in the workspace speaks in these words.
//!
//! Invariant: no async, no sockets, no clock, no environment.

mod accepted_risk;
mod account;
mod alert;
mod alert_rules;
mod api_token;
mod audit;
mod domain;
mod grade;
mod key;
mod module;
mod ownership;
mod plan;
mod report;
mod scan;
mod second_factor;
mod severity;
mod team;
mod time;
mod usage;

pub use accepted_risk::{AcceptanceStatus, MAX_ACCEPTED_REASON, MOST_ACCEPTED_DAYS};
pub use account::{AccountState, Role, SubscriptionStatus};
pub use alert::{AlertChannel, AlertType};
pub use alert_rules::{
    AlertPreferences, AlertPreferencesChange, AlertRules, AlertRulesChange, ExpiredKeyUsedRule,
    ExpiredKeyUsedRuleChange, FailedAuthBurstRule, FailedAuthBurstRuleChange, IdleKeyRule,
    IdleKeyRuleChange, KeyExposedRule, KeyExposedRuleChange, LimitReachedRule,
    LimitReachedRuleChange, NewNetworkRule, NewNetworkRuleChange, QuotaRule, QuotaRuleChange,
    RequestSpikeRule, RequestSpikeRuleChange, RevokedKeyUsedRule, RevokedKeyUsedRuleChange,
    RotationDueRule, RotationDueRuleChange,
};
pub use api_token::{ApiToken, BASE62};
pub use audit::{AuditAction, AuthFailure, LinkPurpose};
pub use domain::{DomainName, DomainProblem};
pub use grade::Grade;
pub use key::{Environment, KeyStatus, LeakPolicy, Scope};
pub use module::ModuleId;
pub use ownership::{Looked, Ownership, Proof};
pub use plan::{Plan, PlanOverrides};
pub use report::{
    Cap, Coverage, Finding, Ledger, LedgerLine, ModuleReport, ModuleStatus, NotTested, Report,
    ScanScope, SkippedAddress, Throttled, Unscored,
};
pub use scan::{ScanProfile, ScanSource, ScanStatus};
pub use second_factor::{FactorChange, FactorKind};
pub use severity::Severity;
pub use team::TeamRole;
pub use time::{DAY_MS, HOUR_MS, MINUTE_MS, Month, SECOND_MS, Timestamp};
pub use usage::{Granularity, Outcome};

/// Gives an enum its one spelling, used by serde, SQL, the API and the command line.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the word that stands for this value everywhere outside Rust.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Returns the value that `word` stands for.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                Self::parse(&word).ok_or_else(|| {
                    serde::de::Error::custom(format!("`{word}` is not one of {}", Self::list()))
                })
            }
        }

        impl $name {
            /// Returns every word, comma-separated, for messages.
            pub fn list() -> String {
                Self::ALL.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(", ")
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|value| value.as_str())))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use words;
