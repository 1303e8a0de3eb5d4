//! The pages about the account as a whole: overview, alerts, usage, audit log.

use serde_json::json;

use crate::browser::Browser;
use crate::support::{Client, TestApp};

/// Something that would be noticed if it ever were more than text.
const HOSTILE: &str = "<script>alert(1)</script>";

/// Signs in, and uses a key with a hostile name: twice well, once after it was revoked.
async fn world() -> (TestApp, Browser, Client) {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let (id, key) = app.key(&user, json!({ "name": HOSTILE })).await;
    assert_eq!(key.get("/v1/scan/recent").await.status, 200);
    assert_eq!(key.get("/v1/scan/recent").await.status, 200);
    assert_eq!(user.delete(&format!("/v1/auth/api-keys/{id}")).await.status, 204);
    assert_eq!(key.get("/v1/scan/recent").await.status, 401);
    (app, browser, user)
}

/// Opens a page again and again until it shows something: usage is written a second later.
async fn until(browser: &mut Browser, path: &str, text: &str) -> String {
    let began = std::time::Instant::now();
    loop {
        let page = browser.open(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        assert!(!page.text().contains(HOSTILE), "{path} shows a name as markup");
        if page.text().contains(text) {
            return page.text().to_owned();
        }
        assert!(began.elapsed().as_secs() < 20, "{path} never shows `{text}`: {}", page.text());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_overview_leads_a_new_account_and_sums_up_an_old_one() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let fresh = browser.open("/overview").await;
    assert!(fresh.text().contains("First steps") && fresh.text().contains("0 of 10"));

    let user = app.sign_in("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    let scan = key.post("/v1/scan", json!({ "domain": "example.com" })).await;
    assert_eq!(scan.status, 200, "{}", scan.body);
    // The step is done once the first use was written down.
    let page = until(&mut browser, "/overview", "1 of 10").await;
    assert!(page.contains("example.com") && page.contains("Latest scans"));
    let began = std::time::Instant::now();
    while browser.open("/overview").await.text().contains("First steps") {
        assert!(began.elapsed().as_secs() < 20, "the steps never end");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_alert_is_shown_and_read() {
    let (_app, mut browser, _) = world().await;
    let page = until(&mut browser, "/alerts", "A key that is revoked was used").await;
    assert!(page.contains("&lt;script&gt;") || page.contains("&#60;script&#62;"));
    until(&mut browser, "/overview", "Needs you").await;
    let read = page.split("action=\"/alerts/").nth(1).unwrap().split('"').next().unwrap();
    let read = format!("/alerts/{read}");
    assert_eq!(browser.fill("/alerts", &read, &[]).await.status, 303);
    until(&mut browser, "/alerts", "Every alert was read").await;
    until(&mut browser, "/alerts?show=all", "A key that is revoked was used").await;
    assert_eq!(browser.fill("/overview", "/alerts/987654/read", &[]).await.status, 404);
}

#[tokio::test]
async fn usage_shows_requests_by_key_and_what_was_refused() {
    let (_app, mut browser, user) = world().await;
    let page = until(&mut browser, "/settings/usage", "Signed-in people").await;
    let key_id = user.get("/v1/auth/api-keys").await.body["api_keys"][0]["key_id"].clone();
    assert!(page.contains(key_id.as_str().unwrap()) && page.contains("127.0.0.1"));
    assert!(page.contains("By credential") && page.contains("0 of 10"));
    for days in [1, 30, 90, 4_000] {
        let path = format!("/settings/usage?days={days}");
        assert_eq!(browser.open(&path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_audit_log_is_filtered_and_shows_who_did_what() {
    let (_app, mut browser, _) = world().await;
    let page = until(&mut browser, "/settings/audit-log", "api_key.revoked").await;
    assert!(page.contains("api_key.created") && page.contains("session.started"));
    let path = "/settings/audit-log?action=api_key.revoked";
    let only = until(&mut browser, path, "<code>api_key.revoked</code>").await;
    assert!(!only.contains("<code>api_key.created</code>"));
    until(&mut browser, "/settings/audit-log?actor=nobody", "No entry matches").await;
}
