use std::path::PathBuf;

use crate::modules::blacklists::BlockList;
use crate::modules::breaches::BreachSources;
use crate::modules::dns_email::rpki::RouteOrigins;
use crate::provider_file::ProviderFile;

/// Whom a scan asks besides the domain itself, as the operator chose. What is not named is asked of
/// nobody, and the checks that need it are not tested.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    /// The RDAP server that is asked for every domain; when absent the registry's own.
    pub rdap: Option<String>,
    /// Where breaches are known.
    pub breaches: BreachSources,
    /// The lists of malware and phishing that are looked into.
    pub reputation: Vec<ProviderFile>,
    /// The block lists that are asked.
    pub block_lists: Vec<BlockList>,
    /// Where certificate transparency is asked for names, `{domain}` standing for the domain; the
    /// answer is JSON as crt.sh gives it.
    pub certificate_transparency: Option<String>,
    /// The file of domains that browsers know to speak HTTPS alone, in Chromium's form.
    pub hsts_preload: Option<PathBuf>,
    /// The file of certificate transparency logs that browsers go by, in the form of Google's and
    /// Apple's `log_list.json`, version 3.
    pub ct_log_list: Option<PathBuf>,
    /// Files of keys that are known to be weak, in the form of Debian's `openssl-blacklist`.
    pub weak_keys: Vec<PathBuf>,
    /// CISA's catalogue of exploited flaws.
    pub kev: Option<ProviderFile>,
    /// Who may announce which addresses, in the JSON form of rpki-client.
    pub rpki: Option<ProviderFile>,
    /// Who announces them, the surest source first.
    pub route_origins: Vec<RouteOrigins>,
}
