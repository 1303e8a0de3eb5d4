//! What the catalogue tells people to do, as a whole: which findings have configuration to paste,
//! which have a warning, and whether the records among them are records.

use std::collections::BTreeSet;

use model::{ModuleId, Severity};

use crate::catalogue::{MODULES, catalogue};
use crate::check::{Check, Paste, Tool};
use crate::modules::dns_email::{caa, dkim, dmarc, spf};
use crate::modules::email_auth::policy::Policy;

/// Topics that no configuration mends, with the reason.
const NOTHING_TO_PASTE: &[(&str, &str)] = &[
    ("breach", "what was taken is out"),
    ("dnsbl", "the list removes the entry, after the cause is gone"),
    ("eol", "an update, another one for each product"),
    ("registration", "the registrar does it"),
    ("reputation", "the list removes the entry, after the cause is gone"),
    ("rpki", "the regional registry, or whoever announces the addresses, does it"),
    ("takeover", "a record is taken out, none is put in"),
    ("tracker", "the page's own consent decides"),
];

/// The same for single checks.
const NOTHING_TO_PASTE_HERE: &[(&str, &str)] = &[
    ("port.exploited-flaw", "an update, another one for each service"),
    ("port.known-flaw", "an update, another one for each service"),
    ("tlsflaw.winshock", "an update mends it"),
    ("script.vulnerable-library", "an update, another one for each library"),
];

/// What every web server and content network of the issue can be told.
const WEB: [Tool; 6] =
    [Tool::Nginx, Tool::Apache, Tool::Caddy, Tool::Haproxy, Tool::Iis, Tool::Cloudflare];

/// Checks of web servers that not all of [`WEB`] have lines for, with the reason.
const NOT_ALL: &[(&str, &[Tool], &str)] = &[
    (
        "cert.must-staple-without-staple",
        &[Tool::Caddy, Tool::Cloudflare],
        "they staple by themselves",
    ),
    ("cert.staple-useless", &[Tool::Caddy, Tool::Cloudflare], "they staple by themselves"),
    (
        "disclosure.server-info",
        &[Tool::Nginx, Tool::Caddy, Tool::Haproxy, Tool::Iis, Tool::Cloudflare],
        "Apache alone has it",
    ),
    ("kex.weak-curve", &[Tool::Cloudflare], "its edge offers no other groups"),
    ("tls.extension-intolerant", &WEB, "an update mends it"),
    ("tlsflaw.ccs-injection", &WEB, "an update mends it"),
    (
        "tlsflaw.client-renegotiation",
        &[Tool::Caddy, Tool::Haproxy, Tool::Cloudflare],
        "they refuse it by themselves",
    ),
    (
        "tlsflaw.compression",
        &[Tool::Caddy, Tool::Haproxy, Tool::Iis, Tool::Cloudflare],
        "they have none",
    ),
    ("tlsflaw.heartbleed", &WEB, "an update mends it"),
    (
        "tlsflaw.insecure-renegotiation",
        &[Tool::Nginx, Tool::Caddy, Tool::Haproxy, Tool::Cloudflare],
        "an update mends it, or they never knew it",
    ),
    (
        "tlsflaw.opossum",
        &[Tool::Nginx, Tool::Caddy, Tool::Haproxy, Tool::Iis, Tool::Cloudflare],
        "Apache alone upgrades within HTTP",
    ),
    ("tlsflaw.ticketbleed", &WEB, "F5 BIG-IP alone has the flaw"),
    ("tlsflaw.winshock", &WEB, "an update mends it"),
];

/// Remedies that are known to break things, by the beginning of the id.
const DANGEROUS: &[&str] = &[
    "caa.missing",
    "caa.no-issuer",
    "cipher.cbc",
    "cipher.no-forward-secrecy",
    "cookie.no-samesite",
    "cookie.session-not-httponly",
    "cors.reflects-origin",
    "csp.",
    "dane.mismatch",
    "dane.missing",
    "dmarc.missing",
    "dmarc.monitor-only",
    "dmarc.testing",
    "dnssec.ds-without-key",
    "dnssec.no-ds",
    "dnssec.unsigned",
    "framing.",
    "header.coep-missing",
    "header.coop-missing",
    "header.corp-missing",
    "hsts.",
    "https.not-redirected",
    "mtasts.missing",
    "mtasts.testing",
    "ns.open-recursion",
    "ns.open-transfer",
    "port.ssh-",
    "spf.missing",
    "spf.permissive-all",
    "spf.soft-fail",
    "sri.missing",
    "starttls.old-tls",
    "tls.ssl",
    "tls.tls1",
];

