//! Which controls of which framework a check gives evidence for.
//!
//! A check belongs to one [`Group`]; each framework's file maps its controls to groups. A control
//! is *direct* when its text is about what the group looks at, *supporting* when it is wider. The
//! scan sees only part of any control from outside and never says that one is met.

/// What a check is about, in the eyes of the frameworks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// TLS versions, suites and groups.
    Tls,
    /// Certificates.
    Certificate,
    /// Known TLS flaws.
    TlsFlaw,
    /// HTTPS and HSTS.
    Https,
    /// Browser policy: CSP, framing, CORS, SRI and the other headers.
    BrowserPolicy,
    /// Cookies.
    Cookie,
    /// Version and error disclosure.
    Disclosure,
    /// DNSSEC, delegation, AXFR, CAA.
    Dns,
    /// SPF, DKIM, DMARC, BIMI.
    MailAuthentication,
    /// STARTTLS, MTA-STS, TLS-RPT, DANE.
    MailTransport,
    /// Ports and services.
    Ports,
    /// Versions, known vulnerabilities, end of life.
    Vulnerability,
    /// Subdomains, certificate transparency, dangling records.
    Inventory,
    /// security.txt.
    DisclosureContact,
    /// Block lists, breaches, look-alikes.
    Reputation,
    /// Registration.
    Registration,
    /// IPv6 and RPKI.
    Routing,
}
