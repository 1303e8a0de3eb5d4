use crate::words;

/// What an account pays, as the billing system last said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubscriptionStatus {
    Active,
    Trialing,
    PastDue,
    Canceled,
    Unpaid,
}
words!(SubscriptionStatus {
    Active = "active",
    Trialing = "trialing",
    PastDue = "past_due",
    Canceled = "canceled",
    Unpaid = "unpaid",
});

impl SubscriptionStatus {
    /// Returns whether the subscription has lapsed: every credential then gets the constant 401.
    pub fn lapsed(self) -> bool {
        matches!(self, Self::Canceled | Self::Unpaid)
    }
}

/// Whether the operator lets the account work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountState {
    Active,
    Suspended,
    Disabled,
}
words!(AccountState { Active = "active", Suspended = "suspended", Disabled = "disabled" });

/// What a user may do on this instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Uses an account.
    User,
    /// Operates the instance: users, plans, suspension.
    Admin,
}
words!(Role { User = "user", Admin = "admin" });
