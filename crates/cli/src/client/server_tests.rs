//! The client against servers that fail in every way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{Client, Options};

/// What a server does with one connection.
enum Does {
    Answers(&'static str, Value),
    /// Answers and asks to wait.
    Asks(&'static str, u32),
    /// Sends events and closes without an end.
    Streams(&'static str),
    HangsUp,
}

/// Answers one connection after the other as told; the requests are kept.
async fn server(script: Vec<Does>) -> (Client, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&requests);
    tokio::spawn(async move {
        for does in script {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                let mut piece = [0; 1_024];
                let read = stream.read(&mut piece).await.unwrap();
                request.extend_from_slice(&piece[..read]);
            }
            kept.lock().unwrap().push(String::from_utf8(request).unwrap());
            let answer = match does {
                Does::Answers(status, body) => {
                    let body = body.to_string();
                    let length = body.len();
                    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}")
                }
                Does::Asks(status, seconds) => format!(
                    "HTTP/1.1 {status}\r\nretry-after: {seconds}\r\ncontent-length: 0\r\n\r\n"
                ),
                Does::Streams(events) => {
                    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n{events}")
                }
                Does::HangsUp => String::new(),
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    let client = Client::new(&format!("http://{place}"), Options::default()).unwrap();
    (Client { pause: Duration::from_millis(1), ..client }, requests)
}

/// Returns the value of a header field of a request.
fn field<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn what_passes_is_tried_again_and_is_done_once() {
    let (client, requests) = server(vec![
        Does::HangsUp,
        Does::Answers("503 Service Unavailable", json!({ "error": "service_unavailable" })),
        Does::Answers("200 OK", json!({ "job_id": 7 })),
    ])
    .await;
    let wish = Some(json!({ "domain": "shop.test" }));
    assert_eq!(client.send(Method::POST, "/v1/scan", wish).await.unwrap()["job_id"], 7);
    let requests = requests.lock().unwrap();
    let keys: Vec<_> =
        requests.iter().map(|request| field(request, "idempotency-key").unwrap()).collect();
    assert!(
        keys.len() == 3 && keys.iter().all(|key| *key == keys[0] && key.len() == 32),
        "{keys:?}"
    );
}

#[tokio::test]
async fn it_is_not_tried_for_ever() {
    let down = || Does::Answers("502 Bad Gateway", Value::Null);
    let (client, requests) = server(vec![down(), down(), down(), down(), down()]).await;
    let failure = client.send(Method::GET, "/v1/auth/me", None).await.unwrap_err();
    assert_eq!((failure.code, requests.lock().unwrap().len()), (6, 4));
    let (client, requests) = server(vec![Does::Asks("429 Too Many Requests", 3_600)]).await;
    let failure = client.send(Method::GET, "/v1/auth/me", None).await.unwrap_err();
    assert_eq!((failure.code, requests.lock().unwrap().len()), (6, 1), "an hour is not waited");
}

#[tokio::test]
async fn a_refusal_is_final() {
    let (client, requests) =
        server(vec![Does::Answers("401 Unauthorized", json!({ "error": "unauthorized" }))]).await;
    let failure = client.send(Method::GET, "/v1/auth/me", None).await.unwrap_err();
    assert_eq!((failure.code, requests.lock().unwrap().len()), (4, 1));
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_followed_anew_and_every_module_told_once() {
    let (client, _) = server(vec![
        Does::Streams("event: module\ndata: {\"module\":\"cookies\"}\n\nevent: mod"),
        Does::Answers("200 OK", json!({ "status": "running" })),
        Does::Streams(
            "event: module\ndata: {\"module\":\"cookies\"}\n\n\
             event: module\ndata: {\"module\":\"ssl_tls\"}\n\n\
             event: done\ndata: {\"status\":\"completed\"}\n\n",
        ),
    ])
    .await;
    let mut told = Vec::new();
    let scan = client.wait_for_scan(7, |module| told.push(module["module"].clone())).await.unwrap();
    assert_eq!(
        (scan["status"].as_str(), told),
        (Some("completed"), vec![json!("cookies"), json!("ssl_tls")])
    );
}

#[tokio::test]
async fn where_nothing_streams_the_scan_is_asked_for() {
    let (client, _) = server(vec![
        Does::Answers("406 Not Acceptable", Value::Null),
        Does::Answers("200 OK", json!({ "status": "queued" })),
        Does::HangsUp,
        Does::Answers("200 OK", json!({ "status": "failed", "failure_reason": "NXDOMAIN" })),
    ])
    .await;
    let scan = client.wait_for_scan(7, |_| {}).await.unwrap();
    assert_eq!(scan["failure_reason"], "NXDOMAIN");
}

#[tokio::test]
async fn a_key_that_is_refused_ends_the_wait() {
    let (client, _) = server(vec![
        Does::Answers("401 Unauthorized", Value::Null),
        Does::Answers("401 Unauthorized", Value::Null),
    ])
    .await;
    assert_eq!(client.wait_for_scan(7, |_| {}).await.unwrap_err().code, 4);
}
