use std::path::PathBuf;

use scan::{BlockList, ProviderFile, RouteOrigins};

use super::part::part;
use super::value::{BaseUrl, BreachSource, SecretText};

part! {
    /// Whom a scan asks besides the domain itself. Nobody by default: what is not named here is not
    /// tested, which is no finding and costs nothing.
    pub struct ProvidersConfig in "providers" {
        /// The RDAP server that is asked for the registration of every domain, as in
        /// `https://rdap.org/`. When absent the registry's own is asked where this version knows
        /// it, and the registry's WHOIS server otherwise.
        pub rdap: Option<BaseUrl> = None,
        /// Known breaches: the base URL of Have I Been Pwned, `https://haveibeenpwned.com`, or of a
        /// service that speaks as it does; a file in the form of its `/api/v3/breaches`; or one of
        /// each.
        pub breaches: Vec<BreachSource> = Vec::new(),
        /// The key that goes with the URL in `providers.breaches`, where it wants one.
        pub breaches_api_key: Option<SecretText> = None,
        /// Lists of malware and phishing, at most 8: paths of files, or URLs that are fetched once
        /// an hour; one host or one URL a line, or a hosts file. One that is a week old says
        /// nothing. Most lists bind their use to terms.
        pub reputation: Vec<ProviderFile> = Vec::new(),
        /// DNS block lists that are asked about domains and the addresses they send mail from:
        /// `bl.example` lists addresses, `domain:dbl.example` domains. Most lists bind their use to
        /// terms; look at those of the list first, and use a resolver of your own.
        pub block_lists: Vec<BlockList> = Vec::new(),
        /// Where certificate transparency is asked for names below a domain, `{domain}` standing
        /// for it; the answer is JSON as crt.sh gives it, whose URL is
        /// `https://crt.sh/?q=%25.{domain}&output=json`.
        pub certificate_transparency: Option<String> = None,
        /// A copy of Chromium's `transport_security_state_static.json`, which tells the domains that
        /// browsers know to speak HTTPS alone.
        pub hsts_preload: Option<PathBuf> = None,
        /// A copy of the list of certificate transparency logs that browsers go by, `log_list.json`
        /// (version 3) of Google or Apple. One that is older than 70 days says nothing.
        pub ct_log_list: Option<PathBuf> = None,
        /// Files of RSA keys that are known to be weak, in the form of Debian's package
        /// `openssl-blacklist` (CVE-2008-0166); one for each length of keys.
        pub weak_keys: Vec<PathBuf> = Vec::new(),
        /// CISA's catalogue of known exploited vulnerabilities as JSON, a file or a URL that is
        /// fetched once an hour. It marks flaws that this version knows as exploited, besides those
        /// that it marks by itself.
        pub kev: Option<ProviderFile> = None,
        /// Which networks may announce which addresses: a file or a URL of validated ROA payloads in
        /// the JSON form of rpki-client or Routinator, fetched once an hour, at most 256 MiB. One
        /// that is two days old says nothing. Needs `providers.route_origins`.
        pub rpki: Option<ProviderFile> = None,
        /// Which network announces an address: a file or a URL of all routes in the form of CAIDA's
        /// prefix-to-AS table or of RIPE's `riswhoisdump`, unpacked; or DNS zones that answer as
        /// Team Cymru's do, `ipv4:origin.asn.cymru.com` and `ipv6:origin6.asn.cymru.com`. The first
        /// that knows a route is believed.
        pub route_origins: Vec<RouteOrigins> = Vec::new(),
    }
}

impl ProvidersConfig {
    /// Returns the base URLs of the services that know breaches, and the files.
    pub(crate) fn breach_sources(&self) -> (Vec<&BaseUrl>, Vec<&PathBuf>) {
        let (mut services, mut files) = (Vec::new(), Vec::new());
        for source in &self.breaches {
            match source {
                BreachSource::Service(url) => services.push(url),
                BreachSource::File(path) => files.push(path),
            }
        }
        (services, files)
    }
}
