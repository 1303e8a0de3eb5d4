use crate::words;

/// Something that was done to an account and is kept in its audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditAction {
    ApiKeyCreated,
    ApiKeyRevoked,
    ApiKeyUpdated,
}
words!(AuditAction {
    ApiKeyCreated = "api_key.created",
    ApiKeyRevoked = "api_key.revoked",
    ApiKeyUpdated = "api_key.updated",
});

/// Why a credential that names a known key or user was refused. The caller is never told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthFailure {
    /// The public half exists, the secret half is wrong.
    UnknownSecret,
    Disabled,
    Expired,
    Revoked,
    /// The key may not be used from that address.
    IpNotAllowed,
    WrongPassword,
    /// A one-time or recovery code is wrong.
    WrongCode,
}
words!(AuthFailure {
    UnknownSecret = "unknown_secret",
    Disabled = "disabled",
    Expired = "expired",
    Revoked = "revoked",
    IpNotAllowed = "ip_not_allowed",
    WrongPassword = "wrong_password",
    WrongCode = "wrong_code",
});
