//! Rate limits as callers meet them: headers on every answer, an exact 429, nothing forgiven.

use model::{DAY_MS, MINUTE_MS, SECOND_MS, Scope};
use serde_json::json;

use crate::support::{NOW, Reply, TestApp};

const KEYS: &str = "/v1/auth/api-keys";
const ME: &str = "/v1/auth/me";

fn number(reply: &Reply, name: &str) -> i64 {
    reply.header(name).parse().unwrap_or_else(|_| panic!("{name}: `{}`", reply.header(name)))
}

#[tokio::test]
async fn every_authenticated_answer_says_how_things_stand() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (_, weak) = app.key(&user, json!({ "name": "x", "scopes": ["scans:read"] })).await;
    for (path, status) in [(ME, 200), ("/v1/auth/api-keys", 403), ("/v1/scan/jobs/9", 404)] {
        let reply = weak.get(path).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("x-ratelimit-plan"), "free");
        assert_eq!(number(&reply, "x-ratelimit-limit"), 120);
        assert!(number(&reply, "x-ratelimit-remaining") < 120);
        let reset = number(&reply, "x-ratelimit-reset") - NOW.0 / 1_000;
        assert!((58..=63).contains(&reset), "{reset}");
        assert_eq!(
            reply.header("ratelimit-policy"),
            "\"minute\";q=120;w=60, \"hour\";q=1200;w=3600, \"day\";q=5000;w=86400, \
             \"concurrent-scans\";q=5;qu=\"concurrent-requests\""
        );
        assert!(reply.header("ratelimit").starts_with("\"minute\";r=1"));
    }
    let refused = app.anonymous().get(ME).await;
    assert_eq!(refused.header("x-ratelimit-limit"), "", "nothing is told to strangers");
}

/// Reads a list of strings with integer or string parameters (RFC 9651, 3.1).
fn structured(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let item = |item: &str| {
        let mut parts = item.split(';');
        let name = parts.next().unwrap().strip_prefix('"').unwrap().strip_suffix('"').unwrap();
        let parameter = |part: &str| {
            let (key, value) = part.split_once('=').unwrap();
            assert!(key.bytes().all(|byte| byte.is_ascii_lowercase()), "{text}");
            let is_integer = value.parse::<i64>().is_ok() && value.len() <= 15;
            let is_string = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
            assert!(is_integer || is_string, "{text}");
            (key.to_owned(), value.to_owned())
        };
        (name.to_owned(), parts.map(parameter).collect())
    };
    text.split(", ").map(item).collect()
}

#[tokio::test]
async fn the_structured_fields_are_lists_of_windows() {
    let app = TestApp::with(&[("plans.default", "professional")]).await;
    let user = app.user("ann@example.com").await;
    let wish = json!({ "name": "slow", "rate_limit": { "per_minute": 3 } });
    let (_, key) = app.key(&user, wish).await;
    let reply = key.get(ME).await;
    let policy = structured(reply.header("ratelimit-policy"));
    let names: Vec<_> = policy.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["minute", "hour", "day", "key-minute", "concurrent-scans"]);
    let standing = structured(reply.header("ratelimit"));
    assert_eq!(
        standing[3],
        (
            "key-minute".to_owned(),
            vec![("r".to_owned(), "2".to_owned()), ("t".to_owned(), "60".to_owned()),]
        )
    );
    assert_eq!(number(&reply, "x-ratelimit-limit"), 3, "the tightest window");
}

#[tokio::test]
async fn whoever_waits_as_told_is_admitted() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", 5).await;
    let mut refused = user.get(ME).await;
    while refused.status == 200 {
        app.clock.advance(SECOND_MS);
        refused = user.get(ME).await;
    }
    assert_eq!((refused.status, &refused.body["error"]), (429, &json!("rate_limit_exceeded")));
    let wait = number(&refused, "retry-after");
    assert!((1..=63).contains(&wait), "{wait}");
    assert_eq!(refused.body["retry_after"], wait);
    assert_eq!((&refused.body["limit"], &refused.body["window"]), (&json!(5), &json!("minute")));
    assert_eq!(refused.body["message"], format!("Rate limit exceeded. Retry in {wait} seconds."));
    assert_eq!(number(&refused, "x-ratelimit-remaining"), 0);
    app.clock.advance((wait - 1) * SECOND_MS - 1);
    assert_eq!(user.get(ME).await.status, 429, "not earlier");
    app.clock.advance(SECOND_MS + 1);
    assert_eq!(user.get(ME).await.status, 200);
}

