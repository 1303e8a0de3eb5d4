use http::Method;
use model::{DAY_MS, HOUR_MS, SECOND_MS};
use serde_json::{Value, json};

use crate::support::{Client, NOW, Reply, TestApp};

const KEYS: &str = "/v1/auth/api-keys";

/// A key with all scopes, and its id.
async fn manager(app: &TestApp, user: &Client) -> (i64, Client) {
    let scopes = json!(["keys:read", "keys:write", "scans:read", "account:read"]);
    app.key(user, json!({ "name": "manager", "scopes": scopes })).await
}

fn client(app: &TestApp, made: &Value) -> Client {
    app.bearer(made["api_key"].as_str().unwrap())
}

fn warns(reply: &Reply) -> bool {
    reply.headers.contains_key("deprecation") || reply.headers.contains_key("sunset")
}

#[tokio::test]
async fn a_rotated_key_works_on_for_its_grace_period() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let wish = json!({ "name": "ci", "description": "builds", "environment": "ci",
                       "scopes": ["scans:read", "keys:read"], "expires_in_days": 60 });
    let (id, old) = app.key(&user, wish).await;
    assert!(!warns(&old.get("/v1/auth/me").await));
    app.clock.advance(10 * DAY_MS);
    let user = app.sign_in("ann@example.com").await;
    let made = user.post(&format!("{KEYS}/{id}/rotate"), json!({})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let now = NOW.plus_ms(10 * DAY_MS);
    let new = client(&app, &made.body);
    for (field, expected) in [
        ("name", json!("ci")),
        ("description", json!("builds")),
        ("environment", json!("ci")),
        ("scopes", json!(["scans:read", "keys:read"])),
        ("rotated_from", json!(id)),
        ("status", json!("active")),
        ("expires_at", json!(now.plus_ms(60 * DAY_MS))),
    ] {
        assert_eq!(made.body[field], expected, "{field}");
    }

    let reply = old.get("/v1/auth/me").await;
    assert_eq!(reply.status, 200);
    let end = now.plus_ms(DAY_MS);
    assert_eq!(reply.header("deprecation"), format!("@{}", now.unix_seconds()));
    assert_eq!(reply.header("sunset"), "Sat, 05 Dec 2026 08:31:36 GMT");
    assert_eq!(reply.header("x-api-key-expires"), end.to_string());
    let link = reply.header("link");
    assert!(link.ends_with(r#"; rel="deprecation"; type="text/markdown""#), "{link}");
    let guide = link.split_once("/docs/").unwrap().1.split_once('#').unwrap().0;
    assert_eq!(app.anonymous().get(&format!("/docs/{guide}")).await.status, 200);
    // Refusals tell it too.
    assert!(warns(&old.get(&format!("{KEYS}/987654")).await));
    let fresh = new.get("/v1/auth/me").await;
    assert!(!warns(&fresh) && fresh.headers.contains_key("x-api-key-expires"));

    let shown = user.get(&format!("{KEYS}/{id}")).await.body;
    assert_eq!((&shown["status"], &shown["rotated_to"]), (&json!("expiring"), &made.body["id"]));
    assert_eq!((&shown["expires_at"], &shown["rotated_at"]), (&json!(end), &json!(now)));
    app.clock.advance(DAY_MS - 1);
    assert_eq!(old.get("/v1/auth/me").await.status, 200);
    app.clock.advance(1);
    assert_eq!(old.get("/v1/auth/me").await.status, 401);
    assert_eq!(new.get("/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn without_a_grace_period_the_old_key_ends_at_once() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, old) = app.key(&user, json!({ "name": "ci" })).await;
    let wish = json!({ "grace_period_seconds": 0 });
    let made = user.post(&format!("{KEYS}/{id}/rotate"), wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(old.get("/v1/auth/me").await.status, 401);
    assert_eq!(client(&app, &made.body).get("/v1/auth/me").await.status, 200);
    assert_eq!(made.body["expires_at"], Value::Null);
}

#[tokio::test]
async fn what_cannot_be_rotated_says_why() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, _) = app.key(&user, json!({ "name": "ci", "expires_in_days": 2 })).await;
    let path = format!("{KEYS}/{id}/rotate");
    for grace in [-1, 2_592_001] {
        let reply = user.post(&path, json!({ "grace_period_seconds": grace })).await;
        assert_eq!((reply.status, &reply.body["error"]), (422, &json!("validation_failed")));
    }
    let refused = async |path: &str, word: &str| {
        let reply = user.post(path, json!({})).await;
        assert_eq!((reply.status, &reply.body["error"]), (409, &json!("conflict")));
        assert!(reply.body["message"].as_str().unwrap().contains(word), "{}", reply.body);
    };
    let shown = user.patch(&format!("{KEYS}/{id}"), json!({ "enabled": false })).await;
    assert_eq!(shown.status, 200);
    refused(&path, "switched off").await;
    user.patch(&format!("{KEYS}/{id}"), json!({ "enabled": true })).await;
    let grace = json!({ "grace_period_seconds": 60 });
    let made = user.post(&path, grace).await;
    assert_eq!(made.status, 201);
    refused(&path, "replaced before").await;
    app.clock.advance(60 * SECOND_MS);
    refused(&path, "expired").await;
    let successor = format!("{KEYS}/{}", made.body["id"]);
    assert_eq!(user.delete(&successor).await.status, 204);
    refused(&format!("{successor}/rotate"), "revoked").await;
}

#[tokio::test]
async fn of_a_hundred_rotations_at_once_one_makes_a_successor() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", i64::MAX).await;
    let (id, old) = app.key(&user, json!({ "name": "ci" })).await;
    let racers: Vec<_> = (0..100)
        .map(|_| {
            let (user, path) = (user.clone(), format!("{KEYS}/{id}/rotate"));
            tokio::spawn(async move { user.post(&path, json!({})).await })
        })
        .collect();
    let mut made = Vec::new();
    for racer in racers {
        let reply = racer.await.unwrap();
        match reply.status {
            201 => made.push(reply.body),
            409 => {}
            status => panic!("{status}: {}", reply.body),
        }
    }
    assert_eq!(made.len(), 1);
    assert_eq!(old.get("/v1/auth/me").await.status, 200);
    assert_eq!(client(&app, &made[0]).get("/v1/auth/me").await.status, 200);
    assert_eq!(user.get(KEYS).await.body["api_keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_repeated_rotation_makes_no_second_key() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, _) = app.key(&user, json!({ "name": "ci" })).await;
    let again = async |method: Method, path: &str, body: &'static str| {
        let mut request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", user.authorization.as_deref().unwrap())
            .header("idempotency-key", "one");
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        user.raw(request.body(http_body_util::Full::from(body)).unwrap()).await
    };
    let path = format!("{KEYS}/{id}/rotate");
    let first = again(Method::POST, &path, "{}").await;
    let second = again(Method::POST, &path, "{}").await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body["id"], second.body["id"]);
    assert_eq!((&second.body["api_key"], &second.body["replayed"]), (&Value::Null, &json!(true)));
    let other = again(Method::POST, "/v1/auth/api-key/regenerate", "").await;
    assert_eq!((other.status, &other.body["code"]), (422, &json!("idempotency_key_reused")));
}

#[tokio::test]
async fn a_key_replaces_itself_and_none_that_may_do_more() {
    let app = TestApp::with(&[("plans.default", "professional")]).await;
    let user = app.user("ann@example.com").await;
    let (wide, _) = app.key(&user, json!({ "name": "wide" })).await;
    let (free, _) = app.key(&user, json!({ "name": "free", "scopes": ["scans:read"] })).await;
    let (bound, _) = app
        .key(
            &user,
            json!({ "name": "bound", "scopes": ["scans:read"], "domains": ["a.example.com"] }),
        )
        .await;
    let (own, key) = app
        .key(
            &user,
            json!({ "name": "own", "scopes": ["keys:write", "scans:read"], "expires_in_days": 5,
                    "domains": ["*.example.com"] }),
        )
        .await;
    let rotate = async |id: i64| key.post(&format!("{KEYS}/{id}/rotate"), json!({})).await;
    let reply = rotate(wide).await;
    assert_eq!((reply.status, &reply.body["error"]), (403, &json!("insufficient_scope")));
    let reply = rotate(free).await;
    assert_eq!((reply.status, &reply.body["errors"][0]["field"]), (422, &json!("id")));
    // What it makes ends no later than it does.
    let reply = rotate(bound).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(reply.body["expires_at"], json!(NOW.plus_ms(5 * DAY_MS)));
    app.clock.advance(DAY_MS);
    let reply = rotate(own).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(reply.body["expires_at"], json!(NOW.plus_ms(6 * DAY_MS)));
    assert_eq!(rotate(987_654).await.status, 404);
}

#[tokio::test]
async fn regenerating_replaces_the_calling_key_at_once() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let none = user.send(Method::POST, "/v1/auth/api-key/regenerate", None).await;
    assert_eq!(none.status, 409);
    let (oldest, first) = app.key(&user, json!({ "name": "oldest" })).await;
    let (id, old) = manager(&app, &user).await;
    let reply = old.send(Method::POST, "/v1/auth/api-key/regenerate", None).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["key"]["rotated_from"], json!(id));
    assert_eq!(old.get("/v1/auth/me").await.status, 401);
    assert_eq!(client(&app, &reply.body).get("/v1/auth/me").await.status, 200);
    let reply = user.send(Method::POST, "/v1/auth/api-key/regenerate", None).await;
    assert_eq!(reply.body["key"]["rotated_from"], json!(oldest));
    assert_eq!(first.get("/v1/auth/me").await.status, 401);
}

