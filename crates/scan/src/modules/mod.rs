//! One folder per module. A module may read another module's evidence, never its checks.

pub mod blacklists;
pub mod breaches;
pub mod cookies;
pub mod dns_email;
pub mod dnssec;
pub mod email_auth;
pub mod http_headers;
pub mod javascript;
pub mod open_ports;
pub mod reputation;
pub mod ssl_tls;
pub mod subdomains;
pub mod tech_stack;
pub mod trackers;
pub mod waf;
pub mod whois;
