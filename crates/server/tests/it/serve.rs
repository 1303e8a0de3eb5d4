use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::RootCertStore;
use rustls_pki_types::ServerName;
use server::{LockProblem, Server, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use crate::support::{TestApp, config, connect, listener};

#[tokio::test]
async fn two_servers_do_not_share_an_embedded_database() {
    let app = TestApp::start().await;
    let second = Server::start(app.config.clone(), listener().await).await;
    assert!(matches!(second, Err(StartError::Locked(LockProblem::Taken(_)))));
    let app = app.restart().await;
    assert_eq!(app.anonymous().get("/healthz").await.status, 200);
}

#[tokio::test]
async fn an_unknown_default_plan_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder, &[("plans.default", "gold")]);
    let outcome = Server::start(config, listener().await).await;
    assert!(matches!(outcome, Err(StartError::NoSuchPlan(plan)) if plan == "gold"));
}

#[tokio::test]
async fn a_secret_that_others_can_read_stops_the_start() {
    use std::os::unix::fs::PermissionsExt;
    let app = TestApp::start().await;
    let path = app.config.data_dir.join("secrets/jwt-keyring");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let TestApp { server, config, folder, .. } = app;
    server.shut_down().await;
    let outcome = Server::start(config, listener().await).await;
    let problem = outcome.err().unwrap().to_string();
    assert!(problem.contains("chmod 600"), "{problem}");
    drop(folder);
}

#[tokio::test]
async fn a_shutdown_lets_a_running_request_finish() {
    let app = TestApp::start().await;
    let address = app.server.address();
    let mut socket = connect(address).await;
    let body = br#"{"email":"nobody@example.com","password":"x"}"#;
    let head = format!(
        "POST /v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body once the handler runs, so the request is running now.
    let mut interim = [0; 25];
    socket.read_exact(&mut interim).await.unwrap();
    assert!(interim.starts_with(b"HTTP/1.1 100 Continue"));
    let shutting_down = tokio::spawn(app.server.shut_down());
    // The listener closes at once.
    while is_open(address).await {
        tokio::task::yield_now().await;
    }
    socket.write_all(body).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    shutting_down.await.unwrap();
}

#[expect(clippy::disallowed_methods, reason = "tests are the client")]
async fn is_open(address: std::net::SocketAddr) -> bool {
    tokio::net::TcpStream::connect(address).await.is_ok()
}

#[tokio::test]
async fn tls_speaks_both_versions_of_http() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let settings = [("tls.cert", cert.to_str().unwrap()), ("tls.key", key.to_str().unwrap())];
    let app = TestApp::with(&settings).await;
    assert!(app.server.base_url().starts_with("https://"));

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    for (offered, version) in [(&b"h2"[..], Version::HTTP_2), (b"http/1.1", Version::HTTP_11)] {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        client.alpn_protocols = vec![offered.to_vec()];
        let socket = connect(app.server.address()).await;
        let name = ServerName::try_from("localhost").unwrap();
        let socket = TlsConnector::from(Arc::new(client)).connect(name, socket).await.unwrap();
        assert_eq!(socket.get_ref().1.alpn_protocol(), Some(offered));
        let request = Request::builder()
            .method(Method::GET)
            .uri("https://localhost/healthz")
            .body(Full::<Bytes>::default())
            .unwrap();
        let response = match version {
            Version::HTTP_2 => {
                let (mut sender, connection) = hyper::client::conn::http2::handshake(
                    TokioExecutor::new(),
                    TokioIo::new(socket),
                )
                .await
                .unwrap();
                tokio::spawn(connection);
                sender.send_request(request).await.unwrap()
            }
            _ => {
                let (mut sender, connection) =
                    hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.unwrap();
                tokio::spawn(connection);
                sender.send_request(request).await.unwrap()
            }
        };
        assert_eq!((response.status().as_u16(), response.version()), (200, version));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(&body[..], br#"{"status":"ok"}"#);
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.pem");
    std::fs::write(&path, "").unwrap();
    let path = path.to_str().unwrap();
    let config = config(&folder, &[("tls.cert", path), ("tls.key", path)]);
    let outcome = Server::start(config, listener().await).await;
    assert!(matches!(outcome, Err(StartError::Tls(_))));
}

#[tokio::test]
async fn what_is_not_http_is_turned_away() {
    let app = TestApp::start().await;
    for nonsense in
        [&b"nonsense\r\n\r\n"[..], b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"]
    {
        let mut socket = connect(app.server.address()).await;
        socket.write_all(nonsense).await.unwrap();
        socket.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{answer:?}");
    }
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(40_000));
    let mut socket = connect(app.server.address()).await;
    let _ = socket.write_all(long.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{answer:?}");
    assert_eq!(app.anonymous().get("/healthz").await.status, 200);
}
