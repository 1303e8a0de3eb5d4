use serde_json::json;

use crate::browser::Browser;
use crate::comparisons::scanned;
use crate::ownership::{lab, moved, text, told};
use crate::scans::with_lab;

#[tokio::test]
async fn a_badge_is_unknown_until_its_owner_switches_it_on() {
    let nothing = lab(&[], "").await;
    let app = with_lab(&nothing, "free").await;
    let ann = app.user("ann@example.com").await;
    let mine = told(&ann, "shop.test").await;
    let badge = async |app: &crate::support::TestApp, query: &str| {
        app.anonymous().get(&format!("/v1/badge/shop.test.svg{query}")).await
    };
    let unknown = badge(&app, "").await;
    assert_eq!((unknown.status, unknown.header("content-type")), (200, "image/svg+xml"));
    assert_eq!(unknown.header("cache-control"), "public, max-age=300");
    assert_eq!(unknown.header("cross-origin-resource-policy"), "cross-origin");
    assert!(unknown.header("etag").len() > 10 && unknown.text().contains(">unknown</text>"));
    let on = json!({ "enabled": true });
    assert_eq!(ann.put("/v1/badge/shop.test", on.clone()).await.status, 404, "never scanned");
    // The best module alone has a grade, which is not the domain's.
    scanned(&ann, &["dns_email"]).await;
    let partial = ann.put("/v1/badge/shop.test", on.clone()).await;
    assert_eq!(partial.status, 409, "{}", partial.body);
    assert!(partial.body["message"].as_str().unwrap().contains("all modules"), "{}", partial.body);
    scanned(&ann, &[]).await;
    assert_eq!(badge(&app, "").await.body, unknown.body, "a scan alone shows nothing");
    let refused = ann.put("/v1/badge/shop.test", on.clone()).await;
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("ownership_not_proven")));
    let message = refused.body["message"].as_str().unwrap();
    assert!(message.contains(text(&mine)) && message.contains("/v1/ownership/"), "{message}");
    assert_eq!(badge(&app, "").await.body, unknown.body, "nobody grades what is not theirs");

    let published = lab(&[text(&mine)], "").await;
    let app = moved(app, &published).await;
    let ann = app.sign_in("ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    scanned(&bob, &[]).await;
    assert_eq!(bob.put("/v1/badge/shop.test", on.clone()).await.status, 403, "it is ann's proof");
    assert_eq!(ann.put("/v1/badge/shop.test", on).await.status, 204);
    for style in ["", "?style=flat", "?style=flat-square", "?style=plastic"] {
        let shown = badge(&app, style).await;
        assert!(
            shown.text().contains("of 100 on 2026-11-24") && shown.text().len() < 2_048,
            "{style}"
        );
    }
    let shown = badge(&app, "").await;
    scanned(&ann, &["dns_email"]).await;
    assert_eq!(badge(&app, "").await.body, shown.body, "a scan of one module changes nothing");
    assert_eq!(badge(&app, "?style=big").await.status, 422);
    assert_eq!(app.anonymous().get("/v1/badge/shop.test").await.status, 404);
    assert_eq!(app.anonymous().get("/v1/badge/%3Csvg%3E.svg").await.status, 404);
    let off = ann.put("/v1/badge/shop.test", json!({ "enabled": false })).await;
    assert_eq!(off.status, 204);
    assert_eq!(badge(&app, "").await.body, unknown.body);
}

#[tokio::test]
async fn a_badge_is_switched_on_the_page_of_its_domain() {
    let nothing = lab(&[], "").await;
    let app = with_lab(&nothing, "free").await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    let ann = app.sign_in("ann@example.com").await;
    let value = text(&told(&ann, "shop.test").await).to_owned();
    scanned(&ann, &[]).await;
    let (page, form) = ("/domains/shop.test", "/domains/shop.test/badge");
    let off = browser.open(page).await;
    assert!(off.text().contains("Switch the badge on"));
    assert!(off.text().contains("It takes the proof that the domain is yours"));
    let refused = browser.fill(page, form, &[]).await;
    assert_eq!(refused.status, 403);
    let way = "/domains/shop.test#ownership";
    assert!(refused.text().contains(way), "the refusal leads to what to publish");
    let published = lab(&[&value], "").await;
    let app = moved(app, &published).await;
    let cookies = browser.cookies;
    let mut browser = Browser::new(&app);
    browser.cookies = cookies;
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
