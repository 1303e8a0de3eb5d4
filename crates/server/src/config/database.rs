use super::part::part;
use super::value::SecretUrl;

part! {
    /// Where accounts, keys and scans are kept.
    pub struct DatabaseConfig in "database" {
        /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`; an SQLite file in the data
        /// folder when absent.
        pub url: Option<SecretUrl> = None,
    }
}