#[tokio::test]
async fn fifty_callers_share_the_last_place() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", 20).await;
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let user = user.clone();
            tokio::spawn(async move { user.get(ME).await.status })
        })
        .collect();
    let mut admitted = 0;
    for caller in callers {
        match caller.await.unwrap() {
            200 => admitted += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!(admitted, 20);
}

#[tokio::test]
async fn a_key_of_its_own_limit_leaves_the_others_alone() {
    let app = TestApp::with(&[("plans.default", "professional")]).await;
    let user = app.user("ann@example.com").await;
    let wish = json!({ "name": "slow", "rate_limit": { "per_minute": 2 } });
    let (_, slow) = app.key(&user, wish).await;
    let (_, other) = app.key(&user, json!({ "name": "other" })).await;
    let statuses =
        [slow.get(ME).await.status, slow.get(ME).await.status, slow.get(ME).await.status];
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(slow.get(ME).await.body["window"], "key-minute");
    assert_eq!(other.get(ME).await.status, 200);
    // The account's window holds for all its keys together, and another account has its own.
    app.limit("ann@example.com", 4).await;
    assert_eq!(other.get(ME).await.status, 429);
    let stranger = app.user("bob@example.com").await;
    assert_eq!(stranger.get(ME).await.status, 200);
}

#[tokio::test]
async fn who_is_signed_in_can_revoke_a_key_that_uses_up_the_limits() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, stolen) = app.key(&user, json!({ "name": "stolen", "scopes": Scope::ALL })).await;
    while stolen.get(ME).await.status != 429 {}
    assert_eq!(stolen.get(KEYS).await.status, 429, "a key has no such way in");
    assert_eq!(user.get(ME).await.status, 429);
    assert_eq!(user.get(KEYS).await.status, 200);
    assert_eq!(user.delete(&format!("{KEYS}/{id}")).await.status, 204);
    assert_eq!(stolen.get(ME).await.status, 401);
    let mut looks = 0;
    while user.get(KEYS).await.status == 200 {
        looks += 1;
    }
    assert_eq!(looks, 58, "60 a minute, and not without bound");
}

#[tokio::test]
async fn usage_shows_the_windows_as_the_headers_do() {
    let app = TestApp::with(&[("plans.default", "professional")]).await;
    let user = app.user("ann@example.com").await;
    let wish = json!({ "name": "slow", "rate_limit": { "per_minute": 20 } });
    let (_, slow) = app.key(&user, wish).await;
    for _ in 0..3 {
        slow.get(ME).await;
    }
    let reply = slow.get("/v1/usage").await;
    let windows = reply.body["windows"].as_array().unwrap();
    let names: Vec<_> = windows.iter().map(|window| window["window"].as_str().unwrap()).collect();
    assert_eq!(names, ["minute", "hour", "day", "key-minute"]);
    // One request made the key, four came with it; only those are counted for it.
    assert_eq!((&windows[0]["limit"], &windows[0]["remaining"]), (&json!(300), &json!(295)));
    assert_eq!((&windows[3]["limit"], &windows[3]["remaining"]), (&json!(20), &json!(16)));
    assert_eq!(number(&reply, "x-ratelimit-remaining"), 16);
    assert_eq!(windows[3]["resets_at"], "2026-11-24T08:32:37.500Z");
}

#[tokio::test]
async fn a_restart_forgives_nothing() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", 1).await;
    assert_eq!(user.get(ME).await.status, 200);
    let token = user.authorization.unwrap();
    let app = app.restart().await;
    let user = app.bearer(token.strip_prefix("Bearer ").unwrap());
    assert_eq!(user.get(ME).await.status, 429);
    app.clock.advance(DAY_MS / 24 + MINUTE_MS);
    assert_eq!(user.get(ME).await.status, 200);
}
