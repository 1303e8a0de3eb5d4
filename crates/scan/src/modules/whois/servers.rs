/// RDAP servers of common suffixes, from IANA's registry of them (RFC 9224,
/// <https://data.iana.org/rdap/dns.json>), as of November 2026. For what is not here WHOIS is asked.
///
/// Compared on 25 November 2026 with a copy of that registry of February 2024 (`com`, `net`, `org`,
/// `ngo`, `ong`, `xyz`, `uk`, `no`, `fi`, `br` and `ca`) and with a later excerpt without a date
/// (`info`, `ai`, `app`, `dev`, `page`, `zip`, `fr`, `nl`, `cz`, `pl`). `live`, `agency` and `new` stood
/// in neither. `io` is not in the registry, but its registry answers there.
const SERVERS: &[(&str, &[&str])] = &[
    ("https://rdap.verisign.com/com/v1/", &["com"]),
    ("https://rdap.verisign.com/net/v1/", &["net"]),
    ("https://rdap.publicinterestregistry.org/rdap/", &["org", "ngo", "ong"]),
    ("https://rdap.identitydigital.services/rdap/", &["info", "io", "ai", "live", "agency"]),
    ("https://pubapi.registry.google/rdap/", &["app", "dev", "page", "new", "zip"]),
    ("https://rdap.centralnic.com/xyz/", &["xyz"]),
    ("https://rdap.nominet.uk/uk/", &["uk"]),
    ("https://rdap.nic.fr/", &["fr"]),
    ("https://rdap.sidn.nl/", &["nl"]),
    ("https://rdap.nic.cz/", &["cz"]),
    ("https://rdap.norid.no/", &["no"]),
    ("https://rdap.dns.pl/", &["pl"]),
    ("https://rdap.fi/rdap/rdap/", &["fi"]),
    ("https://rdap.registro.br/", &["br"]),
    ("https://rdap.ca.fury.ca/rdap/", &["ca"]),
];

/// Returns the base URL of the RDAP server of a top-level domain, with a slash at the end.
pub(super) fn rdap(suffix: &str) -> Option<&'static str> {
    SERVERS.iter().find(|(_, suffixes)| suffixes.contains(&suffix)).map(|(url, _)| *url)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_suffix_stands_once_and_every_server_is_a_folder_on_https() {
        let mut seen = BTreeSet::new();
        for (url, suffixes) in SERVERS {
            assert!(url.starts_with("https://") && url.ends_with('/'), "{url}");
            assert!(suffixes.iter().all(|suffix| seen.insert(*suffix)), "{suffixes:?}");
        }
        assert!(rdap("com").is_some() && rdap("test").is_none());
    }
}