/// SSH checks whose remedy shuts nobody out.
const HARMLESS: &[&str] = &["port.ssh-no-post-quantum", "port.ssh-version-1"];

fn matters(check: &Check) -> bool {
    check.severity >= Severity::Medium
}

fn dns() -> impl Iterator<Item = (&'static str, String)> {
    let pastes = catalogue().flat_map(|check| check.paste.iter().map(move |paste| (check, paste)));
    pastes.filter(|(_, paste)| paste.tool == Tool::Dns).flat_map(|(check, paste)| {
        paste.text.lines().map(move |line| (check.id, filled(line))).collect::<Vec<_>>()
    })
}

/// Puts something that can stand there in place of what only the owner knows.
fn filled(text: &str) -> String {
    let text = text.replace("{domain}", "example.com");
    [
        ("YOUR-IPV4-ADDRESS", "192.0.2.1"),
        ("YOUR-IPV6-ADDRESS", "2001:db8::1"),
        ("YOUR-SHA-256-DIGEST", &"ab".repeat(32)),
        ("YOUR-KEY-TAG", "12345"),
        ("YOUR-OTHER-TERMS", "mx a"),
        ("YOUR-AUTHORITY", "ca.example"),
        ("YOUR-NEW-ID", "2"),
        ("YOUR-MAIL-SERVICE", "spf.example"),
        ("YOUR-MODE", "testing"),
        ("YOUR-", "your-"),
    ]
    .into_iter()
    .fold(text, |text, (place, value)| text.replace(place, value))
}

/// A line of a zone file: owner, type and data.
fn record(line: &str) -> Option<(&str, &str, &str)> {
    let (owner, rest) = line.split_once(" IN ")?;
    let (kind, data) = rest.split_once(' ')?;
    let labels = owner.strip_suffix('.')?.split('.');
    let sound = |label: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        (1..=63).contains(&label.len()) && label.bytes().all(known)
    };
    labels.into_iter().all(sound).then_some((owner, kind, data))
}

/// The text of a TXT record of one string.
fn string(data: &str) -> Option<&str> {
    let inner = data.strip_prefix('"')?.strip_suffix('"')?;
    (inner.len() <= 255 && !inner.contains('"')).then_some(inner)
}

#[test]
fn a_warning_is_one_sentence_that_fits_every_domain() {
    for (check, text) in catalogue().filter_map(|check| Some((check, check.careful?))) {
        let id = check.id;
        assert!(text.ends_with('.') && !text.contains(". "), "{id}: one sentence: {text}");
        assert!(!text.starts_with(|first: char| first.is_lowercase()), "{id}: {text}");
        assert!(!text.contains("{domain}") && !text.contains("YOUR-"), "{id}: {text}");
    }
}

#[test]
fn what_is_known_to_break_things_has_a_warning() {
    for beginning in DANGEROUS {
        let checks: Vec<_> = catalogue()
            .filter(|check| check.id.starts_with(beginning) && !HARMLESS.contains(&check.id))
            .collect();
        assert!(!checks.is_empty(), "no check is called {beginning}");
        for check in checks {
            assert!(check.careful.is_some(), "{} can break something: say so", check.id);
        }
    }
}

#[test]
fn what_matters_has_configuration_to_paste() {
    for check in catalogue().filter(|check| matters(check)) {
        let excused = NOTHING_TO_PASTE.iter().any(|(topic, _)| *topic == check.topic())
            || NOTHING_TO_PASTE_HERE.iter().any(|(id, _)| *id == check.id);
        assert_eq!(check.paste.is_empty(), excused, "{}", check.id);
    }
}

#[test]
fn every_web_server_is_told_what_matters() {
    let modules = MODULES
        .iter()
        .filter(|module| [ModuleId::HttpHeaders, ModuleId::SslTls].contains(&module.id));
    let mut excused = BTreeSet::new();
    for check in modules.flat_map(|module| module.checks()).filter(|check| matters(check)) {
        let told = |tool: &Tool| check.paste.iter().any(|paste| paste.tool == *tool);
        let missing: Vec<_> = WEB.into_iter().filter(|tool| !told(tool)).collect();
        let excuse = NOT_ALL.iter().find(|(id, ..)| *id == check.id);
        assert_eq!(missing, excuse.map_or(&[][..], |(_, tools, _)| tools), "{}", check.id);
        excused.extend(excuse.map(|(id, ..)| *id));
    }
    assert_eq!(excused.len(), NOT_ALL.len(), "an excuse for a check that needs none");
}

