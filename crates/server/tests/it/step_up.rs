//! What asks for a fresh proof of who is signed in, and how to give one.

use model::{MINUTE_MS, Scope};
use serde_json::json;

use crate::browser::Browser;
use crate::support::{Client, PASSWORD, Reply, TestApp};

async fn make_key(client: &Client) -> Reply {
    client.post("/v1/auth/api-keys", json!({ "name": "ci" })).await
}

async fn prove(client: &Client, password: &str) -> u16 {
    client.post("/v1/auth/step-up", json!({ "password": password })).await.status
}

#[tokio::test]
async fn a_sign_in_makes_keys_for_five_minutes_and_after_a_new_proof_again() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.clock.advance(5 * MINUTE_MS - 1);
    assert_eq!(make_key(&user).await.status, 201);
    app.clock.advance(1);
    let refused = make_key(&user).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("step_up_required")));
    let message = refused.body["message"].as_str().unwrap();
    assert!(message.contains("POST /v1/auth/step-up"), "{message}");
    assert_eq!(prove(&user, PASSWORD).await, 204);
    app.clock.advance(5 * MINUTE_MS - 1);
    assert_eq!(make_key(&user).await.status, 201);
    app.clock.advance(1);
    assert_eq!(make_key(&user).await.status, 403);
}

#[tokio::test]
async fn a_wrong_password_proves_nothing_and_is_no_free_guess() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.clock.advance(5 * MINUTE_MS);
    let refused = user.post("/v1/auth/step-up", json!({ "password": "wrong" })).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (422, &json!("password")));
    assert_eq!(prove(&user, PASSWORD).await, 429);
    assert_eq!(make_key(&user).await.status, 403);
    app.clock.advance(model::SECOND_MS);
    assert_eq!(prove(&user, PASSWORD).await, 204);
    assert_eq!(make_key(&user).await.status, 201);
}

#[tokio::test]
async fn a_key_is_opened_up_by_a_fresh_proof_and_closed_without() {
    let app = TestApp::with(&[("plans.default", "professional")]).await;
    let user = app.user("ann@example.com").await;
    let wish = json!({ "name": "ci", "ip_allowlist": ["192.0.2.0/24"] });
    let (id, _) = app.key(&user, wish).await;
    app.clock.advance(5 * MINUTE_MS);
    let change = async |body| user.patch(&format!("/v1/auth/api-keys/{id}"), body).await;
    for opens in [json!({ "ip_allowlist": [] }), json!({ "enabled": true })] {
        assert_eq!(change(opens).await.body["code"], "step_up_required");
    }
    let closed = change(json!({ "enabled": false, "name": "off" })).await;
    assert_eq!((closed.status, &closed.body["status"]), (200, &json!("disabled")));
    assert_eq!(prove(&user, PASSWORD).await, 204);
    assert_eq!(change(json!({ "enabled": true, "ip_allowlist": [] })).await.status, 200);
}

#[tokio::test]
async fn a_proof_is_for_one_session() {
    let app = TestApp::start().await;
    let one = app.user("ann@example.com").await;
    let two = app.sign_in("ann@example.com").await;
    app.clock.advance(5 * MINUTE_MS);
    assert_eq!(prove(&one, PASSWORD).await, 204);
    assert_eq!(make_key(&one).await.status, 201);
    assert_eq!(make_key(&two).await.status, 403);
}

#[tokio::test]
async fn every_way_to_a_secret_asks_and_no_way_to_end_one_does() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, _) = app.key(&user, json!({ "name": "ci" })).await;
    app.clock.advance(5 * MINUTE_MS);
    let rotate = format!("/v1/auth/api-keys/{id}/rotate");
    for (path, body) in [
        ("/v1/auth/api-keys", json!({ "name": "other" })),
        (rotate.as_str(), json!({})),
        ("/v1/auth/api-key/regenerate", json!({})),
    ] {
        let refused = user.post(path, body).await;
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (403, &json!("step_up_required")),
            "{path}"
        );
    }
    assert_eq!(user.get("/v1/auth/api-keys").await.status, 200);
    assert_eq!(user.delete(&format!("/v1/auth/api-keys/{id}")).await.status, 204);
    assert_eq!(user.post("/v1/auth/logout", json!({})).await.status, 204);
}

#[tokio::test]
async fn a_key_needs_no_proof_and_can_give_none() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let scopes: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let (_, key) = app.key(&user, json!({ "name": "full", "scopes": scopes })).await;
    app.clock.advance(5 * MINUTE_MS);
    assert_eq!(make_key(&key).await.status, 201);
    let refused = key.post("/v1/auth/step-up", json!({ "password": PASSWORD })).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("sign_in_required")));
    assert_eq!(make_key(&user).await.status, 403);
}

#[tokio::test]
async fn a_browser_is_asked_to_sign_in_again_and_led_back() {
    let app = TestApp::start().await;
    let mut browser = Browser::signed_in(&app, "ann@example.com").await;
    assert_eq!(browser.open("/settings/api-keys/new").await.status, 200);
    app.clock.advance(5 * MINUTE_MS);
    let sent = browser.open("/settings/api-keys/new").await;
    let login = "/login?next=%2Fsettings%2Fapi-keys%2Fnew";
    assert_eq!((sent.status, sent.header("location")), (303, login));
    assert_eq!(browser.open("/settings/api-keys").await.status, 200);
    let fields = |password| [("email", "ann@example.com"), ("password", password)];
    assert_eq!(browser.fill(login, "/login", &fields("wrong")).await.status, 422);
    app.clock.advance(model::SECOND_MS);
    let proved = browser.fill(login, "/login", &fields(PASSWORD)).await;
    assert_eq!(proved.status, 303, "{}", proved.text());
    assert_eq!(browser.open("/settings/api-keys/new").await.status, 200);
}
