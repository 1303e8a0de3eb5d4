//! The intrusive profile: for domains that are proven to be the account's, and only then.

use std::time::Duration;

use lab::{Dns, DnsFault, Lab, Page, Site, Web};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::comparisons::scanned;
use crate::scans::{ended, with_lab};
use crate::support::{Client, TestApp};

const RECORD: &str = "_compliancelayer.shop.test";
const FILE: &str = "/.well-known/compliancelayer-verification.txt";
const INTRUSIVE: &str = "scan.intrusive_requested";

pub(crate) async fn lab(texts: &[&str], file: &str) -> Lab {
    let mut dns = Dns::default();
    for name in ["shop.test", "www.shop.test"] {
        dns = dns.record(name, "A", "127.0.0.1");
    }
    for text in texts {
        dns = dns.record(RECORD, "TXT", text);
    }
    let site = Site::default().page(FILE, Page::new(200).body(file));
    Lab::builder().dns(dns).http(Web::host("shop.test", site)).start().await.unwrap()
}

/// Puts a server into another internet.
pub(crate) async fn moved(mut app: TestApp, lab: &Lab) -> TestApp {
    app.config.scan.resolver = Some(lab.resolver);
    let open = lab.ports.iter().map(|(port, place)| (*port, scan::PortTarget::Address(*place)));
    let open: std::collections::HashMap<_, _> = open.collect();
    app.config.scan.port_overrides.retain(|place| open.contains_key(&place.port));
    for place in &mut app.config.scan.port_overrides {
        place.target = open[&place.port];
    }
    app.restart().await
}

pub(crate) async fn told(client: &Client, domain: &str) -> Value {
    let reply = client.get(&format!("/v1/ownership/{domain}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

pub(crate) fn text(told: &Value) -> &str {
    told["record"]["value"].as_str().unwrap()
}

async fn consents(client: &Client) -> Vec<Value> {
    let log = client.get("/v1/audit-log?limit=50").await.body;
    let entries = log["entries"].as_array().unwrap().iter();
    entries.filter(|entry| entry["action"] == INTRUSIVE).cloned().collect()
}

#[tokio::test]
async fn an_intrusive_scan_takes_a_proof_and_says_so() {
    let nothing = lab(&[], "").await;
    let app = with_lab(&nothing, "professional").await;
    let ann = app.user("ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    let of_ann = told(&ann, "www.shop.test").await;
    assert_eq!(
        (&of_ann["covers"], &of_ann["record"]["name"]),
        (&json!("shop.test"), &json!(RECORD))
    );
    assert_eq!(of_ann["file"]["url"], format!("https://www.shop.test{FILE}"));
    assert_eq!((&of_ann["proven"], &of_ann["checked_at"]), (&Value::Null, &Value::Null));
    assert_eq!(nothing.dns_queries(), 0, "telling is not looking");
    assert_eq!(text(&of_ann), text(&told(&ann, "shop.test").await), "one for all of a domain");
    assert_ne!(text(&of_ann), text(&told(&bob, "shop.test").await), "another for every account");

    let looked = ann.post("/v1/ownership/shop.test/check", json!({})).await;
    assert_eq!((looked.status, &looked.body["proven"]), (200, &json!(false)));
    let seen = json!({ "place": RECORD, "seen": "there is no TXT record" });
    assert_eq!(looked.body["seen"][0], seen);
    let wish = json!({ "domain": "shop.test", "modules": ["dns_email"], "profile": "intrusive" });
    let refused = ann.post("/v1/scan", wish.clone()).await;
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("ownership_not_proven")));
    let message = refused.body["message"].as_str().unwrap();
    assert!(message.contains(RECORD) && message.contains(text(&of_ann)), "{message}");
    assert_eq!(ann.get("/v1/auth/me").await.body["scans_this_month"], 0, "nothing was charged");
    assert_eq!(consents(&ann).await.len(), 0);
    let odd = json!({ "domain": "shop.test", "profile": "rude" });
    let odd = ann.post("/v1/scan", odd).await;
    assert_eq!((odd.status, &odd.body["errors"][0]["field"]), (422, &json!("profile")));

    // The text is the same after a new start, and stands in no table.
    let published = lab(&["v=spf1", text(&of_ann)], "").await;
    let app = moved(app, &published).await;
    assert!(app.store().await.tables_that_hold(text(&of_ann)).await.is_empty());
    let ann = app.sign_in("ann@example.com").await;
    let looked = ann.post("/v1/ownership/www.shop.test/check", json!({})).await.body;
    assert_eq!((&looked["proven"], &looked["place"]), (&json!(true), &json!(RECORD)));
    let (_, key) =
        app.key(&ann, json!({ "name": "ci", "scopes": ["scans:read", "scans:write"] })).await;
    let job = key.post("/v1/scan", wish.clone()).await;
    assert_eq!((job.status, &job.body["profile"]), (200, &json!("intrusive")), "{}", job.body);
    let id = job.body["job_id"].as_i64().unwrap();
    ended(&key, id).await;
    let report = ann.get(&format!("/v1/scan/jobs/{id}/report")).await.body;
    assert_eq!(report["scope"]["profile"], "intrusive");
    let proof = json!({ "proven": true, "by": "record", "place": RECORD, "seen": [] });
    assert_eq!(report["scope"]["ownership"], proof);
    let consents = consents(&ann).await;
    assert_eq!((consents.len(), &consents[0]["target"]), (1, &json!(format!("scan:{id}"))));
    assert!(consents[0]["actor"].as_str().unwrap().starts_with("key:"), "{consents:?}");
    let asked = job.header("x-request-id");
    let detail =
        json!({ "domain": "shop.test", "proof": "record", "place": RECORD, "request_id": asked });
    assert_eq!(consents[0]["detail"], detail);

    // What ann published is no proof for bob.
    let bob = app.sign_in("bob@example.com").await;
    let refused = bob.post("/v1/scan", wish).await;
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("ownership_not_proven")));
    assert!(!refused.body["message"].as_str().unwrap().contains(text(&of_ann)));
}

