use std::path::PathBuf;

use super::part::part;

part! {
    /// Encryption of the socket that requests come in by. Off unless both files are given.
    pub struct TlsConfig in "tls" {
        /// A PEM file with the certificate and its chain.
        pub cert: Option<PathBuf> = None,
        /// A PEM file with the private key.
        pub key: Option<PathBuf> = None,
    }
}
