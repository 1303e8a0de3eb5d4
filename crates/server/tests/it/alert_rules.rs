//! Alerts of unusual use: each rule fires once, holds its tongue, and fires again when it may.

use std::time::{Duration, Instant};

use http::{Method, Request};
use model::{ApiToken, DAY_MS, HOUR_MS, MINUTE_MS, Plan, SECOND_MS};
use serde_json::{Value, json};

use crate::support::{Client, TestApp, roomy};

/// Lets a minute pass and waits until the use of the service was looked at.
async fn watch(app: &TestApp) {
    // A job that runs while the clock is moved would lose its lease and run twice.
    app.idle().await;
    app.clock.advance(MINUTE_MS);
    looked_at(app).await;
}

/// Waits until the use of the service was looked at.
async fn looked_at(app: &TestApp) {
    let store = app.store().await;
    let began = Instant::now();
    while store.watched_until().await.unwrap() < app.clock.now() {
        assert!(began.elapsed() < Duration::from_secs(10), "nobody looks");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    store.close().await;
    app.idle().await;
}

/// The alerts of a type, the newest first.
async fn alerts(app: &TestApp, email: &str, alert_type: &str) -> Vec<Value> {
    let owner = app.sign_in(email).await;
    let reply = owner.get(&format!("/v1/domains/alerts?limit=100&type={alert_type}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body["alerts"].as_array().unwrap().clone()
}

/// Waits until there are that many alerts of a type and their letters are written.
async fn told(app: &TestApp, alert_type: &str, count: usize) -> Vec<Value> {
    let began = Instant::now();
    loop {
        let found = alerts(app, ANN, alert_type).await;
        if found.len() >= count {
            assert_eq!(found.len(), count, "{found:?}");
            app.idle().await;
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{alert_type} is not told: {found:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn ask(client: &Client, times: usize) {
    let mut connection = client.connection().await;
    for _ in 0..times {
        let reply = client.send_on(&mut connection, Method::GET, "/v1/auth/me", None).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
}

/// Somebody who knows a key's public half and no more.
fn guesser(app: &TestApp, key: &Client) -> Client {
    let token = key.authorization.as_deref().unwrap().trim_start_matches("Bearer ");
    let forged = ApiToken::assemble(&token[3..15], &"0".repeat(30)).unwrap();
    app.bearer(forged.expose())
}

async fn guess(client: &Client, times: usize) {
    for _ in 0..times {
        assert_eq!(client.get("/v1/auth/me").await.status, 401);
    }
}

async fn put(client: &Client, path: &str, body: Value) {
    assert_eq!(client.send(Method::PUT, path, Some(body)).await.status, 200);
}

const ANN: &str = "ann@example.com";

/// Ann with a plan that limits nothing, and a key of hers that is older than a day and known here.
async fn settled(app: &TestApp) -> (Client, Client) {
    let ann = app.user(ANN).await;
    app.limit(ANN, 1_000_000).await;
    let (_, key) = app.key(&ann, json!({ "name": "ci" })).await;
    ask(&key, 1).await;
    watch(app).await;
    app.clock.advance(DAY_MS + HOUR_MS);
    (app.sign_in(ANN).await, key)
}

#[tokio::test]
async fn a_spike_is_told_once_a_day_and_again_after_it_was_over() {
    let app = TestApp::start().await;
    let (_, key) = settled(&app).await;
    ask(&key, 100).await;
    watch(&app).await;
    assert!(alerts(&app, ANN, "request_spike").await.is_empty(), "100 are never too many");
    ask(&key, 1).await;
    watch(&app).await;
    let told = alerts(&app, ANN, "request_spike").await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["old_value"], &told[0]["new_value"]), (&json!("1"), &json!("101")));
    assert!(told[0]["title"].as_str().unwrap().ends_with(": ci"), "{}", told[0]);
    let letter = app.letter(ANN, "Many more requests than usual", 1).await;
    assert!(letter.contains(told[0]["key_id"].as_str().unwrap()), "{letter}");
    // It lasts, over a restart too.
    ask(&key, 50).await;
    watch(&app).await;
    let app = app.restart().await;
    let key = app.bearer(key.authorization.as_deref().unwrap().trim_start_matches("Bearer "));
    ask(&key, 50).await;
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "request_spike").await.len(), 1);
    // Over and up again on the same day: enough was said.
    app.clock.advance(HOUR_MS);
    looked_at(&app).await;
    ask(&key, 120).await;
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "request_spike").await.len(), 1);
    // The day after the usual is more, so it takes more.
    app.clock.advance(DAY_MS - 2 * MINUTE_MS);
    looked_at(&app).await;
    ask(&key, 300).await;
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "request_spike").await.len(), 1, "the usual is half of 201");
    ask(&key, 20).await;
    watch(&app).await;
    let told = alerts(&app, ANN, "request_spike").await;
    assert_eq!((told.len(), &told[0]["old_value"]), (2, &json!("100")));
}

