use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use model::MINUTE_MS;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, TestApp, token};

const NEW: &str = "seven purple anvils waltz";
const SUBJECT: &str = "Set a new password";

async fn forget(app: &TestApp, email: &str) -> Reply {
    app.anonymous().post("/v1/auth/password/forgot", json!({ "email": email })).await
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Reply {
    let wish = json!({ "token": token, "new_password": password });
    app.anonymous().post("/v1/auth/password/reset", wish).await
}

async fn login(app: &TestApp, password: &str) -> u16 {
    let sent = json!({ "email": "ann@example.com", "password": password });
    app.anonymous().post("/v1/auth/login", sent).await.status
}

/// A user who forgot her password, and the token that she was sent.
async fn forgetful() -> (TestApp, crate::support::Client, String) {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    assert_eq!(forget(&app, "ANN@example.com").await.status, 202);
    let token = token(&app.letter("ann@example.com", SUBJECT, 1).await);
    assert_eq!(token.len(), 43);
    (app, ann, token)
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_signs_nobody_in() {
    let (app, ann, token) = forgetful().await;
    let (_, key) = app.key(&ann, json!({ "name": "nightly" })).await;
    let done = reset(&app, &token, NEW).await;
    assert_eq!((done.status, &done.body), (204, &json!("")));
    assert_eq!(ann.get("/v1/auth/me").await.status, 401);
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
    assert_eq!(login(&app, PASSWORD).await, 401);
    app.clock.advance(model::SECOND_MS);
    assert_eq!(login(&app, NEW).await, 200);
    assert_eq!(
        app.sign_in_with("ann@example.com", NEW).await.get("/v1/auth/me").await.body["email_verified"],
        true
    );

    let again = reset(&app, &token, PASSWORD).await;
    assert_eq!((again.status, &again.body["errors"][0]["field"]), (422, &json!("token")));
    assert_eq!(login(&app, NEW).await, 200);

    let notice = app.letter("ann@example.com", "Your password was changed", 1).await;
    assert!(notice.contains("from 127.0.0.1") && notice.contains("\"nightly\""), "{notice}");
    assert!(!notice.contains("token="), "{notice}");
}

#[tokio::test]
async fn a_weak_password_leaves_the_link_good() {
    let (app, _, token) = forgetful().await;
    for weak in ["short", "ann@example.com", "compliancelayer1"] {
        let refused = reset(&app, &token, weak).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["field"]),
            (422, &json!("new_password"))
        );
    }
    assert_eq!(reset(&app, &token, NEW).await.status, 204);
}

#[tokio::test]
async fn a_link_ends_to_the_millisecond() {
    let (app, _, token) = forgetful().await;
    app.clock.advance(30 * MINUTE_MS);
    let late = reset(&app, &token, NEW).await;
    assert_eq!(late.status, 422);
    let (app, _, token) = forgetful().await;
    app.clock.advance(30 * MINUTE_MS - 1);
    assert_eq!(reset(&app, &token, NEW).await.status, 204);
    let spent = reset(&app, &token, NEW).await;
    let unknown = reset(&app, &"0".repeat(43), NEW).await;
    assert_eq!(late.constant(), spent.constant());
    assert_eq!(late.constant(), unknown.constant());
    assert_eq!(late.constant(), reset(&app, "", NEW).await.constant());
}

#[tokio::test]
async fn a_newer_link_voids_the_older_and_a_fresh_one_is_left_alone() {
    let (app, _, first) = forgetful().await;
    forget(&app, "ann@example.com").await;
    app.idle().await;
    assert_eq!(app.letters("ann@example.com", SUBJECT).len(), 1, "a stranger floods nobody");
    app.clock.advance(3 * MINUTE_MS);
    forget(&app, "ann@example.com").await;
    let second = token(&app.letter("ann@example.com", SUBJECT, 2).await);
    assert_eq!(reset(&app, &first, NEW).await.status, 422);
    assert_eq!(reset(&app, &second, NEW).await.status, 204);
}

#[tokio::test]
async fn of_two_resets_at_once_one_wins() {
    let (app, _, token) = forgetful().await;
    let others = "eleven silver kettles hum";
    let (one, two) = tokio::join!(reset(&app, &token, NEW), reset(&app, &token, others));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
    let expected = if one.status == 204 { (200, 401) } else { (401, 200) };
    let first = login(&app, NEW).await;
    app.clock.advance(model::SECOND_MS);
    assert_eq!((first, login(&app, others).await), expected);
}

#[tokio::test]
async fn keys_end_with_the_password_when_that_is_asked_for() {
    let (app, ann, token) = forgetful().await;
    let (_, key) = app.key(&ann, json!({ "name": "ci" })).await;
    let wish = json!({ "token": token, "new_password": NEW, "revoke_api_keys": true });
    assert_eq!(app.anonymous().post("/v1/auth/password/reset", wish).await.status, 204);
    assert_eq!(key.get("/v1/auth/me").await.status, 401);
    let notice = app.letter("ann@example.com", "Your password was changed", 1).await;
    assert!(notice.contains("\"ci\"") && notice.contains(", revoked"), "{notice}");
}

