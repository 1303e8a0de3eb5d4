use serde_json::json;

use crate::scans::start;
use crate::support::TestApp;

const FREE: &str = "/v1/scan/free";

#[tokio::test]
async fn anybody_sees_a_score_and_the_three_worst_findings() {
    let (_lab, app) = start("free").await;
    let reply = app.anonymous().post(FREE, json!({ "domain": "https://shop.test/" })).await;
    assert_eq!((reply.status, &reply.body["domain"]), (200, &json!("shop.test")), "{}", reply.body);
    assert!(reply.body["score"].as_i64().is_some_and(|score| (1..100).contains(&score)));
    let top = reply.body["top_issues"].as_array().unwrap();
    assert!(top.len() == 3 && reply.body["total_issues"].as_i64().unwrap() > 3);
    assert!(top[0]["remediation"].as_str().is_some_and(|text| !text.is_empty()));
    let module = &reply.body["modules"]["dns_email"];
    assert!(module["grade"].is_string() && module["score"].is_number());
    let told: Vec<_> = module.as_object().unwrap().keys().collect();
    assert_eq!(
        told,
        ["grade", "score", "status", "title", "weight"],
        "no finding beyond the three"
    );
    // Nobody is charged and nothing is kept.
    let user = app.user("ann@example.com").await;
    assert_eq!(user.get("/v1/scan/recent").await.body["scans"], json!([]));
}

#[tokio::test]
async fn a_network_gets_five_an_hour_and_says_nothing_of_inner_names() {
    let app = TestApp::start().await;
    let ask = async |domain: &str| app.anonymous().post(FREE, json!({ "domain": domain })).await;
    for refused in ["localhost", "192.0.2.1", "shop.test", "", "a..b"] {
        let reply = ask(refused).await;
        assert_eq!(
            (reply.status, &reply.body["error"]),
            (400, &json!("invalid_domain")),
            "{refused}"
        );
    }
    let sixth = ask("localhost").await;
    assert_eq!((sixth.status, &sixth.body["window"]), (429, &json!("free-scan")));
    let wait: i64 = sixth.header("retry-after").parse().unwrap();
    app.clock.advance(wait * 1_000);
    assert_eq!(ask("localhost").await.status, 400, "whoever waits as told is let in");
}

#[tokio::test]
async fn an_instance_without_free_scans_has_no_such_route() {
    let app = TestApp::with(&[("scan.allow_free_scans", "false")]).await;
    let reply = app.anonymous().post(FREE, json!({ "domain": "example.com" })).await;
    assert_eq!(reply.status, 404);
}
