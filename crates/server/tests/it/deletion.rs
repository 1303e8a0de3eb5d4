use std::time::{Duration, Instant};

use http::Method;
use model::{DAY_MS, MINUTE_MS, SECOND_MS};
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Reply, TestApp};

async fn delete(client: &Client, password: &str) -> Reply {
    let proof = Some(json!({ "current_password": password }));
    client.send(Method::DELETE, "/v1/auth/me", proof).await
}

/// Waits until no table but these holds that text.
async fn gone(app: &TestApp, text: &str, kept: &[&str]) {
    let store = app.store().await;
    let began = Instant::now();
    loop {
        let tables = store.tables_that_hold(text).await;
        if tables.iter().all(|table| kept.contains(&table.as_str())) {
            return store.close().await;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "`{text}` is in {tables:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_deleted_account_lets_nobody_in_and_leaves_nothing_to_read() {
    let app = TestApp::start().await;
    let ann = app.user("planted-ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    let wish = json!({ "name": "planted-key", "description": "planted-words" });
    let (_, key) = app.key(&ann, wish).await;
    key.post("/v1/scan", json!({ "domain": "planted.example.com" })).await;
    let key_id = ann.get("/v1/auth/api-keys").await.body["api_keys"][0]["key_id"].clone();
    let key_id = key_id.as_str().unwrap().to_owned();
    let (_, bobs) = app.key(&bob, json!({ "name": "bobs" })).await;

    assert_eq!(delete(&ann, PASSWORD).await.status, 204);
    for client in [&ann, &key] {
        assert_eq!(client.get("/v1/auth/me").await.status, 401);
    }
    let login = json!({ "email": "planted-ann@example.com", "password": PASSWORD });
    assert_eq!(app.anonymous().post("/v1/auth/login", login).await.status, 401);
    let letter = app.letter("planted-ann@example.com", "Your account was deleted", 1).await;
    assert!(
        letter.contains("sign-in of it has ended") && !letter.contains("planted-key"),
        "{letter}"
    );

    // The address is free, and who takes it sees nothing of what was.
    app.clock.advance(SECOND_MS);
    let again = app.user("planted-ann@example.com").await;
    assert_eq!(again.get("/v1/auth/api-keys").await.body["api_keys"], json!([]));
    assert_eq!(again.get("/v1/scan/recent").await.body["scans"], json!([]));
    assert_eq!(delete(&again, PASSWORD).await.status, 204);

    // What was on its way is written when the server stops, and swept up five minutes later; letters
    // that were sent are forgotten after a day.
    let app = app.restart().await;
    app.clock.advance(6 * MINUTE_MS);
    app.idle().await;
    for text in ["planted-key", "planted-words", "planted.example.com"] {
        gone(&app, text, &[]).await;
    }
    app.clock.advance(2 * DAY_MS);
    let app = app.restart().await;
    app.idle().await;
    gone(&app, "planted-ann", &[]).await;
    // Only the public half stays, so that it is never issued again.
    gone(&app, &key_id, &["api_keys"]).await;
    let store = app.store().await;
    assert_eq!(store.tables_that_hold(&key_id).await, ["api_keys"]);
    store.close().await;
    let operator = app.operator().await;
    assert!(
        operator
            .verify_audit_log(None)
            .await
            .unwrap()
            .iter()
            .all(|chain| chain.broken_at.is_none())
    );
    let bobs = Client { address: app.server.address(), ..bobs };
    assert_eq!(bobs.get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn a_deletion_asks_for_the_password_and_a_fresh_sign_in() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let (_, key) = app.key(&ann, json!({ "name": "all", "scopes": model::Scope::ALL })).await;
    assert_eq!(delete(&key, PASSWORD).await.body["code"], "sign_in_required");
    assert_eq!(delete(&ann, "wrong").await.body["errors"][0]["field"], "current_password");
    app.clock.advance(SECOND_MS);
    assert_eq!(ann.send(Method::DELETE, "/v1/auth/me", None).await.status, 415);
    assert_eq!(ann.send(Method::DELETE, "/v1/auth/me", Some(json!({}))).await.status, 400);
    app.clock.advance(6 * MINUTE_MS);
    assert_eq!(delete(&ann, PASSWORD).await.body["code"], "step_up_required");
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
    let log = ann.get("/v1/audit-log?action=sign_in.failed").await.body;
    assert_eq!(log["entries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_operator_deletes_a_user_but_not_the_last_administrator() {
    let app = TestApp::start().await;
    let root = app.administrator("root@example.com").await;
    let ann = app.user("ann@example.com").await;
    let operator = app.operator().await;
    assert_eq!(delete(&root, PASSWORD).await.body["error"], "conflict");
    assert!(operator.delete_user("root@example.com").await.is_err());
    assert!(operator.delete_user("eve@example.com").await.is_err());
    operator.delete_user("Ann@example.com").await.unwrap();
    assert_eq!(ann.get("/v1/auth/me").await.status, 401);
    assert!(operator.delete_user("ann@example.com").await.is_err());
    let letter = app.letter("ann@example.com", "Your account was deleted", 1).await;
    assert!(letter.contains("by operator"), "{letter}");
    let users = root.get("/v1/admin/users").await.body;
    assert_eq!(users["users"].as_array().unwrap().len(), 1);
    assert_eq!(root.get("/v1/admin/overview").await.body["accounts"], 1);
    let mut log = Vec::new();
    let format = server::operator::AuditFormat::Json;
    operator.export_audit_log(None, format, &mut log).await.unwrap();
    let log: Value = serde_json::from_slice(&log).unwrap();
    assert_eq!(log["entries"][0]["action"], "account.deleted");
    app.administrator("second@example.com").await;
    assert_eq!(delete(&root, PASSWORD).await.status, 204);
}
