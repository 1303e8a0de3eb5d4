//! Usage: what was asked, how it ended, and who was refused.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use model::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

/// Asks until the answer shows what is waited for: usage is written a moment after the answer.
async fn until(client: &Client, path: &str, shows: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let reply = client.get(path).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        if shows(&reply.body) {
            return reply.body;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "it never shows: {}", reply.body);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn named(client: &Client, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::get(path);
    if let Some(authorization) = &client.authorization {
        request = request.header("authorization", authorization);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.raw(request.body(Full::new(Bytes::new())).unwrap()).await
}

fn of_key(body: &Value, id: i64) -> Value {
    let keys = body["keys"].as_array().unwrap();
    keys.iter().find(|key| key["id"] == id).cloned().unwrap_or(Value::Null)
}

#[tokio::test]
async fn three_keys_and_four_outcomes_are_counted_exactly() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", 1_000).await;
    let mut keys = Vec::new();
    for (number, name) in [(1, "one"), (2, "two"), (3, "three")] {
        let wish = json!({ "name": name, "scopes": ["account:read"] });
        let (id, key) = app.key(&user, wish).await;
        let wrong = key.authorization.clone().unwrap();
        for _ in 0..number {
            assert_eq!(key.get("/v1/auth/me").await.status, 200);
            assert_eq!(key.get("/v1/scan/history").await.status, 403);
            assert_eq!(key.get("/v1/usage?granularity=year").await.status, 422);
        }
        user.delete(&format!("/v1/auth/api-keys/{id}")).await;
        for _ in 0..number {
            assert_eq!(key.get("/v1/auth/me").await.status, 401, "{wrong}");
        }
        keys.push((id, number));
    }
    // The parts of an answer are read one after the other: wait until all of them are there.
    let whole = |body: &Value| {
        of_key(body, keys[2].0)["requests"] == 12 && body["totals"]["p95_ms"].is_f64()
    };
    let body = until(&user, "/v1/usage", whole).await;
    for (id, number) in &keys {
        let key = of_key(&body, *id);
        let outcomes = &key["outcomes"];
        assert_eq!(key["requests"], 4 * number, "{key}");
        for outcome in ["ok", "forbidden", "client_error", "unauthorized"] {
            assert_eq!(outcomes[outcome], *number, "{outcome}: {key}");
        }
        let one = user.get(&format!("/v1/auth/api-keys/{id}/usage?granularity=minute")).await.body;
        assert_eq!(
            (&one["totals"]["requests"], &one["totals"]["outcomes"]),
            (&json!(4 * number), outcomes)
        );
        assert_eq!(one["networks"][0]["network"], "127.0.0.0/24", "{one}");
    }
    assert!(
        body["totals"]["p95_ms"].as_f64().unwrap() >= body["totals"]["p50_ms"].as_f64().unwrap()
    );
    assert_eq!(body["quota"]["resets_at"], "2026-12-01T00:00:00.000Z");
    // Filters leave what they say.
    let ok = user.get("/v1/usage?outcome=ok&endpoint=/v1/auth/me").await.body;
    assert_eq!(ok["totals"]["outcomes"]["ok"], 6, "{ok}");
    assert_eq!(ok["totals"]["requests"], 6);
    let none = user.get("/v1/usage?key_id=none&endpoint=GET%20/v1/auth/me").await.body;
    assert_eq!(none["totals"]["requests"], 0, "{none}");
}

#[tokio::test]
async fn a_series_has_every_period_and_a_request_stands_in_one() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci", "scopes": ["account:read"] })).await;
    // NOW is 08:31:36; the last millisecond of the hour, then the first of the next.
    let to_end = HOUR_MS - (31 * 60 + 36) * 1_000 - 1;
    app.clock.advance(to_end);
    key.get("/v1/auth/me").await;
    app.clock.advance(1);
    key.get("/v1/auth/me").await;
    key.get("/v1/auth/me").await;
    let path = "/v1/usage?granularity=hour&endpoint=/v1/auth/me\
                &from=2026-11-24T07:00:00Z&to=2026-11-24T11:00:00Z";
    let body = until(&user, path, |body| body["totals"]["requests"] == 3).await;
    let series = body["series"].as_array().unwrap();
    let shown: Vec<_> = series
        .iter()
        .map(|point| (point["starts_at"].as_str().unwrap(), point["requests"].as_i64().unwrap()))
        .collect();
    assert_eq!(
        shown,
        [
            ("2026-11-24T07:00:00.000Z", 0),
            ("2026-11-24T08:00:00.000Z", 1),
            ("2026-11-24T09:00:00.000Z", 2),
            ("2026-11-24T10:00:00.000Z", 0),
        ]
    );
    let later = "/v1/usage?granularity=hour&endpoint=/v1/auth/me&from=2026-11-24T09:00:00Z&to=2026-11-24T10:00:00Z";
    let body = user.get(later).await.body;
    assert_eq!(
        (&body["totals"]["requests"], &body["previous"]["requests"]),
        (&json!(2), &json!(1))
    );
    for bad in [
        "granularity=hour&from=2026-11-24T09:00:00Z&to=2026-11-24T09:00:00Z",
        "granularity=minute&from=2026-01-01T00:00:00Z",
    ] {
        assert_eq!(user.get(&format!("/v1/usage?{bad}")).await.status, 422, "{bad}");
    }
}

