use http::Method;
use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

const RULES: &str = "/v1/settings/alert-rules";
const PREFERENCES: &str = "/v1/settings/alert-preferences";

async fn put(client: &Client, path: &str, body: Value) -> Reply {
    client.send(Method::PUT, path, Some(body)).await
}

#[tokio::test]
async fn rules_change_in_part_and_for_their_account_alone() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let bob = app.user("bob@example.com").await;
    let both = json!(["dashboard", "email"]);
    let plain = || json!({ "enabled": true, "channels": both });
    let with = |more: Value| {
        let mut rule = plain();
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let mut rules = json!({
        "request_spike": with(json!({ "factor": 3, "min_per_hour": 100 })),
        "failed_auth_burst": with(json!({ "attempts": 20, "minutes": 5 })),
        "new_network": with(json!({ "after_hours": 24 })),
        "revoked_key_used": plain(),
        "expired_key_used": plain(),
        "key_exposed": plain(),
        "quota": with(json!({ "percent": [50, 75, 90, 100] })),
        "rotation_due": with(json!({ "days": 90 })),
        "idle_key": with(json!({ "days": 90 })),
        "limit_reached": plain(),
    });
    let defaults = rules.clone();
    assert_eq!(ann.get(RULES).await.body, defaults);
    let change = json!({
        "quota": { "percent": [80] },
        "idle_key": { "enabled": false, "channels": ["email"], "days": null },
    });
    let changed = put(&ann, RULES, change.clone()).await;
    rules["quota"]["percent"] = json!([80]);
    rules["idle_key"] = json!({ "enabled": false, "channels": ["email"], "days": 90 });
    assert_eq!((changed.status, &changed.body), (200, &rules));
    assert_eq!(put(&ann, RULES, json!({})).await.body, rules);
    assert_eq!(ann.get(RULES).await.body, rules);
    assert_eq!(bob.get(RULES).await.body, defaults);

    let entry = ann.get("/v1/audit-log?action=alert_settings.changed").await.body["entries"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(entry["detail"]["rules"]["quota"], json!({ "percent": [80] }), "{entry}");
}

#[tokio::test]
async fn rules_that_mean_nothing_are_refused_by_name_and_change_nothing() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let before = ann.get(RULES).await.body;
    for (body, field) in [
        (json!({ "request_spike": { "factor": 0 } }), "request_spike.factor"),
        (json!({ "request_spike": { "min_per_hour": -5 } }), "request_spike.min_per_hour"),
        (json!({ "failed_auth_burst": { "attempts": 1 } }), "failed_auth_burst.attempts"),
        (json!({ "failed_auth_burst": { "minutes": 0 } }), "failed_auth_burst.minutes"),
        (json!({ "new_network": { "after_hours": -1 } }), "new_network.after_hours"),
        (json!({ "quota": { "percent": [] } }), "quota.percent"),
        (json!({ "quota": { "percent": [50, 101] } }), "quota.percent"),
        (json!({ "quota": { "percent": [90, 50] } }), "quota.percent"),
        (json!({ "rotation_due": { "days": 0 } }), "rotation_due.days"),
        (json!({ "idle_key": { "days": i64::MAX } }), "idle_key.days"),
        (json!({ "key_exposed": { "channels": [] } }), "key_exposed.channels"),
    ] {
        let mut wish = body.clone();
        wish["limit_reached"] = json!({ "enabled": false });
        let reply = put(&ann, RULES, wish).await;
        assert_eq!((reply.status, &reply.body["errors"][0]["field"]), (422, &json!(field)));
    }
    for body in [
        json!({ "quota": { "percent": "half" } }),
        json!({ "quota": { "channels": ["pigeon"] } }),
        json!({ "quota": 50 }),
        json!({ "request_spike": { "factor": 1e300 } }),
    ] {
        assert_eq!(put(&ann, RULES, body.clone()).await.status, 400, "{body}");
    }
    assert_eq!(ann.get(RULES).await.body, before);
}

#[tokio::test]
async fn preferences_are_kept_and_change_in_part() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let mut all = json!({ "score_drop": true, "critical_issue": true, "cert_expiry": true, "config_change": true, "email": true });
    assert_eq!(ann.get(PREFERENCES).await.body, all);
    let changed = put(&ann, PREFERENCES, json!({ "cert_expiry": false })).await;
    all["cert_expiry"] = json!(false);
    assert_eq!((changed.status, &changed.body), (200, &all));
    put(&ann, PREFERENCES, json!({ "email": false })).await;
    all["email"] = json!(false);
    let app = app.restart().await;
    let ann = app.sign_in("ann@example.com").await;
    assert_eq!(ann.get(PREFERENCES).await.body, all);
    assert_eq!(put(&ann, PREFERENCES, json!({ "email": "no" })).await.status, 400);
    let bob = app.user("bob@example.com").await;
    assert_eq!(bob.get(PREFERENCES).await.body["email"], true);
}

#[tokio::test]
async fn a_usual_key_cannot_silence_alerts() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let (_, usual) = app.key(&ann, json!({ "name": "usual" })).await;
    let scopes = json!(["account:write"]);
    let (_, writer) = app.key(&ann, json!({ "name": "writer", "scopes": scopes })).await;
    for path in [RULES, PREFERENCES] {
        assert_eq!(usual.get(path).await.status, 200);
        let refused = put(&usual, path, json!({})).await;
        assert_eq!((refused.status, &refused.body["error"]), (403, &json!("insufficient_scope")));
        assert_eq!(put(&writer, path, json!({})).await.status, 200);
    }
}
