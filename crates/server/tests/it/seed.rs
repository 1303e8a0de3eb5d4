//! The product's first promises, one function a sentence of its founding text. What is said there
//! is repeated in the name; how it works in detail stands in the other files.

use http::Method;
use model::{DAY_MS, Plan, SECOND_MS, SubscriptionStatus};
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, TestApp, roomy};
use crate::team::{join, team};

const KEYS: &str = "/v1/auth/api-keys";
const ME: &str = "/v1/auth/me";

async fn ann(app: &TestApp) -> Client {
    app.user("ann@example.com").await
}

fn key_of(client: &Client) -> String {
    let authorization = client.authorization.as_deref().unwrap();
    authorization.strip_prefix("Bearer ").unwrap().to_owned()
}

#[tokio::test]
async fn all_requests_must_include_a_valid_key_in_the_authorization_header() {
    let app = TestApp::start().await;
    let (_, key) = app.key(&ann(&app).await, json!({ "name": "ci" })).await;
    for path in [ME, KEYS, "/v1/scan/recent"] {
        assert_eq!(app.anonymous().get(path).await.status, 401, "{path}");
    }
    assert_eq!(key.get(ME).await.status, 200);
    let scheme = |authorization: String| Client {
        address: app.server.address(),
        authorization: Some(authorization),
    };
    assert_eq!(scheme(key_of(&key)).get(ME).await.status, 401, "without a scheme");
    assert_eq!(scheme(format!("Bearer {}", key_of(&key))).get(ME).await.status, 200);
}

#[tokio::test]
async fn keys_are_prefixed_with_cl_and_have_a_descriptive_name() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    for name in ["Production Server", "CI/CD Pipeline"] {
        let made = user.post(KEYS, json!({ "name": name })).await;
        assert_eq!((made.status, &made.body["name"]), (201, &json!(name)));
        assert!(made.body["api_key"].as_str().unwrap().starts_with("cl_"));
    }
    assert_eq!(user.post(KEYS, json!({})).await.status, 400, "a key without a name");
}

#[tokio::test]
async fn a_key_is_only_shown_once() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let secret = key_of(&key);
    for path in [KEYS.to_owned(), format!("{KEYS}/{id}"), ME.to_owned()] {
        for client in [&user, &key] {
            let reply = client.get(&path).await;
            assert!(!reply.body.to_string().contains(&secret[16..]), "{path} shows it again");
        }
    }
}

#[tokio::test]
async fn a_scan_is_asked_for_with_a_key_and_a_domain() {
    let app = TestApp::start().await;
    let (_, key) = app.key(&ann(&app).await, json!({ "name": "ci" })).await;
    let reply = key.post("/v1/scan", json!({ "domain": "example.com" })).await;
    assert_eq!((reply.status, &reply.body["domain"]), (200, &json!("example.com")));
    assert!(reply.body["job_id"].is_i64());
}

#[tokio::test]
async fn failed_authentication_is_401_with_the_documented_members() {
    let app = TestApp::start().await;
    let reply = app.anonymous().post("/v1/scan", json!({ "domain": "example.com" })).await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.body["error"], "unauthorized");
    assert_eq!(reply.body["message"], "Invalid or missing authentication");
    assert_eq!(reply.body["status"], 401);
}

#[tokio::test]
async fn several_keys_for_different_environments_are_managed_independently() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let mut keys = Vec::new();
    for environment in ["production", "staging", "development", "ci"] {
        let wish = json!({ "name": format!("{environment} key"), "environment": environment });
        keys.push(app.key(&user, wish).await);
    }
    let (revoked, _) = keys.remove(1);
    assert_eq!(user.delete(&format!("{KEYS}/{revoked}")).await.status, 204);
    for (_, key) in &keys {
        assert_eq!(key.get(ME).await.status, 200, "the others are not affected");
    }
}

#[tokio::test]
async fn rotating_by_hand_has_no_moment_without_a_working_key() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let (old_id, old) = app.key(&user, json!({ "name": "old" })).await;
    // Create a new key, update the application, verify the new key, revoke the old key.
    let (_, new) = app.key(&user, json!({ "name": "new" })).await;
    assert_eq!((old.get(ME).await.status, new.get(ME).await.status), (200, 200));
    assert_eq!(user.delete(&format!("{KEYS}/{old_id}")).await.status, 204);
    assert_eq!((old.get(ME).await.status, new.get(ME).await.status), (401, 200));
}

#[tokio::test]
async fn revoked_keys_stop_immediately_and_cannot_be_restored() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let path = format!("{KEYS}/{id}");
    assert_eq!(user.delete(&path).await.status, 204);
    assert_eq!(key.get(ME).await.status, 401);
    let tries: [(Method, String, Value); 3] = [
        (Method::PATCH, path.clone(), json!({ "enabled": true })),
        (Method::POST, format!("{path}/rotate"), json!({})),
        (Method::POST, format!("{path}/restore"), json!({})),
    ];
    for (method, path, body) in tries {
        let reply = user.send(method, &path, Some(body)).await;
        assert!((404..=409).contains(&reply.status), "{path}: {}", reply.body);
    }
    app.clock.advance(DAY_MS - SECOND_MS);
    let app = app.restart().await;
    let key = app.bearer(&key_of(&key));
    assert_eq!(key.get(ME).await.status, 401, "nor by a restart");
    let user = app.bearer(&key_of(&user));
    assert_eq!(user.get(&path).await.body["status"], "revoked");
}