#[tokio::test]
async fn nobody_sees_the_use_of_another_account() {
    let app = TestApp::start().await;
    let owner = app.user("ann@example.com").await;
    let (id, key) = app.key(&owner, json!({ "name": "ci" })).await;
    key.get("/v1/auth/me").await;
    owner.delete(&format!("/v1/auth/api-keys/{id}")).await;
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
    until(&owner, "/v1/usage/failed-auth", |body| body["attempts"][0]["attempts"] == 1).await;
    let stranger = app.user("bob@example.com").await;
    let key_id = &key.authorization.as_deref().unwrap()[7..22];
    for path in
        ["/v1/usage/failed-auth".to_owned(), format!("/v1/usage/failed-auth?key_id={key_id}")]
    {
        assert_eq!(stranger.get(&path).await.body["attempts"], json!([]));
    }
    let requests = stranger.get(&format!("/v1/usage/requests?key_id={key_id}")).await.body;
    assert_eq!(requests["requests"], json!([]));
    let usage = stranger.get(&format!("/v1/usage?key_id={key_id}")).await.body;
    assert_eq!((&usage["totals"]["requests"], &usage["keys"]), (&json!(0), &json!([])));
    assert_eq!(stranger.get(&format!("/v1/auth/api-keys/{id}/usage")).await.status, 404);
}

#[tokio::test]
async fn the_log_shows_requests_and_no_secret() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    let token = key.authorization.as_deref().unwrap()[7..].to_owned();
    let jwt = user.authorization.as_deref().unwrap()[7..].to_owned();
    named(
        &key,
        &format!("/v1/scan/jobs/{token}?key={token}&token={jwt}"),
        &[("user-agent", &format!("bot/1 {token} {jwt}")), ("x-request-id", "find-me")],
    )
    .await;
    named(&key, "/v1/auth/me", &[("user-agent", "=cmd('calc')!A1")]).await;
    let body = until(&user, "/v1/usage/requests?path=/v1/auth/me", |body| {
        body["requests"][0]["status"] == 200
    })
    .await;
    assert_eq!(body["requests"][0]["agent"], "=cmd('calc')!A1");
    let found = user.get("/v1/usage/requests?request_id=find-me").await.body;
    let request = &found["requests"][0];
    assert_eq!(
        (&request["path"], &request["status"], &request["ip"]),
        (&json!("/v1/scan/jobs/{job_id}"), &json!(404), &json!("127.0.0.1"))
    );
    assert_eq!(request["agent"].as_str().unwrap().replace("[redacted]", "*"), "bot/1 * *");
    assert_eq!(found["requests"].as_array().unwrap().len(), 1);

    let table = named(&user, "/v1/usage/requests", &[("accept", "text/csv")]).await;
    assert!(table.header("content-type").starts_with("text/csv"), "{table:?}");
    assert!(table.text().starts_with("at,method,path,status,outcome,"), "{}", table.text());
    assert!(table.text().contains(",\"'=cmd('calc')!A1\","), "{}", table.text());
    let secrets = [&token[16..], &jwt[30..60]];
    assert!(secrets.iter().all(|secret| !table.text().contains(secret)), "{}", table.text());
    // No file of the database has them either.
    let app = app.restart().await;
    for file in std::fs::read_dir(&app.config.data_dir).unwrap() {
        let path = file.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{}", path.display());
    }
}

#[tokio::test]
async fn pages_of_the_log_lead_through_all_of_it_once() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    let key_id = key.authorization.as_deref().unwrap()[7..22].to_owned();
    for number in 0..7 {
        app.clock.advance(number % 2);
        named(&key, "/v1/auth/me", &[("x-request-id", &format!("n{number}"))]).await;
    }
    let path = format!("/v1/usage/requests?key_id={key_id}&limit=3");
    until(&user, &format!("/v1/usage/requests?key_id={key_id}"), |body| {
        body["requests"].as_array().unwrap().len() == 7
    })
    .await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let body = user.get(&format!("{path}{cursor}")).await.body;
        let page = body["requests"].as_array().unwrap().clone();
        seen.extend(page.iter().map(|request| request["request_id"].as_str().unwrap().to_owned()));
        let Some(next) = body["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["n6", "n5", "n4", "n3", "n2", "n1", "n0"]);
}

