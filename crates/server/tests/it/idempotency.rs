//! `Idempotency-Key`: a request that is sent again takes effect once.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> Reply {
    let request = Request::post(path)
        .header("authorization", client.authorization.as_deref().unwrap())
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(Full::new(Bytes::from(body.to_string())));
    client.raw(request.unwrap()).await
}

#[tokio::test]
async fn fifty_equal_requests_make_and_charge_one_scan() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let wish = json!({ "domain": "example.com" });
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let (user, wish) = (user.clone(), wish.clone());
            tokio::spawn(async move { post(&user, "/v1/scan", "order 7", &wish).await })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for caller in callers {
        let reply = caller.await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.body);
        ids.insert(reply.body["job_id"].as_i64().unwrap());
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(user.get("/v1/auth/me").await.body["scans_this_month"], 1);
    // Another key is another scan, and somebody else's equal key has nothing to do with it.
    let second = post(&user, "/v1/scan", "order 8", &wish).await;
    assert!(ids.insert(second.body["job_id"].as_i64().unwrap()));
    let stranger = app.user("bob@example.com").await;
    let theirs = post(&stranger, "/v1/scan", "order 7", &wish).await;
    assert!(ids.insert(theirs.body["job_id"].as_i64().unwrap()));
}

#[tokio::test]
async fn a_repeated_key_creation_makes_one_key_and_shows_its_secret_once() {
    const KEYS: &str = "/v1/auth/api-keys";
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let wish = json!({ "name": "ci" });
    let first = post(&user, KEYS, "k", &wish).await;
    let again = post(&user, KEYS, "k", &wish).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body["id"], again.body["id"]);
    assert!(first.body["api_key"].is_string() && first.body["replayed"].is_null());
    assert_eq!((&again.body["api_key"], &again.body["replayed"]), (&Value::Null, &json!(true)));
    assert_eq!(user.get(KEYS).await.body["api_keys"].as_array().unwrap().len(), 1);

    let other = post(&user, KEYS, "k", &json!({ "name": "production" })).await;
    assert_eq!((other.status, &other.body["code"]), (422, &json!("idempotency_key_reused")));
    // The same body at another address is another request too.
    let elsewhere = post(&user, "/v1/scan", "k", &json!({ "domain": "example.com" })).await;
    assert_eq!(elsewhere.body["code"], "idempotency_key_reused");
    app.clock.advance(model::DAY_MS - 1);
    let user = app.sign_in("ann@example.com").await;
    assert_eq!(post(&user, KEYS, "k", &wish).await.body["replayed"], true);
    app.clock.advance(1);
    assert_eq!(post(&user, KEYS, "k", &wish).await.body["replayed"], Value::Null);
}

#[tokio::test]
async fn what_was_refused_may_be_sent_again() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let refused = post(&user, "/v1/auth/api-keys", "k", &json!({ "name": "" })).await;
    assert_eq!(refused.status, 422);
    let mended = post(&user, "/v1/auth/api-keys", "k", &json!({ "name": "ci" })).await;
    assert_eq!(mended.status, 201, "{}", mended.body);
    for bad in ["", &"x".repeat(256)] {
        let reply = post(&user, "/v1/auth/api-keys", bad, &json!({ "name": "ci" })).await;
        assert_eq!((reply.status, &reply.body["code"]), (400, &json!("invalid_request")));
    }
}
