//! Guessing passwords, at sign-in and with a stolen key.

use model::{DAY_MS, SECOND_MS};
use serde_json::json;

use crate::support::{PASSWORD, Reply, TestApp};

async fn login(app: &TestApp, email: &str, password: &str) -> Reply {
    let sent = json!({ "email": email, "password": password });
    app.anonymous().post("/v1/auth/login", sent).await
}

#[tokio::test]
async fn a_pause_follows_a_failure_for_known_and_unknown_addresses_alike() {
    let app = TestApp::start().await;
    app.user("ann@example.com").await;
    let mut answers = Vec::new();
    for email in ["ann@example.com", "nobody@example.com"] {
        assert_eq!(login(&app, email, "wrong").await.status, 401);
        // Even the right password waits: the pause must not tell which one it was.
        let paused = login(&app, email, PASSWORD).await;
        assert_eq!((paused.status, paused.header("retry-after")), (429, "1"));
        answers.push(paused.constant());
    }
    assert_eq!(answers[0], answers[1]);
    app.clock.advance(SECOND_MS);
    assert_eq!(login(&app, "ann@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_list_of_passwords_is_shut_out_and_others_are_not_slowed() {
    let app = TestApp::start().await;
    let ann = app.user("ann@example.com").await;
    let (_, key) = app.key(&ann, json!({ "name": "ci" })).await;
    let mut tried = 0;
    let refused = loop {
        let reply = login(&app, &format!("user{tried}@example.com"), &format!("p{tried}")).await;
        match reply.status {
            401 => tried += 1,
            429 => {
                let wait: i64 = reply.header("retry-after").parse().unwrap();
                if wait > 3_600 {
                    break wait;
                }
                app.clock.advance(wait * SECOND_MS);
            }
            other => panic!("{other}"),
        }
    };
    assert_eq!((tried, refused), (15, DAY_MS / SECOND_MS));
    assert_eq!(
        key.get("/v1/auth/me").await.status,
        200,
        "a good key works from there all the same"
    );
}

#[tokio::test]
async fn a_stolen_session_is_no_oracle_for_the_password() {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    let change =
        json!({ "current_password": "wrong", "new_password": "gurgling walnut ferry taxi" });
    assert_eq!(user.post("/v1/auth/password/change", change.clone()).await.status, 422);
    assert_eq!(user.post("/v1/auth/password/change", change).await.status, 429);
}

#[tokio::test]
async fn doors_without_a_credential_are_limited_by_network() {
    let app = TestApp::start().await;
    let mut statuses = Vec::new();
    for _ in 0..61 {
        statuses.push(app.anonymous().post("/v1/leaks/report", json!([])).await.status);
    }
    assert!(statuses[..60].iter().all(|status| *status == 202), "{statuses:?}");
    assert_eq!(statuses[60], 429);
}
