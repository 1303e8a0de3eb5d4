//! Who gets in: every state of an account and a credential against every kind of credential, and every
//! protected route, read from the description of the API, against every reason to refuse.

use model::{Plan, Scope, SubscriptionStatus};
use serde_json::{Value, json};

use crate::routes::{Route, routes};
use crate::support::{Client, PASSWORD, Reply, TestApp, roomy};

/// Routes that take from the month's scans, with a body that would be accepted.
const CHARGED: &[(&str, &str)] = &[("POST /v1/scan", r#"{"domain":"example.com"}"#)];

/// What a plan without gates does not unlock: method, path, body, and the lowest plan that does.
const GATED: &[(&str, &str, &str, &str)] = &[
    (
        "POST",
        "/v1/auth/api-keys",
        r#"{"name":"x","ip_allowlist":["192.0.2.0/24"]}"#,
        "professional",
    ),
    ("GET", "/v1/scan/jobs/1/report?format=csv", "", "starter"),
    ("GET", "/v1/scan/jobs/1/report?format=html", "", "professional"),
    ("GET", "/v1/scan/jobs/1/report?format=sarif", "", "professional"),
    ("GET", "/v1/scan/jobs/1/report?format=pdf", "", "professional"),
    ("POST", "/v1/batch/scan", r#"{"domains":["example.com"]}"#, "starter"),
    ("POST", "/v1/batch/compare", r#"{"domains":["a.example","b.example"]}"#, "starter"),
    ("GET", "/v1/audit-log?format=csv", "", "enterprise"),
    ("GET", "/v1/audit-log?format=json", "", "enterprise"),
];

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

impl Route {
    /// Asks for the thing with id 1, with a body if one would be accepted.
    async fn ask(&self, client: &Client) -> Reply {
        let name = self.name();
        let body = CHARGED.iter().find(|(charged, _)| *charged == name).map(|(_, body)| *body);
        let body = body.map(|body| serde_json::from_str::<Value>(body).unwrap());
        client.send(self.method.clone(), &self.with("1"), body).await
    }
}

fn error(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.body["error"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn every_protected_route_keeps_the_decision_table() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.put_on("ann@example.com", &roomy()).await;
    let (_, key) = app.key(&user, json!({ "name": "all", "scopes": Scope::ALL })).await;
    let operator = app.operator().await;
    let email = "ann@example.com";
    let mut routes = routes(&app).await;
    routes.retain(|route| route.is_secured);
    let refused = async |status: u16, family: &str| {
        for route in &routes {
            for client in [&user, &key] {
                let reply = route.ask(client).await;
                assert_eq!(error(&reply), (status, family), "{}", route.name());
                if status == 429 {
                    assert!(reply.header("retry-after").parse::<u32>().unwrap() >= 1);
                }
            }
        }
    };
    for lapsed in [SubscriptionStatus::Canceled, SubscriptionStatus::Unpaid] {
        operator.set_subscription(email, lapsed).await.unwrap();
        refused(401, "unauthorized").await;
    }
    operator.set_subscription(email, SubscriptionStatus::Active).await.unwrap();
    operator.suspend(email, None).await.unwrap();
    refused(403, "account_suspended").await;
    operator.disable(email, None).await.unwrap();
    refused(403, "account_disabled").await;
    operator.resume(email).await.unwrap();
    app.limit(email, 0).await;
    // What is kept for people who must end a key is used up first.
    while user.get("/v1/auth/api-keys").await.status != 429 {}
    refused(429, "rate_limit_exceeded").await;
    app.put_on(email, &roomy()).await;
    for (method, path, body, plan) in GATED {
        let body = (!body.is_empty()).then(|| serde_json::from_str::<Value>(body).unwrap());
        for client in [&user, &key] {
            let reply = client.send(method.parse().unwrap(), path, body.clone()).await;
            assert_eq!(error(&reply), (403, "plan_upgrade_required"), "{path}");
            let message = reply.body["message"].as_str().unwrap();
            assert!(message.contains(&format!("`{plan}`")), "{path}: {message}");
        }
    }
    app.put_on(email, &Plan { id: "spent".to_owned(), scans_per_month: 0, ..roomy() }).await;
    for (name, _) in CHARGED {
        let route = routes.iter().find(|route| route.name() == *name).unwrap();
        for client in [&user, &key] {
            assert_eq!(error(&route.ask(client).await), (403, "quota_exceeded"), "{name}");
        }
    }
}

#[tokio::test]
async fn every_protected_route_names_the_scope_that_a_key_lacks() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.put_on("ann@example.com", &roomy()).await;
    let scopes = Scope::ALL.iter().map(|scope| scope.as_str());
    let scopes: Vec<&str> = scopes.collect();
    for route in routes(&app).await.iter().filter(|route| route.is_secured) {
        let name = route.name();
        let Some(needed) = &route.scopes else {
            let (_, key) = app.key(&user, json!({ "name": "all", "scopes": scopes })).await;
            let reply = route.ask(&key).await;
            // What the operator sees is not even there for anybody else.
            let refusal = match route.path.starts_with("/v1/admin/") {
                true => (404, "not_found"),
                false => (403, "sign_in_required"),
            };
            let code = reply.body["code"].as_str().unwrap_or_default();
            assert_eq!((reply.status, code), refusal, "{name}");
            continue;
        };
        for missing in needed {
            let rest: Vec<_> = scopes.iter().filter(|scope| *scope != missing).collect();
            let (_, key) = app.key(&user, json!({ "name": "rest", "scopes": rest })).await;
            let reply = route.ask(&key).await;
            assert_eq!(error(&reply), (403, "insufficient_scope"), "{name} without {missing}");
            let message = reply.body["message"].as_str().unwrap();
            assert!(message.contains(&format!("`{missing}`")), "{name}: {message}");
        }
        // What the description names is enough, and one scope more than nothing is needed to have a key.
        let enough = match needed.is_empty() {
            true => json!(["webhooks:read"]),
            false => json!(needed),
        };
        let (_, key) = app.key(&user, json!({ "name": "enough", "scopes": enough })).await;
        assert_ne!(error(&route.ask(&key).await).1, "insufficient_scope", "{name}");
    }
}