#[tokio::test]
async fn signing_in_gives_a_token_and_the_user() {
    let app = TestApp::start().await;
    ann(&app).await;
    let sent = json!({ "email": "ann@example.com", "password": PASSWORD });
    let reply = app.anonymous().post("/v1/auth/login", sent).await;
    assert_eq!(reply.status, 200);
    assert!(reply.body["user"]["id"].is_i64());
    assert_eq!(reply.body["user"]["email"], "ann@example.com");
    assert_eq!(reply.body["user"]["plan"], "free");
    let token = reply.body["token"].as_str().unwrap();
    assert!(token.starts_with("eyJ") && token.split('.').count() == 3, "{token}");
}

#[tokio::test]
async fn a_token_stands_in_for_a_key_on_all_requests() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let document = app.anonymous().get("/openapi.json").await.body;
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            // Writes are left out: some end the session or the account.
            if method == "get" && !path.contains('{') {
                let reply = user.get(path).await;
                assert!(![401, 500].contains(&reply.status), "{path}: {}", reply.body);
                asked += 1;
            }
        }
    }
    assert!(asked > 5, "{asked}");
    let scan = user.post("/v1/scan", json!({ "domain": "example.com" })).await;
    assert_eq!(scan.status, 200, "{}", scan.body);
}

#[tokio::test]
async fn tokens_expire_after_24_hours() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    app.clock.advance(DAY_MS - SECOND_MS);
    assert_eq!(user.get(ME).await.status, 200);
    app.clock.advance(SECOND_MS);
    assert_eq!(user.get(ME).await.status, 401);
}

#[tokio::test]
async fn keys_are_due_for_rotation_after_90_days() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let (id, key) = app.key(&user, json!({ "name": "ci", "scopes": ["keys:read"] })).await;
    let path = format!("{KEYS}/{id}");
    app.clock.advance(90 * DAY_MS);
    assert_eq!(key.get(&path).await.body["rotation_due"], false);
    app.clock.advance(DAY_MS);
    assert_eq!(key.get(&path).await.body["rotation_due"], true);
}

#[tokio::test]
async fn it_can_be_reviewed_which_keys_are_being_used() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let (used, key) = app.key(&user, json!({ "name": "used" })).await;
    let (unused, _) = app.key(&user, json!({ "name": "unused" })).await;
    assert_eq!(key.get("/v1/scan/recent").await.status, 200);
    let app = app.restart().await;
    let user = app.bearer(&key_of(&user));
    let key = user.get(&format!("{KEYS}/{used}")).await.body;
    assert!(key["last_used_at"].is_string(), "{key}");
    assert_eq!(key["last_used_ip"], "127.0.0.1");
    assert_eq!(key["last_used_endpoint"], "GET /v1/scan/recent");
    let key = user.get(&format!("{KEYS}/{unused}")).await.body;
    assert_eq!(key["last_used_at"], Value::Null);
}

#[tokio::test]
async fn a_401_is_cured_by_an_active_subscription() {
    let app = TestApp::start().await;
    let (_, key) = app.key(&ann(&app).await, json!({ "name": "ci" })).await;
    let operator = app.operator().await;
    for (status, answer) in [(SubscriptionStatus::Canceled, 401), (SubscriptionStatus::Active, 200)]
    {
        operator.set_subscription("ann@example.com", status).await.unwrap();
        assert_eq!(key.get(ME).await.status, answer, "{status}");
    }
}

#[tokio::test]
async fn a_403_says_disabled_suspended_or_out_of_quota() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    app.put_on("ann@example.com", &Plan { scans_per_month: 10, ..roomy() }).await;
    let scan = || key.post("/v1/scan", json!({ "domain": "example.com" }));
    let mut last = scan().await;
    for _ in 0..10 {
        last = scan().await;
    }
    assert_eq!((last.status, &last.body["error"]), (403, &json!("quota_exceeded")));
    app.operator().await.suspend("ann@example.com", None).await.unwrap();
    let reply = scan().await;
    assert_eq!((reply.status, &reply.body["error"]), (403, &json!("account_suspended")));
}

#[tokio::test]
async fn a_403_says_that_a_higher_tier_is_needed_and_that_tier_has_it() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let wish = json!({ "name": "office", "ip_allowlist": ["127.0.0.0/8"] });
    let refused = user.post(KEYS, wish.clone()).await;
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("plan_upgrade_required")));
    let message = refused.body["message"].as_str().unwrap();
    let plan = message.split('`').nth(1).unwrap();
    app.operator().await.set_plan("ann@example.com", plan).await.unwrap();
    assert_eq!(user.post(KEYS, wish).await.status, 201);
}