#[tokio::test]
async fn a_file_lets_its_host_alone_be_scanned_intrusively() {
    let nothing = lab(&[], "").await;
    let app = with_lab(&nothing, "professional").await;
    let ann = app.user("ann@example.com").await;
    let published = lab(&[], text(&told(&ann, "shop.test").await)).await;
    let app = moved(app, &published).await;
    let ann = app.sign_in("ann@example.com").await;
    let wish = json!({ "domain": "shop.test", "modules": ["dns_email"], "profile": "intrusive" });
    let id = ann.post("/v1/scan", wish).await.body["job_id"].as_i64().unwrap();
    assert_eq!(ended(&ann, id).await["profile"], "intrusive");
    let report = ann.get(&format!("/v1/scan/jobs/{id}/report")).await.body;
    assert_eq!(report["scope"]["ownership"]["by"], "file");
    assert_eq!(consents(&ann).await[0]["detail"]["place"], format!("http://shop.test{FILE}"));
    // The file is its host's alone.
    let wish = json!({ "domain": "www.shop.test", "profile": "intrusive" });
    assert_eq!(ann.post("/v1/scan", wish).await.status, 403);
}

#[tokio::test]
async fn a_proof_that_is_gone_when_the_scan_begins_makes_it_a_safe_one() {
    let nothing = lab(&[], "").await;
    let app = with_lab(&nothing, "professional").await;
    let ann = app.user("ann@example.com").await;
    let value = text(&told(&ann, "shop.test").await).to_owned();
    let dns = Dns::default()
        .record("shop.test", "A", "127.0.0.1")
        .record(RECORD, "TXT", &value)
        .fault("shop.test", DnsFault::Slow(Duration::from_secs(1)));
    let slow = Lab::builder().dns(dns).http(Web::host("shop.test", Site::default()));
    let slow = slow.start().await.unwrap();
    let app = moved(app, &slow).await;
    let ann = app.sign_in("ann@example.com").await;
    let wish = json!({ "domain": "shop.test", "modules": ["dns_email"], "profile": "intrusive" });
    let job = ann.post("/v1/scan", wish).await;
    assert_eq!(job.status, 200, "{}", job.body);
    // While the engine waits for the first answer, the record goes.
    let app = moved(app, &nothing).await;
    let ann = app.sign_in("ann@example.com").await;
    let id = job.body["job_id"].as_i64().unwrap();
    assert_eq!(ended(&ann, id).await["status"], "completed");
    let report = ann.get(&format!("/v1/scan/jobs/{id}/report")).await.body;
    assert_eq!(report["scope"]["profile"], "intrusive");
    assert_eq!(report["scope"]["ownership"]["proven"], false);
    assert_eq!(report["scope"]["ownership"]["seen"][0]["seen"], "there is no TXT record");
}

