//! Scripts that change without notice, so that no hash of them holds: their makers ask to load them
//! as they are, and some (payment, captcha) forbid copies.

/// Hosts, with everything below them.
const EVERGREEN: &[&str] = &[
    "bat.bing.com",
    "cdn.cookielaw.org",
    "cdn.segment.com",
    "challenges.cloudflare.com",
    "clarity.ms",
    "connect.facebook.net",
    "consent.cookiebot.com",
    "fonts.googleapis.com",
    "google-analytics.com",
    "googletagmanager.com",
    "hcaptcha.com",
    "js.hs-scripts.com",
    "js.stripe.com",
    "kit.fontawesome.com",
    "maps.googleapis.com",
    "pagead2.googlesyndication.com",
    "paypal.com",
    "platform.linkedin.com",
    "platform.twitter.com",
    "snap.licdn.com",
    "static.cloudflareinsights.com",
    "static.hotjar.com",
    "use.typekit.net",
    "widget.intercom.io",
    "www.recaptcha.net",
];

/// Scripts of a host whose other files can carry a hash.
const EVERGREEN_PATHS: &[(&str, &str)] = &[
    ("www.google.com", "/recaptcha/"),
    ("apis.google.com", "/js/"),
    ("accounts.google.com", "/gsi/"),
    ("www.youtube.com", "/iframe_api"),
];

/// Says whether what lies there changes without notice.
pub(super) fn is_evergreen(host: &str, path: &str) -> bool {
    let is_below = |known: &str| {
        host == known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'))
    };
    EVERGREEN.iter().any(|known| is_below(known))
        || EVERGREEN_PATHS
            .iter()
            .any(|(known, beginning)| host == *known && path.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_told_from_what_has_a_version() {
        assert!(is_evergreen("js.stripe.com", "/v3/"));
        assert!(is_evergreen("www.googletagmanager.com", "/gtag/js"));
        assert!(is_evergreen("www.google.com", "/recaptcha/api.js"));
        assert!(!is_evergreen("www.google.com", "/other.js"));
        assert!(!is_evergreen("evilpaypal.com", "/"));
        assert!(!is_evergreen("cdn.jsdelivr.net", "/npm/jquery@3.7.1/dist/jquery.min.js"));
    }
}
