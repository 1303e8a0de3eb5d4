use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::Method;
use model::ApiToken;
use serde_json::json;

use crate::support::{Client, NOW, TestApp};

const KEYS: &str = "/v1/auth/api-keys";

#[tokio::test]
async fn a_key_is_shown_whole_once() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let wish = json!({ "name": " Production ", "environment": "production" });
    let made = user.post(KEYS, wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let secret = made.body["api_key"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 52);
    let id = made.body["id"].as_i64().unwrap();
    let mut expected = json!({
        "id": id, "key_id": &secret[..15], "name": "Production", "description": null,
        "environment": "production", "status": "active", "created_at": NOW.to_string(),
        "created_by": made.body["created_by"], "expires_at": null, "last_used_at": null,
        "last_used_ip": null, "last_used_agent": null, "last_used_endpoint": null,
        "rotated_from": null, "rotated_to": null, "rotated_at": null, "exposed_at": null,
        "revoked_at": null, "revoked_by": null,
        "age_days": 0, "rotation_due": false, "ip_allowlist": [], "domains": [],
        "rate_limit": null,
        "scopes": ["scans:read", "scans:write", "domains:read", "domains:write", "alerts:read",
                   "alerts:write", "webhooks:read", "webhooks:write", "reports:read",
                   "account:read"],
    });
    let read = user.get(&format!("{KEYS}/{id}")).await;
    assert_eq!(read.body, expected);
    let list = user.get(KEYS).await;
    assert_eq!(list.body, json!({ "api_keys": [expected.clone()], "next_cursor": null }));
    expected["api_key"] = json!(secret);
    assert_eq!(made.body, expected);
    assert_eq!(app.bearer(&secret).get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn no_other_form_of_a_key_gets_in() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci" })).await;
    let good = key.authorization.unwrap();
    let secret = good.strip_prefix("Bearer ").unwrap();
    let with = |authorization: &str| Client {
        address: app.server.address(),
        authorization: Some(authorization.to_owned()),
    };
    assert_eq!(with(&format!("bEARER {secret}")).get("/v1/auth/me").await.status, 200);
    let constant = app.anonymous().get("/v1/auth/me").await;
    assert_eq!(constant.header("www-authenticate"), r#"Bearer realm="compliancelayer""#);
    for odd in [
        secret.to_owned(),
        format!("Basic {secret}"),
        format!("Token {secret}"),
        format!("Bearer  {secret}"),
        format!("Bearer\t{secret}"),
        format!("Bearer {secret},{secret}"),
        format!("Bearer {secret} x"),
        format!("Bearer {}", secret.to_uppercase()),
        format!("Bearer {}", &secret[..15]),
        "Bearer cl_000000000000_0000000000000000000000000000004WU1fY".to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer null".to_owned(),
        "Bearer a.b.c".to_owned(),
    ] {
        let reply = with(&odd).get("/v1/auth/me").await;
        assert_eq!(reply.status, 401, "{odd}");
        assert_eq!(reply.constant(), constant.constant());
        assert_eq!(
            reply.header("www-authenticate"),
            r#"Bearer realm="compliancelayer", error="invalid_token""#
        );
    }
    for query in [format!("?api_key={secret}"), format!("?access_token={secret}")] {
        let reply = app.anonymous().get(&format!("/v1/auth/me{query}")).await;
        assert_eq!(reply.status, 401);
    }
    let twice = http::Request::get("/v1/auth/me")
        .header("authorization", &good)
        .header("authorization", &good)
        .body(Default::default())
        .unwrap();
    assert_eq!(app.anonymous().raw(twice).await.status, 401);
}

/// A well-formed key with that public half and a secret that nobody was given.
fn forged(key_id: &str) -> String {
    let id = key_id.strip_prefix("cl_").unwrap();
    ApiToken::assemble(id, &"0".repeat(30)).unwrap().expose().to_owned()
}

#[tokio::test]
async fn the_public_half_alone_opens_nothing() {
    let documented = "cl_000000000000_0000000000000000000000000000004WU1fY";
    assert_eq!(forged("cl_000000000000"), documented);
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let made = user.post(KEYS, json!({ "name": "ci" })).await.body;
    let forged = app.bearer(&forged(made["key_id"].as_str().unwrap()));
    let unknown = app.bearer(documented).get("/v1/auth/me").await;
    // Before and after the honest key has filled the cache.
    for _ in 0..2 {
        let reply = forged.get("/v1/auth/me").await;
        assert_eq!((reply.status, reply.constant()), (401, unknown.constant()));
        let honest = app.bearer(made["api_key"].as_str().unwrap());
        assert_eq!(honest.get("/v1/auth/me").await.status, 200);
    }
}

#[tokio::test]
async fn no_request_after_the_revocation_passes() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", i64::MAX).await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let is_revoked = Arc::new(AtomicBool::new(false));
    let passed = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let (key, is_revoked, passed) =
                (key.clone(), Arc::clone(&is_revoked), Arc::clone(&passed));
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
    // Everybody has come in before the door closes.
    while passed.load(Ordering::SeqCst) < 300 {
        tokio::task::yield_now().await;
    }
    assert_eq!(user.delete(&format!("{KEYS}/{id}")).await.status, 204);
    is_revoked.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test]
async fn a_revoked_key_stays_as_a_tombstone() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let path = format!("{KEYS}/{id}");
    assert_eq!(user.delete(&path).await.status, 204);
    assert_eq!(user.delete(&path).await.status, 204);
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
    let tombstone = user.get(&path).await.body;
    assert_eq!(tombstone["status"], "revoked");
    assert_eq!(tombstone["revoked_at"], NOW.to_string());
    assert_eq!(tombstone["revoked_by"], format!("user:{}", tombstone["created_by"]));
    assert_eq!(user.patch(&path, json!({ "enabled": true })).await.status, 404);
    assert_eq!(user.get(KEYS).await.body["api_keys"][0]["id"], id);
}

