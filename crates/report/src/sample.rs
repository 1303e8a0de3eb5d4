//! One rich report by hand, with a catalogue of its own so that snapshots do not follow the texts
//! of the real checks.

use model::{
    Cap, Coverage, DomainName, Finding, Ledger, LedgerLine, ModuleId, ModuleReport, ModuleStatus,
    NotTested, Report, ScanScope, Severity, SkippedAddress, Timestamp, Unscored,
};
use scan::check::{Check, Paste, Tool};
use scan::compliance::Group;

use crate::{AcceptedView, ReportView};

const CHECKS: &[Check] = &[
    Check {
        id: "dmarc.missing",
        title: "No DMARC record",
        severity: Severity::Critical,
        cap: Some(74),
        group: Group::MailAuthentication,
        standard: "RFC 9989, section 4.5",
        why: "Anybody can send mail in the domain's name.",
        fix: "Publish a DMARC record, first with `p=none` and a report address, then enforce it \
              step by step once the reports show that every legitimate sender passes.",
        paste: &[Paste {
            tool: Tool::Dns,
            text: "_dmarc.{domain}. TXT \"v=DMARC1; p=none; rua=mailto:dmarc@{domain}\"",
        }],
        ..Check::BASE
    },
    Check {
        id: "hsts.missing",
        title: "No Strict-Transport-Security header",
        severity: Severity::High,
        group: Group::Https,
        standard: "RFC 6797, section 7.1",
        why: "The first visit can be turned to plain HTTP.",
        fix: "Send the header on every HTTPS answer.",
        careful: Some("Browsers refuse plain HTTP for as long as it says: begin with an hour."),
        paste: &[
            Paste {
                tool: Tool::Nginx,
                text: "add_header Strict-Transport-Security \"max-age=31536000\" always;",
            },
            Paste {
                tool: Tool::Caddy,
                text: "header {\n    Strict-Transport-Security \"max-age=31536000\"\n}",
            },
        ],
        ..Check::BASE
    },
    Check {
        id: "server.version",
        title: "The Server header names a version",
        severity: Severity::Low,
        group: Group::Disclosure,
        standard: "OWASP ASVS 5.0, 13.4.6",
        why: "It tells an attacker what to try.",
        fix: "Leave the version out.",
        ..Check::BASE
    },
    Check {
        id: "tls.no-post-quantum",
        title: "No post-quantum key exchange",
        severity: Severity::Info,
        group: Group::Tls,
        standard: "RFC 10024",
        why: "Traffic recorded today can be read later.",
        fix: "Offer X25519MLKEM768.",
        ..Check::BASE
    },
    Check {
        id: "security-txt.missing",
        title: "No security.txt",
        severity: Severity::Info,
        group: Group::DisclosureContact,
        standard: "RFC 9116, section 3",
        why: "Whoever finds a weakness does not know whom to tell.",
        fix: "Publish `/.well-known/security.txt` with a contact.",
        ..Check::BASE
    },
    Check { id: "tls.version-1-0", group: Group::Tls, ..Check::BASE },
    Check { id: "certificate.expired", group: Group::Certificate, ..Check::BASE },
];

pub(crate) fn find(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id)
}

/// Returns the rich report as every format gets it.
pub(crate) fn view() -> ReportView {
    ReportView { job_id: Some(4_711), ..crate::view::assemble(&report(), find) }
}

/// Returns the same, with one finding that somebody answers for.
pub(crate) fn accepted() -> ReportView {
    let accepted = AcceptedView {
        id: Some(7),
        reason: "Only reached through <the> VPN".to_owned(),
        until: Timestamp::parse("2027-01-31T23:59:59.999Z").unwrap(),
        by: Some("ann@example.com".to_owned()),
    };
    let mut view = view();
    view.accept(&[("hsts.missing".to_owned(), accepted)].into());
    view
}

