use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_what_happened_and_no_secret() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // While there is one subscriber, an event that another test's thread comes by first is asked of
    // that thread's, and is off for all of them.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    // For this thread alone: the test's runtime has no other.
    let _guard = tracing::subscriber::set_default(subscriber);

    let app = TestApp::start().await;
    let user = app.user("ann@example.com").await;
    app.limit("ann@example.com", i64::MAX).await;
    let (id, key) = app.key(&user, json!({ "name": "ci" })).await;
    let path = format!("/v1/auth/api-keys/{id}?secret=query-text");
    assert_eq!(user.get(&path).await.status, 200);
    assert_eq!(key.get("/v1/auth/me").await.status, 200);
    let made = user.post(&format!("/v1/auth/api-keys/{id}/rotate"), json!({})).await.body;
    let successor = made["api_key"].as_str().unwrap();
    let report = json!([{ "token": successor }]);
    assert_eq!(app.anonymous().post("/v1/leaks/report", report).await.status, 202);
    let leaked = app.bearer(successor);
    while leaked.get("/v1/auth/me").await.status != 401 {
        tokio::task::yield_now().await;
    }
    let wrong = json!({ "email": "bob@example.com", "password": "other-password" });
    app.anonymous().post("/v1/auth/login", wrong).await;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let requests: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["fields"]["message"] == "request")
        .collect();
    let line =
        requests.iter().find(|line| line["fields"]["path"] == "/v1/auth/api-keys/{id}").unwrap();
    assert_eq!(line["fields"]["method"], "GET");
    assert_eq!(line["fields"]["status"], 200);
    assert!(line["fields"]["duration_ms"].is_u64());
    assert_eq!(line["fields"]["request.id"].as_str().unwrap().len(), 20);
    let key = key.authorization.unwrap();
    let secret = key.strip_prefix("Bearer ").unwrap();
    let jwt = user.authorization.unwrap();
    let signature = jwt.rsplit('.').next().unwrap();
    for secret in [
        &secret[16..],
        &successor[16..],
        signature,
        PASSWORD,
        "other-password",
        "query-text",
        "ann@",
        "bob@",
    ] {
        assert!(!text.contains(secret), "{secret} stands in the log");
    }
}