#[tokio::test]
async fn a_key_asks_about_its_own_domains_within_its_scopes() {
    let nothing = lab(&[], "").await;
    let app = with_lab(&nothing, "enterprise").await;
    let ann = app.user("ann@example.com").await;
    let wish = json!({ "name": "a", "domains": ["other.test"] });
    let (_, narrow) = app.key(&ann, wish).await;
    for reply in [
        narrow.get("/v1/ownership/shop.test").await,
        narrow.post("/v1/ownership/shop.test/check", json!({})).await,
    ] {
        assert_eq!((reply.status, &reply.body["code"]), (403, &json!("domain_not_allowed")));
    }
    let (_, reader) = app.key(&ann, json!({ "name": "b", "scopes": ["scans:read"] })).await;
    assert_eq!(reader.get("/v1/ownership/shop.test").await.status, 200);
    let refused = reader.post("/v1/ownership/shop.test/check", json!({})).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("insufficient_scope")));
    assert_eq!(reader.get("/v1/ownership/10.0.0.1").await.status, 404);
}

#[tokio::test]
async fn pages_tell_what_to_publish_and_name_the_proof() {
    let nothing = lab(&[], "").await;
    let app = with_lab(&nothing, "professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let ann = app.sign_in("ann@example.com").await;
    let value = text(&told(&ann, "shop.test").await).to_owned();
    let asks = [("domain", "shop.test"), ("modules", "dns_email"), ("profile", "intrusive")];
    let refused = browser.fill("/scans/new", "/scans", &asks).await;
    let page = refused.text();
    assert_eq!(refused.status, 422, "{page}");
    assert!(page.contains("Nothing shows yet that shop.test is yours:"), "{page}");
    assert!(page.contains(&format!("<dd><code>{RECORD}.</code></dd>")) && page.contains(&value));
    assert!(
        page.contains("value=\"intrusive\" aria-describedby=\"profile-about\" checked"),
        "{page}"
    );
    assert!(page.contains("value=\"dns_email\" checked"));
    assert!(browser.open("/scans/new").await.text().contains("value=\"safe\" checked"));

    scanned(&ann, &["dns_email"]).await;
    let domain = browser.open("/domains/shop.test").await;
    assert!(domain.text().contains(&value) && !domain.text().contains("Not proven"));
    let looked = browser.fill("/domains/shop.test", "/domains/shop.test/ownership", &[]).await;
    assert!(
        looked.text().contains("Not proven") && looked.text().contains("there is no TXT record")
    );
    // For a domain without a report there is no page, and nothing is looked at.
    let absent = browser.fill("/domains/shop.test", "/domains/www.shop.test/ownership", &[]).await;
    assert_eq!(absent.status, 404);

    let published = lab(&[&value], "").await;
    let app = moved(app, &published).await;
    let cookies = browser.cookies;
    let mut browser = Browser::new(&app);
    browser.cookies = cookies;
    let looked = browser.fill("/domains/shop.test", "/domains/shop.test/ownership", &[]).await;
    assert!(looked.text().contains(&format!("The text was found at {RECORD}.")));
    let started = browser.fill("/scans/new", "/scans", &asks).await;
    assert_eq!(started.status, 303, "{}", started.text());
    let path = started.header("location").to_owned();
    let ann = app.sign_in("ann@example.com").await;
    ended(&ann, path.rsplit('/').next().unwrap().parse().unwrap()).await;
    let report = browser.open(&path).await;
    assert!(report.text().contains(&format!("Ownership was proven at {RECORD}.")));
    assert!(consents(&ann).await[0]["actor"].as_str().unwrap().starts_with("user:"));
}
