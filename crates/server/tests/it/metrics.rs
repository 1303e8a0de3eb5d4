use serde_json::json;

use crate::support::{Client, TestApp};

fn metrics(app: &TestApp) -> Client {
    Client { address: app.server.metrics_address().unwrap(), authorization: None }
}

#[tokio::test]
async fn figures_stand_on_their_own_listener_and_name_nobody() {
    let app = TestApp::with(&[("metrics.listen", "127.0.0.1:0")]).await;
    let ann = app.user("ann@example.com").await;
    let (id, key) = app.key(&ann, json!({ "name": "ci" })).await;
    app.limit("ann@example.com", 3).await;
    while key.get("/v1/auth/me").await.status != 429 {}
    ann.get(&format!("/v1/auth/api-keys/{id}")).await;
    app.bearer("cl_000000000000_0000000000000000000000000000004WU1fY").get("/v1/auth/me").await;
    app.anonymous().get("/some/where").await;
    app.idle().await;
    let page = metrics(&app).get("/metrics").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = page.text();
    for line in [
        "compliancelayer_requests_total{method=\"POST\",path=\"/v1/auth/register\",status=\"201\"} 1\n",
        "compliancelayer_requests_total{method=\"GET\",path=\"/v1/auth/me\",status=\"429\"} 1\n",
        "compliancelayer_credentials_total{outcome=\"unknown\"} 1\n",
        "compliancelayer_limit_refusals_total{window=\"minute\"}",
        "compliancelayer_jobs_total{kind=\"send_mail\",end=\"done\"}",
        "path=\"none\"",
    ] {
        assert!(text.contains(line), "{line} is missing from {text}");
    }
    for secret in ["ann@", "cl_", "/where", &format!("/{id}\"")] {
        assert!(!text.contains(secret), "{secret} stands in {text}");
    }
    assert_eq!(metrics(&app).get("/healthz").await.status, 404);
    assert_eq!(app.anonymous().get("/metrics").await.status, 404);
}

#[tokio::test]
async fn without_the_setting_there_is_no_second_listener() {
    assert!(TestApp::start().await.server.metrics_address().is_none());
}