#[tokio::test]
async fn two_regenerations_at_once_leave_one_good_key() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", i64::MAX).await;
    let (_, key) = manager(&app, &user).await;
    let racers: Vec<_> = (0..50)
        .map(|_| {
            let key = key.clone();
            tokio::spawn(async move {
                key.send(Method::POST, "/v1/auth/api-key/regenerate", None).await
            })
        })
        .collect();
    let mut made = Vec::new();
    for racer in racers {
        let reply = racer.await.unwrap();
        match reply.status {
            200 => made.push(reply.body),
            401 | 409 => {}
            status => panic!("{status}: {}", reply.body),
        }
    }
    assert_eq!(made.len(), 1);
    assert_eq!(client(&app, &made[0]).get("/v1/auth/me").await.status, 200);
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
}

#[tokio::test]
async fn the_use_of_an_old_key_shows_within_seconds() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (id, old) = app.key(&user, json!({ "name": "ci" })).await;
    user.post(&format!("{KEYS}/{id}/rotate"), json!({})).await;
    app.clock.advance(HOUR_MS);
    assert_eq!(old.get("/v1/auth/me").await.status, 200);
    let used = NOW.plus_ms(HOUR_MS);
    loop {
        let shown = user.get(&format!("{KEYS}/{id}")).await;
        if shown.body["last_used_at"] == json!(used) {
            break;
        }
        app.clock.advance(SECOND_MS);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let hygiene = user.get(&format!("{KEYS}/hygiene")).await.body;
    let found = hygiene["findings"].as_array().unwrap();
    let finding = found.iter().find(|one| one["finding"] == "old_key_in_use").unwrap();
    assert_eq!(finding["api_keys"][0]["id"], json!(id));
}

