//! Who gets in: every state of an account and a credential against every kind of credential.

use model::SubscriptionStatus;
use serde_json::json;

use crate::support::{Client, PASSWORD, TestApp};

async fn asks(client: &Client) -> (u16, String) {
    let reply = client.get("/v1/auth/me").await;
    (reply.status, reply.body["error"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn the_decision_table_holds_at_once_for_keys_and_tokens() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    let operator = app.operator().await;
    let login = || async {
        let sent = json!({ "email": "ann@example.com", "password": PASSWORD });
        let reply = app.anonymous().post("/v1/auth/login", sent).await;
        (reply.status, reply.body["error"].as_str().unwrap_or_default().to_owned())
    };
    let subscription = |status| operator.set_subscription("ann@example.com", status);
    let expect = |status: u16, error: &str| (status, error.to_owned());

    for (status, outcome) in [
        (SubscriptionStatus::Active, expect(200, "")),
        (SubscriptionStatus::Trialing, expect(200, "")),
        (SubscriptionStatus::PastDue, expect(200, "")),
        (SubscriptionStatus::Canceled, expect(401, "unauthorized")),
        (SubscriptionStatus::Unpaid, expect(401, "unauthorized")),
    ] {
        subscription(status).await.unwrap();
        for answer in [asks(&key).await, asks(&user).await, login().await] {
            assert_eq!(answer, outcome, "{status}");
        }
    }

    operator.suspend("ann@example.com", Some("abuse")).await.unwrap();
    // A lapsed subscription goes before a suspension: it tells less.
    assert_eq!(asks(&key).await, expect(401, "unauthorized"));
    subscription(SubscriptionStatus::Active).await.unwrap();
    for answer in [asks(&key).await, asks(&user).await, login().await] {
        assert_eq!(answer, expect(403, "account_suspended"));
    }
    // Who does not know the password learns nothing of it.
    let sent = json!({ "email": "ann@example.com", "password": "wrong" });
    assert_eq!(app.anonymous().post("/v1/auth/login", sent).await.status, 401);

    app.clock.advance(model::SECOND_MS);

    operator.disable("ann@example.com", Some("fraud")).await.unwrap();
    for answer in [asks(&key).await, asks(&user).await, login().await] {
        assert_eq!(answer, expect(403, "account_disabled"));
    }

    operator.resume("ann@example.com").await.unwrap();
    for answer in [asks(&key).await, asks(&user).await, login().await] {
        assert_eq!(answer, expect(200, ""));
    }

    operator.set_plan("ann@example.com", "starter").await.unwrap();
    assert_eq!(key.get("/v1/auth/me").await.body["plan"], "starter");
}

#[tokio::test]
async fn every_refusal_of_a_credential_is_the_same() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let mut refused = vec![app.bearer("cl_your_api_key_here"), app.bearer("a.b.c")];
    let (id, revoked) = app.key(&user, json!({ "name": "revoked" })).await;
    user.delete(&format!("/v1/auth/api-keys/{id}")).await;
    refused.push(revoked);
    let (id, disabled) = app.key(&user, json!({ "name": "disabled" })).await;
    user.patch(&format!("/v1/auth/api-keys/{id}"), json!({ "enabled": false })).await;
    refused.push(disabled);
    let (_, expired) = app.key(&user, json!({ "name": "expired", "expires_in_days": 1 })).await;
    app.clock.advance(model::DAY_MS);
    refused.push(expired);
    refused.push(user);

    let seen = app.anonymous().get("/v1/auth/me").await;
    assert_eq!(seen.status, 401);
    let mut body = seen.constant();
    assert_eq!(body["error"], "unauthorized");
    assert_eq!(body["message"], "Invalid or missing authentication");
    assert_eq!(body["status"], 401);
    for client in refused {
        let reply = client.get("/v1/auth/me").await;
        assert_eq!((reply.status, reply.constant()), (401, body.take()));
        body = reply.constant();
    }
}
