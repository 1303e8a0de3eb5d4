use model::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};

use crate::support::{Client, NOW, TestApp};

/// Waits until there are that many alerts, and returns them, the newest first.
pub(crate) async fn alerts(owner: &Client, query: &str, count: usize) -> Vec<Value> {
    let began = std::time::Instant::now();
    loop {
        let reply = owner.get(&format!("/v1/domains/alerts{query}")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let found = reply.body["alerts"].as_array().unwrap().clone();
        if found.len() >= count {
            assert_eq!(found.len(), count, "{found:?}");
            return found;
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(10), "{found:?}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn revoked_key(app: &TestApp, owner: &Client, name: &str) -> Client {
    let (id, key) = app.key(owner, json!({ "name": name })).await;
    assert_eq!(owner.delete(&format!("/v1/auth/api-keys/{id}")).await.status, 204);
    key
}

#[tokio::test]
async fn a_revoked_key_used_a_thousand_times_makes_one_alert_a_day() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    app.limit("ann@example.com", 1_000_000).await;
    let key = revoked_key(&app, &ann, "ci").await;
    alerts(&ann, "", 0).await;
    for _ in 0..1_000 {
        assert_eq!(key.get("/v1/auth/me").await.status, 401);
    }
    let seen = alerts(&ann, "", 1).await;
    app.idle().await;
    let alert = &seen[0];
    let members: Vec<_> = alert.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        [
            "alert_type",
            "created_at",
            "domain",
            "domain_id",
            "id",
            "is_read",
            "key_id",
            "message",
            "new_value",
            "old_value",
            "scan_id",
            "severity",
            "title"
        ]
    );
    assert_eq!(alert["alert_type"], "revoked_key_used");
    assert_eq!((&alert["severity"], &alert["is_read"]), (&json!("high"), &json!(false)));
    assert_eq!(
        (&alert["new_value"], &alert["created_at"]),
        (&json!("127.0.0.1"), &json!(NOW.to_string()))
    );
    let letter = app.letter("ann@example.com", "A key that is revoked was used", 1).await;
    assert!(letter.contains(alert["key_id"].as_str().unwrap()), "{letter}");

    // Another server on the same database knows nothing of the first one's memory.
    let app = app.restart().await;
    let ann = app.sign_in("ann@example.com").await;
    let key = app.bearer(key.authorization.as_deref().unwrap().trim_start_matches("Bearer "));
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
    let other = revoked_key(&app, &ann, "other").await;
    other.get("/v1/auth/me").await;
    alerts(&ann, "", 2).await;
    app.idle().await;
    assert_eq!(app.letters("ann@example.com", "A key that is revoked was used").len(), 2);

    app.clock.advance(DAY_MS);
    key.get("/v1/auth/me").await;
    let ann = app.sign_in("ann@example.com").await;
    alerts(&ann, "", 3).await;
}

#[tokio::test]
async fn an_expired_key_is_told_of_and_a_wrong_secret_is_not() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let end = NOW.plus_ms(HOUR_MS).to_string();
    let (_, key) = app.key(&ann, json!({ "name": "short", "expires_at": end })).await;
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
    app.clock.advance(2 * HOUR_MS);
    app.bearer("cl_000000000000_0000000000000000000000000000004WU1fY").get("/v1/auth/me").await;
    alerts(&ann, "", 0).await;
    key.get("/v1/auth/me").await;
    let seen = alerts(&ann, "?type=expired_key_used&severity=medium", 1).await;
    assert!(seen[0]["title"].as_str().unwrap().contains("short"));
    alerts(&ann, "?type=revoked_key_used", 0).await;
    alerts(&ann, "?domain_id=1", 0).await;
}

#[tokio::test]
async fn alerts_are_read_one_by_one_or_all() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    for name in ["a", "b", "c"] {
        revoked_key(&app, &ann, name).await.get("/v1/auth/me").await;
    }
    let seen = alerts(&ann, "", 3).await;
    let first = ann.get("/v1/domains/alerts?limit=2").await.body;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = alerts(&ann, &format!("?limit=2&cursor={cursor}"), 1).await;
    assert_eq!(rest[0]["id"], seen[2]["id"]);

    let path = format!("/v1/domains/alerts/{}/read", seen[0]["id"]);
    let strange = bob.post(&path, json!({})).await;
    let absent = bob.post("/v1/domains/alerts/987654/read", json!({})).await;
    assert_eq!((strange.status, strange.constant()), (404, absent.constant()));
    alerts(&bob, "", 0).await;
    assert_eq!(bob.post("/v1/domains/alerts/read-all", json!({})).await.status, 204);
    alerts(&ann, "?unread_only=true", 3).await;

    assert_eq!(ann.post(&path, json!({})).await.status, 204);
    assert_eq!(ann.post(&path, json!({})).await.status, 204);
    alerts(&ann, "?unread_only=true", 2).await;
    assert_eq!(ann.post("/v1/domains/alerts/read-all", json!({})).await.status, 204);
    alerts(&ann, "?unread_only=true", 0).await;
    assert!(alerts(&ann, "", 3).await.iter().all(|alert| alert["is_read"] == true));
}

#[tokio::test]
async fn a_filter_that_means_nothing_is_refused_by_its_name() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    for (query, field) in [("severity=bad", "severity"), ("type=bad", "type"), ("limit=0", "limit")]
    {
        let reply = ann.get(&format!("/v1/domains/alerts?{query}")).await;
        assert_eq!(reply.status, 422, "{query}");
        assert_eq!(reply.body["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn a_key_needs_the_scopes_of_alerts() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let (_, reader) = app.key(&ann, json!({ "name": "r", "scopes": ["alerts:read"] })).await;
    assert_eq!(reader.get("/v1/domains/alerts").await.status, 200);
    assert_eq!(reader.post("/v1/domains/alerts/read-all", json!({})).await.status, 403);
    let (_, other) = app.key(&ann, json!({ "name": "o", "scopes": ["scans:read"] })).await;
    assert_eq!(other.get("/v1/domains/alerts").await.status, 403);
}
