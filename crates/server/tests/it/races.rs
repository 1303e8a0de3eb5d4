//! Two hundred callers hammer while somebody shuts a door: no request that was sent after the answer
//! gets in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use http::Method;
use model::{DAY_MS, SubscriptionStatus};
use serde_json::{Value, json};

use crate::authenticator::{Authenticator, confirm, sign_in};
use crate::support::{Client, PASSWORD, TestApp, roomy};

const CALLERS: usize = 200;

/// What callers ask again and again.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) body: Option<Value>,
}

/// Lets all callers ask who they are until the door has been shut for a while. Returns how many
/// requests that were sent afterwards were let in.
async fn hammer(callers: &[Client], shut: impl Future<Output = ()>) -> usize {
    let asked = Asked { method: Method::GET, path: "/v1/auth/me", body: None };
    hammer_with(callers, asked, shut).await
}

/// The same for another question.
pub(crate) async fn hammer_with(
    callers: &[Client],
    asked: Asked,
    shut: impl Future<Output = ()>,
) -> usize {
    let let_in = Arc::new(AtomicUsize::new(0));
    let is_shut = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..CALLERS)
        .map(|number| {
            let client = callers[number % callers.len()].clone();
            let (let_in, is_shut) = (Arc::clone(&let_in), Arc::clone(&is_shut));
            let asked = asked.clone();
            tokio::spawn(async move {
                let mut connection = client.connection().await;
                let mut afterwards = 0;
                let mut sent_after = 0;
                // Each sends three more once it is shut.
                while sent_after < 3 {
                    let was_shut = is_shut.load(Ordering::SeqCst);
                    let Asked { method, path, body } = asked.clone();
                    let reply = client.send_on(&mut connection, method, path, body).await;
                    let is_in = reply.status == 200;
                    match was_shut {
                        true => {
                            sent_after += 1;
                            afterwards += usize::from(is_in);
                        }
                        false if is_in => {
                            let_in.fetch_add(1, Ordering::SeqCst);
                        }
                        false => {}
                    }
                }
                afterwards
            })
        })
        .collect();
    // The door is shut while all of them are at it.
    let began = Instant::now();
    while let_in.load(Ordering::SeqCst) < 2 * CALLERS {
        assert!(began.elapsed().as_secs() < 60, "nobody gets in");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    shut.await;
    is_shut.store(true, Ordering::SeqCst);
    let mut afterwards = 0;
    for task in tasks {
        afterwards += task.await.unwrap();
    }
    afterwards
}

/// A server with a user and a key of theirs that ends after a day.
async fn world() -> (TestApp, Client, i64, Client) {
    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.put_on("ann@example.com", &roomy()).await;
    let (id, key) = app.key(&user, json!({ "name": "ci", "expires_in_days": 1 })).await;
    (app, user, id, key)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_sent_after_a_revocation_passes() {
    let (_app, user, id, key) = world().await;
    let shut = async {
        let reply = user.delete(&format!("/v1/auth/api-keys/{id}")).await;
        assert_eq!(reply.status, 204);
    };
    assert_eq!(hammer(&[key], shut).await, 0);
    assert_eq!(user.get("/v1/auth/me").await.status, 200, "nobody else is hurt");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_sent_after_a_key_was_disabled_passes() {
    let (_app, user, id, key) = world().await;
    let shut = async {
        let sent = json!({ "enabled": false });
        assert_eq!(user.patch(&format!("/v1/auth/api-keys/{id}"), sent).await.status, 200);
    };
    assert_eq!(hammer(&[key], shut).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_sent_after_a_logout_passes() {
    let (app, user, _, key) = world().await;
    let other = app.sign_in("ann@example.com").await;
    let shut = async {
        assert_eq!(user.post("/v1/auth/logout", json!({})).await.status, 204);
    };
    assert_eq!(hammer(std::slice::from_ref(&user), shut).await, 0);
    for still_good in [key, other] {
        assert_eq!(still_good.get("/v1/auth/me").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_sent_after_a_suspension_passes() {
    let (app, user, _, key) = world().await;
    // As another process, so that nothing is told to the server's memory.
    let operator = app.operator().await;
    let shut = async {
        operator.suspend("ann@example.com", Some("abuse")).await.unwrap();
    };
    assert_eq!(hammer(&[user, key], shut).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_sent_after_a_subscription_lapsed_passes() {
    let (app, user, _, key) = world().await;
    let operator = app.operator().await;
    let shut = async {
        let lapsed = SubscriptionStatus::Canceled;
        operator.set_subscription("ann@example.com", lapsed).await.unwrap();
    };
    assert_eq!(hammer(&[user, key], shut).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_sent_after_the_end_of_a_key_and_of_a_session_passes() {
    let (app, user, _, key) = world().await;
    // Both end a day after they began, in the same millisecond.
    app.clock.advance(DAY_MS - 1);
    let shut = async { app.clock.advance(1) };
    assert_eq!(hammer(&[user, key], shut).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sign_in_under_way_does_not_outlive_a_new_second_factor() {
    let (app, user, _, _) = world().await;
    let app = Arc::new(app);
    let authenticator = Authenticator::begin(&user).await;
    let entered = Arc::new(tokio::sync::Notify::new());
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (app, entered) = (Arc::clone(&app), Arc::clone(&entered));
            tokio::spawn(async move {
                let reply = sign_in(&app, "ann@example.com", PASSWORD, json!({})).await;
                entered.notify_one();
                reply
            })
        })
        .collect();
    entered.notified().await;
    assert_eq!(confirm(&user, &authenticator.code(&app)).await.status, 200);
    let mut turned_away = 0;
    for task in tasks {
        let reply = task.await.unwrap();
        match reply.body["token"].as_str() {
            Some(token) => assert_eq!(app.bearer(token).get("/v1/auth/me").await.status, 401),
            None => turned_away += 1,
        }
    }
    assert!(turned_away > 0, "all sign-ins were through before");
    assert_eq!(user.get("/v1/auth/me").await.status, 200);
}