#[tokio::test]
async fn a_key_ends_when_it_was_to_end() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, key) = app.key(&user, json!({ "name": "short", "expires_in_days": 1 })).await;
    app.clock.advance(model::DAY_MS - 1);
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
    app.clock.advance(1);
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
    let login = json!({ "email": "ann@example.com", "password": crate::support::PASSWORD });
    let reply = app.anonymous().post("/v1/auth/login", login).await;
    let user = app.bearer(reply.body["token"].as_str().unwrap());
    assert_eq!(user.get(&format!("{KEYS}/{id}")).await.body["status"], "expired");
}

#[tokio::test]
async fn a_key_can_be_changed_and_switched_off() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let path = format!("{KEYS}/{id}");
    let change = json!({ "name": "CI", "description": "builds", "enabled": false });
    let changed = user.patch(&path, change).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.body["name"], "CI");
    assert_eq!(changed.body["description"], "builds");
    assert_eq!(changed.body["status"], "disabled");
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
    assert_eq!(user.patch(&path, json!({ "enabled": true })).await.body["status"], "active");
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
    let empty = user.patch(&path, json!({ "name": "" })).await;
    assert_eq!((empty.status, &empty.body["errors"][0]["field"]), (422, &json!("name")));
}

#[tokio::test]
async fn a_key_manages_keys_only_with_the_scope_for_it() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (_, usual) = app.key(&user, json!({ "name": "usual" })).await;
    let refused = usual.get(KEYS).await;
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("insufficient_scope")));
    assert!(refused.body["message"].as_str().unwrap().contains("keys:read"));
    assert!(refused.header("www-authenticate").contains(r#"scope="keys:read""#));
    let refused = usual.post(KEYS, json!({ "name": "more" })).await;
    assert!(refused.body["message"].as_str().unwrap().contains("keys:write"));
}

#[tokio::test]
async fn a_key_never_makes_more_than_itself() {
    let app = TestApp::with(&[("plans.default", "professional")]).await;
    let user = app.user("ann@example.com").await;
    let (_, maker) = app
        .key(
            &user,
            json!({ "name": "maker", "scopes": ["keys:write", "scans:read"], "expires_in_days": 9,
                    "ip_allowlist": ["127.0.0.0/8"], "domains": ["*.example.com"],
                    "rate_limit": { "per_minute": 50 } }),
        )
        .await;
    let made = maker.post(KEYS, json!({ "name": "child" })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["scopes"], json!(["scans:read"]));
    assert_eq!(made.body["expires_at"], NOW.plus_ms(9 * model::DAY_MS).to_string());
    assert_eq!(made.body["ip_allowlist"], json!(["127.0.0.0/8"]));
    assert_eq!(made.body["domains"], json!(["*.example.com"]));
    assert_eq!(made.body["rate_limit"], json!({ "per_minute": 50 }));

    let reply = maker.post(KEYS, json!({ "name": "x", "scopes": ["scans:write"] })).await;
    assert_eq!((reply.status, &reply.body["error"]), (403, &json!("insufficient_scope")));
    for (more, field) in [
        (json!({ "expires_in_days": 10 }), "expires_at"),
        (json!({ "ip_allowlist": ["0.0.0.0/0"] }), "ip_allowlist"),
        (json!({ "domains": ["example.org"] }), "domains"),
        (json!({ "rate_limit": { "per_minute": 51 } }), "rate_limit.per_minute"),
    ] {
        let mut wish = more;
        wish["name"] = json!("child");
        let reply = maker.post(KEYS, wish).await;
        assert_eq!((reply.status, &reply.body["errors"][0]["field"]), (422, &json!(field)));
    }
}

#[tokio::test]
async fn a_later_end_is_refused_in_words() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, _) = app.key(&user, json!({ "name": "ci", "expires_in_days": 9 })).await;
    let end_in = async |days| {
        let end = NOW.plus_ms(days * model::DAY_MS).to_string();
        user.patch(&format!("{KEYS}/{id}"), json!({ "name": "new", "expires_at": end })).await
    };
    let later = end_in(10).await;
    assert_eq!((later.status, &later.body["errors"][0]["field"]), (422, &json!("expires_at")));
    assert_eq!(user.get(&format!("{KEYS}/{id}")).await.body["name"], "ci");
    assert_eq!(end_in(8).await.body["expires_at"], NOW.plus_ms(8 * model::DAY_MS).to_string());
}

