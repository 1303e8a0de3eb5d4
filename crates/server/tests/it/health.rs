use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn anybody_may_ask_whether_it_works() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/healthz/", "/readyz", "/readyz/"] {
        let reply = app.anonymous().get(path).await;
        assert_eq!((reply.status, reply.body), (200, json!({ "status": "ok" })), "{path}");
    }
    let head = app.anonymous().send(Method::HEAD, "/healthz", None).await;
    assert_eq!((head.status, head.text()), (200, ""));
}

#[tokio::test]
async fn the_api_describes_itself() {
    let app = TestApp::start().await;
    let document = app.anonymous().get("/openapi.json").await;
    assert_eq!(document.status, 200);
    assert!(document.body["openapi"].as_str().unwrap().starts_with("3.1"));
    let me = &document.body["paths"]["/v1/auth/me"]["get"];
    assert_eq!(me["operationId"], "get_me");
    assert_eq!(me["security"], json!([{ "bearer": [] }]));
    assert!(
        me["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].is_string()
    );
}

#[tokio::test]
async fn every_answer_carries_its_request_id() {
    let app = TestApp::start().await;
    let with_id = |id: &str| {
        Request::get("/nowhere").header("x-request-id", id).body(Full::<Bytes>::default()).unwrap()
    };
    let client = app.anonymous();
    let reply = client.raw(with_id("my-Request_7")).await;
    assert_eq!(reply.header("x-request-id"), "my-Request_7");
    assert_eq!(reply.body["request_id"], "my-Request_7");
    for odd in ["a b", "a\tb", "<script>", "é", "", &"x".repeat(65)] {
        let reply = client.raw(with_id(odd)).await;
        let id = reply.header("x-request-id");
        assert_ne!(id, odd);
        assert_eq!(id.len(), 20, "{id}");
        assert_eq!(reply.body["request_id"], id);
    }
    let one = client.get("/healthz").await;
    let two = client.get("/healthz").await;
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
}

#[tokio::test]
async fn browsers_are_told_to_be_careful() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/v1/auth/me", "/nowhere", "/"] {
        let reply = app.anonymous().get(path).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert!(reply.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(reply.header("strict-transport-security"), "", "{path}");
    }
    let app = TestApp::with(&[("server.public_url", "https://scan.example")]).await;
    let reply = app.anonymous().get("/healthz").await;
    assert!(reply.header("strict-transport-security").starts_with("max-age="));
}
