use std::path::PathBuf;

use super::part::part;
use super::value::SecretUrl;

part! {
    /// How letters leave. Without a mail server they are written to files in the folder `mail` of
    /// the data folder, for the operator to read.
    pub struct MailConfig in "mail" {
        /// The mail server: `smtps://USER:PASSWORD@HOST` for TLS from the start,
        /// `smtp://USER:PASSWORD@HOST` for STARTTLS, which is then demanded. Only
        /// `smtp://HOST?tls=none` sends in the clear; use it for a relay on the same machine.
        pub smtp_url: Option<SecretUrl> = None,
        /// The sender of letters, as in `ComplianceLayer <no-reply@example.com>`; needed with
        /// `mail.smtp_url`.
        pub from: Option<String> = None,
        /// A PEM file of certificates trusted for the mail server besides the system's.
        pub trust_roots: Option<PathBuf> = None,
    }
}
