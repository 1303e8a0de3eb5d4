use http::Uri;

/// Whom passkeys are made for: this service, as browsers know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RelyingParty {
    /// The host name.
    pub(crate) id: String,
    /// Scheme, host name and port, as browsers write them.
    pub(super) origin: String,
}

impl RelyingParty {
    /// What authenticators show beside the host name.
    pub(crate) const NAME: &'static str = "ComplianceLayer";

    /// Returns who we are at a public address; `None` when browsers make no passkeys there: at an
    /// address without a host name, or over plain http anywhere but on the same computer.
    pub(crate) fn of(public_url: &str) -> Option<Self> {
        let uri: Uri = public_url.parse().ok()?;
        let id = uri.host()?.to_ascii_lowercase();
        let is_name = id.parse::<std::net::Ipv4Addr>().is_err()
            && !id.starts_with('[')
            && id.split('.').all(|label| !label.is_empty());
        let is_local = id == "localhost" || id.ends_with(".localhost");
        let scheme = uri.scheme_str()?;
        let usual = match scheme {
            "https" => 443,
            "http" if is_local => 80,
            _ => return None,
        };
        let port = uri.port_u16().filter(|port| *port != usual);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        is_name.then(|| Self { origin: format!("{scheme}://{id}{port}"), id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_do() {
        for (url, id, origin) in [
            ("https://Scan.Example.com/path", "scan.example.com", "https://scan.example.com"),
            ("https://scan.example.com:443", "scan.example.com", "https://scan.example.com"),
            ("https://scan.example.com:8443", "scan.example.com", "https://scan.example.com:8443"),
            ("http://localhost:8080", "localhost", "http://localhost:8080"),
            ("http://cl.localhost", "cl.localhost", "http://cl.localhost"),
        ] {
            let rp = RelyingParty::of(url).unwrap();
            assert_eq!((rp.id.as_str(), rp.origin.as_str()), (id, origin));
        }
    }

    #[test]
    fn where_browsers_refuse_there_is_none() {
        for url in [
            "https://192.0.2.1",
            "https://[2001:db8::1]:8443",
            "http://scan.example.com",
            "http://127.0.0.1:8080",
            "https://example..com",
            "ftp://example.com",
            "example.com",
        ] {
            assert_eq!(RelyingParty::of(url), None, "{url}");
        }
    }
}
