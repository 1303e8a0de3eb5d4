use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::Method;
use model::{ApiToken, DAY_MS, Role, SECOND_MS};
use serde_json::{Value, json};
use server::operator::UserOrder;

use crate::support::{Client, NOW, PASSWORD, TestApp};

const KEYS: &str = "/v1/auth/api-keys";
const REPORT: &str = "/v1/leaks/report";

/// A user whose address is confirmed, so that letters may repeat their words.
async fn confirmed(app: &TestApp, email: &str) -> Client {
    let order = UserOrder {
        email: email.to_owned(),
        name: None,
        plan: None,
        role: Role::User,
        password: Some(PASSWORD.to_owned()),
    };
    app.operator().await.create_user(order).await.unwrap();
    app.sign_in(email).await
}

/// Everything in the folder of letters, once it holds a text.
async fn letters(app: &TestApp, text: &str) -> String {
    loop {
        let mut all = String::new();
        if let Ok(folder) = std::fs::read_dir(app.config.data_dir.join("mail")) {
            for file in folder {
                all.push_str(&std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
            }
        }
        if all.contains(text) {
            return all;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn secret(client: &Client) -> String {
    client.authorization.as_deref().unwrap().strip_prefix("Bearer ").unwrap().to_owned()
}

/// Waits until a key is refused.
async fn refused(key: &Client) {
    while key.get("/v1/auth/me").await.status != 401 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn many_keys_are_revoked_together() {
    let app = TestApp::start().await;
    let user = confirmed(&app, "ann@example.com").await;
    let path = format!("{KEYS}/revoke");
    let mut keys = Vec::new();
    for number in 0..5 {
        keys.push(app.key(&user, json!({ "name": format!("key {number}") })).await);
        app.clock.advance(SECOND_MS);
    }
    let stranger = app.user("bob@example.com").await;
    let (theirs, their_key) = app.key(&stranger, json!({ "name": "theirs" })).await;
    let reply = user.post(&path, json!({ "ids": [keys[0].0, theirs, 987_654] })).await;
    assert_eq!((reply.status, reply.body), (200, json!({ "revoked": 1 })));
    let before = NOW.plus_ms(2 * SECOND_MS);
    let reply = user.post(&path, json!({ "created_before": before })).await;
    assert_eq!(reply.body, json!({ "revoked": 1 }));
    let scopes = json!(["keys:write"]);
    let (_, caller) = app.key(&user, json!({ "name": "caller", "scopes": scopes })).await;
    let reply = caller.post(&path, json!({ "all": true })).await;
    assert_eq!(reply.body, json!({ "revoked": 4 }));
    assert_eq!(caller.get("/v1/auth/me").await.status, 401);
    for (_, key) in &keys {
        assert_eq!(key.get("/v1/auth/me").await.status, 401);
    }
    assert_eq!(their_key.get("/v1/auth/me").await.status, 200);
    let letter = letters(&app, "4 API keys revoked").await;
    assert!(letter.contains("key 4") && letter.contains("To: ann@example.com"));
}

#[tokio::test]
async fn a_revocation_of_many_says_which() {
    let app = TestApp::start().await;
    let user = confirmed(&app, "ann@example.com").await;
    for (wish, field) in [
        (json!({}), "ids"),
        (json!({ "all": true, "ids": [1] }), "ids"),
        (json!({ "all": false }), "all"),
        (json!({ "ids": [] }), "ids"),
        (json!({ "ids": vec![1; 501] }), "ids"),
    ] {
        let reply = user.post(&format!("{KEYS}/revoke"), wish).await;
        assert_eq!((reply.status, &reply.body["errors"][0]["field"]), (422, &json!(field)));
    }
}

#[tokio::test]
async fn no_request_after_the_revocation_of_all_passes() {
    let app = TestApp::start().await;
    let user = confirmed(&app, "ann@example.com").await;
    app.limit("ann@example.com", i64::MAX).await;
    let mut keys = Vec::new();
    for number in 0..10 {
        keys.push(app.key(&user, json!({ "name": format!("key {number}") })).await.1);
    }
    let is_revoked = Arc::new(AtomicBool::new(false));
    let passed = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..50)
        .map(|number: usize| {
            let key = keys[number % keys.len()].clone();
            let (is_revoked, passed) = (Arc::clone(&is_revoked), Arc::clone(&passed));
            tokio::spawn(async move {
                let mut connection = key.connection().await;
                loop {
                    let was_revoked = is_revoked.load(Ordering::SeqCst);
                    let reply =
                        key.send_on(&mut connection, Method::GET, "/v1/auth/me", None).await;
                    match (was_revoked, reply.status) {
                        (false, 200) => passed.fetch_add(1, Ordering::SeqCst),
                        (false, 401) => 0,
                        (true, 401) => return,
                        (was_revoked, status) => panic!("{status}, revoked before: {was_revoked}"),
                    };
                }
            })
        })
        .collect();
    while passed.load(Ordering::SeqCst) < 100 {
        tokio::task::yield_now().await;
    }
    let reply = user.post(&format!("{KEYS}/revoke"), json!({ "all": true })).await;
    assert_eq!(reply.body, json!({ "revoked": 10 }));
    is_revoked.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test]
async fn any_key_may_read_and_end_itself() {
    let app = TestApp::start().await;
    let user = confirmed(&app, "ann@example.com").await;
    let (id, key) = app.key(&user, json!({ "name": "ci", "scopes": ["scans:read"] })).await;
    assert_eq!(key.get(&format!("{KEYS}/{id}")).await.status, 403);
    assert_eq!(key.delete(&format!("{KEYS}/{id}")).await.status, 403);
    let own = format!("{KEYS}/self");
    assert_eq!(key.get(&own).await.body["id"], json!(id));
    assert_eq!((user.get(&own).await.status, user.delete(&own).await.status), (404, 404));
    assert_eq!(key.delete(&own).await.status, 204);
    assert_eq!(key.get(&own).await.status, 401);
    let shown = user.get(&format!("{KEYS}/{id}")).await.body;
    assert_eq!(shown["revoked_by"], format!("key:{}", shown["key_id"].as_str().unwrap()));
    letters(&app, "API key revoked: ci").await;
}

#[tokio::test]
async fn a_reported_key_is_revoked_and_its_owner_told_where_it_was() {
    let app = TestApp::start().await;
    let user = confirmed(&app, "ann@example.com").await;
    app.limit("ann@example.com", i64::MAX).await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let (_, other) = app.key(&user, json!({ "name": "other" })).await;
    let anyone = app.anonymous();
    let nobodys = ApiToken::assemble("000000000000", &"0".repeat(30)).unwrap();
    // Neither the public half nor a wrong secret does anything.
    let other_id = &secret(&other)[3..15];
    let forged = ApiToken::assemble(other_id, &"0".repeat(30)).unwrap();
    let url = "https://git.example.org/x?line=3";
    let report = json!([
        { "token": nobodys.expose() }, { "token": forged.expose() }, { "token": "nonsense" },
        { "token": secret(&key), "url": url },
    ]);
    let reply = anyone.post(REPORT, report).await;
    assert_eq!((reply.status, reply.body), (202, json!("")));
    let letter = letters(&app, "Leaked API key revoked: ci").await;
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
    assert_eq!(other.get("/v1/auth/me").await.status, 200);
    assert!(letter.contains(url) && letter.contains("To: ann@example.com"));
    assert!(!letter.contains(&secret(&key)));
    let shown = user.get(&format!("{KEYS}/{id}")).await.body;
    assert_eq!((&shown["exposed_at"], &shown["revoked_by"]), (&json!(NOW), &json!("leak_report")));
    // The report is no use of the key.
    assert_eq!(shown["last_used_at"], Value::Null);

    let object = json!({ "tokens": [{ "token": secret(&other), "source": "paste" }] });
    assert_eq!(anyone.post(REPORT, object).await.status, 202);
    refused(&other).await;
    let many = json!(vec![json!({ "token": "x" }); 1001]);
    assert_eq!(anyone.post(REPORT, many).await.status, 422);
    for bad in [json!({}), json!([1]), json!([{ "url": "x" }]), json!("x")] {
        assert_eq!(anyone.post(REPORT, bad).await.status, 400);
    }
}

#[tokio::test]
async fn an_account_may_rather_be_told_than_cut_off() {
    let app = TestApp::start().await;
    let user = confirmed(&app, "ann@example.com").await;
    let policy = "/v1/settings/key-policy";
    let default = json!({ "leak_policy": "revoke", "max_lifetime_days": null });
    assert_eq!(user.get(policy).await.body, default);
    let wish = json!({ "leak_policy": "notify", "max_lifetime_days": 30 });
    let put = async |wish: Value| user.send(Method::PUT, policy, Some(wish)).await;
    assert_eq!(put(wish.clone()).await.body, wish);
    assert_eq!(user.get(policy).await.body, wish);
    for days in [0, 3651] {
        let reply = put(json!({ "leak_policy": "revoke", "max_lifetime_days": days })).await;
        assert_eq!(reply.status, 422);
    }
    assert_eq!(put(json!({ "leak_policy": "never" })).await.status, 400);

    assert_eq!(put(json!({ "leak_policy": "notify" })).await.body, wish);

    let made = user.post(KEYS, json!({ "name": "ci" })).await;
    assert_eq!(made.body["expires_at"], json!(NOW.plus_ms(30 * DAY_MS)));
    let longer = user.post(KEYS, json!({ "name": "ci", "expires_in_days": 31 })).await;
    assert_eq!((longer.status, &longer.body["errors"][0]["field"]), (422, &json!("expires_at")));
    let token = made.body["api_key"].as_str().unwrap();
    app.anonymous().post(REPORT, json!([{ "token": token }])).await;
    letters(&app, "LEAKED API key, act now: ci").await;
    assert_eq!(app.bearer(token).get("/v1/auth/me").await.status, 200);
    let hygiene = user.get(&format!("{KEYS}/hygiene")).await.body;
    assert_eq!(hygiene["findings"][0]["finding"], "exposed");
}

#[tokio::test]
async fn the_end_of_a_key_is_told_once_however_often_the_server_starts() {
    let app = TestApp::start().await;
    let user = confirmed(&app, "ann@example.com").await;
    app.key(&user, json!({ "name": "short", "expires_in_days": 20 })).await;
    app.clock.advance(10 * DAY_MS);
    letters(&app, "API key ends within 10 days: short").await;
    let app = app.restart().await;
    app.clock.advance(DAY_MS);
    let app = app.restart().await;
    app.clock.advance(6 * DAY_MS + 1);
    let all = letters(&app, "API key ends within 3 days: short").await;
    assert_eq!(all.matches("API key ends within 10 days").count(), 1);
}

#[tokio::test]
async fn nobodys_words_reach_an_address_that_is_not_confirmed() {
    let app = TestApp::start().await;
    let user = app.user("victim@example.com").await;
    let spam = "buy at spam.example";
    let made = user.post(KEYS, json!({ "name": spam })).await.body;
    let token = made["api_key"].as_str().unwrap();
    let report = json!([{ "token": token, "url": "https://spam.example" }]);
    assert_eq!(app.anonymous().post(REPORT, report).await.status, 202);
    let subject = format!("Leaked API key revoked: {}", made["key_id"].as_str().unwrap());
    let all = letters(&app, &subject).await;
    assert!(!all.contains("spam.example"), "{all}");
}
