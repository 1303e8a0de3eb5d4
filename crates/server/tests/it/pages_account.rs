//! The pages about the account as a whole: overview, alerts, usage, audit log.

use model::Plan;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::support::{Client, NOW, TestApp, roomy};

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
    assert!(page.contains(key_id.as_str().unwrap()) && page.contains("0 of 10"));
    assert!(page.contains("By person") && page.contains("<th scope=\"row\">ann@example.com</th>"));
    assert!(page.contains("Scans running now") && page.contains("People in the team"));
    assert!(page.contains("free <span class=\"chip passed\">Yours</span>"), "{page}");
    assert!(page.contains("No scan was made yet."));
    let table = browser.open("/settings/usage.csv").await;
    assert!(table.text().starts_with("key_id,name,created_by,requests,ok,"), "{}", table.text());
    assert!(table.text().contains(key_id.as_str().unwrap()));
    for days in [1, 30, 90, 4_000] {
        let path = format!("/settings/usage?days={days}");
        assert_eq!(browser.open(&path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_month_that_is_nearly_used_up_is_told_on_top() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    app.put_on("ann@example.com", &Plan { scans_per_month: 5, ..roomy() }).await;
    for number in 0..5 {
        let page = browser.open("/overview").await;
        assert_eq!(page.text().contains("Most of the monthly scans"), number == 4, "{number}");
        let wish = json!({ "domain": format!("d{number}.example.com") });
        assert_eq!(key.post("/v1/scan", wish).await.status, 200);
    }
    for path in ["/overview", "/settings/usage"] {
        let page = until(&mut browser, path, "Monthly scans used up: 5 of 5.").await;
        assert!(page.contains("They start anew in 7 days."), "{page}");
    }
    let usage = browser.open("/settings/usage").await;
    assert!(usage.text().contains("2026-11</th>"), "{}", usage.text());
}

#[tokio::test]
async fn the_audit_log_is_filtered_and_shows_who_did_what() {
    let (_app, mut browser, user) = world().await;
    let log = "/settings/audit-log";
    let page = until(&mut browser, log, "<code>api_key.revoked</code>").await;
    assert!(page.contains("API Key revoked") && page.contains("<code>session.started</code>"));
    assert!(page.contains("ann@example.com"));
    let path = format!("{log}?action=api_key.revoked");
    let only = until(&mut browser, &path, "<code>api_key.revoked</code>").await;
    assert!(!only.contains("<code>api_key.created</code>"));
    let key_id = user.get("/v1/auth/api-keys").await.body["api_keys"][0]["key_id"].clone();
    let path = format!("{log}?actor=Ann%40example.com&target={}", key_id.as_str().unwrap());
    let of_key = until(&mut browser, &path, "<code>api_key.created</code>").await;
    assert!(!of_key.contains("<code>session.started</code>"));
    for narrow in
        ["actor=nobody", "ip=192.0.2.9", "result=refused", "to=2026-11-23", "from=2026-11-25"]
    {
        let path = format!("{log}?{narrow}");
        until(&mut browser, &path, "Nothing recorded for these filters").await;
    }
    let day = "from=2026-11-24&to=2026-11-24";
    until(&mut browser, &format!("{log}?{day}"), "<code>api_key.created</code>").await;
}

#[tokio::test]
async fn the_audit_log_is_taken_away_and_verified_on_its_page() {
    let (app, mut browser, user) = world().await;
    let log = "/settings/audit-log";
    let target = user.get("/v1/auth/api-keys").await.body["api_keys"][0]["key_id"].clone();
    let lines = format!("{log}/export?format=jsonl&target={}", target.as_str().unwrap());
    assert!(browser.open(log).await.text().contains("The export as a file is not in your plan."));
    assert_eq!(browser.open(&lines).await.status, 403);
    let plan = Plan { gates: vec!["audit_export".to_owned()], ..roomy() };
    app.put_on("ann@example.com", &plan).await;
    assert!(browser.open(log).await.text().contains("/settings/audit-log/export?format=jsonl"));
    let file = browser.open(&lines).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"audit-log.jsonl\"");
    let entries: Vec<Value> =
        file.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["api_key.revoked", "api_key.created"], "{}", file.text());
    let table = browser.open(&format!("{log}/export?format=csv")).await;
    assert!(table.text().starts_with("number,at,actor,") && table.text().lines().count() > 3);
    let verify = format!("{log}/verify");
    let whole = browser.fill(log, &verify, &[]).await;
    assert!(whole.text().contains("The log is whole:"), "{}", whole.text());
    // A row under another seal is one that somebody else has written.
    let store = app.store().await;
    let account = store.find_user("ann@example.com").await.unwrap().unwrap().account_id;
    let forged = store.list_audit_log(account, None, 1).await.unwrap()[0].number + 1;
    let key = store::NewKey::plain("cl_forged000000");
    store.create_key(account, &key, None, &store::Act::operator(NOW)).await.unwrap();
    store.close().await;
    let broken = browser.fill(log, &verify, &[]).await;
    assert!(broken.text().contains(&format!("entry {forged} is missing")), "{}", broken.text());
    assert!(broken.text().contains(&format!("?before={}", forged + 1)));
}

#[tokio::test]
async fn rules_tell_how_often_they_spoke_and_a_test_letter_tells_whether_letters_arrive() {
    let (app, mut browser, _) = world().await;
    let path = "/settings/alerts";
    let page = until(&mut browser, path, "Raised once in the last 30 days.").await;
    assert!(page.contains("Raised 0 times in the last 30 days."));
    let test = "/settings/alerts/test";
    assert!(page.contains("confirm yours in the profile"));
    assert_eq!(browser.fill(path, test, &[]).await.status, 409);
    app.administrator("root@example.com").await;
    let mut confirmed = Browser::of(&app, "root@example.com").await;
    let sent = confirmed.fill(path, test, &[]).await;
    let told = "/settings/alerts?done=letter-sent";
    assert_eq!((sent.status, sent.header("location")), (303, told), "{}", sent.text());
    let letter = app.letter("root@example.com", "Test of your alerts", 1).await;
    assert!(letter.contains("This is a test."), "{letter}");
    assert!(app.letters("ann@example.com", "Test of your alerts").is_empty());
}
