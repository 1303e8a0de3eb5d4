//! The probe against lists on loopback and in files.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use lab::{Dns, HttpFault, Lab, Page, Site, Web};
use model::{DAY_MS, DomainName, ModuleId, Timestamp};

use super::{Listed, probe};
use crate::Target;
use crate::catalogue::find_module;
use crate::check::Seen;
use crate::evidence::Evidence;
use crate::judge;
use crate::net::{Net, Shared};
use crate::provider_file::ProviderFile;
use crate::providers::Providers;
use crate::settings::{PortTarget, Settings};

const NOW: Timestamp = Timestamp(20_750 * DAY_MS);

/// A laboratory that serves lists at `feed.test`, and what all scans of an engine share.
async fn engine(web: Web, lists: &[&str]) -> (Lab, Arc<Shared>) {
    let dns = Dns::default().record("feed.test", "A", "127.0.0.1");
    let lab = Lab::builder().dns(dns).http(web).start().await.unwrap();
    let ports = lab.ports.iter().map(|(port, place)| (*port, PortTarget::Address(*place)));
    let reputation = lists.iter().map(|text| ProviderFile::parse(text).unwrap()).collect();
    let settings = Settings {
        resolver: Some(lab.resolver),
        allow_private_networks: true,
        port_overrides: ports.collect(),
        providers: Providers { reputation, ..Providers::default() },
        ..Settings::default()
    };
    (lab, Arc::new(Shared::new(settings).unwrap()))
}

async fn seen(shared: &Arc<Shared>, now: Timestamp) -> Seen<Listed> {
    let net = Net::new(Arc::clone(shared), now);
    let domain = DomainName::parse("shop.test").unwrap();
    let target = Target { domain, addresses: Vec::new() };
    probe(&net, &target).await.lists.remove(0).listed
}

fn feed(page: Page) -> Web {
    Web::host("feed.test", Site::home(page))
}

#[tokio::test]
async fn a_list_is_fetched_once_for_many_scans() {
    let web = feed(Page::new(200).body("evil.test\nhttp://shop.test/x.exe\n"));
    let (lab, shared) = engine(web, &["http://feed.test/"]).await;
    for _ in 0..3 {
        assert_eq!(seen(&shared, NOW).await.unwrap().parts, ["shop.test/x.exe"]);
    }
    assert_eq!(lab.connections(), 1);
}

#[tokio::test]
async fn a_domain_on_a_list_is_capped() {
    let (_lab, shared) =
        engine(feed(Page::new(200).body("shop.test")), &["http://feed.test/"]).await;
    let net = Net::new(shared, NOW);
    let domain = DomainName::parse("shop.test").unwrap();
    let reputation = Some(probe(&net, &Target { domain, addresses: Vec::new() }).await);
    let evidence = Evidence { reputation, ..Evidence::default() };
    let report = judge::module(find_module(ModuleId::Reputation), &evidence);
    assert_eq!(report.findings[0].check, "reputation.domain-listed");
    assert_eq!(report.passed, ["reputation.page-listed"]);
}

#[tokio::test]
async fn a_list_that_fails_is_never_clean_and_not_asked_again_at_once() {
    let old =
        Page::new(200).header("last-modified", "Mon, 06 Sep 2026 08:00:00 GMT").body("evil.test");
    for (web, wanted) in [
        (feed(Page::new(503)), "answers with status 503"),
        (feed(Page::new(200).body("<html>evil.test")), "holds nothing that can be read"),
        (feed(Page::new(200).body("")), "holds nothing that can be read"),
        (feed(old.clone()), "days old"),
        (Web::fault(HttpFault::EndlessBody), "is longer than 16 MiB"),
    ] {
        let (lab, shared) = engine(web, &["http://feed.test/"]).await;
        for _ in 0..2 {
            let missing = seen(&shared, NOW).await.unwrap_err().0;
            assert!(missing.contains(wanted), "{missing}");
        }
        assert_eq!(lab.connections(), 1, "{wanted}");
    }
}

#[tokio::test]
async fn a_file_is_read_again_when_it_changes_and_says_nothing_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hosts.txt");
    let written = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        let day = Duration::from_secs(20_749 * 86_400);
        file.set_modified(UNIX_EPOCH + day).unwrap();
    };
    let (_lab, shared) = engine(Web::default(), &[path.to_str().unwrap()]).await;
    let missing = seen(&shared, NOW).await.unwrap_err().0;
    assert!(missing.starts_with("the list hosts.txt cannot be read"), "{missing}");
    written("evil.test\n");
    assert_eq!(seen(&shared, NOW).await.unwrap(), Listed::default());
    written("evil.test\nshop.test\n");
    assert_eq!(seen(&shared, NOW).await.unwrap().domain.as_deref(), Some("shop.test"));
    let later = NOW.plus_ms(10 * DAY_MS);
    assert_eq!(seen(&shared, later).await.unwrap_err().0, "the list hosts.txt is 11 days old");
}
