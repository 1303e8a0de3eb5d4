use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use serde_json::json;

use crate::support::{Reply, TestApp};

fn assert_shape(reply: &Reply, status: u16, error: &str) {
    assert_eq!(reply.status, status, "{}", reply.body);
    assert_eq!(reply.header("content-type"), "application/json");
    let body = &reply.body;
    assert_eq!(body["error"], error, "{body}");
    assert_eq!(body["status"], status);
    assert_eq!(body["message"], body["detail"]);
    assert!(!body["message"].as_str().unwrap().is_empty());
    assert!(body["code"].is_string());
    assert_eq!(body["request_id"], reply.header("x-request-id"));
}

fn login(kind: Option<&str>, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let mut request = Request::post("/v1/auth/login");
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    request.body(Full::new(body.into())).unwrap()
}

#[tokio::test]
async fn whatever_refuses_refuses_in_one_shape() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    assert_shape(&client.get("/v1/nothing").await, 404, "not_found");
    assert_shape(&client.get("/v1/auth/../../etc/passwd").await, 404, "not_found");
    assert_shape(&client.get("/%ff%fe").await, 404, "not_found");

    let wrong_method = client.delete("/v1/auth/login").await;
    assert_shape(&wrong_method, 405, "method_not_allowed");
    assert_eq!(wrong_method.header("allow"), "POST");
    let wrong_method = client.send(Method::PUT, "/v1/auth/api-keys", None).await;
    assert_shape(&wrong_method, 405, "method_not_allowed");
    assert!(wrong_method.header("allow").contains("GET"));

    let good = r#"{"email":"a@b","password":"x"}"#;
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("")] {
        assert_shape(&client.raw(login(kind, good)).await, 415, "unsupported_media_type");
    }
    let json = Some("application/json");
    let large = format!(r#"{{"email":"{}"}}"#, "x".repeat(64 * 1024));
    assert_shape(&client.raw(login(json, large)).await, 413, "payload_too_large");
    for broken in [
        &b""[..],
        b"{",
        b"nonsense",
        b"[]",
        b"null",
        b"{} {}",
        b"\xff\xfe",
        b"{\"email\":\"\xc3\x28\",\"password\":\"x\"}",
        br#"{"email":"a@b"}"#,
        br#"{"email":1,"password":"x"}"#,
        br#"{"email":"a@b","email":"c@d","password":"x"}"#,
        br#"{"email":"a@b","password":"x","more":{"a":1,"a":2}}"#,
        br#"{"email":"a\u0000@b","password":"x"}"#,
    ] {
        assert_shape(&client.raw(login(json, broken)).await, 400, "invalid_request");
    }
    let deep = format!(r#"{{"more":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    assert_shape(&client.raw(login(json, deep)).await, 400, "invalid_request");
}

#[tokio::test]
async fn a_refused_body_says_which_member() {
    let app = TestApp::start().await;
    let reply = app.anonymous().post("/v1/auth/login", json!({ "email": "a@b" })).await;
    assert!(reply.body["message"].as_str().unwrap().contains("`password`"), "{}", reply.body);
    let user = app.user("ann@example.com").await;
    let wish = json!({ "name": "x", "rate_limit": { "per_minute": "many" } });
    let reply = user.post("/v1/auth/api-keys", wish).await;
    assert_shape(&reply, 400, "invalid_request");
    assert!(reply.body["message"].as_str().unwrap().contains("`rate_limit.per_minute`"));
}

#[tokio::test]
async fn unknown_members_and_parameters_are_ignored() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, _) = app.key(&user, json!({ "name": "x", "from_the_future": { "a": [1] } })).await;
    let reply = user.get(&format!("/v1/auth/api-keys/{id}/?utm_source=mail")).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_path_or_query_that_cannot_be_is_refused() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    for id in ["abc", "-1", "0", "99999999999999999999", "1.5", "%00", "1%2f2"] {
        assert_shape(&user.get(&format!("/v1/auth/api-keys/{id}")).await, 404, "not_found");
    }
    for query in ["limit=0", "limit=101", "cursor=nonsense"] {
        let reply = user.get(&format!("/v1/auth/api-keys?{query}")).await;
        assert_shape(&reply, 422, "validation_failed");
        assert!(reply.body["errors"][0]["field"].is_string());
    }
    for query in ["limit=many", "limit=1&limit=2"] {
        let reply = user.get(&format!("/v1/auth/api-keys?{query}")).await;
        assert_shape(&reply, 400, "invalid_request");
    }
}
