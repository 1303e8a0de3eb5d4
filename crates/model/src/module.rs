use crate::words;

/// One of the sixteen parts of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ModuleId {
    SslTls,
    DnsEmail,
    HttpHeaders,
    OpenPorts,
    EmailAuth,
    Dnssec,
    Cookies,
    Breaches,
    Blacklists,
    Subdomains,
    TechStack,
    Javascript,
    Reputation,
    Whois,
    Trackers,
    Waf,
}
words!(ModuleId {
    SslTls = "ssl_tls",
    DnsEmail = "dns_email",
    HttpHeaders = "http_headers",
    OpenPorts = "open_ports",
    EmailAuth = "email_auth",
    Dnssec = "dnssec",
    Cookies = "cookies",
    Breaches = "breaches",
    Blacklists = "blacklists",
    Subdomains = "subdomains",
    TechStack = "tech_stack",
    Javascript = "javascript",
    Reputation = "reputation",
    Whois = "whois",
    Trackers = "trackers",
    Waf = "waf",
});
