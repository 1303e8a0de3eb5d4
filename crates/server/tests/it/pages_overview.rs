//! The overview, alerts, and what the pages about reports offer beside the report: without script.

use model::HOUR_MS;
use serde_json::json;

use crate::alerts::alerts;
use crate::browser::Browser;
use crate::comparisons::scanned;
use crate::scans::start;
use crate::support::TestApp;

fn shows(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "`{text}` is not on the page: {page}");
    }
}

#[tokio::test]
async fn the_overview_begins_with_the_first_scan_and_then_names_what_is_worst() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let page = browser.open("/overview").await;
    shows(
        page.text(),
        &["First steps", "<form class=\"narrow first\" method=\"post\" action=\"/scans\">"],
    );
    shows(
        page.text(),
        &["No domain has a score yet.", "0 of ", "aria-label=\"API requests by outcome: "],
    );
    let started = browser.fill("/overview", "/scans", &[("domain", "shop.test")]).await;
    assert_eq!(started.status, 303, "{}", started.text());
    let user = app.sign_in("ann@example.com").await;
    let id: i64 = started.header("location").rsplit('/').next().unwrap().parse().unwrap();
    crate::scans::ended(&user, id).await;
    let report = user.get(&format!("/v1/scan/jobs/{id}/report")).await.body;
    let worst = &report["issues"][0];
    assert!(["critical", "high"].contains(&worst["severity"].as_str().unwrap()), "{worst}");
    let page = browser.open("/overview?days=30&domain=shop.test").await;
    let text = page.text();
    shows(text, &["Needs you", &format!("href=\"/scans/{id}#{}\"", worst["id"].as_str().unwrap())]);
    shows(
        text,
        &[
            "Score of shop.test, 90 days",
            "The score stayed at ",
            "API requests by outcome, 30 days",
        ],
    );
    shows(
        text,
        &[
            "/overview?days=90&#38;domain=shop.test#requests",
            &format!("<p class=\"big\">{} ", report["score"]),
        ],
    );
    assert!(!text.contains("class=\"narrow first\""), "the first scan is made");
    shows(browser.open("/overview?days=5&domain=no.such").await.text(), &["outcome, 14 days"]);
}

#[tokio::test]
async fn alerts_are_filtered_lead_to_their_key_and_are_read_together() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let ann = app.sign_in("ann@example.com").await;
    let mut ids = Vec::new();
    for name in ["one", "two", "three"] {
        let (id, key) = app.key(&ann, json!({ "name": name })).await;
        assert_eq!(ann.delete(&format!("/v1/auth/api-keys/{id}")).await.status, 204);
        assert_eq!(key.get("/v1/auth/me").await.status, 401);
        ids.push(id);
    }
    let raised = alerts(&ann, "", 3).await;
    let page = browser.open("/alerts").await;
    shows(
        page.text(),
        &[&format!("href=\"/settings/api-keys/{}\"", ids[0]), "Mark the chosen as read"],
    );
    let severity = raised[0]["severity"].as_str().unwrap();
    let count = |text: &str| text.matches("name=\"id\"").count();
    for (query, expected) in [
        ("?type=revoked_key_used", 3),
        ("?type=idle_key", 0),
        (&*format!("?severity={severity}"), 3),
        ("?severity=info", if severity == "info" { 3 } else { 0 }),
        ("?domain=shop", 0),
    ] {
        let page = browser.open(&format!("/alerts{query}")).await;
        assert_eq!(count(page.text()), expected, "{query}");
        assert!(expected > 0 || page.text().contains("No alert matches."), "{query}");
    }
    let place =
        |text: &str, at: usize| text.find(&format!("value=\"{}\"", raised[at]["id"])).unwrap();
    let oldest = browser.open("/alerts?sort=when").await;
    assert!(place(oldest.text(), 2) < place(oldest.text(), 0), "the oldest first");
    shows(
        oldest.text(),
        &["aria-sort=\"ascending\"><a href=\"/alerts?sort=-when\">", "/alerts.csv?sort=when"],
    );
    let gravest = browser.open("/alerts?sort=-severity").await;
    assert!(place(gravest.text(), 0) < place(gravest.text(), 2), "as grave: the newest first");
    let table = browser.open("/alerts.csv?sort=when&type=revoked_key_used").await;
    let rows: Vec<_> = table.text().lines().collect();
    assert!(rows[0].starts_with("id,type,severity,title,message,"), "{rows:?}");
    assert_eq!(rows.len(), 4);
    assert!(
        rows[1].starts_with(&format!("{},revoked_key_used,{severity},", raised[2]["id"])),
        "{rows:?}"
    );
    let chosen: Vec<String> = raised[..2].iter().map(|alert| alert["id"].to_string()).collect();
    let fields: Vec<_> = chosen.iter().map(|id| ("id", id.as_str())).collect();
    assert_eq!(browser.fill("/alerts", "/alerts/read", &fields).await.status, 303);
    assert_eq!(count(browser.open("/alerts").await.text()), 1);
    // What is a stranger's stays as it is.
    let mut stranger = Browser::signed_in(&app, "bob@example.com").await;
    let last = raised[2]["id"].to_string();
    assert_eq!(stranger.fill("/alerts", "/alerts/read", &[("id", &last)]).await.status, 303);
    assert_eq!(count(browser.open("/alerts").await.text()), 1);
}

#[tokio::test]
async fn both_scans_of_a_comparison_are_chosen_and_a_module_sorts_domains() {
    let (_lab, app) = start("professional").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    let first = scanned(&user, &["dns_email"]).await;
    app.clock.advance(HOUR_MS);
    let second = scanned(&user, &["dns_email", "http_headers"]).await;
    let diff = browser.open(&format!("/scans/{second}/diff?against={first}")).await;
    let choice = |id: i64| format!("<option value=\"{id}\" selected>");
    shows(
        diff.text(),
        &["id=\"against\"", "id=\"to\"", &choice(first), &choice(second), " newly seen"],
    );
    let chosen = browser.open(&format!("/scans/{first}/diff?against={first}&to={second}")).await;
    let path = format!("/scans/{second}/diff?against={first}");
    assert_eq!((chosen.status, chosen.header("location")), (303, path.as_str()));

    // Domains are compared by scans of all modules.
    scanned(&user, &[]).await;
    let pair = "domain=shop.test&domain=never.example";
    let page = browser.open(&format!("/compare?{pair}&sort=dns_email")).await;
    shows(
        page.text(),
        &["aria-sort=\"descending\"><a href=\"/compare?domain=shop.test", "sort=http_headers"],
    );
    assert_eq!(page.text().matches("best first").count(), 1);

    let table = browser.open(&format!("/compliance.csv?scan={second}&framework=pci_dss")).await;
    assert!(table.header("content-disposition").contains("pci_dss-shop.test.csv"));
    let rows: Vec<_> = table.text().lines().collect();
    assert!(rows[0].starts_with("framework,version,domain,scan_id,scanned_at,control,"));
    assert!(rows.iter().any(|row| row.contains(",gap,") && row.contains("dmarc.monitor-only")));
    let mut stranger = Browser::signed_in(&app, "bob@example.com").await;
    let path = format!("/compliance.csv?scan={second}&framework=pci_dss");
    assert_eq!(stranger.open(&path).await.status, 404);
}
