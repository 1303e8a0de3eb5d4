//! One file of a provider that the operator chose: a registry, a list, a collection of breaches.
//!
//! What a provider says is believed, so over HTTPS its certificate must be good, and a redirect
//! never leaves HTTPS. Its address passes the guard like a target's, on every hop. A secret is told
//! to the host of the setting alone. Complaints name the host, never the URL, which may hold a key.

use std::net::IpAddr;
use std::time::Duration;

use http::Method;
use url::{Host, Url};

use super::http::exchange;
use super::{HttpRequest, HttpResponse, Net, NetError, Scheme};
use crate::check::{Missing, Seen};

/// Redirects that are followed.
const MOST_REDIRECTS: usize = 3;
/// Bytes of a connection besides the body: headers and the handshake.
const OVERHEAD_BYTES: usize = 256 * 1024;

/// What is asked of a provider.
#[derive(Debug, Clone)]
pub struct ProviderRequest<'a> {
    /// The setting that names the provider, for complaints.
    pub setting: &'a str,
    pub url: &'a str,
    /// The media type that is wanted.
    pub accept: &'a str,
    /// A header that only the host of `url` may learn.
    pub secret: Option<(&'a str, &'a str)>,
    /// Bytes of the body that are read.
    pub most_bytes: usize,
    /// How long all of it may take, not counting what we wait for a place.
    pub patience: Duration,
}

impl Net {
    /// Fetches a file from a provider with GET. Returns the host that answered and the response,
    /// whatever its status.
    ///
    /// # Errors
    ///
    /// [`Missing`] when the URL is none, the address is refused, the certificate is not good or the
    /// time is over.
    pub async fn ask_provider(
        &self,
        request: &ProviderRequest<'_>,
    ) -> Seen<(String, HttpResponse)> {
        let mut patience = request.patience;
        let unusable = || Missing(format!("`{}` is not a URL", request.setting));
        let mut url = Url::parse(request.url).map_err(|_| unusable())?;
        let first = url.origin();
        for _ in 0..=MOST_REDIRECTS {
            let host = url.host_str().ok_or_else(unusable)?.to_owned();
            let secret = request.secret.filter(|_| url.origin() == first);
            let (response, took) = self.hop(&url, request, secret, patience).await?;
            patience = patience.saturating_sub(took);
            let Some(next) = redirect(&url, &response) else { return Ok((host, response)) };
            if url.scheme() == "https" && next.scheme() != "https" {
                return Err(Missing(format!("the provider {host} redirects away from HTTPS")));
            }
            url = next;
        }
        Err(Missing("the provider redirects without end".to_owned()))
    }

    async fn hop(
        &self,
        url: &Url,
        request: &ProviderRequest<'_>,
        secret: Option<(&str, &str)>,
        patience: Duration,
    ) -> Seen<(HttpResponse, Duration)> {
        let unusable = || Missing(format!("`{}` is not a URL", request.setting));
        let scheme = match url.scheme() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(unusable()),
        };
        let host = url.host_str().ok_or_else(unusable)?;
        let failed = |error: NetError| match error {
            NetError::TimedOut => Missing(format!("the provider {host} did not answer in time")),
            error => Missing(format!("the provider {host}: {error}")),
        };
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let mut headers = vec![("accept", request.accept)];
        headers.extend(secret);
        let asked = HttpRequest {
            method: Method::GET,
            scheme,
            host,
            address: self.provider_address(url).await?,
            port: url.port().unwrap_or(scheme.default_port()),
            path: &path,
            headers: &headers,
        };
        let bytes = request.most_bytes + request.most_bytes / 8 + OVERHEAD_BYTES;
        let tcp =
            self.open_for(asked.address, asked.port, patience, bytes).await.map_err(failed)?;
        let began = tcp.began();
        let response = match scheme {
            Scheme::Http => exchange(tcp, &asked, request.most_bytes).await,
            Scheme::Https => {
                let tls = self.tls_verified(tcp, host).await.map_err(failed)?;
                exchange(tls.stream, &asked, request.most_bytes).await
            }
        };
        Ok((response.map_err(failed)?, began.elapsed()))
    }

    /// Returns the first address of a provider that may be reached.
    async fn provider_address(&self, url: &Url) -> Seen<IpAddr> {
        let name = match url.host() {
            Some(Host::Domain(name)) => name,
            Some(Host::Ipv4(address)) => return Ok(address.into()),
            Some(Host::Ipv6(address)) => return Ok(address.into()),
            None => return Err(Missing("the provider has no address".to_owned())),
        };
        let (allowed, refused) = self.addresses(name).await?;
        match (allowed.first(), refused.first()) {
            (Some(address), _) => Ok(*address),
            (None, Some((address, reason))) => {
                Err(Missing(format!("the provider {name}: {address} is {reason}")))
            }
            (None, None) => Err(Missing(format!("the provider {name} has no address"))),
        }
    }
}

