//! Proofs of ownership over real sockets.

use lab::{Dns, DnsFault, HttpFault, Lab, Page, Site, Tls, Web};
use model::{DomainName, Looked, ModuleId, Ownership, Proof, Report, ScanProfile};
use scan::ownership::Challenge;
use scan::{Engine, Order};

use super::{now, settings};

const SECRET: &[u8] = b"a secret of the instance";
const RECORD: &str = "_compliancelayer.shop.test";
const FILE: &str = "/.well-known/compliancelayer-verification.txt";

fn domain(name: &str) -> DomainName {
    DomainName::parse(name).unwrap()
}

fn challenge_of(holder: &str) -> Challenge {
    Challenge::derive(SECRET, holder, &domain("shop.test"))
}

fn token() -> String {
    challenge_of("1").text().to_owned()
}

fn dns() -> Dns {
    Dns::default().record("shop.test", "A", "127.0.0.1").record("www.shop.test", "A", "127.0.0.1")
}

fn file(body: &str) -> Web {
    Web::host("shop.test", Site::default().page(FILE, Page::new(200).body(body)))
}

async fn report(lab: &Lab, name: &str) -> Report {
    let order = Order {
        domain: domain(name),
        modules: vec![ModuleId::Cookies],
        now: now(),
        intrusive: Some(challenge_of("1")),
    };
    Engine::new(settings(lab)).unwrap().scan(&order, &|_| {}).await
}

async fn ownership(lab: &Lab, name: &str) -> Ownership {
    let scanned = report(lab, name).await.scope.ownership.unwrap();
    let engine = Engine::new(settings(lab)).unwrap();
    let asked = engine.prove(&domain(name), &challenge_of("1"), now()).await;
    assert_eq!(asked, scanned, "asking and scanning are of one mind");
    scanned
}

fn record(place: &str, covers: &str) -> Ownership {
    Ownership::Proven { by: Proof::Record, place: place.to_owned(), covers: covers.to_owned() }
}

fn seen<'o>(ownership: &'o Ownership, place: &str) -> Vec<&'o str> {
    let at = |looked: &&Looked| looked.place.starts_with(place);
    ownership.looked().iter().filter(at).map(|looked| looked.seen.as_str()).collect()
}

#[tokio::test]
async fn a_record_proves_its_name_and_what_is_below() {
    let dns = dns().record(RECORD, "TXT", "v=other").record(RECORD, "TXT", &token());
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    assert_eq!(ownership(&lab, "shop.test").await, record(RECORD, "shop.test"));
    assert_eq!(ownership(&lab, "www.shop.test").await, record(RECORD, "shop.test"));
    assert_eq!(lab.connections(), 0, "no file is read when the record is there");
    let report = report(&lab, "shop.test").await;
    assert_eq!(report.scope.profile, ScanProfile::Intrusive);
}

#[tokio::test]
async fn a_record_below_proves_nothing_above() {
    let below = "_compliancelayer.www.shop.test";
    let dns = dns().record(below, "TXT", &token());
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    assert_eq!(ownership(&lab, "www.shop.test").await, record(below, "www.shop.test"));
    assert!(!ownership(&lab, "shop.test").await.is_proven());
}

#[tokio::test]
async fn a_record_above_the_registrable_domain_is_not_looked_for() {
    let dns = dns().record("_compliancelayer.test", "TXT", &token());
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let ownership = ownership(&lab, "www.shop.test").await;
    assert!(matches!(&ownership, Ownership::NotProven { .. }), "{ownership:?}");
    assert_eq!(seen(&ownership, "_compliancelayer.test"), [""; 0]);
    assert_eq!(seen(&ownership, RECORD), ["there is no TXT record"]);
}

#[tokio::test]
async fn another_accounts_token_proves_nothing() {
    let dns = dns().record(RECORD, "TXT", challenge_of("2").text());
    let web = file(challenge_of("2").text());
    let lab = Lab::builder().dns(dns).http(web).start().await.unwrap();
    let ownership = ownership(&lab, "shop.test").await;
    assert!(matches!(&ownership, Ownership::NotProven { .. }), "{ownership:?}");
    assert_eq!(seen(&ownership, RECORD), ["holds another token"]);
    assert_eq!(seen(&ownership, "http://"), ["holds another token"]);
    assert!(!format!("{ownership:?}").contains(challenge_of("2").text()));
}

