use serde_json::{Value, json};

use crate::support::{Client, TestApp};

async fn entries(client: &Client, query: &str) -> Vec<Value> {
    let reply = client.get(&format!("/v1/audit-log{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_account_reads_who_did_what() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    let before = entries(&ann, "").await.len();
    let (id, key) = app.key(&ann, json!({ "name": "ci", "scopes": ["account:read"] })).await;
    ann.delete(&format!("/v1/auth/api-keys/{id}")).await;
    let seen = entries(&ann, "").await;
    assert_eq!(seen.len(), before + 2);
    assert_eq!(seen[0]["action"], "api_key.revoked");
    assert_eq!(
        (&seen[1]["action"], &seen[1]["ip"]),
        (&json!("api_key.created"), &json!("127.0.0.1"))
    );
    assert!(seen[0]["actor"].as_str().unwrap().starts_with("user:"));
    let secret = key.authorization.unwrap();
    assert!(!json!(seen).to_string().contains(secret.rsplit('_').next().unwrap()));

    assert_eq!(entries(&ann, "?action=api_key.created").await.len(), 1);
    assert!(entries(&ann, "?actor=operator").await.is_empty());
    assert!(entries(&ann, "?to=2000-01-01T00:00:00Z").await.is_empty());
    let page = ann.get("/v1/audit-log?limit=1").await.body;
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(entries(&ann, &format!("?limit=1&cursor={cursor}")).await[0], seen[1]);
    assert!(!json!(entries(&bob, "").await).to_string().contains("api_key"));
    for query in ["action=nothing", "from=yesterday"] {
        assert_eq!(ann.get(&format!("/v1/audit-log?{query}")).await.status, 422, "{query}");
    }
}

#[tokio::test]
async fn the_operator_finds_every_chain_whole() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    app.user("bob@example.com").await;
    app.key(&ann, json!({ "name": "ci" })).await;
    let operator = app.operator().await;
    let chains = operator.verify_audit_log(None).await.unwrap();
    assert_eq!(chains.len(), 2);
    assert!(chains.iter().all(|chain| chain.broken_at.is_none() && chain.rows > 0));
    let own = operator.verify_audit_log(Some("ann@example.com")).await.unwrap();
    let newest = &entries(&ann, "").await[0];
    assert_eq!(
        (newest["number"].as_i64(), newest["seal"].as_str()),
        (Some(own[0].rows), Some(own[0].head.as_str()))
    );
    assert!(operator.verify_audit_log(Some("nobody@example.com")).await.is_err());
}
