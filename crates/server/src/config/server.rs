use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::part::part;
use super::value::BaseUrl;
use crate::network::Network;

part! {
    /// The socket that requests come in by.
    pub struct ServerConfig in "server" {
        /// Address and port to listen on; port 0 takes a free one.
        pub listen: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
        /// Where people reach this service, used in links; the listening address when absent. Passkeys
        /// are made for its host name, so they need one, over https, and stop working under another.
        pub public_url: Option<BaseUrl> = None,
        /// Reverse proxies whose `X-Forwarded-For` is believed, read from right to left.
        pub trusted_proxies: Vec<Network> = Vec::new(),
        /// Whether people may sign in to the pages over plain http from other machines. Whoever can
        /// listen on the network can then take over their sessions.
        pub insecure_cookies: bool = false,
    }
}
