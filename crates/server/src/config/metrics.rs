use std::net::SocketAddr;

use super::part::part;

part! {
    /// Figures for a monitoring system. Not used yet.
    pub struct MetricsConfig in "metrics" {
        /// Address and port that answer `/metrics`; off when absent.
        pub listen: Option<SocketAddr> = None,
    }
}
