use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::MINUTE_MS;
use serde_json::{Value, json};

use crate::alerts::alerts;
use crate::scans::{ended, start};
use crate::support::{Client, PASSWORD};

const EXPORT: &str = "/v1/auth/export";

/// Returns what a bearer's token says inside.
fn claims(client: &Client) -> Value {
    let token = client.authorization.clone().unwrap();
    let inside = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(inside).unwrap()).unwrap()
}

#[tokio::test]
async fn an_export_holds_everything_of_the_account_and_no_secret() {
    let (_lab, app) = start("professional").await;
    let ann = app.user("ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    app.key(&bob, json!({ "name": "key-of-bob" })).await;
    let (id, key) =
        app.key(&ann, json!({ "name": "key-of-ann", "description": "for the ci" })).await;
    let scan = key.post("/v1/scan", json!({ "domain": "shop.test" })).await.body;
    ended(&ann, scan["job_id"].as_i64().unwrap()).await;
    ann.delete(&format!("/v1/auth/api-keys/{id}")).await;
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
    let wrong = json!({ "email": "ann@example.com", "password": "wrong" });
    app.anonymous().post("/v1/auth/login", wrong).await;
    alerts(&ann, "", 1).await;
    // What waits in memory is written, so that the export shows it.
    let app = app.restart().await;
    let ann = Client { address: app.server.address(), ..ann };

    let reply = ann.get(EXPORT).await;
    assert_eq!(
        (reply.status, reply.header("content-type"), reply.header("content-disposition")),
        (200, "application/json", "attachment")
    );
    let export = reply.body;
    assert_eq!(export["account"]["plan"]["id"], "professional");
    assert_eq!(export["members"][0]["email"], "ann@example.com");
    assert_eq!(export["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(export["api_keys"][0]["name"], "key-of-ann");
    assert_eq!(
        (&export["api_keys"][0]["status"], &export["api_keys"][0]["description"]),
        (&json!("revoked"), &json!("for the ci"))
    );
    assert_eq!(export["scans"][0]["domain"], "shop.test");
    assert_eq!(export["scans"][0]["shares"], json!([]));
    assert!(export["scans"][0]["report"].to_string().contains("dmarc.monitor-only"));
    let paths: Vec<_> = export["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["path"].as_str().unwrap())
        .collect();
    assert!(paths.contains(&"/v1/scan") && paths.contains(&"/v1/auth/api-keys"), "{paths:?}");
    assert!(
        export["usage"]
            .as_array()
            .unwrap()
            .iter()
            .any(|day| day["outcome"] == "ok" || day["requests"].as_i64().unwrap() > 1)
    );
    assert_eq!(
        export["failed_attempts"].as_array().unwrap().len(),
        2,
        "{}",
        export["failed_attempts"]
    );
    assert_eq!(export["alerts"][0]["alert_type"], "revoked_key_used");
    let actions: Vec<_> = export["audit_log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["action"].as_str().unwrap())
        .collect();
    for action in ["account.exported", "api_key.revoked", "api_key.created", "sign_in.failed"] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }

    let text = export.to_string();
    let secret = key.authorization.unwrap();
    let sid = claims(&ann);
    let sid = sid.as_object().unwrap().values().filter_map(Value::as_str);
    let sid: Vec<_> = sid.filter(|claim| claim.len() > 10).collect();
    assert!(!sid.is_empty());
    let mut planted = vec![PASSWORD, secret.rsplit('_').next().unwrap(), "$argon2", "bob"];
    planted.extend(sid);
    planted.push(ann.authorization.as_deref().unwrap().rsplit('.').next().unwrap());
    for planted in planted {
        assert!(!text.contains(planted), "`{planted}` is in the export");
    }
}

#[tokio::test]
async fn an_export_of_many_rows_is_whole() {
    let (_lab, app) = start("professional").await;
    let ann = app.user("ann@example.com").await;
    app.limit("ann@example.com", 1_000_000).await;
    let mut connection = ann.connection().await;
    // More than a page of requests.
    for _ in 0..1_050 {
        let reply = ann.send_on(&mut connection, http::Method::GET, "/v1/auth/me", None).await;
        assert_eq!(reply.status, 200);
    }
    let app = app.restart().await;
    let ann = Client { address: app.server.address(), ..ann };
    let export = ann.get(EXPORT).await.body;
    let rows = export["requests"].as_array().unwrap();
    assert!(rows.len() >= 1_050, "{}", rows.len());
    let ids: std::collections::BTreeSet<_> =
        rows.iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), rows.len());
}

#[tokio::test]
async fn an_export_asks_for_a_fresh_sign_in_and_no_key_gets_it() {
    let (_lab, app) = start("free").await;
    let ann = app.user("ann@example.com").await;
    let (_, key) = app.key(&ann, json!({ "name": "all", "scopes": model::Scope::ALL })).await;
    assert_eq!(key.get(EXPORT).await.body["code"], "sign_in_required");
    assert_eq!(app.anonymous().get(EXPORT).await.status, 401);
    app.clock.advance(6 * MINUTE_MS);
    assert_eq!(ann.get(EXPORT).await.body["code"], "step_up_required");
    ann.post("/v1/auth/step-up", json!({ "password": PASSWORD })).await;
    assert_eq!(ann.get(EXPORT).await.status, 200);
}
