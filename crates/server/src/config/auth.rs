use super::part::part;

part! {
    /// Who may get an account.
    pub struct AuthConfig in "auth" {
        /// Whether an e-mail address must be confirmed before it is good for anything; needs
        /// `mail.smtp_url`.
        pub require_email_verification: bool = false,
        /// Whether people may make an account by themselves.
        pub allow_sign_up: bool = true,
    }
}