#[tokio::test]
async fn a_new_key_and_a_quiet_account_raise_nothing() {
    let app = TestApp::start().await;
    let ann = app.user(ANN).await;
    app.limit(ANN, 1_000_000).await;
    let (_, key) = app.key(&ann, json!({ "name": "ci" })).await;
    ask(&key, 150).await;
    guess(&guesser(&app, &key), 19).await;
    watch(&app).await;
    for _ in 0..5 {
        app.clock.advance(6 * HOUR_MS);
        ask(&key, 20).await;
        looked_at(&app).await;
    }
    let owner = app.sign_in(ANN).await;
    assert_eq!(owner.get("/v1/domains/alerts").await.body["alerts"], json!([]));
    assert!(app.letters(ANN, "A ").is_empty() && app.letters(ANN, "Many").is_empty());
}

#[tokio::test]
async fn a_burst_of_refused_credentials_is_told_once_until_it_is_over() {
    let app = TestApp::start().await;
    let (_, key) = settled(&app).await;
    let guesser = guesser(&app, &key);
    guess(&guesser, 10).await;
    watch(&app).await;
    guess(&guesser, 9).await;
    watch(&app).await;
    assert!(alerts(&app, ANN, "failed_auth_burst").await.is_empty());
    guess(&guesser, 1).await;
    watch(&app).await;
    let told = alerts(&app, ANN, "failed_auth_burst").await;
    assert_eq!((told.len(), &told[0]["new_value"]), (1, &json!("20")));
    assert!(told[0]["message"].as_str().unwrap().contains("(unknown_secret 20)"), "{}", told[0]);
    for _ in 0..3 {
        guess(&guesser, 30).await;
        watch(&app).await;
    }
    assert_eq!(alerts(&app, ANN, "failed_auth_burst").await.len(), 1);
    // It goes on into the next day: the same burst is not told of again.
    for _ in 0..2 {
        app.clock.advance(DAY_MS);
        guess(&guesser, 30).await;
        looked_at(&app).await;
    }
    assert_eq!(alerts(&app, ANN, "failed_auth_burst").await.len(), 1);
    // Silence lets it fire again.
    for _ in 0..2 {
        app.clock.advance(20 * MINUTE_MS);
        looked_at(&app).await;
    }
    guess(&guesser, 20).await;
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "failed_auth_burst").await.len(), 2);
    assert_eq!(app.letters(ANN, "Many failed attempts to get in: ").len(), 2);
}

#[tokio::test]
async fn a_flood_with_a_dead_key_is_one_alert_and_hides_no_guesses() {
    let app = TestApp::start().await;
    let (ann, key) = settled(&app).await;
    let keys = ann.get("/v1/auth/api-keys").await.body;
    let id = keys["api_keys"][0]["id"].as_i64().unwrap();
    assert_eq!(ann.delete(&format!("/v1/auth/api-keys/{id}")).await.status, 204);
    guess(&key, 1_000).await;
    told(&app, "revoked_key_used", 1).await;
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "revoked_key_used").await.len(), 1);
    let owner = app.sign_in(ANN).await;
    assert_eq!(owner.get("/v1/domains/alerts").await.body["alerts"].as_array().unwrap().len(), 1);
    guess(&guesser(&app, &key), 20).await;
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "failed_auth_burst").await.len(), 1);
}

