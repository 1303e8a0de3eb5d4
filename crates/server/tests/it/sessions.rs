use model::{HOUR_MS, MINUTE_MS};
use serde_json::{Value, json};

use crate::support::{Client, NOW, TestApp};

async fn sessions(client: &Client) -> Vec<Value> {
    let reply = client.get("/v1/auth/sessions").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body["sessions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_user_sees_where_they_are_signed_in() {
    let app = TestApp::start().await;
    let one = app.user("ann@example.com").await;
    app.clock.advance(MINUTE_MS);
    let two = app.sign_in("ann@example.com").await;
    app.clock.advance(HOUR_MS);
    one.get("/v1/auth/me").await;
    let seen = sessions(&one).await;
    assert_eq!(seen.len(), 2);
    let members: Vec<_> = seen[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        ["agent", "created_at", "current", "expires_at", "id", "ip", "last_seen_at"]
    );
    assert_eq!((&seen[0]["current"], &seen[1]["current"]), (&json!(false), &json!(true)));
    assert_eq!(seen[1]["created_at"], NOW.to_string());
    assert_eq!(seen[1]["last_seen_at"], NOW.plus_ms(MINUTE_MS + HOUR_MS).to_string());
    assert_eq!(seen[0]["last_seen_at"], NOW.plus_ms(MINUTE_MS).to_string());
    assert_eq!(seen[0]["ip"], "127.0.0.1");
    assert!(sessions(&two).await[0]["current"].as_bool().unwrap());
    let text = json!(seen).to_string();
    let sid = jwt_claim(&one, "sid");
    assert!(!text.contains(&sid), "the secret half of a session is shown");
}

fn jwt_claim(client: &Client, name: &str) -> String {
    use base64::Engine;
    let token = client.authorization.as_deref().unwrap();
    let payload = token.split('.').nth(1).unwrap();
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    payload[name].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_last_use_outlives_a_restart() {
    let app = TestApp::start().await;
    let one = app.user("ann@example.com").await;
    app.clock.advance(HOUR_MS);
    one.get("/v1/auth/me").await;
    let app = app.restart().await;
    let two = app.sign_in("ann@example.com").await;
    let seen = sessions(&two).await;
    assert_eq!(seen[1]["last_seen_at"], NOW.plus_ms(HOUR_MS).to_string());
}

#[tokio::test]
async fn a_session_is_ended_by_its_number() {
    let app = TestApp::start().await;
    let one = app.user("ann@example.com").await;
    let two = app.sign_in("ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    let id = sessions(&two).await[0]["id"].as_i64().unwrap();
    let path = format!("/v1/auth/sessions/{id}");
    let strange = bob.delete(&path).await;
    let absent = bob.delete("/v1/auth/sessions/987654").await;
    assert_eq!((strange.status, strange.constant()), (404, absent.constant()));
    assert_eq!(two.get("/v1/auth/me").await.status, 200);
    assert_eq!(one.delete(&path).await.status, 204);
    assert_eq!(two.get("/v1/auth/me").await.status, 401);
    assert_eq!(one.delete(&path).await.status, 404);
    assert_eq!(sessions(&one).await.len(), 1);
    let own = sessions(&one).await[0]["id"].as_i64().unwrap();
    assert_eq!(one.delete(&format!("/v1/auth/sessions/{own}")).await.status, 204);
    assert_eq!(one.get("/v1/auth/me").await.status, 401);
}

#[tokio::test]
async fn all_sessions_end_at_once() {
    let app = TestApp::start().await;
    let one = app.user("ann@example.com").await;
    let two = app.sign_in("ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    let (_, key) = app.key(&one, json!({ "name": "ci" })).await;
    assert_eq!(one.delete("/v1/auth/sessions?keep=current").await.status, 204);
    assert_eq!(
        (one.get("/v1/auth/me").await.status, two.get("/v1/auth/me").await.status),
        (200, 401)
    );
    assert_eq!(one.delete("/v1/auth/sessions?keep=everything").await.status, 400);
    let three = app.sign_in("ann@example.com").await;
    assert_eq!(one.delete("/v1/auth/sessions").await.status, 204);
    for ended in [&one, &three] {
        assert_eq!(ended.get("/v1/auth/me").await.status, 401);
    }
    assert_eq!(
        (bob.get("/v1/auth/me").await.status, key.get("/v1/auth/me").await.status),
        (200, 200)
    );
    let refused = key.get("/v1/auth/sessions").await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("sign_in_required")));
}

#[tokio::test]
async fn a_new_signing_key_takes_over_and_the_former_one_verifies_for_a_day() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let rotated = app.operator().await.rotate_jwt().unwrap();
    assert_eq!((rotated.secret, rotated.name.as_str()), ("jwt", "2"));
    app.server.reload_secrets();
    assert_eq!(ann.get("/v1/auth/me").await.status, 200);
    let again = app.sign_in("ann@example.com").await;
    assert_eq!(again.get("/v1/auth/me").await.status, 200);
    // Without the former key the old token is one that nobody signed.
    let path = app.config.data_dir.join("secrets/jwt-keyring");
    let ring = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, ring.lines().next().unwrap()).unwrap();
    app.server.reload_secrets();
    assert_eq!(ann.get("/v1/auth/me").await.status, 401);
    assert_eq!(again.get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn keys_move_to_a_new_pepper_when_they_are_used() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let (_, used) = app.key(&ann, json!({ "name": "used" })).await;
    let (_, idle) = app.key(&ann, json!({ "name": "idle" })).await;
    let operator = app.operator().await;
    assert_eq!(operator.rotate_pepper().unwrap().name, "2");
    app.server.reload_secrets();
    let (_, new) = app.key(&ann, json!({ "name": "new" })).await;
    for key in [&used, &new] {
        assert_eq!(key.get("/v1/auth/me").await.status, 200);
    }
    let app = app.restart().await;
    let status = operator.secrets_status().await.unwrap();
    let pepper: Vec<_> = status.pepper.iter().map(|one| (one.name.as_str(), one.keys)).collect();
    assert_eq!(pepper, [("2", 2), ("1", 1)]);
    for key in [used, new, idle] {
        let key = app.bearer(key.authorization.unwrap().strip_prefix("Bearer ").unwrap());
        assert_eq!(key.get("/v1/auth/me").await.status, 200);
    }
}
