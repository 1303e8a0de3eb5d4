//! The demo target: a web shop as many are, run by people who meant well.
//!
//! True of it, and so to be found: mail is watched but not protected (`p=none`, `~all`, a DKIM key
//! of 1,024 bits), any authority may issue certificates (no CAA), one name server answers, the zone is not
//! signed although its parents are, HSTS
//! lasts a day, there is no Content-Security-Policy, the server and the framework tell their
//! versions, the session cookie goes without `Secure`, `HttpOnly` and `SameSite`, the WordPress, PHP
//! and nginx have long ended, and the page loads an old jQuery without a hash, a font and a counter
//! of Google. SSH and FTP are open to the world, the former with algorithms of 2018. The certificate
//! and TLS of the web site are in order, that of the mail server vouches for itself. The domain is
//! registered for years and locked by the registrar, but not by the registry.

use std::time::Duration;

use crate::{Chain, Dns, DnsFault, Lab, Mail, Page, Service, Site, SshGreeter, Tls, Web};

/// The domain of the shop.
pub const DOMAIN: &str = "shop.test";

/// The RDAP server of the registry, for `providers.rdap`.
pub const RDAP_URL: &str = "http://rdap.test/";

/// What the registry says. The dates lie far from each other, so that no finding depends on today.
const REGISTRATION: &str = r#"{
  "objectClassName": "domain",
  "ldhName": "shop.test",
  "status": ["client transfer prohibited"],
  "secureDNS": {"delegationSigned": false},
  "events": [
    {"eventAction": "registration", "eventDate": "2014-03-01T10:00:00Z"},
    {"eventAction": "expiration", "eventDate": "2044-03-01T10:00:00Z"}
  ],
  "entities": [
    {"objectClassName": "entity", "roles": ["registrar"],
     "vcardArray": ["vcard", [["fn", {}, "text", "Lab Names Ltd"]]]},
    {"objectClassName": "entity", "roles": ["registrant"],
     "vcardArray": ["vcard", [["fn", {}, "text", "REDACTED FOR PRIVACY"]]]}
  ]
}"#;

/// A DKIM key of 1,024 bits: the example key of RFC 6376, appendix C.
const DKIM: &str = "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";

const HOME: &str = r#"<!doctype html>
<html lang="en">
<head>
<title>Shop</title>
<meta name="generator" content="WordPress 4.5.3">
<link rel="stylesheet" href="https://fonts.googleapis.com/css?family=Open+Sans">
<link rel="stylesheet" href="/wp-content/themes/shop/style.css">
<script src="https://code.jquery.com/jquery-1.12.4.min.js"></script>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-SHOP"></script>
</head>
<body>
<h1>Shop</h1>
<p>Everything must go.</p>
<form action="/search"><input name="q"></form>
</body>
</html>
"#;

/// Starts the shop, its resolver, its mail server and the registry.
pub async fn start() -> anyhow::Result<Lab> {
    start_with(dns()).await
}

/// Starts the shop with a resolver that takes its time for the shop's own name, so that a scan
/// lasts at least twice `delay`.
pub async fn start_slow(delay: Duration) -> anyhow::Result<Lab> {
    start_with(dns().fault(DOMAIN, DnsFault::Slow(delay))).await
}

fn dns() -> Dns {
    Dns::default()
        .record(DOMAIN, "A", "127.0.0.1")
        .record(DOMAIN, "MX", "10 mail.shop.test")
        .record(DOMAIN, "NS", "ns.shop.test")
        .record(DOMAIN, "TXT", "v=spf1 mx include:_spf.shop.test ~all")
        .record("www.shop.test", "A", "127.0.0.1")
        .record("ns.shop.test", "A", "127.0.0.1")
        .record("rdap.test", "A", "127.0.0.1")
        .record("mail.shop.test", "A", "127.0.0.1")
        .record("_spf.shop.test", "TXT", "v=spf1 ip4:192.0.2.0/24 ~all")
        .record("_dmarc.shop.test", "TXT", "v=DMARC1; p=none; rua=mailto:dmarc@shop.test")
        .record("selector1._domainkey.shop.test", "TXT", DKIM)
        .sign(".")
        .sign("test")
}

async fn start_with(dns: Dns) -> anyhow::Result<Lab> {
    let home = Page::new(200)
        .header("content-type", "text/html; charset=utf-8")
        .header("server", "nginx/1.18.0")
        .header("x-powered-by", "PHP/7.4.3")
        .header("strict-transport-security", "max-age=86400")
        .header("x-frame-options", "SAMEORIGIN")
        .header("set-cookie", "sessionid=4f2d9a7c1e; Path=/")
        .header("set-cookie", "theme=light; Path=/; Secure; SameSite=Lax; Max-Age=31536000")
        .body(HOME);
    let registry =
        Page::new(200).header("content-type", "application/rdap+json").body(REGISTRATION);
    let http =
        Web::host(DOMAIN, Site::default().anything(Page::redirect(301, "https://shop.test/")))
            .and_host("rdap.test", Site::default().page("/domain/shop.test", registry));
    let https = Web::host(DOMAIN, Site::home(home));
    Lab::builder()
        .dns(dns)
        .name_server()
        .http(http)
        .https(Tls::modern(&[DOMAIN, "www.shop.test"]), https)
        .smtp(Mail::StartTls(Tls::with_chain(&["mail.shop.test"], Chain::SelfSigned)))
        .service(21, Service::greets("220 (vsFTPd 3.0.3)\r\n"))
        .service(22, Service::Ssh(SshGreeter::of_2018()))
        .start()
        .await
}
