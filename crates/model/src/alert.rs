use crate::words;

/// What an alert tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertType {
    /// The whole of an expired key was sent: something still has it.
    ExpiredKeyUsed,
    /// The whole of a revoked key was sent: somebody still has it.
    RevokedKeyUsed,
}
words!(AlertType {
    ExpiredKeyUsed = "expired_key_used",
    RevokedKeyUsed = "revoked_key_used",
});
