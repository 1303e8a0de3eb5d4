use std::net::SocketAddr;
use std::path::PathBuf;

use scan::{BlockList, ReputationList};

use super::part::part;
use super::value::{BaseUrl, Bounded, PortOverride, SecretText};

part! {
    /// How domains are scanned.
    pub struct ScanConfig in "scan" {
        /// Address and port of the resolver; the system's own when absent.
        pub resolver: Option<SocketAddr> = None,
        /// A PEM file of certificates trusted besides the public roots.
        pub trust_roots: Option<PathBuf> = None,
        /// A file of DS or DNSKEY lines trusted instead of the root zone's.
        pub dnssec_anchor: Option<PathBuf> = None,
        /// Whether private, loopback and other internal addresses may be scanned.
        pub allow_private_networks: bool = false,
        /// Seconds that a whole scan may take.
        pub deadline_seconds: Bounded<1, 600> = Bounded::literal(60),
        /// How many scans this server runs at the same time.
        pub concurrency: Bounded<1, 256> = Bounded::literal(4),
        /// Whether anybody may scan without an account, five times an hour from each network.
        pub allow_free_scans: bool = true,
        /// Domains that are never scanned, themselves and everything below them.
        pub exclusions: Vec<String> = Vec::new(),
        /// DNS block lists that are asked about domains and the addresses they send mail from:
        /// `bl.example` lists addresses, `domain:dbl.example` domains. None by default, since most
        /// lists bind their use to terms; look at those of the list first, and use a resolver of
        /// your own.
        pub block_lists: Vec<BlockList> = Vec::new(),
        /// Where certificate transparency is asked for names below a domain, `{domain}` standing
        /// for it; the answer is JSON as crt.sh gives it, whose URL is
        /// `https://crt.sh/?q=%25.{domain}&output=json`.
        pub transparency_url: Option<String> = None,
        /// The RDAP server that is asked for the registration of every domain, as in
        /// `https://rdap.org/`. When absent the registry's own is asked where this version knows
        /// it, and the registry's WHOIS server otherwise.
        pub rdap_url: Option<BaseUrl> = None,
        /// Who is asked for known breaches of a domain: the base URL of Have I Been Pwned,
        /// `https://haveibeenpwned.com`, or of a service that speaks as it does.
        pub breach_url: Option<BaseUrl> = None,
        /// The key that goes with `scan.breach_url`, where it wants one.
        pub breach_api_key: Option<SecretText> = None,
        /// A file of known breaches, in the form of Have I Been Pwned's
        /// `/api/v3/breaches`; asked besides `scan.breach_url`.
        pub breach_file: Option<PathBuf> = None,
        /// Lists of malware and phishing, at most 8: paths of files, or URLs that are fetched once
        /// an hour; one host or one URL a line, or a hosts file. One that is a week old says
        /// nothing. None by default, since most lists bind their use to terms.
        pub reputation_lists: Vec<ReputationList> = Vec::new(),
        /// A copy of Chromium's `transport_security_state_static.json`, which tells the domains that
        /// browsers know to speak HTTPS alone.
        pub hsts_preload_list: Option<PathBuf> = None,
        /// A copy of the list of certificate transparency logs that browsers go by, `log_list.json`
        /// (version 3) of Google or Apple. One that is older than 70 days says nothing.
        pub ct_log_list: Option<PathBuf> = None,
        /// Files of RSA keys that are known to be weak, in the form of Debian's package
        /// `openssl-blacklist` (CVE-2008-0166); one for each length of keys.
        pub weak_keys: Vec<PathBuf> = Vec::new(),
        /// Where well-known ports really are, so that a laboratory can stand in for the internet. Once
        /// one has an address of its own, every port without one is taken to be closed.
        pub port_overrides: Vec<PortOverride> = Vec::new(),
    }
}