/// Returns a report with every kind of result; the target says hostile things.
pub(crate) fn report() -> Report {
    let tls = ModuleReport {
        score: Some(100),
        duration_ms: 1_912,
        findings: vec![finding("tls.no-post-quantum", Severity::Info, "only X25519", 0, 0)],
        passed: vec!["tls.version-1-0".to_owned(), "certificate.expired".to_owned()],
        not_tested: vec![without("certificate.revoked", "no answer from the OCSP server in 5 s")],
        ..module(ModuleId::SslTls)
    };
    let dns = ModuleReport {
        score: Some(60),
        duration_ms: 403,
        findings: vec![finding(
            "dmarc.missing",
            Severity::Critical,
            "no TXT record at _dmarc",
            40,
            22,
        )],
        not_applicable: vec![without("mx.null-with-others", "the domain has no MX record")],
        ..module(ModuleId::DnsEmail)
    };
    let http = ModuleReport {
        score: Some(65),
        duration_ms: 702,
        findings: vec![
            finding("hsts.missing", Severity::High, "", 20, 5),
            finding("gone.long-ago", Severity::Medium, "seen by an older version", 10, 3),
            finding(
                "server.version",
                Severity::Low,
                "=cmd|'/C calc'!A0 <script>alert(1)</script>\u{1b}[2J\r\nnginx/1.18 \u{202e}gpj",
                5,
                1,
            ),
            finding("security-txt.missing", Severity::Info, "404", 0, 0),
        ],
        ..module(ModuleId::HttpHeaders)
    };
    let ports = ModuleReport {
        status: ModuleStatus::NotTested("no answer in time".to_owned()),
        ..module(ModuleId::OpenPorts)
    };
    let cookies = ModuleReport {
        status: ModuleStatus::NotApplicable("the site sets no cookie".to_owned()),
        ..module(ModuleId::Cookies)
    };
    Report {
        domain: DomainName::parse("shop.example.com").unwrap(),
        scanned_at: Timestamp(1_795_509_096_007),
        duration_ms: 6_240,
        engine_version: "0.1.0".to_owned(),
        catalogue_version: 7,
        score: Ok(74),
        coverage: Coverage::of(64, 52_000),
        cap: Some(Cap { at: 74, by: "dmarc.missing".to_owned() }),
        ledger: Ledger {
            lines: vec![
                line("dmarc.missing", ModuleId::DnsEmail, 13_077),
                line("hsts.missing", ModuleId::HttpHeaders, 5_000),
                line("gone.long-ago", ModuleId::HttpHeaders, 2_500),
                line("server.version", ModuleId::HttpHeaders, 1_250),
            ],
            rounding_milli: 173,
            cap_adjustment_milli: 4_000,
        },
        modules: vec![tls, dns, http, ports, cookies],
        scope: ScanScope {
            addresses: vec!["203.0.113.10".parse().unwrap(), "2001:db8::10".parse().unwrap()],
            skipped: vec![SkippedAddress {
                address: "10.0.0.7".parse().unwrap(),
                reason: "a private address".to_owned(),
            }],
            connections: 31,
            dns_queries: 44,
            ..ScanScope::default()
        },
        evidence: serde_json::json!({"dns_email": {"mx": []}}),
    }
}

/// Returns a report of a domain that does not exist.
pub(crate) fn unscored() -> Report {
    Report {
        score: Err(Unscored::NoSuchDomain),
        coverage: Coverage::of(0, 0),
        cap: None,
        ledger: Ledger::default(),
        modules: Vec::new(),
        scope: ScanScope::default(),
        evidence: serde_json::Value::Null,
        ..report()
    }
}

fn module(id: ModuleId) -> ModuleReport {
    ModuleReport {
        id,
        status: ModuleStatus::Ok,
        score: None,
        duration_ms: 0,
        findings: Vec::new(),
        passed: Vec::new(),
        not_tested: Vec::new(),
        not_applicable: Vec::new(),
    }
}

fn finding(check: &str, severity: Severity, seen: &str, points: u8, gain: u8) -> Finding {
    Finding { check: check.to_owned(), severity, seen: seen.to_owned(), points, gain }
}

fn without(check: &str, reason: &str) -> NotTested {
    NotTested { check: check.to_owned(), reason: reason.to_owned() }
}

fn line(check: &str, module: ModuleId, lost_milli: i64) -> LedgerLine {
    LedgerLine { check: check.to_owned(), module, lost_milli }
}
