use super::part::part;

part! {
    /// Calls to other people's servers. Not used yet.
    pub struct WebhooksConfig in "webhooks" {
        /// Whether `http://localhost` may be a webhook's address.
        pub allow_http_localhost: bool = false,
    }
}