#[tokio::test]
async fn part_of_a_token_proves_nothing() {
    let whole = token();
    let (most, _) = whole.split_at(whole.len() - 1);
    let dns = dns().record(RECORD, "TXT", most).record(RECORD, "TXT", &format!("{whole}0"));
    let web = file(&format!("before {whole}\n{most}"));
    let lab = Lab::builder().dns(dns).http(web).start().await.unwrap();
    assert!(!ownership(&lab, "shop.test").await.is_proven());
}

#[tokio::test]
async fn an_alias_proves_nothing() {
    let dns = dns().record(RECORD, "CNAME", "host.test").record("host.test", "TXT", &token());
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let ownership = ownership(&lab, "shop.test").await;
    let words = "is an alias of host.test; the TXT record must be here itself";
    assert_eq!(seen(&ownership, RECORD), [words]);
}

#[tokio::test]
async fn a_file_proves_its_host_alone() {
    let body = format!("{}\r\n{}\n", challenge_of("2").text(), token());
    let plain = Lab::builder().dns(dns()).http(file(&body)).start().await.unwrap();
    let secure = Lab::builder().dns(dns()).https(Tls::modern(&["shop.test"]), file(&body));
    let secure = secure.start().await.unwrap();
    for (lab, scheme) in [(&plain, "http"), (&secure, "https")] {
        let expected = Ownership::Proven {
            by: Proof::File,
            place: format!("{scheme}://shop.test{FILE}"),
            covers: "shop.test".to_owned(),
        };
        assert_eq!(ownership(lab, "shop.test").await, expected);
        assert!(!ownership(lab, "www.shop.test").await.is_proven());
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let site = Site::default()
        .page(FILE, Page::redirect(302, "/token.txt"))
        .page("/token.txt", Page::new(200).body(&token()));
    let lab = Lab::builder().dns(dns()).http(Web::host("shop.test", site)).start().await.unwrap();
    let ownership = ownership(&lab, "shop.test").await;
    assert_eq!(seen(&ownership, "http://"), ["answered 302; redirects are not followed"]);
}

#[tokio::test]
async fn an_error_page_with_the_token_proves_nothing() {
    let site = Site::default().anything(Page::new(404).body(&token()));
    let lab = Lab::builder().dns(dns()).http(Web::host("shop.test", site)).start().await.unwrap();
    assert_eq!(seen(&ownership(&lab, "shop.test").await, "http://"), ["answered 404"]);
}

#[tokio::test]
async fn silence_of_the_name_server_is_said_and_proves_nothing() {
    let dns = dns().fault(RECORD, DnsFault::ServFail);
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let ownership = ownership(&lab, "shop.test").await;
    assert!(matches!(&ownership, Ownership::Unseen { .. }), "{ownership:?}");
    assert!(seen(&ownership, RECORD)[0].contains("Server Failure"), "{ownership:?}");
}

#[tokio::test]
async fn an_endless_file_is_bounded() {
    let lab = Lab::builder().dns(dns()).http(Web::fault(HttpFault::EndlessBody));
    let lab = lab.start().await.unwrap();
    assert!(!ownership(&lab, "shop.test").await.is_proven());
}

#[tokio::test]
async fn a_safe_scan_asks_for_no_proof() {
    let dns = dns().record(RECORD, "TXT", &token());
    let lab = Lab::builder().dns(dns).start().await.unwrap();
    let report = super::scan(&lab, "shop.test", &[ModuleId::Cookies]).await;
    assert_eq!(report.scope.profile, ScanProfile::Safe);
    assert_eq!(report.scope.ownership, None);
}

#[tokio::test]
async fn a_name_whose_addresses_are_refused_can_be_proven_by_record() {
    let dns = dns().record(RECORD, "TXT", &token());
    let lab = Lab::builder().dns(dns).http(file(&token())).start().await.unwrap();
    let guarded = scan::Settings { allow_private_networks: false, ..settings(&lab) };
    let engine = Engine::new(guarded).unwrap();
    let found = engine.prove(&domain("shop.test"), &challenge_of("1"), now()).await;
    assert_eq!(found, record(RECORD, "shop.test"));
    let other = engine.prove(&domain("shop.test"), &challenge_of("3"), now()).await;
    assert!(!other.is_proven());
    assert_eq!(lab.connections(), 0, "the guard holds for files too");
}