#[tokio::test]
async fn a_key_works_from_its_addresses_alone() {
    let settings = [("server.trusted_proxies", "127.0.0.1"), ("plans.default", "professional")];
    let app = TestApp::with(&settings).await;
    let user = app.user("ann@example.com").await;
    let (_, key) = app.key(&user, json!({ "name": "ci", "ip_allowlist": ["192.0.2.0/24"] })).await;
    let from = |forwarded: &'static str| {
        let request = http::Request::get("/v1/auth/me")
            .header("authorization", key.authorization.as_deref().unwrap())
            .header("x-forwarded-for", forwarded)
            .body(Default::default())
            .unwrap();
        let client = key.clone();
        async move { client.raw(request).await }
    };
    assert_eq!(from("192.0.2.9").await.status, 200);
    assert_eq!(from("203.0.113.5, 192.0.2.9").await.status, 200);
    let refused = from("192.0.2.9, 203.0.113.5").await;
    assert_eq!((refused.status, &refused.body["error"]), (403, &json!("ip_not_allowed")));
}

#[tokio::test]
async fn a_strangers_key_and_no_key_are_one_answer() {
    let app = TestApp::start().await;
    let owner = app.user("ann@example.com").await;
    let (id, key) = app.key(&owner, json!({ "name": "ci" })).await;
    let stranger = app.user("bob@example.com").await;
    let (theirs, nobodys) = (format!("{KEYS}/{id}"), format!("{KEYS}/987654"));
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let body = (method == Method::PATCH).then(|| json!({ "enabled": false }));
        let one = stranger.send(method.clone(), &theirs, body.clone()).await;
        let other = stranger.send(method, &nobodys, body).await;
        assert_eq!((one.status, one.constant()), (404, other.constant()));
    }
    assert_eq!(stranger.get(KEYS).await.body["api_keys"], json!([]));
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(app.key(&user, json!({ "name": format!("key {number}") })).await.0);
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut path = format!("{KEYS}?limit=2");
    loop {
        let page = user.get(&path).await.body;
        seen.extend(
            page["api_keys"].as_array().unwrap().iter().map(|key| key["id"].as_i64().unwrap()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{KEYS}?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn the_last_use_is_written_at_shutdown() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let request = http::Request::get("/v1/auth/me?x=secret")
        .header("authorization", key.authorization.as_deref().unwrap())
        .header("user-agent", "curl/8")
        .body(Default::default())
        .unwrap();
    assert_eq!(key.raw(request).await.status, 200);
    let token = user.authorization.unwrap();
    let app = app.restart().await;
    let user = app.bearer(token.strip_prefix("Bearer ").unwrap());
    let key = user.get(&format!("{KEYS}/{id}")).await.body;
    assert_eq!(key["last_used_at"], NOW.to_string());
    assert_eq!(key["last_used_ip"], "127.0.0.1");
    assert_eq!(key["last_used_agent"], "curl/8");
    assert_eq!(key["last_used_endpoint"], "GET /v1/auth/me");
}

#[tokio::test]
async fn an_old_key_is_due_for_rotation() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let scopes = json!(["keys:read"]);
    let (id, key) = app.key(&user, json!({ "name": "old", "scopes": scopes })).await;
    let due = || async { key.get(&format!("{KEYS}/{id}")).await.body["rotation_due"].clone() };
    app.clock.advance(91 * model::DAY_MS - 1);
    assert_eq!(due().await, false);
    app.clock.advance(1);
    assert_eq!(due().await, true);
}
