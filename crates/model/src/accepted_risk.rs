use crate::words;

/// Days that a risk is accepted for at most: who still carries it then says so again.
pub const MOST_ACCEPTED_DAYS: i64 = 365;
/// Characters of the reason for accepting a risk.
pub const MAX_ACCEPTED_REASON: usize = 500;

/// Where an accepted risk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AcceptanceStatus {
    /// It holds: the finding is marked.
    Open,
    /// Its day has come: everything is as before.
    Expired,
    /// Somebody ended it.
    Ended,
}
words!(AcceptanceStatus { Open = "open", Expired = "expired", Ended = "ended" });