#[tokio::test]
async fn nobody_learns_by_forgetting_whether_an_address_is_known() {
    let (app, _, _) = forgetful().await;
    let known = forget(&app, "ann@example.com").await;
    let unknown = forget(&app, "nobody@example.com").await;
    assert_eq!((known.status, known.body.clone()), (202, unknown.body.clone()));
    let plain = |reply: &Reply| {
        let mut headers = reply.headers.clone();
        for name in ["x-request-id", "date"] {
            headers.remove(name);
        }
        headers
    };
    assert_eq!(plain(&known), plain(&unknown));
    app.idle().await;
    assert!(app.letters("nobody@example.com", "").is_empty());
    let odd = forget(&app, "ann@example.com\r\nBcc: eve@example.com").await;
    assert_eq!((odd.status, &odd.body["errors"][0]["field"]), (422, &json!("email")));
}

#[tokio::test]
async fn a_token_stands_nowhere_but_in_its_letter() {
    let (app, _, token) = forgetful().await;
    let mut holders = Vec::new();
    let mut folders = vec![app.config.data_dir.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                if bytes.windows(token.len()).any(|window| window == token.as_bytes()) {
                    holders.push(path);
                }
            }
        }
    }
    assert_eq!(holders.len(), 1, "{holders:?}");
    assert_eq!(holders[0].extension().unwrap(), "eml");
}

#[tokio::test]
async fn the_link_leads_to_a_form() {
    let (app, _, token) = forgetful().await;
    let page = app.anonymous().get(&format!("/password/reset?token={token}")).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("name=\"password\""));
    assert_eq!(page.header("cache-control"), "no-store");
    let submit = |password: &str| {
        let form = format!("token={token}&password={}", password.replace(' ', "+"));
        let request = Request::post("/password/reset")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from(form)))
            .unwrap();
        let client = app.anonymous();
        async move { client.raw(request).await }
    };
    let weak = submit("short").await;
    assert_eq!(weak.status, 422);
    assert!(weak.text().contains("at least 15 characters"), "{}", weak.text());
    assert_eq!(submit(NEW).await.status, 200);
    assert_eq!(submit(NEW).await.status, 404);
    let gone = app.anonymous().get(&format!("/password/reset?token={token}")).await;
    assert_eq!(gone.status, 404);
    assert_eq!(login(&app, NEW).await, 200);
    let odd = app.anonymous().get("/password/reset?token=%22%3E%3Cb%3E").await;
    assert_eq!(odd.status, 404);
    assert!(!odd.text().contains("<b>"));
}

#[tokio::test]
async fn the_log_tells_of_it() {
    let (app, ann, token) = forgetful().await;
    let id = ann.get("/v1/auth/me").await.body["id"].as_i64().unwrap();
    assert_eq!(login(&app, "wrong").await, 401);
    assert_eq!(reset(&app, &token, NEW).await.status, 204);
    let store = app.store().await;
    let account = store.find_user("ann@example.com").await.unwrap().unwrap().account_id;
    let began = std::time::Instant::now();
    let log = loop {
        let log = store.list_audit_log(account, None, 100).await.unwrap();
        if log.iter().any(|entry| entry.action == "sign_in.failed") {
            break log;
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(30), "{log:?}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let found = |action: &str| log.iter().find(|entry| entry.action == action).unwrap();
    assert_eq!(found("session.started").actor, format!("user:{id}"));
    let failed = found("sign_in.failed");
    assert_eq!((failed.actor.as_str(), failed.ip.as_deref()), ("stranger", Some("127.0.0.1")));
    assert_eq!(failed.target.as_deref(), Some(format!("user:{id}").as_str()));
    let reset = found("password.reset");
    assert_eq!(reset.actor, format!("user:{id}"));
    let (ended, revoked) = (&reset.detail["sessions_ended"], &reset.detail["keys_revoked"]);
    assert_eq!((ended, revoked), (&json!(1), &json!(0)));
    assert!(failed.detail["request_id"].as_str().is_some_and(|id| id.len() == 20), "{failed:?}");
    let text: Value = log.iter().map(|entry| format!("{entry:?}")).collect();
    assert!(!text.to_string().contains(&token) && !text.to_string().contains(NEW));
    store.close().await;
}

#[tokio::test]
async fn the_page_that_asks_for_letters_is_bounded_as_the_api_is() {
    let app = TestApp::start().await;
    let ask = async || {
        let request = Request::post("/password/forgot")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(Bytes::from("email=ann%40example.com")))
            .unwrap();
        app.anonymous().raw(request).await
    };
    for _ in 0..30 {
        assert_eq!(ask().await.status, 200);
    }
    let refused = ask().await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
}