#[tokio::test]
async fn a_429_says_how_long_to_wait_and_a_higher_plan_has_higher_limits() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    app.limit("ann@example.com", 4).await;
    let mut last = key.get(ME).await;
    while last.status == 200 {
        last = key.get(ME).await;
    }
    assert_eq!((last.status, &last.body["error"]), (429, &json!("rate_limit_exceeded")));
    let wait: i64 = last.header("retry-after").parse().unwrap();
    app.clock.advance((wait - 1) * SECOND_MS);
    assert_eq!(key.get(ME).await.status, 429, "not a second earlier");
    app.clock.advance(SECOND_MS);
    assert_eq!(key.get(ME).await.status, 200);
    while key.get(ME).await.status == 200 {}
    app.limit("ann@example.com", 40).await;
    assert_eq!(key.get(ME).await.status, 200, "more at once");
}

/// Asks until the answer shows what is waited for: usage is written a moment later.
async fn shows(client: &Client, path: &str, what: impl Fn(&Value) -> bool) -> Value {
    let began = std::time::Instant::now();
    loop {
        let body = client.get(path).await.body;
        if what(&body) {
            return body;
        }
        assert!(began.elapsed().as_secs() < 20, "{path} never shows it: {body}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn failed_authentication_attempts_can_be_monitored() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    user.delete(&format!("{KEYS}/{id}")).await;
    assert_eq!(key.get(ME).await.status, 401);
    let wrong = json!({ "email": "ann@example.com", "password": "wrong" });
    assert_eq!(app.anonymous().post("/v1/auth/login", wrong).await.status, 401);
    let reasons = |body: &Value| -> Vec<String> {
        let attempts = body["attempts"].as_array().unwrap().iter();
        attempts.map(|attempt| attempt["reason"].as_str().unwrap().to_owned()).collect()
    };
    let both = |body: &Value| reasons(body).len() == 2;
    let seen = reasons(&shows(&user, "/v1/usage/failed-auth", both).await);
    for reason in ["revoked", "wrong_password"] {
        assert!(seen.iter().any(|one| one == reason), "{seen:?}");
    }
}

#[tokio::test]
async fn an_unexpected_spike_stands_out_in_the_usage() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    key.get(ME).await;
    app.clock.advance(model::HOUR_MS);
    for _ in 0..60 {
        key.get(ME).await;
    }
    let requests = |body: &Value| -> Vec<i64> {
        let series = body["series"].as_array().unwrap().iter();
        series.map(|point| point["outcomes"]["ok"].as_i64().unwrap()).collect()
    };
    let path = "/v1/usage?granularity=hour&key_id=";
    let key_id = user.get(KEYS).await.body["api_keys"][0]["key_id"].clone();
    let path = format!("{path}{}", key_id.as_str().unwrap());
    let body = shows(&user, &path, |body| requests(body).iter().sum::<i64>() == 61).await;
    let hours = requests(&body);
    assert_eq!(hours[hours.len() - 2..], [1, 60]);
}

#[tokio::test]
async fn alerts_for_unusual_activity_can_be_set_up() {
    let app = TestApp::start().await;
    let user = ann(&app).await;
    let rules = "/v1/settings/alert-rules";
    assert_eq!(user.get(rules).await.body["request_spike"]["enabled"], true, "on from the start");
    let off = json!({ "expired_key_used": { "enabled": false } });
    assert_eq!(user.put(rules, off).await.status, 200);
    let (id, revoked) = app.key(&user, json!({ "name": "revoked" })).await;
    let (_, expired) = app.key(&user, json!({ "name": "expired", "expires_in_days": 1 })).await;
    user.delete(&format!("{KEYS}/{id}")).await;
    app.clock.advance(DAY_MS);
    let user = app.sign_in("ann@example.com").await;
    assert_eq!(expired.get(ME).await.status, 401);
    assert_eq!(revoked.get(ME).await.status, 401);
    let types = |body: &Value| -> Vec<String> {
        let alerts = body["alerts"].as_array().unwrap().iter();
        alerts.map(|alert| alert["alert_type"].as_str().unwrap().to_owned()).collect()
    };
    let body = shows(&user, "/v1/domains/alerts", |body| !types(body).is_empty()).await;
    assert_eq!(types(&body), ["revoked_key_used"], "what was switched off stays silent");
}

#[tokio::test]
async fn keys_are_rotated_out_when_team_members_leave_who_had_access() {
    let (app, owner) = team().await;
    let (id, member) = join(&app, &owner, "bob@example.com", "member").await;
    let (_, key) = app.key(&member, json!({ "name": "of bob" })).await;
    let path = format!("/v1/team/members/{id}");
    let asked = owner.delete(&path).await;
    assert_eq!(asked.status, 409, "what becomes of the keys must be said: {}", asked.body);
    assert_eq!(key.get(ME).await.status, 200);
    assert!((200..300).contains(&owner.delete(&format!("{path}?keys=revoke")).await.status));
    assert_eq!((key.get(ME).await.status, member.get(ME).await.status), (401, 401));
}
