use super::part::part;
use super::value::SecretUrl;

part! {
    /// How mail is sent. Not used yet.
    pub struct MailConfig in "mail" {
        /// The mail server, as in `smtps://USER:PASSWORD@HOST`.
        pub smtp_url: Option<SecretUrl> = None,
        /// The sender of mails.
        pub from: Option<String> = None,
    }
}
