//! What people do, as the audit log names it, and why credentials are refused.

use crate::words;

/// Something that was done to an account and is kept in its audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditAction {
    AccountCreated,
    AccountDeleted,
    AccountExported,
    AccountOverridesChanged,
    AccountPlanChanged,
    AccountStateChanged,
    AccountSubscriptionChanged,
    AlertSettingsChanged,
    ApiKeyCreated,
    ApiKeyExposed,
    ApiKeyRevoked,
    ApiKeyRotated,
    ApiKeyTransferred,
    ApiKeyUpdated,
    EmailChanged,
    EmailVerified,
    KeyPolicyUpdated,
    PasskeyAdded,
    PasskeyRemoved,
    PasskeyRenamed,
    PasskeyUsed,
    PasswordChanged,
    PasswordReset,
    PlanChanged,
    PlanDeleted,
    RecoveryCodeUsed,
    RecoveryCodesReplaced,
    ReportShared,
    ReportUnshared,
    RiskAcceptanceEnded,
    RiskAccepted,
    ScanIntrusiveRequested,
    SecondFactorsReset,
    SessionEnded,
    SessionProved,
    SessionStarted,
    SignInFailed,
    TeamInvitationAccepted,
    TeamInvitationWithdrawn,
    TeamInvited,
    TeamMemberRemoved,
    TeamRoleChanged,
    TotpEnrolled,
    TotpRemoved,
    UserRenamed,
}
words!(AuditAction {
    AccountCreated = "account.created",
    AccountDeleted = "account.deleted",
    AccountExported = "account.exported",
    AccountOverridesChanged = "account.overrides_changed",
    AccountPlanChanged = "account.plan_changed",
    AccountStateChanged = "account.state_changed",
    AccountSubscriptionChanged = "account.subscription_changed",
    AlertSettingsChanged = "alert_settings.changed",
    ApiKeyCreated = "api_key.created",
    ApiKeyExposed = "api_key.exposed",
    ApiKeyRevoked = "api_key.revoked",
    ApiKeyRotated = "api_key.rotated",
    ApiKeyTransferred = "api_key.transferred",
    ApiKeyUpdated = "api_key.updated",
    EmailChanged = "email.changed",
    EmailVerified = "email.verified",
    KeyPolicyUpdated = "key_policy.updated",
    PasskeyAdded = "passkey.added",
    PasskeyRemoved = "passkey.removed",
    PasskeyRenamed = "passkey.renamed",
    PasskeyUsed = "passkey.used",
    PasswordChanged = "password.changed",
    PasswordReset = "password.reset",
    PlanChanged = "plan.changed",
    PlanDeleted = "plan.deleted",
    RecoveryCodeUsed = "recovery_code.used",
    RecoveryCodesReplaced = "recovery_codes.replaced",
    ReportShared = "report.shared",
    ReportUnshared = "report.unshared",
    RiskAcceptanceEnded = "risk.acceptance_ended",
    RiskAccepted = "risk.accepted",
    ScanIntrusiveRequested = "scan.intrusive_requested",
    SecondFactorsReset = "second_factors.reset",
    SessionEnded = "session.ended",
    SessionProved = "session.proved",
    SessionStarted = "session.started",
    SignInFailed = "sign_in.failed",
    TeamInvitationAccepted = "team.invitation_accepted",
    TeamInvitationWithdrawn = "team.invitation_withdrawn",
    TeamInvited = "team.invited",
    TeamMemberRemoved = "team.member_removed",
    TeamRoleChanged = "team.role_changed",
    TotpEnrolled = "totp.enrolled",
    TotpRemoved = "totp.removed",
    UserRenamed = "user.renamed",
});

impl AuditAction {
    /// Returns whether it was tried and refused; everything else took place.
    pub fn is_refusal(self) -> bool {
        self == Self::SignInFailed
    }
}

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
    /// What was signed with a passkey does not hold.
    WrongPasskey,
    /// A passkey counts less than it did before: there may be a copy of it.
    PasskeyCounter,
}
words!(AuthFailure {
    UnknownSecret = "unknown_secret",
    Disabled = "disabled",
    Expired = "expired",
    Revoked = "revoked",
    IpNotAllowed = "ip_not_allowed",
    WrongPassword = "wrong_password",
    WrongCode = "wrong_code",
    WrongPasskey = "wrong_passkey",
    PasskeyCounter = "passkey_counter",
});

/// What a link in a letter is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkPurpose {
    /// Confirms that the address is read by its user.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
    /// Joins a team.
    JoinTeam,
    /// Lets another address take the place of the one the letter came to.
    AllowEmailChange,
    /// Makes the address that the letter came to that of the user.
    ChangeEmail,
}
words!(LinkPurpose {
    VerifyEmail = "verify_email",
    ResetPassword = "reset_password",
    JoinTeam = "join_team",
    AllowEmailChange = "allow_email_change",
    ChangeEmail = "change_email",
});
