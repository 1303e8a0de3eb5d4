use crate::words;

/// What an alert tells of. Each is a rule of [`AlertRules`](crate::AlertRules).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertType {
    /// The whole of an expired key was sent: something still has it.
    ExpiredKeyUsed,
    /// Many credentials that name one key, or the account's users, were refused within minutes.
    FailedAuthBurst,
    /// A key was not used for a long time.
    IdleKey,
    /// Somebody reported the whole of a key that was alive.
    KeyExposed,
    /// The plan refused a request for the first time of the day.
    LimitReached,
    /// A key was used from a network that it was not used from before.
    NewNetwork,
    /// The month's scans are used up to a line.
    Quota,
    /// Many more requests than at this hour of the week before.
    RequestSpike,
    /// The whole of a revoked key was sent: somebody still has it.
    RevokedKeyUsed,
    /// A key is old.
    RotationDue,
}
words!(AlertType {
    ExpiredKeyUsed = "expired_key_used",
    FailedAuthBurst = "failed_auth_burst",
    IdleKey = "idle_key",
    KeyExposed = "key_exposed",
    LimitReached = "limit_reached",
    NewNetwork = "new_network",
    Quota = "quota",
    RequestSpike = "request_spike",
    RevokedKeyUsed = "revoked_key_used",
    RotationDue = "rotation_due",
});

/// A way in which an account is told of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertChannel {
    /// It stands in the list as unread.
    Dashboard,
    /// A letter is sent.
    Email,
}
words!(AlertChannel { Dashboard = "dashboard", Email = "email" });