/// Returns where a response leads instead.
fn redirect(from: &Url, response: &HttpResponse) -> Option<Url> {
    let leads = matches!(response.status, 301 | 302 | 303 | 307 | 308);
    leads.then(|| from.join(response.header("location")?).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lab::{Chain, Dns, HttpFault, Lab, Page, Site, Tls, Web};
    use model::Timestamp;

    use super::*;
    use crate::net::Shared;
    use crate::settings::{PortTarget, Settings};

    async fn asked(url: &str, lab: &Lab) -> Seen<(String, HttpResponse)> {
        asked_with(url, lab, |settings| settings.allow_private_networks = true).await
    }

    async fn asked_with(
        url: &str,
        lab: &Lab,
        change: impl FnOnce(&mut Settings),
    ) -> Seen<(String, HttpResponse)> {
        let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
        let mut settings = Settings {
            resolver: Some(lab.resolver),
            extra_roots: vec![lab.authority.root_der()],
            port_overrides: ports.collect(),
            ..Settings::default()
        };
        change(&mut settings);
        let net = Net::new(Arc::new(Shared::new(settings).unwrap()), Timestamp(0));
        let request = ProviderRequest {
            setting: "scan.list",
            url,
            accept: "text/plain",
            secret: Some(("x-key", "secret")),
            most_bytes: 1_000,
            patience: Duration::from_secs(2),
        };
        net.ask_provider(&request).await
    }

    async fn lab(http: Web, chain: Chain, https: Web) -> Lab {
        let dns = Dns::default().record("list.test", "A", "127.0.0.1").record(
            "other.test",
            "A",
            "127.0.0.1",
        );
        let tls = Tls::with_chain(&["list.test"], chain);
        Lab::builder().dns(dns).http(http).https(tls, https).start().await.unwrap()
    }

    #[tokio::test]
    async fn a_file_is_fetched_over_redirects_that_stay_on_https() {
        let site = Site::home(Page::redirect(302, "/list?x=1"))
            .page("/list", Page::new(200).body("a list"));
        let lab = lab(Web::default(), Chain::Good, Web::host("list.test", site)).await;
        let (host, response) = asked("https://list.test/", &lab).await.unwrap();
        assert_eq!((host.as_str(), response.body.as_slice()), ("list.test", &b"a list"[..]));
        let down = Site::home(Page::redirect(302, "http://list.test/"));
        let lab = self::lab(Web::default(), Chain::Good, Web::host("list.test", down)).await;
        let missing = asked("https://list.test/", &lab).await.unwrap_err();
        assert_eq!(missing.0, "the provider list.test redirects away from HTTPS");
    }

    #[tokio::test]
    async fn no_redirect_leads_inside() {
        for place in ["inside.test", "169.254.169.254", "10.0.0.1", "[::1]", "0x7f.1"] {
            let to = Page::redirect(302, &format!("http://{place}/"));
            let web = Web::host("list.test", Site::home(to))
                .and_host("inside.test", Site::default().anything(Page::new(200).body("secret")));
            let dns = Dns::default().record("list.test", "A", "11.0.0.1").record(
                "inside.test",
                "A",
                "169.254.169.254",
            );
            let lab = Lab::builder().dns(dns).http(web).start().await.unwrap();
            let missing = asked_with("http://list.test/", &lab, |_| ()).await.unwrap_err();
            assert!(missing.0.contains(" is "), "{place}: {missing}");
            assert_eq!(lab.connections(), 1, "{place}: the first hop alone");
        }
    }

    #[tokio::test]
    async fn a_certificate_that_is_not_good_ends_it() {
        for chain in [Chain::SelfSigned, Chain::Expired, Chain::WrongName, Chain::UntrustedRoot] {
            let web = Web::host("list.test", Site::home(Page::new(200).body("lies")));
            let lab = lab(Web::default(), chain, web).await;
            let missing = asked("https://list.test/", &lab).await.unwrap_err();
            assert!(missing.0.contains("handshake failed"), "{chain:?}: {missing}");
        }
    }

    #[tokio::test]
    async fn a_secret_stays_with_the_host_of_the_setting() {
        let listed = Site::home(Page::redirect(302, "http://other.test/"))
            .page("/own", Page::redirect(302, "/"))
            .echoes("x-key");
        let web =
            Web::host("list.test", listed).and_host("other.test", Site::default().echoes("x-key"));
        let lab = lab(web, Chain::Good, Web::default()).await;
        for (url, wanted) in
            [("http://list.test/echo", "secret"), ("http://list.test/own", "absent")]
        {
            let (_, response) = asked(url, &lab).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&response.body), wanted, "{url}");
        }
    }

    #[tokio::test]
    async fn what_never_ends_is_ended() {
        for fault in [HttpFault::RedirectLoop, HttpFault::Silent, HttpFault::NotHttp] {
            let lab = lab(Web::fault(fault), Chain::Good, Web::default()).await;
            assert!(asked("http://list.test/", &lab).await.is_err(), "{fault:?}");
        }
        let lab = lab(Web::fault(HttpFault::EndlessBody), Chain::Good, Web::default()).await;
        let (_, response) = asked("http://list.test/", &lab).await.unwrap();
        assert!(response.truncated && response.body.len() == 1_000);
    }
}