#[tokio::test]
async fn a_revocation_during_a_rotation_leaves_one_right_state() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", i64::MAX).await;
    for round in 0..20 {
        let (id, old) = app.key(&user, json!({ "name": format!("key {round}") })).await;
        let rotating = {
            let (user, path) = (user.clone(), format!("{KEYS}/{id}/rotate"));
            tokio::spawn(async move { user.post(&path, json!({})).await })
        };
        assert_eq!(user.delete(&format!("{KEYS}/{id}")).await.status, 204);
        assert_eq!(old.get("/v1/auth/me").await.status, 401);
        let reply = rotating.await.unwrap();
        let shown = user.get(&format!("{KEYS}/{id}")).await.body;
        assert_eq!(shown["status"], "revoked");
        match reply.status {
            201 => {
                assert_eq!(shown["rotated_to"], reply.body["id"]);
                assert_eq!(client(&app, &reply.body).get("/v1/auth/me").await.status, 200);
            }
            409 => assert_eq!(shown["rotated_to"], Value::Null),
            status => panic!("{status}: {}", reply.body),
        }
        assert_eq!(old.get("/v1/auth/me").await.status, 401);
    }
}

#[tokio::test]
async fn a_key_moves_to_the_newest_pepper_when_it_is_used() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let (_, used) = app.key(&user, json!({ "name": "used" })).await;
    let (_, idle) = app.key(&user, json!({ "name": "idle" })).await;
    let pepper = app.config.data_dir.join("secrets/key-pepper");
    let old = std::fs::read_to_string(&pepper).unwrap();
    let newer = "2 bAvJN4DrnifRzzOQiFlk3X56utz-zIT-G4krWbRKOIY\n";
    std::fs::write(&pepper, format!("{newer}{old}")).unwrap();
    let app = app.restart().await;
    let at = |client: &Client| Client { address: app.server.address(), ..client.clone() };
    assert_eq!(at(&used).get("/v1/auth/me").await.status, 200);
    // The end of the server writes what is in memory; then the old pepper is gone.
    let app = app.restart().await;
    std::fs::write(&pepper, newer).unwrap();
    let app = app.restart().await;
    let at = |client: &Client| Client { address: app.server.address(), ..client.clone() };
    assert_eq!(at(&used).get("/v1/auth/me").await.status, 200);
    assert_eq!(at(&idle).get("/v1/auth/me").await.status, 401);
}
