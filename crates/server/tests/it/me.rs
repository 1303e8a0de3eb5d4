use serde_json::json;

use crate::support::{NOW, TestApp};

#[tokio::test]
async fn a_user_learns_who_they_are() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let me = user.get("/v1/auth/me").await;
    assert_eq!(
        me.body,
        json!({
            "id": me.body["id"], "email": "ann@example.com", "name": null, "plan": "free",
            "api_key": null, "scans_this_month": 0, "scan_limit": 10, "scans_remaining": 10,
            "domain_limit": 1, "domains_used": 0, "subscription_status": "active",
            "created_at": NOW.to_string(), "email_verified": false, "oauth_provider": null, "team_role": "owner",
            "mfa": false,
            "auth": { "method": "jwt", "expires_at": NOW.plus_ms(model::DAY_MS).to_string() },
        })
    );
    assert_eq!(me.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_key_learns_what_it_may() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let wish = json!({ "name": "ci", "scopes": ["scans:read"], "expires_in_days": 1 });
    let (_, key) = app.key(&user, wish).await;
    let me = key.get("/v1/auth/me").await;
    assert_eq!(me.body["email"], "ann@example.com");
    assert_eq!(me.body["auth"]["method"], "api_key");
    assert_eq!(me.body["auth"]["scopes"], json!(["scans:read"]));
    assert_eq!(me.body["auth"]["expires_at"], NOW.plus_ms(model::DAY_MS).to_string());
    let authorization = key.authorization.unwrap();
    let key_id = me.body["auth"]["key_id"].as_str().unwrap();
    assert!(authorization.starts_with(&format!("Bearer {key_id}_")));
}

#[tokio::test]
async fn a_user_is_called_as_they_say() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let call = async |name: &str| user.patch("/v1/auth/me", json!({ "name": name })).await;
    assert_eq!(call(" Ann Archer ").await.status, 204);
    assert_eq!(user.get("/v1/auth/me").await.body["name"], "Ann Archer");
    for odd in ["x".repeat(101), "a\nb".to_owned()] {
        let reply = call(&odd).await;
        assert_eq!((reply.status, &reply.body["errors"][0]["field"]), (422, &json!("name")));
    }
    assert_eq!(call("").await.status, 204);
    assert_eq!(user.get("/v1/auth/me").await.body["name"], json!(null));
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    assert_eq!(key.patch("/v1/auth/me", json!({ "name": "Eve" })).await.status, 403);
}