#[tokio::test]
async fn a_new_network_is_told_of_and_the_next_one_tomorrow() {
    let app = TestApp::with(&[("server.trusted_proxies", "127.0.0.1")]).await;
    let ann = app.user(ANN).await;
    let (id, key) = app.key(&ann, json!({ "name": "ci" })).await;
    let from = |client: &Client, address: &'static str| {
        let client = client.clone();
        async move {
            let request = Request::get("/v1/auth/me")
                .header("authorization", client.authorization.as_deref().unwrap())
                .header("x-forwarded-for", address);
            assert_eq!(client.raw(request.body(Default::default()).unwrap()).await.status, 200);
        }
    };
    from(&key, "192.0.2.1").await;
    watch(&app).await;
    app.clock.advance(DAY_MS);
    from(&key, "192.0.2.200").await;
    watch(&app).await;
    assert!(alerts(&app, ANN, "new_network").await.is_empty(), "the same network");
    from(&key, "198.51.100.7").await;
    watch(&app).await;
    let told = alerts(&app, ANN, "new_network").await;
    assert_eq!((told.len(), &told[0]["new_value"]), (1, &json!("198.51.100.0/24")));
    from(&key, "198.51.100.9").await;
    from(&key, "2001:db8:1:2::3").await;
    from(&key, "203.0.113.1").await;
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "new_network").await.len(), 1);
    app.clock.advance(DAY_MS);
    looked_at(&app).await;
    let told = alerts(&app, ANN, "new_network").await;
    assert_eq!(told.len(), 2);
    let networks = told[0]["new_value"].as_str().unwrap();
    assert!(
        networks.contains("2001:db8:1::/48") && networks.contains("203.0.113.0/24"),
        "{networks}"
    );
    // A successor is at home where its predecessor was.
    let ann = app.sign_in(ANN).await;
    let reply = ann.post(&format!("/v1/auth/api-keys/{id}/rotate"), json!({})).await;
    let successor = app.bearer(reply.body["api_key"].as_str().unwrap());
    app.clock.advance(2 * DAY_MS);
    from(&successor, "203.0.113.8").await;
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "new_network").await.len(), 2);
}

#[tokio::test]
async fn the_first_refusal_of_a_day_by_the_plan_is_told() {
    let app = TestApp::start().await;
    let ann = app.user(ANN).await;
    let (_, key) = app.key(&ann, json!({ "name": "ci" })).await;
    app.limit(ANN, 5).await;
    let refused = async || {
        let mut refused = 0;
        while refused < 3 {
            refused += usize::from(key.get("/v1/auth/me").await.status == 429);
        }
    };
    refused().await;
    app.clock.advance(5 * SECOND_MS);
    watch(&app).await;
    let told = alerts(&app, ANN, "limit_reached").await;
    assert_eq!((told.len(), &told[0]["new_value"]), (1, &json!("3")));
    refused().await;
    app.clock.advance(5 * SECOND_MS);
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "limit_reached").await.len(), 1);
    app.clock.advance(DAY_MS);
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "limit_reached").await.len(), 1);
    refused().await;
    app.clock.advance(5 * SECOND_MS);
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "limit_reached").await.len(), 2);
    assert_eq!(app.letters(ANN, "A limit of your plan was reached").len(), 2);
}

#[tokio::test]
async fn each_line_of_the_quota_is_told_once_a_month() {
    let app = TestApp::start().await;
    let ann = app.user(ANN).await;
    let plan = Plan { id: "four".to_owned(), scans_per_month: 4, ..roomy() };
    app.put_on(ANN, &plan).await;
    let mut titles = Vec::new();
    for (status, most) in [(200, 0), (200, 1), (200, 2), (200, 3), (403, 3), (403, 3)] {
        let reply = ann.post("/v1/scan", json!({ "domain": "example.com" })).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        let found = told(&app, "quota", most).await;
        titles = found.iter().map(|alert| alert["title"].clone()).collect();
    }
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "quota").await.len(), 3);
    let line = |percent: i64| json!(format!("{percent} % of the month's scans are used"));
    assert_eq!(titles, [line(100), line(75), line(50)]);
    assert_eq!(
        alerts(&app, ANN, "limit_reached").await.len(),
        1,
        "the month's scans are a limit too"
    );
}

#[tokio::test]
async fn an_old_and_idle_key_is_told_of() {
    let app = TestApp::start().await;
    let ann = app.user(ANN).await;
    let (_, key) = app.key(&ann, json!({ "name": "ci" })).await;
    app.key(&ann, json!({ "name": "spare" })).await;
    put(&ann, "/v1/settings/alert-rules", json!({ "idle_key": { "days": 30 } })).await;
    app.clock.advance(31 * DAY_MS);
    looked_at(&app).await;
    app.letter(ANN, "A key is not used any more: ", 2).await;
    ask(&key, 1).await;
    for _ in 0..3 {
        app.clock.advance(20 * DAY_MS);
        looked_at(&app).await;
    }
    // The one that was used in between has become idle again.
    told(&app, "idle_key", 3).await;
    told(&app, "rotation_due", 2).await;
    // Its letter is the reminder, and no second one.
    app.letter(ANN, "Rotate your API key: ", 2).await;
    assert!(app.letters(ANN, "A key is due for rotation").is_empty());
}

