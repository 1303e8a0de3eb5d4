use std::net::SocketAddr;

use super::part::part;

part! {
    /// Figures for a monitoring system, in the text format of Prometheus.
    pub struct MetricsConfig in "metrics" {
        /// Address and port that answer `/metrics` to anybody who reaches them; off when absent.
        pub listen: Option<SocketAddr> = None,
    }
}
