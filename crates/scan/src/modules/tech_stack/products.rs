//! Reads which products a page gives away, and their versions where it tells them.
//!
//! Products named in `Server`, `X-Powered-By` and `X-Generator` are read as the standard writes them
//! (`name/version`, RFC 9110, section 10.2.4); everything else is a row of a table. Names that stand
//! in no table are not repeated: a header can hold anything.

use crate::modules::http_headers::evidence::Hop;
use crate::modules::http_headers::markup::Markup;
use crate::modules::javascript::libraries::loaded;

/// A product a site gives away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Product {
    pub(super) name: &'static str,
    /// As it is told.
    pub(super) version: Option<String>,
    /// What tells it: ``the header `server` ``.
    pub(super) by: String,
}

impl Product {
    /// Returns the name, with its version when that is told.
    pub(super) fn label(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// Words in headers and generators, in lower case, and the product they name.
const WORDS: &[(&str, &str)] = &[
    ("apache", "Apache httpd"),
    ("asp.net", "ASP.NET"),
    ("caddy", "Caddy"),
    ("drupal", "Drupal"),
    ("express", "Express"),
    ("gatsby", "Gatsby"),
    ("ghost", "Ghost"),
    ("gunicorn", "Gunicorn"),
    ("h2o", "H2O"),
    ("hugo", "Hugo"),
    ("jekyll", "Jekyll"),
    ("jetty", "Jetty"),
    ("joomla!", "Joomla"),
    ("kestrel", "Kestrel"),
    ("lighttpd", "lighttpd"),
    ("litespeed", "LiteSpeed"),
    ("mediawiki", "MediaWiki"),
    ("microsoft-iis", "Microsoft IIS"),
    ("next.js", "Next.js"),
    ("nginx", "nginx"),
    ("nuxt", "Nuxt"),
    ("openresty", "OpenResty"),
    ("openssl", "OpenSSL"),
    ("php", "PHP"),
    ("phusion passenger", "Phusion Passenger"),
    ("prestashop", "PrestaShop"),
    ("python", "Python"),
    ("shopify", "Shopify"),
    ("squarespace", "Squarespace"),
    ("tengine", "Tengine"),
    ("typo3", "TYPO3"),
    ("uvicorn", "Uvicorn"),
    ("werkzeug", "Werkzeug"),
    ("wix.com", "Wix"),
    ("wordpress", "WordPress"),
];

/// Headers that only one product sends; the value is its version when the third word says so.
const HEADERS: &[(&str, &str, bool)] = &[
    ("x-aspnet-version", "ASP.NET", false),
    ("x-aspnetmvc-version", "ASP.NET MVC", true),
    ("x-drupal-cache", "Drupal", false),
    ("x-jenkins", "Jenkins", true),
    ("x-magento-cache-debug", "Magento", false),
    ("x-pingback", "WordPress", false),
    ("x-shopid", "Shopify", false),
    ("x-wix-request-id", "Wix", false),
];

/// Beginnings of cookie names.
const COOKIES: &[(&str, &str)] = &[
    ("ASP.NET_SessionId", "ASP.NET"),
    ("ASPSESSIONID", "Classic ASP"),
    ("CFID", "ColdFusion"),
    ("JSESSIONID", "Java"),
    ("PHPSESSID", "PHP"),
    ("PrestaShop-", "PrestaShop"),
    ("ci_session", "CodeIgniter"),
    ("connect.sid", "Express"),
    ("laravel_session", "Laravel"),
    ("wordpress_", "WordPress"),
    ("wp-settings-", "WordPress"),
];

/// What stands in the addresses of a page's own files.
const PATHS: &[(&str, &str)] = &[
    ("/_next/static/", "Next.js"),
    ("/_nuxt/", "Nuxt"),
    ("/core/misc/drupal", "Drupal"),
    ("/etc.clientlibs/", "Adobe Experience Manager"),
    ("/media/system/js/", "Joomla"),
    ("/sites/default/files/", "Drupal"),
    ("/skin/frontend/", "Magento"),
    ("/typo3conf/", "TYPO3"),
    ("/typo3temp/", "TYPO3"),
    ("/wp-content/", "WordPress"),
    ("/wp-includes/", "WordPress"),
];

/// Hosts that only one product loads files from.
const HOSTS: &[(&str, &str)] = &[
    ("cdn.shopify.com", "Shopify"),
    ("static.parastorage.com", "Wix"),
    ("assets.squarespace.com", "Squarespace"),
    ("static1.squarespace.com", "Squarespace"),
    ("assets.website-files.com", "Webflow"),
];

/// Returns the products a page gives away, each once, with its version where any mark tells it.
pub(crate) fn products(page: &Hop, markup: Option<&Markup>) -> Vec<Product> {
    let mut found = Vec::new();
    for header in ["server", "x-powered-by", "x-generator"] {
        for value in page.all(header) {
            named(value, &format!("the header `{header}`"), &mut found);
        }
    }
    for (header, name, is_version) in HEADERS {
        if let Some(value) = page.first(header) {
            let version = Some(value).filter(|_| *is_version).and_then(first_version);
            found.push(Product { name, version, by: format!("the header `{header}`") });
        }
    }
    for cookie in &page.cookies {
        let known = COOKIES.iter().find(|(beginning, _)| cookie.name.starts_with(beginning));
        let by = |(beginning, _): &(&str, &str)| format!("a cookie `{beginning}`");
        found.extend(known.map(|row| Product { name: row.1, version: None, by: by(row) }));
    }
    if let Some(markup) = markup {
        in_markup(markup, &mut found);
    }
    merged(found)
}

fn in_markup(markup: &Markup, found: &mut Vec<Product>) {
    for generator in &markup.generators {
        named(generator, "its generator element", found);
    }
    for resource in &markup.resources {
        let by_path = PATHS.iter().find(|(part, _)| resource.path.contains(part));
        let by_host = HOSTS.iter().find(|(host, _)| resource.host == *host);
        for (mark, name) in by_path.into_iter().chain(by_host) {
            found.push(Product {
                name,
                version: None,
                by: format!("the address of a file ({mark})"),
            });
        }
    }
    for library in loaded(markup) {
        let version =
            library.version.map(|(major, minor, patch)| format!("{major}.{minor}.{patch}"));
        found.push(Product { name: library.library, version, by: library.place });
    }
}

/// Reads `nginx/1.18.0 (Ubuntu) PHP/7.4.3`, `WordPress 6.4.2` or `Drupal 9 (https://…)`.
fn named(text: &str, by: &str, found: &mut Vec<Product>) {
    let lower = text.to_ascii_lowercase();
    for (word, name) in WORDS {
        let Some(at) = lower.find(word) else { continue };
        let begins = lower[..at].chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric());
        let rest = &lower[at + word.len()..];
        let ends = rest.chars().next().is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-');
        if begins && ends {
            found.push(Product { name, version: first_version(rest), by: by.to_owned() });
        }
    }
}

/// Reads the version that follows a name: after `/`, a space, `(` or `v`.
fn first_version(text: &str) -> Option<String> {
    let text = text.trim_start_matches(['/', ' ', '(']);
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(text.len());
    let version = text[..end.min(24)].trim_end_matches('.');
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
}

/// Keeps each product once for each version told; without one only when no mark tells it.
fn merged(found: Vec<Product>) -> Vec<Product> {
    let mut kept: Vec<Product> = Vec::new();
    let (with, without): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|product| product.version.is_some());
    for product in with {
        let same = |have: &&Product| have.name == product.name && have.version == product.version;
        if !kept.iter().any(|have| same(&have)) {
            kept.push(product);
        }
    }
    for product in without {
        if kept.iter().all(|have| have.name != product.name) {
            kept.push(product);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::modules::http_headers::sample;
    use crate::modules::tech_stack::seen;

    fn labels(headers: &[(&str, &str)], page: &str) -> Vec<String> {
        let evidence = sample::document(headers, page);
        seen(&evidence).unwrap().iter().map(Product::label).collect()
    }

    #[test]
    fn reads_headers_as_the_standard_writes_them() {
        assert_eq!(
            labels(&[("server", "Apache/2.4.6 (CentOS) OpenSSL/1.0.2k-fips PHP/5.4.16")], ""),
            ["Apache httpd 2.4.6", "OpenSSL 1.0.2k", "PHP 5.4.16"]
        );
        assert_eq!(labels(&[("x-powered-by", "PHP/8.3.1, PleskLin")], ""), ["PHP 8.3.1"]);
        assert_eq!(labels(&[("server", "nginx")], ""), ["nginx"]);
        assert_eq!(labels(&[("server", "Microsoft-IIS/8.5")], ""), ["Microsoft IIS 8.5"]);
        assert_eq!(labels(&[("server", "nginxplus <script>")], ""), [""; 0]);
    }

    #[test]
    fn reads_generators_addresses_and_libraries() {
        let page = "<meta name=generator content='WordPress 6.4.2'>\
             <link rel=stylesheet href=/wp-content/themes/x/style.css>\
             <script src=/js/jquery-3.4.1.min.js></script><script src=/_next/static/a.js></script>";
        assert_eq!(labels(&[], page), ["WordPress 6.4.2", "jQuery 3.4.1", "Next.js"]);
        let drupal = "<meta name=generator content='Drupal 9 (https://www.drupal.org)'>";
        assert_eq!(labels(&[], drupal), ["Drupal 9"]);
        let joomla = "<meta name=generator content='Joomla! - Open Source Content Management'>";
        assert_eq!(labels(&[], joomla), ["Joomla"]);
    }

    proptest! {
        #[test]
        fn never_panics(text in "(php|nginx|/|v|[0-9.]|\\(| |\u{e9}|\u{130}){0,20}") {
            named(&text, "x", &mut Vec::new());
            first_version(&text);
        }
    }
}
