//! Block pages: what a shield answers instead of the site.
//!
//! This is the one place that knows them. The HTTP probe asks it about every response, and whatever
//! judges the site leaves such a response alone.

use crate::net::HttpResponse;

/// Headers that only a shield sends, and what to call it.
const SHIELD_HEADERS: &[(&str, &str, &str)] = &[
    ("cf-mitigated", "challenge", "a Cloudflare challenge"),
    ("x-amzn-waf-action", "", "an AWS WAF challenge"),
    ("x-sucuri-block", "", "the Sucuri firewall"),
];

/// Pages longer than this are the site's own: a shield also puts its scripts into those.
const SHIELD_PAGE_BYTES: usize = 16 * 1024;

/// Words that stand on block pages whatever their status, and what to call them.
const SHIELD_WORDS: &[(&str, &str)] = &[
    ("Request unsuccessful. Incapsula incident ID", "the Imperva firewall"),
    ("The requested URL was rejected. Please consult with your administrator.", "an F5 firewall"),
    ("Sucuri WebSite Firewall - Access Denied", "the Sucuri firewall"),
    ("<title>Just a moment...</title>", "a Cloudflare challenge"),
    ("geo.captcha-delivery.com", "a DataDome challenge"),
    ("id=\"px-captcha\"", "a HUMAN challenge"),
];

/// Returns what says that a response is a block page, if anything does.
pub(crate) fn block_sign(response: &HttpResponse) -> Option<String> {
    let header = SHIELD_HEADERS.iter().find(|(name, value, _)| {
        response.header(name).is_some_and(|have| have.to_ascii_lowercase().contains(value))
    });
    if let Some((_, _, shield)) = header {
        return Some((*shield).to_owned());
    }
    if response.body.len() <= SHIELD_PAGE_BYTES {
        let text = String::from_utf8_lossy(&response.body);
        if let Some((_, shield)) = SHIELD_WORDS.iter().find(|(word, _)| text.contains(word)) {
            return Some((*shield).to_owned());
        }
    }
    let refusal = match response.status {
        403 => "forbidden",
        429 => "too many requests",
        503 => "service unavailable",
        _ => return None,
    };
    Some(refusal.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> HttpResponse {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        HttpResponse {
            status,
            headers: headers.iter().map(owned).collect(),
            body: body.as_bytes().to_vec(),
            truncated: false,
        }
    }

    #[test]
    fn recognises_block_pages() {
        let sign = |status, headers, body| block_sign(&response(status, headers, body));
        assert_eq!(sign(403, &[], ""), Some("forbidden".to_owned()));
        assert_eq!(sign(429, &[], ""), Some("too many requests".to_owned()));
        let challenge: &[(&str, &str)] = &[("cf-mitigated", "challenge")];
        assert_eq!(sign(200, challenge, ""), Some("a Cloudflare challenge".to_owned()));
        let rejected =
            "<html>The requested URL was rejected. Please consult with your administrator.</html>";
        assert_eq!(sign(200, &[], rejected), Some("an F5 firewall".to_owned()));
        assert_eq!(sign(200, &[], "<h1>hello</h1>"), None);
        assert_eq!(sign(404, &[], "not here"), None);
        // Single sign-on and basic authentication are the site's own answer.
        assert_eq!(sign(401, &[("www-authenticate", "Basic")], "log in"), None);
        assert_eq!(
            sign(401, &[("x-datadome", "protected")], "geo.captcha-delivery.com"),
            Some("a DataDome challenge".to_owned())
        );
    }

    proptest! {
        #[test]
        fn never_panics(body in "(<title>|Incapsula|\u{e9}|[ a-z]){0,40}") {
            block_sign(&response(200, &[], &body));
        }
    }
}