#[tokio::test]
async fn what_was_refused_is_shown_by_key_and_by_address() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    user.delete(&format!("/v1/auth/api-keys/{id}")).await;
    for _ in 0..30 {
        named(&key, "/v1/auth/me", &[("user-agent", "=cmd()")]).await;
    }
    let wrong = json!({ "email": "ann@example.com", "password": "a wrong password of mine" });
    for _ in 0..2 {
        assert_eq!(app.anonymous().post("/v1/auth/login", wrong.clone()).await.status, 401);
        app.clock.advance(model::SECOND_MS);
    }
    let sum = |body: &Value| -> i64 {
        body["attempts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["attempts"].as_i64().unwrap())
            .sum()
    };
    let body = until(&user, "/v1/usage/failed-auth", |body| sum(body) == 32).await;
    // A burst within one minute is one row of each kind.
    assert_eq!(body["attempts"].as_array().unwrap().len(), 2, "{body}");
    let password = user.get("/v1/usage/failed-auth?reason=wrong_password").await.body;
    assert_eq!((&password["attempts"][0]["email"], sum(&password)), (&json!("ann@example.com"), 2));
    let by_ip = user.get("/v1/usage/failed-auth?group_by=ip").await.body;
    assert_eq!(
        (&by_ip["groups"][0]["ip"], &by_ip["groups"][0]["attempts"]),
        (&json!("127.0.0.1"), &json!(32))
    );
    let by_key = user.get("/v1/usage/failed-auth?group_by=key").await.body;
    assert_eq!(by_key["groups"][0]["attempts"], 30);
    let table = named(&user, "/v1/usage/failed-auth", &[("accept", "text/csv")]).await;
    assert!(
        table.text().contains(",30,revoked,cl_") && table.text().contains("'=cmd()"),
        "{}",
        table.text()
    );
}

#[tokio::test]
async fn a_shutdown_writes_what_waits_and_a_restart_loses_nothing() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    for _ in 0..20 {
        user.get("/v1/auth/me").await;
    }
    let app = app.restart().await;
    let user = app.bearer(&user.authorization.as_deref().unwrap()[7..]);
    let body = user.get("/v1/usage?endpoint=/v1/auth/me").await.body;
    assert_eq!(body["totals"]["requests"], 20);
}

#[tokio::test]
async fn retention_takes_what_is_due_and_nothing_else() {
    let app = TestApp::with(&[
        ("usage.request_log_days", "2"),
        ("usage.minute_hours", "5"),
        ("usage.hour_days", "3"),
    ])
    .await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", 1_000_000).await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    key.get("/v1/auth/me").await;
    let me = |granularity: &str| {
        format!(
            "/v1/usage?endpoint=/v1/auth/me&granularity={granularity}&from=2026-11-24T08:00:00Z&to=2026-11-24T09:00:00Z"
        )
    };
    until(&user, &me("minute"), |body| body["totals"]["requests"] == 1).await;
    let old = "/v1/usage/requests?path=/v1/auth/me&to=2026-11-24T09:00:00Z";
    let shows = async |client: &Client| -> (Value, Value, Value, usize) {
        let totals = async |granularity: &str| {
            client.get(&me(granularity)).await.body["totals"]["requests"].clone()
        };
        let requests = client.get(old).await.body["requests"].as_array().unwrap().len();
        (totals("minute").await, totals("hour").await, totals("day").await, requests)
    };
    for (later, expected) in [
        (4 * HOUR_MS, (1, 1, 1, 1)),
        (2 * HOUR_MS, (0, 1, 1, 1)),
        (2 * DAY_MS, (0, 1, 1, 0)),
        (DAY_MS, (0, 0, 1, 0)),
    ] {
        app.clock.advance(later);
        let client = app.sign_in("ann@example.com").await;
        let (minute, hour, day, requests) = expected;
        let expected = (json!(minute), json!(hour), json!(day), requests);
        let began = Instant::now();
        // The clean-up comes by itself within an hour.
        while shows(&client).await != expected {
            assert!(began.elapsed() < Duration::from_secs(10), "{:?}", shows(&client).await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        app.idle().await;
        assert_eq!(shows(&client).await, expected);
    }
}

#[tokio::test]
async fn an_instance_may_keep_less_of_people() {
    let app = TestApp::with(&[("usage.store_ip", "truncated")]).await;
    let user = app.user("ann@example.com").await;
    user.get("/v1/auth/me").await;
    let body =
        until(&user, "/v1/usage/requests?path=/v1/auth/me", |body| body["requests"][0].is_object())
            .await;
    assert_eq!(body["requests"][0]["ip"], "127.0.0.0");
    let app = TestApp::with(&[("usage.request_log", "false")]).await;
    let user = app.user("ann@example.com").await;
    user.get("/v1/auth/me").await;
    until(&user, "/v1/usage", |body| body["totals"]["requests"].as_i64() > Some(0)).await;
    assert_eq!(user.get("/v1/usage/requests").await.body["requests"], json!([]));
}
