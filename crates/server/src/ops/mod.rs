//! Actions with rules: what a user wanted, decided without knowing HTTP.

pub(crate) mod accounts;
pub(crate) mod administration;
pub(crate) mod alert_letters;
pub(crate) mod alerts;
pub(crate) mod api_keys;
pub(crate) mod audit_export;
pub(crate) mod deletion;
pub(crate) mod email;
pub(crate) mod free_scan;
pub(crate) mod key_hygiene;
pub(crate) mod key_leaks;
pub(crate) mod key_letters;
pub(crate) mod key_revocation;
pub(crate) mod key_rotation;
pub(crate) mod passkeys;
pub(crate) mod passwords;
pub(crate) mod plans;
pub(crate) mod reports;
pub(crate) mod scans;
pub(crate) mod second_factors;
pub(crate) mod sessions;
pub(crate) mod step_up;
pub(crate) mod team;
pub(crate) mod unusual_use;
pub(crate) mod usage;
pub(crate) mod usage_report;