#[test]
fn a_product_stands_once_and_places_to_fill_are_marked() {
    for check in catalogue() {
        let tools: Vec<_> = check.paste.iter().map(|paste| paste.tool.name()).collect();
        let unique: BTreeSet<_> = tools.iter().collect();
        assert_eq!(unique.len(), tools.len(), "{}: {tools:?}", check.id);
        for Paste { text, .. } in check.paste {
            assert!(!text.is_empty() && text.trim_end() == *text, "{}: {text:?}", check.id);
            for (at, _) in text.match_indices("YOUR-") {
                let word = text[at + 5..].bytes().take_while(u8::is_ascii_alphanumeric);
                assert!(word.count() > 0, "{}: {text}", check.id);
            }
            for invented in ["192.0.2.", "203.0.113.", "2001:db8", "letsencrypt.org"] {
                assert!(!text.contains(invented), "{}: {text}", check.id);
            }
        }
    }
}

#[test]
fn records_to_paste_are_records() {
    let mut kinds = BTreeSet::new();
    for (id, line) in dns() {
        let (owner, kind, data) = record(&line).unwrap_or_else(|| panic!("{id}: {line}"));
        kinds.insert(kind.to_owned());
        let fields: Vec<_> = data.split(' ').collect();
        let fits = match kind {
            "A" => data.parse::<std::net::Ipv4Addr>().is_ok(),
            "AAAA" => data.parse::<std::net::Ipv6Addr>().is_ok(),
            "CNAME" | "NS" => data.ends_with('.'),
            "MX" => fields.len() == 2 && fields[0].parse::<u16>().is_ok() && data.ends_with('.'),
            "SRV" => {
                fields.len() == 4
                    && fields[..3].iter().all(|field| field.parse::<u16>().is_ok())
                    && data.ends_with('.')
            }
            "HTTPS" => fields[0].parse::<u16>().is_ok() && fields[1].ends_with('.'),
            "DS" | "TLSA" => {
                fields.len() == 4
                    && fields[..3].iter().all(|field| field.parse::<u16>().is_ok())
                    && fields[3].len() == 64
            }
            "CAA" => match (fields[..2].join(" ").as_str(), string(fields[2])) {
                ("0 issue", Some(value)) => caa::Issuer::parse(value).errors.is_empty(),
                ("0 iodef", Some(value)) => value.starts_with("mailto:"),
                _ => false,
            },
            "TXT" => string(data).is_some_and(|text| text_fits(owner, text)),
            _ => false,
        };
        assert!(fits, "{id}: {line}");
    }
    assert_eq!(
        kinds.iter().map(String::as_str).collect::<Vec<_>>(),
        ["A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NS", "SRV", "TLSA", "TXT"]
    );
}

/// Says whether our own parser has nothing against a record.
fn text_fits(owner: &str, text: &str) -> bool {
    let has = |tags: &[&str]| tags.iter().all(|tag| text.contains(tag));
    match owner.strip_suffix("example.com.").unwrap_or(owner) {
        "" => spf::SpfRecord::parse(text).errors.is_empty(),
        "_dmarc." => dmarc::DmarcRecord::parse(text).errors.is_empty(),
        "your-SELECTOR._domainkey." => {
            let key = dkim::DkimKey::parse("selector", text);
            key.is_some_and(|key| key.algorithm != dkim::Algorithm::Revoked && !key.sha1_only)
        }
        "_mta-sts." => has(&["v=STSv1; id="]),
        "_smtp._tls." => has(&["v=TLSRPTv1; rua=mailto:"]),
        "default._bimi." => has(&["v=BIMI1; l=https://"]),
        "example.com._report._dmarc.your-REPORT-SERVICE." => text == "v=DMARC1",
        _ => false,
    }
}

#[test]
fn policies_to_paste_are_policies() {
    let files = catalogue().flat_map(|check| check.paste).filter(|paste| paste.tool == Tool::File);
    let policies: Vec<_> = files
        .filter(|paste| paste.text.contains("STSv1"))
        .map(|paste| filled(paste.text))
        .collect();
    assert!(policies.len() > 1);
    for policy in policies {
        assert_eq!(Policy::parse(&policy).problems, Vec::<String>::new(), "{policy}");
    }
}
