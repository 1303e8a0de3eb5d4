use lab::demo;
use model::{Grade, ModuleId, ModuleStatus};

use super::{failed, finding, module, scan};

#[tokio::test]
async fn the_demo_has_the_faults_it_says_it_has() {
    let lab = demo::start().await.unwrap();
    let report = scan(&lab, demo::DOMAIN, &[]).await;
    assert_eq!(
        failed(&report, ModuleId::DnsEmail),
        [
            "caa.missing",
            "dkim.short-key",
            "dmarc.monitor-only",
            "mx.no-ipv6",
            "ns.no-ipv6",
            "ns.single",
            "ns.web-no-ipv6",
            "spf.soft-fail-without-dmarc",
            "svcb.missing"
        ]
    );
    assert_eq!(failed(&report, ModuleId::Dnssec), ["dnssec.unsigned"]);
    assert_eq!(failed(&report, ModuleId::SslTls), ["kex.no-post-quantum"]);
    assert_eq!(finding(&report, "dmarc.monitor-only").seen, "the policy that applies is `none`");
    assert_eq!(
        failed(&report, ModuleId::HttpHeaders),
        [
            "csp.missing",
            "disclosure.powered-by",
            "disclosure.server-version",
            "header.coep-missing",
            "header.coop-missing",
            "header.corp-missing",
            "header.nosniff-missing",
            "header.permissions-policy-missing",
            "header.referrer-policy-missing",
            "header.session-cacheable",
            "hsts.no-include-subdomains",
            "hsts.short-max-age",
            "securitytxt.missing"
        ]
    );
    assert_eq!(
        failed(&report, ModuleId::Cookies),
        ["cookie.no-samesite", "cookie.session-not-httponly", "cookie.session-not-secure"]
    );
    assert_eq!(
        failed(&report, ModuleId::Javascript),
        ["script.third-party", "script.vulnerable-library", "sri.missing"]
    );
    assert_eq!(
        finding(&report, "sri.missing").seen,
        "https://code.jquery.com/jquery-1.12.4.min.js \
         (not counted, as no hash of it holds: www.googletagmanager.com)"
    );
    assert_eq!(
        failed(&report, ModuleId::TechStack),
        ["eol.cms", "eol.language", "eol.server", "tech.fingerprint", "tech.generator-version"]
    );
    assert_eq!(failed(&report, ModuleId::Trackers), ["tracker.analytics", "tracker.font"]);
    assert_eq!(
        failed(&report, ModuleId::OpenPorts),
        [
            "port.ftp-open",
            "port.ssh-no-post-quantum",
            "port.ssh-open",
            "port.ssh-terrapin",
            "port.ssh-weak-cipher",
            "port.ssh-weak-host-key",
            "port.ssh-weak-key-exchange",
            "port.ssh-weak-mac",
            "port.version-disclosed"
        ]
    );
    assert_eq!(
        failed(&report, ModuleId::EmailAuth),
        ["dane.missing", "mtasts.missing", "starttls.certificate-untrusted", "tlsrpt.missing"]
    );
    assert_eq!(
        failed(&report, ModuleId::Whois),
        ["registration.no-change-lock", "registration.no-registry-lock", "registration.not-signed"]
    );
    let cap = report.cap.as_ref().map(|cap| (cap.at, cap.by.as_str()));
    assert_eq!(cap, Some((74, "cookie.session-not-secure")));
    assert!(matches!(report.grade(), Some(Grade::B | Grade::C)));
    assert!(report.scope.connections <= 70, "{} connections", report.scope.connections);
    assert!(report.scope.dns_queries <= 120, "{} questions", report.scope.dns_queries);
}

#[tokio::test]
async fn a_stored_report_can_be_judged_again() {
    let lab = demo::start().await.unwrap();
    let report = scan(&lab, demo::DOMAIN, &[]).await;
    let stored = serde_json::to_string(&report).unwrap();
    let again = scan::score::again(&serde_json::from_str(&stored).unwrap()).unwrap();
    assert_eq!(again, report);
}

#[tokio::test]
async fn only_the_wanted_modules_run() {
    let lab = demo::start().await.unwrap();
    let report = scan(&lab, demo::DOMAIN, &[ModuleId::DnsEmail, ModuleId::Breaches]).await;
    assert_eq!(report.modules.len(), 2);
    assert_eq!(report.scope.connections, 1, "the name server is asked for a transfer");
    assert_eq!(
        module(&report, ModuleId::Breaches).status,
        ModuleStatus::NotTested("provider not configured (`providers.breaches`)".to_owned())
    );
}