#[tokio::test]
async fn a_reported_key_raises_an_alert_beside_its_letter() {
    let app = TestApp::start().await;
    let (_, key) = settled(&app).await;
    let token = key.authorization.as_deref().unwrap().trim_start_matches("Bearer ");
    let report = json!([{ "token": token, "url": "https://git.example.org/x" }]);
    assert_eq!(app.anonymous().post("/v1/leaks/report", report.clone()).await.status, 202);
    app.letter(ANN, "Leaked API key revoked", 1).await;
    assert_eq!(app.anonymous().post("/v1/leaks/report", report).await.status, 202);
    watch(&app).await;
    let told = alerts(&app, ANN, "key_exposed").await;
    assert_eq!((told.len(), &told[0]["severity"]), (1, &json!("critical")));
    assert!(app.letters(ANN, "A key was reported").is_empty());
}

#[tokio::test]
async fn a_rule_that_is_off_is_silent_and_can_be_switched_on() {
    let app = TestApp::start().await;
    let (ann, key) = settled(&app).await;
    let off = json!({ "enabled": false });
    let rules = "/v1/settings/alert-rules";
    let names = ["revoked_key_used", "failed_auth_burst", "request_spike", "limit_reached"];
    let all: Value = names.map(|name| (name.to_owned(), off.clone())).into_iter().collect();
    put(&ann, rules, all).await;
    ask(&key, 150).await;
    guess(&guesser(&app, &key), 25).await;
    let id = ann.get("/v1/auth/api-keys").await.body["api_keys"][0]["id"].clone();
    ann.delete(&format!("/v1/auth/api-keys/{id}")).await;
    guess(&key, 1).await;
    watch(&app).await;
    let owner = app.sign_in(ANN).await;
    assert_eq!(owner.get("/v1/domains/alerts").await.body["alerts"], json!([]));
    put(&owner, rules, json!({ "revoked_key_used": { "enabled": true } })).await;
    guess(&key, 1).await;
    watch(&app).await;
    assert_eq!(alerts(&app, ANN, "revoked_key_used").await.len(), 1);
    assert!(alerts(&app, ANN, "failed_auth_burst").await.is_empty());
}

#[tokio::test]
async fn alerts_go_where_the_account_wants_them() {
    let app = TestApp::start().await;
    let ann = app.user(ANN).await;
    let dead = async |name: &str, channels: Value, count: usize| {
        let rule = json!({ "revoked_key_used": { "channels": channels } });
        put(&ann, "/v1/settings/alert-rules", rule).await;
        let (id, key) = app.key(&ann, json!({ "name": name })).await;
        ann.delete(&format!("/v1/auth/api-keys/{id}")).await;
        guess(&key, 1).await;
        told(&app, "revoked_key_used", count).await;
    };
    let letters = || app.letters(ANN, "A key that is revoked was used").len();
    dead("both", json!(["email", "dashboard"]), 1).await;
    dead("list", json!(["dashboard"]), 2).await;
    assert_eq!(letters(), 1);
    dead("mail", json!(["email"]), 3).await;
    assert_eq!(letters(), 2);
    put(&ann, "/v1/settings/alert-preferences", json!({ "email": false })).await;
    dead("no mail", json!(["email", "dashboard"]), 4).await;
    assert_eq!(letters(), 2);
    let found = alerts(&app, ANN, "revoked_key_used").await;
    let read: Vec<_> = found.iter().map(|alert| alert["is_read"].as_bool().unwrap()).collect();
    assert_eq!(read, [false, true, false, false]);
}

#[tokio::test]
async fn a_key_gets_one_letter_a_day_and_the_rest_comes_in_one_the_day_after() {
    let app = TestApp::start().await;
    let (ann, key) = settled(&app).await;
    guess(&guesser(&app, &key), 20).await;
    watch(&app).await;
    ask(&key, 101).await;
    watch(&app).await;
    let mut keys = Vec::new();
    for number in 0..12 {
        let (id, dead) = app.key(&ann, json!({ "name": format!("key {number}") })).await;
        keys.push(id);
        ann.delete(&format!("/v1/auth/api-keys/{id}")).await;
        guess(&dead, 1).await;
    }
    told(&app, "revoked_key_used", 12).await;
    let of_alerts = || {
        ["Many failed", "Many more", "A key that is"].map(|subject| app.letters(ANN, subject).len())
    };
    assert_eq!(of_alerts(), [1, 0, 9], "one about the key, ten in all");
    assert!(app.letters(ANN, "More alerts").is_empty());
    app.clock.advance(DAY_MS);
    looked_at(&app).await;
    let digest = app.letter(ANN, "More alerts of your account", 1).await;
    assert!(digest.contains("101 requests with"), "{digest}");
    assert_eq!(digest.matches("The whole secret of").count(), 3, "{digest}");
    watch(&app).await;
    assert_eq!((of_alerts(), app.letters(ANN, "More alerts").len()), ([1, 0, 9], 1));
}
