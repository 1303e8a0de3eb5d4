//! Actions with rules: what a user wanted, decided without knowing HTTP.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod email;
pub(crate) mod passwords;
pub(crate) mod scans;
pub(crate) mod sessions;
pub(crate) mod usage;
