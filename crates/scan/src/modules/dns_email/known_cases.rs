//! What the standards themselves give as examples and limits, asked and judged as a scan does.

use lab::Dns;

use super::probe_tests::{findings, probed, report};
use super::spf::Remark;

/// The zone of RFC 7208, appendix A, with a policy each.
fn appendix_a(policies: &[(&str, &str)]) -> Dns {
    let dns = Dns::default()
        .record("example.com", "A", "192.0.2.10")
        .record("example.com", "A", "192.0.2.11")
        .record("example.com", "MX", "10 mail-a.example.com")
        .record("example.com", "MX", "20 mail-b.example.com")
        .record("amy.example.com", "A", "192.0.2.65")
        .record("bob.example.com", "A", "192.0.2.66")
        .record("mail-a.example.com", "A", "192.0.2.129")
        .record("mail-b.example.com", "A", "192.0.2.130")
        .record("www.example.com", "CNAME", "example.com")
        .record("example.org", "MX", "10 mail-c.example.org")
        .record("mail-c.example.org", "A", "192.0.2.140")
        .record("example.net", "A", "192.0.2.150");
    policies.iter().fold(dns, |dns, (name, text)| dns.record(name, "TXT", text))
}

/// Returns the counted lookups and the findings of the SPF topic.
async fn judged(domain: &str, dns: Dns) -> (u32, Vec<String>) {
    let evidence = probed(domain, dns).await.0;
    let lookups = evidence.spf.as_ref().unwrap().ledger.lookups;
    let found = report(evidence);
    let spf = findings(&found).into_iter().filter(|id| id.starts_with("spf."));
    (lookups, spf.map(str::to_owned).collect())
}

#[tokio::test]
async fn the_policies_of_rfc_7208_appendix_a1_cost_what_they_should() {
    for (policy, lookups, finding) in [
        ("v=spf1 +all", 0, Some("spf.permissive-all")),
        ("v=spf1 a -all", 1, None),
        ("v=spf1 a:example.org -all", 1, None),
        ("v=spf1 mx -all", 1, None),
        ("v=spf1 mx:example.org -all", 1, None),
        ("v=spf1 mx mx:example.org -all", 2, None),
        ("v=spf1 mx/30 mx:example.org/30 -all", 2, None),
        ("v=spf1 ptr -all", 1, Some("spf.ptr")),
        ("v=spf1 ip4:192.0.2.128/28 -all", 0, None),
    ] {
        let (counted, found) = judged("example.com", appendix_a(&[("example.com", policy)])).await;
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        assert_eq!((counted, found), (lookups, finding.into_iter().collect()), "{policy}");
    }
}

#[tokio::test]
async fn the_domains_of_rfc_7208_appendix_a2_share_one_policy() {
    let dns = || {
        appendix_a(&[
            ("example.org", "v=spf1 include:example.com include:example.net -all"),
            ("la.example.org", "v=spf1 redirect=example.org"),
            ("example.com", "v=spf1 mx -all"),
            ("example.net", "v=spf1 a -all"),
        ])
    };
    assert_eq!(judged("example.org", dns()).await, (4, Vec::new()));
    assert_eq!(judged("la.example.org", dns()).await, (5, Vec::new()));
}

#[tokio::test]
async fn the_limits_of_rfc_7208_section_4_6_4_are_met_exactly() {
    let includes = |count: usize| {
        let terms: String =
            (1..=count).map(|number| format!(" include:s{number}.example")).collect();
        let dns = Dns::default().record("example.com", "TXT", &format!("v=spf1{terms} -all"));
        (1..=count).fold(dns, |dns, number| {
            dns.record(&format!("s{number}.example"), "TXT", "v=spf1 ip4:192.0.2.1 -all")
        })
    };
    assert_eq!(judged("example.com", includes(10)).await, (10, Vec::new()));
    let (lookups, found) = judged("example.com", includes(11)).await;
    assert_eq!((lookups, found), (11, vec!["spf.too-many-lookups".to_owned()]));
    let voids = |count: usize| {
        let terms: String = (1..=count).map(|number| format!(" a:gone{number}.example")).collect();
        Dns::default().record("example.com", "TXT", &format!("v=spf1{terms} -all"))
    };
    assert_eq!(judged("example.com", voids(2)).await.1, Vec::<String>::new());
    assert_eq!(judged("example.com", voids(3)).await.1, ["spf.too-many-void-lookups"]);
    let servers = |count: usize| {
        let dns = Dns::default().record("example.com", "TXT", "v=spf1 mx:big.example -all");
        (1..=count).fold(dns, |dns, number| {
            let name = format!("m{number}.big.example");
            dns.record("big.example", "MX", &format!("{number} {name}")).record(
                &name,
                "A",
                "192.0.2.1",
            )
        })
    };
    let remark = async |count| {
        let spf = probed("example.com", servers(count)).await.0.spf.unwrap();
        spf.ledger.entries[0].remark.clone()
    };
    assert_eq!(remark(10).await, None);
    assert_eq!(remark(11).await, Some(Remark::TooManyMailServers));
}

#[tokio::test]
async fn the_records_of_rfc_8659_section_4_are_judged_as_it_says() {
    let caa = async |records: &[&str]| {
        let dns =
            records.iter().fold(Dns::default(), |dns, text| dns.record("example.com", "CAA", text));
        let found = report(probed("example.com", dns).await.0);
        let mut caa: Vec<_> = findings(&found)
            .into_iter()
            .filter(|id| id.starts_with("caa."))
            .map(str::to_owned)
            .collect();
        caa.retain(|id| id != "caa.no-report-address");
        caa
    };
    let none = Vec::<String>::new();
    // Section 4.2: one authority, one with an account, nobody, and a malformed value.
    assert_eq!(caa(&["0 issue \"ca1.example.net\"", "0 issue \"ca2.example.org\""]).await, none);
    assert_eq!(caa(&["0 issue \"ca1.example.net; account=230123\""]).await, none);
    assert_eq!(caa(&["0 issue \";\""]).await, none);
    assert_eq!(caa(&["0 issue \"%%%%%\""]).await, ["caa.invalid"]);
    // Section 4.3: wildcards go to another authority.
    let wildcard = ["0 issue \"ca1.example.net\"", "0 issuewild \"ca2.example.org\""];
    assert_eq!(caa(&wildcard).await, none);
    // Section 4.5: a property that is critical and that nobody knows.
    let critical = ["0 issue \"ca1.example.net\"", "128 tbs \"Unknown\""];
    assert_eq!(caa(&critical).await, ["caa.unknown-critical"]);
}
