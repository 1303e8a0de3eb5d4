use crate::words;

/// What a user proved besides the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FactorKind {
    /// The code of an authenticator app (RFC 6238).
    Totp,
    /// One of the codes to keep for the day the app is lost.
    RecoveryCode,
    /// A passkey, which needs no password beside it.
    Passkey,
}
words!(FactorKind { Totp = "totp", RecoveryCode = "recovery_code", Passkey = "passkey" });

/// What happened to a user's second factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FactorChange {
    TotpEnrolled,
    TotpRemoved,
    RecoveryCodeUsed,
    RecoveryCodesReplaced,
    /// The operator took all of them away.
    Reset,
}
words!(FactorChange {
    TotpEnrolled = "totp_enrolled",
    TotpRemoved = "totp_removed",
    RecoveryCodeUsed = "recovery_code_used",
    RecoveryCodesReplaced = "recovery_codes_replaced",
    Reset = "reset",
});
