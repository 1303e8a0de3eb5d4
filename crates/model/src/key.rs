use crate::words;

/// One permission of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    ScansRead,
    ScansWrite,
    DomainsRead,
    DomainsWrite,
    AlertsRead,
    AlertsWrite,
    WebhooksRead,
    WebhooksWrite,
    ReportsRead,
    KeysRead,
    KeysWrite,
    AccountRead,
    AccountWrite,
}
words!(Scope {
    ScansRead = "scans:read",
    ScansWrite = "scans:write",
    DomainsRead = "domains:read",
    DomainsWrite = "domains:write",
    AlertsRead = "alerts:read",
    AlertsWrite = "alerts:write",
    WebhooksRead = "webhooks:read",
    WebhooksWrite = "webhooks:write",
    ReportsRead = "reports:read",
    KeysRead = "keys:read",
    KeysWrite = "keys:write",
    AccountRead = "account:read",
    AccountWrite = "account:write",
});

impl Scope {
    /// Returns what a new key may do unless told otherwise: everything but managing keys and
    /// changing the account.
    pub fn defaults() -> Vec<Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(|scope| !matches!(scope, Self::KeysRead | Self::KeysWrite | Self::AccountWrite))
            .collect()
    }
}

/// Where a key is used, as its owner said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    Production,
    Staging,
    Development,
    Ci,
}
words!(Environment {
    Production = "production",
    Staging = "staging",
    Development = "development",
    Ci = "ci",
});

/// What a key is good for at a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyStatus {
    Active,
    Disabled,
    /// Replaced by a successor, still accepted until the end of the grace period.
    Expiring,
    Expired,
    Revoked,
}
words!(KeyStatus {
    Active = "active",
    Disabled = "disabled",
    Expiring = "expiring",
    Expired = "expired",
    Revoked = "revoked",
});

/// What happens to a key that somebody reports as leaked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LeakPolicy {
    /// It is revoked at once.
    #[default]
    Revoke,
    /// It goes on working; the owner is told.
    Notify,
}
words!(LeakPolicy { Revoke = "revoke", Notify = "notify" });
