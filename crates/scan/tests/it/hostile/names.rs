//! Name servers and records.

use lab::{Dns, DnsFault, Lab, NameServerHabit, Page, Site, Web};
use model::Unscored;

use super::{DOMAIN, Target, endure_all};

const NO_ANSWERS: [DnsFault; 8] = [
    DnsFault::Silent,
    DnsFault::ServFail,
    DnsFault::Refused,
    DnsFault::WrongId,
    DnsFault::Garbage,
    DnsFault::TruncatesAlways,
    DnsFault::ResetsTcp,
    DnsFault::OtherQuestion,
];

fn dns() -> Dns {
    Dns::default()
        .record(DOMAIN, "A", "127.0.0.1")
        .record(DOMAIN, "MX", "10 mx.hostile.test")
        .record("mx.hostile.test", "A", "127.0.0.1")
}

fn serving(dns: Dns) -> lab::LabBuilder {
    Lab::builder().dns(dns).http(Web::host(DOMAIN, Site::home(Page::new(200))))
}

#[tokio::test]
async fn what_is_no_answer_is_no_domain_without_records() {
    let target = |fault| Target::new(fault, serving(dns().fault(DOMAIN, fault)));
    let reports = endure_all(NO_ANSWERS.into_iter().map(target).collect()).await;
    for (report, fault) in reports.into_iter().zip(NO_ANSWERS) {
        let unscored = report.score.unwrap_err();
        assert!(matches!(unscored, Unscored::ResolverFailed(_)), "{fault:?}: {unscored}");
    }
}

#[tokio::test]
async fn a_policy_that_was_not_answered_for_is_neither_good_nor_absent() {
    let target = |fault| {
        let dns = dns()
            .record("_dmarc.hostile.test", "TXT", "v=DMARC1; p=reject; rua=mailto:a@hostile.test")
            .fault("_dmarc.hostile.test", fault);
        Target::new(fault, serving(dns)).unseen(&["dmarc."])
    };
    for report in endure_all(NO_ANSWERS.into_iter().map(target).collect()).await {
        let absent = report.findings().any(|(_, finding)| finding.check == "dmarc.missing");
        assert!(!absent, "it may well be there");
    }
}

#[tokio::test]
async fn the_records_of_another_name_are_not_believed() {
    let policy = "_dmarc.hostile.test";
    let dns = dns()
        .record(policy, "TXT", "v=DMARC1; p=reject; rua=mailto:a@hostile.test")
        .fault(policy, DnsFault::OtherOwner);
    let target = Target::new("records of another", serving(dns)).failed(&["dmarc.missing"]);
    endure_all(vec![target]).await;
}

#[tokio::test]
async fn names_that_lead_nowhere_end() {
    let mail = "_dmarc.hostile.test";
    let targets = vec![
        Target::new(
            "aliases of each other",
            serving(dns().record(mail, "CNAME", "b.hostile.test").record(
                "b.hostile.test",
                "CNAME",
                mail,
            )),
        )
        .unseen(&["dmarc."]),
        Target::new("an alias of itself", serving(Dns::default().record(DOMAIN, "CNAME", DOMAIN))),
        Target::new("aliases without end", serving(dns().fault(mail, DnsFault::EndlessAliases)))
            .unseen(&["dmarc."]),
        Target::new(
            "a name server that is the domain itself",
            serving(dns().record(DOMAIN, "NS", DOMAIN).habit(NameServerHabit::Lame)).name_server(),
        )
        .failed(&["ns.lame", "ns.single"]),
        Target::new(
            "a mail server that is an alias of itself",
            serving(
                Dns::default()
                    .record(DOMAIN, "A", "127.0.0.1")
                    .record(DOMAIN, "MX", "1 mx.hostile.test")
                    .record("mx.hostile.test", "CNAME", "mx.hostile.test"),
            ),
        )
        .unseen(&["starttls.", "mx.unresolved"]),
    ];
    endure_all(targets).await;
}

#[tokio::test]
async fn spf_records_that_lead_in_circles_are_broken() {
    let circle = dns()
        .record(DOMAIN, "TXT", "v=spf1 include:a.hostile.test -all")
        .record("a.hostile.test", "TXT", "v=spf1 include:b.hostile.test -all")
        .record("b.hostile.test", "TXT", "v=spf1 include:a.hostile.test -all");
    let redirects = dns().record(DOMAIN, "TXT", "v=spf1 redirect=hostile.test");
    let tree = (0..40).fold(
        dns().record(DOMAIN, "TXT", "v=spf1 include:t0.hostile.test include:t1.hostile.test -all"),
        |dns, number| {
            let next = format!(
                "v=spf1 include:t{}.hostile.test include:t{}.hostile.test -all",
                2 * number + 2,
                2 * number + 3
            );
            dns.record(&format!("t{number}.hostile.test"), "TXT", &next)
        },
    );
    endure_all(vec![
        Target::new("a circle", serving(circle)).failed(&["spf.broken-include"]),
        Target::new("a redirect to itself", serving(redirects)).failed(&["spf.broken-include"]),
        Target::new("a tree", serving(tree)).failed(&["spf.too-many-lookups"]),
    ])
    .await;
}

#[tokio::test]
async fn answers_of_the_greatest_size_are_borne() {
    let giant = format!("v=spf1 {}-all", "ip4:192.0.2.1 ".repeat(4_000));
    let dmarc = format!("v=DMARC1; p=reject; x={}", "x".repeat(50_000));
    endure_all(vec![
        Target::new("a record of 56 kB", serving(dns().record(DOMAIN, "TXT", &giant)))
            .unseen(&["spf."]),
        Target::new(
            "a policy of 50 kB",
            serving(dns().record("_dmarc.hostile.test", "TXT", &dmarc)),
        )
        .unseen(&["dmarc."]),
        Target::new("a flood", serving(dns().fault(DOMAIN, DnsFault::Floods)))
            .failed(&["spf.multiple-records"]),
        Target::new("a flood of mail", serving(dns().fault("mx.hostile.test", DnsFault::Floods))),
    ])
    .await;
}
