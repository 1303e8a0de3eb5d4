//! The probe against block lists on loopback.

use std::sync::Arc;

use lab::{Dns, DnsFault, Lab};
use model::{DomainName, ModuleId, ModuleReport, ModuleStatus, Timestamp};

use super::{BlacklistsEvidence, BlockList, probe};
use crate::Target;
use crate::catalogue::find_module;
use crate::evidence::Evidence;
use crate::judge;
use crate::net::{Net, Shared};
use crate::providers::Providers;
use crate::settings::Settings;

/// A domain with a mail server, and lists that work and list nobody.
fn world() -> Dns {
    Dns::default()
        .record("shop.test", "MX", "10 mail.shop.test")
        .record("mail.shop.test", "A", "8.8.4.4")
        .record("mail.shop.test", "AAAA", "2a00:1450::1")
        .record("2.0.0.127.bl.test", "A", "127.0.0.2")
        .record("test.dbl.test", "A", "127.0.1.2")
}

async fn probed(lists: &[&str], dns: Dns) -> (BlacklistsEvidence, u32) {
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let block_lists = lists.iter().map(|text| BlockList::parse(text).unwrap()).collect();
    let providers = Providers { block_lists, ..Providers::default() };
    let settings = Settings { resolver: Some(lab.resolver), providers, ..Settings::default() };
    let net = Net::new(Arc::new(Shared::new(settings).unwrap()), Timestamp(0));
    let target = Target { domain: DomainName::parse("shop.test").unwrap(), addresses: Vec::new() };
    let evidence = probe(&net, &target).await;
    (evidence, net.used().1)
}

async fn report(lists: &[&str], dns: Dns) -> ModuleReport {
    let blacklists = Some(probed(lists, dns).await.0);
    let evidence = Evidence { blacklists, ..Evidence::default() };
    judge::module(find_module(ModuleId::Blacklists), &evidence)
}

/// Returns what is found, or why nothing is known.
async fn found(dns: Dns) -> Vec<String> {
    let report = report(&["bl.test", "domain:dbl.test"], dns).await;
    let found = report.findings.into_iter().map(|finding| finding.seen);
    found.chain(report.not_tested.into_iter().map(|missing| missing.reason)).collect()
}

#[tokio::test]
async fn who_is_on_no_list_passes() {
    let report = report(&["bl.test", "domain:dbl.test"], world()).await;
    assert_eq!((report.score, report.passed.len()), (Some(100), 2), "{report:?}");
}

#[tokio::test]
async fn a_listing_is_found_with_its_reason() {
    let dns = world()
        .record("4.4.8.8.bl.test", "A", "127.0.0.4")
        .record("4.4.8.8.bl.test", "TXT", "sends spam, see https://bl.test/8.8.4.4")
        .record("shop.test.dbl.test", "A", "127.0.1.4");
    assert_eq!(
        found(dns).await,
        [
            "8.8.4.4 is on bl.test (127.0.0.4): sends spam, see https://bl.test/8.8.4.4",
            "shop.test is on dbl.test (127.0.1.4)"
        ]
    );
}

#[tokio::test]
async fn an_address_of_the_new_kind_is_asked_where_the_list_has_them() {
    let zeros = "0.".repeat(20);
    let test = format!("2.0.0.0.0.0.f.7.f.f.f.f.{zeros}bl.test");
    let own = format!("1.0.0.0.{}0.5.4.1.0.0.a.2.bl.test", "0.".repeat(20));
    let dns = world().record(&test, "A", "127.0.0.2").record(&own, "A", "127.0.0.9");
    assert_eq!(found(dns).await, ["2a00:1450::1 is on bl.test (127.0.0.9)"]);
}

#[tokio::test]
async fn a_refusal_or_a_lie_is_no_listing() {
    let everything = world().record("1.0.0.127.bl.test", "A", "127.0.0.2");
    assert_eq!(found(everything).await, ["bl.test, or the resolver, lists everything"]);
    let refused = Dns::default().record("2.0.0.127.bl.test", "A", "127.255.255.254").record(
        "test.dbl.test",
        "A",
        "127.0.1.2",
    );
    assert_eq!(found(refused).await, ["bl.test refuses this resolver (127.255.255.254)"]);
    let blocked = Dns::default().record("test.dbl.test", "A", "127.0.1.2");
    assert_eq!(found(blocked).await, ["bl.test does not answer this resolver"]);
    let invented = world().record("4.4.8.8.bl.test", "A", "198.51.100.7");
    assert_eq!(
        found(invented).await,
        ["the resolver answers 198.51.100.7, which no block list does"]
    );
    let dead = world().fault("4.4.8.8.bl.test", DnsFault::ServFail);
    assert!(found(dead).await[0].contains("Server Failure"));
}

#[tokio::test]
async fn without_a_list_nothing_is_asked_and_nothing_is_clean() {
    let (_, queries) = probed(&[], world()).await;
    assert_eq!(queries, 0);
    let status = report(&[], world()).await.status;
    let reason = "provider not configured (`providers.block_lists`)".to_owned();
    assert_eq!(status, ModuleStatus::NotTested(reason));
}

#[tokio::test]
async fn a_list_that_does_not_answer_is_told_though_there_is_none_of_the_other_kind() {
    let status = report(&["domain:dbl.test"], Dns::default()).await.status;
    let reason = "dbl.test does not answer this resolver".to_owned();
    assert_eq!(status, ModuleStatus::NotTested(reason));
}

#[tokio::test]
async fn the_questions_are_few() {
    let lists = ["a.test", "b.test", "c.test", "d.test", "e.test", "f.test"];
    let mut dns = world();
    for list in lists {
        dns = dns.record(&format!("2.0.0.127.{list}"), "A", "127.0.0.2").record(
            &format!("4.4.8.8.{list}"),
            "A",
            "127.0.0.2",
        );
    }
    let (evidence, queries) = probed(&lists, dns).await;
    assert_eq!(evidence.lists.len(), 4);
    assert!(queries <= 32, "{queries}");
}
