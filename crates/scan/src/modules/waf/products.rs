//! Shields by the marks they leave on responses.
//!
//! To add one: a row. A mark must be the product's own: a header that anybody may set proves
//! nothing.

use crate::modules::http_headers::HttpEvidence;
use crate::modules::http_headers::evidence::Hop;

/// A product in front of sites and what it leaves on their responses.
struct Product {
    name: &'static str,
    /// Header and what its value contains, both in lower case; any value when empty.
    headers: &'static [(&'static str, &'static str)],
    /// Beginnings of cookie names.
    cookies: &'static [&'static str],
}

const fn by(
    name: &'static str,
    headers: &'static [(&'static str, &'static str)],
    cookies: &'static [&'static str],
) -> Product {
    Product { name, headers, cookies }
}

const PRODUCTS: &[Product] = &[
    by("Cloudflare", &[("cf-ray", ""), ("server", "cloudflare")], &["__cf_bm", "cf_clearance"]),
    by("Amazon CloudFront", &[("x-amz-cf-id", ""), ("via", "(cloudfront)")], &[]),
    by("AWS WAF", &[("x-amzn-waf-action", "")], &["aws-waf-token"]),
    by(
        "Akamai",
        &[("server", "akamaighost"), ("x-akamai-transformed", ""), ("akamai-grn", "")],
        &["ak_bmsc", "bm_sz", "_abck"],
    ),
    by("Fastly", &[("x-fastly-request-id", ""), ("x-served-by", "cache-")], &[]),
    by(
        "Imperva",
        &[("x-iinfo", ""), ("x-cdn", "imperva"), ("x-cdn", "incapsula")],
        &["visid_incap_", "incap_ses_", "nlbi_"],
    ),
    by("Sucuri", &[("x-sucuri-id", ""), ("server", "sucuri")], &[]),
    by("F5 BIG-IP", &[("server", "bigip")], &["BIGipServer", "TS01"]),
    by("Azure Front Door", &[("x-azure-ref", "")], &[]),
    by("Azure Application Gateway", &[("server", "microsoft-azure-application-gateway")], &[]),
    by("Google Cloud load balancing", &[("via", "1.1 google")], &[]),
    by("DataDome", &[("x-datadome", "")], &["datadome"]),
    by("HUMAN", &[("x-px-block", "")], &["_pxhd", "_px3"]),
    by("Barracuda", &[], &["barra_counter_session", "BNI__BARRACUDA"]),
    by("FortiWeb", &[], &["FORTIWAFSID"]),
    by("NetScaler", &[], &["NSC_", "citrix_ns_id"]),
    by("ModSecurity", &[("server", "mod_security")], &[]),
    by("Bunny", &[("server", "bunnycdn")], &[]),
    by("KeyCDN", &[("server", "keycdn")], &[]),
    by("CDN77", &[("server", "cdn77")], &[]),
    by("Vercel", &[("x-vercel-id", "")], &[]),
    by("Netlify", &[("x-nf-request-id", "")], &[]),
    by("GitHub Pages", &[("server", "github.com")], &[]),
    by("Myra", &[("server", "myracloud")], &[]),
    by("DDoS-Guard", &[("server", "ddos-guard")], &["__ddg"]),
    by("Qrator", &[("server", "qrator")], &[]),
];

/// Returns each shield that left a mark on the domain's own responses, and the mark.
pub(super) fn marks(http: &HttpEvidence) -> Vec<(&'static str, String)> {
    let hops = || {
        let hops = http.secure.hops.iter().chain(&http.plain.hops);
        hops.filter(|hop| http.is_own(&hop.host))
    };
    let found = PRODUCTS
        .iter()
        .filter_map(|product| Some((product.name, hops().find_map(|hop| product.mark(hop))?)));
    found.collect()
}

impl Product {
    fn mark(&self, hop: &Hop) -> Option<String> {
        let header = self.headers.iter().find(|(name, contains)| {
            hop.all(name).any(|value| value.to_ascii_lowercase().contains(contains))
        });
        if let Some((name, contains)) = header {
            return Some(match contains.is_empty() {
                true => format!("the header `{name}`"),
                false => format!("`{contains}` in the header `{name}`"),
            });
        }
        let of_ours = |name: &str| self.cookies.iter().any(|beginning| name.starts_with(beginning));
        let cookie = hop.cookies.iter().find(|cookie| of_ours(&cookie.name));
        cookie.map(|cookie| format!("the cookie `{}`", cookie.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::cookies::ReceivedCookie;
    use crate::modules::http_headers::sample;

    #[test]
    fn rows_are_written_as_they_are_compared() {
        for product in PRODUCTS {
            assert!(product.headers.len() + product.cookies.len() > 0, "{}", product.name);
            for (name, contains) in product.headers {
                assert_eq!(*name, name.to_ascii_lowercase());
                assert_eq!(*contains, contains.to_ascii_lowercase());
            }
        }
    }

    #[test]
    fn a_cookie_gives_a_shield_away() {
        let mut http = sample::site(&[]);
        assert_eq!(marks(&http), []);
        http.secure.hops[0].cookies = vec![ReceivedCookie::receive("incap_ses_1_2=x; path=/")];
        assert_eq!(marks(&http), [("Imperva", "the cookie `incap_ses_1_2`".to_owned())]);
    }
}
