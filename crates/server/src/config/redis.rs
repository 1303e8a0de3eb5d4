use super::part::part;
use super::value::SecretUrl;

part! {
    /// Shared state of several nodes.
    pub struct RedisConfig in "redis" {
        /// Address of a Redis or Valkey server. Not used yet.
        pub url: Option<SecretUrl> = None,
    }
}
