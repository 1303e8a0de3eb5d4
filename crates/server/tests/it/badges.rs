use serde_json::json;

use crate::browser::Browser;
use crate::comparisons::scanned;
use crate::scans::start;

#[tokio::test]
async fn a_badge_is_unknown_until_somebody_who_scanned_the_domain_switches_it_on() {
    let (_lab, app) = start("free").await;
    let user = app.user("ann@example.com").await;
    let badge =
        async |query: &str| app.anonymous().get(&format!("/v1/badge/shop.test.svg{query}")).await;
    let unknown = badge("").await;
    assert_eq!((unknown.status, unknown.header("content-type")), (200, "image/svg+xml"));
    assert_eq!(unknown.header("cache-control"), "public, max-age=300");
    assert_eq!(unknown.header("cross-origin-resource-policy"), "cross-origin");
    assert!(unknown.header("etag").len() > 10 && unknown.text().contains(">unknown</text>"));
    let switch = async |enabled: bool| {
        user.put("/v1/badge/shop.test", json!({ "enabled": enabled })).await.status
    };
    assert_eq!(switch(true).await, 404, "never scanned");
    scanned(&user, &["dns_email"]).await;
    assert_eq!(badge("").await.body, unknown.body, "a scan alone shows nothing");
    assert_eq!(switch(true).await, 204);
    for style in ["", "?style=flat", "?style=flat-square", "?style=plastic"] {
        let shown = badge(style).await;
        assert!(
            shown.text().contains("of 100 on 2026-11-24") && shown.text().len() < 2_048,
            "{style}"
        );
    }
    assert_eq!(badge("?style=big").await.status, 422);
    assert_eq!(app.anonymous().get("/v1/badge/shop.test").await.status, 404);
    assert_eq!(app.anonymous().get("/v1/badge/%3Csvg%3E.svg").await.status, 404);
    assert_eq!(user.get("/v1/scan/recent").await.body["scans"].as_array().unwrap().len(), 1);
    assert_eq!(switch(false).await, 204);
    assert_eq!(badge("").await.body, unknown.body);
}

#[tokio::test]
async fn a_badge_is_switched_on_the_page_of_its_domain() {
    let (_lab, app) = start("free").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let user = app.sign_in("ann@example.com").await;
    scanned(&user, &["dns_email"]).await;
    let (page, form) = ("/domains/shop.test", "/domains/shop.test/badge");
    assert!(browser.open(page).await.text().contains("Switch the badge on"));
    let done = browser.fill(page, form, &[]).await;
    assert_eq!((done.status, done.header("location")), (303, "/domains/shop.test?done=saved"));
    let on = browser.open(page).await;
    assert!(
        on.text().contains("Switch the badge off")
            && on.text().contains("/v1/badge/shop.test.svg)](")
    );
    assert_eq!(browser.fill(page, form, &[]).await.status, 303);
    assert!(browser.open(page).await.text().contains("Switch the badge on"));
}
